/**
 * Pairing by a code that both sides show: PROTOCOL.md, section 5. The key is agreed on, never sent; the person who
 * compares the digits finds out a program in between.
 *
 * @typedef {object} Transcript what both sides have said, as bytes
 * @property {string} origin
 * @property {number} port
 * @property {Uint8Array} clientPublic 65 bytes
 * @property {Uint8Array} clientNonce 32 bytes
 * @property {Uint8Array} serverPublic
 * @property {Uint8Array} serverNonce
 *
 * @typedef {{ code: string, confirm: () => Promise<string>, cancel: () => void, ended: Promise<Failure> }} OpenPairing
 *   `confirm` resolves with the pairing string once the app's user has confirmed as well; `ended` when the app closes
 */

import { Failure } from "./failures.js";
import { Line, notOpened } from "./handshake.js";
import { fromBase64Url, NONCE_BYTES, PORTS, SUBPROTOCOL, socketUrl, toBase64Url, VERSION } from "./protocol.js";

const PUBLIC_BYTES = 65;
const MAC_BYTES = 32;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const OPEN_MS = 3000;
const REPLY_MS = 5000;
const WINDOW_MS = 120_000;

/**
 * @param {string} label
 * @param {...Uint8Array} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
function joined(label, ...parts) {
  const head = new TextEncoder().encode(label);
  const whole = new Uint8Array(head.length + parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of [head, ...parts]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function sha256(content) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", content));
}

/**
 * @param {Uint8Array} clientPublic
 * @param {Uint8Array} clientNonce
 */
export function commitment(clientPublic, clientNonce) {
  return sha256(joined("noiselens.v1 commit\0", clientPublic, clientNonce));
}

/** @param {Transcript} said */
export function transcript({ origin, port, clientPublic, clientNonce, serverPublic, serverNonce }) {
  const label = `noiselens.v1 pair\0${origin}\0${port}\0`;
  return sha256(joined(label, clientPublic, clientNonce, serverPublic, serverNonce));
}

/**
 * @param {Uint8Array<ArrayBuffer>} digest of the transcript
 * @returns {string} six digits
 */
export function codeOf(digest) {
  return String(new DataView(digest.buffer).getUint32(0) % 1_000_000).padStart(6, "0");
}

/**
 * @param {CryptoKey} own private
 * @param {Uint8Array<ArrayBuffer>} theirs public
 * @param {Uint8Array<ArrayBuffer>} digest of the transcript
 * @returns {Promise<Uint8Array<ArrayBuffer>>} the pairing key, 32 bytes
 */
export async function agreedKey(own, theirs, digest) {
  const peer = await crypto.subtle.importKey("raw", theirs, CURVE, false, []);
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: peer }, own, 256);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode("noiselens.v1 key");
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: digest, info }, base, 256));
}

/** @param {Uint8Array<ArrayBuffer>} key */
function macKey(key) {
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/**
 * @param {Uint8Array<ArrayBuffer>} key
 * @param {Uint8Array<ArrayBuffer>} digest of the transcript
 */
export async function clientMac(key, digest) {
  const input = joined("noiselens.v1 paired client\0", digest);
  return new Uint8Array(await crypto.subtle.sign("HMAC", await macKey(key), input));
}

/**
 * @param {Uint8Array<ArrayBuffer>} key
 * @param {string} keyId
 * @param {Uint8Array<ArrayBuffer>} digest of the transcript
 * @param {Uint8Array<ArrayBuffer>} mac
 * @returns {Promise<boolean>}
 */
export async function serverMacFits(key, keyId, digest, mac) {
  const input = joined(`noiselens.v1 paired server\0${keyId}\0`, digest);
  return crypto.subtle.verify("HMAC", await macKey(key), mac, input);
}

/**
 * Begin at the first port whose app has its pairing window open.
 *
 * @param {{ ports?: readonly number[], origin: string, version: string, name: string,
 *   openSocket: (url: string, protocol: string) => WebSocket, probe: import("./client.js").ClientOptions["probe"] }} options
 * @returns {Promise<OpenPairing>}
 * @throws {Failure}
 */
export async function beginPairing({ ports = PORTS, ...options }) {
  let failure = new Failure("app_not_running");
  for (const port of ports) {
    try {
      return await beginAt(port, options);
    } catch (error) {
      const found = Failure.from(error);
      if (found.code !== "app_not_running") failure = found;
    }
  }
  throw failure;
}

/**
 * @param {number} port
 * @param {Omit<Parameters<typeof beginPairing>[0], "ports">} options
 * @returns {Promise<OpenPairing>}
 */
async function beginAt(port, { origin, version, name, openSocket, probe }) {
  const socket = openSocket(socketUrl(port), SUBPROTOCOL);
  const line = new Line(socket, port);
  try {
    if (!(await line.opened(OPEN_MS))) {
      const failure = await notOpened(port, origin, probe);
      throw failure.code === "turned_away" ? new Failure("pairing_closed") : failure;
    }
    const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    const clientPublic = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const clientNonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const commit = toBase64Url(await commitment(clientPublic, clientNonce));
    socket.send(JSON.stringify({ type: "pair", v: VERSION, commit, client: version, name }));
    const offer = read(await line.next(REPLY_MS), "pair_offer", port);
    const serverPublic = bytes(offer.public, PUBLIC_BYTES, port);
    const serverNonce = bytes(offer.nonce, NONCE_BYTES, port);
    socket.send(
      JSON.stringify({ type: "pair_reveal", public: toBase64Url(clientPublic), nonce: toBase64Url(clientNonce) }),
    );
    const digest = await transcript({ origin, port, clientPublic, clientNonce, serverPublic, serverNonce });
    const key = await agreedKey(pair.privateKey, serverPublic, digest);
    return {
      code: codeOf(digest),
      ended: line.closed,
      confirm: async () => {
        try {
          socket.send(JSON.stringify({ type: "pair_confirm", mac: toBase64Url(await clientMac(key, digest)) }));
          let text = await line.next(WINDOW_MS);
          while (typeof text === "string" && text.length < 40 && text.includes('"tick"')) text = await line.next(WINDOW_MS);
          const paired = read(text, "paired", port);
          const keyId = typeof paired.key_id === "string" ? paired.key_id : "";
          const mac = bytes(paired.mac, MAC_BYTES, port);
          if (!(await serverMacFits(key, keyId, digest, mac))) throw new Failure("pairing_refused");
          return `noiselens1:${port}:${keyId}:${toBase64Url(key)}`;
        } finally {
          line.release();
          socket.close(1000);
        }
      },
      cancel: () => {
        line.release();
        socket.close(1000);
      },
    };
  } catch (error) {
    line.release();
    socket.close(1000);
    throw error;
  }
}

/**
 * @param {unknown} text
 * @param {string} type
 * @param {number} port
 * @returns {Record<string, unknown>}
 * @throws {Failure}
 */
function read(text, type, port) {
  try {
    const message = JSON.parse(/** @type {string} */ (text));
    if (message?.type === type) return message;
  } catch {
    // Not ours, like any other answer that is not the one expected.
  }
  throw new Failure("other_program", port);
}

/**
 * @param {unknown} text
 * @param {number} length
 * @param {number} port
 */
function bytes(text, length, port) {
  try {
    return fromBase64Url(text, length);
  } catch {
    throw new Failure("other_program", port);
  }
}
