/**
 * The connection to the app: finds it, proves both sides to each other, sends images and waits for their verdicts.
 *
 * @import { ImageHeader, Pairing, ServerMessage, Verdict, Welcome } from "./protocol.js"
 *
 * @typedef {object} Timings milliseconds
 * @property {number} open until a port must have answered
 * @property {number} message until each message of the handshake must have come
 * @property {number} silence without any sign of a job before it is given up; the app ticks every 20 s
 * @property {number} idle without jobs before the connection is closed
 *
 * @typedef {object} ClientOptions
 * @property {Pairing} pairing
 * @property {number[]} ports in the order to try
 * @property {string} origin as the browser will send it
 * @property {string} version the extension's
 * @property {(url: string, protocol: string) => WebSocket} openSocket
 * @property {(port: number) => Promise<"answers" | "silent" | "nobody">} probe what an ordinary request finds on a port
 * @property {Timings} [timings]
 *
 * @typedef {Omit<ImageHeader, "id" | "bytes"> & { content: Uint8Array<ArrayBuffer> }} Image
 *
 * @typedef {object} Pending
 * @property {(message: ServerMessage) => void} resolve with the message that ends the wait
 * @property {(failure: Failure) => void} reject
 * @property {(stage: string) => void} onStage
 * @property {ReturnType<typeof setTimeout>} timer
 */

import { Failure } from "./failures.js";
import { closeFailure, knock } from "./handshake.js";
import {
  CloseCode,
  cancelMessage,
  imageMessage,
  labelMessage,
  openMessage,
  ProtocolError,
  parseServerMessage,
  pingMessage,
} from "./protocol.js";

/** @type {Timings} */
const TIMINGS = { open: 3000, message: 5000, silence: 60_000, idle: 15_000 };
const MAX_BUSY_REPLIES = 40;

/** One authenticated connection at a time, opened when first needed and closed when idle. */
export class AppClient {
  /** @type {ClientOptions} */
  #options;
  /** @type {Timings} */
  #timings;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Promise<Welcome> | null} */
  #connecting = null;
  /** @type {Map<string, Pending>} */
  #pending = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idleTimer;
  #spent = 0;
  /** The port the app was last found on, 0 before. */
  port = 0;

  /** @param {ClientOptions} options */
  constructor(options) {
    this.#options = options;
    this.#timings = options.timings ?? TIMINGS;
  }

  /**
   * Connect unless connected; the welcome says which app and model answer.
   *
   * @returns {Promise<Welcome>}
   * @throws {Failure}
   */
  connect() {
    if (this.#socket && this.#socket.readyState !== 1) this.#drop(new Failure("connection_lost"));
    this.#connecting ??= this.#findApp().catch((error) => {
      this.#connecting = null;
      throw error;
    });
    return this.#connecting;
  }

  /**
   * Send the image's bytes and wait for its verdict.
   *
   * @param {string} jobId
   * @param {Image} image
   * @param {(stage: string) => void} onStage
   * @returns {Promise<Verdict>}
   * @throws {Failure}
   */
  async judge(jobId, image, onStage) {
    const { content, ...facts } = image;
    for (let attempt = 0; attempt < MAX_BUSY_REPLIES; attempt++) {
      const welcome = await this.connect();
      if (content.length > welcome.max_bytes) throw new Failure("too_big", mebibytes(welcome.max_bytes));
      const id = `${jobId}-${++this.#spent}`; // an id is spent once it was sent, a check may be asked for again
      const header = imageMessage({ ...facts, id, bytes: content.length });
      const reply = await this.#ask(id, [header, content], onStage);
      if (reply.type === "verdict") {
        if (reply.verdict.sha256 !== image.sha256) throw new Failure("versions");
        welcome.model = reply.verdict.model; // it may have been loading when hands were shaken
        return reply.verdict;
      }
      if (reply.type !== "busy") throw new Failure("versions");
      await new Promise((resolve) => setTimeout(resolve, reply.retry_ms));
    }
    throw new Failure("timed_out");
  }

  /**
   * Ask the app for a sign of life.
   *
   * @returns {Promise<Welcome>}
   * @throws {Failure}
   */
  async ping() {
    const welcome = await this.connect();
    const id = `ping-${crypto.randomUUID()}`;
    const reply = await this.#ask(id, [pingMessage(id)], () => {});
    if (reply.type !== "pong") throw new Failure("versions");
    return welcome;
  }

  /**
   * Tell the app what an image really is.
   *
   * @param {string} sha256
   * @param {"real" | "generated"} label
   * @returns {Promise<void>}
   * @throws {Failure}
   */
  async label(sha256, label) {
    await this.connect();
    const id = `label-${crypto.randomUUID()}`;
    const reply = await this.#ask(id, [labelMessage(id, sha256, label)], () => {});
    if (reply.type !== "labelled") throw new Failure("versions");
  }

  /**
   * Have the app show an image it has judged.
   *
   * @param {string} sha256
   * @returns {Promise<void>}
   * @throws {Failure}
   */
  async open(sha256) {
    await this.connect();
    const id = `open-${crypto.randomUUID()}`;
    const reply = await this.#ask(id, [openMessage(id, sha256)], () => {});
    if (reply.type !== "opened") throw new Failure("versions");
  }

  /** Close the connection; whoever still waits is told that it was lost. */
  close() {
    this.#socket?.close(1000);
    this.#drop(new Failure("connection_lost"));
  }

  /**
   * @param {string} id
   * @param {(string | Uint8Array<ArrayBuffer>)[]} messages
   * @param {(stage: string) => void} onStage
   * @returns {Promise<ServerMessage>}
   */
  #ask(id, messages, onStage) {
    clearTimeout(this.#idleTimer);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(id), this.#timings.silence);
      this.#pending.set(id, { resolve, reject, onStage, timer });
      const socket = this.#socket;
      if (socket?.readyState !== 1) {
        this.#drop(new Failure("connection_lost"));
        return;
      }
      for (const message of messages) socket.send(message);
    });
  }

  /** @param {string} id */
  #giveUp(id) {
    if (this.#socket?.readyState === 1) this.#socket.send(cancelMessage(id));
    this.#settle(id)?.reject(new Failure("timed_out"));
  }

  /**
   * Take a wait off the table; the connection rests once none is left.
   *
   * @param {string} id
   * @returns {Pending | undefined}
   */
  #settle(id) {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    clearTimeout(pending.timer);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#rest();
    return pending;
  }

  #rest() {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.close(), this.#timings.idle);
  }

  /** @param {Failure} failure */
  #drop(failure) {
    this.#socket = null;
    this.#connecting = null;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(failure);
    clearTimeout(this.#idleTimer);
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    if (message.type === "tick") {
      for (const id of this.#pending.keys()) this.#renew(id);
      return;
    }
    if (!("id" in message) || message.id === null) return;
    switch (message.type) {
      case "queued":
      case "progress":
        this.#renew(message.id);
        this.#pending.get(message.id)?.onStage(message.type === "queued" ? "queued" : message.stage);
        break;
      case "refused":
        this.#settle(message.id)?.reject(new Failure("refused", message.text, message.why));
        break;
      case "error":
        this.#settle(message.id)?.reject(errorFailure(message));
        break;
      default:
        this.#settle(message.id)?.resolve(message);
    }
  }

  /** @param {string} id */
  #renew(id) {
    const pending = this.#pending.get(id);
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.timer = setTimeout(() => this.#giveUp(id), this.#timings.silence);
  }

  /**
   * Try the ports in turn. A port that refuses does not end the search: the app may be behind another one.
   *
   * @returns {Promise<Welcome>}
   * @throws {Failure} the most telling of what the ports said
   */
  async #findApp() {
    /** @type {Failure | null} */
    let failure = null;
    for (const port of this.#options.ports) {
      try {
        const { socket, welcome } = await knock(port, this.#options, this.#timings);
        this.port = port;
        this.#listen(socket);
        return welcome;
      } catch (error) {
        const found = Failure.from(error);
        if (!failure || telling(found) > telling(failure)) failure = found;
      }
    }
    throw failure ?? new Failure("app_not_running");
  }

  /** @param {WebSocket} socket authenticated */
  #listen(socket) {
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      try {
        this.#receive(parseServerMessage(event.data));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        socket.close(CloseCode.PROTOCOL);
        if (this.#socket === socket) this.#drop(new Failure("versions"));
      }
    });
    socket.addEventListener("close", (event) => {
      if (this.#socket === socket) this.#drop(closeFailure(event, this.port));
    });
    this.#rest();
  }
}

/**
 * @param {Extract<ServerMessage, { type: "error" }>} error
 * @returns {Failure}
 */
function errorFailure({ code, text, why }) {
  if (code === "label" || code === "open") return new Failure("refused", text, why);
  return new Failure(code === "unknown_type" ? "app_too_old" : "versions");
}

/**
 * How much a failure at one port says about the app itself.
 *
 * @param {Failure} failure
 * @returns {number}
 */
function telling(failure) {
  if (failure.code === "app_not_running") return 0;
  if (failure.code === "other_program" || failure.code === "turned_away") return 1;
  return failure.code === "connection_lost" || failure.code === "no_answer" ? 2 : 3;
}

/**
 * @param {number} bytes
 * @returns {number}
 */
function mebibytes(bytes) {
  return Math.floor(bytes / 2 ** 20);
}
