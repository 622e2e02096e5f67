"""A batch through the real decoder and detector: identical files once, stopped and gone on with, killed and resumed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core.batches import Batch, Batches
from noiselens_core.detector import Detector
from noiselens_core.images import Decoder
from noiselens_core.library import Library
from noiselens_core.places import library_path
from noiselens_desktop.work.analyse import Analyser
from noiselens_desktop.work.batch_run import BatchProgress, BatchRun, list_files

TIMEOUT_S = 180


def fill(folder: Path, count: int) -> None:
    """Put `count` images into a folder, no two alike, each 96 px wide."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(count)
    for i in range(count):
        Image.fromarray(random.integers(0, 256, (64, 96, 3), np.uint8)).save(folder / f"{i:04}.png")


class Bench:
    """A library, an analyser that counts, and runs over one folder."""

    def __init__(self, detector: Detector) -> None:
        self.library = Library(library_path())
        self.batches = Batches(self.library)
        self.detector, self.judged = detector, 0
        self.analyser = Analyser(self.library, lambda: self)  # type: ignore[arg-type, return-value]
        self.calibration, self.model_id = detector.calibration, detector.model_id
        self.reports: list[BatchProgress] = []
        self.reported = threading.Event()

    def detect(self, image: object) -> object:
        """Judge as the real detector does, and count."""
        self.judged += 1
        return self.detector.detect(image)  # type: ignore[arg-type]

    def begin(self, folder: Path) -> Batch:
        return self.batches.begin(*list_files([folder], threading.Event()))

    def run(self, batch: Batch) -> BatchRun:
        run = BatchRun(self.batches, batch, self.analyser, self._take)
        run.start()
        return run

    def _take(self, report: BatchProgress) -> None:
        self.reports.append(report)
        self.reported.set()

    def close(self) -> None:
        self.analyser.close()
        self.library.close()


@pytest.fixture
def bench(detector: Detector) -> Iterator[Bench]:
    bench = Bench(detector)
    yield bench
    bench.close()


def test_every_file_gets_the_detectors_own_verdict_and_the_same_bytes_are_judged_once(
    bench: Bench, tmp_path: Path, cat: Path, detector: Detector
) -> None:
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    for name in ("a.png", "b.png", "below/c.png"):
        shutil.copy(cat, folder / name)
    (folder / "d.png").write_text("no image")
    (folder / "note.txt").write_text("not looked at")
    batch = bench.begin(folder)
    assert batch.total == 4
    bench.run(batch).wait()
    lines = [line for report in bench.reports for line in report.lines]
    with Decoder() as decoder:
        expected = detector.detect(decoder.decode_file(cat))
    assert [line.name for line in lines] == ["a.png", "b.png", "d.png", "c.png"]
    assert {line.probability for line in lines if line.band} == {expected.probability}
    assert "does not read" in lines[2].sentence
    assert bench.judged == 1
    last = bench.reports[-1]
    assert (last.running, last.failure, last.batch.done, last.batch.judged) == (False, "", True, 4)


def test_a_stopped_batch_goes_on_where_it_was(bench: Bench, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", 40)
    batch = bench.begin(tmp_path / "pictures")
    first = bench.run(batch)
    assert bench.reported.wait(TIMEOUT_S)
    first.stop()
    first.wait()
    paused = bench.reports[-1]
    assert not paused.running
    assert not paused.batch.done
    assert 0 < paused.batch.judged < 40
    bench.run(paused.batch).wait()
    assert bench.judged == 40
    keys = [line.key for report in bench.reports for line in report.lines]
    assert keys == list(range(40))
    assert bench.reports[-1].batch.done


def test_every_file_is_kept_under_the_judge_that_judged_it_whatever_judges_meanwhile(
    bench: Bench, tmp_path: Path, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "pictures", 12)
    for i in range(12):  # the same bytes again and again, known under one judge and asked for under another
        shutil.copy(cat, tmp_path / "pictures" / f"{i:04}-cat.png")
    batch = bench.begin(tmp_path / "pictures")

    def load(turn: int) -> Bench:
        time.sleep(0.2)  # while nobody can say who will judge
        bench.model_id = f"detector {turn}"
        return bench

    def judge(image: object, look: Callable[[object], object] = bench.detect) -> object:
        found = look(image)
        if bench.judged % 3 == 0:
            turn = bench.judged
            bench.analyser.reload(lambda: load(turn))  # type: ignore[arg-type, return-value]
        return found

    monkeypatch.setattr(bench, "detect", judge)
    bench.run(batch).wait()
    assert bench.reports[-1].failure == ""
    assert [line.key for report in bench.reports for line in report.lines if line.band] == list(range(24))
    assert all(outcome.verdict for outcome in bench.batches.outcomes(batch.id, list(range(24))))
    with bench.library.working() as connection:
        judges = {judge for (judge,) in connection.execute("SELECT judge FROM batch_result")}
    assert "" not in judges
    assert len(judges) > 1


def test_the_time_the_detector_takes_to_load_is_no_part_of_the_pace(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(image: object, look: Callable[[object], object] = bench.detect) -> object:
        if not bench.judged:
            time.sleep(1)
        return look(image)

    monkeypatch.setattr(bench, "detect", slow)
    fill(tmp_path / "pictures", 3)
    bench.run(bench.begin(tmp_path / "pictures")).wait()
    assert bench.reports[0].pace == 0
    assert bench.reports[0].seconds_left is None


def test_a_disk_that_refuses_ends_the_run_with_a_sentence(bench: Bench, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", 3)
    batch = bench.begin(tmp_path / "pictures")
    with bench.library.working() as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON batch_result BEGIN SELECT RAISE(ABORT, 'full'); END")
    bench.run(batch).wait()
    assert "cannot be used" in bench.reports[-1].failure
    assert not bench.reports[-1].running


KILLED = """
import sys, threading
from pathlib import Path
from noiselens_core.batches import Batches
from noiselens_core.library import Library
from noiselens_core.places import library_path
from noiselens_desktop.work.analyse import Analyser
from noiselens_desktop.work.batch_run import BatchRun, list_files
library = Library(library_path())
batches, analyser = Batches(library), Analyser(library)
batch = batches.latest() or batches.begin(*list_files([Path(sys.argv[1])], threading.Event()))
def tell(progress):
    for line in progress.lines:
        print(line.key, flush=True)
run = BatchRun(batches, batch, analyser, tell)
run.start()
run.wait()
analyser.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_a_killed_batch_is_resumed_and_nothing_told_is_lost_or_judged_again(home: Path, tmp_path: Path) -> None:
    fill(tmp_path / "pictures", 30)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NOISELENS_HOME": str(home)}
    told: list[int] = []
    for kill_after in (1, 10, None):
        program = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path / "pictures")],
            env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert program.stdout is not None
        with program, program.stdout as out:
            for count, line in enumerate(out, 1):
                told.append(int(line))
                if count == kill_after:
                    program.send_signal(signal.SIGKILL)
                    break
            told += [int(line) for line in out if line.endswith("\n")]
    assert told == sorted(set(told))  # what a kill finds kept and not told is read from the library at the next start
    with Library(library_path()) as library:
        batches = Batches(library)
        batch = batches.latest()
        assert batch is not None
        kept = [line.key for lines in batches.lines(batch.id) for line in lines]
    assert batch.done
    assert kept == list(range(30))
