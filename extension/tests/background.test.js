/** background.js: what the extension's pages and the badges on pages are answered. */

import "./setup.js";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { AppClient } from "../client.js";
import { clearJobs, saveJob } from "../jobs.js";
import { ask, order } from "../page-text.js";
import { verdictOf } from "./app-server.js";
import { FakeBrowser } from "./fake-browser.js";

const TAB = 5;
const PAGE = "https://a.example/";
const GONE = "This check is no longer in the list. Check the image again.";
const INTERNAL = /^Something went wrong in the extension\./;

const browser = new FakeBrowser();
browser.local.pairing = "noiselens1:48211:ab12cd34:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
await import("../background.js");

beforeEach(() => {
  browser.visit(TAB, { url: PAGE });
  Object.assign(AppClient.prototype, { open: async () => {}, label: async () => {} });
});

describe("the buttons of a badge", () => {
  const place = { tabId: TAB, frameId: 0, srcUrl: PAGE, scan: false, incognito: false, visit: "" };
  const rest = { state: /** @type {const} */ ("done"), pageUrls: [PAGE], largerCopy: false, name: "", sha256: "ab", thumbnail: "" };
  const questions = [{ type: "open", id: "one" }, { type: "label", id: "one", label: "real" }];
  const says = (/** @type {object} */ question) => browser.ask(question, { url: PAGE, tab: { id: TAB } });

  it("work while the check is in the list, and say what to do once it is not", async () => {
    const verdict = /** @type {import("../protocol.js").Verdict} */ (/** @type {unknown} */ (verdictOf("ab")));
    await saveJob({ ...place, ...rest, id: "one", startedAt: 1, verdict, failure: null, label: "" });
    assert.deepEqual(await says(questions[0] ?? {}), { words: "" });
    await clearJobs();
    for (const question of questions) assert.deepEqual(await says(question), { words: GONE });
  });
});

describe("a page closed to extensions", () => {
  const tab = { id: TAB, url: "chrome://settings", incognito: false };
  const CLOSED = "The browser lets no extension into this page. Save the image and open it in the app.";

  for (const [how, act] of /** @type {const} */ ([
    ["the key for an image", () => browser.on.onCommand?.("check-image", tab)],
    ["the key for the page", () => browser.on.onCommand?.("check-page", tab)],
    ["the menu's entry for a place", () => browser.on.onClicked?.({ menuItemId: "check-here" }, tab)],
    ["the menu's entry for the page", () => browser.on.onClicked?.({ menuItemId: "check-page" }, tab)],
  ])) {
    it(`is named on the toolbar to who uses ${how}`, async () => {
      browser.visit(TAB, { url: tab.url, closed: true });
      await act();
      assert.deepEqual([browser.button(TAB).text, browser.button(TAB).title], ["!", `NoiseLens: ${CLOSED}`]);
    });
  }

  it("is named in the popup", async () => {
    browser.visit(TAB, { url: tab.url, closed: true });
    assert.equal(await order({ type: "check_page", tabId: TAB }), CLOSED);
  });
});

describe("a page of the extension whose worker fails it", () => {
  const question = /** @type {const} */ ({ type: "open", id: "one" });

  for (const [what, sendMessage] of /** @type {const} */ ([
    ["by answering nothing", async () => null],
    ["by not being there", async () => Promise.reject(new Error("Could not establish connection."))],
  ])) {
    it(`${what} says so`, async () => {
      Object.assign(chrome.runtime, { sendMessage });
      assert.match(await order(question), INTERNAL);
      assert.deepEqual((await ask({ type: "status" })).failure, { code: "internal", detail: "" });
    });
  }
});
