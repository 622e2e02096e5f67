/** Wires of the background worker: the menu, the pages' questions, and what happens to a check from click to badge. */

/**
 * @import { FailureRecord } from "./failures.js"
 * @import { Job } from "./jobs.js"
 * @import { Verdict, Welcome } from "./protocol.js"
 *
 * @typedef {{ type: "status" }
 *   | { type: "pair", text: string }
 *   | { type: "forget" }
 *   | { type: "set_port", port: number | null }
 *   | { type: "retry", id: string }} Question what the extension's own pages ask
 * @typedef {{ paired: boolean, app: string, model: string | null, port: number, failure: FailureRecord | null }} Status
 */

import { AppClient } from "./client.js";
import { Failure } from "./failures.js";
import { readImage } from "./image-source.js";
import { isOpen, listJobs, saveJob } from "./jobs.js";
import {
  forgetPairing,
  loadPairing,
  lockStorage,
  portsToTry,
  rememberPort,
  saveOwnPort,
  savePairing,
} from "./pairing-store.js";
import { parsePairing } from "./protocol.js";
import { drawThumbnail } from "./thumbnail.js";
import { cardOf, text } from "./wording.js";

const MENU_ID = "check-image";
const RESUME_ALARM = "resume";
const PROBE_TIMEOUT_MS = 1500;
const SIGNS = { working: "…", real: "✓", uncertain: "?", generated: "AI", failure: "!" };
const COLOURS = { working: "#4a5568", real: "#0b7a5c", uncertain: "#8f5b00", generated: "#b3204d", failure: "#4a5568" };

/** @type {Promise<AppClient> | null} */
let client = null;
/** Ids of the checks this worker is busy with; the others in storage were left behind by one that was stopped. */
const running = new Set();

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.create({ id: MENU_ID, title: text("menu_check"), contexts: ["image"] });
});
chrome.contextMenus.onClicked.addListener((info, tab) => {
  if (info.menuItemId === MENU_ID && tab?.id !== undefined) startCheck(info, tab.id, tab.url ?? "");
});
chrome.alarms.onAlarm.addListener(({ name }) => {
  if (name === RESUME_ALARM) resume();
});
chrome.permissions.onAdded.addListener(async ({ origins = [] }) => {
  for (const job of await listJobs()) {
    if (job.failure?.code === "needs_permission" && origins.includes(job.failure.detail)) runJob(again(job));
  }
});
chrome.runtime.onMessage.addListener((question, sender, reply) => {
  if (!sender.url?.startsWith(chrome.runtime.getURL(""))) return false; // a page's process may claim to be us
  answer(question).then(reply);
  return true;
});
lockStorage();
resume();

/**
 * @param {chrome.contextMenus.OnClickData} info
 * @param {number} tabId
 * @param {string} tabUrl
 */
function startCheck(info, tabId, tabUrl) {
  const pageUrls = [info.pageUrl, info.frameUrl, tabUrl].filter((url) => url !== undefined && url !== "");
  runJob({
    id: crypto.randomUUID(),
    state: "fetching",
    tabId,
    frameId: info.frameId ?? 0,
    pageUrls: /** @type {string[]} */ (pageUrls),
    srcUrl: info.srcUrl ?? "",
    largerCopy: false,
    name: "",
    sha256: "",
    thumbnail: "",
    startedAt: Date.now(),
    verdict: null,
    failure: null,
  });
}

/**
 * @param {Job} job
 * @returns {Job}
 */
function again(job) {
  return { ...job, state: "fetching", failure: null };
}

/** Take up the checks that a stopped worker left behind. The app judges the same bytes once, however often asked. */
async function resume() {
  const open = (await listJobs()).filter(isOpen);
  if (open.length === 0) await chrome.alarms.clear(RESUME_ALARM);
  for (const job of open) if (!running.has(job.id)) runJob(again(job));
}

/**
 * See one check to its end; every end is stored and shown.
 *
 * @param {Job} job
 */
async function runJob(job) {
  running.add(job.id);
  chrome.alarms.create(RESUME_ALARM, { periodInMinutes: 0.5 });
  let copies = [job.srcUrl];
  try {
    await tell(job, copies);
    const app = await appClient();
    await app.connect();
    const facts = await describe(job);
    const source = await readImage(job, facts);
    copies = [...copies, source.url];
    job.largerCopy = source.url !== job.srcUrl;
    job.name = source.name;
    job.sha256 = hex(await crypto.subtle.digest("SHA-256", source.content));
    job.state = "asking";
    await tell(job, copies);
    const { content, mime, name, width, height } = source;
    job.verdict = await judge(job.id, { content, mime, name, width, height, sha256: job.sha256 });
    job.thumbnail = await drawThumbnail(content, mime, job.verdict);
    job.state = "done";
  } catch (error) {
    if (!(error instanceof Failure)) console.error(error);
    job.state = "failed";
    job.failure = Failure.from(error).toRecord();
  }
  await tell(job, copies);
  running.delete(job.id);
}

/**
 * Ask the app, once more when the connection is lost on the way: it may have been restarted.
 *
 * @param {string} id
 * @param {import("./client.js").Image} image
 * @returns {Promise<Verdict>}
 */
async function judge(id, image) {
  const onStage = () => {};
  try {
    return await (await appClient()).judge(id, image, onStage);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "connection_lost") throw error;
    return (await appClient()).judge(`${id}-again`, image, onStage);
  }
}

/**
 * @returns {Promise<AppClient>}
 * @throws {Failure} not_paired
 */
function appClient() {
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
async function newClient(pairing) {
  return new AppClient({
    pairing,
    ports: await portsToTry(pairing),
    origin: location.origin,
    version: chrome.runtime.getManifest().version,
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    answersHttp: async (port) => {
      try {
        await fetch(`http://127.0.0.1:${port}/`, { mode: "no-cors", signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
        return true;
      } catch (error) {
        return error instanceof DOMException && error.name === "TimeoutError";
      }
    },
  });
}

function dropClient() {
  client?.then((open) => open.close()).catch(() => {});
  client = null;
}

/**
 * @param {Question} question
 * @returns {Promise<Status>}
 */
async function answer(question) {
  switch (question.type) {
    case "status":
      return status();
    case "pair":
      return pair(question.text);
    case "forget":
      dropClient();
      await forgetPairing();
      return status();
    case "set_port":
      dropClient();
      await saveOwnPort(question.port);
      return status();
    case "retry": {
      const job = (await listJobs()).find(({ id }) => id === question.id);
      if (job && !isOpen(job)) runJob(again(job));
      return status();
    }
  }
}

/** @returns {Promise<Status>} */
async function status() {
  try {
    const app = await appClient();
    const welcome = await app.ping();
    await rememberPort(app.port);
    return statusOf(welcome, app.port);
  } catch (error) {
    const failure = Failure.from(error);
    return { paired: failure.code !== "not_paired", app: "", model: null, port: 0, failure: failure.toRecord() };
  }
}

/**
 * @param {Welcome} welcome
 * @param {number} port
 * @returns {Status}
 */
function statusOf({ app, model }, port) {
  return { paired: true, app, model, port, failure: null };
}

/**
 * Try a pairing string and keep it, unless the app says that it does not know the key.
 *
 * @param {string} words what the user pasted
 * @returns {Promise<Status>}
 */
async function pair(words) {
  let tried;
  try {
    tried = await newClient(parsePairing(words));
  } catch {
    const known = await loadPairing();
    const failure = new Failure("bad_pairing").toRecord();
    return { paired: known !== null, app: "", model: null, port: 0, failure };
  }
  try {
    await tried.connect();
  } catch (error) {
    const failure = Failure.from(error);
    if (failure.code === "key_refused") {
      const known = await loadPairing();
      return { paired: known !== null, app: "", model: null, port: 0, failure: failure.toRecord() };
    }
  }
  tried.close();
  dropClient();
  await savePairing(words);
  return status();
}

/**
 * Store a check and show where it stands: on the image, and on the toolbar where the page lets nobody in.
 *
 * @param {Job} job
 * @param {string[]} copies
 */
async function tell(job, copies) {
  await saveJob(job);
  const card = cardOf(job);
  try {
    await chrome.action.setBadgeBackgroundColor({ tabId: job.tabId, color: COLOURS[card.tone] });
    await chrome.action.setBadgeTextColor({ tabId: job.tabId, color: "#ffffff" });
    await chrome.action.setBadgeText({ tabId: job.tabId, text: SIGNS[card.tone] });
    const target = { tabId: job.tabId, frameIds: [job.frameId] };
    await chrome.scripting.executeScript({ target, files: ["page-image.js", "badge.js"] });
    await chrome.scripting.executeScript({
      target,
      args: [{ url: job.srcUrl, copies, card }],
      func: (shown) => globalThis.noiselensBadges?.show(shown.url, shown.copies, shown.card),
    });
  } catch {
    // The tab is closed or closed to extensions: the popup has the answer.
  }
}

/**
 * @param {Job} job
 * @returns {Promise<ImageFacts | null>} null where the browser lets no extension into the page
 */
async function describe({ tabId, frameId, srcUrl }) {
  try {
    const [injection] = await chrome.scripting.executeScript({
      target: { tabId, frameIds: [frameId] },
      args: [srcUrl],
      func: (url) => globalThis.noiselensPage?.describe(url) ?? null,
    });
    return /** @type {ImageFacts | null} */ (injection?.result ?? null);
  } catch {
    return null;
  }
}

/**
 * @param {ArrayBuffer} digest
 * @returns {string}
 */
function hex(digest) {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
