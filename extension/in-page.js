/** Asking the content scripts of a page. */

import { Failure } from "./failures.js";

/**
 * Let in the script that knows a page's pictures.
 *
 * @param {chrome.scripting.InjectionTarget} target
 * @returns {Promise<void>}
 * @throws {Failure} page_closed
 */
export async function enter(target) {
  try {
    await chrome.scripting.executeScript({ target, files: ["page-image.js"] });
  } catch {
    throw new Failure("page_closed");
  }
}

/**
 * @template {unknown[]} Arguments
 * @template Answer
 * @param {{ tabId: number, frameId: number }} place
 * @param {(...values: Arguments) => Answer | Promise<Answer>} func runs in the page's isolated world
 * @param {Arguments} values
 * @returns {Promise<Awaited<Answer> | null>} null where the browser lets no extension into the page
 */
export async function inPage({ tabId, frameId }, func, ...values) {
  try {
    const target = { tabId, frameIds: [frameId] };
    const [injection] = await chrome.scripting.executeScript({ target, args: values, func });
    return /** @type {Awaited<Answer> | null} */ (injection?.result ?? null);
  } catch {
    return null;
  }
}
