/**
 * The checks of this browser session, newest first. They live in storage.session: in memory, gone with the browser,
 * and still there when the background worker was stopped in the middle of one.
 *
 * @import { FailureRecord } from "./failures.js"
 * @import { Verdict } from "./protocol.js"
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {"fetching" | "asking" | "done" | "failed"} state
 * @property {number} tabId
 * @property {number} frameId
 * @property {string} visit to the page in its tab, by which the toolbar knows it; "" for what the toolbar says nothing of
 * @property {string[]} pageUrls
 * @property {boolean} scan found by the page scan, not asked for: its failures stay off the page
 * @property {boolean} incognito
 * @property {string} srcUrl the address on screen; of a very long one storage has a stand-in, `storedAddress`; "" where none is kept
 * @property {boolean} largerCopy whether another, larger copy than the one on screen was judged
 * @property {string} name
 * @property {string} sha256 of the bytes sent, "" before
 * @property {string} thumbnail small data: address, "" when there is none
 * @property {number} startedAt milliseconds since 1970
 * @property {Verdict | null} verdict
 * @property {FailureRecord | null} failure
 * @property {"" | "real" | "generated"} label what the user says the image is
 */

const PREFIX = "job:"; // a key for each: a write is as large as one check, and no two writes meet
const MAX_JOBS = 200;
const MAX_STORED_URL_CHARS = 20_000; // storage.session holds 10 MB, a data: address may be larger alone

/**
 * Return what stands for an address in storage: itself, or the length and hash by which its page finds it again.
 *
 * @param {string} srcUrl
 * @returns {Promise<string>}
 */
export async function storedAddress(srcUrl) {
  if (srcUrl.length <= MAX_STORED_URL_CHARS) return srcUrl;
  return `cut:${srcUrl.length}:${await hexDigest(new TextEncoder().encode(srcUrl))}`;
}

/**
 * @param {string} stored
 * @returns {number} the length of the address that `stored` stands for, 0 when it is the address
 */
export function cutLength(stored) {
  return stored.startsWith("cut:") ? Number(stored.split(":")[1]) : 0;
}

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {Promise<string>} 64 hex digits
 */
export async function hexDigest(content) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {Promise<Job[]>} newest first */
export async function listJobs() {
  const stored = await chrome.storage.session.get(null);
  const jobs = Object.keys(stored).filter((key) => key.startsWith(PREFIX)).map((key) => /** @type {Job} */ (stored[key]));
  return jobs.sort((a, b) => b.startedAt - a.startedAt);
}

/**
 * @param {Job} job
 * @returns {boolean}
 */
export function isOpen(job) {
  return job.state === "fetching" || job.state === "asking";
}

/**
 * @param {Job} job
 * @returns {Promise<void>}
 */
export function saveJob(job) {
  return saveJobs([job]);
}

/**
 * @param {Job[]} jobs
 * @returns {Promise<void>}
 */
export async function saveJobs(jobs) {
  const stored = jobs.map(async (job) => [PREFIX + job.id, await storedJob(job)]);
  await chrome.storage.session.set(Object.fromEntries(await Promise.all(stored)));
  const old = (await listJobs()).slice(MAX_JOBS).filter((known) => !isOpen(known));
  if (old.length > 0) await remove(old);
}

/**
 * @param {Job} job
 * @returns {Promise<Job>} what storage keeps of it: of a picture in a private window that was not to be checked, nothing that names it
 */
async function storedJob(job) {
  if (job.failure?.code === "private_window") return { ...job, name: "", srcUrl: "", pageUrls: [], sha256: "" };
  return { ...job, srcUrl: await storedAddress(job.srcUrl) };
}

/** @returns {Promise<void>} */
export async function clearJobs() {
  await remove((await listJobs()).filter((job) => !isOpen(job)));
}

/**
 * @param {Job[]} jobs
 * @returns {Promise<void>}
 */
function remove(jobs) {
  return chrome.storage.session.remove(jobs.map(({ id }) => PREFIX + id));
}
