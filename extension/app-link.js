/** The one connection to the app: made from the pairing when first needed, dropped when the pairing changes. */

import { AppClient } from "./client.js";
import { Failure } from "./failures.js";
import { loadPairing, portsToTry } from "./pairing-store.js";

const PROBE_TIMEOUT_MS = 1500;

/** @type {Promise<AppClient> | null} */
let client = null;

/**
 * @returns {Promise<AppClient>}
 * @throws {Failure} not_paired
 */
export function appClient() {
  client ??= pairedClient().catch((error) => {
    client = null;
    throw error;
  });
  return client;
}

/** @returns {Promise<AppClient>} */
async function pairedClient() {
  const pairing = await loadPairing();
  if (!pairing) throw new Failure("not_paired");
  return newClient(pairing);
}

/**
 * @param {import("./protocol.js").Pairing} pairing
 * @returns {Promise<AppClient>}
 */
export async function newClient(pairing) {
  return new AppClient({
    pairing,
    ports: await portsToTry(pairing),
    origin: location.origin,
    version: chrome.runtime.getManifest().version,
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    probe,
  });
}

/**
 * @param {number} port
 * @returns {Promise<"answers" | "silent" | "nobody">} what an ordinary request finds there
 */
export async function probe(port) {
  try {
    await fetch(`http://127.0.0.1:${port}/`, { mode: "no-cors", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return "answers";
  } catch (error) {
    // It took the call: an app that is busy starting, or a program that waits for another greeting.
    return error instanceof DOMException && error.name === "TimeoutError" ? "silent" : "nobody";
  }
}

export function dropClient() {
  client?.then((open) => open.close()).catch(() => {});
  client = null;
}
