/**
 * Content script, isolated world: lets a person choose the picture that is meant, with the pointer or the keys, where no
 * browser tells what its menu was opened on. A pane over the page takes the pointer meanwhile, so that the page hears
 * nothing of it. The worker may be stopped long before a choice is made: it is told of it by a message, which wakes it.
 */

(() => {
  if (globalThis.noiselensPicker || !globalThis.noiselensPage || !globalThis.noiselensPanel) return;
  const page = globalThis.noiselensPage;
  const { DARK, LIGHT, element } = globalThis.noiselensPanel;

  const PATIENCE_MS = 120_000;
  const OUTLINE_PX = 3;
  /** @type {Record<string, number>} */
  const STEPS = { Tab: 1, ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /** Ends the choice that is under way. */
  let stop = () => {};

  /** @param {number} least CSS pixels */
  function pick(least) {
    stop();
    const { host, pane, frame, hint, place } = build(dark.matches ? DARK : LIGHT);
    const focused = document.activeElement;
    // A modal dialog leaves nothing to press outside it.
    ([...document.querySelectorAll("dialog:modal")].at(-1) ?? document.documentElement).append(host);
    pane.showPopover();
    pane.focus({ preventScroll: true });
    const over = new AbortController();
    const { signal } = over;
    stop = () => {
      clearTimeout(late);
      over.abort();
      host.remove();
      if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    };
    const late = setTimeout(stop, PATIENCE_MS);

    /** @type {Element | null} */
    let chosen = null;
    /** @param {Element | null} holder */
    const outline = (holder) => {
      chosen = holder;
      frame.style.display = holder ? "block" : "none";
      if (!holder) return;
      const { left, top, width, height } = holder.getBoundingClientRect();
      Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    };
    /** @param {number} step to the next picture or the one before; the first is one in view */
    const move = (step) => {
      const all = page.holders(least);
      const inView = all.filter((holder) => page.visibleArea(holder) > 0);
      const at = chosen ? all.indexOf(chosen) : -1;
      const next = at >= 0 ? all.at((at + step) % all.length) : (inView.at(step > 0 ? 0 : -1) ?? all[0]);
      if (!next) return;
      next.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      outline(next);
      const { top, bottom } = next.getBoundingClientRect();
      Object.assign(hint.style, top + bottom < innerHeight ? { top: "auto", bottom: "12px" } : { top: "12px", bottom: "auto" }); // off it
      const count = [all.indexOf(next) + 1, all.length].map(String);
      place.textContent = chrome.i18n.getMessage("pick_place", [...count, nameOf(next)]).trim();
      place.style.display = "block";
    };
    const end = () => {
      const url = page.take(chosen);
      stop();
      chrome.runtime.sendMessage({ type: "picked", url });
    };

    /** @param {MouseEvent} event */
    const under = ({ clientX, clientY }) => page.holderAt(innermost(document, clientX, clientY, host));
    for (const kind of ["pointerdown", "pointerup", "mousedown", "mouseup", "mousemove", "auxclick"]) {
      pane.addEventListener(kind, swallow, { signal });
    }
    pane.addEventListener(
      "pointermove",
      (event) => {
        if (!event.movementX && !event.movementY) return; // the page moved, by the keys
        place.style.display = "none";
        outline(under(event));
      },
      { signal },
    );
    pane.addEventListener("wheel", () => outline(null), { signal, passive: true }); // what is under the pointer moves
    for (const kind of ["scroll", "resize", "load"]) addEventListener(kind, () => outline(chosen), { signal, capture: true, passive: true });
    pane.addEventListener(
      "click",
      (event) => {
        swallow(event);
        if (!event.isTrusted) return;
        outline(under(event));
        if (chosen) end();
      },
      { signal },
    );
    pane.addEventListener(
      "contextmenu",
      (event) => {
        swallow(event);
        stop();
      },
      { signal },
    );
    addEventListener(
      "keydown",
      (event) => {
        const step = (STEPS[event.key] ?? 0) * (event.key === "Tab" && event.shiftKey ? -1 : 1);
        if (!event.isTrusted || event.ctrlKey || event.altKey || event.metaKey) return;
        if (step === 0 && event.key !== "Enter" && event.key !== "Escape") return;
        swallow(event);
        if (step !== 0) move(step);
        else if (event.key === "Escape") stop();
        else if (chosen) end();
      },
      { signal, capture: true },
    );
    document.addEventListener("visibilitychange", stop, { signal });
  }

  /**
   * @param {Colours} colours
   * @returns {Record<"host" | "pane" | "frame" | "hint" | "place", HTMLElement>}
   */
  function build(colours) {
    const host = document.createElement("div");
    const pane = element("div", {
      all: "initial",
      position: "fixed",
      inset: "0",
      width: "100vw",
      height: "100vh",
      cursor: "crosshair",
    });
    const frame = element("div", {
      all: "initial",
      position: "fixed",
      display: "none",
      boxSizing: "border-box",
      border: `${OUTLINE_PX}px solid #2b5bd7`,
      borderRadius: "6px",
      boxShadow: "0 0 0 1px #ffffff, 0 0 0 200vmax rgb(0 0 0 / .28)",
    });
    const hint = element("div", {
      all: "initial",
      position: "fixed",
      left: "50%",
      top: "12px",
      transform: "translateX(-50%)",
      width: "max-content", // not the half that is left of the middle
      maxWidth: "min(560px, calc(100vw - 32px))",
      boxSizing: "border-box",
      padding: "8px 14px",
      borderRadius: "10px",
      background: colours.surface,
      color: colours.ink,
      border: `1px solid ${colours.line}`,
      boxShadow: "0 2px 6px rgb(0 0 0 / .16), 0 12px 36px rgb(0 0 0 / .28)",
      font: "600 13px/1.4 system-ui, sans-serif",
      pointerEvents: "none",
    });
    const words = chrome.i18n.getMessage("pick_hint");
    const place = element("div", { all: "unset", display: "none", marginTop: "2px", fontWeight: "400", overflowWrap: "anywhere" });
    place.setAttribute("role", "status");
    hint.append(words, place);
    pane.setAttribute("role", "application"); // a screen reader leaves the keys to us
    pane.setAttribute("aria-label", words);
    pane.tabIndex = -1;
    pane.append(frame, hint);
    pane.popover = "manual"; // above what else the page has on top
    host.attachShadow({ mode: "closed" }).append(pane);
    return { host, pane, frame, hint, place };
  }

  /**
   * @param {Element} holder
   * @returns {string} what its page calls the picture, else the last part of its address, "" when it has none
   */
  function nameOf(holder) {
    const said = ["alt", "aria-label", "title"].map((name) => holder.getAttribute(name)?.trim()).find(Boolean);
    const { protocol, pathname } = new URL(page.shownBy(holder) || location.href);
    return (said ?? (/^https?:$/.test(protocol) ? (pathname.split("/").at(-1) ?? "") : "")).slice(0, 120);
  }

  /** @param {Event} event */
  function swallow(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /**
   * @param {Document | ShadowRoot} root
   * @param {number} x CSS pixels of the window
   * @param {number} y
   * @param {Element} except
   * @returns {Element | null} what is there, in open shadow roots too
   */
  function innermost(root, x, y, except) {
    const found = root.elementsFromPoint(x, y).find((one) => one !== except && one.getRootNode() === root) ?? null;
    return (found?.shadowRoot && innermost(found.shadowRoot, x, y, except)) ?? found;
  }

  globalThis.noiselensPicker = { pick };
})();
