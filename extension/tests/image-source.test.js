/** image-source.js: which copy is judged and what its first bytes say. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { copiesBySize, maybeLarger, nameOf, parseSrcset, sniff } from "../image-source.js";

const BASE = "https://example.com/page/";

/**
 * @param {string} currentSrc
 * @param {{ srcset: string, type: string }[]} sets
 * @param {number} [width]
 * @param {number} [height]
 */
const facts = (currentSrc, sets, width = 400, height = 300) => ({
  src: currentSrc,
  currentSrc,
  sets,
  links: [],
  lazySets: [],
  others: [],
  origin: "https://example.com",
  referrerPolicy: "",
  linkPolicy: "",
  baseUrl: BASE,
  width,
  height,
});

describe("a srcset", () => {
  it("gives addresses with widths or densities", () => {
    assert.deepEqual(parseSrcset("a.jpg 320w, /b.jpg 640w,https://cdn.test/c.jpg   1280w", BASE), [
      { url: "https://example.com/page/a.jpg", kind: "w", size: 320 },
      { url: "https://example.com/b.jpg", kind: "w", size: 640 },
      { url: "https://cdn.test/c.jpg", kind: "w", size: 1280 },
    ]);
    assert.deepEqual(parseSrcset("a.jpg, b.jpg 1.5x", BASE).map(({ kind, size }) => `${size}${kind}`), ["1x", "1.5x"]);
  });

  it("keeps commas inside addresses", () => {
    const [first, second] = parseSrcset("https://cdn.test/w_100,h_80/a.jpg 1x, https://cdn.test/w_200,h_160/a.jpg 2x", BASE);
    assert.equal(first?.url, "https://cdn.test/w_100,h_80/a.jpg");
    assert.equal(second?.url, "https://cdn.test/w_200,h_160/a.jpg");
  });

  for (const odd of ["", " , ,", "a.jpg 12q", "http://[bad 1x"]) {
    it(`${JSON.stringify(odd)} gives nothing`, () => assert.deepEqual(parseSrcset(odd, BASE), []));
  }
});

describe("the copies to read", () => {
  const small = `${BASE}400.jpg`;

  it("are the largest, then the one on screen", () => {
    const set = { srcset: "400.jpg 400w, 1600.jpg 1600w, 800.jpg 800w", type: "" };
    assert.deepEqual(copiesBySize(small, facts(small, [set])), [`${BASE}1600.jpg`, small]);
  });

  it("are the one on screen alone when it is the largest", () => {
    const set = { srcset: "200.jpg 200w, 400.jpg 400w", type: "" };
    assert.deepEqual(copiesBySize(small, facts(small, [set])), [small]);
  });

  it("leave out what the app would refuse as too large", () => {
    const set = { srcset: "400.jpg 400w, 12000.jpg 12000w, 800.jpg 800w", type: "" };
    assert.deepEqual(copiesBySize(small, facts(small, [set])), [`${BASE}800.jpg`, small]);
  });

  it("count the src attribute as the copy of density 1", () => {
    const set = { srcset: "800.jpg 2x", type: "" };
    assert.deepEqual(copiesBySize(small, facts(small, [set])), [`${BASE}800.jpg`, small]);
    const wide = { srcset: "wide.jpg 2x", type: "" };
    assert.deepEqual(copiesBySize(small, facts(small, [wide, { srcset: "", type: "" }])), [small]);
  });

  it("come from the set on screen: another source may be another crop", () => {
    const sets = [
      { srcset: "wide.jpg 2000w", type: "" },
      { srcset: "400.jpg 400w, 800.jpg 800w", type: "" },
    ];
    assert.deepEqual(copiesBySize(small, facts(small, sets)), [`${BASE}800.jpg`, small]);
  });

  it("are never of a type that the app does not read", () => {
    const set = { srcset: "400.jpg 400w, 800.jpg 800w", type: "image/jxl" };
    assert.deepEqual(copiesBySize(small, facts(small, [set])), [small]);
  });

  it("are the clicked address where there is no srcset", () => {
    assert.deepEqual(copiesBySize(small, facts("", [{ srcset: "", type: "" }])), [small]);
  });
});

describe("what may be a larger copy", () => {
  it("is the link's target, the largest of a set kept for later, then what attributes name", () => {
    const named = { links: ["https://a.test/1"], lazySets: ["s.jpg 400w, l.jpg 800w"], others: ["https://a.test/2", "https://a.test/3"] };
    const shown = facts(`${BASE}s.jpg`, []);
    assert.deepEqual(maybeLarger({ ...shown, ...named }), ["https://a.test/1", `${BASE}l.jpg`, "https://a.test/2"]);
  });

  it("is nothing that is on screen already", () => {
    const shown = facts(`${BASE}s.jpg`, []);
    assert.deepEqual(maybeLarger({ ...shown, lazySets: ["s.jpg 400w"], others: [`${BASE}s.jpg`] }), []);
  });
});

describe("the first bytes", () => {
  const bytes = (/** @type {string} */ text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const known = {
    "\x89PNG\r\n\x1a\n\0\0": "image/png",
    "\xff\xd8\xff\xe0": "image/jpeg",
    GIF89a: "image/gif",
    GIF87a: "image/gif",
    "RIFF\0\n\0\0WEBPVP8 ": "image/webp",
    "\0\0\0 ftypavif\0\0\0\0": "image/avif",
    "\0\0\0 ftypmif1\0\0\0\0mif1avif": "image/avif",
    "BM\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0": "image/bmp",
  };
  for (const [head, mime] of Object.entries(known)) {
    it(`${JSON.stringify(head)} are ${mime}`, () => assert.equal(sniff(bytes(head)), mime));
  }
  for (const head of ["<!doctype html>", "<svg xmlns=", "%PDF-1.7", "II*\0", "RIFF\0\0\0\0WAVE", "\0\0\0 ftypheic", "BM", ""]) {
    it(`${JSON.stringify(head)} are no image`, () => assert.equal(sniff(bytes(head)), null));
  }
});

describe("a name", () => {
  const names = {
    "https://example.com/a/photo.jpg?w=1#x": "photo.jpg",
    "https://example.com/a/caf%C3%A9.png": "café.png",
    "https://example.com/a/%E0%A4%A.png": "%E0%A4%A.png",
    "https://example.com/a%0Ab.png": "ab.png",
    "https://example.com/%E2%80%AEgnp.exe": "gnp.exe",
    "https://example.com/..%2F..%5Cb.png": ".._.._b.png",
    "https://example.com/": "",
    "data:image/png;base64,AAAA/BBB": "",
    "blob:https://example.com/0b6f": "",
  };
  for (const [url, name] of Object.entries(names)) it(`of ${url} is "${name}"`, () => assert.equal(nameOf(url), name));

  it("has at most 200 characters", () => assert.equal(nameOf(`https://example.com/${"n".repeat(500)}`).length, 200));
});
