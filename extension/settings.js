/** What the user has chosen beyond the pairing; all of it off until it is turned on. */

/**
 * @typedef {object} Settings
 * @property {boolean} privateWindows whether images in private windows are checked
 * @property {boolean} pageAddresses whether the app is told in which page an image stands; never of private windows
 * @property {string[]} sites match patterns of sites checked by themselves
 */

/** @returns {Promise<Settings>} */
export async function loadSettings() {
  const stored = await chrome.storage.local.get(["privateWindows", "pageAddresses", "sites"]);
  return {
    privateWindows: stored.privateWindows === true,
    pageAddresses: stored.pageAddresses === true,
    sites: Array.isArray(stored.sites) ? stored.sites : [],
  };
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
