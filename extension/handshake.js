/**
 * One port, one handshake: who answers there, and whether it holds the pairing key.
 *
 * @import { ClientOptions, Timings } from "./client.js"
 * @import { Welcome } from "./protocol.js"
 */

import { Failure } from "./failures.js";
import {
  authMessage,
  CloseCode,
  helloMessage,
  macInput,
  NONCE_BYTES,
  ProtocolError,
  parseServerMessage,
  SUBPROTOCOL,
  socketUrl,
  VersionError,
} from "./protocol.js";

/**
 * Open one port and shake hands with what answers there. Until it has proved that it holds the key it is told
 * nothing but a random number.
 *
 * @param {number} port
 * @param {ClientOptions} options
 * @param {Timings} timings
 * @returns {Promise<{ socket: WebSocket, welcome: Welcome }>}
 * @throws {Failure}
 */
export async function knock(port, { pairing, origin, version, openSocket, probe }, timings) {
  const socket = openSocket(socketUrl(port), SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  const line = new Line(socket, port);
  try {
    if (!(await line.opened(timings.open))) throw await notOpened(port, origin, probe);
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    socket.send(helloMessage(pairing.keyId, nonce, version));
    const challenge = parseServerMessage(await line.next(timings.message));
    if (challenge.type !== "challenge") throw new Failure("other_program", port);
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", pairing.key, algorithm, false, ["sign", "verify"]);
    const expected = macInput("server", pairing.keyId, origin, port, nonce, challenge.nonce);
    if (!(await crypto.subtle.verify("HMAC", key, challenge.mac, expected))) {
      throw new Failure("other_program", port);
    }
    const own = macInput("client", pairing.keyId, origin, port, nonce, challenge.nonce);
    socket.send(authMessage(new Uint8Array(await crypto.subtle.sign("HMAC", key, own))));
    const welcome = parseServerMessage(await line.next(timings.message));
    if (welcome.type !== "welcome") throw new Failure("versions");
    line.release();
    return { socket, welcome };
  } catch (error) {
    line.release();
    socket.close(1000);
    if (error instanceof VersionError) throw new Failure(error.appIsNewer ? "extension_too_old" : "app_too_old");
    throw error instanceof ProtocolError ? new Failure("other_program", port) : error;
  }
}

/**
 * @param {number} port
 * @param {string} origin
 * @param {ClientOptions["probe"]} probe
 * @returns {Promise<Failure>} why nothing opened there
 */
export async function notOpened(port, origin, probe) {
  const found = await probe(port);
  if (found === "nobody") return new Failure("app_not_running");
  if (found === "silent") return new Failure("no_answer", port);
  // The app's gate knows Chromium's one origin, but a Firefox's only while that is paired.
  return new Failure(origin.startsWith("moz-extension:") ? "turned_away" : "other_program", port);
}

/**
 * @param {CloseEvent} event of the app's closing
 * @param {number} port
 * @returns {Failure}
 */
export function closeFailure({ code, reason }, port) {
  switch (code) {
    case CloseCode.UNKNOWN_KEY:
    case CloseCode.WRONG_MAC:
      return new Failure("key_refused");
    case CloseCode.LOCKED:
      return new Failure("locked");
    case CloseCode.TOO_MANY:
      return new Failure("app_full");
    case CloseCode.BAD_FRAME:
    case CloseCode.NOT_UTF8:
    case CloseCode.TOO_LARGE:
      return new Failure("versions");
    case CloseCode.PROTOCOL:
      return new Failure(reason === "app_too_old" || reason === "extension_too_old" ? reason : "versions");
    case CloseCode.DEADLINE:
      return new Failure(reason === "window" ? "pairing_refused" : "timed_out");
    case CloseCode.PAIRING_CLOSED:
      return new Failure("pairing_closed");
    case CloseCode.PAIRING_BUSY:
      return new Failure("pairing_busy");
    case CloseCode.PAIRING_REFUSED:
      return new Failure("pairing_refused");
    case CloseCode.TOO_BIG:
      return new Failure("too_big", 32);
    default:
      return new Failure("connection_lost", port);
  }
}

/** A socket read message by message while hands are shaken. */
export class Line {
  /** @type {unknown[]} */
  #inbox = [];
  /** @type {Failure | null} */
  #closed = null;
  /** @type {() => void} */
  #wake = () => {};
  #release = new AbortController();
  /** @type {WebSocket} */
  #socket;
  #port;
  /** Settles when the other side closes, with what that says. @type {Promise<Failure>} */
  closed;

  /**
   * @param {WebSocket} socket
   * @param {number} port
   */
  constructor(socket, port) {
    this.#socket = socket;
    this.#port = port;
    const { signal } = this.#release;
    /** @type {(act: (event: any) => void) => (event: Event) => void} */
    const heard = (act) => (event) => {
      if (signal.aborted) return;
      act(event);
      this.#wake();
    };
    socket.addEventListener(
      "open",
      heard(() => {}),
    );
    socket.addEventListener("error", () => {}); // the close event that follows says what there is to say
    socket.addEventListener(
      "message",
      heard((event) => this.#inbox.push(event.data)),
    );
    this.closed = new Promise((resolve) => {
      socket.addEventListener(
        "close",
        heard((event) => resolve((this.#closed = closeFailure(event, port)))),
      );
    });
  }

  /**
   * @param {number} timeout_ms
   * @returns {Promise<boolean>} false when nothing that speaks the protocol took the call
   */
  async opened(timeout_ms) {
    await this.#until(() => this.#socket.readyState !== 0, timeout_ms);
    return this.#socket.readyState === 1;
  }

  /**
   * @param {number} timeout_ms
   * @returns {Promise<unknown>} the next message's data
   * @throws {Failure}
   */
  async next(timeout_ms) {
    await this.#until(() => this.#inbox.length > 0 || this.#closed !== null, timeout_ms);
    if (this.#inbox.length > 0) return this.#inbox.shift();
    throw this.#closed ?? new Failure("no_answer", this.#port);
  }

  /** Stop listening: from here on someone else reads. */
  release() {
    this.#release.abort();
  }

  /**
   * @param {() => boolean} done
   * @param {number} timeout_ms
   * @returns {Promise<void>}
   */
  async #until(done, timeout_ms) {
    if (done()) return;
    await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), timeout_ms);
      this.#wake = () => {
        if (!done()) return;
        clearTimeout(timer);
        resolve(undefined);
      };
    });
    this.#wake = () => {};
  }
}
