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
 * @property {string[]} pageUrls
 * @property {string} srcUrl the address on screen; a very long data: address is not stored
 * @property {boolean} largerCopy whether another, larger copy than the one on screen was judged
 * @property {string} name
 * @property {string} sha256 of the bytes sent, "" before
 * @property {string} thumbnail small data: address, "" when there is none
 * @property {number} startedAt milliseconds since 1970
 * @property {Verdict | null} verdict
 * @property {FailureRecord | null} failure
 */

const KEY = "jobs";
const MAX_JOBS = 30;
const MAX_STORED_URL_CHARS = 20_000; // storage.session holds 10 MB, a data: address may be larger alone

/** Writes wait for each other: each reads, changes and stores the whole list. */
let lastWrite = Promise.resolve();

/** @returns {Promise<Job[]>} newest first */
export async function listJobs() {
  const stored = await chrome.storage.session.get(KEY);
  return /** @type {Job[]} */ (stored[KEY] ?? []);
}

/**
 * @param {Job} job
 * @returns {boolean}
 */
export function isOpen(job) {
  return job.state === "fetching" || job.state === "asking";
}

/**
 * Store a job, in its old place if it is known.
 *
 * @param {Job} job
 * @returns {Promise<void>}
 */
export function saveJob(job) {
  const srcUrl = job.srcUrl.length > MAX_STORED_URL_CHARS ? "" : job.srcUrl;
  return write((jobs) => {
    const at = jobs.findIndex(({ id }) => id === job.id);
    const stored = { ...job, srcUrl };
    return at < 0 ? [stored, ...jobs] : jobs.with(at, stored);
  });
}

/** @returns {Promise<void>} */
export function clearJobs() {
  return write((jobs) => jobs.filter(isOpen));
}

/**
 * @param {(jobs: Job[]) => Job[]} change
 * @returns {Promise<void>}
 */
function write(change) {
  lastWrite = lastWrite.then(async () => {
    await chrome.storage.session.set({ [KEY]: change(await listJobs()).slice(0, MAX_JOBS) });
  });
  return lastWrite;
}
