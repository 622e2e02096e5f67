/** addresses.js: no page reaches a network nearer to the user than its own. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressSpace, mayFetch, Space } from "../addresses.js";

const LOOPBACK = [
  "http://127.0.0.1/",
  "http://127.8.9.10:8080/a.png",
  "http://localhost/",
  "http://LOCALHOST./",
  "http://app.localhost/",
  "http://[::1]/",
  "http://[::]/",
  "http://[::ffff:127.0.0.1]/",
  "http://0.0.0.0/",
  "http://0/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "file:///home/a.png",
  "blob:http://127.0.0.1:8000/0b6f",
];
const PRIVATE = [
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/admin.png",
  "http://169.254.169.254/latest/meta-data",
  "http://100.64.0.1/",
  "http://192.0.0.8/",
  "http://198.18.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://[ff02::1]/",
  "http://[::ffff:192.168.0.1]/",
  "http://[64:ff9b::a00:1]/",
  "http://router/",
  "http://printer.local/",
  "http://nas.lan/",
  "http://wiki.internal./",
  "http://box.home.arpa/",
  "http://3232235777/",
];
const PUBLIC = [
  "https://example.com/a.png",
  "http://93.184.216.34/",
  "http://172.32.0.1/",
  "http://172.15.255.255/",
  "http://100.128.0.1/",
  "http://192.167.1.1/",
  "http://[2606:2800:220:1::1]/",
  "http://127.0.0.1.example.com/",
  "http://localhost.example.com/",
  "about:srcdoc",
  "data:text/html,x",
  "not an address",
];
const SPACES = /** @type {const} */ ([
  [Space.LOOPBACK, LOOPBACK],
  [Space.PRIVATE, PRIVATE],
  [Space.PUBLIC, PUBLIC],
]);

describe("an address's space", () => {
  for (const [space, addresses] of SPACES) {
    for (const address of addresses) it(`${address} is ${space}`, () => assert.equal(addressSpace(address), space));
  }
});

describe("a page", () => {
  for (const [own, pages] of SPACES) {
    for (const [target, addresses] of SPACES) {
      const allowed = target >= own;
      it(`of space ${own} ${allowed ? "may" : "may not"} name an image of space ${target}`, () => {
        for (const page of pages) for (const address of addresses) assert.equal(mayFetch([page], address), allowed);
      });
    }
  }

  it("is trusted no more than the farthest of its frames", () => {
    assert.equal(mayFetch(["https://example.com/", "http://127.0.0.1/frame"], "http://127.0.0.1/a.png"), false);
    assert.equal(mayFetch(["http://127.0.0.1/", "https://example.com/frame"], "http://127.0.0.1/a.png"), false);
  });

  it("without any known address is trusted with nothing near", () => {
    assert.equal(mayFetch([], "http://127.0.0.1/a.png"), false);
  });
});
