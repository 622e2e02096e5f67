"""The bridge under load: 10,000 idle connections, then 16 images of 32 MiB at once.

Run: python tests/bench/bench_bridge_load.py. The server is a process of its own, so its memory is its alone. Goals: a
paired browser gets in within a second, the server grows by less than 100 MiB and logs fewer than 20 lines; with the
large images it grows by its budget of 128 MiB and the image being taken apart.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bridge.peer import Peer  # noqa: E402

from noiselens_core.verdict import Band, Verdict  # noqa: E402
from noiselens_desktop.bridge import protocol as p  # noqa: E402
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore  # noqa: E402
from noiselens_desktop.bridge.server import BUDGET_BYTES, BridgeServer  # noqa: E402

MIB = 2**20
IDLE = 10_000
LARGE = 16
JUDGE_S = 0.2  # an image stays in memory for so long


def serve(folder: Path) -> None:
    """Serve until standard input ends; the judge takes its time, one image after another."""
    logging.basicConfig(level=logging.INFO)
    worker = ThreadPoolExecutor(1)

    def judge(data: bytes, name: str, page: str) -> Future[Verdict]:
        def verdict() -> Verdict:
            time.sleep(JUDGE_S)
            return Verdict("0" * 64, 0.5, Band.UNCERTAIN, 1.0, (), "none", 0.0, 8, 8)

        return worker.submit(verdict)

    keys = KeyStore(folder / "browsers.json")
    bridge = BridgeServer(judge, lambda *_: None, keys, app="bench", model=lambda: None, ports=(0,))
    print(bridge.start(), flush=True)
    sys.stdin.read()
    bridge.stop()
    worker.shutdown()


@dataclass
class Server:
    """The process that serves. peak_mib: the most it has held since `watch` began."""

    port: int
    process: psutil.Process
    peak_mib: float = 0.0

    def rss_mib(self) -> float:
        """Return what it holds now."""
        return float(self.process.memory_info().rss / MIB)

    @contextmanager
    def watch(self) -> Iterator[float]:
        """Sample its memory while the body runs; yields what it held before."""
        before = self.peak_mib = self.rss_mib()
        ended = threading.Event()

        def sample() -> None:
            while not ended.wait(0.02):
                self.peak_mib = max(self.peak_mib, self.rss_mib())

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            yield before
        finally:
            ended.set()
            sampler.join()


def idle_connections(server: Server, key: BrowserKey) -> None:
    """Open sockets that say nothing, then let a paired browser in."""
    with server.watch() as before, ExitStack() as stack:
        opened, begun = 0, time.perf_counter()
        for _ in range(IDLE):
            sock = stack.enter_context(socket.socket())
            with suppress(OSError):
                sock.connect(("127.0.0.1", server.port))
                opened += 1
        flooded_s = time.perf_counter() - begun
        begun = time.perf_counter()
        with Peer(server.port) as peer:
            assert peer.pair(key)["type"] == "welcome"
        let_in_s = time.perf_counter() - begun
    print(f"{opened:,} idle connections in {flooded_s:.1f} s: a paired browser got in after {let_in_s * 1e3:.0f} ms")
    print(f"  and the server grew by {server.peak_mib - before:.0f} MiB")


def large_images(server: Server, key: BrowserKey) -> None:
    """Send the largest images from as many connections at once."""
    body = memoryview(os.urandom(MIB) * (p.IMAGE_BYTES // MIB))[:-1]  # all but the last byte, which tells them apart
    common, ready, one_by_one = sha256(body), threading.Barrier(LARGE + 1), threading.Lock()

    def send(number: int) -> None:
        last, digest = bytes([number]), common.copy()
        digest.update(last)
        with ExitStack() as stack:
            with one_by_one:  # only eight strangers may knock at a time
                peer = stack.enter_context(Peer(server.port))
                peer.pair(key)
            ready.wait()
            peer.send(p.Image("1", len(body) + 1, digest.hexdigest(), "", "", 0, 0))
            with peer.ws.socket.dup() as sock:
                sock.settimeout(120)
                sock.sendall(b"\x82\xff" + struct.pack("!Q", len(body) + 1) + bytes(4))
                sock.sendall(body)
                sock.sendall(last)
            assert peer.answer("1", 120)["type"] == "verdict"

    with server.watch() as before:
        threads = [threading.Thread(target=send, args=(number,)) for number in range(LARGE)]
        for thread in threads:
            thread.start()
        ready.wait()
        begun = time.perf_counter()
        for thread in threads:
            thread.join()
    took_s, grown = time.perf_counter() - begun, server.peak_mib - before
    print(f"{LARGE} x {p.IMAGE_BYTES // MIB} MiB at once: all answered after {took_s:.1f} s")
    print(f"  and the server grew by {grown:.0f} MiB (budget {BUDGET_BYTES // MIB} MiB)")


def main() -> None:
    """Measure and print."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, IDLE + 2000), hard))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        key = KeyStore(Path(folder) / "browsers.json").create("Bench")
        command, pipe = [sys.executable, __file__, "--serve", folder], subprocess.PIPE
        with log.open("wb") as errors, subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors) as child:
            assert child.stdout is not None
            server = Server(int(child.stdout.readline()), psutil.Process(child.pid))
            idle_connections(server, key)
            print(f"lines in its log: {len(log.read_text().splitlines())}")
            large_images(server, key)
            child.communicate()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]))
    else:
        main()
