/** Asking the content scripts of one frame. */

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
