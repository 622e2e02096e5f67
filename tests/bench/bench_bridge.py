"""Round trip of a 1 MB image over the bridge without inference, over a bare websockets server that answers in a word.

Run: python tests/bench/bench_bridge.py. Prints medians of one run, both measured alternately. The judge answers at
once, so what is measured is the way there and back: header, bytes, gate, limits, SHA-256, verdict. Goal: at most 10 ms.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import tempfile
import threading
import time
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from statistics import median

from websockets.asyncio.server import ServerConnection, serve
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.auth import Handshake, from_base64, to_base64
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.bridge.wire import encode

SIZE = 1_000_000  # bytes
ROUNDS = 101


def judge(data: bytes, name: str, page: str) -> Future[Verdict]:
    """Answer at once; the hash was checked by the bridge already."""
    done: Future[Verdict] = Future()
    done.set_result(Verdict("0" * 64, 0.5, Band.UNCERTAIN, 1.0, (), "none", 0.0, 8, 8))
    return done


class Bare:
    """A websockets server without any of our checks, in its own thread as the bridge is."""

    def __init__(self) -> None:
        self._ready: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._thread.start()
        self.port = self._ready.result()

    async def _serve(self) -> None:
        async with serve(self._answer, "127.0.0.1", 0, compression=None, max_size=2**25) as server:
            self._ready.set_result(next(iter(server.sockets)).getsockname()[1])
            await self._stop.wait()

    @staticmethod
    async def _answer(connection: ServerConnection) -> None:
        async for _ in connection:
            await connection.send("ok")

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


def authenticate(ws: ClientConnection, key: BrowserKey, port: int) -> None:
    """Shake hands as the extension does."""
    nonce = secrets.token_bytes(32)
    ws.send(encode(p.Hello(p.VERSION, key.id, to_base64(nonce), "bench")))
    server_nonce = from_base64(json.loads(ws.recv())["nonce"])
    mac = Handshake(key.id, p.EXTENSION_ORIGIN, port, nonce, server_nonce).client_mac(key.secret)
    ws.send(encode(p.Auth(to_base64(mac))))
    assert json.loads(ws.recv())["type"] == "welcome"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        keys = KeyStore(Path(folder) / "browsers.json")
        key = keys.create("Bench")
        bridge = BridgeServer(judge, lambda *_: None, keys, app="bench", model=lambda: None, ports=(0,))
        bare = Bare()
        address = f"ws://127.0.0.1:{bridge.start()}{p.PATH}"
        try:
            with (
                connect(
                    address,
                    origin=Origin(p.EXTENSION_ORIGIN),
                    subprotocols=[Subprotocol(p.SUBPROTOCOL)],
                    compression=None,
                ) as ours,
                connect(f"ws://127.0.0.1:{bare.port}", compression=None) as theirs,
            ):
                authenticate(ours, key, bridge.port)
                measure(ours, theirs)
        finally:
            bridge.stop()
            bare.close()


def measure(ours: ClientConnection, theirs: ClientConnection) -> None:
    """Send the same image both ways, in turns."""
    bridge_s, bare_s = [], []
    for n in range(ROUNDS):
        data = os.urandom(SIZE)
        header = encode(p.Image(str(n), SIZE, sha256(data).hexdigest(), "image/jpeg", "a.jpg", 0, 0))
        begun = time.perf_counter()
        ours.send(header)
        ours.send(data)
        while json.loads(ours.recv())["type"] != "verdict":
            pass
        middle = time.perf_counter()
        theirs.send(data)
        theirs.recv()
        bridge_s.append(middle - begun)
        bare_s.append(time.perf_counter() - middle)
    a, b = median(bridge_s) * 1e3, median(bare_s) * 1e3
    print(f"{SIZE:,} bytes, {ROUNDS} rounds, medians")
    print(f"bridge {a:.1f} ms, bare websockets {b:.1f} ms, ratio {a / b:.2f}")


if __name__ == "__main__":
    main()
