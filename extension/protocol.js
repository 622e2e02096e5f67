/**
 * Wire protocol v1 between the extension and the app, as PROTOCOL.md says it: pure functions, no browser API, no I/O.
 *
 * @typedef {{ port: number, keyId: string, key: Uint8Array<ArrayBuffer> }} Pairing
 *
 * @typedef {"likely_real" | "uncertain" | "likely_generated"} Band
 *
 * @typedef {string[]} Why a sentence of the app: its code, then what is filled in
 *
 * @typedef {object} Verdict what the extension shows of a verdict
 * @property {string} sha256 hex digest of the judged bytes
 * @property {number} probability calibrated probability that the image is generated, in [0, 1], four decimals
 * @property {Band} band
 * @property {number} stability in [0, 1]
 * @property {string[]} reasons plain sentences
 * @property {(Why | null)[]} why the same as codes, as far as they have one; empty from an app that sends none
 * @property {string} model
 * @property {number} ms milliseconds of judging
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {number[][]} crops [left, top, side, probability] of each place looked at, the first 64
 *
 * @typedef {object} ImageHeader what is said of an image before its bytes
 * @property {string} id
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} mime
 * @property {string} name
 * @property {number} width as the page knows it, 0 when it does not
 * @property {number} height
 * @property {string} page address of the page it stands in, "" unless the user lets it be sent
 *
 * @typedef {{ type: "challenge", nonce: Uint8Array<ArrayBuffer>, mac: Uint8Array<ArrayBuffer>, app: string }} Challenge
 * @typedef {{ type: "welcome", app: string, model: string | null, max_bytes: number }} Welcome
 * @typedef {Challenge
 *   | Welcome
 *   | { type: "queued", id: string }
 *   | { type: "progress", id: string, stage: string }
 *   | { type: "verdict", id: string, verdict: Verdict }
 *   | { type: "refused", id: string, code: string, text: string, why: Why | null }
 *   | { type: "busy", id: string, retry_ms: number }
 *   | { type: "tick" }
 *   | { type: "pong", id: string }
 *   | { type: "labelled", id: string }
 *   | { type: "opened", id: string }
 *   | { type: "error", id: string | null, code: string, text: string, why: Why | null }} ServerMessage
 */

export const VERSION = 1;
export const SUBPROTOCOL = "noiselens.v1";
export const PATH = "/noiselens/v1";
export const PORTS = Object.freeze([48211, 48212, 48213, 48214, 48215]);
export const MAX_IMAGE_BYTES = 32 * 2 ** 20;
export const NONCE_BYTES = 32;
export const MAC_BYTES = 32;
export const KEY_BYTES = 32;
const VERDICT_SCHEMA = 1;
const MAX_TEXT_CHARS = 2 ** 20; // a verdict with a thousand crops stays far below
const MAX_SENTENCE_CHARS = 1000;
const MAX_REASONS = 50;
const MAX_WHY = 10;
const MAX_CROPS = 64;
const MAX_RETRY_MS = 60_000;
const MAX_NAME_CHARS = 200;
const MAX_PAGE_CHARS = 1990;

/** Close codes the app gives its reason with. */
export const CloseCode = Object.freeze({
  GOING_AWAY: 1001,
  BAD_FRAME: 1002,
  NOT_UTF8: 1007,
  TOO_LARGE: 1009,
  PROTOCOL: 4000,
  UNKNOWN_KEY: 4001,
  WRONG_MAC: 4003,
  DEADLINE: 4008,
  TOO_BIG: 4009,
  PAIRING_CLOSED: 4010,
  PAIRING_BUSY: 4011,
  PAIRING_REFUSED: 4012,
  TOO_MANY: 4029,
  LOCKED: 4030,
});

/** A message that protocol v1 does not know. */
export class ProtocolError extends Error {
  name = "ProtocolError";
}

/** A challenge of another protocol version: one of the two sides is too old. */
export class VersionError extends ProtocolError {
  name = "VersionError";

  /** @param {boolean} appIsNewer */
  constructor(appIsNewer) {
    super("another protocol version");
    this.appIsNewer = appIsNewer;
  }
}

/**
 * @param {number} port
 * @returns {string}
 */
export function socketUrl(port) {
  return `ws://127.0.0.1:${port}${PATH}`;
}

/**
 * Return base64url text without padding.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64Url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Read exactly `length` bytes from canonical base64url without padding.
 *
 * @param {unknown} text
 * @param {number} length bytes
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {ProtocolError}
 */
export function fromBase64Url(text, length) {
  if (typeof text === "string" && /^[A-Za-z0-9_-]+$/.test(text) && text.length === Math.ceil((length * 4) / 3)) {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    if (bytes.length === length && toBase64Url(bytes) === text) return bytes;
  }
  throw new ProtocolError(`not ${length} bytes of base64url`);
}

/**
 * Read a pairing string, `noiselens1:PORT:KEYID:KEY`; white space around it is forgiven.
 *
 * @param {string} text
 * @returns {Pairing}
 * @throws {ProtocolError}
 */
export function parsePairing(text) {
  const match = /^noiselens1:([0-9]{1,5}):([0-9a-f]{8}):([A-Za-z0-9_-]+)$/.exec(text.trim());
  if (!match) throw new ProtocolError("not a pairing string");
  const port = Number(match[1]);
  if (!isPort(port)) throw new ProtocolError("not a port");
  return { port, keyId: /** @type {string} */ (match[2]), key: fromBase64Url(match[3], KEY_BYTES) };
}

/**
 * @param {unknown} port
 * @returns {port is number}
 */
export function isPort(port) {
  return Number.isInteger(port) && /** @type {number} */ (port) >= 1024 && /** @type {number} */ (port) <= 65535;
}

/**
 * Return what the HMAC of one side is taken over. The sides' labels differ, so a reflected MAC never fits; the port
 * is in it, so that a program on one port cannot pass on what the app on another one says.
 *
 * @param {"server" | "client"} side
 * @param {string} keyId
 * @param {string} origin
 * @param {number} port that the client connected to
 * @param {Uint8Array} clientNonce
 * @param {Uint8Array} serverNonce
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function macInput(side, keyId, origin, port, clientNonce, serverNonce) {
  const head = new TextEncoder().encode(`${SUBPROTOCOL} ${side}\0${keyId}\0${origin}\0${port}\0`);
  const input = new Uint8Array(head.length + clientNonce.length + serverNonce.length);
  input.set(head);
  input.set(clientNonce, head.length);
  input.set(serverNonce, head.length + clientNonce.length);
  return input;
}

/**
 * @param {string} keyId
 * @param {Uint8Array} nonce
 * @param {string} client the extension's version
 */
export function helloMessage(keyId, nonce, client) {
  return JSON.stringify({ type: "hello", v: VERSION, key_id: keyId, nonce: toBase64Url(nonce), client });
}

/** @param {Uint8Array} mac */
export function authMessage(mac) {
  return JSON.stringify({ type: "auth", mac: toBase64Url(mac) });
}

/**
 * Return a name as the app takes it: no path, no control or direction characters, at most 200 UTF-16 units.
 *
 * @param {string} name
 * @returns {string}
 */
export function cleanName(name) {
  return name
    .slice(0, MAX_NAME_CHARS)
    .replaceAll(/[/\\]/g, "_")
    .replaceAll(/\p{C}/gu, ""); // a surrogate that the cut left alone included
}

/**
 * Return a page's address as the app takes it, without what stands for a place in the page or for a user.
 *
 * @param {string} address
 * @returns {string} "" for what is no page of the web, or too long
 */
export function cleanPage(address) {
  if (!URL.canParse(address)) return "";
  const url = new URL(address);
  Object.assign(url, { hash: "", username: "", password: "" });
  return /^https?:$/.test(url.protocol) && url.href.length <= MAX_PAGE_CHARS ? url.href : "";
}

/** @param {ImageHeader} header its name and page clean */
export function imageMessage({ id, bytes, sha256, mime, name, width, height, page }) {
  return JSON.stringify({ type: "image", id, bytes, sha256, mime, name, width, height, page });
}

/** @param {string} id */
export function cancelMessage(id) {
  return JSON.stringify({ type: "cancel", id });
}

/**
 * @param {string} id
 * @param {string} sha256
 * @param {"real" | "generated"} label
 */
export function labelMessage(id, sha256, label) {
  return JSON.stringify({ type: "label", id, sha256, label });
}

/**
 * @param {string} id
 * @param {string} sha256
 */
export function openMessage(id, sha256) {
  return JSON.stringify({ type: "open", id, sha256 });
}

/** @param {string} id */
export function pingMessage(id) {
  return JSON.stringify({ type: "ping", id });
}

/**
 * Read one text message of the app. Fields the extension does not know are left out of the result.
 *
 * @param {unknown} text
 * @returns {ServerMessage}
 * @throws {ProtocolError}
 */
export function parseServerMessage(text) {
  if (typeof text !== "string" || text.length > MAX_TEXT_CHARS) throw new ProtocolError("not a text message");
  /** @type {unknown} */
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new ProtocolError("not JSON");
  }
  const message = record(data, "message");
  switch (message.type) {
    case "challenge":
      if (message.v !== VERSION) throw new VersionError(typeof message.v === "number" && message.v > VERSION);
      return {
        type: "challenge",
        nonce: fromBase64Url(message.nonce, NONCE_BYTES),
        mac: fromBase64Url(message.mac, MAC_BYTES),
        app: string(message.app, 40, "app"),
      };
    case "welcome":
      return {
        type: "welcome",
        app: string(message.app, 40, "app"),
        model: message.model === null ? null : string(message.model, 100, "model"),
        max_bytes: number(message.max_bytes, 1, 2 ** 31, "max_bytes"),
      };
    case "queued":
    case "pong":
    case "labelled":
    case "opened":
      return { type: message.type, id: jobId(message.id) };
    case "progress":
      return { type: "progress", id: jobId(message.id), stage: string(message.stage, 40, "stage") };
    case "verdict":
      return { type: "verdict", id: jobId(message.id), verdict: parseVerdict(message.verdict, message.why) };
    case "refused":
      return {
        type: "refused",
        id: jobId(message.id),
        code: string(message.code, 40, "code"),
        text: string(message.text, MAX_SENTENCE_CHARS, "text"),
        why: parseWhy(message.why),
      };
    case "busy":
      return { type: "busy", id: jobId(message.id), retry_ms: number(message.retry_ms, 0, MAX_RETRY_MS, "retry_ms") };
    case "tick":
      return { type: "tick" };
    case "error":
      return {
        type: "error",
        id: message.id === null ? null : jobId(message.id),
        code: string(message.code, 40, "code"),
        text: string(message.text, MAX_SENTENCE_CHARS, "text"),
        why: parseWhy(message.why),
      };
    default:
      throw new ProtocolError("unknown type");
  }
}

/**
 * @param {unknown} value
 * @returns {Why | null}
 */
export function parseWhy(value) {
  if (value === null || value === undefined) return null;
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_WHY) throw new ProtocolError("why");
  if (!/^[a-z_]{1,40}$/.test(string(value[0], 40, "why"))) throw new ProtocolError("why");
  return value.map((part) => string(part, MAX_NAME_CHARS, "why"));
}

/**
 * @param {unknown} data
 * @param {unknown} why
 * @returns {Verdict}
 */
function parseVerdict(data, why) {
  const verdict = record(data, "verdict");
  if (why !== undefined && (!Array.isArray(why) || why.length > MAX_REASONS)) throw new ProtocolError("why");
  if (verdict.schema !== VERDICT_SCHEMA) throw new ProtocolError("verdict of another schema");
  const { band, reasons } = verdict;
  if (band !== "likely_real" && band !== "uncertain" && band !== "likely_generated") throw new ProtocolError("band");
  if (!Array.isArray(reasons) || reasons.length > MAX_REASONS) throw new ProtocolError("reasons");
  const sha256 = string(verdict.sha256, 64, "sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new ProtocolError("sha256");
  return {
    sha256,
    probability: number(verdict.probability, 0, 1, "probability"),
    band,
    stability: number(verdict.stability, 0, 1, "stability"),
    reasons: reasons.map((reason) => string(reason, MAX_SENTENCE_CHARS, "reason")),
    why: (why ?? []).map(parseWhy),
    model: string(verdict.model, 100, "model"),
    ms: number(verdict.ms, 0, Number.MAX_VALUE, "ms"),
    width: number(verdict.width, 1, 2 ** 31, "width"),
    height: number(verdict.height, 1, 2 ** 31, "height"),
    crops: (Array.isArray(verdict.crops) ? verdict.crops.slice(0, MAX_CROPS) : []).filter(isCrop),
  };
}

/**
 * @param {unknown} crop
 * @returns {crop is number[]}
 */
function isCrop(crop) {
  return Array.isArray(crop) && crop.length === 4 && crop.every((value) => Number.isFinite(value) && value >= 0);
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
function record(value, what) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ProtocolError(what);
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * @param {unknown} value
 * @param {number} maxChars
 * @param {string} what
 * @returns {string}
 */
function string(value, maxChars, what) {
  if (typeof value !== "string" || value.length > maxChars) throw new ProtocolError(what);
  return value;
}

/**
 * @param {unknown} value
 * @param {number} min
 * @param {number} max
 * @param {string} what
 * @returns {number}
 */
function number(value, min, max, what) {
  if (typeof value !== "number" || !(value >= min && value <= max)) throw new ProtocolError(what);
  return value;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function jobId(value) {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(value)) throw new ProtocolError("id");
  return value;
}
