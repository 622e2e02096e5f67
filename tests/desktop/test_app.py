"""The whole app in one process: the window, the bridge and a paired browser's end of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from tests.bridge.peer import Peer

from noiselens_desktop.app import App
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore, read_pairing_string
from noiselens_desktop.bridge.protocol import PORTS
from noiselens_desktop.bridge.session import CloseCode
from noiselens_desktop.models.table import Column
from noiselens_desktop.settings import Settings, keys_path, load_settings, settings_path
from noiselens_desktop.views.browsers import Browsers
from noiselens_desktop.views.pairing_dialog import PairingDialog

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def app(qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    app = App(qapp, Settings(theme="light", device="cpu"))
    qtbot.addWidget(app.window)
    yield app
    app.close()


def test_a_browser_paired_in_the_window_has_an_image_judged_and_the_window_shows_it(
    app: App, qtbot: QtBot, rocket: Path
) -> None:
    app.window.show()
    port, key = paired(app, qtbot)

    def browse() -> dict[str, Any]:
        with Peer(port) as peer:
            peer.pair(key)
            peer.submit("1", rocket.read_bytes(), name="rocket on a page")
            return peer.answer("1", 60)

    with ThreadPoolExecutor(1) as browser:
        answer = browser.submit(browse)
        qtbot.waitUntil(lambda: app.window.check.model.rowCount() == 1 and answer.done(), timeout=TIMEOUT_MS)
    item = app.window.check.model.item(0)
    assert (item.name, item.source) == ("rocket on a page", "browser")
    assert item.verdict is not None
    assert item.verdict.to_json() == answer.result()["verdict"]
    qtbot.waitUntil(lambda: app.window.check.image.pictures is not None, timeout=TIMEOUT_MS)
    assert app.window.check.panel.name.toolTip() == "rocket on a page"


def test_a_forgotten_browser_is_cut_off_at_once_and_its_key_is_valid_again_once_that_is_undone(
    app: App, qtbot: QtBot
) -> None:
    app.window.show()
    port, key = paired(app, qtbot)
    app.window.show_page("settings")
    browsers = app.window.settings_page.browsers
    qtbot.waitUntil(lambda: bool(forget_button(browsers)), timeout=TIMEOUT_MS)
    connected = threading.Event()

    def browse() -> int:
        with Peer(port) as peer:
            peer.pair(key)
            connected.set()
            return peer.closed(60)

    with ThreadPoolExecutor(1) as browser:
        closed = browser.submit(browse)
        qtbot.waitUntil(connected.is_set, timeout=TIMEOUT_MS)
        QTest.mouseClick(forget_button(browsers)[0], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(closed.done, timeout=TIMEOUT_MS)
        assert closed.result() == CloseCode.UNKNOWN_KEY
        qtbot.waitUntil(lambda: forget_button(browsers) == [], timeout=TIMEOUT_MS)
        assert key.key not in keys_path().read_text()
        assert app.window.toast.act()
        qtbot.waitUntil(lambda: bool(forget_button(browsers)), timeout=TIMEOUT_MS)
        connected.clear()
        again = browser.submit(browse)
        qtbot.waitUntil(connected.is_set, timeout=TIMEOUT_MS)
        KeyStore(keys_path()).revoke(key.id)
        qtbot.waitUntil(again.done, timeout=TIMEOUT_MS)


def forget_button(browsers: Browsers) -> list[QPushButton]:
    return [button for button in browsers.findChildren(QPushButton) if button.text() == "Forget"]


def paired(app: App, qtbot: QtBot) -> tuple[int, BrowserKey]:
    """Pair a browser in the dialog, once the bridge runs; return its port and the key."""
    qtbot.waitUntil(lambda: app.window.port is not None, timeout=TIMEOUT_MS)
    app.window.pair_browser()
    dialog = app.window.findChild(PairingDialog)
    assert dialog is not None
    dialog.make.click()
    qtbot.waitUntil(lambda: dialog.code.text() != "", timeout=TIMEOUT_MS)
    port, key_id, _ = read_pairing_string(dialog.code.text())
    key = KeyStore(keys_path()).get(key_id)
    assert key is not None
    dialog.accept()
    return port, key


def test_when_every_port_is_taken_the_window_says_so_and_works(app: App, qtbot: QtBot, cat: Path) -> None:
    with ExitStack() as taken:
        for port in PORTS:
            occupant = taken.enter_context(socket.socket())
            occupant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):  # another program has it already
                occupant.bind(("127.0.0.1", port))
                occupant.listen()
        app.window.show()
        qtbot.waitUntil(app.window.toast.isVisible, timeout=TIMEOUT_MS)
        assert "port" in app.window.toast.text.text()
        app.window.open_files([cat])
        qtbot.waitUntil(lambda: app.window.check.model.item(0).verdict is not None, timeout=TIMEOUT_MS)
    assert app.window.port is None
    assert not app.window.starting


def test_what_was_set_in_the_window_is_found_again(qapp: QApplication, qtbot: QtBot) -> None:
    app = App(qapp, Settings(theme="light"), bridge=False)
    qtbot.addWidget(app.window)
    app.window.show()
    app.window.setGeometry(10, 20, 780, 566)
    app.window.batch.view.setColumnWidth(Column.SIZE, 177)
    app.window.history.view.sortByColumn(Column.PROBABILITY, Qt.SortOrder.DescendingOrder)
    app.window.check.tools.segments["noise"].click()
    app.window.check.tools.slider.setValue(30)
    app.close()
    app.window.painted.emit()  # the first paint may come late
    settings, sentence = load_settings(settings_path())
    assert sentence is None
    assert replace(settings, batch_table="", history_table="") == Settings(
        theme="light",
        overlay="noise",
        overlay_opacity=0.3,
        window_width=780,
        window_height=566,
        window_placed=True,
        window_x=10,
        window_y=20,
    )
    app.window.deleteLater()

    app = App(qapp, settings, bridge=False)
    qtbot.addWidget(app.window)
    app.window.show()
    assert app.window.geometry().topLeft() == QPoint(10, 20)
    assert app.window.batch.view.columnWidth(Column.SIZE) == 177
    head = app.window.history.view.horizontalHeader()
    assert (head.sortIndicatorSection(), head.sortIndicatorOrder()) == (
        Column.PROBABILITY,
        Qt.SortOrder.DescendingOrder,
    )
    assert app.window.settings == settings
    app.close()


def test_a_window_that_stood_on_a_screen_that_is_gone_comes_back_on_this_one(qapp: QApplication, qtbot: QtBot) -> None:
    app = App(qapp, Settings(theme="light", window_placed=True, window_x=9000, window_y=50), bridge=False)
    qtbot.addWidget(app.window)
    app.window.show()
    assert qapp.primaryScreen().geometry().intersects(app.window.geometry())
    app.close()


def test_columns_that_cannot_be_are_passed_over(app: App) -> None:
    view = app.window.batch.view
    before = view.arrangement
    view.arrange("size:9999999 size:-4 band:x name:300 picture:1 down:nothing up: :: \x00")
    assert view.arrangement == before
