/**
 * Content script, isolated world: reads a copy of a picture, its own bytes, with the page's own rights, and says what the
 * page may tell of itself. Never a canvas: its pixels are not the image.
 */

(() => {
  if (globalThis.noiselensReader) return;

  const POLICIES = ["no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
    "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url"]; // prettier-ignore
  /** What a `<meta>` may say as well, from before there were the words above. @type {Record<string, string>} */
  const OLD_POLICIES = { never: "no-referrer", default: "", always: "unsafe-url", "origin-when-crossorigin": "origin-when-cross-origin" };

  /**
   * Return what this page may tell other sites of itself.
   *
   * @returns {Promise<import("./referrer.js").Referrer>}
   */
  async function referrer() {
    return { origin: globalThis.origin, policies: await policiesOf(window).catch(() => null) };
  }

  /**
   * Return the policies that a page asks for. The header is looked up where the browser still has the page, under the
   * address it came from; nothing is asked of the site.
   *
   * @param {Window} view
   * @returns {Promise<string[] | null>} null where they cannot be known
   */
  async function policiesOf(view) {
    const words = [...view.document.querySelectorAll("meta[name=referrer i]")].map((meta) => meta.getAttribute("content") ?? "");
    // What the browser does not know it may pass over; not knowing what was meant, nothing is said.
    const stated = words.filter(Boolean).map((word) => OLD_POLICIES[word.toLowerCase()] ?? policyIn([word], "no-referrer"));
    if (stated.length > 0) return stated;
    // A frame whose document its parent wrote goes by the parent's rules where it has none of its own.
    if (view.location.protocol === "about:") return view.parent === view ? null : policiesOf(view.parent);
    const [came] = view.performance.getEntriesByType("navigation");
    if (!came || !/^https?:/.test(came.name)) return null;
    const kept = await fetch(came.name, { cache: "only-if-cached", mode: "same-origin" }); // fails where it is not kept
    return kept.ok ? [policyIn((kept.headers.get("referrer-policy") ?? "").split(","), "")] : null;
  }

  /**
   * @param {string[]} words
   * @param {string} otherwise
   * @returns {string} what the browser goes by: the last that it knows
   */
  function policyIn(words, otherwise) {
    return words.map((word) => word.trim().toLowerCase()).findLast((word) => POLICIES.includes(word)) ?? otherwise;
  }

  /**
   * Fetch `url` as the page could, from the cache where it is there, up to `maxBytes`.
   *
   * @param {string} url
   * @param {number} maxBytes
   * @param {number} timeout_ms
   * @param {ReferrerPolicy} referrerPolicy the image's own, "" for the page's
   * @returns {Promise<PageRead>}
   */
  async function read(url, maxBytes, timeout_ms, referrerPolicy) {
    const signal = AbortSignal.timeout(timeout_ms);
    const kept = await readOnce(url, maxBytes, { cache: "force-cache", referrerPolicy, signal });
    // What is cached may be a copy without the headers that let scripts read it.
    const isBlocked = "failure" in kept && kept.failure === "blocked";
    return isBlocked ? readOnce(url, maxBytes, { cache: "reload", referrerPolicy, signal }) : kept;
  }

  /**
   * @param {string} url
   * @param {number} maxBytes
   * @param {{ cache: RequestCache, referrerPolicy: ReferrerPolicy, signal: AbortSignal }} options
   * @returns {Promise<PageRead>}
   */
  async function readOnce(url, maxBytes, options) {
    const { signal } = options;
    // As the browser asks for images: sites choose the copy by it, and the cache keeps copies apart by it.
    const headers = { Accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8" };
    /** @type {Response} */
    let response;
    try {
      response = await fetch(url, { ...options, headers });
    } catch {
      return { failure: signal.aborted ? "slow" : "blocked", detail: "" };
    }
    if (!response.ok) return { failure: "site_refused", detail: String(response.status) };
    const tooBig = /** @type {const} */ ({ failure: "too_big", detail: "" });
    const announced = Number(response.headers.get("content-length"));
    if (announced > maxBytes) return tooBig;
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    let total = 0;
    try {
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        total += part.value.length;
        if (total > maxBytes) {
          await reader?.cancel();
          return tooBig;
        }
        parts.push(part.value);
      }
    } catch {
      return { failure: signal.aborted ? "slow" : "broke_off", detail: "" };
    }
    if (total === 0) return { failure: "empty", detail: "" };
    // Firefox takes what came of an older server's answer for all of it. Of another site's the encoding is not told.
    const isPlain = response.type === "basic" && !response.headers.has("content-encoding");
    if (isPlain && total < announced) return { failure: "broke_off", detail: "" };
    return { dataUrl: await toDataUrl(new Blob(parts)), finalUrl: response.url };
  }

  /**
   * @param {Blob} blob
   * @returns {Promise<string>} results of injected scripts travel as JSON, so bytes travel as text
   */
  function toDataUrl(blob) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(/** @type {string} */ (reader.result));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(blob);
    });
  }

  globalThis.noiselensReader = { read, referrer };
})();
