"""The training as the GUI thread sees it: start, pause, go on, cancel, decide; its progress arrives as signals."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from noiselens_core.errors import NoiseLensError
from noiselens_core.progress import Progress
from noiselens_core.registry import COMPANIONS

from ..work.training import Cause, Ended, TrainingRun
from .outcome import Outcome, read_outcome
from .sentences import core_words

STATE = "run.json"

log = logging.getLogger(__name__)


class Phase(Enum):
    """What the training is doing."""

    IDLE = auto()
    RUNNING = auto()
    PAUSED = auto()  # also after a failure or a kill: what was done is kept
    DECIDING = auto()  # a new detector is there, and the user has not said what becomes of it


@dataclass(frozen=True)
class Point:
    """One point of the curves: which fit, how far it is, its loss on what it learns from and on what is held out."""

    fit: int
    step: int
    loss: float
    validation: float | None


def missing_words() -> str:
    """Return what to do when the trainer is not installed."""
    return QCoreApplication.translate(
        "TrainingJob", "Training needs one more part of NoiseLens. Install it with: {0}"
    ).format("pip install 'noiselens[trainer]'")


class TrainingJob(QObject):
    """The one training of the app; it outlives the end of the app.

    command: returns the command that trains, for a folder of what is kept between runs. folder: that folder.

    Attributes:
        phase: what it is doing.
        progress: the last report; None before the first.
        points: the curves so far.
        outcome: what it came to, in the phase DECIDING.
        sentence: why it stopped, or "".

    Signals:
        changed(): phase, outcome or sentence changed.
        progressed(): progress and points did.
        failed(str): one sentence.
    """

    changed = Signal()
    progressed = Signal()
    failed = Signal(str)
    _told = Signal(int, object)

    phase: Phase
    progress: Progress | None
    outcome: Outcome | None

    def __init__(self, command: Callable[[Path], list[str]], folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command, self._folder = command, folder
        self.phase, self.progress, self.outcome, self.sentence = Phase.IDLE, None, None, ""
        self.points: list[Point] = []
        self._run: TrainingRun | None = None
        self._round = 0  # what an older run still says is not listened to
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def load(self) -> None:
        """Take up what the last session left: a training that was not at its end, or a detector not decided on."""
        try:
            left = json.loads((self._folder / STATE).read_text("utf-8"))["file"]
        except (OSError, ValueError, KeyError, TypeError):
            return
        if left:
            self._finish(Path(left))
        else:
            self._set(Phase.PAUSED)

    def start(self) -> None:
        """Begin, or go on with what is kept."""
        if self.phase is Phase.RUNNING:
            return
        if not self._remember(None):
            return
        self._end_run()
        self.progress, self.points = None, []
        number = self._round
        self._run = TrainingRun(self._command(self._folder), lambda told: self._told.emit(number, told))
        self._run.start()
        self._set(Phase.RUNNING)

    def pause(self) -> None:
        """End the process; `start` goes on, also after a restart."""
        if self.phase is Phase.RUNNING:
            self._end_run()
            self._set(Phase.PAUSED)

    def cancel(self) -> None:
        """End the process and forget what it kept; the detectors are not touched."""
        self._end_run()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._set(Phase.IDLE)

    def decide(self, *, keep: bool) -> None:
        """End the phase DECIDING: the new detector stays among the others, or is deleted."""
        if self.outcome is None:
            return
        if not keep:
            for path in (self.outcome.file, *map(self.outcome.file.with_suffix, COMPANIONS)):
                path.unlink(missing_ok=True)
        self.outcome = None
        self._forget()
        self._set(Phase.IDLE)

    def close(self) -> None:
        """End the process and its thread; the training can be gone on with later."""
        self._end_run()

    @Slot(int, object)
    def _take(self, number: int, told: Progress | Ended) -> None:
        if number != self._round:
            return
        if isinstance(told, Progress):
            self._show(told)
        elif told.cause is None and self.progress is not None:
            self._finish(Path(self.progress.message))
        else:
            self._end_run()
            self._set(Phase.PAUSED, self._words(told))
            self.failed.emit(self.sentence)

    def _show(self, told: Progress) -> None:
        if self.progress is not None and not told.message and told.stage == self.progress.stage:
            told = replace(told, message=self.progress.message)
        self.progress = told
        if told.stage == "fit" and "loss" in told.values:
            last = self.points[-1] if self.points else None
            step = last.step + 1 if last is not None and last.fit == told.step else 0
            self.points.append(Point(told.step, step, told.values["loss"], told.values.get("validation")))
        self.progressed.emit()

    def _words(self, ended: Ended) -> str:
        """Return why a training stopped, and what to do."""
        words = {
            Cause.SAID: core_words(ended.sentence),
            Cause.MISSING: missing_words(),
            Cause.KILLED: self.tr(
                "The training was ended from outside; the computer may have run out of memory. What was done so far "
                "is kept: close other programs and resume."
            ),
        }
        broken = self.tr(
            "The training stopped on an error of its own. What was done so far is kept: resume, or cancel it."
        )
        return words.get(ended.cause, broken) if ended.cause else broken

    def _finish(self, file: Path) -> None:
        try:
            self.outcome = read_outcome(file)
        except NoiseLensError as error:
            self._forget()
            self._set(Phase.IDLE, core_words(str(error)))
            self.failed.emit(self.sentence)
            return
        self._remember(file)
        self._end_run()
        self._set(Phase.DECIDING)

    def _set(self, phase: Phase, sentence: str = "") -> None:
        self.phase, self.sentence = phase, sentence
        self.changed.emit()

    def _end_run(self) -> None:
        """Stop what runs, wait for it, and listen to it no more."""
        self._round += 1
        run, self._run = self._run, None
        if run is not None:
            run.stop()
            run.wait()

    def _remember(self, file: Path | None) -> bool:
        """Write down that a training is not at its end, or which detector is not decided on."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{STATE}.part"
            part.write_text(json.dumps({"file": str(file) if file else ""}), "utf-8")
            part.replace(self._folder / STATE)
        except OSError as error:
            sentence = core_words(
                f"{self._folder} cannot be written ({error.strerror}). Make room on the disk, then try again."
            )
            self._set(self.phase, sentence)
            self.failed.emit(sentence)
            return False
        return True

    def _forget(self) -> None:
        """Have nothing to take up; what was found out about the samples stays, and makes the next training shorter."""
        with suppress(OSError):
            (self._folder / STATE).unlink(missing_ok=True)
