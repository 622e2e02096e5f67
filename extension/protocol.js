/**
 * Messages and proofs of bridge protocol v1 (PROTOCOL.md). No browser API but WebCrypto.
 *
 * @typedef {{schema: 1, sha256: string, probability: number, band: Band, stability: number, reasons: string[],
 *   model: string, ms: number, width: number, height: number}} Verdict
 * @typedef {"likely_real" | "uncertain" | "likely_generated"} Band
 *
 * @typedef {{type: "hello", id: number, version: number, key_id: string, nonce: string}
 *   | {type: "auth", id: number, proof: string}
 *   | {type: "image", id: number, bytes: number, sha256: string, mime: string, width: number, height: number,
 *      name: string}
 *   | {type: "cancel", id: number, job: number}
 *   | {type: "label", id: number, sha256: string, label: "real" | "generated"}
 *   | {type: "status", id: number}} ClientMessage
 *
 * @typedef {{type: "challenge", id: number, nonce: string, proof: string}
 *   | {type: "welcome", id: number, version: number, app: string, model: string | null, max_bytes: number}
 *   | {type: "queued", id: number, ahead: number}
 *   | {type: "progress", id: number, stage: string}
 *   | {type: "verdict", id: number, verdict: Verdict}
 *   | {type: "refused", id: number, code: string, text: string}
 *   | {type: "busy", id: number, retry_ms: number}
 *   | {type: "labelled", id: number}
 *   | {type: "status", id: number, app: string, model: string | null, jobs: number}
 *   | {type: "tick"}
 *   | {type: "error", id: number | null, code: string, text: string}} ServerMessage
 *
 * @typedef {{port: number, keyId: string, key: string}} Pairing  key: 32 bytes as base64url
 */

export const VERSION = 1;
export const PATH = "/noiselens/v1";
export const SUBPROTOCOL = "noiselens.v1";
export const PORTS = [27411, 27412, 27413, 27414, 27415];
export const MAX_IMAGE_BYTES = 32 * 2 ** 20;

/** A server text that is no message of this protocol. */
export class MessageError extends Error {}

/**
 * One key per field of each message a server may send; a value is tested before anything is done with it.
 * @type {Record<ServerMessage["type"], Record<string, (value: unknown) => boolean>>}
 */
const SERVER_MESSAGES = {
  challenge: { id: isId, nonce: isBase64Of32, proof: isBase64Of32 },
  welcome: { id: isId, version: isCount, app: isText, model: isTextOrNull, max_bytes: isCount },
  queued: { id: isId, ahead: isCount },
  progress: { id: isId, stage: isText },
  verdict: { id: isId, verdict: isVerdict },
  refused: { id: isId, code: isText, text: isText },
  busy: { id: isId, retry_ms: isCount },
  labelled: { id: isId },
  status: { id: isId, app: isText, model: isTextOrNull, jobs: isCount },
  tick: {},
  error: { id: (value) => value === null || isId(value), code: isText, text: isText },
};

/**
 * @param {ClientMessage} message
 * @returns {string}
 */
export function encode(message) {
  return JSON.stringify(message);
}

/**
 * Read one server message; throws MessageError for anything else.
 * @param {unknown} text
 * @returns {ServerMessage}
 */
export function parse(text) {
  if (typeof text !== "string") {
    throw new MessageError("not text");
  }
  /** @type {unknown} */
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new MessageError("not JSON");
  }
  if (!isObject(content) || typeof content.type !== "string" || !Object.hasOwn(SERVER_MESSAGES, content.type)) {
    throw new MessageError("not a message of this version");
  }
  const fields = SERVER_MESSAGES[/** @type {ServerMessage["type"]} */ (content.type)];
  for (const [name, check] of Object.entries(fields)) {
    if (!check(content[name])) {
      throw new MessageError(`field '${name}' of '${content.type}'`);
    }
  }
  return /** @type {ServerMessage} */ (/** @type {unknown} */ (content));
}

/**
 * Read the line the app gives out; null if it is none.
 * @param {string} text
 * @returns {Pairing | null}
 */
export function readPairingString(text) {
  const match = /^noiselens1:(\d{1,5}):([0-9a-f]{16}):([A-Za-z0-9_-]{43})$/.exec(text.trim());
  const port = Number(match?.[1]);
  if (!match?.[2] || !match[3] || port < 1 || port > 65535) {
    return null;
  }
  return { port, keyId: match[2], key: match[3] };
}

/**
 * Return the proof that `role` holds the key; the port and the origin stop a program on another port from passing
 * messages on to the real app.
 * @param {CryptoKey} key
 * @param {"server" | "client"} role
 * @param {{origin: string, port: number, keyId: string, clientNonce: string, serverNonce: string}} handshake
 * @returns {Promise<string>} base64url
 */
export async function proof(key, role, handshake) {
  return toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, transcript(role, handshake))));
}

/**
 * Check the other side's proof; WebCrypto compares in constant time.
 * @param {CryptoKey} key
 * @param {"server" | "client"} role
 * @param {Parameters<typeof proof>[2]} handshake
 * @param {string} theirs
 * @returns {Promise<boolean>}
 */
export async function accepts(key, role, handshake, theirs) {
  return crypto.subtle.verify("HMAC", key, fromBase64(theirs), transcript(role, handshake));
}

/**
 * @param {string} key  base64url
 * @returns {Promise<CryptoKey>}
 */
export function importKey(key) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", fromBase64(key), algorithm, false, ["sign", "verify"]);
}

/** @returns {string} 32 random bytes as base64url */
export function newNonce() {
  return toBase64(crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * @param {Uint8Array<ArrayBuffer>} data
 * @returns {Promise<string>} hex
 */
export async function sha256(data) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Uint8Array} data
 * @returns {string}
 */
export function toBase64(data) {
  return btoa(String.fromCharCode(...data))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * @param {"server" | "client"} role
 * @param {Parameters<typeof proof>[2]} h
 * @returns {Uint8Array<ArrayBuffer>}
 */
function transcript(role, h) {
  const lines = [SUBPROTOCOL, role, h.origin, String(h.port), h.keyId, h.clientNonce, h.serverNonce];
  return new TextEncoder().encode(lines.join("\n"));
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value */
function isId(value) {
  return isCount(value) && value !== 0;
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** @param {unknown} value */
function isText(value) {
  return typeof value === "string" && value.length <= 2000;
}

/** @param {unknown} value */
function isTextOrNull(value) {
  return value === null || isText(value);
}

/** @param {unknown} value */
function isBase64Of32(value) {
  return typeof value === "string" && /^[A-Za-z0-9_-]{43}$/.test(value);
}

/** @param {unknown} value */
function isFraction(value) {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** @param {unknown} value */
function isVerdict(value) {
  return (
    isObject(value) &&
    value.schema === 1 &&
    typeof value.sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(value.sha256) &&
    isFraction(value.probability) &&
    ["likely_real", "uncertain", "likely_generated"].includes(String(value.band)) &&
    isFraction(value.stability) &&
    Array.isArray(value.reasons) &&
    value.reasons.every(isText) &&
    isText(value.model) &&
    typeof value.ms === "number" &&
    isCount(value.width) &&
    isCount(value.height)
  );
}
