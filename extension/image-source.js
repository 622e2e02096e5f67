/**
 * From a right click to the image's own bytes: which copy to judge, whether it may be fetched, and how.
 *
 * @typedef {object} Place where in the browser the image stands
 * @property {number} tabId
 * @property {number} frameId
 * @property {string[]} pageUrls the addresses of the tab and of the frame
 * @property {string} srcUrl the address on screen
 *
 * @typedef {object} SourceImage
 * @property {Uint8Array<ArrayBuffer>} content the original bytes
 * @property {string} mime by the bytes themselves, whatever the site says
 * @property {string} name last part of the address, "" when it has none
 * @property {string} url the copy that was read
 * @property {number} width of the image on screen, natural, 0 when unknown
 * @property {number} height
 */

import { mayFetch } from "./addresses.js";
import { Failure } from "./failures.js";
import { imageSize } from "./image-header.js";
import { inPage } from "./in-page.js";
import { cleanName, MAX_IMAGE_BYTES } from "./protocol.js";
import { reachFromPage } from "./reach.js";
import { fetchFor, refererFor } from "./referrer.js";
import { siteOf } from "./settings.js";

const FETCH_TIMEOUT_MS = 30_000;
const IMAGE_ACCEPT = "image/avif,image/webp,image/apng,image/*,*/*;q=0.8"; // sites choose the copy by it
const MAX_LARGER_PIXELS = 64_000_000; // the app decodes no more; a larger copy would only be refused
const MAX_UNSURE = 3; // links and attributes are read to learn whether they are the same picture
const PLACEHOLDER_PX = 64;
const SHAPE_TOLERANCE = 0.02;
const JUDGED_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/avif", ""];

/**
 * Return the bytes of the largest sensible copy of the image, else of the copy on screen.
 *
 * @param {Place} place
 * @param {ImageFacts | null} facts null where the page cannot be asked
 * @returns {Promise<SourceImage>}
 * @throws {Failure}
 */
export async function readImage(place, facts) {
  const copies = facts ? copiesBySize(place.srcUrl, facts) : [place.srcUrl];
  const unsure = facts ? maybeLarger(facts) : [];
  let failure = new Failure("address_kind");
  for (const url of [...unsure, ...copies]) {
    try {
      const content = await readCopy(place, url, policyOf(url, facts));
      const mime = sniff(content);
      if (!mime) throw new Failure(looksLikeText(content) ? "web_page" : "not_an_image");
      if (facts && !copies.includes(url) && !isLargerCopy(imageSize(content), facts)) continue;
      return { content, mime, name: nameOf(url), url, width: facts?.width ?? 0, height: facts?.height ?? 0 };
    } catch (error) {
      failure = Failure.from(error); // the last copy is the one on screen: its failure is the one to tell
    }
  }
  // Only where the right to the site would help is it asked for.
  const shown = copies.at(-1) ?? "";
  throw failure.code === "needs_permission" ? await withoutRight(place, shown, policyOf(shown, facts)) : failure;
}

/**
 * @param {string} url of a copy
 * @param {ImageFacts | null} facts
 * @returns {ReferrerPolicy} its own, "" for the page's
 */
function policyOf(url, facts) {
  const isLinked = facts !== null && facts.links.includes(url) && url !== facts.currentSrc;
  return /** @type {ReferrerPolicy} */ ((isLinked ? facts.linkPolicy : facts?.referrerPolicy) ?? "");
}

/**
 * @param {Place} place
 * @param {string} url that neither the page nor the extension may read
 * @param {ReferrerPolicy} policy
 * @returns {Promise<Failure>} why
 */
async function withoutRight(place, url, policy) {
  const { hostname } = new URL(url);
  const reach = await reachFromPage(place, url, policy);
  if (reach === "blocked") return new Failure("blocked", hostname);
  if (reach === "slow") return new Failure("site_slow", hostname);
  return reach === "silent" ? new Failure("unreachable", hostname) : new Failure("needs_permission", siteOf(url));
}

/**
 * Return addresses that may be a larger copy, the likeliest first.
 *
 * @param {ImageFacts} facts
 * @returns {string[]}
 */
export function maybeLarger({ currentSrc, links, lazySets, others, baseUrl }) {
  const lazy = lazySets.map((srcset) => parseSrcset(srcset, baseUrl).sort((a, b) => b.size - a.size)[0]?.url ?? "");
  const named = new Set([...links, ...lazy, ...others]);
  return [...named].filter((url) => url !== "" && url !== currentSrc).slice(0, MAX_UNSURE);
}

/**
 * Whether what a link or an attribute names is the picture on screen, only larger: of its shape, whichever way up.
 * A placeholder on screen has no shape worth comparing.
 *
 * @param {{ width: number, height: number } | null} size as stored
 * @param {ImageFacts} facts
 * @returns {boolean}
 */
export function isLargerCopy(size, { width, height, sets, currentSrc, baseUrl }) {
  if (!size || width === 0 || height === 0) return false;
  if (Math.min(width, height) < PLACEHOLDER_PX) return Math.min(size.width, size.height) >= PLACEHOLDER_PX;
  const widths = sets.flatMap(({ srcset }) => parseSrcset(srcset, baseUrl)).filter(({ kind }) => kind === "w");
  const listed = widths.some(({ url }) => url === currentSrc) ? Math.max(...widths.map((copy) => copy.size)) : 0;
  const [long, short] = [Math.max(size.width, size.height), Math.min(size.width, size.height)];
  const shape = Math.max(width, height) / Math.min(width, height);
  const sameShape = Math.abs(long / short / shape - 1) <= SHAPE_TOLERANCE;
  return sameShape && size.width * size.height > Math.max(width, listed) * Math.max(height, (listed * height) / width);
}

/**
 * Return the addresses worth reading, best first, the one on screen last. Only the srcset that the browser chose from
 * counts: the other sources of a picture may show other crops.
 *
 * @param {string} srcUrl
 * @param {ImageFacts} facts
 * @returns {string[]}
 */
export function copiesBySize(srcUrl, facts) {
  const shown = facts.currentSrc || srcUrl;
  for (const set of facts.sets) {
    const { srcset, type } = set;
    const candidates = parseSrcset(srcset, facts.baseUrl);
    const isOwn = set === facts.sets.at(-1);
    if (isOwn && facts.src === shown && candidates.every(({ kind }) => kind === "x")) {
      candidates.push({ url: shown, kind: "x", size: 1 }); // beside densities the src attribute counts as well
    }
    const own = candidates.find(({ url }) => url === shown);
    if (!own || !JUDGED_TYPES.includes(type)) continue;
    const shape = facts.width > 0 ? facts.height / facts.width : 1;
    const [largest] = candidates
      .filter(({ kind, size }) => kind === own.kind && size > own.size)
      .filter(({ kind, size }) => kind !== "w" || size * size * shape <= MAX_LARGER_PIXELS)
      .sort((a, b) => b.size - a.size);
    return largest ? [largest.url, shown] : [shown];
  }
  return [shown];
}

/**
 * Read a srcset attribute. What is not understood is left out.
 *
 * @param {string} srcset
 * @param {string} baseUrl
 * @returns {{ url: string, kind: "w" | "x", size: number }[]}
 */
export function parseSrcset(srcset, baseUrl) {
  const found = [];
  // An address ends at white space; commas inside it are its own, commas at its end close the candidate.
  for (const [, address = "", descriptor = ""] of srcset.matchAll(/[\s,]*(\S*[^\s,])(?:,|\s+([^,]*))?/g)) {
    const match = /^([0-9.]+)([wx])$/.exec(descriptor.trim() || "1x");
    if (!match || !URL.canParse(address, baseUrl)) continue;
    const kind = /** @type {"w" | "x"} */ (match[2]);
    found.push({ url: new URL(address, baseUrl).href, kind, size: Number(match[1]) });
  }
  return found;
}

/**
 * Read one copy by the least right that reaches it: the address itself, the page's own fetch, then the extension's
 * where the user allowed the site.
 *
 * @param {Place} place
 * @param {string} url
 * @param {ReferrerPolicy} policy
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {Failure}
 */
async function readCopy(place, url, policy) {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
  if (protocol === "data:") return bounded(await bytesOf(url));
  if (!["http:", "https:", "blob:", "file:"].includes(protocol)) throw new Failure("address_kind", protocol);
  if (!mayFetch(place.pageUrls, url)) throw new Failure("private_address", hostname);

  const read = await inPage(
    place,
    async (...ask) => (await globalThis.noiselensReader?.read(...ask)) ?? null,
    url,
    MAX_IMAGE_BYTES,
    FETCH_TIMEOUT_MS,
    policy,
  );
  if (read && "dataUrl" in read) {
    if (!mayFetch(place.pageUrls, read.finalUrl)) throw new Failure("private_address", new URL(read.finalUrl).hostname);
    return bytesOf(read.dataUrl);
  }
  if (read?.failure === "too_big") throw tooBig();
  if (read?.failure === "site_refused") throw answerFailure(Number(read.detail), hostname);
  if (read?.failure === "empty") throw new Failure("empty");
  if (read?.failure === "slow") throw new Failure("site_slow", hostname);
  if (read?.failure === "broke_off") throw new Failure("broke_off", hostname);
  if (protocol !== "http:" && protocol !== "https:") throw new Failure(read ? "unreachable" : "page_closed", hostname);
  if (await chrome.permissions.contains({ origins: [siteOf(url)] })) return readHere(place, url, policy);
  throw new Failure("needs_permission", siteOf(url));
}

/**
 * Fetch with the extension's own rights, without cookies. A redirect is not followed: where it leads cannot be seen
 * before it was asked, and the extension may ask this machine, which no page may have it do.
 *
 * @param {Place} place
 * @param {string} url
 * @param {ReferrerPolicy} policy
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {Failure}
 */
async function readHere(place, url, policy) {
  const { hostname } = new URL(url);
  const page = await inPage(place, () => globalThis.noiselensReader?.referrer() ?? null);
  const referer = page ? refererFor({ ...page, policies: policy ? [policy] : page.policies }, url) : "";
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  /** @type {Response} */
  let response;
  try {
    response = await fetchFor(referer, url, { credentials: "omit", headers: { Accept: IMAGE_ACCEPT }, redirect: "manual", signal });
  } catch (error) {
    throw networkFailure(error, hostname);
  }
  if (response.type === "opaqueredirect") throw new Failure("redirected", hostname);
  if (!response.ok) throw answerFailure(response.status, hostname);
  const announced = Number(response.headers.get("content-length"));
  if (announced > MAX_IMAGE_BYTES) throw tooBig();
  const parts = [];
  let total = 0;
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      total += part.value.length;
      if (total > MAX_IMAGE_BYTES) break;
      parts.push(part.value);
    }
  } catch (error) {
    throw networkFailure(error, hostname, "broke_off");
  }
  await reader?.cancel();
  if (total > MAX_IMAGE_BYTES) throw tooBig();
  // Firefox takes what came of an older server's answer for all of it.
  if (total < announced && !response.headers.has("content-encoding")) throw new Failure("broke_off", hostname);
  return bounded(new Uint8Array(await new Blob(parts).arrayBuffer()));
}

/**
 * @param {string} dataUrl
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function bytesOf(dataUrl) {
  try {
    return new Uint8Array(await (await fetch(dataUrl)).arrayBuffer());
  } catch {
    throw new Failure("not_an_image");
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {Failure}
 */
function bounded(content) {
  if (content.length === 0) throw new Failure("empty");
  if (content.length > MAX_IMAGE_BYTES) throw tooBig();
  return content;
}

/**
 * @param {number} status of an answer without the image
 * @param {string} host
 * @returns {Failure}
 */
function answerFailure(status, host) {
  if (status === 404 || status === 410) return new Failure("image_gone", host);
  return status === 429 || status >= 500 ? new Failure("site_trouble", host) : new Failure("site_refused", host);
}

/**
 * @param {unknown} error of a fetch
 * @param {string} host
 * @param {"unreachable" | "broke_off"} [otherwise] what it is when the time has not run out
 * @returns {Failure}
 */
function networkFailure(error, host, otherwise = "unreachable") {
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  return new Failure(isLate ? "site_slow" : otherwise, host);
}

/** @returns {Failure} */
function tooBig() {
  return new Failure("too_big", MAX_IMAGE_BYTES / 2 ** 20);
}

/**
 * Return the type of an image that the app reads, by its first bytes; null for anything else.
 *
 * @param {Uint8Array} content
 * @returns {string | null}
 */
export function sniff(content) {
  const head = String.fromCharCode(...content.subarray(0, 64));
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return "image/webp";
  if (/^[\s\S]{4}ftyp/.test(head) && /avi[fs]/.test(head.slice(8))) return "image/avif";
  if (head.startsWith("BM") && content.length > 26) return "image/bmp";
  return null;
}

/**
 * @param {Uint8Array} content
 * @returns {boolean}
 */
function looksLikeText(content) {
  const head = new TextDecoder().decode(content.subarray(0, 512)).trimStart().toLowerCase();
  return /^(<!doctype html|<html|<head|<body|\{|\[)/.test(head);
}

/**
 * @param {string} url
 * @returns {string} "" when the address has none
 */
export function nameOf(url) {
  const { protocol, pathname } = new URL(url);
  if (!["http:", "https:", "file:"].includes(protocol)) return "";
  const last = pathname.split("/").at(-1) ?? "";
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // The name is shown as the address has it.
  }
  return cleanName(name);
}
