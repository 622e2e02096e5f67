/** protocol.js: what it writes and what it refuses to read. */

import "./setup.js";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import {
  cleanName,
  cleanPage,
  fromBase64Url,
  macInput,
  ProtocolError,
  parsePairing,
  parseServerMessage,
  toBase64Url,
} from "../protocol.js";
import { KEY, KEY_ID, ORIGIN, verdictOf } from "./app-server.js";

const SHA256 = "0".repeat(64);
const VERDICT = { type: "verdict", id: "a", verdict: verdictOf(SHA256) };

describe("pairing strings", () => {
  const key = KEY.toString("base64url");

  it("are read, white space forgiven", () => {
    const pairing = parsePairing(`\n  noiselens1:48211:${KEY_ID}:${key} `);
    assert.deepEqual(pairing, { port: 48211, keyId: KEY_ID, key: new Uint8Array(KEY) });
  });

  const wrong = {
    "another scheme": `noiselens2:48211:${KEY_ID}:${key}`,
    "no port": `noiselens1::${KEY_ID}:${key}`,
    "port 0": `noiselens1:0:${KEY_ID}:${key}`,
    "port 65536": `noiselens1:65536:${KEY_ID}:${key}`,
    "upper-case key id": `noiselens1:48211:AB12CD34:${key}`,
    "short key id": `noiselens1:48211:ab12cd3:${key}`,
    "short key": `noiselens1:48211:${KEY_ID}:${key.slice(0, -2)}`,
    "long key": `noiselens1:48211:${KEY_ID}:${key}A`,
    "padded key": `noiselens1:48211:${KEY_ID}:${key}=`,
    "key with stray last bits": `noiselens1:48211:${KEY_ID}:${key.slice(0, -1)}d`,
    "a host inside": `noiselens1:evil.test:${KEY_ID}:${key}`,
    "two lines": `noiselens1:48211:${KEY_ID}:${key}\nnoiselens1:48211:${KEY_ID}:${key}`,
    nothing: "",
  };
  for (const [what, text] of Object.entries(wrong)) {
    it(`with ${what} are refused`, () => assert.throws(() => parsePairing(text), ProtocolError));
  }
});

describe("what a MAC is taken over", () => {
  it("is the documented text and both nonces", () => {
    const [client, server] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const expected = Buffer.concat([
      Buffer.from(`noiselens.v1 server\0${KEY_ID}\0${ORIGIN}\x0048211\0`),
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
    ]);
    assert.deepEqual(Buffer.from(macInput("server", KEY_ID, ORIGIN, 48211, client, server)), expected);
  });

  it("differs between the sides", () => {
    const nonce = new Uint8Array(32);
    /** @param {"server" | "client"} side */
    const mac = (side) => createHmac("sha256", KEY).update(macInput(side, KEY_ID, ORIGIN, 48211, nonce, nonce)).digest("hex");
    assert.notEqual(mac("server"), mac("client"));
  });
});

describe("base64url", () => {
  it("comes back as it was", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, n) => (n * 37) & 255);
    assert.deepEqual(fromBase64Url(toBase64Url(bytes), 32), bytes);
  });
});

describe("a name for the app", () => {
  const names = {
    "a/b\\c.png": "a_b_c.png",
    "a\nb\u0000c": "abc",
    "\u202egnp.exe": "gnp.exe",
    "\ud83d": "",
    [`${"n".repeat(199)  }😀`]: "n".repeat(199),
    ["n".repeat(500)]: "n".repeat(200),
    "图 café.png": "图 café.png",
  };
  for (const [name, clean] of Object.entries(names)) {
    it(`${JSON.stringify(name).slice(0, 40)} is cleaned`, () => assert.equal(cleanName(name), clean));
  }
});

describe("addresses of pages", () => {
  /** @type {Record<string, string>} */
  const pages = {
    "https://example.org/a b?c=d#place": "https://example.org/a%20b?c=d",
    "http://me:secret@example.org/": "http://example.org/",
    "https://exämple.org": "https://xn--exmple-cua.org/",
    'https://example.org/"<b>?"<b>': "https://example.org/%22%3Cb%3E?%22%3Cb%3E",
    "file:///home/me/page.html": "",
    "about:blank": "",
    "no address": "",
    [`https://example.org/${"a".repeat(2000)}`]: "",
  };
  for (const [address, clean] of Object.entries(pages)) {
    it(`${address.slice(0, 40)} is sent as ${clean || "none"}`, () => assert.equal(cleanPage(address), clean));
  }
});

describe("messages of the app", () => {
  it("give the verdict's shown fields alone", () => {
    const message = parseServerMessage(JSON.stringify({ ...VERDICT, extra: 1 }));
    const { schema, ...shown } = verdictOf(SHA256);
    assert.deepEqual(message, { type: "verdict", id: "a", verdict: { ...shown, why: [] } });
    assert.ok(schema);
  });

  it("of an app that sends no codes are read as they were", () => {
    const message = parseServerMessage('{"type":"refused","id":"a","code":"format","text":"No."}');
    assert.deepEqual(message, { type: "refused", id: "a", code: "format", text: "No.", why: null });
  });

  /** @param {object} change */
  const verdictWith = (change) => JSON.stringify({ ...VERDICT, verdict: { ...VERDICT.verdict, ...change } });
  const wrong = {
    "no JSON": "{",
    "an array": "[]",
    null: "null",
    "no type": "{}",
    "a type of another object": '{"type":"constructor"}',
    "an unknown type": '{"type":"surprise"}',
    "an id with a space": '{"type":"queued","id":"a b"}',
    "no id": '{"type":"queued"}',
    "a number as id": '{"type":"queued","id":1}',
    "an id of 65 characters": JSON.stringify({ type: "queued", id: "a".repeat(65) }),
    "an endless refusal": JSON.stringify({ type: "refused", id: "a", code: "format", text: "x".repeat(1001) }),
    "a refusal without text": '{"type":"refused","id":"a","code":"format"}',
    "an hour of waiting": '{"type":"busy","id":"a","retry_ms":3600000}',
    "negative waiting": '{"type":"busy","id":"a","retry_ms":-1}',
    "no verdict": '{"type":"verdict","id":"a","verdict":null}',
    "another schema": verdictWith({ schema: 2 }),
    "a probability over 1": verdictWith({ probability: 1.01 }),
    "a probability in words": verdictWith({ probability: "0.9" }),
    "no probability": verdictWith({ probability: undefined }),
    "an unknown band": verdictWith({ band: "certain" }),
    "a reason that is no text": verdictWith({ reasons: [{}] }),
    "too many reasons": verdictWith({ reasons: Array(51).fill("x") }),
    "an upper-case hash": verdictWith({ sha256: "A".repeat(64) }),
    "a megabyte of text": `{"type":"tick","x":"${"x".repeat(2 ** 20)}"}`,
    "a welcome without limit": '{"type":"welcome","app":"0.1.0","model":null}',
    "a challenge with a short nonce": `{"type":"challenge","v":1,"nonce":"AA","mac":"${"A".repeat(43)}","app":"1"}`,
  };
  for (const [what, text] of Object.entries(wrong)) {
    it(`with ${what} are refused`, () => assert.throws(() => parseServerMessage(text), ProtocolError));
  }

  it("as bytes are refused", () => assert.throws(() => parseServerMessage(new ArrayBuffer(4)), ProtocolError));
});
