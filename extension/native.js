/** The app's helper that the browser itself starts: PROTOCOL.md, section 6. It pairs with nothing typed and starts the app. */

import { Failure } from "./failures.js";
import { loadPairing } from "./pairing-store.js";
import { isPort, parseWhy, PORTS } from "./protocol.js";

const HOST = "noiselens.bridge";
const RIGHT = { permissions: /** @type {"nativeMessaging"[]} */ (["nativeMessaging"]) };

/** Ask for the right to call the helper; only from a click. @returns {Promise<boolean>} */
export function requestNative() {
  return chrome.permissions.request(RIGHT);
}

/**
 * Whether the helper may be called and is there: only then can the app be started from here.
 *
 * @returns {Promise<boolean>}
 */
export async function helperIsHere() {
  if (!(await chrome.permissions.contains(RIGHT))) return false;
  try {
    await call({ type: "look" });
    return true;
  } catch (error) {
    return Failure.from(error).code === "refused"; // an older one, which knows no `look`
  }
}

/** @returns {string} what the app's list calls this browser */
export function browserName() {
  const agent = navigator.userAgent;
  const name = /Firefox/.test(agent) ? "Firefox" : /Edg\//.test(agent) ? "Edge" : "Chromium";
  const system = /Windows/.test(agent) ? "Windows" : /Mac OS/.test(agent) ? "macOS" : "Linux";
  return `${name} on ${system}`;
}

/**
 * @returns {Promise<string>} a pairing string with a fresh key
 * @throws {Failure}
 */
export async function nativePairing() {
  const replaces = (await loadPairing())?.keyId ?? "";
  const answer = await call({ type: "give_key", name: browserName(), replaces });
  const port = isPort(answer.port) ? answer.port : PORTS[0];
  return `noiselens1:${port}:${answer.key_id}:${answer.key}`;
}

/**
 * Start the app unless it runs.
 *
 * @returns {Promise<void>}
 * @throws {Failure}
 */
export async function startApp() {
  const pairing = await loadPairing();
  if (!pairing) throw new Failure("not_paired");
  await call({ type: "start", key_id: pairing.keyId });
}

/**
 * @param {Record<string, unknown>} request
 * @returns {Promise<any>}
 * @throws {Failure}
 */
async function call(request) {
  const { version: client } = chrome.runtime.getManifest();
  let answer;
  try {
    answer = await chrome.runtime.sendNativeMessage(HOST, { v: 1, client, origin: location.origin, ...request });
  } catch {
    throw new Failure("no_helper");
  }
  if (answer?.type === "failed") throw new Failure("refused", String(answer.text), parseWhy(answer.why));
  return answer;
}
