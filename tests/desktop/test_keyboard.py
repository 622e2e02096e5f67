"""Every control of every page and dialog is reached by Tab in the order it is seen, and says what it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.language import Language
from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.models.table import Column
from noiselens_desktop.settings import keys_path
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.views.pairing_dialog import PairingDialog
from noiselens_desktop.views.welcome import WelcomeDialog

from .conftest import TIMEOUT_MS, Room

MOST = 80  # presses of Tab; no page has that many controls
PAGES = ("check", "batch", "history", "training", "settings")
DIALOGS: dict[str, Callable[[MainWindow], None]] = {
    "pairing": MainWindow.pair_browser,
    "about": MainWindow.about,
    "welcome": MainWindow.welcome,
}


def tabbed(window: QWidget, bot: QtBot) -> list[QWidget]:
    """Return what Tab reaches, in its order, pressing it until it comes round."""
    window.activateWindow()
    bot.waitUntil(window.isActiveWindow, timeout=TIMEOUT_MS)
    if QApplication.focusWidget() is None:
        window.setFocus()
    QApplication.processEvents()  # what activation does to the focus is done
    reached: list[QWidget] = []
    for _ in range(MOST):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now in reached:
            return reached[reached.index(now) :]
        reached.append(now)
    raise AssertionError("Tab does not come round")


def name_of(widget: QWidget) -> str:
    """Return what a screen reader says."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()} {name_of(widget)!r} in {type(widget.parent()).__name__}"


def test_a_verdict_is_read_to_its_end_with_the_keys_alone(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    window.resize(window.width(), 420)
    area = window.check.panel.area
    assert area in tabbed(window, room.bot)
    assert name_of(area) == "Verdict"
    before = window.grab().toImage()
    area.setFocus()
    assert window.grab().toImage() != before  # it is seen that the keys go there
    bar = area.verticalScrollBar()
    assert bar.maximum() > 0
    for _ in range(20):
        QTest.keyClick(area, Qt.Key.Key_PageDown)
    assert bar.value() == bar.maximum()


def steps_back(reached: list[QWidget]) -> list[str]:
    """Return the steps that go up or left, compared where the ways of the two controls part."""
    wrong = []
    for one, other in itertools.pairwise(reached):
        before, after = parted(one, other)
        above = after.bottom() < before.top()
        left = after.right() < before.left() and after.top() <= before.bottom() and before.top() <= after.bottom()
        if above or left:
            wrong.append(f"{described(one)} -> {described(other)}")
    return wrong


def parted(one: QWidget, other: QWidget) -> tuple[QRect, QRect]:
    """Return where the two branches lie that hold the widgets, below the nearest part that holds both."""
    ways = []
    for widget in (one, other):
        way = [widget]
        while (parent := way[-1].parentWidget()) is not None and not way[-1].isWindow():
            way.append(parent)
        ways.append(way[::-1])
    depth = next(i for i, (a, b) in enumerate(zip(*ways, strict=False)) if a is not b)
    first, second = (QRect(way[depth].mapTo(way[0], QPoint()), way[depth].size()) for way in ways)
    return first, second


def check_order(window: QWidget, bot: QtBot) -> list[QWidget]:
    """Check what Tab does in a window, and return what it reaches."""
    reached = tabbed(window, bot)
    assert [described(widget) for widget in reached if not name_of(widget)] == []
    assert len(steps_back([*reached, reached[0]])) <= 1, steps_back(reached)  # one is from the last to the first
    return reached


def pair_two() -> None:
    for name in ("Firefox", "Chromium"):
        KeyStore(keys_path()).create(name)


@pytest.fixture
def filled(room: Room, cat: Path, rocket: Path, tmp_path: Path) -> MainWindow:
    """A window with something on every page."""
    pair_two()
    window = room.open()
    window.resize(1240, 780)
    window.open_files([cat, rocket])
    room.answered(window, 2)
    room.pictured(window)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.png").write_bytes(cat.read_bytes())
    (folder / "b.jpg").write_bytes(rocket.read_bytes())
    window.check_folders([folder])
    room.bot.waitUntil(lambda: room.job.phase is Phase.ENDED, timeout=TIMEOUT_MS)
    return window


@pytest.mark.parametrize("page", PAGES)
def test_tab_goes_through_a_page_as_it_is_read(filled: MainWindow, qtbot: QtBot, page: str) -> None:
    filled.show_page(page)
    if page == "history":  # it is read now; an empty page has other controls
        qtbot.waitUntil(lambda: filled.history.table.total > 0, timeout=TIMEOUT_MS)
    if page == "settings":  # the choice of thresholds, and who is paired, are read now
        settings = filled.settings_page
        qtbot.waitUntil(
            lambda: bool(settings.presets) and len(settings.browsers.findChildren(QLineEdit)) == 2, timeout=TIMEOUT_MS
        )
    QApplication.processEvents()
    reached = check_order(filled, qtbot)
    shown = [
        widget
        for widget in filled.pages[page].findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert set(filter(alone, shown)) <= set(reached)


def alone(widget: QWidget) -> bool:
    """Return whether Tab must stop here: of buttons of which one is down, it stops at that one; arrows do the rest."""
    group = getattr(widget, "group", lambda: None)()
    radio = widget.inherits("QRadioButton")
    exclusive = radio or (group is not None and group.exclusive())
    return not exclusive or bool(getattr(widget, "isChecked", bool)())


@pytest.mark.parametrize("name", DIALOGS)
def test_tab_goes_through_a_dialog_as_it_is_read(room: Room, name: str) -> None:
    pair_two()
    window = room.open()
    DIALOGS[name](window)
    dialog = window.findChildren(QDialog)[-1]
    room.bot.waitExposed(dialog)
    if isinstance(dialog, PairingDialog):
        room.bot.waitUntil(lambda: dialog.browsers.count() == 2, timeout=TIMEOUT_MS)
    check_order(dialog, room.bot)
    while isinstance(dialog, WelcomeDialog) and dialog.steps.currentIndex() < dialog.steps.count() - 1:
        dialog.next.click()
        assert dialog.next in check_order(dialog, room.bot)
    dialog.close()


CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def names(window: MainWindow) -> list[str]:
    table = window.batch.table
    return [table.line(row).name for row in range(table.rowCount())]


def test_keys_sort_narrow_and_open_a_table(filled: MainWindow) -> None:
    filled.show_page("batch")
    QTest.keyClick(filled, Qt.Key.Key_1, CTRL | ALT)
    assert names(filled) == ["a.png", "b.jpg"]
    QTest.keyClick(filled, Qt.Key.Key_R, CTRL | ALT)
    assert names(filled) == ["b.jpg", "a.png"]
    QTest.keyClick(filled, Qt.Key.Key_7, CTRL | ALT)
    assert names(filled) == ["a.png", "b.jpg"]
    QTest.keyClick(filled, Qt.Key.Key_5, CTRL | SHIFT)  # those not judged: none
    assert filled.batch.hidden.isVisible()
    QTest.keyClick(filled, Qt.Key.Key_F, CTRL | SHIFT)
    assert filled.batch.view.isVisible()
    filled.batch.view.setCurrentIndex(filled.batch.table.index(1, Column.NAME))
    QTest.keyClick(filled.batch.view, Qt.Key.Key_Return)
    assert (filled.page, filled.check.panel.name.toolTip()) == ("check", "b.jpg")


def test_the_menu_of_the_table_says_what_the_table_says_and_rests_elsewhere(filled: MainWindow) -> None:
    menu = filled.menus.table
    filled.show_page("check")
    assert not any(action.isEnabled() for action in menu.actions() if not action.isSeparator())
    filled.show_page("history")
    assert [action.text() for action in menu.orders][:2] == ["Name", "Verdict"]
    assert menu.orders[5].text() == "Checked"
    assert [action.isVisible() for action in menu.deletions] == [True, True]
    filled.show_page("batch")
    assert menu.orders[5].text() == "Changed"
    assert menu.bands[0].text() == filled.batch.filter.bands["any"].text()
    assert [action.isVisible() for action in menu.deletions] == [False, False]


def test_the_menu_of_the_batch_presses_the_buttons_of_its_page(filled: MainWindow) -> None:
    batch = filled.batch
    entries = filled.menus.batch.entries
    assert not entries[batch.pause].isEnabled()
    assert entries[batch.export].text() == "Save results"
    assert entries[batch.forget].isEnabled()
    entries[batch.forget].trigger()
    assert batch.nothing.isVisibleTo(batch)
    assert not entries[batch.forget].isEnabled()


def test_the_places_looked_at_are_gone_through_by_keyboard(filled: MainWindow) -> None:
    filled.show_page("check")
    bare = filled.check.image.grab().toImage()
    QTest.keyClick(filled, Qt.Key.Key_Right, ALT)
    first = filled.check.image.grab().toImage()
    QTest.keyClick(filled, Qt.Key.Key_Right, ALT)
    second = filled.check.image.grab().toImage()
    assert bare != first != second
    QTest.keyClick(filled, Qt.Key.Key_Left, ALT)
    assert filled.check.image.grab().toImage() == first


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_two_menus_share_a_letter(room: Room, qapp: QApplication, language: str) -> None:
    translator = Language(qapp)
    translator.choose(language)
    try:
        titles = [action.text() for action in room.open().menuBar().actions()]
    finally:
        translator.close()
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert len(set(letters)) == len(letters) == 9
