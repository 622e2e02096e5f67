/**
 * Content script of the sites the user turned on: has pictures checked as they come into view, the largest first.
 * Looks for pictures in idle time, and again wherever one may have come; shows nothing but verdicts.
 */

(() => {
  const page = globalThis.noiselensPage;
  const badges = globalThis.noiselensBadges;
  if (globalThis.noiselensScan || !page || !badges) return;
  globalThis.noiselensScan = true;

  const LEAST_PX = 128;
  const MAX_WAITING = 64;
  const AT_ONCE = 2;
  const PAUSE_MS = 30_000;
  const MAX_PAUSE_MS = 600_000;
  const SWEEP_MS = 400;
  const IDLE_TIMEOUT_MS = 2000;
  const AT_LEAST = 200; // elements looked at in a go, however busy the page
  const IN_VIEW = 1e9; // more than any area
  /** Attributes by which an element comes to show another picture, itself or in what it holds. */
  const SHOWING_ATTRIBUTES = ["class", "style", "src", "srcset", "poster", "href"];

  /** Pictures near the window. @type {Set<Element>} */
  const near = new Set();
  /** Addresses that wait for their turn, the largest area seen of each; in view counts for more. @type {Map<string, number>} */
  const waiting = new Map();
  /** Every address asked for, with the answer once it is there. @type {Map<string, any>} */
  const asked = new Map();
  /** What has changed and was not looked through since. @type {Set<Node>} */
  const changed = new Set();
  /** Elements that may show a picture by now. @type {Set<Element>} */
  const unseen = new Set();
  /** The document and its open shadow roots. @type {Set<Document | ShadowRoot>} */
  const roots = new Set();
  /** The answer each element was given a badge for; the badge may have been taken away. @type {WeakMap<Element, unknown>} */
  const shown = new WeakMap();
  let busy = 0;
  let pause_ms = PAUSE_MS;
  let halted = false;
  let sweeping = false;
  let looking = false;

  const sights = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) near.add(target);
        else near.delete(target);
        // A picture that comes late is there at no size at first.
        if (isIntersecting) sizes.observe(target);
        else sizes.unobserve(target);
      }
      work();
    },
    { rootMargin: "50%" },
  );
  const sizes = new ResizeObserver(sweep);

  const changes = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") changed.add(target);
      for (const node of addedNodes) changed.add(node instanceof HTMLStyleElement ? document : node);
    }
    sweep();
  });

  // A picture that comes makes itself known here wherever it stands, in a shadow root attached late and in any style.
  const arrivals = new PerformanceObserver((list) => {
    const kinds = list.getEntries().map((entry) => /** @type {PerformanceResourceTiming} */ (entry).initiatorType);
    if (kinds.includes("css")) changed.add(document);
    if (kinds.some((kind) => kind === "css" || kind === "img" || kind === "image")) sweep();
  });

  /** Look soon at what has changed. */
  function sweep() {
    if (sweeping) return;
    sweeping = true;
    setTimeout(() => {
      sweeping = false;
      for (const root of [...roots]) {
        if (root.isConnected) enterShadows(root);
        else roots.delete(root); // with all that is in it; it is found again where it comes back
      }
      for (const node of changed) {
        if (node instanceof Element) unseen.add(node);
        if (node instanceof Element || node instanceof Document || node instanceof ShadowRoot) {
          for (const element of node.querySelectorAll("*")) unseen.add(element);
        }
      }
      changed.clear();
      lookSoon();
    }, SWEEP_MS);
  }

  /** Let `look` go on, once, whoever asks for it. */
  function lookSoon() {
    if (looking) return;
    looking = true;
    requestIdleCallback(look, { timeout: IDLE_TIMEOUT_MS });
  }

  /**
   * Look for pictures while the browser has nothing else to do.
   *
   * @param {IdleDeadline} idle
   */
  function look(idle) {
    looking = false;
    let left = AT_LEAST;
    for (const element of unseen) {
      if (left-- <= 0 && idle.timeRemaining() < 1) {
        lookSoon();
        return;
      }
      unseen.delete(element);
      if (page?.shownBy(element)) sights.observe(element);
    }
    work();
  }

  /** @param {Document | ShadowRoot} root whose shadow roots are watched from now on, as it is itself */
  function enterShadows(root) {
    if (!roots.has(root)) {
      roots.add(root);
      changed.add(root);
      changes.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: SHOWING_ATTRIBUTES });
      root.addEventListener("load", loaded, { capture: true });
    }
    for (const { shadowRoot } of root.querySelectorAll("*")) {
      if (shadowRoot && !roots.has(shadowRoot)) enterShadows(shadowRoot);
    }
  }

  /** @param {Event} event */
  function loaded({ target }) {
    if (target instanceof HTMLLinkElement) changed.add(document);
    else if (target instanceof Element) changed.add(target);
    sweep();
  }

  /** Start what may start: visible before near, large before small. */
  function work() {
    for (const [url, rank] of waiting) waiting.set(url, rank % IN_VIEW); // what was in view may be no more
    for (const element of near) {
      const url = element.isConnected ? (page?.shownBy(element) ?? "") : "";
      const answer = asked.get(url);
      if (answer && shown.get(element) === answer) continue;
      shown.delete(element);
      if (!url || (asked.has(url) && !answer)) continue;
      const { width, height } = element.getBoundingClientRect();
      if (width < LEAST_PX || height < LEAST_PX || isUnfit(element, url)) continue;
      if (answer) show(element, answer);
      else {
        const rank = width * height + (page?.visibleArea(element) ? IN_VIEW : 0);
        waiting.set(url, Math.max(rank, waiting.get(url) ?? 0));
      }
    }
    const order = [...waiting].sort(([, a], [, b]) => b - a);
    for (const [url] of order.slice(MAX_WAITING)) waiting.delete(url); // found again when it comes nearer
    for (const [url] of order) {
      if (busy >= AT_ONCE || halted || document.hidden) return;
      if (waiting.delete(url)) check(url);
    }
  }

  /**
   * @param {Element} element
   * @param {string} url
   */
  function isUnfit(element, url) {
    if (url.startsWith("data:image/svg") || /\.svg([?#]|$)/i.test(url)) return true;
    if (!(element instanceof HTMLImageElement)) return false;
    return !element.complete || element.naturalWidth < LEAST_PX || element.naturalHeight < LEAST_PX;
  }

  /** @param {string} url */
  async function check(url) {
    busy += 1;
    asked.set(url, null);
    try {
      const answer = await chrome.runtime.sendMessage({ type: "scan", url });
      if (!answer || answer.halt) {
        asked.delete(url);
        halt();
      } else {
        pause_ms = PAUSE_MS;
        asked.set(url, answer);
      }
    } catch {
      asked.delete(url); // the worker was stopped, or the extension was updated
      halt();
    }
    busy -= 1;
    work();
  }

  /** Nothing more for a while: the app is away. */
  function halt() {
    if (halted) return;
    halted = true;
    setTimeout(() => {
      halted = false;
      work();
    }, pause_ms);
    pause_ms = Math.min(pause_ms * 2, MAX_PAUSE_MS);
  }

  /**
   * @param {Element} element
   * @param {any} answer
   */
  function show(element, answer) {
    shown.set(element, answer);
    if (answer.probability !== null) badges?.attach(element, [...answer.copies, page?.shownBy(element) ?? ""], answer);
  }

  enterShadows(document);
  arrivals.observe({ type: "resource" });
  document.addEventListener("visibilitychange", work);
  sweep();
})();
