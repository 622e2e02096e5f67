/**
 * Content script, isolated world: the badge on a checked image. It stands in a closed shadow root outside the page's
 * own flow, so the page neither moves nor reads it; styles are set on the elements, which no page policy forbids.
 */

(() => {
  if (globalThis.noiselensBadges || !globalThis.noiselensPanel || !globalThis.noiselensPage) return;
  const { LIGHT, DARK, element, fill, setStyle, sign } = globalThis.noiselensPanel;
  const page = globalThis.noiselensPage;

  const INSET_PX = 8;
  const NARROW_PX = 150; // narrower images get the sign alone
  const CLOSE_DELAY_MS = 180;

  /** @type {Map<Element, Badge>} */
  const badges = new Map();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", () => badges.forEach((badge) => badge.redraw()));

  // One of each for all badges: a page may have hundreds.
  const sizes = new ResizeObserver(placeSoon);
  sizes.observe(document.documentElement);
  const sights = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!target.isConnected) badges.get(target)?.remove();
      else badges.get(target)?.showIf(isIntersecting);
    }
  });
  addEventListener("resize", placeSoon);
  for (const moved of ["transitionend", "animationend"]) addEventListener(moved, placeSoon, { capture: true, passive: true });
  // The page's own scrolling carries the badges along; only scrolling boxes inside it move an image alone.
  addEventListener("scroll", (event) => event.target !== document && placeSoon(), { capture: true, passive: true });
  let frame = 0;

  function placeSoon() {
    cancelAnimationFrame(frame);
    // A single-page app may have taken an image away or put another one in its place.
    frame = requestAnimationFrame(() => {
      for (const badge of [...badges.values()]) if (!badge.shows()) badge.remove();
      // All is measured before anything moves: one layout for all badges.
      const spots = [...badges.values()].map((badge) => ({ badge, spot: badge.measure() }));
      for (const { badge, spot } of spots) badge.move(spot);
    });
  }

  class Badge {
    #host = document.createElement("div");
    #pill = document.createElement("button");
    #panel = document.createElement("div");
    #pinned = false;
    #stop = new AbortController();
    // By its own style or by one further out, an element shows another picture or stands elsewhere, and no event tells.
    #restyled = new MutationObserver(placeSoon);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #closing;
    /** @type {import("./wording.js").Card | null} */
    #card = null;

    /**
     * @param {Element} image
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
      image.addEventListener("load", () => (this.shows() ? this.place() : this.remove()), { signal });
      sizes.observe(image);
      sights.observe(image);
      for (let part = /** @type {Element | null} */ (image); part; part = page.outer(part)) {
        this.#restyled.observe(part, { attributeFilter: ["class", "style", "src", "poster", "href"] });
      }
    }

    /** @returns {string} of the check whose word this badge gives */
    get checkId() {
      return this.#card?.id ?? "";
    }

    /** @param {import("./wording.js").Card} card */
    draw(card) {
      this.#card = card;
      const colours = scheme.matches ? DARK : LIGHT;
      const narrow = card.quiet || this.image.getBoundingClientRect().width < NARROW_PX;
      const label = element("span", { padding: "0 3px 0 0" }, card.headline);
      this.#pill.replaceChildren(sign(card.tone, colours, 16), ...(narrow ? [] : [label]));
      this.#pill.setAttribute("aria-label", `NoiseLens: ${card.headline}. ${card.summary}`);
      this.#panel.setAttribute("aria-label", `NoiseLens: ${card.headline}`);
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
      fill(this.#panel, card, colours, () => this.remove());
      this.place();
    }

    /** Whether the image still shows the picture that was checked. */
    shows() {
      const { image } = this;
      return (
        this.copies.includes(page.shownBy(image)) ||
        (image instanceof HTMLImageElement && this.copies.includes(image.src)) ||
        (image instanceof HTMLVideoElement && this.copies.includes(image.currentSrc))
      );
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

    /** @param {boolean} seen */
    showIf(seen) {
      this.#host.style.visibility = seen ? "visible" : "hidden";
    }

    redraw() {
      if (this.#card) this.draw(this.#card);
    }

    place() {
      this.move(this.measure());
    }

    /** @returns {{ left: number, top: number }} CSS pixels from the host */
    measure() {
      const image = this.image.getBoundingClientRect();
      const base = this.#host.getBoundingClientRect();
      return { left: image.left - base.left + INSET_PX, top: image.top - base.top + INSET_PX };
    }

    /** @param {{ left: number, top: number }} spot */
    move({ left, top }) {
      this.#pill.style.left = `${left}px`;
      this.#pill.style.top = `${top}px`;
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
      this.#restyled.disconnect();
      sizes.unobserve(this.image);
      sights.unobserve(this.image);
      clearTimeout(this.#closing);
      this.#host.remove();
      badges.delete(this.image);
    }
  }

  /**
   * @param {Element} image
   * @param {string[]} copies
   * @param {import("./wording.js").Card} card
   */
  function attach(image, copies, card) {
    const badge = badges.get(image) ?? new Badge(image, copies);
    badges.set(image, badge);
    badge.copies = badge.checkId === card.id ? [...new Set([...badge.copies, ...copies])] : copies;
    badge.draw(card);
  }

  globalThis.noiselensBadges = {
    attach,
    show(url, copies, card) {
      const image = page.find(url);
      if (!image) return false;
      attach(image, copies, card);
      return true;
    },
    take(id) {
      for (const badge of badges.values()) if (badge.checkId === id) badge.remove();
    },
  };
})();
