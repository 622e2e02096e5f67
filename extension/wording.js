/**
 * What a check looks like to a person, in words: the same card on the image and in the popup.
 *
 * @import { Job } from "./jobs.js"
 * @import { FailureRecord } from "./failures.js"
 *
 * @typedef {object} Card
 * @property {"working" | "real" | "uncertain" | "generated" | "failure"} tone
 * @property {string} headline
 * @property {string} summary one sentence: the probability in words, or what went wrong
 * @property {number | null} probability
 * @property {string[]} reasons
 * @property {string[]} footer what judged what, empty when there is no verdict
 * @property {string} id of the check
 * @property {number[][]} crops [left, top, side, probability] of the places looked at
 * @property {number} width of the judged image, 0 before
 * @property {number} height
 * @property {boolean} quiet shown by the page scan: the sign alone
 * @property {{ ask: string, real: string, generated: string, said: string }} wrong words to correct the verdict with
 * @property {string} places what the overlay shows, for those who do not see it
 * @property {string} open label of the button that shows the image in the app
 * @property {string} dismiss label of the button that takes the badge away
 * @property {string} gone what to do when the extension has forgotten the check
 * @property {string} trouble what to do when the worker fails
 */

const TONES = /** @type {const} */ ({ likely_real: "real", uncertain: "uncertain", likely_generated: "generated" });

/**
 * @param {string} key
 * @param {...(string | number)} values
 * @returns {string}
 */
export function text(key, ...values) {
  return chrome.i18n.getMessage(key, values.map(String));
}

/**
 * @param {FailureRecord} failure
 * @returns {string} one sentence that says what to do
 */
export function failureSentence({ code, detail, why }) {
  if (code === "refused") return appSentence(detail, why ?? null);
  return text(`failure_${code}`, code === "needs_permission" ? siteName(detail) : detail);
}

/**
 * Say what the app says in the browser's language.
 *
 * @param {string} sentence the app's own words, which stand for a code that is not known here
 * @param {import("./protocol.js").Why | null} why
 * @returns {string}
 */
export function appSentence(sentence, why) {
  if (!why) return sentence;
  const [code, ...values] = why;
  const written = values.map((value) => (/^\d+(\.\d+)?$/.test(value) ? Number(value).toLocaleString(text("language")) : value));
  return text(`said_${code}`, ...written) || sentence;
}

/**
 * @param {string} pattern a match pattern of one site
 * @returns {string}
 */
export function siteName(pattern) {
  return pattern.replace(/^.*:\/\//, "").replace("/*", "");
}

/**
 * @param {number} probability in [0, 1], four decimals
 * @returns {string} all its digits, in percent, as the language of the texts writes a number
 */
export function percent(probability) {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `${(probability * 100).toLocaleString(text("language"), digits)} %`;
}

/**
 * @param {Job} job
 * @returns {Card}
 */
export function cardOf(job) {
  const said = job.label === "" ? "" : text(`label_said_${job.label}`);
  const card = {
    id: job.id,
    probability: null,
    reasons: [],
    footer: [],
    crops: [],
    width: 0,
    height: 0,
    quiet: job.scan,
    wrong: { ask: text("label_ask"), real: text("label_real"), generated: text("label_generated"), said },
    places: text("badge_places"),
    open: text("open_in_app"),
    dismiss: text("badge_dismiss"),
    gone: text("check_gone"),
    trouble: text("failure_internal"),
  };
  if (job.state === "failed") {
    const summary = failureSentence(job.failure ?? { code: "internal", detail: "" });
    return { ...card, tone: "failure", headline: text("headline_failure"), summary };
  }
  if (!job.verdict) {
    const summary = text(job.state === "fetching" ? "stage_fetching" : "stage_judging");
    return { ...card, tone: "working", headline: text("headline_working"), summary };
  }
  const { band, probability, reasons, why, model, width, height, crops } = job.verdict;
  const larger = job.largerCopy ? [text("note_larger_copy")] : [];
  return {
    ...card,
    tone: TONES[band],
    headline: text(`band_${band}`),
    summary: text("verdict_probability", percent(probability)),
    probability,
    crops: crops ?? [],
    width,
    height,
    reasons: [...reasons.map((reason, at) => appSentence(reason, why[at] ?? null)), ...larger],
    footer: [text("verdict_model", model), text("verdict_size", width, height)],
  };
}
