/**
 * Content script, isolated world: finds the pictures of a page (images, posters, backgrounds), says which one is meant and
 * which copies of it the page names.
 */

(() => {
  if (globalThis.noiselensPage) return;

  const IMAGE_NAME = /\.(png|jpe?g|webp|gif|bmp|avif)$/i;
  const LARGER_ATTRIBUTES = ["data-full", "data-large", "data-original", "data-zoom-image", "data-src", "data-lazy-src"];
  const LAZY_SETS = ["data-srcset", "data-lazy-srcset"];
  const DIRECT = "img, video[poster], input[type=image], image";

  let underPointer = hovered(document);
  /** Where the badge belongs if several elements show one picture. @type {Element | null} */
  let lastTarget = null;
  /** What the menu was opened on, until that was asked for. @type {Element | null} */
  let menuTarget = null;
  addEventListener(
    "contextmenu",
    (event) => {
      // Opened with a key it stands in a corner of the page, where nothing is meant; Chromium says that no button was pressed.
      const isKey = event instanceof PointerEvent && event.pointerType === "mouse" && event.button < 0;
      const first = isKey ? document.activeElement : event.composedPath()[0];
      lastTarget = menuTarget = first instanceof Element ? first : null;
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
    return ranked(least).map(({ url }) => url);
  }

  /**
   * @param {number} least CSS pixels
   * @returns {string[]} the pictures in the window
   */
  function inView(least) {
    return ranked(least).flatMap(({ url, isVisible }) => (isVisible ? [url] : []));
  }

  /**
   * @param {number} least CSS pixels
   * @returns {Element[]} what shows them, in the order of reading
   */
  function holders(least) {
    const places = ranked(least).map(({ element }) => ({ element, box: element.getBoundingClientRect() }));
    return places.sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left).map(({ element }) => element);
  }

  /**
   * @param {number} least CSS pixels
   * @returns {{ url: string, element: Element, isVisible: boolean, area: number }[]}
   */
  function ranked(least) {
    /** @type {Map<string, { url: string, element: Element, isVisible: boolean, area: number }>} */
    const found = new Map();
    for (const element of elementsIn(document, "*")) {
      const { width, height } = element.getBoundingClientRect();
      if (width < least || height < least || isSmall(element, least)) continue;
      const url = shownBy(element);
      if (!url || url.startsWith("data:image/svg") || /\.svg$/i.test(new URL(url).pathname)) continue;
      const one = { url, element, isVisible: visibleArea(element) > 0, area: width * height };
      const known = found.get(url);
      if (!known || before(one, known) < 0) found.set(url, one);
    }
    return [...found.values()].sort(before);
  }

  /**
   * @param {{ isVisible: boolean, area: number }} a
   * @param {{ isVisible: boolean, area: number }} b
   * @returns {number} below 0 where `a` comes first
   */
  function before(a, b) {
    return Number(b.isVisible) - Number(a.isVisible) || b.area - a.area;
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
   * Return what shows the picture that an element shows, holds, lies upon or stands in.
   *
   * @param {Element | null} start
   * @returns {Element | null}
   */
  function holderAt(start) {
    for (let element = start; element && element !== document.body; element = outer(element)) {
      if (shownBy(element)) return element;
      const beneath = element === start ? covered(element) : undefined;
      if (beneath) return beneath;
    }
    return null;
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

  /**
   * Return the picture where the menu was opened, "" for none, null where that place is not known: a script that comes with
   * the choice of an entry has seen no menu open, and the pointer is by now where the entry was.
   *
   * @param {number | null} targetId Firefox's own name for what the menu was opened on
   * @returns {string | null}
   */
  function clicked(targetId) {
    const target = targetId === null ? menuTarget : (globalThis.browser?.menus.getTargetElement(targetId) ?? null);
    menuTarget = null;
    return target?.isConnected ? take(holderAt(target)) : null;
  }

  /**
   * Return the picture that an element shows, "" for none; it is there that the badge belongs.
   *
   * @param {Element | null} element
   * @returns {string}
   */
  function take(element) {
    lastTarget = element;
    return element ? shownBy(element) : "";
  }

  /**
   * Return the picture under the pointer (rank 2), else the focused one (1), else the largest in view (0), "" for none.
   *
   * @returns {{ url: string, rank: number }}
   */
  function pointed() {
    const starts = /** @type {const} */ ([[underPointer, 2], [hovered(document), 2], [document.activeElement, 1]]);
    for (const [start, rank] of starts) {
      const holder = holderAt(start);
      if (holder) return { url: take(holder), rank };
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

  globalThis.noiselensPage = {
    addressesOf,
    clicked,
    find,
    describe,
    holderAt,
    holders,
    inView,
    list,
    pointed,
    shownBy,
    take,
    visibleArea,
    outer,
  };
})();
