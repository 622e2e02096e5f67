/**
 * Content script, isolated world: lets a person click the picture that is meant, where no browser tells what its menu was
 * opened on. A pane over the page takes the pointer meanwhile, so that the page hears nothing of it.
 */

(() => {
  const page = globalThis.noiselensPage;
  const panel = globalThis.noiselensPanel;
  if (globalThis.noiselensPicker || !page || !panel) return;

  const PATIENCE_MS = 60_000;
  const OUTLINE_PX = 3;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /** Ends the choice that is under way. */
  let stop = () => {};

  /**
   * @param {string} words what to do
   * @returns {Promise<string>}
   */
  function pick(words) {
    stop();
    return new Promise((resolve) => {
      const colours = dark.matches ? panel?.DARK : panel?.LIGHT;
      if (!page || !panel || !colours) return;
      const host = document.createElement("div");
      const pane = panel.element("div", {
        all: "initial",
        position: "fixed",
        inset: "0",
        width: "100vw",
        height: "100vh",
        cursor: "crosshair",
      });
      const frame = panel.element("div", {
        all: "initial",
        position: "fixed",
        display: "none",
        boxSizing: "border-box",
        border: `${OUTLINE_PX}px solid #2b5bd7`,
        borderRadius: "6px",
        boxShadow: "0 0 0 1px #ffffff, 0 0 0 200vmax rgb(0 0 0 / .28)",
      });
      const hint = panel.element(
        "div",
        {
          all: "initial",
          position: "fixed",
          left: "50%",
          top: "12px",
          transform: "translateX(-50%)",
          width: "max-content", // not the half that is left of the middle
          maxWidth: "calc(100vw - 32px)",
          boxSizing: "border-box",
          padding: "8px 14px",
          borderRadius: "10px",
          background: colours.surface,
          color: colours.ink,
          border: `1px solid ${colours.line}`,
          boxShadow: "0 2px 6px rgb(0 0 0 / .16), 0 12px 36px rgb(0 0 0 / .28)",
          font: "600 13px/1.4 system-ui, sans-serif",
          pointerEvents: "none",
        },
        words,
      );
      hint.setAttribute("role", "status");
      pane.append(frame, hint);
      pane.popover = "manual"; // above the page's own dialogs
      host.attachShadow({ mode: "closed" }).append(pane);
      document.documentElement.append(host);
      pane.showPopover();
      const over = new AbortController();
      const { signal } = over;
      /** @param {string} url */
      const end = (url) => {
        clearTimeout(late);
        over.abort();
        host.remove();
        resolve(url);
      };
      stop = () => end("");
      const late = setTimeout(stop, PATIENCE_MS);

      /** @param {MouseEvent} event */
      const under = ({ clientX, clientY }) => page.holderAt(innermost(document, clientX, clientY, host));
      /** @param {Element | null} holder */
      const outline = (holder) => {
        frame.style.display = holder ? "block" : "none";
        if (!holder) return;
        const { left, top, width, height } = holder.getBoundingClientRect();
        Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      };
      for (const kind of ["pointerdown", "pointerup", "mousedown", "mouseup", "mousemove", "auxclick"]) {
        pane.addEventListener(kind, swallow, { signal });
      }
      pane.addEventListener("pointermove", (event) => outline(under(event)), { signal });
      pane.addEventListener("wheel", () => outline(null), { signal, passive: true }); // what is under the pointer moves
      pane.addEventListener(
        "click",
        (event) => {
          swallow(event);
          const holder = event.isTrusted ? under(event) : null;
          if (holder) end(page.take(holder));
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
          if (!event.isTrusted || event.key !== "Escape") return;
          swallow(event);
          stop();
        },
        { signal, capture: true },
      );
      document.addEventListener("visibilitychange", stop, { signal });
    });
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
    const found = root.elementsFromPoint(x, y).find((element) => element !== except && element.getRootNode() === root) ?? null;
    return (found?.shadowRoot && innermost(found.shadowRoot, x, y, except)) ?? found;
  }

  globalThis.noiselensPicker = { pick };
})();
