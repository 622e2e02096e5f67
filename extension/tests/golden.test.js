/** The golden messages that the app's tests read too: both sides write and read the same text. */

import "./setup.js";
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import * as protocol from "../protocol.js";

const golden = JSON.parse(readFileSync(new URL("../../tests/protocol/messages.json", import.meta.url), "utf8"));

/** How the extension writes a message of the app's that says the same. @type {Record<string, (m: any) => string>} */
const WRITERS = {
  hello: (m) => protocol.helloMessage(m.key_id, protocol.fromBase64Url(m.nonce, 32), m.client),
  auth: (m) => protocol.authMessage(protocol.fromBase64Url(m.mac, 32)),
  image: protocol.imageMessage,
  cancel: (m) => protocol.cancelMessage(m.id),
  label: (m) => protocol.labelMessage(m.id, m.sha256, m.label),
  open: (m) => protocol.openMessage(m.id, m.sha256),
  ping: (m) => protocol.pingMessage(m.id),
};

it("the constants are the app's", () => {
  const { version, path, subprotocol, ports, max_image_bytes } = golden.constants;
  assert.equal(version, protocol.VERSION);
  assert.equal(path, protocol.PATH);
  assert.equal(subprotocol, protocol.SUBPROTOCOL);
  assert.deepEqual(ports, protocol.PORTS);
  assert.equal(max_image_bytes, protocol.MAX_IMAGE_BYTES);
});

it("the pairing string is read alike", () => {
  const { text, port, key_id, key } = golden.pairing;
  assert.deepEqual(protocol.parsePairing(text), { port, keyId: key_id, key: protocol.fromBase64Url(key, 32) });
});

describe("MACs", () => {
  const { key, key_id, origin, port, client_nonce, server_nonce, server_mac, client_mac } = golden.macs;
  const nonces = /** @type {const} */ ([
    protocol.fromBase64Url(client_nonce, 32),
    protocol.fromBase64Url(server_nonce, 32),
  ]);
  for (const [side, expected] of /** @type {const} */ ([["server", server_mac], ["client", client_mac]])) {
    it(`of the ${side} are taken over the same bytes`, () => {
      const input = protocol.macInput(side, key_id, origin, port, ...nonces);
      assert.equal(createHmac("sha256", Buffer.from(key, "base64url")).update(input).digest("base64url"), expected);
    });
  }
});

describe("messages to the app", () => {
  for (const text of golden.client) {
    const message = JSON.parse(text);
    it(`${text.slice(0, 50)} is written alike`, () => assert.equal(WRITERS[message.type]?.(message), text));
  }

  it("are all there", () => {
    const types = new Set(golden.client.map((/** @type {string} */ text) => JSON.parse(text).type));
    assert.deepEqual([...types].sort(), Object.keys(WRITERS).sort());
  });
});

describe("messages of the app", () => {
  for (const text of golden.server) {
    it(`${text.slice(0, 50)} is read`, () => {
      const read = /** @type {any} */ (protocol.parseServerMessage(text));
      const sent = JSON.parse(text);
      assert.equal(read.type, sent.type);
      if (read.id !== undefined) assert.equal(read.id, sent.id);
      const verdict = { ...sent.verdict, why: sent.why };
      for (const [field, value] of Object.entries(read.verdict ?? {})) assert.deepEqual(value, verdict[field]);
      if (read.type === "refused" || read.type === "error") assert.deepEqual(read.why, sent.why);
    });
  }

  for (const text of golden.refused_by_the_extension) {
    it(`${text.slice(0, 60)} is refused`, () => {
      assert.throws(() => protocol.parseServerMessage(text), protocol.ProtocolError);
    });
  }
});
