"""The bridge wired to the analyser and the library, and the app without a window: `noiselens serve`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from importlib.metadata import version
from typing import Literal, cast

import typer

from noiselens_core import places
from noiselens_core.images import Origin
from noiselens_core.library import Library
from noiselens_core.verdict import Verdict

from . import settings
from .bridge.pairing import KeyStore
from .bridge.server import BridgeServer
from .work.analyse import Analyser, AnalyseRequest, AnalyseResponse

UNNAMED = "Image from the browser"


def wire_bridge(
    analyser: Analyser,
    library: Library,
    keys: KeyStore,
    on_verdict: Callable[[AnalyseResponse], None] = lambda response: None,
) -> BridgeServer:
    """Return the bridge, not yet started, that judges what paired browsers send with `analyser`.

    The composition root calls `start()` on it (BridgeError: every port is taken) and, when the app ends, `stop()`
    before `analyser.close()`. on_verdict is called on a worker thread for each image judged, so that a window can
    show it; verdicts already in the library for the same bytes and model are answered from there.
    """

    def judge(data: bytes, name: str) -> Future[Verdict]:
        request = AnalyseRequest(data=data, path=None, name=name or UNNAMED, origin=Origin.BRIDGE)
        return _verdict_of(analyser.submit(request, reuse=True), on_verdict)

    def label(sha256: str, label: str) -> None:
        library.add_label(sha256, cast(Literal["real", "generated"], label))

    return BridgeServer(judge, label, keys, app=version("noiselens"), model=lambda: analyser.model_id)


def open_keys() -> KeyStore:
    """Return the paired browsers of this user."""
    return KeyStore(settings.keys_path())


def run_serve(pair: str | None = None) -> int:
    """Serve the browser extension until SIGINT or SIGTERM; return the exit status.

    pair: name of a browser to make a pairing code for; the code is printed once the port is known.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    keys = open_keys()
    library = Library(places.library_path())
    analyser = Analyser(library)
    bridge = wire_bridge(analyser, library, keys)
    try:
        port = bridge.start()
        analyser.start()
        _greet(port, keys, pair)
        ended.wait()
    finally:
        bridge.stop()
        analyser.close()
        library.close()
    return 0


def _greet(port: int, keys: KeyStore, pair: str | None) -> None:
    paired = len(keys.paired())
    typer.echo(
        f"NoiseLens listens to the browser extension on 127.0.0.1, port {port}; "
        f"{paired} paired browser{'' if paired == 1 else 's'}. "
        "To pair one: noiselens serve --pair NAME. To stop: Ctrl+C."
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
