"""A bridge on a free port, its keys, and a judge whose verdict follows from the bytes alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from tests.bridge.peer import Peer

from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer

REFUSED = b"not an image"


class Judge:
    """Stands where the app's analyser stands: a serial worker that gives each image a verdict of its own.

    Attributes:
        judged: digests in the order they were judged.
        hold: while set, nothing is judged; the tests use it to fill the queue.
    """

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1)
        self.judged: list[str] = []
        self.names: list[str] = []
        self.pages: list[str] = []
        self.hold: Future[None] | None = None

    def __call__(self, data: bytes, name: str, page: str) -> Future[Verdict]:
        self.names.append(name)
        self.pages.append(page)
        return self._worker.submit(self._judge, data)

    def _judge(self, data: bytes) -> Verdict:
        if self.hold is not None:
            self.hold.result()
        if data == REFUSED:
            raise ImageRefusedError(RefusalCode.FORMAT, "This is not an image NoiseLens reads.")
        digest = sha256(data).hexdigest()
        self.judged.append(digest)
        probability = round(int(digest[:8], 16) / 2**32, 4)
        return Verdict(digest, probability, Band.UNCERTAIN, 1.0, ("Small.",), "model-1", 1.5, 8, 8)

    def close(self) -> None:
        """End the worker."""
        if self.hold is not None and not self.hold.done():
            self.hold.set_result(None)
        self._worker.shutdown()


@pytest.fixture
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


@pytest.fixture
def labels() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "browsers.json")


@pytest.fixture
def key(keys: KeyStore) -> BrowserKey:
    return keys.create("Test browser")


@pytest.fixture
def bridge(judge: Judge, labels: list[tuple[str, str]], keys: KeyStore) -> Iterator[BridgeServer]:
    server = BridgeServer(
        judge,
        lambda digest, label: labels.append((digest, label)),
        keys,
        app="0.1.0",
        model=lambda: "model-1",
        ports=(0,),
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def port(bridge: BridgeServer) -> int:
    return bridge.port


@pytest.fixture
def peer(port: int, key: BrowserKey) -> Iterator[Peer]:
    with Peer(port) as peer:
        peer.pair(key)
        yield peer
