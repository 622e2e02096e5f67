/**
 * The client of the bridge: finds the app, proves both sides, sends images, closes when idle.
 * Browser APIs come in through `Surroundings`, so that the tests drive the same code over real sockets.
 */

import {
  accepts,
  encode,
  importKey,
  MAX_IMAGE_BYTES,
  newNonce,
  PATH,
  PORTS,
  parse,
  proof,
  SUBPROTOCOL,
  sha256,
  VERSION,
} from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Pairing} Pairing
 * @typedef {import("./protocol.js").Verdict} Verdict
 * @typedef {import("./protocol.js").ServerMessage} ServerMessage
 * @typedef {import("./protocol.js").ClientMessage} ClientMessage
 *
 * @typedef {object} Surroundings
 * @property {string} origin  what the browser sends as our Origin
 * @property {(url: string, subprotocol: string) => WebSocket} open
 * @property {(port: number) => Promise<boolean>} probe  does anything listen there
 * @property {(port: number) => void} [found]  called with the port that proved itself
 *
 * @typedef {{bytes: Uint8Array<ArrayBuffer>, mime: string, width: number, height: number, name: string}} Image
 * @typedef {{app: string, model: string | null, jobs: number}} Status
 *
 * @typedef {"not_running" | "not_paired" | "key_refused" | "impostor" | "locked" | "version" | "too_big" | "refused"
 *   | "timed_out" | "disconnected"} Failure
 */

const OPEN_MS = 3000;
const ANSWER_MS = 5000;
/** Of silence about an image, ticks included. */
const SILENCE_MS = 45_000;
/** Of `busy` answers. */
const PATIENCE_MS = 60_000;
const IDLE_MS = 20_000;

/** Close code of the server -> what went wrong (PROTOCOL.md 1). @type {Record<number, Failure>} */
const CLOSE_CODES = { 4001: "timed_out", 4003: "key_refused", 4004: "key_refused", 4029: "locked" };

/** Why the app gave no verdict. `message` is the app's own sentence, or empty. */
export class BridgeError extends Error {
  /**
   * @param {Failure} failure
   * @param {string} [text]
   */
  constructor(failure, text = "") {
    super(text);
    this.failure = failure;
  }
}

/** One paired app. Connects when something is asked of it. */
export class BridgeClient {
  /** @type {Promise<Connection> | null} */
  #connection = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;
  #calls = 0;

  /**
   * @param {Pairing} pairing
   * @param {Surroundings} surroundings
   */
  constructor(pairing, surroundings) {
    this.pairing = pairing;
    this.surroundings = surroundings;
  }

  /**
   * Have an image judged.
   * @param {Image} image
   * @returns {Promise<Verdict>}
   */
  async judge(image) {
    if (image.bytes.length > MAX_IMAGE_BYTES) {
      throw new BridgeError("too_big");
    }
    const digest = await sha256(image.bytes);
    return this.#call((connection) => connection.judge(image, digest));
  }

  /** @returns {Promise<Status>} */
  async status() {
    const reply = await this.#call((connection) => connection.ask({ type: "status" }, "status"));
    return { app: reply.app, model: reply.model, jobs: reply.jobs };
  }

  /** Close the socket; whatever waits fails with "disconnected". */
  close() {
    clearTimeout(this.#idle);
    this.#connection?.then((connection) => connection.close()).catch(() => {});
    this.#connection = null;
  }

  /**
   * @template T
   * @param {(connection: Connection) => Promise<T>} use
   * @returns {Promise<T>}
   */
  async #call(use) {
    clearTimeout(this.#idle);
    this.#calls += 1;
    try {
      this.#connection ??= this.#connect();
      const attempt = this.#connection;
      const forget = () => {
        if (this.#connection === attempt) {
          this.#connection = null;
        }
      };
      const connection = await attempt.catch((error) => {
        forget();
        throw error;
      });
      connection.closed.then(forget);
      return await use(connection);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) {
        this.#idle = setTimeout(() => this.close(), IDLE_MS);
      }
    }
  }

  /** Try the last good port, then the fixed list. @returns {Promise<Connection>} */
  async #connect() {
    const key = await importKey(this.pairing.key);
    const ports = [...new Set([this.pairing.port, ...PORTS])];
    const answers = await Promise.all(ports.map(this.surroundings.probe));
    let worst = new BridgeError("not_running");
    for (const port of ports.filter((_, index) => answers[index])) {
      try {
        const connection = await Connection.open(port, this.pairing.keyId, key, this.surroundings);
        this.surroundings.found?.(port);
        return connection;
      } catch (error) {
        if (!(error instanceof BridgeError)) {
          throw error;
        }
        // Another user's app may hold an earlier port: what it says matters only if no later one accepts us.
        worst = error.failure === "not_running" ? worst : error;
      }
    }
    throw worst;
  }
}

/** An authenticated socket and the calls that wait on it. */
class Connection {
  #lastId = 0;
  /**
   * Calls by message id. `take` gets each message of that id; a call ends when it resolves or rejects.
   * @type {Map<number, {take: (message: ServerMessage) => void, reject: (error: Error) => void, stir: () => void}>}
   */
  #calls = new Map();

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.socket = socket;
    /** @type {Promise<void>} */
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", (event) => {
        this.#fail(new BridgeError(CLOSE_CODES[event.code] ?? "disconnected"));
        resolve();
      });
    });
    socket.addEventListener("message", (event) => this.#receive(event.data));
  }

  /**
   * Open a socket and prove both sides; nothing but a nonce is sent before the server has proved itself.
   * @param {number} port
   * @param {string} keyId
   * @param {CryptoKey} key
   * @param {Surroundings} surroundings
   * @returns {Promise<Connection>}
   */
  static async open(port, keyId, key, { open, origin }) {
    const socket = open(`ws://127.0.0.1:${port}${PATH}`, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    await opened(socket);
    const connection = new Connection(socket);
    try {
      const nonce = newNonce();
      const hello = await connection.ask({ type: "hello", version: VERSION, key_id: keyId, nonce }, "challenge");
      const handshake = { origin, port, keyId, clientNonce: nonce, serverNonce: hello.nonce };
      if (!(await accepts(key, "server", handshake, hello.proof))) {
        throw new BridgeError("impostor");
      }
      await connection.ask({ type: "auth", proof: await proof(key, "client", handshake) }, "welcome");
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  close() {
    this.socket.close(1000);
  }

  /**
   * Send a message and return the reply of the expected type.
   * @template {ServerMessage["type"]} T
   * @param {WithoutId<ClientMessage>} message
   * @param {T} expected
   * @returns {Promise<Extract<ServerMessage, {type: T}>>}
   */
  ask(message, expected) {
    return this.#start(ANSWER_MS, (reply, resolve, reject) => {
      if (reply.type === expected) {
        resolve(/** @type {Extract<ServerMessage, {type: T}>} */ (reply));
      } else {
        reject(errorOf(reply));
      }
    }, message);
  }

  /**
   * @param {Image} image
   * @param {string} digest
   * @returns {Promise<Verdict>}
   */
  async judge(image, digest) {
    const { bytes, mime, width, height, name } = image;
    const giveUp = Date.now() + PATIENCE_MS;
    for (;;) {
      /** @type {Verdict | number} */
      const answer = await this.#start(
        SILENCE_MS,
        (reply, resolve, reject) => {
          switch (reply.type) {
            case "queued":
              this.socket.send(bytes);
              break;
            case "progress":
              break;
            case "busy":
              resolve(reply.retry_ms);
              break;
            case "verdict":
              if (reply.verdict.sha256 === digest) {
                resolve(reply.verdict);
              } else {
                reject(new BridgeError("disconnected"));
              }
              break;
            default:
              reject(errorOf(reply));
          }
        },
        { type: "image", bytes: bytes.length, sha256: digest, mime, width, height, name },
      );
      if (typeof answer !== "number") {
        return answer;
      }
      if (Date.now() + answer > giveUp) {
        throw new BridgeError("timed_out");
      }
      await new Promise((resolve) => setTimeout(resolve, answer));
    }
  }

  /**
   * @template T
   * @param {number} silenceMs
   * @param {(reply: ServerMessage, resolve: (value: T) => void, reject: (error: Error) => void) => void} take
   * @param {WithoutId<ClientMessage>} message
   * @returns {Promise<T>}
   */
  #start(silenceMs, take, message) {
    this.#lastId += 1;
    const id = this.#lastId;
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    /** @type {Promise<T>} */
    const answer = new Promise((resolve, reject) => {
      const stir = () => {
        clearTimeout(timer);
        timer = setTimeout(() => reject(new BridgeError("timed_out")), silenceMs);
      };
      stir();
      this.#calls.set(id, { take: (reply) => take(reply, resolve, reject), reject, stir });
      if (this.socket.readyState !== 1) {
        reject(new BridgeError("disconnected"));
      } else {
        const { type, ...fields } = message;
        this.socket.send(encode(/** @type {ClientMessage} */ ({ type, id, ...fields })));
      }
    });
    return answer.finally(() => {
      clearTimeout(timer);
      this.#calls.delete(id);
    });
  }

  /** @param {unknown} data */
  #receive(data) {
    /** @type {ServerMessage} */
    let message;
    try {
      message = parse(data);
    } catch {
      this.#fail(new BridgeError("impostor"));
      this.close();
      return;
    }
    if (message.type === "tick") {
      for (const call of this.#calls.values()) {
        call.stir();
      }
    } else if (message.id === null) {
      this.#fail(errorOf(message));
    } else {
      const call = this.#calls.get(message.id);
      call?.stir();
      call?.take(message);
    }
  }

  /** @param {BridgeError} error */
  #fail(error) {
    for (const call of this.#calls.values()) {
      call.reject(error);
    }
  }
}

/**
 * @param {WebSocket} socket
 * @returns {Promise<void>}
 */
function opened(socket) {
  return new Promise((resolve, reject) => {
    const fail = () => {
      clearTimeout(timer);
      reject(new BridgeError("not_running"));
    };
    const timer = setTimeout(() => {
      socket.close();
      fail();
    }, OPEN_MS);
    socket.addEventListener("close", fail, { once: true });
    // A socket that fails says so twice; without a listener the first is an uncaught error in some runtimes.
    socket.addEventListener("error", () => {}, { once: true });
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      socket.removeEventListener("close", fail);
      resolve();
    });
  });
}

/**
 * @param {ServerMessage} reply
 * @returns {BridgeError}
 */
function errorOf(reply) {
  if (reply.type === "refused") {
    return new BridgeError("refused", reply.text);
  }
  if (reply.type !== "error") {
    return new BridgeError("impostor");
  }
  const own = /** @type {Failure[]} */ (["key_refused", "locked", "version"]).find((code) => code === reply.code);
  return own ? new BridgeError(own) : new BridgeError("refused", reply.text);
}

/**
 * @template T
 * @typedef {T extends unknown ? Omit<T, "id"> : never} WithoutId
 */
