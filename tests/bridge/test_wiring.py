"""How the bridge is wired to the analyser: verdicts, errors and cancelling pass through."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from tests.bridge.peer import Peer

from noiselens_core.errors import ModelError
from noiselens_core.images import Origin
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.protocol import Label
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.serve import UNNAMED, Recent, wire_bridge
from noiselens_desktop.work.analyse import Analyser, AnalyseRequest, AnalyseResponse

SAMPLE = Path(__file__).parents[2] / "core/noiselens_core/samples/rocket.jpg"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.sqlite3") as library:
        yield library


@pytest.fixture
def labels(library: Library, tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore(library, tmp_path / "samples") as labels:
        yield labels


@pytest.fixture
def analyser(library: Library) -> Iterator[Analyser]:
    analyser = Analyser(library)
    yield analyser
    analyser.close()


def served(bridge: BridgeServer, key: BrowserKey, data: bytes, **changes: Any) -> dict[str, Any]:
    """Return the answer to one image."""
    try:
        with Peer(bridge.start()) as peer:
            peer.pair(key)
            peer.submit("1", data, **changes)
            return peer.answer("1", 120)
    finally:
        bridge.stop()


def test_a_window_is_told_of_what_browsers_had_judged(
    analyser: Analyser, library: Library, labels: LabelStore, keys: KeyStore, key: BrowserKey
) -> None:
    told: Future[AnalyseResponse] = Future()
    facts = {"name": "", "page": "https://example.org/a"}
    answer = served(wire_bridge(analyser, labels, keys, told.set_result), key, SAMPLE.read_bytes(), **facts)
    response = told.result(10)
    assert response.verdict.to_json() == answer["verdict"]
    assert response.image is not None
    assert response.verdict.attention is not None
    assert [(entry.name, entry.page) for entry in library.history()] == [(UNNAMED, "https://example.org/a")]


def test_what_a_browser_says_of_its_image_is_kept_with_the_image(
    analyser: Analyser, library: Library, labels: LabelStore, keys: KeyStore, key: BrowserKey
) -> None:
    told: SimpleQueue[None] = SimpleQueue()
    bridge = wire_bridge(analyser, labels, keys, on_label=lambda: told.put(None))
    data, unseen = SAMPLE.read_bytes(), "ab" * 32
    try:
        with Peer(bridge.start()) as peer:
            peer.pair(key)
            peer.submit("1", data, name="rocket.jpg")
            peer.answer("1", 120)
            for number, digest in enumerate((sha256(data).hexdigest(), unseen), start=2):
                peer.send(Label(str(number), digest, "generated"))
                assert peer.receive()["type"] == "labelled"
                told.get(timeout=30)
    finally:
        bridge.stop()
    (sample,) = labels.samples()
    assert sample.path is not None
    assert sample.path.read_bytes() == data
    assert (sample.name, sample.label, sample.origin) == ("rocket.jpg", "generated", "browser")
    assert labels.labels()[unseen] == "generated"
    assert labels.counts().absent == 1


def test_what_browsers_sent_is_held_up_to_a_limit() -> None:
    recent = Recent(250)
    for digest in ("a", "b", "a", "c"):
        verdict: Future[Verdict] = Future()
        verdict.set_result(Verdict(digest, 0.5, Band.UNCERTAIN, 1.0, (), "m", 1.0, 8, 8))
        recent.keep(verdict, AnalyseRequest(bytes(100), None, digest, Origin.BRIDGE))
    assert [digest for digest in "abc" if recent.find(digest)] == ["a", "c"]


def test_a_window_that_fails_costs_the_browser_nothing(
    analyser: Analyser, library: Library, labels: LabelStore, keys: KeyStore, key: BrowserKey
) -> None:
    def fail(response: AnalyseResponse) -> None:
        raise RuntimeError("the window is gone")

    answer = served(wire_bridge(analyser, labels, keys, fail), key, SAMPLE.read_bytes())
    assert answer["type"] == "verdict"


def test_a_detector_that_cannot_be_loaded_is_said_to_the_browser(
    library: Library, labels: LabelStore, keys: KeyStore, key: BrowserKey
) -> None:
    def load() -> Any:
        raise ModelError("The detector's file is damaged. Install NoiseLens again.")

    analyser = Analyser(library, load)
    try:
        answer = served(wire_bridge(analyser, labels, keys), key, SAMPLE.read_bytes())
    finally:
        analyser.close()
    assert (answer["type"], answer["code"]) == ("refused", "model")
    assert answer["text"] == "The detector's file is damaged. Install NoiseLens again."
