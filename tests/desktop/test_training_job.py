"""A training is a process: its end, however it comes, is a sentence and never the end of the app."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from noiselens_core.checkpoint import SHIPPED_DETECTOR
from noiselens_core.places import data_dir, models_dir
from noiselens_core.registry import Registry
from noiselens_desktop.app import SAMPLES
from noiselens_desktop.models.training_job import Phase
from noiselens_desktop.views.main_window import MainWindow

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")
LEFT = Qt.MouseButton.LeftButton
FIGURES = {"auc": 0.8, "balanced_accuracy": 0.7, "false_accusations": 0.02}
BETTER = {"auc": 0.9, "balanced_accuracy": 0.8, "false_accusations": 0.02}
LESS_OFTEN = "On pictures that are not yours it is right less often than before: 65.0 % instead of 70.0 %."
WORSE = {"auc": 0.7, "balanced_accuracy": 0.65, "false_accusations": 0.05}

# Speaks as the trainer does, does what the test asks for, and trains nothing.
STAND_IN = """
import json, os, sys, time
from noiselens_core.progress import Progress
def say(*fields, **named):
    print(Progress(*fields, **named).to_line(), flush=True)
what, file = sys.argv[1:]
say("load", 0, 1, message="Loading the detector")
print("a library says something", flush=True)
for fit in range(2):
    for step in range(5):
        say("fit", fit, 2, 10.0, 30.0, values={"loss": 1 / (1 + step), "validation": 1.5 / (1 + step)})
if what == "wait":
    time.sleep(600)
elif what == "sentence":
    print("The disk is full. Make room and start it again.", file=sys.stderr)
    sys.exit(2)
elif what == "crash":
    raise RuntimeError("unforeseen")
elif what == "missing":
    import a_module_that_is_not_there
elif what == "kill":
    os.kill(os.getpid(), 9)
say("done", 1, 1, message=file)
"""


def stand_in(what: str, file: Path = Path()) -> Callable[[Path], list[str]]:
    return lambda run: [sys.executable, "-c", STAND_IN, what, str(file)]


def made(*, worth_offering: bool = True, warnings: Sequence[str] = ()) -> Path:
    """Put a detector and its comparison where the trainer would."""
    models_dir().mkdir(parents=True, exist_ok=True)
    file = models_dir() / "own-123abc.safetensors"
    shutil.copy(SHIPPED_DETECTOR, file)
    flip = {"sha256": "ab" * 32, "name": "cup.png", "label": "generated", "gain": 1}
    flip |= {"before": {"probability": 0.4, "band": "uncertain"}}
    flip |= {"after": {"probability": 0.9, "band": "likely_generated"}}
    outcome = {
        "schema": 1, "model": "own-123abc", "base": "a", "worth_offering": worth_offering, "seconds": 3.0,
        "left_out": [], "flips": [flip], "own": {"before": FIGURES, "after": BETTER if worth_offering else WORSE},
        "reference": {"before": FIGURES, "after": FIGURES if worth_offering else WORSE},
        "warnings": list(warnings),
    }  # fmt: skip
    file.with_suffix(".json").write_text(json.dumps(outcome))
    return file


def opened(room: Room) -> MainWindow:
    window = room.open()
    room.teaching.job.load()
    window.show_page("training")
    return window


def until(room: Room, phase: Phase) -> None:
    room.bot.waitUntil(lambda: room.teaching.job.phase is phase, timeout=TIMEOUT_MS)


def test_a_training_is_watched_and_its_detector_used_and_left_again(room: Room) -> None:
    file = made()
    room.train = stand_in("done", file)
    window = opened(room)
    page, job = window.training, room.teaching.job
    job.start()
    until(room, Phase.DECIDING)
    assert [(p.fit, p.step) for p in job.points] == [(fit, step) for fit in range(2) for step in range(5)]
    assert page.result.isVisible()
    assert not page.teach.isVisible()
    assert not page.result.warning.isVisible()
    assert "right on 80.0\u00a0%" in page.result.summary.text()
    assert page.result.use.property("look") == "primary"
    assert page.result.flips.index(0, 0).data() == (
        "cup.png, you said: generated. Before: Uncertain (40.00\u00a0%). Now: Likely generated (90.00\u00a0%)."
    )
    QTest.mouseClick(page.result.use, LEFT)
    room.bot.waitUntil(lambda: Registry(models_dir()).chosen() == file, timeout=TIMEOUT_MS)
    assert job.phase is Phase.IDLE
    assert not page.result.isVisible()
    window.toast.act()  # one press takes it back
    room.bot.waitUntil(lambda: Registry(models_dir()).chosen() is None, timeout=TIMEOUT_MS)
    assert file.exists()


def test_a_detector_that_forgot_is_not_recommended_and_can_be_discarded(room: Room) -> None:
    file = made(worth_offering=False, warnings=[LESS_OFTEN])
    room.train = stand_in("done", file)
    page = opened(room).training
    room.teaching.job.start()
    until(room, Phase.DECIDING)
    assert page.result.warning.text().splitlines() == ["Not recommended.", LESS_OFTEN]  # the trainer decides
    assert page.result.discard.property("look") == "primary"
    assert page.result.use.property("look") == ""
    QTest.mouseClick(page.result.discard, LEFT)
    assert list(models_dir().glob("own*")) == []
    assert Registry(models_dir()).chosen() is None


def test_a_price_that_does_not_speak_for_discarding_is_told_all_the_same(room: Room) -> None:
    told = "Of generated pictures that are not yours it finds 27.3 % instead of 32.9 %."
    file = made(warnings=[told])
    window = opened(room)
    room.teaching.job._finish(file)
    result = window.training.result
    assert result.warning.isVisible()
    assert result.warning.text() == told
    assert result.use.property("look") == "primary"


def test_a_result_without_changes_leaves_no_holes_and_a_long_one_scrolls(room: Room) -> None:
    file = made(worth_offering=False, warnings=[LESS_OFTEN] * 3)
    figures = json.loads(file.with_suffix(".json").read_text())
    window = opened(room)
    window.resize(940, 520)
    room.teaching.job._finish(file)
    card, area = window.training.result, window.training._decision
    room.bot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0, timeout=TIMEOUT_MS)
    assert window.height() == 520
    file.with_suffix(".json").write_text(json.dumps(figures | {"flips": []}))
    room.teaching.job._finish(file)
    window.resize(1180, 800)
    room.bot.waitUntil(lambda: card.height() < area.height() / 2, timeout=TIMEOUT_MS)


def test_a_training_is_paused_resumed_and_cancelled(room: Room) -> None:
    room.train = stand_in("wait")
    window = opened(room)
    page, job = window.training, room.teaching.job
    job.start()
    room.bot.waitUntil(lambda: len(job.points) == 10, timeout=TIMEOUT_MS)
    assert page.teach.stage.text() == "Learning"
    assert page.teach.state.text() == "1 of 2 · 10.0/s · less than a minute left"
    QTest.mouseClick(page.teach.pause, LEFT)
    assert job.phase is Phase.PAUSED
    assert not children()
    assert page.teach.pause.text() == "Resume"
    QTest.mouseClick(page.teach.pause, LEFT)
    room.bot.waitUntil(lambda: len(job.points) == 10, timeout=TIMEOUT_MS)
    room.close()
    assert not children()
    page = opened(room).training  # the app was ended while it ran
    until(room, Phase.PAUSED)
    assert page.teach.pause.isVisible()
    QTest.mouseClick(page.teach.cancel, LEFT)
    until(room, Phase.IDLE)
    assert not (data_dir() / "training").exists()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("sentence", "The disk is full. Make room and start it again."),
        ("crash", "stopped on an error of its own"),
        ("missing", "pip install 'noiselens[trainer]'"),
        ("kill", "may have run out of memory"),
    ],
)
def test_a_training_that_fails_is_one_sentence(room: Room, what: str, words: str) -> None:
    room.train = stand_in(what)
    window = opened(room)
    with room.bot.waitSignal(room.teaching.job.failed, timeout=TIMEOUT_MS):
        room.teaching.job.start()
    assert words in window.toast.text.text()
    assert words in window.training.teach.state.text()
    assert "Traceback" not in window.toast.text.text()
    assert room.teaching.job.phase is Phase.PAUSED


def test_a_process_that_somebody_kills_costs_nothing_but_a_sentence(room: Room) -> None:
    room.train = stand_in("wait")
    window = opened(room)
    room.teaching.job.start()
    room.bot.waitUntil(lambda: len(room.teaching.job.points) == 10, timeout=TIMEOUT_MS)
    (child,) = children()
    with room.bot.waitSignal(room.teaching.job.failed, timeout=TIMEOUT_MS):
        os.kill(child.pid, signal.SIGKILL)
    assert "ended from outside" in window.toast.text.text()


def test_a_detector_not_decided_on_waits_for_the_next_start(room: Room) -> None:
    room.train = stand_in("done", made())
    opened(room)
    room.teaching.job.start()
    until(room, Phase.DECIDING)
    room.close()
    page = opened(room).training
    assert page.result.isVisible()
    assert room.teaching.job.phase is Phase.DECIDING


def test_a_comparison_that_is_none_is_a_sentence(room: Room) -> None:
    file = made()
    file.with_suffix(".json").write_text('{"schema": 1}')
    room.train = stand_in("done", file)
    window = opened(room)
    with room.bot.waitSignal(room.teaching.job.failed, timeout=TIMEOUT_MS):
        room.teaching.job.start()
    assert "own-123abc.json cannot be read" in window.toast.text.text()
    assert room.teaching.job.phase is Phase.IDLE


def test_the_real_trainer_teaches_a_detector(room: Room, tmp_path: Path) -> None:
    window = opened(room)
    picture = Image.open(SAMPLES / "chelsea.png").convert("RGB")
    for i in range(10):  # ten photographs of somebody's camera
        part = picture.crop((12 * i, 8 * i, 12 * i + 224, 8 * i + 224)).rotate(36 * i)
        part.save(tmp_path / f"{i}.png")
        room.labels.add((tmp_path / f"{i}.png").read_bytes(), "real", f"{i}.png")
    room.teaching.samples.load()
    room.bot.waitUntil(window.training.teach.start.isEnabled, timeout=TIMEOUT_MS)
    QTest.mouseClick(window.training.teach.start, LEFT)
    room.bot.waitUntil(lambda: room.teaching.job.phase is not Phase.RUNNING, timeout=10 * TIMEOUT_MS)
    assert room.teaching.job.sentence == ""
    outcome = room.teaching.job.outcome
    assert outcome is not None
    assert outcome.own.after.balanced_accuracy is not None
    assert outcome.reference.after.auc is not None
    assert room.teaching.job.points
    assert [model.id for model in Registry(models_dir()).models()][1:] == [outcome.model]


def children() -> list[psutil.Process]:
    """Return the stand-ins of this process that run."""
    return [child for child in psutil.Process().children() if STAND_IN in child.cmdline()]
