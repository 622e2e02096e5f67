/** The popup: whether the app answers, and the last checks with what they said. */

/** @import { Job } from "../jobs.js" */

import { clearJobs, isOpen, listJobs } from "../jobs.js";
import { ask, byId, fillTexts } from "../page-text.js";
import { cardOf, failureSentence, percent, siteName, text } from "../wording.js";

fillTexts(document);
byId("options", HTMLButtonElement).addEventListener("click", () => chrome.runtime.openOptionsPage());
byId("pair", HTMLButtonElement).addEventListener("click", () => chrome.runtime.openOptionsPage());
byId("clear", HTMLButtonElement).addEventListener("click", async () => {
  await clearJobs();
  await drawJobs();
});
chrome.storage.session.onChanged.addListener(drawJobs);
drawJobs();
drawStatus();

async function drawStatus() {
  const { app, model, failure } = await ask({ type: "status" });
  byId("status-dot", HTMLElement).dataset.state = failure ? "bad" : "good";
  byId("status-line", HTMLElement).textContent = failure ? failureSentence(failure) : text("popup_connected", app);
  const modelLine = byId("status-model", HTMLElement);
  modelLine.hidden = failure !== null;
  modelLine.textContent = model === null ? text("popup_model_loading") : text("verdict_model", model);
  const mustPair = failure?.code === "not_paired" || failure?.code === "key_refused";
  byId("pair", HTMLButtonElement).hidden = !mustPair;
}

async function drawJobs() {
  const jobs = await listJobs();
  byId("empty", HTMLElement).hidden = jobs.length > 0;
  byId("foot", HTMLElement).hidden = !jobs.some((job) => !isOpen(job));
  byId("jobs", HTMLUListElement).replaceChildren(...jobs.map(drawJob));
}

/**
 * @param {Job} job
 * @returns {HTMLLIElement}
 */
function drawJob(job) {
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
  if (card.probability === null) body.append(make("p", "", card.summary));
  else body.append(bar(card.probability), list(card.reasons));
  if (job.failure) body.append(remedy(job));

  const second = make("div", "second");
  second.append(make("span", "name", job.name || text("popup_unnamed")));
  if (card.probability !== null) second.append(make("span", "", text("popup_percent_label")));

  item.append(picture, head, second, body);
  return item;
}

/**
 * Return the button that a failed check offers.
 *
 * @param {Job} job
 * @returns {HTMLButtonElement}
 */
function remedy(job) {
  const button = document.createElement("button");
  button.type = "button";
  if (job.failure?.code === "needs_permission") {
    const site = job.failure.detail;
    button.textContent = text("popup_allow", siteName(site));
    // The background takes the check up again once the permission is there; this popup may be gone by then.
    button.addEventListener("click", () => chrome.permissions.request({ origins: [site] }));
  } else {
    button.textContent = text("popup_retry");
    button.addEventListener("click", async () => {
      await ask({ type: "retry", id: job.id });
      await drawStatus();
    });
  }
  return button;
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
