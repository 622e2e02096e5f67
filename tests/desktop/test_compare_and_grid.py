"""The grid of places with their scores, two images side by side, and the menu that holds it all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from noiselens_core.verdict import CropScore
from noiselens_desktop.views.compare_view import CompareView
from noiselens_desktop.views.crop_grid import crop_at
from noiselens_desktop.views.image_view import ImageView
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.work.pictures import Pictures, thumbnail_only

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")
CROPS = (CropScore(0, 0, 128, 0.9), CropScore(100, 0, 128, 0.1), CropScore(272, 172, 128, 0.5))


def flat(width: int = 400, height: int = 300) -> Pictures:
    pixels = np.full((height, width, 3), 128, np.uint8)
    return Pictures(pixels, (pixels,))


def tags(view: ImageView, zoom: float = 1) -> int:
    """Return how many scores are drawn: only their letters are white near the middle of a place."""
    image, origin = view.grab().toImage(), view._target().topLeft()
    found = 0
    for crop in CROPS:
        middle = origin + QPointF(crop.left + crop.side / 2, crop.top + crop.side / 2) * zoom
        box = [QPoint(int(middle.x()) + dx, int(middle.y()) + dy) for dx in range(-24, 25) for dy in range(-6, 7)]
        found += any(image.pixelColor(point).lightness() > 235 for point in box)
    return found


def grabbed(view: ImageView) -> QImage:
    return view.grab().toImage()


@pytest.fixture
def view(view: ImageView) -> ImageView:
    """The view with a picture and its places."""
    view.show_pictures(flat())
    view.show_crops(CROPS)
    return view


@pytest.mark.parametrize(
    ("x", "y", "number"),
    [
        (10, 10, 0),
        (99, 64, 0),
        (110, 64, 0),
        (118, 64, 1),
        (227.9, 127.9, 1),
        (228, 64, None),
        (272, 172, 2),
        (-1, 5, None),
    ],
)
def test_a_point_lies_in_the_place_whose_middle_is_nearest(x: float, y: float, number: int | None) -> None:
    assert crop_at(CROPS, QPointF(x, y)) == number
    assert crop_at((), QPointF(x, y)) is None


def test_the_place_under_the_pointer_shows_its_score_and_nothing_does_without_the_pointer(view: ImageView) -> None:
    bare = grabbed(view)
    QTest.mouseMove(view, QPoint(100 + 30, 50 + 30))
    assert tags(view) == 1
    QTest.mouseMove(view, QPoint(100 + 250, 50 + 20))  # on the image, in no place: frames alone
    assert tags(view) == 0
    assert grabbed(view) != bare
    QTest.mouseMove(view, QPoint(5, 5))  # beside the image
    assert grabbed(view) == bare


def test_the_grid_shows_every_score_where_there_is_room(view: ImageView) -> None:
    bare = grabbed(view)
    view.set_grid(True)
    assert tags(view) == 3
    view.show_pictures(flat(1100, 800))
    assert 40 < 100 * view.zoom < 66  # px between two columns: whole percents have room
    assert tags(view, view.zoom) == 3
    view.show_pictures(flat(4000, 3000))  # so far away that scores would hide each other
    assert tags(view, view.zoom) == 0
    view.show_pictures(flat())
    view.set_grid(False)
    assert grabbed(view) == bare


def test_a_screen_reader_is_told_every_score(view: ImageView) -> None:
    assert view.accessibleDescription().endswith("row by row: 90.00\u00a0%, 10.00\u00a0%, 50.00\u00a0%.")
    view.show_crops(())
    assert "row by row" not in view.accessibleDescription()


def test_a_thumbnail_has_no_grid(view: ImageView) -> None:
    view.show_pictures(thumbnail_only(np.full((100, 100, 3), 128, np.uint8)))
    bare = grabbed(view)
    view.set_grid(True)
    assert grabbed(view) == bare


# --- two images ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(qtbot: QtBot) -> Iterator[CompareView]:
    pair = CompareView()
    qtbot.addWidget(pair)
    pair.resize(1000, 500)
    pair.show()
    qtbot.waitExposed(pair)
    yield pair
    pair.close()


def seen(view: ImageView) -> tuple[float, float, float, float]:
    """Return which part of the image fills the view, in shares of the image."""
    target, (width, height) = view._target(), (view.width(), view.height())
    return (
        -target.left() / target.width(),
        -target.top() / target.height(),
        (width - target.left()) / target.width(),
        (height - target.top()) / target.height(),
    )


@pytest.mark.parametrize("size", [(3000, 2000), (1500, 1000), (2250, 1500)])
@pytest.mark.parametrize("turned", [False, True])
def test_zoom_and_pan_of_one_move_the_other(pair: CompareView, size: tuple[int, int], turned: bool) -> None:
    for pane, (width, height) in ((pair.first, (3000, 2000)), (pair.second, size)):
        pane._stack.setCurrentIndex(1)
        pane.image.show_pictures(flat(width, height))
    one, other = (pair.second.image, pair.first.image) if turned else (pair.first.image, pair.second.image)
    QTest.qWait(20)
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_1, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Minus):
        QTest.keyClick(one, key)
        assert seen(one) == pytest.approx(seen(other), abs=2e-3)
    for _ in range(60):
        QTest.keyClick(one, Qt.Key.Key_Right)
    QTest.mousePress(one, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    QTest.mouseMove(one, QPoint(260, 220))
    QTest.mouseRelease(one, Qt.MouseButton.LeftButton, pos=QPoint(260, 220))
    assert seen(one) == pytest.approx(seen(other), abs=2e-3)
    QTest.keyClick(one, Qt.Key.Key_0)
    assert one._fitted
    assert other._fitted


def click_compare(window: MainWindow) -> None:
    QTest.mouseClick(window.check.tools.compare, Qt.MouseButton.LeftButton)


def test_the_image_shown_stays_and_the_next_choice_stands_beside_it(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    room.answered(window, 2)
    room.pictured(window)
    compare = window.check.compare
    click_compare(window)
    assert window.check.middle.currentWidget() is compare
    assert compare.first.image.pictures is not None
    window.check.history.choose(1)
    room.bot.waitUntil(
        lambda: compare.second.image.pictures is not None and compare.second.image.pictures.complete,
        timeout=TIMEOUT_MS,
    )
    assert (compare.first.item, compare.second.item) == (window.check.model.item(0), window.check.model.item(1))
    assert window.check.panel.name.toolTip() == "rocket.jpg"
    assert window.check.tools.percent.text() == f"{100 * compare.second.image.zoom:.0f}\u00a0%"
    QTest.mouseClick(window.check.tools.percent, Qt.MouseButton.LeftButton)
    assert compare.second.image.zoom == 1
    assert window.check.tools.percent.text() == "100\u00a0%"
    QTest.keyClick(compare.second.image, Qt.Key.Key_Escape)
    assert window.check.middle.currentWidget() is window.check.image
    assert window.check.image.pictures is not None
    assert not window.check.tools.compare.isChecked()
    assert compare.first.image.pictures is None


def test_a_refusal_beside_an_image_and_the_start_page_leave_nothing_stuck(
    room: Room, cat: Path, tmp_path: Path
) -> None:
    window = room.open()
    (tmp_path / "note.txt").write_text("no image")
    window.open_files([cat, tmp_path / "note.txt"])
    room.answered(window, 2)
    room.pictured(window)
    click_compare(window)
    window.check.history.choose(1)
    assert window.check.tools.isVisible()
    assert window.check.compare.second.image.pictures is None
    window.check.start_anew()
    assert window.check.middle.currentWidget() is window.check.drop
    window.check.history.choose(0)
    assert window.check.middle.currentWidget() is window.check.image


# --- the menu ------------------------------------------------------------------------------------------------------


def test_every_entry_of_the_menu_has_a_shortcut_and_no_two_of_the_window_share_one(room: Room) -> None:
    window = room.open()
    menus = [*window.menuBar().findChildren(QMenu), window.check.menu]
    actions = [action for menu in menus for action in menu.actions() if action.text()]
    assert all(action.shortcut().toString() for action in window.check.menu.actions() if action.text())
    keys = [action.shortcut().toString() for action in actions if not action.shortcut().isEmpty()]
    assert len(set(keys)) == len(keys)


CTRL, ALT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


def test_the_keyboard_does_it_all(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    room.answered(window, 2)
    room.pictured(window)
    check = window.check
    QTest.keyClick(window, Qt.Key.Key_2, ALT)
    assert check.tools.overlay == "noise"
    before = check.tools.opacity
    QTest.keyClick(window, Qt.Key.Key_Up, ALT)
    assert check.tools.opacity == pytest.approx(before + 0.1)
    QTest.keyClick(window, Qt.Key.Key_0, CTRL | ALT)
    assert check.image.zoom == 1
    QTest.keyClick(window, Qt.Key.Key_Plus, CTRL)
    assert check.image.zoom == pytest.approx(1.25)
    QTest.keyClick(window, Qt.Key.Key_L, CTRL)
    assert check.tools.grid.isChecked()
    QTest.keyClick(window, Qt.Key.Key_G, CTRL)
    assert check.panel.answers.answers["generated"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_Down, CTRL)
    assert check.panel.name.toolTip() == "rocket.jpg"
    assert not check.panel.answers.answers["generated"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_D, CTRL)
    assert check.middle.currentWidget() is check.compare
    QTest.keyClick(window, Qt.Key.Key_Up, CTRL)
    assert check.compare.second.item is check.model.item(0)
    QTest.keyClick(window, Qt.Key.Key_D, CTRL)
    assert check.middle.currentWidget() is check.image


def test_the_keys_do_nothing_to_an_image_that_is_not_seen(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    window.show_page("history")
    QTest.keyClick(window, Qt.Key.Key_R, CTRL)
    window.show_page("check")
    assert not window.check.panel.answers.answers["real"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_R, CTRL)
    assert window.check.panel.answers.answers["real"].isChecked()
