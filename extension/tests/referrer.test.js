/** referrer.js: what a request may say of the page it is made for. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refererFor } from "../referrer.js";

describe("the Referer", () => {
  const page = "https://page.test";
  const [secure, plain, own] = ["https://cdn.test/a.png", "http://cdn.test/a.png", "https://page.test/a.png"];
  /** Policy, then what an https site, an http site and the page's own site are told. */
  const cases = /** @type {const} */ ([
    ["", true, false, true],
    ["no-referrer", false, false, false],
    ["same-origin", false, false, true],
    ["strict-origin", true, false, true],
    ["strict-origin-when-cross-origin", true, false, true],
    ["no-referrer-when-downgrade", true, false, true],
    ["origin", true, true, true],
    ["origin-when-cross-origin", true, true, true],
    ["unsafe-url", true, true, true],
  ]);
  for (const [policy, ...told] of cases) {
    it(`under "${policy}" tells no more than the origin, and that where it may`, () => {
      const said = [secure, plain, own].map((target) => refererFor({ origin: page, policies: [policy] }, target));
      assert.deepEqual(said, told.map((may) => (may ? "https://page.test/" : "")));
    });
  }

  it("tells an http page's origin to http sites", () => {
    assert.equal(refererFor({ origin: "http://page.test:81", policies: [""] }, plain), "http://page.test:81/");
  });

  it("says nothing where one of several policies forbids it, or none can be known", () => {
    assert.equal(refererFor({ origin: page, policies: ["origin", "unsafe-url"] }, secure), "https://page.test/");
    assert.equal(refererFor({ origin: page, policies: ["no-referrer", "unsafe-url"] }, secure), "");
    assert.equal(refererFor({ origin: page, policies: null }, secure), "");
  });

  for (const origin of ["null", "file://", "chrome-extension://abc"]) {
    it(`says nothing of ${origin}`, () => assert.equal(refererFor({ origin, policies: ["unsafe-url"] }, secure), ""));
  }
});
