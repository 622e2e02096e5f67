/**
 * Content script, isolated world: the badge on a checked image. It stands in a closed shadow root outside the page's
 * own flow, so the page neither moves nor reads it; styles are set on the elements, which no page policy forbids.
 */

(() => {
  if (globalThis.noiselensBadges) return;

  const SVG = "http://www.w3.org/2000/svg";
  const INSET_PX = 8;
  const NARROW_PX = 150; // narrower images get the sign alone
  const CLOSE_DELAY_MS = 180;

  /** The signs differ in shape, not in colour alone. @type {Record<import("./wording.js").Card["tone"], string>} */
  const SIGNS = {
    working: "M8 2.5a5.5 5.5 0 1 0 5.5 5.5",
    real: "M3.5 8.5l3 3 6-7",
    uncertain: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.7 8 9.2 8 10M8 12.8v.2",
    generated: "M8 2v12M2.8 5l10.4 6M13.2 5L2.8 11",
    failure: "M8 3v6M8 12.3v.2",
  };
  const LIGHT = {
    surface: "#ffffff",
    ink: "#16181d",
    soft: "#5a6170",
    line: "#d9dce3",
    track: "#e6e8ee",
    working: "#4a5568",
    real: "#0b7a5c",
    uncertain: "#8f5b00",
    generated: "#b3204d",
    failure: "#4a5568",
  };
  /** @type {typeof LIGHT} */
  const DARK = {
    surface: "#1d2027",
    ink: "#f1f3f7",
    soft: "#a9b0bf",
    line: "#3a3f4b",
    track: "#353a45",
    working: "#a9b0bf",
    real: "#4fd1a5",
    uncertain: "#f0b54a",
    generated: "#ff7d9f",
    failure: "#c3c9d6",
  };

  /** @type {Map<HTMLImageElement, Badge>} */
  const badges = new Map();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");

  class Badge {
    #host = document.createElement("div");
    #pill = document.createElement("button");
    #panel = document.createElement("div");
    #pinned = false;
    #stop = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #closing;
    /** @type {import("./wording.js").Card | null} */
    #card = null;
    /** @type {ResizeObserver} */
    #resizes;
    /** @type {IntersectionObserver} */
    #sights;
    #frame = 0;

    /**
     * @param {HTMLImageElement} image
     * @param {string[]} copies addresses under which the image stays the same picture
     */
    constructor(image, copies) {
      this.image = image;
      this.copies = copies;
      Object.assign(this.#host.style, {
        all: "initial",
        position: "absolute",
        left: "0",
        top: "0",
        width: "0",
        height: "0",
        zIndex: "2147483646",
      });
      const root = this.#host.attachShadow({ mode: "closed" });
      this.#pill.type = "button";
      this.#panel.popover = "manual"; // the top layer: neither clipped by the page nor part of its scroll area
      this.#panel.setAttribute("role", "dialog");
      this.#panel.id = "panel";
      root.append(this.#pill, this.#panel);
      // A modal dialog hides what stands outside it.
      (image.closest("dialog[open], [popover]") ?? document.documentElement).append(this.#host);

      const { signal } = this.#stop;
      for (const part of [this.#pill, this.#panel]) {
        part.addEventListener("pointerenter", () => this.#open(), { signal });
        part.addEventListener("pointerleave", () => this.#closeSoon(), { signal });
        part.addEventListener("focusin", () => this.#open(), { signal });
        part.addEventListener("focusout", () => this.#closeSoon(), { signal });
      }
      this.#pill.addEventListener(
        "click",
        (event) => {
          event.stopPropagation();
          this.#pinned = !this.#pinned;
          if (this.#pinned) this.#open();
          else this.#close();
        },
        { signal },
      );
      root.addEventListener(
        "keydown",
        (event) => {
          if (/** @type {KeyboardEvent} */ (event).key !== "Escape") return;
          event.stopPropagation();
          this.#close();
        },
        { signal },
      );
      const place = () => this.#placeSoon();
      addEventListener("resize", place, { signal });
      // The page's own scrolling carries the badge along; only scrolling boxes inside it move the image alone.
      addEventListener("scroll", (event) => event.target !== document && place(), { signal, capture: true });
      image.addEventListener("load", () => (this.#shows() ? place() : this.remove()), { signal });
      scheme.addEventListener("change", () => this.#card && this.draw(this.#card), { signal });
      this.#resizes = new ResizeObserver(place);
      this.#resizes.observe(image);
      this.#resizes.observe(document.documentElement);
      this.#sights = new IntersectionObserver(([sight]) => {
        if (!image.isConnected) this.remove();
        else this.#host.style.visibility = sight?.isIntersecting ? "visible" : "hidden";
      });
      this.#sights.observe(image);
    }

    /** @param {import("./wording.js").Card} card */
    draw(card) {
      this.#card = card;
      const colours = scheme.matches ? DARK : LIGHT;
      const narrow = this.image.getBoundingClientRect().width < NARROW_PX;
      const label = element("span", { padding: "0 3px 0 0" }, card.headline);
      this.#pill.replaceChildren(sign(card.tone, colours, 16), ...(narrow ? [] : [label]));
      this.#pill.setAttribute("aria-label", `NoiseLens: ${card.headline}. ${card.summary}`);
      this.#pill.setAttribute("aria-controls", "panel");
      this.#pill.setAttribute("aria-expanded", String(this.#panel.matches(":popover-open")));
      setStyle(this.#pill, {
        all: "initial",
        position: "absolute",
        display: "inline-flex",
        alignItems: "center",
        gap: "6px",
        boxSizing: "border-box",
        height: "28px",
        padding: narrow ? "0 6px" : "0 8px 0 6px",
        borderRadius: "14px",
        background: colours.surface,
        color: colours.ink,
        border: `1px solid ${colours.line}`,
        boxShadow: "0 1px 2px rgb(0 0 0 / .2), 0 4px 14px rgb(0 0 0 / .22)",
        font: "600 13px/1 system-ui, sans-serif",
        whiteSpace: "nowrap",
        cursor: "pointer",
        userSelect: "none",
      });
      this.#drawPanel(card, colours);
      this.#place();
    }

    /**
     * @param {import("./wording.js").Card} card
     * @param {typeof LIGHT} colours
     */
    #drawPanel(card, colours) {
      setStyle(this.#panel, {
        all: "initial",
        position: "fixed",
        inset: "auto",
        display: this.#panel.matches(":popover-open") ? "block" : "none",
        boxSizing: "border-box",
        width: "320px",
        maxWidth: "calc(100vw - 16px)",
        maxHeight: "calc(100vh - 16px)",
        overflow: "auto",
        padding: "14px 16px 12px",
        borderRadius: "12px",
        background: colours.surface,
        color: colours.ink,
        border: `1px solid ${colours.line}`,
        boxShadow: "0 2px 6px rgb(0 0 0 / .16), 0 12px 36px rgb(0 0 0 / .28)",
        font: "13px/1.45 system-ui, sans-serif",
        textAlign: "start",
      });
      const head = element("div", { display: "flex", alignItems: "center", gap: "8px" });
      head.append(
        sign(card.tone, colours, 20),
        element("span", { font: "650 15px/1.2 system-ui, sans-serif", color: colours.ink }, card.headline),
      );
      const parts = [head, element("p", { margin: "8px 0 0", display: "block" }, card.summary)];
      if (card.probability !== null) parts.push(meter(card.probability, colours[card.tone], colours.track));
      if (card.reasons.length > 0) {
        const list = element("ul", { display: "block", margin: "10px 0 0", padding: "0 0 0 16px", listStyle: "disc" });
        for (const reason of card.reasons) {
          list.append(element("li", { display: "list-item", margin: "3px 0", color: colours.ink }, reason));
        }
        parts.push(list);
      }
      const foot = element("div", {
        display: "flex",
        alignItems: "center",
        justifyContent: "space-between",
        gap: "12px",
        margin: "12px 0 0",
        padding: "8px 0 0",
        borderTop: `1px solid ${colours.line}`,
        color: colours.soft,
        font: "12px/1.3 system-ui, sans-serif",
      });
      const dismiss = element(
        "button",
        {
          all: "initial",
          cursor: "pointer",
          color: colours.soft,
          font: "12px/1.3 system-ui, sans-serif",
          textDecoration: "underline",
          whiteSpace: "nowrap",
        },
        card.dismiss,
      );
      dismiss.addEventListener("click", () => this.remove());
      const judged = element("div", { display: "block" });
    judged.append(...card.footer.map((line) => element("div", { display: "block" }, line)));
    foot.append(judged, dismiss);
      parts.push(foot);
      this.#panel.replaceChildren(...parts);
    }

    /** Whether the image still shows the picture that was checked. */
    #shows() {
      return this.copies.includes(this.image.currentSrc) || this.copies.includes(this.image.src);
    }

    #open() {
      clearTimeout(this.#closing);
      if (!this.#panel.matches(":popover-open")) {
        this.#panel.showPopover();
        this.#panel.style.display = "block";
        this.#pill.setAttribute("aria-expanded", "true");
      }
      this.#placePanel();
    }

    #closeSoon() {
      clearTimeout(this.#closing);
      if (!this.#pinned) this.#closing = setTimeout(() => this.#close(), CLOSE_DELAY_MS);
    }

    #close() {
      clearTimeout(this.#closing);
      this.#pinned = false;
      if (!this.#panel.matches(":popover-open")) return;
      this.#panel.hidePopover();
      this.#panel.style.display = "none";
      this.#pill.setAttribute("aria-expanded", "false");
    }

    #placeSoon() {
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#place());
    }

    #place() {
      const image = this.image.getBoundingClientRect();
      const base = this.#host.getBoundingClientRect();
      this.#pill.style.left = `${image.left - base.left + INSET_PX}px`;
      this.#pill.style.top = `${image.top - base.top + INSET_PX}px`;
      this.#placePanel();
    }

    #placePanel() {
      if (!this.#panel.matches(":popover-open")) return;
      const pill = this.#pill.getBoundingClientRect();
      const { width, height } = this.#panel.getBoundingClientRect();
      const below = pill.bottom + 6;
      const top = below + height <= innerHeight - 8 ? below : Math.max(8, pill.top - 6 - height);
      this.#panel.style.left = `${Math.max(8, Math.min(pill.left, innerWidth - width - 8))}px`;
      this.#panel.style.top = `${top}px`;
    }

    remove() {
      this.#stop.abort();
      this.#resizes.disconnect();
      this.#sights.disconnect();
      cancelAnimationFrame(this.#frame);
      clearTimeout(this.#closing);
      this.#host.remove();
      badges.delete(this.image);
    }
  }

  /**
   * @param {HTMLElement | SVGElement} target
   * @param {Partial<CSSStyleDeclaration>} styles in this order, so that `all` comes first
   */
  function setStyle(target, styles) {
    const { left, top } = target.style;
    Object.assign(target.style, styles);
    if (left) Object.assign(target.style, { left, top });
  }

  /**
   * @param {string} tag
   * @param {Partial<CSSStyleDeclaration>} styles
   * @param {string} [words]
   * @returns {HTMLElement}
   */
  function element(tag, styles, words = "") {
    const made = document.createElement(tag);
    Object.assign(made.style, styles);
    made.textContent = words;
    return made;
  }

  /**
   * @param {import("./wording.js").Card["tone"]} tone
   * @param {typeof LIGHT} colours
   * @param {number} size CSS pixels
   * @returns {SVGElement}
   */
  function sign(tone, colours, size) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    Object.assign(svg.style, { width: `${size}px`, height: `${size}px`, flex: "none", display: "block" });
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", SIGNS[tone]);
    Object.assign(path.style, {
      fill: "none",
      stroke: colours[tone],
      strokeWidth: "2",
      strokeLinecap: "round",
      strokeLinejoin: "round",
    });
    svg.append(path);
    if (tone === "working" && !stillness.matches) {
      svg.animate([{ rotate: "0deg" }, { rotate: "360deg" }], { duration: 900, iterations: Number.POSITIVE_INFINITY });
    }
    return svg;
  }

  /**
   * @param {number} probability
   * @param {string} colour
   * @param {string} track
   * @returns {HTMLElement}
   */
  function meter(probability, colour, track) {
    const bar = element("div", {
      display: "block",
      height: "6px",
      margin: "8px 0 0",
      borderRadius: "3px",
      background: track,
      overflow: "hidden",
    });
    bar.append(
      element("div", {
        display: "block",
        height: "100%",
        width: `${probability * 100}%`,
        minWidth: "3px",
        background: colour,
      }),
    );
    return bar;
  }

  globalThis.noiselensBadges = {
    show(url, copies, card) {
      const image = globalThis.noiselensPage?.find(url);
      if (!image) return false;
      let badge = badges.get(image);
      if (!badge) {
        badge = new Badge(image, copies);
        badges.set(image, badge);
      }
      badge.copies = copies;
      badge.draw(card);
      return true;
    },
  };
})();
