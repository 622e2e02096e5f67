/** code-pairing.js against the golden example that the app's tests read as well. */

import "./setup.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { agreedKey, beginPairing, clientMac, codeOf, commitment, serverMacFits, transcript } from "../code-pairing.js";
import { fromBase64Url, toBase64Url } from "../protocol.js";
import { ORIGIN } from "./app-server.js";

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

/** The app's end of a socket, as far as it goes until the codes are compared. */
class PairingSocket extends EventTarget {
  readyState = 0;

  /** @param {boolean} opens whether the gate lets the browser in */
  constructor(opens) {
    super();
    setTimeout(() => (opens ? this.#open() : this.end(1006)));
  }

  #open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /**
   * @param {number} code
   * @param {string} [reason]
   */
  end(code, reason = "") {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }

  /** @param {string} message */
  send(message) {
    if (this.readyState !== 1 || JSON.parse(message).type !== "pair") return;
    const offer = { type: "pair_offer", v: 1, public: golden.server_public, nonce: golden.server_nonce, app: "0.1.0" };
    setTimeout(() => this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(offer) })));
  }

  close() {}
}

describe("the app", () => {
  const FIREFOX = "moz-extension://5f0c3c5e-8f0f-4d6b-9a51-1c2d3e4f5a6b";
  let socket = new PairingSocket(false);
  /** @param {Partial<Parameters<typeof beginPairing>[0]> & { opens: boolean }} options */
  const begin = ({ opens, ...options }) =>
    beginPairing({
      ports: [48211, 48212],
      origin: FIREFOX,
      version: "0.1.0",
      name: "Firefox on Linux",
      openSocket: () => /** @type {any} */ (socket = new PairingSocket(opens)),
      probe: async () => "nobody",
      ...options,
    });

  it("is told from none where it runs and waits for no Firefox", async () => {
    /** @type {import("../client.js").ClientOptions["probe"]} */
    const probe = async (port) => (port === 48211 ? "answers" : "nobody");
    await assert.rejects(begin({ opens: false, probe }), { code: "pairing_closed" });
    await assert.rejects(begin({ opens: false, probe, origin: ORIGIN }), { code: "other_program" });
    await assert.rejects(begin({ opens: false }), { code: "app_not_running" });
  });

  for (const [code, how] of /** @type {const} */ ([[4008, "runs out"], [4012, "was closed"]])) {
    it(`is heard when its window ${how} while the code is shown, and when it is confirmed all the same`, async () => {
      const pairing = await begin({ opens: true });
      socket.end(code, "window");
      assert.equal((await pairing.ended).code, "pairing_refused");
      await assert.rejects(pairing.confirm(), { code: "pairing_refused" });
    });
  }
});
