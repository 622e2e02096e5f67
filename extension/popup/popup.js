/** The popup: whether the app answers, what can be done on this page, and the checks with what they said. */

/** @import { Job } from "../jobs.js" */

import { asksForPairing, Failure, isCommon } from "../failures.js";
import { clearJobs, isOpen, listJobs } from "../jobs.js";
import { helperIsHere, startApp } from "../native.js";
import { ask, byId, fillTexts, order } from "../page-text.js";
import { siteOf } from "../settings.js";
import { sitesOn } from "../sites.js";
import { cardOf, failureSentence, percent, siteName, text } from "../wording.js";

const AFTER_START = 5;
const pageState = byId("page-state", HTMLElement);
const siteSwitch = byId("site", HTMLInputElement);
const start = byId("start", HTMLButtonElement);
/** The tab this popup is about. @type {chrome.tabs.Tab | undefined} */
let tab;
let site = "";
/** What each card was drawn of: one that is the same stays as it is, with what a person has begun in it. @type {Map<string, HTMLLIElement>} */
let drawn = new Map();

fillTexts(document);
byId("options", HTMLButtonElement).addEventListener("click", () => chrome.runtime.openOptionsPage());
byId("pair", HTMLButtonElement).addEventListener("click", () => chrome.runtime.openOptionsPage());
byId("again", HTMLButtonElement).addEventListener("click", drawStatus);
byId("clear", HTMLButtonElement).addEventListener("click", async () => {
  await clearJobs();
  await drawJobs();
});
start.addEventListener("click", async () => {
  start.disabled = true;
  byId("status-line", HTMLElement).textContent = text("popup_starting");
  try {
    await startApp();
    // While it loads its detector, an app that has just come may be slow to answer.
    for (let tries = 0; tries < AFTER_START && !(await drawStatus()); tries++);
  } catch (error) {
    byId("status-line", HTMLElement).textContent = failureSentence(Failure.from(error).toRecord());
  }
  start.disabled = false;
});
byId("check-page", HTMLButtonElement).addEventListener("click", async () => {
  if (tab?.id === undefined) return;
  pageState.textContent = "";
  const words = await order({ type: "check_page", tabId: tab.id });
  const found = (await listJobs()).some((job) => job.tabId === tab?.id);
  pageState.textContent = words || (found ? "" : text("popup_no_images"));
});
siteSwitch.addEventListener("change", async () => {
  const on = siteSwitch.checked;
  // Firefox closes the popup while it asks: the worker starts the scan when the right is there.
  const told = order({ type: "set_site", site, on });
  if (on && !(await chrome.permissions.request({ origins: [site] }))) {
    siteSwitch.checked = false;
    await told;
    await order({ type: "set_site", site, on: false });
  }
});
chrome.storage.session.onChanged.addListener(drawJobs);
drawStatus();
drawPage();

/** What concerns the page under the popup; opened in a tab or window of its own it is about the page last used. */
async function drawPage() {
  const [under] = await chrome.tabs.query({ active: true, currentWindow: true });
  tab = under;
  if (under?.url?.startsWith(location.origin)) {
    const active = await chrome.tabs.query({ active: true, windowType: "normal" });
    [tab] = active.sort((a, b) => (b.lastAccessed ?? 0) - (a.lastAccessed ?? 0));
  }
  site = siteOf(tab?.url ?? "");
  byId("page", HTMLElement).hidden = site === "";
  byId("site-label", HTMLElement).textContent = text("popup_site", siteName(site));
  siteSwitch.checked = (await sitesOn()).includes(site);
  await drawJobs();
}

/** @returns {Promise<boolean>} whether the app answers */
async function drawStatus() {
  const { app, model, failure } = await ask({ type: "status" });
  byId("status-dot", HTMLElement).dataset.state = failure ? "bad" : "good";
  byId("status-line", HTMLElement).textContent = failure ? failureSentence(failure) : text("popup_connected", app);
  const modelLine = byId("status-model", HTMLElement);
  modelLine.hidden = failure !== null;
  modelLine.textContent = model === null ? text("popup_model_loading") : text("verdict_model", model);
  byId("pair", HTMLButtonElement).hidden = !asksForPairing(failure);
  byId("again", HTMLButtonElement).hidden = failure === null || failure.code === "not_paired" || failure.code === "key_refused";
  start.hidden = failure?.code !== "app_not_running" || !(await helperIsHere());
  return failure === null;
}

async function drawJobs() {
  const jobs = await listJobs();
  const isHere = (/** @type {Job} */ job) => job.tabId === tab?.id && job.pageUrls.some((url) => url === tab?.url);
  const [here, before] = [jobs.filter(isHere), jobs.filter((job) => !isHere(job))];
  byId("empty", HTMLElement).hidden = jobs.length > 0;
  byId("foot", HTMLElement).hidden = !jobs.some((job) => !isOpen(job));
  byId("here", HTMLElement).hidden = here.length === 0;
  byId("before", HTMLElement).hidden = before.length === 0;
  const focused = document.activeElement;
  const known = drawn;
  drawn = new Map();
  for (const [id, group] of /** @type {const} */ ([["page-jobs", here], ["jobs", before]])) {
    const cards = together(group).map((alike) => {
      const facts = JSON.stringify(alike);
      const card = known.get(facts) ?? drawCard(alike);
      drawn.set(facts, card);
      return card;
    });
    byId(id, HTMLUListElement).replaceChildren(...cards);
  }
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
}

/**
 * @param {Job[]} jobs
 * @returns {[Job, ...Job[]][]} each alone, but those together that one and the same thing kept from a verdict
 */
function together(jobs) {
  /** @type {Map<string, [Job, ...Job[]]>} */
  const cards = new Map();
  for (const job of jobs) {
    const key = isCommon(job.failure) ? (job.failure?.code ?? "") : job.id;
    const known = cards.get(key);
    if (known) known.push(job);
    else cards.set(key, [job]);
  }
  return [...cards.values()];
}

/**
 * @param {[Job, ...Job[]]} jobs one, or several that failed alike
 * @returns {HTMLLIElement}
 */
function drawCard(jobs) {
  const [job] = jobs;
  const card = cardOf(job);
  const item = document.createElement("li");
  item.dataset.tone = card.tone;

  const picture = document.createElement(job.thumbnail ? "img" : "span");
  picture.className = "picture";
  if (picture instanceof HTMLImageElement) Object.assign(picture, { src: job.thumbnail, alt: "" });

  const head = make("div", "head");
  head.append(make("span", "headline", card.headline));
  if (card.probability !== null) head.append(make("span", "percent", percent(card.probability)));

  const body = make("div", "body");
  if (card.probability === null) body.append(make("p", "", summaryOf(job, card.summary)));
  else body.append(bar(card.probability), list(card.reasons));
  if (job.failure && job.srcUrl) body.append(remedy(jobs)); // without an address there is nothing to try again
  if (job.verdict) {
    const deeds = make("div", "deeds");
    deeds.append(seeInApp(job), correction(job));
    body.append(deeds);
  }

  const second = make("div", "second");
  second.append(make("span", "name", jobs.length > 1 ? text("popup_count", jobs.length) : job.name || text("popup_unnamed")));
  if (card.probability !== null) second.append(make("span", "", text("popup_percent_label")));

  item.append(picture, head, second, body);
  return item;
}

/**
 * @param {Job} job
 * @param {string} summary
 * @returns {string} where the button that a page's badge sends to is at hand, its own words
 */
function summaryOf({ failure }, summary) {
  return failure?.code === "needs_permission" ? text("popup_needs_permission", siteName(failure.detail)) : summary;
}

/**
 * Return the button that failed checks offer.
 *
 * @param {[Job, ...Job[]]} jobs
 * @returns {HTMLButtonElement}
 */
function remedy(jobs) {
  const [job] = jobs;
  const button = document.createElement("button");
  button.type = "button";
  if (job.failure?.code === "needs_permission") {
    const origin = job.failure.detail;
    button.textContent = text("popup_allow", siteName(origin));
    // The background takes the check up again once the permission is there; this popup may be gone by then.
    button.addEventListener("click", () => chrome.permissions.request({ origins: [origin] }));
  } else {
    button.textContent = text("popup_retry");
    button.addEventListener("click", async () => {
      await ask({ type: "retry", ids: jobs.map(({ id }) => id) });
      await drawStatus();
    });
  }
  return button;
}

/**
 * Return the button that shows a judged image in the app.
 *
 * @param {Job} job
 * @returns {HTMLElement}
 */
function seeInApp({ id }) {
  const row = make("div", "see");
  const button = make("button", "link", text("open_in_app"));
  const said = make("p", "soft");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    said.textContent = "";
    said.textContent = await order({ type: "open", id });
  });
  row.append(button, said);
  return row;
}

/**
 * Let the user say what the image really is.
 *
 * @param {Job} job
 * @returns {HTMLElement}
 */
function correction({ id, label }) {
  const row = make("div", "correction");
  row.setAttribute("role", "status");
  if (label) {
    row.append(make("span", "soft", text(`label_said_${label}`)));
    return row;
  }
  const wrong = /** @type {HTMLButtonElement} */ (make("button", "link", text("label_ask")));
  wrong.addEventListener("click", () => {
    const choices = /** @type {const} */ (["real", "generated"]).map((answer) => {
      const choice = make("button", "", text(`label_${answer}`));
      choice.addEventListener("click", async () => {
        row.replaceChildren(make("span", "soft", await order({ type: "label", id, label: answer })));
      });
      return choice;
    });
    row.replaceChildren(...choices);
    choices[0]?.focus();
  });
  row.append(wrong);
  return row;
}

/**
 * @param {number} probability
 * @returns {HTMLElement}
 */
function bar(probability) {
  const track = make("div", "bar");
  const fill = document.createElement("span");
  fill.style.width = `${probability * 100}%`;
  track.append(fill);
  return track;
}

/**
 * @param {string[]} reasons
 * @returns {HTMLUListElement}
 */
function list(reasons) {
  const made = document.createElement("ul");
  made.append(...reasons.map((reason) => make("li", "", reason)));
  return made;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [words]
 * @returns {HTMLElement}
 */
function make(tag, className, words = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = words;
  return made;
}
