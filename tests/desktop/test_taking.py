"""What can be dropped, pasted or cut out of the screen, and what is said of the rest."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from noiselens_core.images import MAX_BYTES
from noiselens_desktop.models.history import State
from noiselens_desktop.views import capture
from noiselens_desktop.views.capture import RegionPicker, capture_refusal
from noiselens_desktop.views.drop_area import BYTES, LINK, NOTHING, from_mime, may_take

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")
ROOT = Path(__file__).resolve().parents[2]


def mime(text: str = "", url: str = "", png: bytes = b"", raw: bytes = b"") -> QMimeData:
    made = QMimeData()
    if text:
        made.setText(text)
    if url:
        made.setUrls([QUrl(url)])
    for kind, data in (("image/png", png), (BYTES, raw)):
        if data:
            made.setData(kind, QByteArray(data))
    return made


# --- drop and paste ------------------------------------------------------------------------------------------------


def test_bytes_a_browser_hands_over_are_taken_under_the_name_of_their_address(cat: Path) -> None:
    data = cat.read_bytes()
    address = "https://example.org/pets/cat.png?w=3"
    for offer in (mime(url=address, png=data), mime(url=address, raw=data)):
        (request,) = from_mime(offer).requests
        assert (request.data, request.name) == (data, "cat.png")


def test_bytes_that_are_no_image_are_not_taken_for_one() -> None:
    taken = from_mime(mime(url="https://example.org/a.zip", raw=b"PK\3\4 zip"))
    assert (taken.requests, taken.sentence) == ((), LINK)


def test_an_image_written_out_in_its_address_is_taken(cat: Path) -> None:
    data = cat.read_bytes()
    address = "data:image/png;base64," + base64.b64encode(data).decode()
    for offer in (mime(text=address), mime(url=address)):
        assert [request.data for request in from_mime(offer).requests] == [data]
        assert may_take(offer)
    assert from_mime(mime(text="data:image/gif,GIF89a%00%ff")).requests[0].data == b"GIF89a\0\xff"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("https://example.org/cat.png", LINK),
        ("  http://example.org/cat.png\n", LINK),
        ("blob:https://example.org/1234", LINK),
        ("a note", NOTHING),
        ("data:text/html,<script>", NOTHING),
        ("data:image/png;base64,@@@@", NOTHING),
        ("data:image/png;base64,", NOTHING),
        ("javascript:alert(1)", NOTHING),
        ("", NOTHING),
    ],
)
def test_a_link_or_a_note_is_answered_in_one_sentence(text: str, sentence: str) -> None:
    taken = from_mime(mime(text=text))
    assert (taken.requests, taken.sentence, taken.folders) == ((), sentence, ())


def test_an_address_longer_than_any_image_is_not_read() -> None:
    assert from_mime(mime(text="data:image/png;base64," + "A" * (2 * MAX_BYTES + 4))).requests == ()


def test_files_among_folders_are_judged_and_the_folders_offered(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    (tmp_path / "folder").mkdir()
    offer = QMimeData()
    offer.setUrls([QUrl.fromLocalFile(str(tmp_path / "folder")), QUrl.fromLocalFile(str(cat))])
    window.check.submit(from_mime(offer))
    room.answered(window, 1)
    assert window.page == "check"
    with room.bot.waitSignal(window.check.folders_wanted) as wanted:
        assert window.toast.act()
    assert wanted.args == [[tmp_path / "folder"]]


def test_a_folder_can_be_chosen_from_the_start_page(room: Room) -> None:
    window = room.open()
    QTest.mouseClick(window.check.drop.folder, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.fileMode() == QFileDialog.FileMode.Directory
    dialog.close()


def test_images_are_chosen_on_any_page_and_judged_on_theirs(room: Room, cat: Path) -> None:
    window = room.open()
    window.show_page("history")
    QTest.mouseClick(window.history.nothing.button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()
    assert window.page == "history"
    dialog.filesSelected.emit([str(cat)])
    assert window.page == "check"
    room.answered(window, 1)


# --- a part of the screen ------------------------------------------------------------------------------------------


@pytest.fixture
def screen() -> QPixmap:
    """A picture of a screen of 800 x 600, twice as many pixels as the window that shows it: four quarters."""
    picture = QPixmap(800, 600)
    with QPainter(picture) as painter:
        for x, y, colour in ((0, 0, "red"), (400, 0, "lime"), (0, 300, "blue"), (400, 300, "white")):
            painter.fillRect(x, y, 400, 300, QColor(colour))
    return picture


@pytest.fixture
def picker(qtbot: QtBot, screen: QPixmap) -> RegionPicker:
    picker = RegionPicker(screen)
    picker.resize(400, 300)
    picker.show()
    qtbot.waitExposed(picker)
    return picker


def colours(part: QImage) -> set[str]:
    return {part.pixelColor(x, y).name() for x in range(0, part.width(), 7) for y in range(0, part.height(), 7)}


def test_what_is_dragged_over_is_taken_in_screen_pixels(qtbot: QtBot, picker: RegionPicker) -> None:
    with qtbot.waitSignal(picker.picked) as picked:
        QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(390, 290))
        QTest.mouseMove(picker, QPoint(300, 200))
        QTest.mouseMove(picker, QPoint(210, 160))
        assert picker.grab().toImage().pixelColor(300, 200).name() == "#ffffff"
        assert picker.grab().toImage().pixelColor(100, 200) != QColor("blue")  # dimmed
        QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(210, 160))
    (part,) = picked.args
    assert (part.width(), part.height()) == (360, 260)
    assert colours(part) == {"#ffffff"}


def test_a_slip_of_the_hand_takes_nothing(qtbot: QtBot, picker: RegionPicker) -> None:
    with qtbot.assertNotEmitted(picker.picked, wait=50):
        QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        QTest.mouseMove(picker, QPoint(104, 200))
        QTest.mouseRelease(picker, Qt.MouseButton.LeftButton, pos=QPoint(104, 200))
    assert picker.isVisible()
    picker.close()


def test_the_keyboard_takes_all_or_a_part_or_nothing(qtbot: QtBot, picker: RegionPicker) -> None:
    QTest.keyClick(picker, Qt.Key.Key_Left)
    assert picker.region == QRect(84, 75, 200, 150)
    for _ in range(40):
        QTest.keyClick(picker, Qt.Key.Key_Left)
        QTest.keyClick(picker, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert picker.rect().contains(picker.region)
    assert picker.region.left() == 4
    with qtbot.waitSignal(picker.picked) as picked:
        QTest.keyClick(picker, Qt.Key.Key_Return)
    assert picked.args[0].width() == 400


def test_enter_alone_takes_the_whole_screen(qtbot: QtBot, picker: RegionPicker, screen: QPixmap) -> None:
    with qtbot.waitSignal(picker.picked) as picked:
        QTest.keyClick(picker, Qt.Key.Key_Return)
    assert picked.args[0].size() == screen.size()
    assert len(colours(picked.args[0])) == 4


def test_escape_takes_nothing(qtbot: QtBot, picker: RegionPicker) -> None:
    with qtbot.waitSignal(picker.cancelled), qtbot.assertNotEmitted(picker.picked):
        QTest.keyClick(picker, Qt.Key.Key_Escape)


def test_a_desktop_that_lets_no_app_read_the_screen_is_told_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    window = room.open()
    window.menus.actions["Check a part of the screen…"].trigger()
    assert window.toast.text.text() == capture_refusal()
    assert "paste it" in capture_refusal()
    assert window.isVisible()
    monkeypatch.setattr(capture, "CAN_GRAB", ("offscreen",))
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    assert capture_refusal()
    monkeypatch.setenv("XDG_SESSION_TYPE", "x11")
    assert not capture_refusal()


def test_a_part_of_the_screen_is_judged_pixel_by_pixel(
    room: Room, screen: QPixmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "CAN_GRAB", ("offscreen",))
    monkeypatch.setenv("XDG_SESSION_TYPE", "x11")
    window = room.open()
    monkeypatch.setattr(type(window.screen()), "grabWindow", lambda *_: screen)
    window.check.capture.start()
    assert not window.isVisible()
    room.bot.waitUntil(lambda: window.check.capture.picker is not None, timeout=TIMEOUT_MS)
    picker = window.check.capture.picker
    assert picker is not None
    QTest.keyClick(picker, Qt.Key.Key_Return)
    assert window.isVisible()
    room.answered(window, 1)
    room.pictured(window)
    item = window.check.model.item(0)
    assert (item.name, item.state, item.came) == ("Part of the screen.png", State.JUDGED, "from the screen")
    pictures = window.check.image.pictures
    assert pictures is not None
    assert pictures.full.shape == (600, 800, 3)
    assert (pictures.full[10, 10] == [255, 0, 0]).all()
    assert (pictures.full[-10, -10] == [255, 255, 255]).all()


GRAB = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
from PySide6.QtCore import QTimer
from noiselens_desktop.views.capture import Capture
app = QApplication([])
ground = QWidget(); ground.setStyleSheet("background: #ff8800"); ground.showFullScreen()
window = QWidget(); window.setStyleSheet("background: #0000ff"); window.showFullScreen()
capture = Capture(window)
def take():
    if capture.picker is None:
        QTimer.singleShot(100, take)
        return
    from PySide6.QtTest import QTest
    from PySide6.QtCore import Qt
    QTest.keyClick(capture.picker, Qt.Key.Key_Return)
capture.taken.connect(lambda part: (part.save(sys.argv[1]), app.quit()))
capture.failed.connect(lambda sentence: (print(sentence), app.exit(1)))
QTimer.singleShot(500, capture.start)
QTimer.singleShot(800, take)
app.exec()
"""


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("xvfb-run"), reason="needs an X server of its own")
def test_the_real_screen_is_read_without_our_own_window(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "screen.png"
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "XDG_SESSION_TYPE": "x11"}
    environment["PYTHONPATH"] = os.pathsep.join(str(ROOT / room) for room in ("core", "desktop"))
    arguments = ["xvfb-run", "-a", "-s", "-screen 0 640x480x24", sys.executable, "-c", GRAB, str(picture)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (480, 640, 3)
    assert (pixels[100:-100, 100:-100] == [255, 136, 0]).all()
