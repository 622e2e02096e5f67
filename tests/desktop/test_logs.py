"""The log turns over; an error of our own becomes a report on the disk and one sentence."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from noiselens_desktop import logs
from noiselens_desktop.logs import CrashReports, start_log, stop_log


@pytest.fixture
def told(tmp_path: Path) -> Iterator[list[str]]:
    told: list[str] = []
    reports = CrashReports(tmp_path, told.append)
    reports.start()
    yield told
    reports.stop()


def report(folder: Path) -> str:
    (place,) = folder.glob("crash-*.txt")
    return place.read_text()


def test_an_error_is_a_report_and_one_sentence_without_a_traceback(tmp_path: Path, told: list[str]) -> None:
    try:
        raise ValueError("inside")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    assert "ValueError: inside" in report(tmp_path)
    assert "NoiseLens 0" in report(tmp_path)
    (sentence,) = told
    assert "log folder" in sentence
    assert "Traceback" not in sentence
    assert "\n" not in sentence


def test_an_error_on_a_thread_is_told_too(tmp_path: Path, told: list[str]) -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert "ZeroDivisionError" in report(tmp_path)
    assert len(told) == 1


def test_only_the_newest_reports_are_kept(tmp_path: Path, told: list[str]) -> None:
    for i in range(logs.REPORTS_KEPT + 3):
        sys.excepthook(ValueError, ValueError(str(i)), None)
    texts = [place.read_text() for place in sorted(tmp_path.glob("crash-*.txt"))]
    assert len(texts) == logs.REPORTS_KEPT
    assert texts[-1].endswith(f"ValueError: {logs.REPORTS_KEPT + 2}\n")
    assert len(told) == logs.REPORTS_KEPT + 3


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_fault_of_a_library_is_told_at_the_next_start(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom noiselens_desktop.logs import CrashReports\n"
        "CrashReports(Path(sys.argv[1]), print).start()\nos.kill(os.getpid(), signal.SIGSEGV)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=os.environ, check=False)
    reports = CrashReports(tmp_path, print)
    reports.start()
    reports.stop()
    assert "ended unexpectedly" in reports.left
    assert "Segmentation fault" in report(tmp_path)


def test_the_log_turns_over_and_takes_bounded_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_BYTES", 2000)
    handler = start_log(tmp_path)
    log = logging.getLogger("noiselens_desktop.test")
    for i in range(400):
        log.warning("line %d of the log", i)
    stop_log(handler)
    places = sorted(tmp_path.glob("noiselens.log*"))
    assert len(places) == logs.LOGS_KEPT + 1
    assert sum(place.stat().st_size for place in places) <= 2000 * (logs.LOGS_KEPT + 1)
    assert "line 399 of the log" in (tmp_path / "noiselens.log").read_text()


def test_without_a_place_to_write_there_is_no_log_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start_log(tmp_path / "file") is None
    stop_log(None)
