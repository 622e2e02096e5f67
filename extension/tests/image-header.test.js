/** image-header.js on headers as the formats define them, and on what is cut short. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imageSize } from "../image-header.js";
import { isLargerCopy } from "../image-source.js";

/** @param {...(string | number[])} parts */
const bytes = (...parts) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(/** @type {any} */ (part), "latin1"))));
const size = { width: 640, height: 480 };
const heads = {
  png: bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 2, 128], [0, 0, 1, 224]),
  gif: bytes("GIF89a", [128, 2, 224, 1]),
  bmp: bytes("BM", new Array(16).fill(0), [128, 2, 0, 0], [32, 254, 255, 255]),
  jpeg: bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc2, 0, 17, 8, 1, 224, 2, 128]),
  "webp, lossy": bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 ", new Array(10).fill(0), [128, 2, 224, 1]),
  "webp, extended": bytes("RIFF", [0, 0, 0, 0], "WEBPVP8X", new Array(8).fill(0), [127, 2, 0, 223, 1, 0]),
  avif: bytes([0, 0, 0, 16], "ftypavif", new Array(8).fill(0), "ispe", [0, 0, 0, 0, 0, 0, 2, 128, 0, 0, 1, 224], new Array(16).fill(0)),
};

describe("the size in a header", () => {
  for (const [kind, content] of Object.entries(heads)) {
    it(`of ${kind} is read`, () => assert.deepEqual(imageSize(content), size));
    it(`of ${kind} cut short is not guessed`, () => assert.equal(imageSize(content.slice(0, 9)), null));
  }
  it("of another file is none", () => assert.equal(imageSize(bytes("%PDF-1.7")), null));
});

describe("a linked image", () => {
  const facts = { src: "", currentSrc: "https://a.test/s.jpg", sets: [], links: [], lazySets: [], others: [], origin: "https://example.com", referrerPolicy: "", linkPolicy: "", baseUrl: "https://a.test/", width: 320, height: 240 };

  it("of the same shape and larger is the picture", () => assert.ok(isLargerCopy(size, facts)));
  it("turned by its EXIF is the picture too", () => assert.ok(isLargerCopy({ width: 480, height: 640 }, facts)));
  it("of another shape is another picture", () => assert.ok(!isLargerCopy({ width: 640, height: 640 }, facts)));
  it("of the same size is no gain", () => assert.ok(!isLargerCopy({ width: 320, height: 240 }, facts)));
  it("stands in for a placeholder", () => assert.ok(isLargerCopy({ width: 640, height: 640 }, { ...facts, width: 1, height: 1 })));
  it("must beat the largest of the srcset", () => {
    const sets = [{ srcset: "s.jpg 320w, l.jpg 1600w", type: "" }];
    assert.ok(!isLargerCopy(size, { ...facts, sets }));
  });
});
