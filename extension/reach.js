/**
 * Why a page's own fetch of an image failed. Browsers tell scripts one error for everything, so what else gets through
 * from the same page tells the causes apart.
 *
 * @typedef {"answers" | "policy" | "blocked" | "slow" | "silent"} Reach
 *   answers: the site answers but lets no script read this image; policy: the page's own rules stop its scripts;
 *   blocked: something in the browser stops it; slow: no answer in time; silent: the site cannot be reached, or, in Firefox,
 *   is blocked as a whole, which that browser tells no script apart
 */

import { inPage } from "./in-page.js";

const PROBE_TIMEOUT_MS = 5000;
const VIOLATION_MS = 500; // a busy browser tells of what a policy stopped after it has stopped it

/**
 * @param {import("./image-source.js").Place} place
 * @param {string} url http or https
 * @param {ReferrerPolicy} policy
 * @returns {Promise<Reach | null>} null where the browser lets no extension into the page
 */
export function reachFromPage(place, url, policy) {
  return inPage(place, probe, url, policy, PROBE_TIMEOUT_MS, VIOLATION_MS);
}

/**
 * Runs in the page's isolated world, where nothing of this file is known.
 *
 * @param {string} url
 * @param {ReferrerPolicy} referrerPolicy
 * @param {number} timeout_ms
 * @param {number} violation_ms how long a word of the page's policy may take
 * @returns {Promise<Reach>}
 */
async function probe(url, referrerPolicy, timeout_ms, violation_ms) {
  if (location.protocol === "https:" && url.startsWith("http:")) return "policy"; // mixed content: never asked for
  const over = new AbortController();
  const forbidden = new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", () => resolve(true), { signal: over.signal });
  });
  /** @param {string} address */
  const ask = async (address) => {
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(timeout_ms)]);
    try {
      await fetch(address, { mode: "no-cors", cache: "no-store", referrerPolicy, signal });
      return "answers";
    } catch (error) {
      return error instanceof DOMException && error.name === "TimeoutError" ? "slow" : "silent";
    } finally {
      enough.abort(); // whether it answers is all that was asked
    }
  };
  /** Whether an image of this address is folded up, as Chromium's kin do with what a blocker stops, and with that alone. */
  const isFolded = async () => {
    const host = document.createElement("div");
    Object.assign(host.style, { all: "initial", position: "fixed", visibility: "hidden" });
    const image = document.createElement("img");
    Object.assign(image.style, { all: "initial", display: "block", width: "20px", height: "20px" });
    image.referrerPolicy = referrerPolicy;
    host.attachShadow({ mode: "closed" }).append(image);
    document.documentElement.append(host);
    try {
      await new Promise((resolve) => {
        image.addEventListener("error", resolve);
        image.addEventListener("load", resolve);
        setTimeout(resolve, timeout_ms);
        image.src = url;
      });
      return image.getBoundingClientRect().width === 0;
    } finally {
      host.remove();
    }
  };
  try {
    const found = await ask(url);
    if (found !== "silent") return found;
    const allowed = new Promise((resolve) => setTimeout(resolve, violation_ms, false));
    if (await Promise.race([forbidden, allowed])) return "policy";
    if (await isFolded()) return "blocked";
    return (await ask(new URL("/favicon.ico", url).href)) === "answers" ? "blocked" : "silent";
  } finally {
    over.abort();
  }
}
