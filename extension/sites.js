/** Sites whose images are checked by themselves: the content scripts registered for them, and no others. */

import { loadSettings, saveSettings } from "./settings.js";

const SCRIPT_ID = "scan";
const MAX_ASKING_MS = 120_000; // for so long the browser's question may stay open
const FILES = ["page-image.js", "page-read.js", "badge-panel.js", "badge.js", "scan.js"];

/** Changes of the list wait for each other. */
let lastChange = Promise.resolve();

/**
 * Turn a site's page scan on or off. Without the right to the site it is only wished for: the browser is asking, the
 * popup may be gone by then, and a refusal is told to nobody.
 *
 * @param {string} site match pattern
 * @param {boolean} on
 * @returns {Promise<void>}
 */
export async function setSite(site, on) {
  if (on && !(await chrome.permissions.contains({ origins: [site] }))) {
    await chrome.storage.session.set({ wish: { site, at: Date.now() } });
    return;
  }
  await chrome.storage.session.remove("wish");
  const { sites } = await loadSettings();
  const others = sites.filter((known) => known !== site);
  await saveSettings({ sites: on ? [...others, site] : others });
  if (!on && !(chrome.runtime.getManifest().host_permissions ?? []).includes(site)) {
    await chrome.permissions.remove({ origins: [site] }).catch(() => {}); // not given for this site alone
  }
  await registerSites();
  if (on) await startScanIn(site);
}

/** @returns {Promise<string[]>} the sites that are on and for which the browser lets the extension in */
export async function sitesOn() {
  const { sites } = await loadSettings();
  const allowed = await Promise.all(sites.map((site) => chrome.permissions.contains({ origins: [site] })));
  return sites.filter((_, at) => allowed[at]);
}

/** Make the registered content scripts fit the list. @returns {Promise<void>} */
export function registerSites() {
  const register = async () => {
    const matches = await sitesOn();
    const [known] = await chrome.scripting.getRegisteredContentScripts({ ids: [SCRIPT_ID] });
    if (known) await chrome.scripting.unregisterContentScripts({ ids: [SCRIPT_ID] });
    if (matches.length === 0) return;
    await chrome.scripting.registerContentScripts([
      { id: SCRIPT_ID, js: FILES, matches, allFrames: true, matchOriginAsFallback: true, runAt: "document_idle" },
    ]);
  };
  lastChange = lastChange.catch(console.error).then(register); // one that failed holds none up
  return lastChange;
}

/** @param {string} site */
async function startScanIn(site) {
  for (const { id } of await chrome.tabs.query({ url: site })) {
    if (id === undefined) continue;
    // A tab that closes meanwhile needs nothing more.
    await chrome.scripting.executeScript({ target: { tabId: id, allFrames: true }, files: FILES }).catch(() => {});
  }
}

/** After a permission was given: start what waited for it. @param {string[]} origins */
export async function siteAllowed(origins) {
  const stored = await chrome.storage.session.get("wish");
  const wish = /** @type {{ site: string, at: number } | undefined} */ (stored.wish);
  if (wish && origins.includes(wish.site) && Date.now() - wish.at < MAX_ASKING_MS) await setSite(wish.site, true);
  const { sites } = await loadSettings();
  await registerSites();
  for (const site of sites) if (origins.includes(site)) await startScanIn(site);
}
