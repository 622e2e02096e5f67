"""The bridge in a process of its own, so that its memory is its alone, and the two floods it must withstand.

Run as a module it serves until its standard input ends; the test of T20 and T21 and the benchmark share it.
"""

from __future__ import annotations

import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil

from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer

from .peer import Peer

ROOT = Path(__file__).resolve().parents[2]
MIB = 2**20
LARGE = 16
LARGE_WAIT_S = 60.0  # for all of them to be connected
JUDGE_S = 0.2  # an image stays in memory for so long


@dataclass
class Server:
    """The process that serves.

    Attributes:
        key: of a browser paired with it.
        log: the file it logs to.
        peak_mib: the most memory it has held since `watch` began.
    """

    port: int
    process: psutil.Process
    key: BrowserKey
    log: Path
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
            while not ended.wait(0.005):
                self.peak_mib = max(self.peak_mib, self.rss_mib())

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            yield before
        finally:
            ended.set()
            sampler.join()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve from a process of its own while the body runs; its files are in folder."""
    key = KeyStore(folder / "browsers.json").create("Flood")
    log, pipe = folder / "log", subprocess.PIPE
    command = [sys.executable, "-m", "tests.bridge.flood", str(folder)]
    with log.open("wb") as errors, subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, cwd=ROOT) as child:
        assert child.stdout is not None
        yield Server(int(child.stdout.readline()), psutil.Process(child.pid), key, log)
        child.communicate()


@dataclass(frozen=True)
class Flooded:
    """What a flood did. let_in_s: until a paired browser was greeted. grown_mib: the server's memory."""

    opened: int
    flooded_s: float
    let_in_s: float
    grown_mib: float


def idle_connections(server: Server, sockets: int) -> Flooded:
    """Open sockets that say nothing, then let a paired browser in."""
    with server.watch() as before, ExitStack() as stack:
        opened, begun = 0, time.perf_counter()
        for _ in range(sockets):
            sock = stack.enter_context(socket.socket())
            sock.settimeout(5)
            with suppress(OSError):
                sock.connect(("127.0.0.1", server.port))
                opened += 1
        flooded_s = time.perf_counter() - begun
        begun = time.perf_counter()
        with Peer(server.port) as peer:
            assert peer.pair(server.key)["type"] == "welcome"
        let_in_s = time.perf_counter() - begun
    return Flooded(opened, flooded_s, let_in_s, server.peak_mib - before)


def large_images(server: Server) -> tuple[float, float]:
    """Send the largest images from as many connections at once; return the seconds taken and the MiB grown by."""
    body = memoryview(os.urandom(MIB) * (p.IMAGE_BYTES // MIB))[:-1]  # all but the last byte, which tells them apart
    common, ready, one_by_one = sha256(body), threading.Barrier(LARGE + 1, timeout=LARGE_WAIT_S), threading.Lock()

    def send(number: int) -> str:
        last, digest = bytes([number]), common.copy()
        digest.update(last)
        with ExitStack() as stack:
            with one_by_one:  # only eight strangers may knock at a time
                peer = stack.enter_context(Peer(server.port))
                peer.pair(server.key)
            ready.wait()
            peer.send(p.Image("1", len(body) + 1, digest.hexdigest(), "", "", 0, 0))
            with peer.ws.socket.dup() as sock:
                sock.settimeout(120)
                sock.sendall(b"\x82\xff" + struct.pack("!Q", len(body) + 1) + bytes(4))
                sock.sendall(body)
                sock.sendall(last)
            kind: str = peer.answer("1", 120)["type"]
            return kind

    with server.watch() as before, ThreadPoolExecutor(LARGE) as senders:
        answers = [senders.submit(send, number) for number in range(LARGE)]
        ready.wait()
        begun = time.perf_counter()
        assert [answer.result() for answer in answers] == ["verdict"] * LARGE
        took_s = time.perf_counter() - begun
    return took_s, server.peak_mib - before


def _serve(folder: Path) -> None:
    logging.basicConfig(level=logging.INFO)
    worker = ThreadPoolExecutor(1)

    def judge(data: bytes, name: str, page: str) -> Future[Verdict]:
        def verdict() -> Verdict:
            time.sleep(JUDGE_S)
            return Verdict("0" * 64, 0.5, Band.UNCERTAIN, 1.0, (), "none", 0.0, 8, 8)

        return worker.submit(verdict)

    keys = KeyStore(folder / "browsers.json")
    bridge = BridgeServer(judge, lambda *_: None, keys, app="flood", model=lambda: None, ports=(0,))
    print(bridge.start(), flush=True)
    sys.stdin.read()
    bridge.stop()
    worker.shutdown()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
