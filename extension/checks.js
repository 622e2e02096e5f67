/** A check from its beginning to its end: read, asked, stored, shown; taken up again when a worker was stopped. */

/**
 * @import { Job } from "./jobs.js"
 * @import { Verdict } from "./protocol.js"
 */

import { appClient } from "./app-link.js";
import { Failure, isCommon } from "./failures.js";
import { imageSize } from "./image-header.js";
import { nameOf, readImage } from "./image-source.js";
import { enter, inPage } from "./in-page.js";
import { cutLength, hexDigest, isOpen, listJobs, saveJob, saveJobs, storedAddress } from "./jobs.js";
import { cleanPage } from "./protocol.js";
import { loadSettings } from "./settings.js";
import { drawThumbnail } from "./thumbnail.js";
import { drawSign, visitIn } from "./toolbar.js";
import { cardOf } from "./wording.js";

export const RESUME_ALARM = "resume";
export const MAX_PAGE_IMAGES = 64;
export const LEAST_PX = 128;
const AT_ONCE = 3;

/** The checks this worker is busy with; the others in storage were left behind by one that was stopped. */
const running = new Map();

/**
 * @param {Pick<Job, "tabId" | "frameId" | "srcUrl" | "scan" | "incognito" | "visit">} place
 * @param {(string | undefined)[]} pageUrls
 * @returns {Job}
 */
export function newJob(place, pageUrls) {
  return {
    id: crypto.randomUUID(),
    state: "fetching",
    pageUrls: pageUrls.flatMap((url) => (url ? [url] : [])),
    largerCopy: false,
    name: "",
    sha256: "",
    thumbnail: "",
    startedAt: Date.now(),
    verdict: null,
    failure: null,
    label: "",
    ...place,
  };
}

/**
 * Check one picture that a content script of the page scan names; what was checked on that page before is not again.
 *
 * @param {string} srcUrl
 * @param {chrome.runtime.MessageSender} sender
 * @returns {Promise<import("./wording.js").Card & { copies: string[], halt: boolean }>}
 */
export async function checkScanned(srcUrl, { tab, frameId = 0, url }) {
  const tabId = tab?.id ?? -1;
  const stored = await storedAddress(srcUrl);
  const known = (await listJobs()).find((job) => job.tabId === tabId && job.srcUrl === stored && job.state === "done");
  const place = { tabId, frameId, srcUrl, scan: true, incognito: tab?.incognito ?? false, visit: "" };
  const job = known ?? newJob(place, [tab?.url, url]);
  const copies = known ? [srcUrl] : await runJob(job);
  return { ...cardOf(job), copies, halt: isCommon(job.failure) };
}

/**
 * Check the pictures of a page, those in view first, then the largest.
 *
 * @param {chrome.tabs.Tab} tab
 * @returns {Promise<void>}
 * @throws {Failure} page_closed
 */
export async function checkPage(tab) {
  const tabId = tab.id ?? -1;
  const target = { tabId, allFrames: true };
  await enter(target);
  const found = await chrome.scripting.executeScript({
    target,
    args: [LEAST_PX],
    func: (least) => ({ urls: globalThis.noiselensPage?.list(least) ?? [], page: location.href }),
  });
  const done = new Set((await listJobs()).filter((job) => job.tabId === tabId && job.state !== "failed").map((job) => job.srcUrl));
  const visit = await visitIn(tabId);
  /** @type {Job[]} */
  const jobs = [];
  for (const { frameId, result } of found) {
    for (const srcUrl of result?.urls ?? []) {
      const stored = await storedAddress(srcUrl);
      if (done.has(stored) || jobs.length >= MAX_PAGE_IMAGES) continue;
      done.add(stored);
      jobs.push(newJob({ tabId, frameId, srcUrl, scan: false, incognito: tab.incognito, visit }, [tab.url, result?.page]));
    }
  }
  await runJobs(jobs);
}

/**
 * See many checks to their end, a few at once. They are stored before their turn, so that they outlive this worker. What
 * would keep all of them from a verdict, as an app that is away, is said once on the page, by the first.
 *
 * @param {Job[]} jobs
 * @returns {Promise<void>}
 */
export async function runJobs(jobs) {
  for (const job of jobs) running.set(job.id, job);
  const { privateWindows } = await loadSettings();
  await saveJobs(jobs.filter((job) => privateWindows || !job.incognito));
  let waiting = [...jobs];
  /** @type {Set<string>} */
  const told = new Set();
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      await runJob(job, told);
      if (!isCommon(job.failure)) continue;
      const { incognito, failure } = job;
      const alike = waiting.filter((next) => next.incognito === incognito);
      waiting = waiting.filter((next) => next.incognito !== incognito);
      await saveJobs(alike.map((next) => ({ ...next, state: "failed", failure })));
      for (const { id } of alike) running.delete(id);
    }
  };
  if (waiting.length > 1 && !(await allCanBegin())) await work();
  else await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const job of new Map(jobs.map((one) => [one.visit, one])).values()) await drawSign(job);
}

/** @returns {Promise<boolean>} whether there is an app to ask */
async function allCanBegin() {
  try {
    await (await appClient()).connect();
    return true;
  } catch {
    return false;
  }
}

/** Take up the checks that a stopped worker left behind. The app judges the same bytes once, however often asked. */
export async function resume() {
  const open = (await listJobs()).filter(isOpen);
  if (open.length === 0) await chrome.alarms.clear(RESUME_ALARM);
  const left = open.filter(({ id }) => !running.has(id)).reverse(); // the oldest first
  await runJobs(left.map((job) => ({ ...job, state: "fetching" })));
}

/**
 * @param {Job} job that failed
 * @returns {Job}
 */
export function again(job) {
  return { ...job, state: "fetching", failure: null, scan: false }; // by now a person asks for it
}

/**
 * See one check to its end; every end is stored and shown.
 *
 * @param {Job} job
 * @param {Set<string>} [told] what would keep every image from a verdict and was said already, page by page
 * @returns {Promise<string[]>} the addresses under which the page shows this picture
 */
export async function runJob(job, told = new Set()) {
  running.set(job.id, job);
  chrome.alarms.create(RESUME_ALARM, { periodInMinutes: 0.5 });
  let copies = [job.srcUrl];
  try {
    const { privateWindows, pageAddresses } = await loadSettings();
    if (job.incognito && !privateWindows) throw new Failure("private_window"); // before anything of it is stored
    if (URL.canParse(job.srcUrl)) job.name = nameOf(job.srcUrl);
    await tell(job, copies);
    job.srcUrl = await fullAddress(job);
    copies = [job.srcUrl];
    if (await hasLeft(job)) throw new Failure("left_page");
    const page = pageAddresses && !job.incognito ? cleanPage(job.pageUrls[0] ?? "") : "";
    const app = await appClient();
    const welcome = await app.connect();
    const facts = await describe(job);
    if (facts?.currentSrc) copies.push(facts.currentSrc);
    // A frame whose document has no address of its own is as far away as its origin.
    const pageUrls = job.pageUrls.map((url) => (url.startsWith("about:") ? (facts?.origin ?? url) : url));
    const source = await readImage({ ...job, pageUrls }, facts);
    const size = imageSize(source.content);
    if (job.scan && size && Math.min(size.width, size.height) < LEAST_PX) throw new Failure("too_small", LEAST_PX);
    copies = [...copies, source.url];
    job.largerCopy = source.url !== job.srcUrl && source.url !== facts?.currentSrc;
    job.name = source.name;
    job.sha256 = await hexDigest(source.content);
    job.state = "asking";
    await tell(job, copies);
    const twin = await judgedBefore(job, welcome.model);
    const { content, mime, name, width, height } = source;
    job.verdict = twin?.verdict ?? (await judge(job.id, { content, mime, name, width, height, page, sha256: job.sha256 }));
    job.thumbnail = twin?.thumbnail || (await drawThumbnail(content, mime, job.verdict));
    job.state = "done";
  } catch (error) {
    if (!(error instanceof Failure)) console.error(error);
    job.state = "failed";
    job.failure = Failure.from(error).toRecord();
  }
  const words = isCommon(job.failure) ? `${job.tabId} ${job.failure?.code}` : "";
  const wasTold = told.has(words);
  if (words) told.add(words);
  if (wasTold) await fallSilent(job);
  else await tell(job, copies);
  running.delete(job.id);
  return copies;
}

/**
 * @param {Job} job
 * @param {string | null} model
 * @returns {Promise<Job | undefined>} a check of the same bytes under the same model
 */
async function judgedBefore({ sha256 }, model) {
  const jobs = await listJobs();
  return jobs.find((job) => job.sha256 === sha256 && job.verdict !== null && job.verdict.model === model);
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
    return (await appClient()).judge(id, image, onStage);
  }
}

/**
 * Store a check and show where it stands: on the toolbar and, where the page lets the extension in, on the image.
 *
 * @param {Job} job
 * @param {string[]} copies
 */
async function tell(job, copies) {
  await saveJob(job);
  if (job.scan) return; // its content script shows the verdict, and nothing else
  await drawSign(job);
  try {
    const target = { tabId: job.tabId, frameIds: [job.frameId] };
    await chrome.scripting.executeScript({ target, files: ["page-image.js", "page-read.js", "badge-panel.js", "badge.js"] });
    await chrome.scripting.executeScript({
      target,
      args: [{ url: job.srcUrl, copies, card: cardOf(job) }],
      func: (shown) => void globalThis.noiselensBadges?.show(shown.url, shown.copies, shown.card),
    });
  } catch {
    // The tab is closed or closed to extensions: the popup has the answer.
  }
}

/**
 * Store a check whose failure another image of the page tells already.
 *
 * @param {Job} job
 */
async function fallSilent(job) {
  await saveJob(job);
  await inPage(job, (id) => globalThis.noiselensBadges?.take(id), job.id);
}

/**
 * @param {Job} job
 * @returns {Promise<ImageFacts | null>} null where the browser lets no extension into the page
 */
function describe(job) {
  return inPage(job, (url) => globalThis.noiselensPage?.describe(url) ?? null, job.srcUrl);
}

/**
 * Whether another site's page stands where the check was asked for. It would be the one to read the image, and the one
 * that the image's site is told of.
 *
 * @param {Job} job
 * @returns {Promise<boolean>}
 */
async function hasLeft(job) {
  const now = await inPage(job, () => [location.href, globalThis.origin]);
  const origins = job.pageUrls.map(originOf);
  return now !== null && !now.some((address) => origins.includes(originOf(address)));
}

/**
 * @param {string} url
 * @returns {string} "null" for addresses that have none of their own
 */
function originOf(url) {
  return URL.canParse(url) ? new URL(url).origin : "";
}

/**
 * Return the address on screen: where storage kept but a stand-in, the page is asked for it.
 *
 * @param {Job} job
 * @returns {Promise<string>}
 * @throws {Failure} left_page
 */
async function fullAddress(job) {
  const length = cutLength(job.srcUrl);
  if (length === 0) return job.srcUrl;
  const shown = await inPage(job, (chars) => globalThis.noiselensPage?.addressesOf(chars) ?? [], length);
  for (const address of shown ?? []) if ((await storedAddress(address)) === job.srcUrl) return address;
  throw new Failure("left_page");
}
