import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { reachFromPage } from "../reach.js";

const PLACE = { tabId: 1, frameId: 0, pageUrls: [], srcUrl: "" };
const IMAGE = "https://images.example/a.png";

/** A page whose fetches all fail, and which shows every image it is asked to. */
class FailingPage extends EventTarget {
  documentElement = { append() {} };

  createElement() {
    const image = new EventTarget();
    return Object.assign(image, {
      style: {},
      attachShadow: () => ({ append: () => image.dispatchEvent(new Event("load")) }),
      getBoundingClientRect: () => ({ width: 20 }),
      remove() {},
      set src(/** @type {string} */ _) {
        setTimeout(() => image.dispatchEvent(new Event("load")));
      },
    });
  }
}

describe("why a page could not read an image", () => {
  const known = { document: globalThis.document, location: globalThis.location, fetch: globalThis.fetch };
  const page = new FailingPage();
  /** How long after a fetch has failed the page hears that its policy stopped it; null: it did not. @type {number | null} */
  let told_ms = null;
  before(() => {
    const executeScript = async (/** @type {{ func: Function, args: unknown[] }} */ { func, args }) => [{ result: await func(...args) }];
    Object.assign(globalThis, {
      chrome: { scripting: { executeScript } },
      document: page,
      location: new URL("https://page.example/"),
      fetch: async () => {
        if (told_ms !== null) setTimeout(() => page.dispatchEvent(new Event("securitypolicyviolation")), told_ms);
        throw new TypeError("NetworkError when attempting to fetch resource.");
      },
    });
  });
  after(() => Object.assign(globalThis, known));

  it("is its policy, however late a busy browser tells of it", async () => {
    for (const late of [0, 120]) {
      told_ms = late;
      assert.equal(await reachFromPage(PLACE, IMAGE, ""), "policy", `${late} ms`);
    }
  });

  it("is the site where no policy was heard of", async () => {
    told_ms = null;
    assert.equal(await reachFromPage(PLACE, IMAGE, ""), "silent");
  });
});
