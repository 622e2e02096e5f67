/**
 * Content script, isolated world: finds the clicked image in the page, says which copies of it the page names and reads
 * one copy's own bytes with the page's own rights. Never a canvas: its pixels are not the image.
 */

(() => {
  if (globalThis.noiselensPage) return;

  /** @type {Element | null} */
  let lastTarget = null;
  addEventListener(
    "contextmenu",
    (event) => {
      const [first] = event.composedPath();
      lastTarget = first instanceof Element ? first : null;
    },
    { capture: true, passive: true },
  );

  /**
   * The image last right-clicked if it shows `url`, else the one that shows it with the largest visible area.
   *
   * @param {string} url
   * @returns {HTMLImageElement | null}
   */
  function find(url) {
    const showing = imagesIn(document).filter((image) => image.currentSrc === url || image.src === url);
    const clicked = showing.find((image) => image === lastTarget);
    return clicked ?? showing.sort((a, b) => visibleArea(b) - visibleArea(a))[0] ?? null;
  }

  /**
   * @param {Document | ShadowRoot} root
   * @returns {HTMLImageElement[]} open shadow roots included
   */
  function imagesIn(root) {
    const inner = [...root.querySelectorAll("*")].flatMap((node) => (node.shadowRoot ? imagesIn(node.shadowRoot) : []));
    return [...root.querySelectorAll("img"), ...inner];
  }

  /**
   * @param {Element} element
   * @returns {number} square CSS pixels inside the window
   */
  function visibleArea(element) {
    const box = element.getBoundingClientRect();
    const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
    const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    return Math.max(width, 0) * Math.max(height, 0);
  }

  /**
   * @param {string} url
   * @returns {ImageFacts | null}
   */
  function describe(url) {
    const image = find(url);
    if (!image) return null;
    const picture = image.parentElement instanceof HTMLPictureElement ? image.parentElement : null;
    const sources = [...(picture?.querySelectorAll("source") ?? [])];
    return {
      src: image.src,
      currentSrc: image.currentSrc,
      sets: [...sources.map(({ srcset, type }) => ({ srcset, type })), { srcset: image.srcset, type: "" }],
      baseUrl: document.baseURI,
      width: image.naturalWidth,
      height: image.naturalHeight,
    };
  }

  /**
   * Fetch `url` as the page could, from the cache where it is there, up to `maxBytes`.
   *
   * @param {string} url
   * @param {number} maxBytes
   * @param {number} timeout_ms
   * @returns {Promise<PageRead>}
   */
  async function read(url, maxBytes, timeout_ms) {
    const signal = AbortSignal.timeout(timeout_ms);
    // As the browser asks for images: sites choose the copy by it, and the cache keeps copies apart by it.
    const headers = { Accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8" };
    /** @type {Response} */
    let response;
    try {
      response = await fetch(url, { cache: "force-cache", headers, signal });
    } catch {
      try {
        // What is cached may be a copy without the headers that let scripts read it.
        response = await fetch(url, { cache: "reload", headers, signal });
      } catch {
        return { failure: "blocked", detail: "" };
      }
    }
    if (!response.ok) return { failure: "site_refused", detail: String(response.status) };
    const tooBig = /** @type {const} */ ({ failure: "too_big", detail: "" });
    if (Number(response.headers.get("content-length")) > maxBytes) return tooBig;
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
      return { failure: "blocked", detail: "" };
    }
    if (total === 0) return { failure: "empty", detail: "" };
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

  globalThis.noiselensPage = { find, describe, read };
})();
