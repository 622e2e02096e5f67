"""The GUI thread never stalls, however fast results stream in and however long the table is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest

from noiselens_core.detector import Detector
from noiselens_core.library import Library
from noiselens_core.lines import Line
from noiselens_core.places import library_path
from noiselens_core.verdict import Band
from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.settings import Settings
from noiselens_desktop.work.detectors import load_detector

from .conftest import TIMEOUT_MS, Room
from .test_batch_run import fill
from .test_export_job import MANY, keep_many

pytestmark = [pytest.mark.usefixtures("home"), pytest.mark.alone]
LONGEST_BLOCK_MS = 50.0
BEAT_MS = 2
UNLIKE, COPIES = 8, 150
ROUNDS = 3  # other programs on the machine can only add to a measurement: the best round counts


@pytest.fixture(scope="module")
def detector() -> Detector:
    """The shipped detector, at work for every answer."""
    return load_detector("cpu")


class Pulse(QObject):
    """Measures the longest time the event loop did not come round.

    Time for which the system let other programs run in the GUI thread's place is left out, where it tells that.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest_ms = 0.0
        self._last, self._waited = time.perf_counter(), waited_s()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now, waited = time.perf_counter(), waited_s()
        block_s = (now - self._last) - (waited - self._waited)
        self.longest_ms = max(self.longest_ms, 1000 * block_s - BEAT_MS)
        self._last, self._waited = now, waited


def waited_s() -> float:
    """Return how long this thread was ready to run and did not get a processor."""
    try:
        with Path("/proc/thread-self/schedstat").open() as file:
            return int(file.read().split()[1]) / 1e9
    except OSError:
        return 0.0


def lines(count: int) -> list[Line]:
    bands = (*Band, None)
    return [
        Line(i, 0, f"{i * 7919 % count:06}.png", f"/folder/{i % 50}", 1e9 + i, bands[i % 4], i / count, 640, 480, 1000)
        for i in range(count)
    ]


def test_a_batch_does_not_stall_the_window(room: Room, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", UNLIKE)
    for copy in range(1, COPIES):  # the same bytes are judged once, so these stream in as fast as files can be read
        for i in range(UNLIKE):
            os.link(tmp_path / "pictures" / f"{i:04}.png", tmp_path / "pictures" / f"{i:04}-{copy:02}.png")
    window = room.open()
    window.show_page("batch")
    best = float("inf")
    for _ in range(ROUNDS):
        pulse = Pulse(window)
        window.check_folders([tmp_path / "pictures"])
        room.bot.waitUntil(
            lambda: room.job.phase is Phase.ENDED and window.batch.table.total == UNLIKE * COPIES,
            timeout=3 * TIMEOUT_MS,
        )
        best = min(best, pulse.longest_ms)
        pulse.deleteLater()
        room.job.forget()
    print(f"longest block {best:.1f} ms")
    assert best < LONGEST_BLOCK_MS


def test_ten_thousand_lines_are_filtered_sorted_and_scrolled_without_a_stall(room: Room) -> None:
    window = room.open()
    window.show_page("history")
    page = window.history
    page.table.add(lines(10_000))
    page._show_body()
    QTest.qWait(100)
    best = float("inf")
    for _ in range(ROUNDS):
        pulse = Pulse(window)
        for search in ("99", "likely", ""):
            page.filter.search.setText(search)
            QTest.qWait(150)
        for column in (1, 3, 5):
            page.view.sortByColumn(column, Qt.SortOrder.DescendingOrder)
            QTest.qWait(20)
        bar = page.view.verticalScrollBar()
        for step in range(10):
            bar.setValue(bar.maximum() * step // 10)
            QTest.qWait(10)
        best = min(best, pulse.longest_ms)
        pulse.deleteLater()
    print(f"longest block {best:.1f} ms")
    assert best < LONGEST_BLOCK_MS


def test_a_thousand_files_at_once_do_not_stall_the_window(room: Room, cat: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{i:04}.png" for i in range(1000)]
    for file in files:
        file.symlink_to(cat)
    window = room.open()
    window.open_files([cat])  # the panel is laid out for the first time
    room.answered(window, 1)
    best = float("inf")
    for rounds in range(1, ROUNDS + 1):
        pulse = Pulse(window)
        QTest.qWait(50)
        window.open_files(files)
        QTest.qWait(300)
        best = min(best, pulse.longest_ms)
        pulse.deleteLater()
        names = [window.check.model.item(row).name for row in (0, 1, 999)]
        assert names == ["0000.png", "0001.png", "0999.png"]
        assert window.check.model.rowCount() == 1 + 1000 * rounds
    print(f"longest block {best:.1f} ms")
    assert best < LONGEST_BLOCK_MS


def test_saving_thousands_of_results_does_not_stall_the_window(room: Room, tmp_path: Path) -> None:
    with Library(library_path()) as library:
        keep_many(library)
    window = room.open(Settings(theme="light", page="batch"))
    room.bot.waitUntil(lambda: window.batch.table.total == MANY, timeout=TIMEOUT_MS)
    best = float("inf")
    for _ in range(ROUNDS):
        pulse = Pulse(window)
        for form in ("csv", "html", "pdf"):
            with room.bot.waitSignal(room.job.exports.saved, timeout=TIMEOUT_MS):
                window.batch.save(tmp_path / f"out.{form}", form)
        best = min(best, pulse.longest_ms)
        pulse.deleteLater()
    print(f"longest block {best:.1f} ms")
    assert best < LONGEST_BLOCK_MS
