"""First steps, About, the tray's menu, and the window that hides into the tray."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from noiselens_desktop.app import SAMPLES
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.licences import licence_of, normal, packages
from noiselens_desktop.settings import Settings, keys_path
from noiselens_desktop.views.about import AboutDialog
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.views.tray import Tray
from noiselens_desktop.views.welcome import WelcomeDialog

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")


def test_the_first_steps_are_three_and_the_samples_one_click_away(room: Room) -> None:
    window = room.open()
    window.welcome()
    dialog = window.findChild(WelcomeDialog)
    assert dialog is not None
    assert dialog.state.text() == "Step 1 of 3"
    QTest.mouseClick(dialog.samples, Qt.MouseButton.LeftButton)
    assert window.check.model.rowCount() == len(list(SAMPLES.glob("*.[jp][pn]g")))
    assert dialog.state.text() == "Step 2 of 3"
    QTest.keyClick(dialog.next, Qt.Key.Key_Return)
    assert dialog.pair.isVisible()
    QTest.keyClick(dialog.next, Qt.Key.Key_Return)
    room.bot.waitUntil(lambda: window.findChild(WelcomeDialog) is None, timeout=TIMEOUT_MS)
    assert window.settings.welcomed
    room.answered(window, window.check.model.rowCount())


def test_the_first_steps_come_once_whatever_is_set_afterwards(room: Room) -> None:
    window = room.open()
    window.welcome()
    window.settings_page.originals.setChecked(True)
    assert window.settings.keep_originals
    assert window.settings.welcomed


def test_about_shows_the_model_card_and_the_licences(room: Room) -> None:
    window = room.open()
    window.about()
    dialog = window.findChild(AboutDialog)
    assert dialog is not None
    room.bot.waitUntil(
        lambda: "Figures" in dialog.card.toPlainText() and "torch" in dialog.licences.toPlainText(), timeout=TIMEOUT_MS
    )
    assert "PySide6" in dialog.licences.toPlainText()
    assert "LGPL" in dialog.licences.toPlainText()
    for part in ("OpenAI", "Permission is hereby granted", "cryptography", "chelsea.png", "CC0"):
        assert part in dialog.licences.toPlainText(), part
    dialog.accept()


@pytest.mark.usefixtures("german")
def test_about_says_in_the_language_of_the_window_what_the_licences_are_of(room: Room) -> None:
    window = room.open()
    window.about()
    dialog = window.findChild(AboutDialog)
    assert dialog is not None
    room.bot.waitUntil(lambda: "torch" in dialog.licences.toPlainText(), timeout=TIMEOUT_MS)
    assert dialog.licences.toPlainText().startswith("NoiseLens und sein Detektor: Apache-2.0.")
    dialog.accept()


def test_every_package_of_the_lock_states_its_licence() -> None:
    lock = (Path(__file__).parents[2] / "requirements.lock").read_text()
    wanted = {normal(line.partition("==")[0]) for line in lock.splitlines() if "==" in line}
    stated = {normal(meta["Name"]): licence_of(meta) for meta in packages()}
    assert wanted - set(stated) == set()
    assert [name for name, licence in stated.items() if not licence] == []


def test_the_trays_menu_opens_pastes_and_quits(qtbot: QtBot) -> None:
    tray = Tray()
    open_, paste, _, quit_ = tray.menu.actions()
    for action, signal in ((open_, tray.open_wanted), (paste, tray.paste_wanted), (quit_, tray.quit_wanted)):
        with qtbot.waitSignal(signal, timeout=TIMEOUT_MS):
            action.trigger()
    tray.close()


@pytest.mark.parametrize(("tray", "hides"), [(True, True), (False, False)])
def test_closing_hides_only_where_a_tray_brings_the_window_back(room: Room, tray: bool, hides: bool) -> None:
    room.open()
    settings = Settings(theme="light", close_to_tray=True)
    window = MainWindow(room.session, room.job, room.teaching, KeyStore(keys_path()), settings, SAMPLES, tray=tray)
    room.bot.addWidget(window)
    closed: list[None] = []
    window.closing.connect(lambda: closed.append(None))
    window.show()
    window.close()
    assert not window.isVisible()
    assert (closed == []) == hides
    window.come_forward()
    assert window.isVisible()
    window.quit()
    assert closed
    window.close_threads()
