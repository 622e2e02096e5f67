"""The native messaging host: what it hands to whom, over its streams as a browser uses them."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.bridge.peer import Peer

from noiselens_desktop.bridge import finder, native_host, wire
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.finder import find_app
from noiselens_desktop.bridge.native_host import Failed, Here, Key, NativeHost, Started, calling_origin, serve
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer

OURS = p.EXTENSION_ORIGIN
FIREFOX = "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
GOLDEN = json.loads((Path(__file__).parents[1] / "protocol/messages.json").read_text("utf-8"))["native"]
NOTHING = (sys.executable, "-c", "")


@pytest.fixture(autouse=True)
def only_our_port(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Look for the app at the test's own bridge, or nowhere."""
    ports = (request.getfixturevalue("port"),) if "port" in request.fixturenames else ()
    monkeypatch.setattr(native_host, "find_app", lambda key: find_app(key, ports))


def host(keys: KeyStore, *arguments: str, run: Sequence[str] = NOTHING) -> NativeHost:
    return NativeHost(keys, calling_origin(arguments or (f"{OURS}/",)), run)


def ask(kind: str = "give_key", **fields: Any) -> str:
    content = {"type": kind, "v": 1, "client": "0.1.0", "name": "Chromium", "origin": OURS, "replaces": ""}
    return json.dumps(content | fields)


def test_golden_requests_are_read_and_written_alike() -> None:
    for text in GOLDEN["requests"]:
        assert wire.encode(wire.parse(text, native_host.REQUESTS)) == text
    assert {json.loads(text)["type"] for text in GOLDEN["requests"]} == set(native_host.REQUESTS)


def test_golden_answers_are_what_we_write() -> None:
    types = {cls.type: cls for cls in (Here, Key, Started, Failed)}
    for text in GOLDEN["answers"]:
        content = json.loads(text)
        content.pop("why", None)  # follows from the sentence
        assert wire.encode(types[content.pop("type")](**content)) == text


def test_a_look_tells_that_the_helper_is_here_and_makes_no_key(keys: KeyStore) -> None:
    assert host(keys).answer(ask("look")) == Here(version("noiselens"))
    assert isinstance(host(keys).answer(ask("look", origin="chrome-extension://" + "a" * 32)), Failed)
    assert keys.paired() == []


def test_a_fresh_key_comes_with_the_port_and_works(port: int, keys: KeyStore) -> None:
    answer = host(keys).answer(ask())
    assert isinstance(answer, Key)
    assert answer.port == port
    key = keys.get(answer.key_id)
    assert key is not None
    assert (key.key, key.origin, key.name) == (answer.key, OURS, "Chromium")
    with Peer(port) as peer:
        assert peer.pair(key)["type"] == "welcome"


def test_firefoxs_own_origin_is_pinned(port: int, keys: KeyStore) -> None:
    answer = host(keys, "/some/manifest.json", p.GECKO_ID).answer(ask(origin=FIREFOX, name="Firefox"))
    assert isinstance(answer, Key)
    key = keys.get(answer.key_id)
    assert key is not None
    with Peer(port, origin=FIREFOX) as peer:
        assert peer.pair(key)["type"] == "welcome"


def test_without_the_app_the_key_is_given_all_the_same(keys: KeyStore) -> None:
    answer = host(keys).answer(ask())
    assert isinstance(answer, Key)
    assert answer.port == 0


def test_the_key_it_replaces_is_revoked_but_nobody_elses(keys: KeyStore) -> None:
    old, other = keys.create("Old"), keys.create("Firefox", FIREFOX)
    host(keys).answer(ask(replaces=old.id))
    host(keys).answer(ask(replaces=other.id))
    host(keys).answer(ask(replaces="00000000"))
    assert keys.get(old.id) is None
    assert keys.get(other.id) == other


@pytest.mark.parametrize(
    ("arguments", "origin"),
    [
        ((), OURS),
        (("chrome-extension://aaaabbbbccccddddaaaabbbbccccdddd/",), OURS),
        ((OURS,), OURS),  # Chromium's has a slash at its end
        ((f"{OURS}/",), "chrome-extension://aaaabbbbccccddddaaaabbbbccccdddd"),
        ((f"{OURS}/",), FIREFOX),
        (("/m.json", p.GECKO_ID), OURS),
        (("/m.json", p.GECKO_ID), "https://evil-test"),
        (("/m.json", "other@extension"), FIREFOX),
        ((p.GECKO_ID,), FIREFOX),
        (("https://evil.test/",), "https://evil-test"),
    ],
)
def test_only_our_extension_gets_a_key_and_only_for_itself(
    keys: KeyStore, arguments: tuple[str, ...], origin: str
) -> None:
    answer = NativeHost(keys, calling_origin(arguments), NOTHING).answer(ask(origin=origin))
    assert isinstance(answer, Failed)
    assert answer.code == "origin"
    assert keys.paired() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        ask("dance"),
        ask(v=2),
        ask(name=""),
        ask(name="x" * 61),
        ask(origin="https://evil.test/path"),
        ask(origin=None),
        ask(replaces="xyz"),
        ask("start"),
        ask("start", key_id="ABCDEF01"),
        '{"type":"give_key","type":"give_key"}',
        "[" * 4000,
    ],
)
def test_what_is_no_request_is_said_so(keys: KeyStore, text: str) -> None:
    answer = host(keys).answer(text)
    assert isinstance(answer, Failed)
    assert answer.code == "bad_message"
    assert keys.paired() == []


def test_a_damaged_key_file_is_a_sentence(keys: KeyStore, tmp_path: Path) -> None:
    (tmp_path / "browsers.json").write_text("{")
    answer = host(keys).answer(ask())
    assert isinstance(answer, Failed)
    assert answer.code == "store"
    assert "damaged" in answer.text


def test_an_app_that_runs_is_not_started_again(port: int, keys: KeyStore, key: BrowserKey, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    run = (sys.executable, "-c", f"open({str(mark)!r}, 'w')")
    answer = host(keys, run=run).answer(ask("start", key_id=key.id))
    assert isinstance(answer, Started)
    assert answer.port == port
    assert not mark.exists()


@pytest.mark.parametrize("key_id", ["00000000", "another browser's"])
def test_a_stranger_cannot_start_the_app(keys: KeyStore, tmp_path: Path, key_id: str) -> None:
    mark = tmp_path / "started"
    firefox = keys.create("Firefox", FIREFOX)
    asked = ask("start", key_id=firefox.id if key_id != "00000000" else key_id)
    answer = host(keys, run=(sys.executable, "-c", f"open({str(mark)!r}, 'w')")).answer(asked)
    assert isinstance(answer, Failed)
    assert answer.code == "unknown_key"
    assert not mark.exists()


@pytest.mark.parametrize("run", [NOTHING, ("/nowhere/noiselens",)])
def test_an_app_that_does_not_come_is_said_so(
    keys: KeyStore, key: BrowserKey, run: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_host, "GONE_S", 0.5)
    answer = host(keys, run=run).answer(ask("start", key_id=key.id))
    assert isinstance(answer, Failed)
    assert (answer.code, answer.text) == ("start", "NoiseLens did not start. Open it by hand.")


def framed(*texts: str) -> bytes:
    return b"".join(struct.pack("=I", len(text.encode())) + text.encode() for text in texts)


def test_requests_are_answered_in_order_until_the_browser_ends(keys: KeyStore) -> None:
    answers = io.BytesIO()
    serve(host(keys), io.BytesIO(framed(ask(), "nonsense", ask()) + b"\1"), answers)
    data, types = answers.getvalue(), []
    while data:
        length = int.from_bytes(data[:4], sys.byteorder)
        types.append(json.loads(data[4 : 4 + length])["type"])
        data = data[4 + length :]
    assert types == ["key", "failed", "key"]


@pytest.mark.parametrize(
    "data", [b"", b"\1\0", struct.pack("=I", 50) + b"short", struct.pack("=I", 4097) + b"x" * 4097]
)
def test_a_stream_that_breaks_off_or_asks_for_too_much_ends_it(keys: KeyStore, data: bytes) -> None:
    answers = io.BytesIO()
    serve(host(keys), io.BytesIO(data), answers)
    assert answers.getvalue() == b""


@pytest.fixture
def squatter() -> Iterator[int]:
    """Another program on a port of ours: it takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


def test_t13_a_program_without_the_key_is_not_taken_for_the_app(
    port: int, keys: KeyStore, squatter: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "PATIENCE_S", 0.3)
    stranger = KeyStore(tmp_path / "other.json").create("Of another user's app")
    assert find_app(stranger, (squatter, port)) == 0
    assert find_app(keys.create("Ours"), (squatter, port)) == port


def test_t13_a_server_that_claims_without_the_right_mac_is_not_believed(
    bridge: BridgeServer, port: int, keys: KeyStore, tmp_path: Path
) -> None:
    key = keys.create("Ours")
    content = json.loads((tmp_path / "browsers.json").read_text("utf-8"))
    content["keys"][0]["key"] = "A" * 43  # the server has the id and another key
    (tmp_path / "browsers.json").write_text(json.dumps(content))
    assert find_app(key, (port,)) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="uses process groups")
def test_the_real_app_is_started_found_and_outlives_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_host, "find_app", find_app)
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    keys = KeyStore(tmp_path / "config/browsers.json")
    key = keys.create("Chromium")
    answer = host(keys, run=native_host.APP).answer(ask("start", key_id=key.id))
    apps = [child for child in psutil.Process().children() if "noiselens_desktop" in child.cmdline()]
    try:
        assert isinstance(answer, Started), answer
        assert answer.port in p.PORTS
        (app,) = apps
        assert os.getsid(app.pid) == app.pid  # of its own session: the browser's end is not its end
        with Peer(answer.port) as peer:
            assert peer.pair(key)["type"] == "welcome"
    finally:
        for app in apps:
            app.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 20
        while any(app.is_running() and app.status() != psutil.STATUS_ZOMBIE for app in apps):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for app in apps:
            os.waitpid(app.pid, 0)
