"""The tray in the whole app; the icon itself is the desktop's, and here there is none to show it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from noiselens_core.images import Origin
from noiselens_core.library import Library
from noiselens_core.places import library_path
from noiselens_desktop.app import App
from noiselens_desktop.settings import Settings
from noiselens_desktop.views import tray
from noiselens_desktop.work.analyse import AnalyseRequest

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")
START = Settings(theme="light", device="cpu", language="en", welcomed=True, close_to_tray=True)


ENDED = "“{}” is checked. Images: 1, likely generated: 0."


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the desktop was asked to show; it has a tray."""
    told: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _icon, _title, text, *_: told.append(text))
    return told


@pytest.fixture
def app(qapp: QApplication, qtbot: QtBot, told: list[str]) -> Iterator[App]:
    del told
    app = App(qapp, START, bridge=False)
    app.window.show()
    qtbot.waitUntil(lambda: app.session.facts is not None, timeout=TIMEOUT_MS)
    yield app
    app.close()
    app.window.hide()
    app.window.deleteLater()
    qapp.setQuitOnLastWindowClosed(True)


def choose(app: App, text: str) -> None:
    """Choose an entry of the tray's menu."""
    assert app.tray is not None
    next(action for action in app.tray.menu.actions() if action.text() == text).trigger()


def test_closing_hides_the_window_and_the_menu_brings_it_back(app: App, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(app.window.closing, wait=50):
        app.window.close()
    assert app.window.isHidden()
    choose(app, "Open NoiseLens")
    assert app.window.isVisible()


def test_a_click_on_the_icon_or_its_notification_brings_the_window_back(app: App) -> None:
    icon = app.tray._icon if app.tray else None
    assert icon is not None
    app.window.close()
    icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)
    assert app.window.isHidden()
    icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert app.window.isVisible()
    app.window.close()
    icon.messageClicked.emit()
    assert app.window.isVisible()


def test_the_menu_checks_what_is_on_the_clipboard(app: App, qtbot: QtBot) -> None:
    picture = QImage(300, 200, QImage.Format.Format_RGB32)
    picture.fill(0x336699)
    QGuiApplication.clipboard().setImage(picture)
    app.window.show_page("settings")
    app.window.close()
    choose(app, "Check the image on the clipboard")
    assert app.window.isVisible()
    assert app.window.page == "check"
    qtbot.waitUntil(lambda: app.window.check.model.item(0).verdict is not None, timeout=TIMEOUT_MS)
    with Library(library_path()) as library:
        assert [entry.source for entry in library.history()] == ["clipboard"]


def test_quitting_from_the_menu_ends_it_though_closing_only_hides(app: App, qtbot: QtBot) -> None:
    app.window.close()
    with qtbot.waitSignal(app.window.closing, timeout=TIMEOUT_MS):
        choose(app, "Quit")


def test_what_a_browser_sends_is_told_only_while_nobody_looks(
    app: App, qtbot: QtBot, cat: Path, told: list[str]
) -> None:
    request = AnalyseRequest(cat.read_bytes(), None, "a cat", Origin.BRIDGE)
    response = app._analyser.submit(request).result(60)
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow, timeout=TIMEOUT_MS)
    with qtbot.waitSignal(app.session.arrived, timeout=TIMEOUT_MS):
        app.session.receive(response)
    assert told == []
    app.window.close()
    app.session.receive(response)
    qtbot.waitUntil(lambda: bool(told), timeout=TIMEOUT_MS)
    assert told[0].startswith("From your browser: “a cat”, ")


def test_the_menu_speaks_the_language_of_the_window(app: App, qtbot: QtBot) -> None:
    old, page = app.window, app.window.settings_page
    page.language.setCurrentIndex(page.language.findData("de"))
    qtbot.waitUntil(lambda: app.window is not old, timeout=TIMEOUT_MS)
    assert app.tray is not None
    assert [action.text() for action in app.tray.menu.actions() if action.text()] == [
        "NoiseLens öffnen",
        "Bild in der Zwischenablage prüfen",
        "Beenden",
    ]
    choose(app, "NoiseLens öffnen")
    assert app.window.isVisible()


def test_a_batch_that_ends_unseen_is_told_once(
    app: App, qtbot: QtBot, cat: Path, told: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "holidays"
    folder.mkdir()
    (folder / "a.png").write_bytes(cat.read_bytes())
    app.window.close()
    app.batch.begin([folder])
    qtbot.waitUntil(lambda: bool(told), timeout=TIMEOUT_MS)
    assert told == [ENDED.format("holidays")]
    app.batch.load()  # as at the next start
    qtbot.wait(300)
    assert len(told) == 1


def test_a_tray_that_comes_late_is_taken(qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    there = False
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: there)
    monkeypatch.setattr(tray, "LOOK_EVERY_MS", 20)
    app = App(qapp, START, bridge=False)
    app.stay_in_background()
    qtbot.wait(100)
    assert app.tray is None
    there = True
    qtbot.waitUntil(lambda: app.tray is not None, timeout=TIMEOUT_MS)
    assert not app.window.isVisible()
    choose(app, "Open NoiseLens")
    app.window.close()
    assert app.window.isHidden()
    app.close()
    app.window.deleteLater()
    qapp.setQuitOnLastWindowClosed(True)


def test_without_any_tray_the_background_is_a_minimized_window(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    monkeypatch.setattr(tray, "LOOK_EVERY_MS", 1)
    app = App(qapp, START, bridge=False)
    app.stay_in_background()
    qtbot.waitUntil(app.window.isMinimized, timeout=TIMEOUT_MS)
    app.close()
    app.window.hide()
    app.window.deleteLater()
