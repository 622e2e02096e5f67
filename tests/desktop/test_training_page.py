"""The Training page: samples come in, are put right and go out again, on the real store."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from noiselens_core.labels import Counts
from noiselens_core.verdict import Band
from noiselens_desktop.app import SAMPLES
from noiselens_desktop.models.outcome import Change, Figures, Flip, Outcome
from noiselens_desktop.models.sample_list import SAMPLE_ROLE, Part
from noiselens_desktop.models.training_job import TrainingJob
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.views.parts import scrolled
from noiselens_desktop.views.result_card import ResultCard
from noiselens_desktop.views.sample_shelf import CONFLICTS, SampleShelf
from noiselens_desktop.views.teach_card import TeachCard
from noiselens_desktop.views.thumbnail_store import ThumbnailStore
from noiselens_desktop.views.training_page import TrainingPage

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")
LEFT = Qt.MouseButton.LeftButton


def page_of(room: Room, count: int) -> TrainingPage:
    """Open the page and wait until it shows so many samples."""
    window = room.open()
    window.show_page("training")
    shown(room, window.training, count)
    return window.training


def shown(room: Room, page: TrainingPage, count: int) -> None:
    room.bot.waitUntil(lambda: len(page.shelf.model.rows) == count, timeout=TIMEOUT_MS)


def names(shelf: SampleShelf) -> list[str]:
    return [str(shelf.filter.index(row, 0).data()) for row in range(shelf.filter.rowCount())]


def labels(page: TrainingPage) -> dict[str, str]:
    return {row.name: row.label for row in page.shelf.model.rows}


def choose(shelf: SampleShelf, *wanted: str) -> None:
    shelf.grid.selectionModel().clear()
    for row in range(shelf.filter.rowCount()):
        index = shelf.filter.index(row, 0)
        if index.data() in wanted:
            shelf.grid.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select)


def drop(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(
        QDropEvent(
            QPointF(500, 300), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def keep(room: Room, **images: str) -> None:
    """Label images that came with NoiseLens, in a library no window has open."""
    room.open()
    for name, label in images.items():
        path = next(SAMPLES.glob(f"{name}.*"))
        room.labels.add(path.read_bytes(), "real" if label == "real" else "generated", path.name, "file")
    room.close()


def test_without_samples_the_page_says_what_to_do(room: Room) -> None:
    page = page_of(room, 0)
    assert page.shelf.nothing.isVisible()
    assert page.shelf.nothing.button.isVisible()
    assert not page.teach.isVisible()


def test_what_is_said_on_the_check_page_is_a_sample_here(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    window.check.doing.actions["real"].trigger()
    window.show_page("training")
    shown(room, window.training, 1)
    shelf = window.training.shelf
    assert labels(window.training) == {"chelsea.png": "real"}
    room.bot.waitUntil(lambda: shelf.model.rows[0].path is not None, timeout=TIMEOUT_MS)  # its image follows
    sample = shelf.model.rows[0]
    room.bot.waitUntil(lambda: shelf.thumbnails.get(sample.id) is not None, timeout=TIMEOUT_MS)
    assert shelf.grid.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "chelsea.png, Real"


def test_a_dropped_folder_that_says_what_it_holds_is_taken_at_once(room: Room, tmp_path: Path) -> None:
    for kind, name in (("real", "chelsea.png"), ("generated", "coffee.png")):
        (tmp_path / "set" / kind).mkdir(parents=True)
        (tmp_path / "set" / kind / name).write_bytes((SAMPLES / name).read_bytes())
    page = page_of(room, 0)
    window = page.window()
    assert isinstance(window, MainWindow)
    drop(window, tmp_path / "set")
    shown(room, page, 2)
    assert labels(page) == {"chelsea.png": "real", "coffee.png": "generated"}
    room.bot.waitUntil(lambda: window.toast.text.text() == "Kept: 2.", timeout=TIMEOUT_MS)


def test_dropped_files_are_asked_about(room: Room, cat: Path, rocket: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"x")
    page = page_of(room, 0)
    window = page.window()
    assert isinstance(window, MainWindow)
    drop(window, cat, rocket, tmp_path / "broken.png")
    (box,) = page.shelf.findChildren(QMessageBox)
    button = next(b for b in box.findChildren(QPushButton) if b.text() == "Generated")
    QTest.mouseClick(button, LEFT)
    shown(room, page, 2)
    assert set(labels(page).values()) == {"generated"}
    room.bot.waitUntil(lambda: "Not read: 1 (broken.png: " in window.toast.text.text(), timeout=TIMEOUT_MS)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("chelsea.png", "What is “chelsea.png”?"), ("samples", "What are the images in “samples”?")],
)
def test_one_file_and_one_folder_are_each_asked_about_in_their_own_words(room: Room, name: str, asked: str) -> None:
    page = page_of(room, 0)
    window = page.window()
    assert isinstance(window, MainWindow)
    drop(window, SAMPLES if name == SAMPLES.name else SAMPLES / name)
    (box,) = page.shelf.findChildren(QMessageBox)
    assert box.text() == asked
    box.close()


def test_samples_are_narrowed(room: Room) -> None:
    keep(room, chelsea="real", coffee="generated", rocket="real")
    page = page_of(room, 3)
    shelf = page.shelf
    assert names(shelf) == ["rocket.jpg", "coffee.png", "chelsea.png"]
    QTest.mouseClick(shelf.parts[Part.REAL], LEFT)
    assert names(shelf) == ["rocket.jpg", "chelsea.png"]
    shelf.search.setText("chel")
    assert names(shelf) == ["chelsea.png"]
    shelf.search.setText("nothing")
    assert shelf.hidden.isVisible()
    assert not shelf.parts[Part.ABSENT].isVisible()


def test_samples_are_relabelled_and_deleted_and_both_is_undone(room: Room) -> None:
    keep(room, chelsea="real", coffee="generated", rocket="real")
    page = page_of(room, 3)
    shelf, window = page.shelf, page.window()
    assert isinstance(window, MainWindow)
    assert not shelf.deeds.isVisible()
    choose(shelf, "chelsea.png", "coffee.png")
    assert shelf.deeds.isVisible()
    QTest.keyClick(shelf.grid, Qt.Key.Key_G)
    room.bot.waitUntil(lambda: labels(page)["chelsea.png"] == "generated", timeout=TIMEOUT_MS)
    window.toast.act()
    room.bot.waitUntil(lambda: labels(page)["chelsea.png"] == "real", timeout=TIMEOUT_MS)
    assert labels(page)["coffee.png"] == "generated"
    choose(shelf, "rocket.jpg")
    QTest.mouseClick(shelf.generated, LEFT)
    room.bot.waitUntil(lambda: labels(page)["rocket.jpg"] == "generated", timeout=TIMEOUT_MS)
    choose(shelf, "rocket.jpg")
    QTest.keyClick(shelf.grid, Qt.Key.Key_Delete)
    shown(room, page, 2)
    assert window.toast.text.text() == "Deleted from the samples: “rocket.jpg”."
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    shown(room, page, 3)


def test_a_picture_with_both_labels_is_shown_twice_and_settled(room: Room) -> None:
    keep(room, chelsea="real", chelsea_regenerated="generated", coffee="real", coffee_regenerated="generated")
    page = page_of(room, 4)
    shelf = page.shelf
    room.bot.waitUntil(shelf.parts[CONFLICTS].isVisible, timeout=TIMEOUT_MS)
    QTest.mouseClick(shelf.parts[CONFLICTS], LEFT)
    assert shelf.pair_view.isVisible()
    pair = shelf.pair_view.current()
    assert pair is not None
    assert (pair.first.name, pair.second.name) == ("chelsea.png", "chelsea_regenerated.png")
    QTest.mouseClick(shelf.both_right, LEFT)
    room.bot.waitUntil(lambda: page.shelf.pairs.rowCount() == 1, timeout=TIMEOUT_MS)
    QTest.mouseClick(shelf.both_generated, LEFT)
    room.bot.waitUntil(lambda: page.shelf.pairs.rowCount() == 0, timeout=TIMEOUT_MS)
    assert labels(page)["coffee.png"] == "generated"
    assert shelf.grid.isVisible()  # nothing is left to settle


def test_samples_leave_and_come_back_as_an_archive(room: Room, tmp_path: Path) -> None:
    keep(room, chelsea="real", coffee="generated")
    page = page_of(room, 2)
    window = page.window()
    assert isinstance(window, MainWindow)
    room.teaching.samples.export(tmp_path / "out.zip")
    room.bot.waitUntil(lambda: window.toast.text.text() == "Saved out.zip.", timeout=TIMEOUT_MS)
    room.teaching.samples.remove([row.sha256 for row in page.shelf.model.rows])
    shown(room, page, 0)
    drop(window, tmp_path / "out.zip")
    shown(room, page, 2)
    (tmp_path / "bad.zip").write_bytes(b"PK")
    drop(window, tmp_path / "bad.zip")
    room.bot.waitUntil(lambda: "bad.zip" in window.toast.text.text(), timeout=TIMEOUT_MS)


@pytest.mark.parametrize(
    ("counts", "words", "enough"),
    [
        (Counts(real=3, generated=9), "Label at least 10 images", False),
        (Counts(real=10), "Only real images so far", True),
        (Counts(generated=12), "Only generated images so far", True),
        (Counts(real=4, generated=12), "expect a small step", True),
        (Counts(real=10, generated=10), "Enough to learn from", True),
        (Counts(real=50, generated=50), "Plenty to learn from", True),
    ],
)
def test_the_page_says_what_can_be_learned(
    room: Room, tmp_path: Path, counts: Counts, words: str, enough: bool
) -> None:
    card = TeachCard(TrainingJob(lambda run: [], tmp_path), missing=False)
    room.bot.addWidget(card)
    card.show_counts(counts)
    assert words in card.outlook.text()
    assert card.start.isEnabled() == enough


def test_a_missing_trainer_is_one_sentence(room: Room, tmp_path: Path) -> None:
    card = TeachCard(TrainingJob(lambda run: [], tmp_path), missing=True)
    room.bot.addWidget(card)
    card.show_counts(Counts(real=50, generated=50))
    assert "pip install 'noiselens[trainer]'" in card.outlook.text()
    assert not card.start.isEnabled()


def test_versions_and_absent_images_are_told(room: Room) -> None:
    keep(room, chelsea="real")
    window = room.open()
    small = io.BytesIO()
    with Image.open(SAMPLES / "chelsea.png") as image:
        image.convert("RGB").resize((225, 150)).save(small, "JPEG", quality=70)
    room.labels.add(small.getvalue(), "real", "small.jpg")
    room.labels.say("ab" * 32, "generated", "gone.png")
    window.show_page("training")
    shown(room, window.training, 3)
    told = window.training.teach.note.text()
    assert "counted once: 1." in told
    assert "without their image: 1;" in told
    assert window.training.teach.real.text() == "1"
    copy = next(row for row in window.training.shelf.model.rows if row.copy_of)
    assert copy.name == "small.jpg"


def test_all_samples_judged_otherwise_stand_in_the_result_which_scrolls_to_the_one_the_keys_reach(
    qtbot: QtBot,
) -> None:
    figures = Figures(0.7, 0.7, 0.1)
    change = Change(figures, figures)
    judged = (0.5, Band.UNCERTAIN), (0.9, Band.LIKELY_GENERATED)
    flips = tuple(Flip(f"{i:064x}", f"{i}.png", "generated", *judged, 1) for i in range(40))
    thumbnails = ThumbnailStore(lambda _: None)
    card = ResultCard(thumbnails)
    area = scrolled(card)
    qtbot.addWidget(area)
    area.resize(700, 400)
    area.show()
    card.show_outcome(Outcome(Path("own.safetensors"), "own", "base", change, change, flips, True, (), 0, 1.0), ())
    view, bar = card.flips_view, area.verticalScrollBar()
    qtbot.waitUntil(lambda: view.visualRect(view.model().index(39, 0)).bottom() > 400, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: bar.maximum() > 400, timeout=TIMEOUT_MS)
    assert view.verticalScrollBar().maximum() == 0
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert not view.visibleRegion().intersected(view.visualRect(view.currentIndex())).isEmpty()
    assert view.currentIndex().row() == 39
    thumbnails.close()


def test_every_control_has_a_name_for_a_screen_reader(room: Room) -> None:
    keep(room, chelsea="real", chelsea_regenerated="generated")
    page = page_of(room, 2)
    for button in page.findChildren(QPushButton):
        assert button.text() or button.accessibleName()
    for view in (page.shelf.grid, page.shelf.pair_view, page.detectors.view, page.result.flips_view):
        assert view.accessibleName()
    assert all(text.textFormat() == Qt.TextFormat.PlainText for text in page.findChildren(QLabel) if text.text())
    assert page.shelf.model.index(0, 0).data(SAMPLE_ROLE) is not None
