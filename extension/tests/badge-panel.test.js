/** badge-panel.js: what the panel says when the worker has nothing to say. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newJob } from "../checks.js";
import { cardOf } from "../wording.js";
import { verdictOf } from "./app-server.js";
import { FakeBrowser } from "./fake-browser.js";
import { fakeElement, fakePage } from "./fake-page.js";

new FakeBrowser();
fakePage();
await import(String(new URL("../badge-panel.js", import.meta.url))); // a script, no module

describe("the buttons of a badge", () => {
  const place = { tabId: 5, frameId: 0, srcUrl: "https://a.example/a.png", scan: false, incognito: false, visit: "" };
  const verdict = /** @type {import("../protocol.js").Verdict} */ (/** @type {unknown} */ ({ ...verdictOf("ab"), why: [] }));
  const card = cardOf({ ...newJob(place, []), state: "done", verdict });

  for (const [what, sendMessage, told] of /** @type {const} */ ([
    ["whose worker fails", async () => null, "Something went wrong in the extension. Try again; reload the extension if it stays."],
    [
      "whose extension was updated",
      async () => Promise.reject(new Error("Extension context invalidated.")),
      "This check is no longer in the list. Check the image again.",
    ],
  ])) {
    it(`${what} say so`, async () => {
      Object.assign(chrome.runtime, { sendMessage });
      const panel = fakeElement();
      const { fill, LIGHT } = /** @type {NonNullable<typeof noiselensPanel>} */ (globalThis.noiselensPanel);
      fill(panel, card, LIGHT, () => {});
      await panel.saying("Open in NoiseLens").click();
      assert.ok(panel.saying(told));
      fill(panel, card, LIGHT, () => {});
      await panel.saying("This is wrong").click();
      await panel.saying("It is real").click();
      assert.ok(panel.saying(told));
    });
  }
});
