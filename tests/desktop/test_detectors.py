"""The user's detectors: brought, chosen, renamed, given out, deleted, and the one before is a press away."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from noiselens_core.checkpoint import SHIPPED_DETECTOR
from noiselens_core.detector import Detector
from noiselens_core.errors import ModelError
from noiselens_core.places import models_dir, samples_dir
from noiselens_core.registry import Registry
from noiselens_desktop.app import SAMPLES, App
from noiselens_desktop.models.table import Column
from noiselens_desktop.models.teaching import Teaching
from noiselens_desktop.settings import Settings
from noiselens_desktop.views.compare_dialog import CompareDialog
from noiselens_desktop.views.detector_shelf import DetectorShelf
from noiselens_desktop.views.main_window import MainWindow

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def app(qapp: QApplication) -> Iterator[App]:
    app = App(qapp, Settings(theme="light", welcomed=True), bridge=False)
    app.window.show()
    yield app
    app.window.hide()
    app.close()
    app.window.deleteLater()


def shelf_of(window: MainWindow, bot: QtBot) -> DetectorShelf:
    window.show_detectors()
    shelf = window.training.detectors
    bot.waitUntil(lambda: len(shelf.model.rows) > 0, timeout=TIMEOUT_MS)
    return shelf


def brought(window: MainWindow, teaching: Teaching, bot: QtBot, tmp_path: Path) -> DetectorShelf:
    """Bring the shipped detector as if it were somebody else's, and select it."""
    shelf = shelf_of(window, bot)
    file = tmp_path / "brought.safetensors"
    shutil.copy(SHIPPED_DETECTOR, file)
    teaching.detectors.take(file)
    bot.waitUntil(lambda: len(shelf.model.rows) == 2, timeout=TIMEOUT_MS)
    shelf.view.setCurrentIndex(shelf.model.index(1))
    return shelf


def test_the_shipped_detector_judges_and_stays(room: Room) -> None:
    shelf = shelf_of(room.open(), room.bot)
    model = shelf.current()
    assert model is not None
    assert (model.kind, model.chosen) == ("shipped", True)
    assert not shelf.use.isEnabled()
    assert not shelf.back.isEnabled()  # nothing judged before
    assert not shelf.delete.isEnabled()
    assert not shelf.rename.isEnabled()
    assert "in use" in str(shelf.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_another_detector_judges_at_once_and_the_one_before_comes_back(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    shelf = brought(app.window, app.teaching, qtbot, tmp_path)
    with qtbot.waitSignal(app.session.loaded, timeout=TIMEOUT_MS):
        QTest.mouseClick(shelf.use, LEFT)
    chosen = Registry(models_dir()).chosen()
    assert chosen is not None
    assert chosen.read_bytes() == SHIPPED_DETECTOR.read_bytes()
    qtbot.waitUntil(shelf.back.isEnabled, timeout=TIMEOUT_MS)
    with qtbot.waitSignal(app.session.loaded, timeout=TIMEOUT_MS):
        QTest.mouseClick(shelf.back, LEFT)
    assert Registry(models_dir()).chosen() is None


def test_a_detector_is_renamed_given_out_and_deleted(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    shelf = brought(app.window, app.teaching, qtbot, tmp_path)
    shelf.rename.trigger()
    (dialog,) = shelf.findChildren(QInputDialog)
    dialog.setTextValue("My camera")
    dialog.accept()
    qtbot.waitUntil(lambda: shelf.model.rows[1].name == "My camera", timeout=TIMEOUT_MS)
    model = shelf.current()
    assert model is not None
    app.teaching.detectors.export(model.key, tmp_path / "out.safetensors")
    qtbot.waitUntil(lambda: "out.safetensors" in app.window.toast.text.text(), timeout=TIMEOUT_MS)
    assert (tmp_path / "out.safetensors").read_bytes() == SHIPPED_DETECTOR.read_bytes()
    QTest.mouseClick(shelf.use, LEFT)
    qtbot.waitUntil(lambda: shelf.model.rows[1].chosen, timeout=TIMEOUT_MS)
    shelf.delete.trigger()
    (box,) = shelf.findChildren(QMessageBox)
    with qtbot.waitSignal(app.session.loaded, timeout=TIMEOUT_MS):  # the shipped one takes over
        QTest.mouseClick(next(b for b in box.findChildren(QPushButton) if b.text() == "Delete"), LEFT)
    assert not list(models_dir().glob("*.safetensors"))


@pytest.mark.parametrize("kind", ["text", "cut", "changed"])
def test_a_file_that_is_no_sound_detector_is_a_sentence_and_changes_nothing(
    room: Room, tmp_path: Path, kind: str
) -> None:
    window = room.open()
    shelf = shelf_of(window, room.bot)
    data = bytearray(SHIPPED_DETECTOR.read_bytes())
    if kind == "text":
        data = bytearray(b"no detector")
    elif kind == "cut":
        del data[-1000:]
    else:
        data[-1000] ^= 1
    (tmp_path / "bad.safetensors").write_bytes(data)
    room.teaching.detectors.take(tmp_path / "bad.safetensors")
    room.bot.waitUntil(lambda: "bad.safetensors" in window.toast.text.text(), timeout=TIMEOUT_MS)
    assert len(shelf.model.rows) == 1
    assert not list(models_dir().glob("*.safetensors"))


def test_two_detectors_are_compared_on_a_folder(room: Room, tmp_path: Path) -> None:
    shelf = brought(room.open(), room.teaching, room.bot, tmp_path)
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(SAMPLES / "drawn_1.png", folder)
    (folder / "broken.png").write_bytes(b"x")
    one, other = shelf.model.rows
    shelf.compare_on(one, other, folder)
    (dialog,) = shelf.findChildren(CompareDialog)
    room.bot.waitUntil(lambda: not dialog.bar.isVisible(), timeout=3 * TIMEOUT_MS)
    assert dialog.state.text() == "Of 1 images 0 change their verdict. Not read: 1."  # the same detector twice
    dialog.close_button.click()


def test_a_verdict_names_its_detector_and_is_given_anew(room: Room, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    shutil.copy(SAMPLES / "chelsea.png", picture)
    window = room.open()
    window.open_files([picture])
    history, check = window.history, window.check
    room.answered(window, 1)
    check.doing.actions["real"].trigger()
    room.bot.waitUntil(lambda: len(list(samples_dir().glob("*.png"))) == 1, timeout=TIMEOUT_MS)
    picture.unlink()  # the sample is still there
    window.show_page("history")
    room.bot.waitUntil(lambda: history.table.total == 1, timeout=TIMEOUT_MS)
    tip = history.table.index(0, Column.BAND).data(Qt.ItemDataRole.ToolTipRole)
    verdict = check.model.item(0).verdict
    assert verdict is not None
    assert tip == f"Judged by {verdict.model}"
    history.view.doubted.emit([line.key for line in history.table.lines_of([1])])
    room.bot.waitUntil(lambda: check.model.rowCount() == 2, timeout=TIMEOUT_MS)
    room.answered(window, 2)
    again = check.model.item(0).verdict
    assert again is not None
    assert again.sha256 == verdict.sha256
    assert check.model.item(0).name == "cat.png"


def test_a_detector_that_fails_to_load_is_told_of_and_the_one_before_judges_on(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    window.show_page("settings")

    def refuse() -> Detector:
        raise ModelError("The model file is damaged. Install NoiseLens again.")

    with room.bot.waitSignal(room.session.not_loaded, timeout=TIMEOUT_MS):
        room.session.reload(refuse)
    facts = room.session.facts
    assert facts is not None
    told = f"The model file is damaged. Install NoiseLens again. Until then {facts.model_id} judges."
    assert window.toast.isVisible()
    assert window.toast.text.text() == told
    window.open_files([cat])
    room.answered(window, 2)
    assert window.check.side.state.isVisible()
    assert window.check.side.state.text() == told
    with room.bot.waitSignal(room.session.loaded, timeout=TIMEOUT_MS):
        room.session.reload(room.load)
    assert not window.check.side.state.isVisible()


def test_the_collector_does_not_walk_through_what_torch_brought() -> None:
    program = (
        "import gc\n"
        "from noiselens_desktop.work.detectors import load_detector\n"
        "before = len(gc.get_objects())\n"
        "load_detector('cpu')\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 100_000, len(gc.get_objects()) < before + 50_000)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["True"] * 3
