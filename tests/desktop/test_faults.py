"""What was ugly once: cut labels, covered rows, filters without a way out, drops nobody sees coming."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget

from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.settings import Settings
from noiselens_desktop.views.image_view import LARGEST_ZOOM
from noiselens_desktop.views.main_window import MainWindow

from .conftest import TIMEOUT_MS, Room

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def pixels(widget: QWidget) -> NDArray[np.uint8]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1].copy()


def place_in(widget: QWidget, window: MainWindow) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


@pytest.fixture
def checked(room: Room, cat: Path) -> MainWindow:
    """A fresh window of the usual size that shows one image."""
    window = room.open()
    window.resize(Settings().window_width, Settings().window_height)
    window.open_files([cat])
    room.pictured(window)
    return window


def test_the_zoom_is_told_whole_and_its_buttons_are_there_at_the_usual_size(checked: MainWindow) -> None:
    tools = checked.check.tools
    for _ in range(30):
        QTest.keyClick(checked, Qt.Key.Key_Plus, CTRL)
    assert checked.check.image.zoom == LARGEST_ZOOM
    assert "".join(filter(str.isdigit, tools.percent.text())) == "1600"
    assert tools.percent.width() >= tools.percent.sizeHint().width()
    buttons = [button for button in tools.findChildren(QToolButton) if "Zoom" in button.accessibleName()]
    assert len(buttons) == 2
    rows = {button.mapTo(tools, QPoint()).y() for button in (*buttons, tools.grid)}
    assert all(button.isVisible() for button in buttons)
    assert len(rows) == 1


def test_the_tools_stand_in_two_rows_where_one_is_too_narrow(room: Room, checked: MainWindow) -> None:
    tools = checked.check.tools

    def rows() -> int:
        under = tools.grid.mapTo(tools, QPoint()).y() - tools.slider.mapTo(tools, QPoint()).y()
        return 2 if under >= tools.slider.height() else 1

    assert rows() == 1
    checked.resize(checked.minimumSizeHint().width(), 600)
    room.bot.waitUntil(lambda: rows() == 2, timeout=TIMEOUT_MS)
    checked.resize(1400, 700)
    room.bot.waitUntil(lambda: rows() == 1, timeout=TIMEOUT_MS)


def test_the_colours_of_an_overlay_are_explained_and_only_then(checked: MainWindow) -> None:
    view = checked.check.image

    def corner() -> bytes:
        return pixels(view)[-32:, :260].tobytes()

    attention = corner()
    checked.check.tools.choose_overlay("noise")
    noise = corner()
    checked.check.tools.choose_overlay("none")
    bare = corner()
    assert len({attention, noise, bare}) == 3


@pytest.mark.parametrize("page", ["batch", "history", "training"])
def test_a_toast_covers_no_row_of_a_page(checked: MainWindow, page: str) -> None:
    checked.show_page(page)
    checked.toast.offer_undo("Deleted “chelsea.png”.", lambda: None)
    QGuiApplication.processEvents()
    assert not place_in(checked.toast, checked).intersects(place_in(checked.pages[page], checked))
    checked.toast.act()
    QGuiApplication.processEvents()
    assert checked.pages[page].mapTo(checked, QPoint(0, checked.pages[page].height())).y() == checked.height()


def test_on_the_check_page_the_toast_leaves_the_canvas_as_it_is(checked: MainWindow) -> None:
    canvas = place_in(checked.check.middle, checked)
    checked.toast.offer_undo("Deleted “chelsea.png”.", lambda: None)
    QGuiApplication.processEvents()
    assert place_in(checked.check.middle, checked) == canvas
    assert canvas.contains(place_in(checked.toast, checked))


@pytest.mark.parametrize(
    ("page", "words"),
    [("check", "Drop to check"), ("history", "Drop to check"), ("training", "Drop to keep as samples")],
)
def test_a_drop_is_seen_coming_on_every_page_also_over_an_image(
    checked: MainWindow, cat: Path, page: str, words: str
) -> None:
    checked.show_page(page)
    before = pixels(checked)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(cat))])
    action, no_key = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QGuiApplication.sendEvent(checked, QDragEnterEvent(QPoint(600, 300), action, mime, LEFT, no_key))
    assert checked.veil.isVisible()
    assert checked.veil.words == words
    assert (pixels(checked) != before).any()
    QGuiApplication.sendEvent(checked, QDragLeaveEvent())
    assert not checked.veil.isVisible()


def test_a_folder_over_the_window_is_told_as_one(checked: MainWindow, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    action, no_key = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QGuiApplication.sendEvent(checked, QDragEnterEvent(QPoint(600, 300), action, mime, LEFT, no_key))
    assert checked.veil.words == "Drop to check the whole folder"


def test_a_filter_that_hides_everything_offers_the_way_out(room: Room, checked: MainWindow, cat: Path) -> None:
    folder = cat.parent
    checked.check_folders([folder])
    room.bot.waitUntil(lambda: room.job.phase is Phase.ENDED, timeout=TIMEOUT_MS)
    for name, page in (("batch", checked.batch), ("history", checked.history)):
        checked.show_page(name)
        room.bot.waitUntil(page.view.isVisible, timeout=TIMEOUT_MS)
        QTest.keyClicks(page.filter.search, "no such name")
        room.bot.waitUntil(page.hidden.isVisible, timeout=TIMEOUT_MS)
        QTest.mouseClick(page.hidden.button, LEFT)
        room.bot.waitUntil(page.view.isVisible, timeout=TIMEOUT_MS)
        assert page.filter.search.text() == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_arrows_of_the_file_dialog_are_seen_on_their_ground(room: Room, theme: str) -> None:
    window = room.open(Settings(theme=theme))
    dialog = QFileDialog(window)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.show()
    ground = QColor(dialog.palette().window().color()).lightness()
    button = dialog.findChild(QToolButton, "toParentButton")
    assert button is not None
    arrow = button.icon().pixmap(20, 20).toImage()
    inks = [c.lightness() for x in range(20) for y in range(20) if (c := arrow.pixelColor(x, y)).alpha() > 200]
    assert inks
    assert min(abs(ink - ground) for ink in inks) > 100
    dialog.close()


def test_a_window_is_never_larger_than_its_screen(room: Room) -> None:
    window = room.open(Settings(theme="light", window_width=9000, window_height=9000))
    screen = window.screen().availableSize()
    assert window.height() < screen.height()
    assert window.width() <= max(screen.width(), window.minimumSizeHint().width())
