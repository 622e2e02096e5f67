/**
 * A small app on a real loopback socket, speaking protocol v1 with node:crypto's HMAC: what client.js is tested against
 * where the app itself would be too polite.
 *
 * @typedef {object} Habits what this app does differently
 * @property {Buffer} [key] the key it really holds
 * @property {number} [closeCode] closes with it instead of challenging
 * @property {(socket: import("ws").WebSocket, header: any, content: Buffer) => void} [onImage]
 * @property {(socket: import("ws").WebSocket, message: any) => void} [onMessage] any other message after the welcome
 * @property {"server" | "client"} [label] the side whose MAC it offers as its own
 * @property {string} [challenge] sent as it is instead of a challenge
 * @property {number} [port]
 */

import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { WebSocketServer } from "ws";

export const KEY = Buffer.alloc(32, 7);
export const KEY_ID = "ab12cd34";
export const ORIGIN = "chrome-extension://apgaodngkolinhogingejbgjoknmjbdo";

/** One verdict as the app writes it. @param {string} sha256 */
export function verdictOf(sha256) {
  return {
    schema: 1,
    sha256,
    probability: 0.9312,
    band: "likely_generated",
    stability: 0.87,
    reasons: ["Every part of the image agrees."],
    model: "noiselens-anl-1",
    ms: 61.5,
    width: 640,
    height: 480,
    crops: [[0, 0, 128, 0.93]],
  };
}

/**
 * @param {Habits} [habits]
 * @returns {Promise<{ port: number, heard: (string | Buffer)[], sockets: () => number, stop: () => Promise<void> }>}
 *   heard: every message of every client, in order
 */
export async function startApp(habits = {}) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: habits.port ?? 0, path: "/noiselens/v1" });
  await once(server, "listening");
  /** @type {(string | Buffer)[]} */
  const heard = [];
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.on("connection", (socket, request) => serve(socket, String(request.headers.origin), port, habits, heard));
  return {
    port,
    heard,
    sockets: () => server.clients.size,
    async stop() {
      for (const socket of server.clients) socket.close(1001);
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

/**
 * @param {import("ws").WebSocket} socket
 * @param {string} origin
 * @param {number} port
 * @param {Habits} habits
 * @param {(string | Buffer)[]} heard
 */
function serve(socket, origin, port, habits, heard) {
  const key = habits.key ?? KEY;
  const nonce = randomBytes(32);
  let clientNonce = Buffer.alloc(0);
  /** @type {any} */
  let header = null;
  /** @param {string} side */
  const mac = (side) =>
    createHmac("sha256", key)
      .update(`noiselens.v1 ${side}\0${KEY_ID}\0${origin}\0${port}\0`)
      .update(clientNonce)
      .update(nonce);

  socket.on("message", (/** @type {Buffer} */ data, binary) => {
    heard.push(binary ? data : data.toString());
    if (binary) {
      habits.onImage?.(socket, header, data);
      return;
    }
    const message = JSON.parse(data.toString());
    if (message.type === "hello") {
      if (habits.closeCode) {
        socket.close(habits.closeCode);
        return;
      }
      clientNonce = Buffer.from(message.nonce, "base64url");
      const proof = mac(habits.label ?? "server").digest("base64url");
      const challenge = { type: "challenge", v: 1, nonce: nonce.toString("base64url"), mac: proof, app: "0.1.0" };
      socket.send(habits.challenge ?? JSON.stringify(challenge));
    } else if (message.type === "auth") {
      if (message.mac !== mac("client").digest("base64url")) socket.close(4003);
      else send(socket, { type: "welcome", app: "0.1.0", model: "noiselens-anl-1", max_bytes: 33554432 });
    } else if (message.type === "image") {
      header = message;
    } else {
      habits.onMessage?.(socket, message);
    }
  });
}

/**
 * @param {import("ws").WebSocket} socket
 * @param {object} message
 */
export function send(socket, message) {
  socket.send(JSON.stringify(message));
}
