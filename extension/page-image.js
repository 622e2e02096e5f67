/**
 * Content script, isolated world: finds the pictures of a page (images, posters, backgrounds), says which copies of one
 * the page names and reads a copy's own bytes with the page's own rights. Never a canvas: its pixels are not the image.
 */

(() => {
  if (globalThis.noiselensPage) return;

  const IMAGE_NAME = /\.(png|jpe?g|webp|gif|bmp|avif)$/i;
  const LARGER_ATTRIBUTES = ["data-full", "data-large", "data-original", "data-zoom-image", "data-src", "data-lazy-src"];
  const LAZY_SETS = ["data-srcset", "data-lazy-srcset"];
  const DIRECT = "img, video[poster], input[type=image], image";

  const POLICIES = ["no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
    "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url"]; // prettier-ignore
  /** What a `<meta>` may say as well, from before there were the words above. @type {Record<string, string>} */
  const OLD_POLICIES = { never: "no-referrer", default: "", always: "unsafe-url", "origin-when-crossorigin": "origin-when-cross-origin" };

  // Scripts come after the click that lets them in; the pointer's element is by then still the one that was clicked.
  let underPointer = hovered(document);
  let lastTarget = underPointer;
  addEventListener(
    "contextmenu",
    (event) => {
      const [first] = event.composedPath();
      lastTarget = first instanceof Element ? first : null;
    },
    { capture: true, passive: true },
  );
  addEventListener(
    "pointerover",
    (event) => {
      const [first] = event.composedPath();
      underPointer = first instanceof Element ? first : null;
    },
    { capture: true, passive: true },
  );

  /**
   * Return the address of the picture that an element itself shows, "" when it shows none.
   *
   * @param {Element} element
   * @returns {string}
   */
  function shownBy(element) {
    if (element instanceof HTMLImageElement) return element.currentSrc || absolute(element.src);
    if (element instanceof HTMLVideoElement) return absolute(element.poster);
    if (element instanceof HTMLInputElement) return element.type === "image" ? absolute(element.src) : "";
    if (element instanceof SVGImageElement) return absolute(element.href.baseVal);
    if (!(element instanceof HTMLElement)) return "";
    const [, url = ""] = /url\("((?:[^"\\]|\\.)*)"\)/.exec(getComputedStyle(element).backgroundImage) ?? [];
    return url ? absolute(url.replaceAll(/\\(.)/g, "$1")) : "";
  }

  /**
   * @param {string} address
   * @returns {string}
   */
  function absolute(address) {
    return address !== "" && URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI).href : "";
  }

  /**
   * @param {Document | ShadowRoot} root
   * @param {string} selector
   * @returns {Element[]} open shadow roots included
   */
  function elementsIn(root, selector) {
    const inner = [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) =>
      shadowRoot ? elementsIn(shadowRoot, selector) : [],
    );
    return [...root.querySelectorAll(selector), ...inner];
  }

  /**
   * The picture last right-clicked if it shows `url`, else the one that shows it with the largest visible area.
   *
   * @param {string} url
   * @returns {Element | null}
   */
  function find(url) {
    /** @param {Element} element */
    const shows = (element) =>
      shownBy(element) === url ||
      (element instanceof HTMLImageElement && element.src === url) ||
      (element instanceof HTMLVideoElement && (element.currentSrc === url || element.src === url));
    if (lastTarget?.isConnected && shows(lastTarget)) return lastTarget;
    let showing = elementsIn(document, DIRECT).filter(shows);
    if (showing.length === 0) showing = elementsIn(document, "body, body *, :host *").filter(shows);
    return showing.sort((a, b) => visibleArea(b) - visibleArea(a))[0] ?? null;
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
   * Return the page's pictures, visible ones first, then the largest; none narrower or lower than `least`, none twice.
   *
   * @param {number} least CSS pixels
   * @returns {string[]}
   */
  function list(least) {
    /** @type {Map<string, [number, number]>} */
    const found = new Map();
    for (const element of elementsIn(document, "*")) {
      const { width, height } = element.getBoundingClientRect();
      if (width < least || height < least || isSmall(element, least)) continue;
      const url = shownBy(element);
      if (!url || url.startsWith("data:image/svg") || /\.svg$/i.test(new URL(url).pathname)) continue;
      /** @type {[number, number]} */
      const rank = [visibleArea(element) > 0 ? 1 : 0, width * height];
      const known = found.get(url);
      if (!known || rank[0] > known[0] || (rank[0] === known[0] && rank[1] > known[1])) found.set(url, rank);
    }
    return [...found].sort(([, a], [, b]) => b[0] - a[0] || b[1] - a[1]).map(([url]) => url);
  }

  /**
   * @param {number} length
   * @returns {string[]} the addresses of this length that the page's pictures have
   */
  function addressesOf(length) {
    return [...new Set(elementsIn(document, "*").map(shownBy))].filter((url) => url.length === length);
  }

  /**
   * @param {Element} element
   * @param {number} least
   */
  function isSmall(element, least) {
    return (
      element instanceof HTMLImageElement &&
      element.complete &&
      (element.naturalWidth < least || element.naturalHeight < least)
    );
  }

  /**
   * Return the innermost element under the pointer, open shadow roots included.
   *
   * @param {Document | ShadowRoot} root
   * @returns {Element | null}
   */
  function hovered(root) {
    const last = [...root.querySelectorAll(":hover")].at(-1) ?? null;
    return (last?.shadowRoot && hovered(last.shadowRoot)) ?? last;
  }

  /**
   * @param {Element} element
   * @returns {Element | null} what it stands in, its shadow root's host included
   */
  function outer(element) {
    const root = element.getRootNode();
    return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
  }

  /**
   * Return the picture that an element shows, holds, lies upon or stands in, "" for none.
   *
   * @param {Element | null} start
   * @returns {string}
   */
  function pictureAt(start) {
    for (let element = start; element && element !== document.body; element = outer(element)) {
      const url = shownBy(element) || (element === start && shownBy(covered(element) ?? element));
      if (url) return url;
    }
    return "";
  }

  /**
   * Return the picture that fills at least half of an element, in it or beneath it: sites lay veils over theirs.
   *
   * @param {Element} element
   * @returns {Element | undefined}
   */
  function covered(element) {
    const box = element.getBoundingClientRect();
    const root = element.getRootNode();
    if (!(root instanceof Document || root instanceof ShadowRoot)) return undefined;
    const beneath = root.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return [...element.querySelectorAll(DIRECT), ...beneath].find((other) => {
      const { left, right, top, bottom } = other.getBoundingClientRect();
      const width = Math.min(box.right, right) - Math.max(box.left, left);
      const height = Math.min(box.bottom, bottom) - Math.max(box.top, top);
      return other !== document.body && shownBy(other) && Math.min(width, height) > 0 && 2 * width * height >= box.width * box.height;
    });
  }

  /** @returns {string} the picture where the menu was opened, "" for none */
  function clicked() {
    return pictureAt(lastTarget);
  }

  /**
   * Return the picture under the pointer (rank 2), else the focused one (1), else the largest in view (0), "" for none.
   *
   * @returns {{ url: string, rank: number }}
   */
  function pointed() {
    const starts = /** @type {const} */ ([[underPointer, 2], [hovered(document), 2], [document.activeElement, 1]]);
    for (const [start, rank] of starts) {
      const url = pictureAt(start);
      if (url) return { url, rank };
    }
    return { url: list(1)[0] ?? "", rank: 0 };
  }

  /**
   * @param {Element} element
   * @returns {string} the copies of its background, written as a srcset
   */
  function backgroundSet(element) {
    const { backgroundImage } = getComputedStyle(element);
    if (!backgroundImage.includes("image-set(")) return "";
    const copies = backgroundImage.matchAll(/url\("([^"\\]+)"\) ([\d.]+)(?:x|dppx)/g);
    return [...copies].map(([, address, density]) => `${address} ${density}x`).join(", ");
  }

  /**
   * @param {string} url
   * @returns {ImageFacts | null}
   */
  function describe(url) {
    const element = find(url);
    if (!element) return null;
    const image = element instanceof HTMLImageElement ? element : null;
    const picture = image?.parentElement instanceof HTMLPictureElement ? image.parentElement : null;
    const sources = [...(picture?.querySelectorAll("source") ?? [])];
    const link = element.closest("a[href]");
    const target = link instanceof HTMLAnchorElement && IMAGE_NAME.test(link.pathname) ? [link.href] : [];
    const lazySets = [element, ...sources].flatMap((part) => LAZY_SETS.map((name) => part.getAttribute(name) ?? ""));
    const named = LARGER_ATTRIBUTES.map((name) => absolute(element.getAttribute(name) ?? "")).filter(Boolean);
    const shown = shownBy(element);
    return {
      src: image?.src ?? shown,
      currentSrc: shown,
      sets: [
        ...sources.map(({ srcset, type }) => ({ srcset, type })),
        { srcset: image ? image.srcset : backgroundSet(element), type: "" },
      ],
      links: target,
      lazySets: lazySets.filter(Boolean),
      others: named,
      baseUrl: document.baseURI,
      origin: globalThis.origin,
      referrerPolicy: image?.referrerPolicy ?? "",
      linkPolicy: link instanceof HTMLAnchorElement ? (link.relList.contains("noreferrer") ? "no-referrer" : link.referrerPolicy) : "",
      width: image?.naturalWidth ?? 0,
      height: image?.naturalHeight ?? 0,
    };
  }

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
    // As the browser asks for images: sites choose the copy by it, and the cache keeps copies apart by it.
    const headers = { Accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8" };
    /** @type {Response} */
    let response;
    try {
      response = await fetch(url, { cache: "force-cache", headers, signal, referrerPolicy });
    } catch {
      try {
        // What is cached may be a copy without the headers that let scripts read it.
        response = await fetch(url, { cache: "reload", headers, signal, referrerPolicy });
      } catch {
        return { failure: signal.aborted ? "slow" : "blocked", detail: "" };
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
      return { failure: signal.aborted ? "slow" : "broke_off", detail: "" };
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

  globalThis.noiselensPage = { addressesOf, clicked, find, describe, list, pointed, read, referrer, shownBy, visibleArea, outer };
})();
