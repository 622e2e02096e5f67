"""The bridge wired to the analyser and the library, and the app without a window: `noiselens serve`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from importlib.metadata import version
from typing import cast

import typer

from noiselens_core import places
from noiselens_core.errors import NoiseLensError
from noiselens_core.images import Origin
from noiselens_core.labels import Kind, LabelStore
from noiselens_core.library import Library
from noiselens_core.verdict import Verdict

from . import settings
from .bridge.pairing import KeyStore
from .bridge.server import BridgeServer, no_window
from .pair_terminal import pair_on_terminal
from .work.analyse import SOURCES, Analyser, AnalyseRequest, AnalyseResponse
from .work.detectors import chosen_detector, load_detector

UNNAMED = "Image from the browser"
RECENT_BYTES = 64 * 2**20

log = logging.getLogger(__name__)


def wire_bridge(
    analyser: Analyser,
    labels: LabelStore,
    keys: KeyStore,
    on_verdict: Callable[[AnalyseResponse], None] = lambda response: None,
    on_label: Callable[[], None] = lambda: None,
    show: Callable[[str], None] = no_window,
) -> BridgeServer:
    """Return the bridge, not yet started, that judges what paired browsers send with `analyser`.

    The composition root calls `start()` on it (BridgeError: every port is taken) and, when the app ends, `stop()`
    before `analyser.close()`. on_verdict is called on a worker thread for each image judged, so that a window can
    show it; verdicts already in the library for the same bytes and model are answered from there. on_label is called
    on such a thread when what the browser's user said of an image is kept. show brings the window to the front with an
    image, by its SHA-256 (hex).
    """
    recent = Recent(RECENT_BYTES)

    def judge(data: bytes, name: str, page: str) -> Future[Verdict]:
        request = AnalyseRequest(data=data, path=None, name=name or UNNAMED, origin=Origin.BRIDGE, page=page)
        verdict = _verdict_of(analyser.submit(request, reuse=True), on_verdict)
        verdict.add_done_callback(lambda done: recent.keep(done, request))
        return verdict

    def label(sha256: str, label: str) -> None:
        seen = recent.find(sha256)
        labels.say(sha256, cast(Kind, label), seen.name if seen else "", SOURCES[Origin.BRIDGE])
        analyser.aside(lambda: fetch(sha256, cast(Kind, label), seen))

    def fetch(sha256: str, label: Kind, seen: AnalyseRequest | None) -> None:
        try:
            if seen is None or seen.data is None:
                labels.fetch(sha256)
            else:
                labels.add(seen.data, label)
        except NoiseLensError as error:  # the label stays, its image is not at hand
            log.warning("%s", error)
        on_label()

    return BridgeServer(judge, label, keys, app=version("noiselens"), model=lambda: analyser.model_id, show=show)


class Recent:
    """What browsers sent of late, so that the image is at hand when its user says what it is. Thread-safe.

    limit: bytes of images held.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, AnalyseRequest] = OrderedDict()

    def keep(self, done: Future[Verdict], request: AnalyseRequest) -> None:
        """Hold a request once it has its verdict."""
        if done.cancelled() or done.exception() is not None:
            return
        with self._lock:
            self._size += _size(request) - _size(self._kept.pop(done.result().sha256, None))
            self._kept[done.result().sha256] = request
            while self._size > self._limit:
                self._size -= _size(self._kept.popitem(last=False)[1])

    def find(self, sha256: str) -> AnalyseRequest | None:
        """Return the request that brought these bytes."""
        with self._lock:
            return self._kept.get(sha256)


def _size(request: AnalyseRequest | None) -> int:
    return len(request.data) if request is not None and request.data is not None else 0


def open_keys() -> KeyStore:
    """Return the paired browsers of this user."""
    return KeyStore(settings.keys_path())


def run_serve(pair: str | None = None, code: bool = False) -> int:
    """Serve the browser extension until SIGINT or SIGTERM; return the exit status.

    pair: name of a browser to make a pairing string for, which is printed once the port is known. code: pair a browser
    by a code that is compared on the terminal.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    keys = open_keys()
    library = Library(places.library_path())
    labels = LabelStore(library, places.samples_dir())
    analyser = Analyser(library, lambda: load_detector(path=chosen_detector()), labels)
    bridge = wire_bridge(analyser, labels, keys)
    try:
        port = bridge.start()
        analyser.start()
        _greet(port, keys, pair)
        if code:
            pair_on_terminal(bridge, ended)
        ended.wait()
    finally:
        bridge.stop()
        analyser.close()
        labels.close()
        library.close()
    return 0


def _greet(port: int, keys: KeyStore, pair: str | None) -> None:
    paired = len(keys.paired())
    typer.echo(
        f"NoiseLens listens to the browser extension on 127.0.0.1, port {port}; "
        f"{paired} paired browser{'' if paired == 1 else 's'}. "
        "To pair one: noiselens serve --code. To stop: Ctrl+C."
    )
    if pair is not None:
        code = keys.create(pair).pairing_string(port)
        typer.echo(f"Paste this into the extension's options page. It is a key: show it to nobody.\n{code}")
    sys.stdout.flush()


def _verdict_of(response: Future[AnalyseResponse], on_verdict: Callable[[AnalyseResponse], None]) -> Future[Verdict]:
    """Return the verdict inside a future response; cancelling it cancels the judging."""
    verdict: Future[Verdict] = Future()

    def settle(done: Future[AnalyseResponse]) -> None:
        if done.cancelled():
            verdict.cancel()
        elif not verdict.set_running_or_notify_cancel():
            return
        elif (error := done.exception()) is not None:
            verdict.set_exception(error)
        else:
            verdict.set_result(done.result().verdict)
            on_verdict(done.result())

    response.add_done_callback(settle)
    verdict.add_done_callback(lambda done: response.cancel() if done.cancelled() else None)
    return verdict
