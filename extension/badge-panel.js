/**
 * Content script, isolated world: what the badge's panel holds. Elements and styles only: a page's policy forbids neither,
 * and no text is ever markup.
 */

(() => {
  if (globalThis.noiselensPanel) return;

  const SVG = "http://www.w3.org/2000/svg";
  const MAP_PX = 96;

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

  const stillness = matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * @param {HTMLElement} panel
   * @param {import("./wording.js").Card} card
   * @param {typeof LIGHT} colours
   * @param {() => void} remove takes the badge away
   */
  function fill(panel, card, colours, remove) {
    setStyle(panel, {
      all: "initial",
      position: "fixed",
      inset: "auto",
      display: panel.matches(":popover-open") ? "block" : "none",
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
    const probability = card.probability ?? null; // Chromium drops a null on its way into the page
    if (probability !== null) parts.push(meter(probability, colours[card.tone], colours.track));
    if (card.reasons.length > 0) {
      const list = element("ul", { display: "block", margin: "10px 0 0", padding: "0 0 0 16px", listStyle: "disc" });
      for (const reason of card.reasons) {
        list.append(element("li", { display: "list-item", margin: "3px 0", color: colours.ink }, reason));
      }
      parts.push(list);
    }
    if (card.crops.length > 1) parts.push(places(card, colours));
    if (probability !== null) parts.push(correction(card, colours));
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
    const byWhom = element("div", { display: "block" });
    byWhom.append(...card.footer.map((line) => element("div", { display: "block" }, line)));
    const ways = element("div", { display: "flex", flexDirection: "column", alignItems: "flex-end", gap: "4px" });
    if (probability !== null) ways.append(open(card, colours, foot));
    const dismiss = link(card.dismiss, colours);
    dismiss.addEventListener("click", remove);
    ways.append(dismiss);
    foot.append(byWhom, ways);
    parts.push(foot);
    panel.replaceChildren(...parts);
  }

  /**
   * Have the background worker do something.
   *
   * @param {import("./background.js").Label | import("./background.js").Open} message
   * @param {import("./wording.js").Card} card
   * @returns {Promise<string>} what to tell the user, "" when there is nothing to tell
   */
  async function order(message, { gone, trouble }) {
    try {
      return (await chrome.runtime.sendMessage(message))?.words ?? trouble;
    } catch {
      return gone; // the extension was updated: this is a script of the old one, and the list is lost
    }
  }

  /**
   * Let the user see the image in the app. Only a person's own click counts.
   *
   * @param {import("./wording.js").Card} card
   * @param {typeof LIGHT} colours
   * @param {HTMLElement} foot says above itself what went wrong
   * @returns {HTMLElement}
   */
  function open(card, colours, foot) {
    const made = link(card.open, colours);
    const state = element("p", { display: "block", margin: "10px 0 0", color: colours.ink });
    state.setAttribute("role", "status");
    made.addEventListener("click", async (event) => {
      if (!event.isTrusted) return;
      foot.before(state);
      state.textContent = "";
      const words = await order({ type: "open", id: card.id }, card);
      state.textContent = words;
      state.style.display = words ? "block" : "none";
    });
    return made;
  }

  /**
   * @param {string} words
   * @param {typeof LIGHT} colours
   * @returns {HTMLElement} a button that looks like a link
   */
  function link(words, colours) {
    const styles = {
      all: "initial",
      cursor: "pointer",
      color: colours.soft,
      font: "12px/1.3 system-ui, sans-serif",
      textDecoration: "underline",
      whiteSpace: "nowrap",
    };
    return outlined(element("button", styles, words), colours);
  }

  /**
   * Draw where the app looked: the fuller a place, the more it looks generated.
   *
   * @param {import("./wording.js").Card} card
   * @param {typeof LIGHT} colours
   * @returns {HTMLElement}
   */
  function places({ crops, width, height, places: words }, colours) {
    const row = element("div", { display: "flex", alignItems: "center", gap: "12px", margin: "10px 0 0" });
    const scale = MAP_PX / Math.max(width, height);
    const map = document.createElementNS(SVG, "svg");
    map.setAttribute("viewBox", `0 0 ${width} ${height}`);
    map.setAttribute("aria-hidden", "true");
    Object.assign(map.style, {
      flex: "none",
      width: `${width * scale}px`,
      height: `${height * scale}px`,
      background: colours.track,
      borderRadius: "4px",
    });
    for (const [left, top, side, probability] of crops) {
      const place = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ x: left, y: top, width: side, height: side })) {
        place.setAttribute(name, String(value));
      }
      Object.assign(place.style, {
        fill: colours.generated,
        fillOpacity: String(0.08 + 0.72 * (probability ?? 0)),
        stroke: colours.surface,
        strokeWidth: String(1 / scale),
      });
      map.append(place);
    }
    row.append(map, element("span", { color: colours.soft, font: "12px/1.4 system-ui, sans-serif" }, words));
    return row;
  }

  /**
   * Let the user say what the image really is. Only a person's own click counts.
   *
   * @param {import("./wording.js").Card} card
   * @param {typeof LIGHT} colours
   * @returns {HTMLElement}
   */
  function correction(card, colours) {
    const { id, wrong } = card;
    const row = element("div", { display: "flex", flexWrap: "wrap", gap: "8px", margin: "12px 0 0", alignItems: "center" });
    row.setAttribute("role", "status");
    if (wrong.said) {
      row.append(element("span", { color: colours.soft }, wrong.said));
      return row;
    }
    const ask = button(wrong.ask, colours);
    ask.addEventListener("click", () => {
      const choices = /** @type {const} */ (["real", "generated"]).map((label) => {
        const choice = button(wrong[label], colours);
        choice.addEventListener("click", async (event) => {
          if (!event.isTrusted) return;
          const words = await order({ type: "label", id, label }, card);
          row.replaceChildren(element("span", { color: colours.ink }, words));
        });
        return choice;
      });
      row.replaceChildren(...choices);
      choices[0]?.focus();
    });
    row.append(ask);
    return row;
  }

  /**
   * @param {string} words
   * @param {typeof LIGHT} colours
   * @returns {HTMLElement}
   */
  function button(words, colours) {
    const made = element(
      "button",
      {
        all: "initial",
        cursor: "pointer",
        padding: "5px 10px",
        borderRadius: "8px",
        border: `1px solid ${colours.line}`,
        color: colours.ink,
        font: "600 12px/1.3 system-ui, sans-serif",
      },
      words,
    );
    return outlined(made, colours);
  }

  /**
   * @param {HTMLElement} control
   * @param {typeof LIGHT} colours
   * @returns {HTMLElement} the same, outlined while the keyboard is on it
   */
  function outlined(control, colours) {
    const show = () => control.matches(":focus-visible") && (control.style.outline = `2px solid ${colours.soft}`);
    control.addEventListener("focus", show);
    control.addEventListener("blur", () => (control.style.outline = ""));
    return control;
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

  globalThis.noiselensPanel = { LIGHT, DARK, element, fill, setStyle, sign };
})();
