"""An image on the Check page before its verdict: it is seen at once; what was refused can be asked for anew."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget

from noiselens_core.detector import Detector
from noiselens_core.images import Origin
from noiselens_desktop.models.history import State
from noiselens_desktop.views.drop_area import Taken
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.work.analyse import AnalyseRequest

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def go_on(room: Room, detector: Detector) -> Iterator[threading.Event]:
    """The detector is not loaded before this is set."""
    event = threading.Event()

    def slow() -> Detector:
        event.wait(TIMEOUT_MS / 1000)
        return detector

    room.load = slow
    yield event
    event.set()


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def seen(room: Room, window: MainWindow) -> None:
    """Wait until the window shows a whole image, judged or not."""
    view = window.check.image
    room.bot.waitUntil(lambda: view.pictures is not None and view.pictures.complete, timeout=TIMEOUT_MS)


def state(window: MainWindow, row: int = 0) -> State:
    return window.check.model.item(row).state


def test_an_image_is_seen_while_it_waits_and_stays_where_it_was_zoomed_to(
    room: Room, go_on: threading.Event, cat: Path
) -> None:
    window = room.open()
    window.open_files([cat])
    seen(room, window)
    check, view = window.check, window.check.image
    assert state(window) is State.WAITING
    assert view.pictures is not None
    assert view.pictures.full.shape == (300, 451, 3)
    assert not view.pictures.heat
    assert check.panel.busy.isVisible()
    assert not any(button.isEnabled() for button in (*check.tools.segments.values(), check.tools.compare))
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    place = view._target()

    go_on.set()
    room.answered(window, 1)
    room.pictured(window)
    assert view._target() == place
    assert view._crops
    assert all(button.isEnabled() for button in (*check.tools.segments.values(), check.tools.compare))


def test_each_of_many_is_seen_when_it_is_chosen(room: Room, go_on: threading.Event, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    seen(room, window)
    first = window.check.image.pictures
    window.check.history.choose(1)
    room.bot.waitUntil(
        lambda: window.check.image.pictures is not None and window.check.image.pictures is not first,
        timeout=TIMEOUT_MS,
    )
    assert state(window, 1) is State.WAITING
    go_on.set()
    room.answered(window, 2)
    assert not room.session._decoded


def test_a_refused_file_is_tried_again_in_its_place(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    path = tmp_path / "late.png"
    window.open_files([path])
    room.answered(window, 1)
    assert state(window) is State.REFUSED
    button = window.check.panel.button
    assert (button.text(), button.isVisible()) == ("Try again", True)
    shutil.copy(cat, path)
    click(button)
    assert state(window) is State.WAITING
    room.answered(window, 1)
    assert state(window) is State.JUDGED
    assert not button.isVisible()
    assert window.check.model.item(0).request is None


def test_the_menus_try_again_and_judge_again(
    room: Room, cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    menus: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: menus.append(menu))
    window = room.open()
    window.open_files([tmp_path / "gone.png"])
    room.answered(window, 1)
    history = window.check.history
    history._open_menu(history.list.visualRect(history.filter.index(0, 0)).center())
    {entry.text(): entry for entry in menus[0].actions()}["Try again"].trigger()
    assert state(window) is State.WAITING
    room.answered(window, 1)
    pasted = AnalyseRequest(cat.read_bytes(), None, "Pasted image", Origin.CLIPBOARD)
    window.check.submit(Taken((pasted,)))
    room.answered(window, 2)
    QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    room.answered(window, 3)
    assert [window.check.model.item(row).name for row in range(2)] == ["Pasted image"] * 2


def test_what_was_taken_out_before_its_verdict_comes_back_and_is_judged(
    room: Room, go_on: threading.Event, cat: Path, rocket: Path
) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    window.check.delete(1)
    assert window.check.model.rowCount() == 1
    window.toast.act()
    assert [window.check.model.item(row).name for row in range(2)] == [cat.name, rocket.name]
    go_on.set()
    room.answered(window, 2)
    assert {state(window, row) for row in range(2)} == {State.JUDGED}
