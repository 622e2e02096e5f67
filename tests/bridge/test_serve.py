"""The app without a window: the real process, the real analyser and the shipped detector."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from tests.bridge.peer import Peer

from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_desktop.bridge.pairing import KeyStore, read_pairing_string
from noiselens_desktop.bridge.protocol import PORTS, Label
from noiselens_desktop.bridge.session import CloseCode

NOISELENS = str(Path(sys.executable).with_name("noiselens"))
SAMPLE = Path(__file__).parents[2] / "core/noiselens_core/samples/rocket.jpg"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="ends the process with POSIX signals")


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `noiselens serve` with its files in `home`; make sure that it ends."""
    command = [NOISELENS, "serve", *arguments]
    environment = os.environ | {"NOISELENS_HOME": str(home), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> str:
    """Send a signal; return what the process still said on both streams, after a clean exit."""
    process.send_signal(number)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 0, error
    return out + error


def test_a_paired_browser_gets_the_verdict_of_the_command_line(tmp_path: Path) -> None:
    data = SAMPLE.read_bytes()
    check = subprocess.run(
        [NOISELENS, "check", "--json", str(SAMPLE)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = json.loads(check.stdout)
    with serving(tmp_path, "--pair", "Chromium") as process:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        assert "127.0.0.1" in greeting
        process.stdout.readline()
        port, key_id, _ = read_pairing_string(process.stdout.readline())
        assert f"port {port}" in greeting
        assert port in PORTS
        keys = KeyStore(tmp_path / "config/browsers.json")
        key = keys.get(key_id)
        assert key is not None
        assert key.name == "Chromium"
        with Peer(port) as peer:
            peer.pair(key)
            peer.submit("1", data, name="rocket.jpg")
            verdict = peer.answer("1", 120)["verdict"]
            assert [verdict[f] for f in ("sha256", "probability", "band", "stability", "model")] == [
                expected[f] for f in ("sha256", "probability", "band", "stability", "model")
            ]
            peer.submit("2", data, name="rocket.jpg")
            assert peer.answer("2")["verdict"] == verdict  # from the library: even the milliseconds are the same
            peer.submit("3", b"<html>")
            refused = peer.answer("3")
            assert (refused["type"], refused["code"]) == ("refused", "format")
            peer.send(Label("4", sha256(data).hexdigest(), "real"))
            assert peer.receive() == {"type": "labelled", "id": "4"}
            samples = tmp_path / "data/samples"
            deadline = time.monotonic() + 30
            while not list(samples.glob("*.jpeg")):  # the label is answered at once, its image follows
                assert time.monotonic() < deadline
                time.sleep(0.05)
            keys.revoke(key_id)  # by another process than the one that serves
            assert peer.closed(5) == CloseCode.UNKNOWN_KEY
        said = stop(process)
    with Library(tmp_path / "data/library.sqlite3") as history:
        entries = history.history()
        assert [(entry.name, entry.source) for entry in entries] == [("rocket.jpg", "browser")]
        with LabelStore(history, tmp_path / "data/samples") as store:
            assert [(sample.name, sample.label) for sample in store.samples()] == [("rocket.jpg", "real")]
    assert "rocket" not in said
    assert key.key not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("NoiseLens listens")
        assert stop(process, number) == ""


FIREFOX = "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize("typed", ["y", "n"])
def test_a_browser_is_paired_by_a_code_that_is_compared_on_the_terminal(tmp_path: Path, typed: str) -> None:
    with serving(tmp_path, "--code") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        greeting = process.stdout.readline()
        assert "There are 120 seconds." in process.stdout.readline()
        with Peer(int(greeting.partition("port ")[2].partition(";")[0]), origin=FIREFOX) as peer:
            half = peer.pair_by_code("Firefox on Linux")
            assert process.stdout.readline() == (
                f"“Firefox on Linux” wants to be paired. The code here is {half.code[:3]} {half.code[3:]}.\n"
            )
            assert process.stdout.readline().startswith("Does the browser show the same?")
            process.stdin.write(f"{typed}\n")
            process.stdin.flush()
            if typed == "y":
                assert process.stdout.readline() == "Now say the same in the browser.\n"
                peer.send(half.confirmation())
                assert peer.receive()["type"] == "paired"
                assert process.stdout.readline() == "“Firefox on Linux” is paired.\n"
            else:
                assert peer.closed() == CloseCode.PAIRING_REFUSED
                assert process.stdout.readline().startswith("Not paired. Codes that differ")
        names = [key.name for key in KeyStore(tmp_path / "config/browsers.json").paired()]
        assert names == (["Firefox on Linux"] if typed == "y" else [])


def test_nobody_is_paired_when_the_browser_leaves_before_an_answer(tmp_path: Path) -> None:
    with serving(tmp_path, "--code") as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().partition("port ")[2].partition(";")[0])
        process.stdout.readline()
        with Peer(port) as peer:
            peer.pair_by_code()
            process.stdout.readline()
            process.stdout.readline()
        assert process.stdout.readline() == "No browser was paired. Start noiselens serve --code again.\n"
        with Peer(port) as peer:
            peer.begin_pairing()
            assert peer.closed() == CloseCode.NOT_PAIRING
