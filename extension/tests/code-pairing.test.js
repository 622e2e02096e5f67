/** code-pairing.js against the golden example that the app's tests read as well. */

import "./setup.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { agreedKey, clientMac, codeOf, commitment, serverMacFits, transcript } from "../code-pairing.js";
import { fromBase64Url, toBase64Url } from "../protocol.js";

const golden = JSON.parse(readFileSync(new URL("../../tests/protocol/messages.json", import.meta.url), "utf8")).pairing_by_code;
/**
 * @param {string} name
 * @param {number} [length]
 */
const bytes = (name, length = 32) => fromBase64Url(golden[name], length);
const said = {
  origin: golden.origin,
  port: golden.port,
  clientPublic: bytes("client_public", 65),
  clientNonce: bytes("client_nonce"),
  serverPublic: bytes("server_public", 65),
  serverNonce: bytes("server_nonce"),
};

async function privateKey() {
  const [x, y] = [said.clientPublic.slice(1, 33), said.clientPublic.slice(33)].map(toBase64Url);
  const jwk = /** @type {JsonWebKey} */ ({ kty: "EC", crv: "P-256", x, y, d: golden.client_private });
  return crypto.subtle.importKey("jwk", jwk, { name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
}

describe("pairing by code", () => {
  it("commits, shows the app's digits and agrees on its key", async () => {
    assert.equal(toBase64Url(await commitment(said.clientPublic, said.clientNonce)), golden.commit);
    const digest = await transcript(said);
    assert.equal(toBase64Url(digest), golden.transcript);
    assert.equal(codeOf(digest), golden.code);
    const key = await agreedKey(await privateKey(), said.serverPublic, digest);
    assert.equal(toBase64Url(key), golden.key);
    assert.equal(toBase64Url(await clientMac(key, digest)), golden.client_mac);
    assert.ok(await serverMacFits(key, golden.key_id, digest, bytes("server_mac")));
    assert.ok(!(await serverMacFits(key, "00000000", digest, bytes("server_mac"))));
  });

  it("shows other digits for another port", async () => {
    assert.notEqual(codeOf(await transcript({ ...said, port: said.port + 1 })), golden.code);
  });
});
