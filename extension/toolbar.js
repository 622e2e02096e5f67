/**
 * What the toolbar's button says of a tab: what the checks of the page it shows have come to. Browsers take that back when
 * the tab goes on to another document, and with it the mark in the popup's address by which a check knows its own page.
 */

/** @import { Job } from "./jobs.js" */

import { listJobs } from "./jobs.js";
import { cardOf, text } from "./wording.js";

/** What tells most of a page comes first. */
const TONES = /** @type {const} */ (["working", "generated", "uncertain", "failure", "real"]);
const SIGNS = { working: "…", uncertain: "?", failure: "!", real: "✓" };
const COLOURS = { working: "#4a5568", generated: "#b3204d", uncertain: "#8f5b00", failure: "#4a5568", real: "#0b7a5c" };

/** One after another: what is drawn last is what is known last. */
let lastDrawn = Promise.resolve();

/**
 * Return the name of the visit to the document that a tab shows; from the first time on it is the same until the tab shows another.
 *
 * @param {number} tabId
 * @returns {Promise<string>} "" for what is no tab
 */
export async function visitIn(tabId) {
  try {
    const popup = await chrome.action.getPopup({ tabId });
    const visit = markOf(popup) || crypto.randomUUID();
    if (!markOf(popup)) await chrome.action.setPopup({ tabId, popup: `${popup}#${visit}` });
    return visit;
  } catch {
    return "";
  }
}

/**
 * @param {string} popup its address
 * @returns {string} the visit, "" for none
 */
function markOf(popup) {
  return popup.split("#")[1] ?? "";
}

/**
 * Say what the checks of a page have come to, if its tab still shows it.
 *
 * @param {Pick<Job, "tabId" | "visit">} page
 * @returns {Promise<void>}
 */
export function drawSign(page) {
  lastDrawn = lastDrawn.then(() => draw(page)).catch(() => {}); // a tab that has closed
  return lastDrawn;
}

/** @param {Pick<Job, "tabId" | "visit">} page */
async function draw({ tabId, visit }) {
  const cards = (await listJobs()).filter((job) => job.visit === visit && !job.scan).map(cardOf);
  const groups = TONES.map((tone) => cards.filter((card) => card.tone === tone)).filter(([first]) => first);
  const [worst] = groups.flat();
  if (!visit || !worst || markOf(await chrome.action.getPopup({ tabId })) !== visit) return;
  const counts = groups.map((alike) => `${alike[0]?.headline} (${alike.length})`);
  const words = cards.length > 1 ? counts.join(", ") : worst.headline;
  const sign = worst.tone === "generated" ? text("sign_generated") : SIGNS[worst.tone];
  await putSign(tabId, sign, `NoiseLens: ${words}`, COLOURS[worst.tone]);
}

/**
 * @param {number} tabId
 * @param {string} sign
 * @param {string} title
 * @param {string} [color]
 * @returns {Promise<void>}
 */
export async function putSign(tabId, sign, title, color = COLOURS.failure) {
  const button = [
    chrome.action.setBadgeBackgroundColor({ tabId, color }),
    chrome.action.setBadgeTextColor({ tabId, color: "#ffffff" }),
    chrome.action.setBadgeText({ tabId, text: sign }),
    chrome.action.setTitle({ tabId, title }),
  ];
  await Promise.all(button).catch(() => {}); // a tab that has closed
}
