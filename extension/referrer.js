/**
 * What the extension's own requests say of the page they are made for: what the page's rules let the browser say of it,
 * and never more than its origin. Sites that show their images on their own pages alone go by that.
 *
 * @typedef {object} Referrer
 * @property {string} origin of the page, "null" where it has none to tell
 * @property {string[] | null} policies what the page or its site asks for, "" for the web's default; all of them have to
 *   allow it, for of several only the browser knows which is in force. Null where it cannot be known.
 */

/** Policies that tell an http site the origin of an https page as well. */
const EVEN_UNENCRYPTED = ["origin", "origin-when-cross-origin", "unsafe-url"];

let lastRule = 0;
/** Done once a worker: takes away the rules of one that was stopped. @type {Promise<void> | undefined} */
let cleared;
/** Requests wait for each other's headers here, a line for each address: its rule would be there for all of them. */
const lines = /** @type {Map<string, Promise<unknown>>} */ (new Map());

/**
 * Return the Referer of a request to `target`.
 *
 * @param {Referrer} referrer
 * @param {string} target
 * @returns {string} "" when nothing may be said
 */
export function refererFor({ origin, policies }, target) {
  if (!/^https?:/.test(origin) || !policies) return "";
  return policies.every((policy) => tells(policy, origin, target)) ? `${origin}/` : "";
}

/**
 * @param {string} policy
 * @param {string} origin
 * @param {string} target
 * @returns {boolean} whether the policy lets this target learn of the origin
 */
function tells(policy, origin, target) {
  if (policy === "no-referrer") return false;
  if (policy === "same-origin" && new URL(target).origin !== origin) return false;
  const isDowngrade = origin.startsWith("https:") && target.startsWith("http:");
  return !isDowngrade || EVEN_UNENCRYPTED.includes(policy);
}

/**
 * Fetch with this Referer and no other.
 *
 * @param {string} referer "" for none
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<Response>} its headers have come
 */
export async function fetchFor(referer, url, options) {
  const address = url.replace(/#.*/, "");
  const response = (lines.get(address) ?? Promise.resolve()).then(() => fetchNow(referer, address, options));
  const line = response.then(() => {}, () => {}); // prettier-ignore
  lines.set(address, line);
  try {
    return await response;
  } finally {
    if (lines.get(address) === line) lines.delete(address);
  }
}

/**
 * Scripts may not set the header themselves, so a rule of the browser's does, for requests of this extension to this
 * address alone.
 *
 * @param {string} referer "" for none
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<Response>} its headers have come; the rule is gone
 */
async function fetchNow(referer, url, options) {
  cleared ??= chrome.declarativeNetRequest
    .getSessionRules()
    .then((rules) => chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: rules.map(({ id }) => id) }));
  await cleared;
  // In a rule a star stands for anything: it would speak to other addresses as well.
  if (referer === "" || url.includes("*")) return fetch(url, options);
  const id = ++lastRule;
  const condition = { urlFilter: `|${url}|`, isUrlFilterCaseSensitive: true, initiatorDomains: [location.hostname], resourceTypes: ["xmlhttprequest"] };
  const requestHeaders = [{ header: "referer", operation: "set", value: referer }];
  const addRules = [{ id, action: { type: "modifyHeaders", requestHeaders }, condition }];
  await chrome.declarativeNetRequest.updateSessionRules({ addRules: /** @type {chrome.declarativeNetRequest.Rule[]} */ (addRules) });
  try {
    return await fetch(url, options);
  } finally {
    await chrome.declarativeNetRequest.updateSessionRules({ removeRuleIds: [id] });
  }
}
