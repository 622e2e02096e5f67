/** sites.js: the content scripts registered for the sites the user turned on. */

import assert from "node:assert/strict";
import { it } from "node:test";
import { registerSites } from "../sites.js";
import { FakeBrowser } from "./fake-browser.js";

it("the list is registered at the first call after one that the browser refused", async () => {
  const browser = new FakeBrowser();
  browser.local.sites = ["https://a.example/*"];
  /** @type {string[][]} */
  const registered = [];
  let refusals = 1;
  Object.assign(chrome.scripting, {
    getRegisteredContentScripts: async () => [],
    registerContentScripts: async (/** @type {{ matches: string[] }[]} */ [script]) => {
      if (refusals-- > 0) throw new Error("The browser is busy.");
      registered.push(script?.matches ?? []);
    },
  });
  await assert.rejects(registerSites());
  await registerSites();
  assert.deepEqual(registered, [["https://a.example/*"]]);
});
