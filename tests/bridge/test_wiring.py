"""How the bridge is wired to the analyser: verdicts, errors and cancelling pass through."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from tests.bridge.peer import Peer

from noiselens_core.errors import ModelError
from noiselens_core.library import Library
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.serve import UNNAMED, wire_bridge
from noiselens_desktop.work.analyse import Analyser, AnalyseResponse

SAMPLE = Path(__file__).parents[2] / "core/noiselens_core/samples/rocket.jpg"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.sqlite3") as library:
        yield library


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
    analyser: Analyser, library: Library, keys: KeyStore, key: BrowserKey
) -> None:
    told: Future[AnalyseResponse] = Future()
    answer = served(wire_bridge(analyser, library, keys, told.set_result), key, SAMPLE.read_bytes(), name="")
    response = told.result(10)
    assert response.verdict.to_json() == answer["verdict"]
    assert response.image is not None
    assert response.verdict.attention is not None
    assert [entry.name for entry in library.history()] == [UNNAMED]


def test_a_window_that_fails_costs_the_browser_nothing(
    analyser: Analyser, library: Library, keys: KeyStore, key: BrowserKey
) -> None:
    def fail(response: AnalyseResponse) -> None:
        raise RuntimeError("the window is gone")

    answer = served(wire_bridge(analyser, library, keys, fail), key, SAMPLE.read_bytes())
    assert answer["type"] == "verdict"


def test_a_detector_that_cannot_be_loaded_is_said_to_the_browser(
    library: Library, keys: KeyStore, key: BrowserKey
) -> None:
    def load() -> Any:
        raise ModelError("The detector's file is damaged. Install NoiseLens again.")

    analyser = Analyser(library, load)
    try:
        answer = served(wire_bridge(analyser, library, keys), key, SAMPLE.read_bytes())
    finally:
        analyser.close()
    assert (answer["type"], answer["code"]) == ("refused", "model")
    assert answer["text"] == "The detector's file is damaged. Install NoiseLens again."
