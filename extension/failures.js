/**
 * Why there is no verdict, as one error class with a stable code; the sentences stand in _locales under `failure_CODE`.
 *
 * @typedef {"app_not_running" | "other_program" | "turned_away" | "no_answer" | "not_paired" | "key_refused" | "locked" | "app_full" | "versions"
 *   | "connection_lost" | "timed_out" | "refused" | "not_an_image" | "web_page" | "too_big" | "empty"
 *   | "private_address" | "needs_permission" | "site_refused" | "image_gone" | "site_trouble"
 *   | "site_slow" | "blocked" | "broke_off" | "redirected" | "unreachable" | "page_closed" | "left_page"
 *   | "address_kind" | "bad_pairing" | "internal"
 *   | "pairing_closed" | "pairing_busy" | "pairing_refused" | "no_helper" | "extension_too_old" | "app_too_old"
 *   | "private_window" | "too_small"} FailureCode
 *
 * @typedef {{ code: FailureCode, detail: string, why?: string[] }} FailureRecord a failure as it is stored and sent to the
 *   popup; why: the app's own sentence as a code
 */

/** @type {ReadonlySet<FailureCode>} */
const COMMON = new Set(["app_not_running", "other_program", "turned_away", "no_answer", "not_paired", "key_refused", "locked", "app_full", "versions",
  "app_too_old", "extension_too_old", "private_window", "connection_lost"]); // prettier-ignore

/**
 * @param {FailureRecord | null} failure
 * @returns {boolean} whether every further image would fail like this
 */
export function isCommon(failure) {
  return failure !== null && COMMON.has(failure.code);
}

/**
 * @param {FailureRecord | null} failure
 * @returns {boolean} whether pairing is what helps
 */
export function asksForPairing(failure) {
  return failure !== null && ["not_paired", "key_refused", "turned_away"].includes(failure.code);
}

/** A check that ended without a verdict; `detail` fills the one gap of its sentence (a port, a site, the app's text). */
export class Failure extends Error {
  name = "Failure";

  /**
   * @param {FailureCode} code
   * @param {string | number} [detail]
   * @param {import("./protocol.js").Why | null} [why] of the app's own sentence
   */
  constructor(code, detail = "", why = null) {
    super(`${code} ${detail}`.trim());
    this.code = code;
    this.detail = String(detail);
    this.why = why;
  }

  /**
   * Return `error` as a failure; what was not foreseen becomes `internal`.
   *
   * @param {unknown} error
   * @returns {Failure}
   */
  static from(error) {
    return error instanceof Failure ? error : new Failure("internal", error instanceof Error ? error.message : "");
  }

  /** @returns {FailureRecord} */
  toRecord() {
    const { code, detail, why } = this;
    return why ? { code, detail, why } : { code, detail };
  }
}
