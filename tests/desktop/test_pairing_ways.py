"""Pairing with nothing typed and by code, in the dialog, over a real bridge and a real key file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from tests.bridge.peer import Half, Peer

from noiselens_core.verdict import Verdict
from noiselens_desktop.bridge import exchange
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.bridge.session import CloseCode
from noiselens_desktop.settings import keys_path
from noiselens_desktop.views import pairing_ways
from noiselens_desktop.views.pairing_dialog import PairingDialog

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")

FIREFOX = "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


EXTENSION = Path(__file__).parents[2] / "extension" / "_locales"
GERMAN = Path(pairing_ways.__file__).parents[1] / "resources" / "translations" / "noiselens_de.ts"


def buttons(language: str, *keys: str) -> list[str]:
    """What buttons of the extension's options say."""
    messages = json.loads((EXTENSION / language / "messages.json").read_text("utf-8"))
    return [messages[key]["message"] for key in keys]


def test_what_is_to_be_pressed_in_the_browser_is_called_as_it_is_there() -> None:
    keys = ("options_native_pair", "options_code_begin")
    source = Path(pairing_ways.__file__).read_text("utf-8")
    assert re.findall("press “(.+?)” in the extension", source) == buttons("en", *keys)
    told = re.findall("„(.+?)“ in den Einstellungen der Erweiterung", GERMAN.read_text("utf-8"))
    assert sorted(told) == sorted(buttons("de", *keys))


def no_judge(data: bytes, name: str, page: str) -> Future[Verdict]:
    raise AssertionError("nothing is judged while a browser is paired")


@pytest.fixture
def keys(home: Path) -> KeyStore:
    return KeyStore(keys_path())


@pytest.fixture
def bridge(keys: KeyStore) -> Iterator[BridgeServer]:
    server = BridgeServer(no_judge, lambda *_: None, keys, app="0.1.0", model=lambda: None, ports=(0,))
    server.start()
    yield server
    server.stop()


def opened(room: Room, bridge: BridgeServer | None) -> PairingDialog:
    window = room.open()
    if bridge is not None:
        window.set_port(bridge.port, bridge)
    window.pair_browser()
    dialog = window.findChild(PairingDialog)
    assert dialog is not None
    return dialog


def begin(room: Room, dialog: PairingDialog, peer: Peer, name: str = "Firefox on Linux") -> Half:
    """Open the window and bring a browser to the point where both sides show the code."""
    QTest.mouseClick(dialog.by_code.begin, Qt.MouseButton.LeftButton)
    assert "press “Show the code”" in dialog.by_code.says.text()
    half = peer.pair_by_code(name)
    room.bot.waitUntil(dialog.by_code.same.isVisible, timeout=TIMEOUT_MS)
    return half


def test_the_code_is_shown_and_confirmed(room: Room, bridge: BridgeServer, keys: KeyStore) -> None:
    dialog = opened(room, bridge)
    with Peer(bridge.port) as peer:
        half = begin(room, dialog, peer, "<b>Firefox on Linux")
        assert dialog.by_code.code.text() == f"{half.code[:3]} {half.code[3:]}"
        assert dialog.by_code.code.accessibleName() == " ".join(half.code)
        assert "“<b>Firefox on Linux”" in dialog.by_code.says.text()
        assert dialog.by_code.says.textFormat() is Qt.TextFormat.PlainText
        QTest.mouseClick(dialog.by_code.same, Qt.MouseButton.LeftButton)
        assert "in the browser" in dialog.by_code.says.text()
        peer.send(half.confirmation())
        assert peer.receive()["type"] == "paired"
        room.bot.waitUntil(lambda: "is paired" in dialog.by_code.says.text(), timeout=TIMEOUT_MS)
    assert [key.name for key in keys.paired()] == ["<b>Firefox on Linux"]
    assert not dialog.by_code.code.isVisible()
    room.bot.waitUntil(lambda: dialog.browsers.count() == 1, timeout=TIMEOUT_MS)


def test_enter_does_not_say_that_the_codes_are_the_same(room: Room, bridge: BridgeServer, keys: KeyStore) -> None:
    dialog = opened(room, bridge)
    with Peer(bridge.port) as peer:
        half = begin(room, dialog, peer)
        peer.send(half.confirmation())
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert keys.paired() == []


def test_codes_that_differ_pair_nobody(room: Room, bridge: BridgeServer, keys: KeyStore) -> None:
    dialog = opened(room, bridge)
    with Peer(bridge.port) as peer:
        half = begin(room, dialog, peer)
        peer.send(half.confirmation())
        QTest.mouseClick(dialog.by_code.differ, Qt.MouseButton.LeftButton)
        assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert "Not paired" in dialog.by_code.says.text()
    assert dialog.by_code.begin.isVisible()
    assert keys.paired() == []


def test_closing_the_dialog_closes_the_window(room: Room, bridge: BridgeServer) -> None:
    dialog = opened(room, bridge)
    with Peer(bridge.port) as peer:
        begin(room, dialog, peer)
        dialog.reject()
        assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert not bridge.pairing().is_open


def test_time_that_runs_out_is_said(room: Room, bridge: BridgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "WINDOW_S", 0.3)
    dialog = opened(room, bridge)
    QTest.mouseClick(dialog.by_code.begin, Qt.MouseButton.LeftButton)
    room.bot.waitUntil(lambda: "are over" in dialog.by_code.says.text(), timeout=TIMEOUT_MS)
    assert dialog.by_code.begin.isVisible()


def test_without_a_bridge_no_code_is_promised(room: Room) -> None:
    assert not opened(room, None).by_code.begin.isEnabled()


@pytest.mark.skipif(sys.platform == "win32", reason="would write into the registry")
@pytest.mark.parametrize("browser", [".config/chromium", ""])
def test_browsers_are_set_up_with_one_press(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "person/.config"))
    monkeypatch.setenv("PATH", "")
    (tmp_path / "person" / browser).mkdir(parents=True)
    dialog = opened(room, None)
    before = dialog.nothing_typed.says.text()
    QTest.mouseClick(dialog.nothing_typed.begin, Qt.MouseButton.LeftButton)
    room.bot.waitUntil(lambda: dialog.nothing_typed.says.text() != before, timeout=TIMEOUT_MS)
    if browser:
        assert "Ready: Chromium." in dialog.nothing_typed.says.text()
        manifest = tmp_path / "person" / browser / "NativeMessagingHosts/noiselens.bridge.json"
        assert manifest.is_file()
    else:
        assert "No browser was found" in dialog.nothing_typed.says.text()
