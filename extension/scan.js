/**
 * Content script of the sites the user turned on: has pictures checked as they come into view, the largest first.
 * Works in idle time, never measures while the page scrolls, and shows nothing but verdicts.
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

  /** Pictures near the window, by element. @type {Map<Element, number>} */
  const near = new Map();
  /** Addresses that wait for their turn, with the largest area seen. @type {Map<string, number>} */
  const waiting = new Map();
  /** Every address asked for, with the answer once it is there. @type {Map<string, any>} */
  const asked = new Map();
  let busy = 0;
  let pause_ms = PAUSE_MS;
  let halted = false;
  let sweeping = false;

  const sights = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, boundingClientRect: box } of entries) {
        if (isIntersecting && box.width >= LEAST_PX && box.height >= LEAST_PX) near.set(target, box.width * box.height);
        else near.delete(target);
      }
      work();
    },
    { rootMargin: "50%" },
  );

  /** @type {WeakSet<Element>} */
  const watched = new WeakSet();

  /** Look for pictures that have come, in idle time. */
  function sweep() {
    if (sweeping) return;
    sweeping = true;
    setTimeout(() => {
      requestIdleCallback(
        () => {
          sweeping = false;
          watch(document);
          work();
        },
        { timeout: 2000 },
      );
    }, SWEEP_MS);
  }

  /** @param {Document | ShadowRoot} root */
  function watch(root) {
    for (const element of root.querySelectorAll("*")) {
      if (watched.has(element)) continue;
      watched.add(element);
      if (element.shadowRoot) {
        watch(element.shadowRoot);
        changes.observe(element.shadowRoot, { childList: true, subtree: true });
      }
      const direct = element.matches("img, video, input[type=image], image");
      if (direct || page?.shownBy(element)) sights.observe(element);
    }
  }

  /** Start what may start: visible before near, large before small. */
  function work() {
    for (const [element, area] of near) {
      if (!element.isConnected) {
        near.delete(element);
        continue;
      }
      const url = page?.shownBy(element) ?? "";
      if (!url || isUnfit(element, url)) continue;
      const answer = asked.get(url);
      if (answer) show(element, answer);
      else if (!asked.has(url)) waiting.set(url, area + (page?.visibleArea(element) ? 1e9 : 0));
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

  /** @type {WeakMap<Element, unknown>} */
  const shown = new WeakMap();

  /**
   * @param {Element} element
   * @param {any} answer
   */
  function show(element, answer) {
    if (shown.get(element) === answer) return;
    shown.set(element, answer);
    if (answer.probability !== null) badges?.attach(element, [...answer.copies, page?.shownBy(element) ?? ""], answer);
  }

  const changes = new MutationObserver(sweep);
  changes.observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("load", ({ target }) => target instanceof HTMLImageElement && sweep(), { capture: true });
  document.addEventListener("visibilitychange", work);
  sweep();
})();
