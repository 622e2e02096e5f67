/**
 * The pairing on disk: the key of this browser, readable by the extension's own pages and worker alone.
 *
 * @import { Pairing } from "./protocol.js"
 */

import { isPort, PORTS, parsePairing } from "./protocol.js";

/** Keep the key from content scripts, which live in the pages' processes. @returns {Promise<void>} */
export async function lockStorage() {
  await chrome.storage.local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" }); // Firefox has no such lock
}

/** @returns {Promise<Pairing | null>} */
export async function loadPairing() {
  const { pairing } = await chrome.storage.local.get("pairing");
  return typeof pairing === "string" ? parsePairing(pairing) : null;
}

/**
 * @param {string} text a valid pairing string
 * @returns {Promise<void>}
 */
export async function savePairing(text) {
  await chrome.storage.local.set({ pairing: text.trim() });
  await chrome.storage.local.remove("lastPort");
}

/** @returns {Promise<void>} */
export async function forgetPairing() {
  await chrome.storage.local.remove(["pairing", "lastPort"]);
}

/**
 * @param {number} port where the app was found
 * @returns {Promise<void>}
 */
export async function rememberPort(port) {
  await chrome.storage.local.set({ lastPort: port });
}

/** @returns {Promise<number | null>} the user's own port, null when the usual ones are to be tried alone */
export async function loadOwnPort() {
  const { ownPort } = await chrome.storage.local.get("ownPort");
  return isPort(ownPort) ? ownPort : null;
}

/**
 * @param {number | null} port
 * @returns {Promise<void>}
 */
export async function saveOwnPort(port) {
  if (port === null) await chrome.storage.local.remove("ownPort");
  else await chrome.storage.local.set({ ownPort: port });
}

/**
 * Return the ports to try, in order: where the app was last, where it said it was, the usual ones, the user's own.
 *
 * @param {Pairing} pairing
 * @returns {Promise<number[]>}
 */
export async function portsToTry(pairing) {
  const { lastPort } = await chrome.storage.local.get("lastPort");
  const ports = [lastPort, pairing.port, ...PORTS, await loadOwnPort()];
  return [...new Set(ports.filter(isPort))];
}
