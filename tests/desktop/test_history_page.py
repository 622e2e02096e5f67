"""The History page: what was judged is listed, narrowed, looked at again, deleted and brought back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from noiselens_core.library import Library
from noiselens_core.places import library_path
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.models.formats import count
from noiselens_desktop.models.session import HISTORY_LIMIT
from noiselens_desktop.models.table import Column
from noiselens_desktop.views.history_page import HistoryPage
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.views.theme import apply_theme

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")


def remember(count: int) -> None:
    """Put `count` entries into the library."""
    with Library(library_path()) as library:
        for i in range(count):
            band = (Band.LIKELY_REAL, Band.UNCERTAIN, Band.LIKELY_GENERATED)[i % 3]
            verdict = Verdict(f"{i:064x}", i / count, band, 1.0, (), "model-1", 1.0, 640, 480)
            library.add(verdict, f"image {i}.png", ("file", "browser")[i % 2])


def shown(room: Room, window: MainWindow, count: int) -> HistoryPage:
    window.show_page("history")
    room.bot.waitUntil(lambda: window.history.table.total == count, timeout=TIMEOUT_MS)
    return window.history


def names(page: HistoryPage) -> list[str]:
    return [page.table.line(row).name for row in range(page.table.rowCount())]


def test_an_empty_history_says_what_will_be_there(room: Room) -> None:
    window = room.open()
    window.show_page("history")
    assert window.history.nothing.isVisible()
    assert not window.history.filter.isVisible()


def test_every_entry_of_a_long_history_is_listed_the_newest_first(room: Room) -> None:
    remember(1203)
    page = shown(room, room.open(), 1203)
    assert page.table.shown_keys() == list(range(1203, 0, -1))


def test_what_is_too_old_for_the_check_page_is_searched_for_here(room: Room) -> None:
    with Library(library_path()) as library:
        library.add(Verdict("f" * 64, 0.5, Band.UNCERTAIN, 1.0, (), "model-1", 1.0, 640, 480), "oldest.png", "file")
    remember(HISTORY_LIMIT)
    window = room.open()
    history = window.check.history
    room.bot.waitUntil(lambda: window.check.model.rowCount() == HISTORY_LIMIT, timeout=TIMEOUT_MS)
    assert not history.whole.isVisible()
    history.search.setText("oldest")
    assert history.empty.text() == f"Not among the newest {count(HISTORY_LIMIT)}."
    window.history.filter.bands[Band.LIKELY_REAL].click()
    QTest.mouseClick(history.whole, Qt.MouseButton.LeftButton)
    assert window.page == "history"
    room.bot.waitUntil(lambda: names(window.history) == ["oldest.png"], timeout=TIMEOUT_MS)


def test_a_row_is_painted_anew_when_anything_it_shows_changes(room: Room, qapp: QApplication) -> None:
    """Rows are painted from pictures kept of them, and a picture that is out of date would accuse the wrong image."""
    remember(3)
    page = shown(room, room.open(), 3)
    seen = [page.view.viewport().grab().toImage()]

    def changed() -> bool:
        seen.append(page.view.viewport().grab().toImage())
        return seen[-1] != seen[-2]

    assert not changed()
    page.table.add([replace(page.table.line(0), band=Band.LIKELY_REAL, probability=0.01)])
    assert changed()
    page.view.selectRow(1)
    assert changed()
    page.view.setColumnWidth(Column.BAND, page.view.columnWidth(Column.BAND) + 40)
    assert changed()
    apply_theme(qapp, "dark")
    assert changed()


def test_the_history_is_narrowed_by_band_text_and_source(room: Room) -> None:
    remember(12)
    page = shown(room, room.open(), 12)
    QTest.mouseClick(page.filter.bands[Band.LIKELY_GENERATED], Qt.MouseButton.LeftButton)
    assert names(page) == ["image 11.png", "image 8.png", "image 5.png", "image 2.png"]
    QTest.keyClicks(page.filter.search, "browser")
    room.bot.waitUntil(lambda: names(page) == ["image 11.png", "image 5.png"], timeout=TIMEOUT_MS)
    page.filter.clear()
    page.filter.dates.setCurrentIndex(1)
    assert page.table.rowCount() == 12  # all of today
    assert page.filter.filter.since > 0


def test_what_is_judged_while_the_page_is_open_or_closed_appears(room: Room, cat: Path, rocket: Path) -> None:
    remember(2)
    window = room.open()
    page = shown(room, window, 2)
    window.check.open_files([cat])
    room.bot.waitUntil(lambda: "chelsea.png" in names(page), timeout=TIMEOUT_MS)
    window.open_files([rocket])
    room.bot.waitUntil(
        lambda: window.check.model.item(0).verdict is not None and window.check.model.item(0).name == "rocket.jpg",
        timeout=TIMEOUT_MS,
    )
    page = shown(room, window, 4)
    assert names(page)[:2] == ["rocket.jpg", "chelsea.png"]


def test_an_entry_is_looked_at_again_on_the_check_page(room: Room) -> None:
    remember(1105)  # the oldest are not on the Check page
    window = room.open()
    page = shown(room, window, 1105)
    page.view.setCurrentIndex(page.table.index(1104, 1))
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    room.bot.waitUntil(lambda: window.page == "check", timeout=TIMEOUT_MS)
    assert window.check.panel.name.toolTip() == "image 0.png"
    assert window.check.model.item(window.check.model.rowCount() - 1).name == "image 0.png"


def test_deleted_entries_leave_both_pages_and_come_back_to_both(room: Room) -> None:
    remember(6)
    window = room.open()
    page = shown(room, window, 6)
    page.view.setFocus()
    page.view.selectRow(1)
    page.view.selectionModel().select(
        page.table.index(3, 0),
        page.view.selectionModel().SelectionFlag.Select | page.view.selectionModel().SelectionFlag.Rows,
    )
    QTest.keyClick(page.view, Qt.Key.Key_Delete)
    assert names(page) == ["image 5.png", "image 3.png", "image 1.png", "image 0.png"]
    assert [window.check.model.item(row).name for row in range(window.check.model.rowCount())] == names(page)
    assert window.toast.text.text() == "Deleted 2 entries."
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    shown(room, window, 6)
    room.bot.waitUntil(lambda: window.check.model.rowCount() == 6, timeout=TIMEOUT_MS)
    assert [window.check.model.item(row).name for row in range(6)] == names(page)


def test_a_cleared_history_comes_back_when_that_is_undone_and_else_never(room: Room) -> None:
    remember(4)
    window = room.open()
    page = shown(room, window, 4)
    QTest.mouseClick(page.wipe, Qt.MouseButton.LeftButton)
    assert page.nothing.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    page = shown(room, window, 4)
    QTest.mouseClick(page.wipe, Qt.MouseButton.LeftButton)
    room.close()
    page = shown(room, room.open(), 0)
    assert page.nothing.isVisible()
