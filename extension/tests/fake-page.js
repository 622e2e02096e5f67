/** As much of a document as the panel of a badge is built of. */

/** An element that keeps what was put into it. */
class FakeElement {
  style = {};
  textContent = "";
  /** @type {Record<string, string>} */
  attributes = {};
  /** @type {FakeElement[]} */
  children = [];
  /** @type {Record<string, (event: object) => unknown>} */
  #listeners = {};

  append(/** @type {FakeElement[]} */ ...children) {
    for (const child of children) child.before = (/** @type {FakeElement} */ other) => void this.children.push(other);
    this.children.push(...children);
  }

  replaceChildren(/** @type {FakeElement[]} */ ...children) {
    this.children = [];
    this.append(...children);
  }

  /** Put an element before this one; where this one stands in says how. @type {(other: FakeElement) => void} */
  before = () => {};

  setAttribute(/** @type {string} */ name, /** @type {string} */ value) {
    this.attributes[name] = value;
  }

  addEventListener(/** @type {string} */ name, /** @type {(event: object) => unknown} */ act) {
    this.#listeners[name] = act;
  }

  matches() {
    return false;
  }

  focus() {}

  animate() {}

  /** Click it as a person does; ends when all that follows has. */
  async click() {
    await this.#listeners.click?.({ isTrusted: true });
  }

  /**
   * @param {string} words
   * @returns {FakeElement | undefined} what says this
   */
  saying(words) {
    if (this.textContent === words) return this;
    for (const child of this.children) {
      const found = child.saying(words);
      if (found) return found;
    }
    return undefined;
  }
}

/** @returns {any} an element, as which it stands in for the browser's */
export function fakeElement() {
  return new FakeElement();
}

/** Have scripts find a document here. */
export function fakePage() {
  Object.assign(globalThis, {
    matchMedia: () => ({ matches: true }),
    document: { createElement: fakeElement, createElementNS: fakeElement },
  });
}
