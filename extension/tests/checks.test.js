/** checks.js in a browser of its own: what storage, the toolbar and the page are told while the app judges. */

import "./setup.js";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { checkPage, newJob, runJob } from "../checks.js";
import { AppClient } from "../client.js";
import { Failure } from "../failures.js";
import { listJobs } from "../jobs.js";
import { visitIn } from "../toolbar.js";
import { verdictOf } from "./app-server.js";
import { FakeBrowser } from "./fake-browser.js";

const TAB = 5;
const PAIRING = "noiselens1:48211:ab12cd34:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

let browser = new FakeBrowser();
/** What the app says of each picture, by its address. @type {Map<string, () => object>} */
const answers = new Map();

/**
 * @param {string} band
 * @param {() => void} [meanwhile] what happens while the app judges it
 * @returns {string} the address of a picture of which the app says this
 */
function picture(band, meanwhile = () => {}) {
  const bytes = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.from([answers.size])]);
  answers.set(bytes.toString("base64"), () => {
    meanwhile();
    return { band, why: [] };
  });
  return `data:image/png;base64,${bytes.toString("base64")}`;
}

/**
 * @param {string} srcUrl
 * @param {Partial<import("../jobs.js").Job>} [facts]
 */
async function check(srcUrl, facts = {}) {
  const place = { tabId: TAB, frameId: 0, srcUrl, scan: false, incognito: false, visit: await visitIn(TAB), ...facts };
  await runJob(newJob(place, ["https://a.example/page1"]));
}

/** @param {string} [language] */
function begin(language) {
  answers.clear();
  browser = new FakeBrowser(language);
  browser.local.pairing = PAIRING;
  browser.visit(TAB, { url: "https://a.example/page1" });
  Object.assign(AppClient.prototype, {
    connect: async () => ({ app: "0.1.0", model: "noiselens-anl-1", max_bytes: 2 ** 25 }),
    judge: async (/** @type {string} */ _, /** @type {import("../client.js").Image} */ { content, sha256 }) => {
      const answer = answers.get(Buffer.from(content).toString("base64"));
      if (!answer) throw new Error("a picture of which the app knows nothing");
      return { ...verdictOf(sha256), ...answer() };
    },
  });
}

beforeEach(() => begin());

describe("a private window in which nothing may be checked", () => {
  const src = "https://clinic.example/scan-of-jane-doe.jpg";
  const traces = () => browser.written.filter((words) => /jane-doe|clinic.example|a.example/.test(words));

  it("leaves no name and no address behind, and says on the image why", async () => {
    await check(src, { incognito: true });
    assert.deepEqual(traces(), []);
    const [job] = await listJobs();
    assert.equal(job?.failure?.code, "private_window");
    assert.match(browser.badges.at(-1)?.card.summary ?? "", /^In private windows nothing is checked/);
    assert.equal(browser.badges.at(-1)?.url, src);
  });

  it("leaves none of a whole page", async () => {
    browser.visit(TAB, { url: "https://a.example/page1", pictures: [src, `${src}?2`, `${src}?3`] });
    await checkPage({ ...(await chrome.tabs.get(TAB)), incognito: true });
    assert.deepEqual(traces(), []);
    assert.equal((await listJobs()).length, 3);
  });
});

describe("the browser's own decoder", () => {
  it("is given no image that the app has not judged", async () => {
    let drawn = 0;
    Object.assign(globalThis, { createImageBitmap: async () => Promise.reject(new Error(`picture ${++drawn}`)) });
    const refuse = () => {
      throw new Failure("refused", "The image is damaged or cut short. Save or download it again.");
    };
    await check(picture("likely_real", refuse));
    assert.equal(drawn, 0);
    await check(picture("likely_real"));
    assert.equal(drawn, 1);
    Reflect.deleteProperty(globalThis, "createImageBitmap");
  });
});

describe("the toolbar", () => {
  it("says how a check on the page in its tab ended", async () => {
    await check(picture("likely_generated"));
    assert.equal(browser.button(TAB).text, "AI");
    assert.equal(browser.button(TAB).title, "NoiseLens: Likely generated");
  });

  it("calls it as all else does in the browser's language", async () => {
    begin("de");
    await check(picture("likely_generated"));
    assert.deepEqual([browser.button(TAB).text, browser.button(TAB).title], ["KI", "NoiseLens: Wahrscheinlich generiert"]);
  });

  it("says it of a page closed to extensions too", async () => {
    browser.visit(TAB, { url: "https://store.example/", closed: true });
    await check(picture("likely_real"));
    assert.equal(browser.button(TAB).text, "✓");
  });

  for (const closed of [false, true]) {
    it(`says nothing once the tab shows another page${closed ? " closed to extensions" : " of that site"}`, async () => {
      const url = closed ? "https://bank.example/" : "https://a.example/page2";
      await check(picture("likely_generated", () => browser.visit(TAB, { url, closed })));
      assert.equal(browser.button(TAB).text, "");
      assert.equal(browser.button(TAB).title, "NoiseLens");
    });
  }

  it("says of the next page what was checked there, whatever ends meanwhile", async () => {
    let next = Promise.resolve();
    const slow = picture("likely_generated", () => {
      browser.visit(TAB, { url: "https://b.example/" });
      next = check(picture("likely_real"), { pageUrls: ["https://b.example/"] });
    });
    await check(slow);
    await next;
    assert.equal(browser.button(TAB).title, "NoiseLens: Likely real");
  });

  it("says of a whole page what tells most, whichever image ended last", async () => {
    const pictures = ["likely_generated", "uncertain", "likely_real", "likely_real"].map((band) => picture(band));
    browser.visit(TAB, { url: "https://a.example/page1", pictures });
    await checkPage(await chrome.tabs.get(TAB));
    assert.equal(browser.button(TAB).text, "AI");
    assert.equal(browser.button(TAB).title, "NoiseLens: Likely generated (1), Uncertain (1), Likely real (2)");
  });

  it("says that a page is being checked until all of it is", async () => {
    /** @type {string[]} */
    const seen = [];
    const look = () => void seen.push(browser.button(TAB).text);
    browser.visit(TAB, { url: "https://a.example/", pictures: [picture("likely_generated"), picture("likely_real", look)] });
    await checkPage(await chrome.tabs.get(TAB));
    assert.deepEqual(seen, ["…"]);
  });
});
