/** What the user has chosen beyond the pairing; all of it off until it is turned on. */

/** @typedef {{ privateWindows: boolean, sites: string[] }} Settings sites: match patterns of sites checked by themselves */

/** @returns {Promise<Settings>} */
export async function loadSettings() {
  const { privateWindows, sites } = await chrome.storage.local.get(["privateWindows", "sites"]);
  return { privateWindows: privateWindows === true, sites: Array.isArray(sites) ? sites : [] };
}

/**
 * @param {Partial<Settings>} change
 * @returns {Promise<void>}
 */
export function saveSettings(change) {
  return chrome.storage.local.set(change);
}

/**
 * @param {string} url
 * @returns {string} the match pattern of the page's site, "" for pages that no extension may enter
 */
export function siteOf(url) {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
  return protocol === "http:" || protocol === "https:" ? `${protocol}//${hostname}/*` : "";
}
