/** client.js against apps, squatters and silence on real loopback sockets. */

import "./setup.js";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { afterEach, describe, it } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { AppClient } from "../client.js";
import { KEY, KEY_ID, ORIGIN, send, startApp, verdictOf } from "./app-server.js";

const CONTENT = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");
const IMAGE = { content: CONTENT, sha256: SHA256, mime: "image/png", name: "a.png", width: 3, height: 4, page: "" };

/** @type {(() => unknown)[]} */
let cleanups = [];
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

/** @param {import("./app-server.js").Habits} [habits] */
async function app(habits) {
  const started = await startApp(habits);
  cleanups.push(started.stop);
  return started;
}

/**
 * @param {number[]} ports
 * @param {Partial<import("../client.js").Timings>} [timings]
 * @param {string} [origin]
 */
function clientFor(ports, timings = {}, origin = ORIGIN) {
  const client = new AppClient({
    pairing: { port: ports[0] ?? 0, keyId: KEY_ID, key: new Uint8Array(KEY) },
    ports,
    origin,
    version: "0.1.0",
    openSocket: (url, protocol) =>
      /** @type {any} */ (new WebSocket(url, protocol, { headers: { origin } })),
    probe: async (port) => {
      try {
        await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(300) });
        return "answers";
      } catch (error) {
        return /** @type {Error} */ (error).name === "TimeoutError" ? "silent" : "nobody";
      }
    },
    timings: { open: 1000, message: 400, silence: 400, idle: 5000, ...timings },
  });
  cleanups.push(() => client.close());
  return client;
}

/**
 * @param {import("node:http").Server} server to be ended with the test
 * @returns {Promise<number>} the port it listens on
 */
async function served(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

/** @param {string} code */
const failure = (code) => (/** @type {any} */ error) => {
  assert.equal(error.code, code, String(error.stack));
  return true;
};

/** Answer every image with its verdict. @type {import("./app-server.js").Habits} */
const JUDGES = {
  onImage(socket, header, content) {
    assert.equal(header.bytes, content.length);
    send(socket, { type: "queued", id: header.id });
    send(socket, { type: "progress", id: header.id, stage: "judging" });
    send(socket, { type: "verdict", id: header.id, verdict: verdictOf(header.sha256) });
  },
};

describe("a paired app", () => {
  it("gets the original bytes and its verdict comes back whole", async () => {
    const { port, heard } = await app(JUDGES);
    const client = clientFor([port]);
    /** @type {string[]} */
    const stages = [];
    const verdict = await client.judge("job-1", IMAGE, (stage) => stages.push(stage));
    assert.equal(verdict.probability, 0.9312);
    assert.equal(verdict.band, "likely_generated");
    assert.deepEqual(stages, ["queued", "judging"]);
    assert.deepEqual(heard.at(-1), Buffer.from(CONTENT));
    assert.equal(client.port, port);
  });

  it("is found behind a closed port and a squatter's", async () => {
    const squatter = await app({ key: Buffer.alloc(32, 9) });
    const { port } = await app(JUDGES);
    const closed = await app();
    await closed.stop();
    cleanups.splice(cleanups.indexOf(closed.stop), 1);
    const client = clientFor([closed.port, squatter.port, port]);
    await client.judge("job-1", IMAGE, () => {});
    assert.equal(client.port, port);
  });

  it("is asked again with a new id when it is busy", async () => {
    /** @type {string[]} */
    const ids = [];
    const { port } = await app({
      onImage(socket, header) {
        ids.push(header.id);
        if (ids.length < 3) send(socket, { type: "busy", id: header.id, retry_ms: 5 });
        else send(socket, { type: "verdict", id: header.id, verdict: verdictOf(header.sha256) });
      },
    });
    await clientFor([port]).judge("job-1", IMAGE, () => {});
    assert.equal(new Set(ids).size, 3);
  });

  it("is asked with a new id when a check is taken up again", async () => {
    /** @type {string[]} */
    const ids = [];
    const { port } = await app({
      onImage(socket, header) {
        ids.push(header.id);
        send(socket, { type: "verdict", id: header.id, verdict: verdictOf(header.sha256) });
      },
    });
    const client = clientFor([port]);
    for (let times = 0; times < 2; times++) await client.judge("job-1", IMAGE, () => {});
    assert.equal(new Set(ids).size, 2);
  });

  it("answers several images at once, each its own", async () => {
    const { port } = await app(JUDGES);
    const client = clientFor([port]);
    const images = [1, 2, 3].map((seed) => {
      const content = new Uint8Array([...CONTENT, seed]);
      return { ...IMAGE, content, sha256: createHash("sha256").update(content).digest("hex") };
    });
    const verdicts = await Promise.all(images.map((image, n) => client.judge(`job-${n}`, image, () => {})));
    assert.deepEqual(verdicts.map(({ sha256 }) => sha256), images.map(({ sha256 }) => sha256));
  });

  it("keeps a slow job alive by ticking", async () => {
    const { port } = await app({
      onImage(socket, header) {
        const ticks = setInterval(() => send(socket, { type: "tick" }), 100);
        setTimeout(() => {
          clearInterval(ticks);
          send(socket, { type: "verdict", id: header.id, verdict: verdictOf(header.sha256) });
        }, 1000);
      },
    });
    await clientFor([port]).judge("job-1", IMAGE, () => {});
  });

  it("refuses in its own words", async () => {
    const text = "The file is damaged. Open the original.";
    const { port } = await app({
      onImage: (socket, header) => send(socket, { type: "refused", id: header.id, code: "damaged", text }),
    });
    await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), (/** @type {any} */ error) => {
      assert.equal(error.code, "refused");
      assert.equal(error.detail, text);
      return true;
    });
  });

  it("T38 is taken up again after a restart", async () => {
    const first = await startApp(JUDGES);
    const client = clientFor([first.port]);
    await client.judge("job-1", IMAGE, () => {});
    await first.stop();
    await app({ ...JUDGES, port: first.port });
    await client.judge("job-2", IMAGE, () => {});
  });

  it("is asked to show an image, and its own words are told when it cannot", async () => {
    const told = "NoiseLens runs here without a window.";
    const { port, heard } = await app({
      onMessage(socket, { type, id, sha256 }) {
        assert.equal(type, "open");
        if (sha256 === SHA256) send(socket, { type: "opened", id });
        else send(socket, { type: "error", id, code: "open", text: told });
      },
    });
    const client = clientFor([port]);
    await client.open(SHA256);
    assert.equal(JSON.parse(String(heard.at(-1))).sha256, SHA256);
    await assert.rejects(client.open("0".repeat(64)), { code: "refused", detail: told });
  });

  it("is too old when it does not know what it is asked", async () => {
    const { port } = await app({
      onMessage: (socket, { id }) => send(socket, { type: "error", id, code: "unknown_type", text: "Unknown." }),
    });
    await assert.rejects(clientFor([port]).open(SHA256), failure("app_too_old"));
  });

  it("T37 is left alone when nothing is left to ask", async () => {
    const { port, sockets } = await app(JUDGES);
    await clientFor([port], { idle: 50 }).judge("job-1", IMAGE, () => {});
    assert.equal(sockets(), 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(sockets(), 0);
  });
});

describe("whoever does not hold the key", () => {
  const squatters = {
    "signs with another key": { key: Buffer.alloc(32, 9) },
    "offers the MAC that the client would send": { label: /** @type {const} */ ("client") },
    "sends no challenge but a welcome": {
      challenge: JSON.stringify({ type: "welcome", app: "0.1.0", model: null, max_bytes: 33554432 }),
    },
    "sends what is not JSON": { challenge: "220 ftp ready" },
    "sends a short MAC": {
      challenge: JSON.stringify({ type: "challenge", v: 1, nonce: "A".repeat(43), mac: "AA", app: "0.1.0" }),
    },
  };
  for (const [what, habits] of Object.entries(squatters)) {
    it(`T13 ${what}: hears a hello and nothing more`, async () => {
      const { port, heard } = await app(habits);
      await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), failure("other_program"));
      assert.equal(heard.length, 1);
      const hello = JSON.parse(String(heard[0]));
      assert.deepEqual(Object.keys(hello).sort(), ["client", "key_id", "nonce", "type", "v"]);
      assert.ok(!JSON.stringify(hello).includes(KEY.toString("base64url")));
    });
  }

  for (const [v, code] of /** @type {const} */ ([[0, "app_too_old"], [2, "extension_too_old"]])) {
    it(`speaks version ${v}: the older side is named`, async () => {
      const challenge = JSON.stringify({ type: "challenge", v, nonce: "A".repeat(43), mac: "A".repeat(43), app: "9" });
      const { port, heard } = await app({ challenge });
      await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), failure(code));
      assert.equal(heard.length, 1);
    });
  }

  it("T13 passes on what the real app says on another port: still gets no image", async () => {
    const real = await app(JUDGES);
    const relay = createTcpServer((inward) => {
      const outward = connect(real.port, "127.0.0.1");
      for (const [from, to] of [
        [inward, outward],
        [outward, inward],
      ]) {
        from?.on("error", () => {});
        from?.pipe(/** @type {import("node:net").Socket} */ (to));
      }
    });
    relay.listen(0, "127.0.0.1");
    await once(relay, "listening");
    cleanups.push(() => relay.close());
    const { port } = /** @type {import("node:net").AddressInfo} */ (relay.address());
    await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), failure("other_program"));
    assert.equal(real.heard.length, 1);
  });

  for (const [what, answers, code] of /** @type {const} */ ([
    ["takes the call, never answers it, and serves pages", true, "other_program"],
    ["is silent: it may be the app, busy starting", false, "no_answer"],
  ])) {
    it(what, async () => {
      const server = createServer((_, response) => void (answers && response.end("hello")));
      server.on("upgrade", () => {});
      const port = await served(server);
      await assert.rejects(clientFor([port], { open: 200 }).connect(), failure(code));
    });
  }

  it("opens the socket and says nothing: it may be the app, busy starting", async () => {
    const silent = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(silent, "listening");
    cleanups.push(() => {
      for (const socket of silent.clients) socket.terminate();
      silent.close();
    });
    const { port } = /** @type {import("node:net").AddressInfo} */ (silent.address());
    await assert.rejects(clientFor([port], { message: 100 }).connect(), failure("no_answer"));
  });

  for (const [origin, code, cause] of /** @type {const} */ ([
    [ORIGIN, "other_program", "as the app does not, which lets every Chromium in"],
    ["moz-extension://5f0c3c5e-8f0f-4d6b-9a51-1c2d3e4f5a6b", "turned_away", "or is the app, which does not know this Firefox any more"],
  ])) {
    it(`serves pages on the port, ${cause}`, async () => {
      const server = createServer((_, response) => response.writeHead(403).end());
      const port = await served(server);
      await assert.rejects(clientFor([port], {}, origin).connect(), (/** @type {any} */ error) => {
        assert.equal(error.code, code);
        assert.equal(error.detail, String(port));
        return true;
      });
    });
  }
});

describe("an app that turns the client away", () => {
  const codes = {
    ...{ 4001: "key_refused", 4003: "key_refused", 4008: "timed_out", 4029: "app_full", 4030: "locked", 4000: "versions" },
    ...{ 1001: "connection_lost", 1002: "versions", 1007: "versions", 1009: "versions" },
  };
  for (const [code, expected] of Object.entries(codes)) {
    it(`with ${code} is heard as ${expected}`, async () => {
      const { port } = await app({ closeCode: Number(code) });
      const { port: nobody, stop } = await startApp();
      await stop();
      await assert.rejects(clientFor([port, nobody]).connect(), failure(expected));
    });
  }
});

describe("trouble on the way", () => {
  it("no app on any port", async () => {
    const { port, stop } = await startApp();
    await stop();
    await assert.rejects(clientFor([port]).connect(), failure("app_not_running"));
  });

  it("the connection breaks while a job waits", async () => {
    const { port } = await app({ onImage: (socket) => socket.terminate() });
    await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), failure("connection_lost"));
  });

  it("an app that falls silent times out and is told to forget the job", async () => {
    const { port, heard } = await app({ onImage: () => {} });
    await assert.rejects(clientFor([port], { silence: 100 }).judge("job-1", IMAGE, () => {}), failure("timed_out"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(JSON.parse(String(heard.at(-1))).type, "cancel");
  });

  it("a verdict on other bytes is not taken", async () => {
    const { port } = await app({
      onImage: (socket, header) =>
        send(socket, { type: "verdict", id: header.id, verdict: verdictOf("0".repeat(64)) }),
    });
    await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), failure("versions"));
  });

  it("a message outside the protocol ends the connection", async () => {
    const { port } = await app({ onImage: (socket) => socket.send('{"type":"surprise"}') });
    await assert.rejects(clientFor([port]).judge("job-1", IMAGE, () => {}), failure("versions"));
  });

  it("an answer to an id nobody asked about is passed over", async () => {
    const { port } = await app({
      onImage(socket, header) {
        send(socket, { type: "verdict", id: "nobody", verdict: verdictOf("0".repeat(64)) });
        send(socket, { type: "verdict", id: header.id, verdict: verdictOf(header.sha256) });
      },
    });
    await clientFor([port]).judge("job-1", IMAGE, () => {});
  });
});
