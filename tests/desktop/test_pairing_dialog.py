"""The pairing dialog over a real key file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from noiselens_desktop.bridge.pairing import KeyStore, read_pairing_string
from noiselens_desktop.settings import keys_path
from noiselens_desktop.views.pairing_dialog import PairingDialog
from noiselens_desktop.views.parts import Sheet

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")


def opened(room: Room, port: int | None) -> PairingDialog:
    window = room.open()
    window.set_port(port)
    window.pair_browser()
    dialog = window.findChild(PairingDialog)
    assert dialog is not None
    return dialog


def test_a_code_is_made_copied_and_opens_the_bridge(room: Room) -> None:
    dialog = opened(room, 48213)
    dialog.name.setText("Chromium at work")
    QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    room.bot.waitUntil(lambda: dialog.code.text() != "", timeout=TIMEOUT_MS)
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    port, key_id, secret = read_pairing_string(QGuiApplication.clipboard().text())
    kept = KeyStore(keys_path()).get(key_id)
    assert kept is not None
    assert (port, secret, kept.name) == (48213, kept.secret, "Chromium at work")


def test_all_of_it_is_seen_without_scrolling_where_the_screen_has_room(room: Room) -> None:
    dialog = opened(room, 48211)
    sheet = dialog.findChild(Sheet)
    assert sheet is not None
    bar, before = sheet.verticalScrollBar(), sheet.height()
    room.bot.waitUntil(lambda: dialog.browsers.count() == 1 and sheet.height() > before, timeout=TIMEOUT_MS)
    assert bar.maximum() == 0


def test_a_browser_can_be_forgotten(room: Room) -> None:
    keys = KeyStore(keys_path())
    key = keys.create("Old laptop")
    dialog = opened(room, 48211)

    def forget_buttons() -> list[QPushButton]:
        return [b for b in dialog.findChildren(QPushButton) if b.accessibleName() == "Forget Old laptop"]

    room.bot.waitUntil(lambda: len(forget_buttons()) == 1, timeout=TIMEOUT_MS)
    QTest.mouseClick(forget_buttons()[0], Qt.MouseButton.LeftButton)
    room.bot.waitUntil(lambda: not forget_buttons(), timeout=TIMEOUT_MS)
    assert keys.get(key.id) is None


def test_without_a_bridge_no_code_is_promised(room: Room) -> None:
    dialog = opened(room, None)
    assert not dialog.make.isEnabled()
    assert "does not run" in dialog.note.text()


def test_a_dialog_that_is_open_before_the_bridge_learns_of_it(room: Room) -> None:
    window = room.open()
    window.pair_browser()
    dialog = window.findChild(PairingDialog)
    assert dialog is not None
    assert "is starting" in dialog.note.text()
    assert not dialog.make.isEnabled()
    window.set_port(48211)
    assert dialog.make.isEnabled()
    assert "starting" not in dialog.note.text()


def test_the_settings_list_who_is_paired_once_the_dialog_closes(room: Room) -> None:
    keys = KeyStore(keys_path())
    window = room.open()
    window.set_port(48211)
    window.show_page("settings")

    def names() -> list[str]:
        return [field.text() for field in window.settings_page.browsers.findChildren(QLineEdit)]

    for paired in (["Laptop"], []):
        window.pair_browser()
        dialog = window.findChildren(PairingDialog)[-1]
        if paired:
            keys.create("Laptop")
        else:
            keys.revoke(keys.paired()[0].id)
        dialog.accept()
        room.bot.waitUntil(lambda paired=paired: names() == paired, timeout=TIMEOUT_MS)  # type: ignore[misc]


def test_a_damaged_key_file_is_a_sentence(room: Room) -> None:
    keys_path().parent.mkdir(parents=True, exist_ok=True)
    Path(keys_path()).write_text("{")
    dialog = opened(room, 48211)
    window = dialog.parent()
    room.bot.waitUntil(lambda: "damaged" in window.toast.text.text(), timeout=TIMEOUT_MS)  # type: ignore[union-attr]
