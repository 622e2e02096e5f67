/**
 * What the extension's own requests say of the page they are made for: what the page's rules let the browser say of it,
 * and never more than its origin. Sites that show their images on their own pages alone go by that.
 *
 * @typedef {object} Referrer
 * @property {string} origin of the page, "null" where it has none to tell
 * @property {string} policy what the image, the page or its site asks for, "" for the web's default
 */

/** Policies that tell an http site the origin of an https page as well. */
const EVEN_UNENCRYPTED = ["origin", "origin-when-cross-origin", "unsafe-url"];

let lastRule = 0;
/** Done once a worker: takes away the rules of one that was stopped. @type {Promise<void> | undefined} */
let cleared;

/**
 * Return the Referer of a request to `target`.
 *
 * @param {Referrer} referrer
 * @param {string} target
 * @returns {string} "" when nothing may be said
 */
export function refererFor({ origin, policy }, target) {
  if (!/^https?:/.test(origin) || policy === "no-referrer") return "";
  const isSame = new URL(target).origin === origin;
  if (policy === "same-origin" && !isSame) return "";
  const isDowngrade = origin.startsWith("https:") && target.startsWith("http:");
  return isDowngrade && !EVEN_UNENCRYPTED.includes(policy) ? "" : `${origin}/`;
}

/**
 * Fetch with this Referer. Scripts may not set the header themselves, so a rule of the browser's does, for requests of
 * this worker to this address alone.
 *
 * @param {string} referer "" for none
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<Response>} its headers have come; the rule is gone
 */
export async function fetchFor(referer, url, options) {
  if (referer === "") return fetch(url, options);
  cleared ??= chrome.declarativeNetRequest
    .getSessionRules()
    .then((rules) => chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: rules.map(({ id }) => id) }));
  await cleared;
  const id = ++lastRule;
  const addRules = [
    {
      id,
      action: { type: "modifyHeaders", requestHeaders: [{ header: "referer", operation: "set", value: referer }] },
      condition: { urlFilter: `|${url.replace(/#.*/, "")}|`, initiatorDomains: [location.hostname], resourceTypes: ["xmlhttprequest"] },
    },
  ];
  await chrome.declarativeNetRequest.updateSessionRules({ addRules: /** @type {chrome.declarativeNetRequest.Rule[]} */ (addRules) });
  try {
    return await fetch(url, options);
  } finally {
    await chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [id] });
  }
}
