/** Wires of the background worker: menu, keys, the questions of the extension's pages and of its content scripts. */

/**
 * @import { FailureRecord } from "./failures.js"
 * @import { Welcome } from "./protocol.js"
 *
 * @typedef {{ type: "status" }
 *   | { type: "pair", text: string }
 *   | { type: "forget" }
 *   | { type: "set_port", port: number | null }
 *   | { type: "retry", ids: string[] }
 *   | { type: "check_page", tabId: number }
 *   | { type: "set_site", site: string, on: boolean }
 *   | Label
 *   | Open} Question what the extension's own pages ask
 * @typedef {{ type: "label", id: string, label: "real" | "generated" }} Label the user's word on an image
 * @typedef {{ type: "open", id: string }} Open see an image in the app
 * @typedef {{ type: "scan" | "picked", url: string } | Label | Open} Report what the content scripts ask
 * @typedef {{ paired: boolean, app: string, model: string | null, port: number, failure: FailureRecord | null }} Status
 */

import { appClient, dropClient, newClient } from "./app-link.js";
import { again, checkPage, checkScanned, newJob, RESUME_ALARM, resume, runJob, runJobs } from "./checks.js";
import { Failure } from "./failures.js";
import { enter, inPage } from "./in-page.js";
import { isOpen, listJobs, saveJob } from "./jobs.js";
import { forgetPairing, loadPairing, lockStorage, rememberPort, saveOwnPort, savePairing } from "./pairing-store.js";
import { parsePairing } from "./protocol.js";
import { registerSites, setSite, siteAllowed, sitesOn } from "./sites.js";
import { siteOf } from "./settings.js";
import { putSign, visitIn } from "./toolbar.js";
import { failureSentence, text } from "./wording.js";

/** Smaller ones are buttons and signs, not what the menu was opened on. */
const LEAST_PICKED_PX = 48;
const CHOICE_MS = 130_000; // the picker's own patience, and what a busy page needs

chrome.runtime.onInstalled.addListener(async () => {
  await chrome.contextMenus.removeAll();
  // Links too: of a background or a veiled picture in one, browsers say no more. One entry for both, as two would be a menu of their own.
  chrome.contextMenus.create({ id: "check-image", title: text("menu_check"), contexts: ["image", "video", "link"] });
  chrome.contextMenus.create({ id: "check-here", title: text("menu_check_here"), contexts: ["page", "frame"] });
  chrome.contextMenus.create({ id: "check-page", title: text("menu_check_page"), contexts: ["page", "frame"] });
  await registerSites();
});
chrome.runtime.onStartup.addListener(registerSites);
chrome.contextMenus.onClicked.addListener((info, asked) =>
  follow(asked, (tab, tabId) => {
    if (info.menuItemId === "check-page") return checkPage(tab);
    if (info.srcUrl) return startCheck(tab, info.frameId ?? 0, info.srcUrl, [info.pageUrl, info.frameUrl]);
    // Browsers name no address that is too long for them, and a video that shows but its poster has none.
    return checkClicked(tab, tabId, info);
  }),
);
chrome.commands.onCommand.addListener((command, asked) =>
  follow(asked, (tab, tabId) => (command === "check-page" ? checkPage(tab) : checkPointed(tab, tabId))),
);
chrome.alarms.onAlarm.addListener(({ name }) => {
  if (name === RESUME_ALARM) resume();
});
chrome.permissions.onAdded.addListener(async ({ origins = [] }) => {
  await siteAllowed(origins);
  const missed = (await listJobs()).filter(({ failure }) => failure?.code === "needs_permission" && origins.includes(failure.detail));
  await runJobs(missed.map(again));
});
chrome.runtime.onMessage.addListener((message, sender, reply) => {
  if (sender.id !== chrome.runtime.id) return false;
  // A page's process may claim to be us: it gets what content scripts may ask, and no more.
  const ours = sender.url?.startsWith(chrome.runtime.getURL("")) ?? false;
  const answered = ours ? answer(message) : report(message, sender);
  answered.then(reply, (error) => {
    console.error(error);
    reply(null);
  });
  return true;
});
lockStorage();
resume();

/**
 * Do what a key or a menu asks of a tab; what stands in the way is told on the toolbar, as there may be nowhere else.
 *
 * @param {chrome.tabs.Tab | undefined} tab
 * @param {(tab: chrome.tabs.Tab, tabId: number) => Promise<unknown>} act
 */
async function follow(tab, act) {
  if (tab?.id === undefined) return;
  try {
    await act(tab, tab.id);
  } catch (error) {
    await putSign(tab.id, "!", `NoiseLens: ${told(error)}`);
  }
}

/**
 * @param {unknown} error
 * @returns {string} what to tell the user of it
 */
function told(error) {
  if (!(error instanceof Failure)) console.error(error);
  return failureSentence(Failure.from(error).toRecord());
}

/**
 * @param {chrome.tabs.Tab} tab
 * @param {number} frameId
 * @param {string} srcUrl
 * @param {(string | undefined)[]} pageUrls
 */
async function startCheck(tab, frameId, srcUrl, pageUrls) {
  const { id: tabId = -1, incognito } = tab;
  const place = { tabId, frameId, srcUrl, scan: false, incognito, visit: await visitIn(tabId) };
  return runJob(newJob(place, [...pageUrls, tab.url]));
}

/**
 * Check the picture under the pointer, for those who ask with a key. Every frame is asked: the pointer is in the
 * innermost one that says so; what is only large or focused is taken from the outermost.
 *
 * @param {chrome.tabs.Tab} tab
 * @param {number} tabId
 */
async function checkPointed(tab, tabId) {
  const target = { tabId, allFrames: true };
  await enter(target);
  const frames = await chrome.scripting.executeScript({
    target,
    func: () => ({ url: "", rank: 0, ...globalThis.noiselensPage?.pointed(), page: location.href }),
  });
  const found = frames.filter(({ result }) => result?.url);
  const rank = Math.max(...found.map(({ result }) => result?.rank ?? 0));
  const best = found.filter(({ result }) => result?.rank === rank).at(rank === 2 ? -1 : 0);
  if (best?.result) await startCheck(tab, best.frameId, best.result.url, [best.result.page]);
  else await putSign(tabId, "–", text("nothing_here"));
}

/**
 * Check the picture where the menu was opened: a background, one that lies under something else, one that the browser has
 * no address of. Where that place is not known and several pictures are in view, and where it shows none, as that of a menu
 * opened with a key, the user chooses the one that is meant.
 *
 * @param {chrome.tabs.Tab} tab
 * @param {number} tabId
 * @param {chrome.contextMenus.OnClickData & { targetElementId?: number }} info
 */
async function checkClicked(tab, tabId, { frameId = 0, targetElementId }) {
  const place = { tabId, frameId };
  const target = { tabId, frameIds: [frameId] };
  await enter(target);
  const found = await inPage(
    place,
    (/** @type {number | null} */ id, /** @type {number} */ least) => ({
      page: location.href,
      clicked: globalThis.noiselensPage?.clicked(id) ?? null,
      inView: globalThis.noiselensPage?.inView(least) ?? [],
    }),
    targetElementId ?? null,
    LEAST_PICKED_PX,
  );
  if (!found) return;
  const { clicked, inView } = found;
  if (!clicked && inView.length > (clicked === null ? 1 : 0)) {
    await chrome.storage.session.set({ [choiceIn(tabId, frameId)]: Date.now() + CHOICE_MS });
    await chrome.scripting.executeScript({ target, files: ["badge-panel.js", "picker.js"] });
    await inPage(place, (least) => globalThis.noiselensPicker?.pick(least), LEAST_PICKED_PX);
    return;
  }
  const url = clicked || inView[0];
  if (url) await startCheck(tab, frameId, url, [found.page]);
  else await putSign(tabId, "–", text("nothing_here"));
}

/**
 * @param {number} tabId
 * @param {number} frameId
 * @returns {string} the key under which storage holds until when a picture may be chosen there
 */
function choiceIn(tabId, frameId) {
  return `choice:${tabId}:${frameId}`;
}

/**
 * Check the picture that the user chose in a frame. A page's process may send such a message unasked: it is believed once,
 * where the menu was opened.
 *
 * @param {string} url
 * @param {chrome.runtime.MessageSender} sender
 */
async function checkPicked(url, { tab, frameId = 0, url: page }) {
  if (tab?.id === undefined) return;
  const key = choiceIn(tab.id, frameId);
  const { [key]: until } = await chrome.storage.session.get(key);
  await chrome.storage.session.remove(key);
  if (typeof until === "number" && Date.now() < until) await startCheck(tab, frameId, url, [page]);
}

/**
 * @param {Report} message
 * @param {chrome.runtime.MessageSender} sender
 * @returns {Promise<unknown>}
 */
async function report(message, sender) {
  if (message?.type === "label") return fileLabel(message, sender.tab?.id ?? -1);
  if (message?.type === "open") return openInApp(message, sender.tab?.id ?? -1);
  if ((message?.type !== "scan" && message?.type !== "picked") || typeof message.url !== "string") return null;
  if (message.type === "picked") return checkPicked(message.url, sender);
  // A frame of another site is checked where the user turned on the page it stands in.
  if (!(await sitesOn()).some((site) => site === siteOf(sender.url ?? "") || site === siteOf(sender.tab?.url ?? ""))) return null;
  return checkScanned(message.url, sender);
}

/**
 * @param {Label} label
 * @param {number | null} tabId the tab that may say so of its own images alone, null for the extension's pages
 * @returns {Promise<{ words: string }>} what to tell the user
 */
async function fileLabel({ id, label }, tabId) {
  const job = (await listJobs()).find((known) => known.id === id && (tabId === null || known.tabId === tabId));
  if (!job?.verdict) return { words: text("check_gone") };
  if (label !== "real" && label !== "generated") return { words: text("failure_internal") };
  try {
    await (await appClient()).label(job.sha256, label);
  } catch (error) {
    return { words: told(error) };
  }
  await saveJob({ ...job, label });
  return { words: text(`label_said_${label}`) };
}

/**
 * Bring the app to the front with an image. The app itself does so once in a while only, whoever asks.
 *
 * @param {Open} open
 * @param {number | null} tabId the tab that may ask for its own images alone, while the user looks at it
 * @returns {Promise<{ words: string }>} what to tell the user
 */
async function openInApp({ id }, tabId) {
  const job = (await listJobs()).find((known) => known.id === id && (tabId === null || known.tabId === tabId));
  if (!job?.verdict) return { words: text("check_gone") };
  if (tabId !== null && !(await chrome.tabs.get(tabId)).active) return { words: text("failure_internal") };
  try {
    await (await appClient()).open(job.sha256);
  } catch (error) {
    return { words: told(error) };
  }
  return { words: "" };
}

/**
 * @param {Question} question
 * @returns {Promise<Status | { words: string }>}
 */
async function answer(question) {
  switch (question.type) {
    case "pair":
      return pair(question.text);
    case "forget":
      dropClient();
      await forgetPairing();
      break;
    case "set_port":
      dropClient();
      await saveOwnPort(question.port);
      break;
    case "retry": {
      const ended = (await listJobs()).filter((job) => question.ids.includes(job.id) && !isOpen(job));
      runJobs(ended.map(again));
      break;
    }
    case "check_page":
      try {
        await checkPage(await chrome.tabs.get(question.tabId));
      } catch (error) {
        return { words: told(error) };
      }
      return { words: "" };
    case "set_site":
      await setSite(question.site, question.on);
      return { words: "" };
    case "label":
      return fileLabel(question, null);
    case "open":
      return openInApp(question, null);
  }
  return status();
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
