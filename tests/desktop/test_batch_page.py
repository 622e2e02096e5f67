"""The Batch page over the real parts: a folder in, a table of verdicts out; paused, gone on with, saved."""

from __future__ import annotations

import csv
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMessageBox

from noiselens_core.batch import Outcome
from noiselens_core.verdict import Band
from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.models.table import Column
from noiselens_desktop.views.batch_page import BatchPage
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.views.saving_row import SavingRow

from .conftest import TIMEOUT_MS, Room
from .test_batch_run import fill
from .test_window import drop

pytestmark = pytest.mark.usefixtures("home")
FORMS = ("csv", "jsonl", "html", "pdf")


@pytest.fixture
def pictures(tmp_path: Path, cat: Path, rocket: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    shutil.copy(cat, folder / "cat.png")
    shutil.copy(rocket, folder / "below" / "rocket.jpg")
    (folder / "broken.png").write_text("no image")
    return folder


def ended(room: Room, window: MainWindow, count: int) -> BatchPage:
    room.bot.waitUntil(lambda: room.job.phase is Phase.ENDED and window.batch.table.total == count, timeout=TIMEOUT_MS)
    return window.batch


def test_an_empty_page_says_what_to_do(room: Room) -> None:
    window = room.open()
    window.show_page("batch")
    assert window.batch.nothing.button.isVisible()
    assert not window.batch.view.isVisible()


def test_a_dropped_folder_is_checked_and_told_in_a_table(room: Room, pictures: Path) -> None:
    window = room.open()
    window.show_page("batch")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(pictures))])
    drop(window, mime)
    page = ended(room, window, 3)
    cells = [[page.table.index(row, column).data() for column in Column] for row in range(3)]
    assert [cell[Column.NAME] for cell in cells] == ["broken.png", "cat.png", "rocket.jpg"]
    assert cells[0][Column.BAND] == "Not judged"
    assert cells[1][Column.SIZE].startswith("451 × 300 · ")
    assert [cell[Column.SOURCE] for cell in cells] == ["pictures", "pictures", "below"]
    assert page.bar.isHidden()
    assert page.state.text() == "All 3 images checked"


def test_a_band_and_a_text_narrow_the_table_and_its_emptiness_is_explained(room: Room, pictures: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    QTest.mouseClick(page.filter.bands[None], Qt.MouseButton.LeftButton)
    assert [page.table.line(row).name for row in range(page.table.rowCount())] == ["broken.png"]
    assert page.filter.bands[None].text() == "Not judged  1"
    QTest.keyClicks(page.filter.search, "rocket")
    room.bot.waitUntil(lambda: page.table.rowCount() == 0, timeout=TIMEOUT_MS)
    assert page.hidden.isVisible()
    page.filter.clear()
    assert page.table.rowCount() == 3
    QTest.mouseClick(page.view.horizontalHeader().viewport(), Qt.MouseButton.LeftButton, pos=QPoint(120, 10))
    assert [page.table.line(row).name for row in range(3)] == ["broken.png", "cat.png", "rocket.jpg"]


def test_thumbnails_come_when_they_are_looked_at(room: Room, pictures: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    picture = page.table.line(1).picture
    room.bot.waitUntil(lambda: page.thumbnails.get(picture) is not None, timeout=TIMEOUT_MS)


def test_a_batch_is_paused_gone_on_with_after_a_restart_and_cancelled(room: Room, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", 60)
    window = room.open()
    window.check_folders([tmp_path / "pictures"])
    room.bot.waitUntil(lambda: window.batch.table.total > 0, timeout=TIMEOUT_MS)
    QTest.mouseClick(window.batch.pause, Qt.MouseButton.LeftButton)
    assert window.batch.pause.text() == "Resume"
    room.close()

    window = room.open()
    window.show_page("batch")
    room.bot.waitUntil(lambda: room.job.phase is Phase.PAUSED and window.batch.table.total > 0, timeout=TIMEOUT_MS)
    before = window.batch.table.total
    assert before < 60
    assert "paused" in window.batch.state.text()
    QTest.mouseClick(window.batch.pause, Qt.MouseButton.LeftButton)
    room.bot.waitUntil(lambda: window.batch.table.total > before, timeout=TIMEOUT_MS)
    QTest.mouseClick(window.batch.cancel, Qt.MouseButton.LeftButton)
    assert window.batch.cancel.isHidden()
    room.close()

    window = room.open()
    room.bot.waitUntil(lambda: room.job.phase is Phase.ENDED and window.batch.table.total >= before, timeout=TIMEOUT_MS)


def test_pausing_and_going_on_at_once_loses_nothing(room: Room, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", 12)
    window = room.open()
    window.check_folders([tmp_path / "pictures"])
    room.bot.waitUntil(lambda: window.batch.table.total > 0, timeout=TIMEOUT_MS)
    for _ in range(3):
        room.job.pause()
        room.job.go_on()
    page = ended(room, window, 12)
    assert page.table.shown_keys() == list(range(12))


def test_a_folder_without_an_image_is_a_sentence(room: Room, tmp_path: Path) -> None:
    window = room.open()
    window.check_folders([tmp_path])
    room.bot.waitUntil(window.toast.isVisible, timeout=TIMEOUT_MS)
    assert window.toast.text.text().startswith("There is no image in that folder.")
    assert room.job.phase is Phase.NONE


def begun(room: Room, folder: Path) -> MainWindow:
    """Return a window in which a batch of 60 images has begun."""
    fill(folder, 60)
    window = room.open()
    window.check_folders([folder])
    room.bot.waitUntil(lambda: window.batch.table.total > 0, timeout=TIMEOUT_MS)
    return window


def test_another_folder_takes_the_place_of_an_unfinished_one_only_when_confirmed(
    room: Room, tmp_path: Path, pictures: Path
) -> None:
    window = begun(room, tmp_path / "many")
    for text, wanted in (("Keep this one", tmp_path / "many"), ("Begin another", pictures)):
        window.check_folders([pictures])
        box = window.findChild(QMessageBox)
        assert box is not None
        QTest.mouseClick(next(b for b in box.buttons() if b.text() == text), Qt.MouseButton.LeftButton)
        room.bot.waitUntil(lambda: window.findChild(QMessageBox) is None, timeout=TIMEOUT_MS)
        room.bot.waitUntil(lambda: room.job.batch is not None, timeout=TIMEOUT_MS)
        assert room.job.batch is not None
        assert room.job.batch.folder == wanted
    ended(room, window, 3)


def test_a_start_with_a_folder_asks_before_it_takes_the_place_of_an_unfinished_batch(
    room: Room, tmp_path: Path, pictures: Path
) -> None:
    window = begun(room, tmp_path / "many")
    room.close()
    window = room.open()
    window.check_folders([pictures])  # the batch that was left is not read yet
    room.bot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=TIMEOUT_MS)
    assert room.job.batch is not None
    assert room.job.batch.folder == tmp_path / "many"
    box = window.findChild(QMessageBox)
    assert box is not None
    words = box.findChild(QLabel, "qt_msgbox_label")
    assert words is not None
    lines = Qt.TextFlag.TextWordWrap if words.wordWrap() else Qt.TextFlag.TextSingleLine
    needed = words.fontMetrics().boundingRect(words.rect(), lines, words.text())
    assert words.rect().contains(needed)  # all of it is seen
    assert box.defaultButton().text() == "Keep this one"
    QTest.mouseClick(next(b for b in box.buttons() if b.text() == "Begin another"), Qt.MouseButton.LeftButton)
    ended(room, window, 3)


def test_a_folder_without_images_leaves_the_batch_before_as_it_was(room: Room, tmp_path: Path, pictures: Path) -> None:
    (tmp_path / "empty").mkdir()
    window = room.open()
    window.check_folders([pictures])
    ended(room, window, 3)
    window.check_folders([tmp_path / "empty"])
    room.bot.waitUntil(lambda: window.toast.text.text().startswith("There is no image"), timeout=TIMEOUT_MS)
    ended(room, window, 3)


def test_what_is_shown_is_saved_in_every_form(room: Room, pictures: Path, tmp_path: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    page.filter.search.setText("png")
    page.filter.search.returnPressed.emit()
    for form in FORMS:
        with room.bot.waitSignal(room.job.exports.saved, timeout=TIMEOUT_MS):
            page.save(tmp_path / f"out.{form}", form)
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [Path(row["path"]).name for row in rows] == ["broken.png", "cat.png"]
    assert rows[1]["band"] in set(Band)
    assert rows[0]["error_code"] == "format"
    objects = [json.loads(text) for text in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert float(rows[1]["probability"]) == objects[1]["probability"]
    html = (tmp_path / "out.html").read_text()
    assert "cat.png" in html
    assert "rocket.jpg" not in html
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_may_not_be_looked_at_is_a_line_with_its_refusal(room: Room, pictures: Path) -> None:
    (pictures / "loop.png").symlink_to(pictures / "loop.png")
    window = room.open()
    window.check_folders([pictures])
    ended(room, window, 4)
    batch = room.job.batches.latest()
    assert batch is not None
    refused = {outcome.path.name: str(outcome.refusal) for outcome in room.job.batches.outcomes(batch.id, [0, 1, 2, 3])}
    assert refused["loop.png"].startswith("loop.png cannot be opened.")


def test_a_place_that_cannot_be_written_is_a_sentence(room: Room, pictures: Path, tmp_path: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    for form in ("csv", "pdf"):
        page.save(tmp_path / "nowhere" / "out", form)
        room.bot.waitUntil(lambda: "could not be written" in window.toast.text.text(), timeout=TIMEOUT_MS)
        window.toast.say("")


def test_a_narrow_window_gives_up_columns_and_never_the_name(room: Room, pictures: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    for width, hidden in ((1500, set()), (960, {Column.SOURCE}), (780, {Column.SOURCE, Column.AT})):
        page.view.resize(width, 400)
        assert {column for column in Column if page.view.isColumnHidden(column)} == hidden, width
        assert page.view.columnWidth(Column.NAME) >= 150


def test_a_line_is_opened_on_the_check_page(room: Room, pictures: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    page.view.selectRow(1)
    page.view.setCurrentIndex(page.table.index(1, Column.NAME))
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    assert window.page == "check"
    room.answered(window, 1)
    assert window.check.panel.name.toolTip() == "cat.png"


def test_a_cleared_batch_is_there_again_once_that_is_undone(room: Room, pictures: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    before = [page.table.line(row) for row in range(3)]
    QTest.mouseClick(page.forget, Qt.MouseButton.LeftButton)
    assert room.job.phase is Phase.NONE
    assert page.nothing.isVisible()
    assert window.toast.act()
    ended(room, window, 3)
    assert [page.table.line(row) for row in range(3)] == before
    assert page.forget.isVisible()


def test_a_cleared_batch_is_gone_after_a_restart(room: Room, pictures: Path) -> None:
    window = room.open()
    window.check_folders([pictures])
    page = ended(room, window, 3)
    QTest.mouseClick(page.forget, Qt.MouseButton.LeftButton)
    assert room.job.phase is Phase.NONE
    assert page.table.total == 0
    room.close()
    window = room.open()
    done: list[None] = []
    room.job._lane.submit(lambda: done.append(None))
    room.bot.waitUntil(lambda: bool(done), timeout=TIMEOUT_MS)
    assert room.job.phase is Phase.NONE


def test_saving_stays_in_sight_of_a_cleared_batch_and_of_a_page_made_anew(
    room: Room, pictures: Path, tmp_path: Path
) -> None:
    window = room.open()
    window.show_page("batch")
    window.check_folders([pictures])
    page, go_on = ended(room, window, 3), threading.Event()

    def slow(path: Path, outcomes: Iterator[Outcome]) -> None:
        del outcomes
        go_on.wait(60)
        path.write_text("saved")

    page.export.setFocus()
    room.job.exports.begin(tmp_path / "out.csv", slow, [], 0)
    assert page.view.hasFocus()  # not the button that clears
    QTest.mouseClick(page.forget, Qt.MouseButton.LeftButton)
    row = page.findChild(SavingRow)
    assert row is not None
    assert row.isVisible()
    anew = BatchPage(room.job, room.session, window.toast)
    room.bot.addWidget(anew)
    assert not anew.export.isEnabled()
    with room.bot.waitSignal(room.job.exports.saved, timeout=TIMEOUT_MS):
        go_on.set()
    assert not row.isVisible()
    assert anew.export.isEnabled()
    anew.close_threads()
