"""The trainer as a process of its own: started, listened to, ended; no Qt. Its end is never the end of the app."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from noiselens_core.progress import Progress

PATIENCE_S = 5.0  # between asking the process to end and ending it
LAST_WORDS = 40  # lines of its standard error that are kept
REFUSED = 2  # its exit status for what it says in one sentence


class Cause(Enum):
    """Why a training stopped before its end."""

    ASKED = auto()  # it was told to
    SAID = auto()  # it says so itself, in a sentence
    MISSING = auto()  # a part of it is not installed
    KILLED = auto()  # from outside, or for want of memory
    BROKEN = auto()


@dataclass(frozen=True)
class Ended:
    """How a training process ended.

    Attributes:
        cause: why it stopped before its end; None when it came to it.
        sentence: what it says, with the cause SAID.
    """

    cause: Cause | None = None
    sentence: str = ""


def trainer_is_there() -> bool:
    """Return whether the trainer is installed."""
    return importlib.util.find_spec("noiselens_trainer") is not None


def fine_tune_command(run: Path, models: Path, name: str, device: str) -> list[str]:
    """Return the command that teaches the detector that came with NoiseLens the labelled images.

    Always that one, whichever judges: it alone has a memory, and teaching twice must not drift (docs/FINETUNING.md).

    run: folder of what is kept between two runs. models: where the new detector is put. name: what its id begins with.
    """
    command = [sys.executable, "-P", "-m", "noiselens_trainer", "finetune", "--json", "--device", device]
    return [*command, "--out", str(run), "--models", str(models), "--name", name]


class TrainingRun:
    """One process, from its start to its end.

    tell(Progress | Ended) is called on a thread of this run: for every line of progress, and once at the end.
    """

    def __init__(self, command: Sequence[str], tell: Callable[[Progress | Ended], None]) -> None:
        self._command, self._tell = list(command), tell
        self._process: subprocess.Popen[str] | None = None
        self._asked_to_stop = threading.Event()
        self._ended = threading.Event()
        self._said: deque[str] = deque(maxlen=LAST_WORDS)
        self._thread = threading.Thread(target=self._run, name="training")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the process to end; one that does not is ended."""
        self._asked_to_stop.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()

    def wait(self) -> None:
        """Wait until everything is over; not for the GUI thread unless `stop` was called."""
        if not self._ended.wait(PATIENCE_S) and self._process is not None:
            self._process.kill()
        self._thread.join()

    @property
    def pid(self) -> int | None:
        """Process id; None before there is one."""
        return self._process.pid if self._process else None

    def _run(self) -> None:
        try:
            self._tell(self._work())
        finally:
            self._ended.set()

    def _work(self) -> Ended:
        places = os.pathsep.join(place for place in sys.path if place)  # it imports from where we import
        try:
            self._process = process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env={**os.environ, "PYTHONPATH": places, "PYTHONUNBUFFERED": "1", "COLUMNS": "1000"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return Ended(Cause.BROKEN)
        assert process.stdout is not None
        assert process.stderr is not None
        stderr = process.stderr
        listener = threading.Thread(target=lambda: self._said.extend(stderr), name="training-errors")
        listener.start()
        with process.stdout, process.stderr:
            if self._asked_to_stop.is_set():
                process.terminate()
            done = False
            for line in process.stdout:
                progress = Progress.from_line(line)
                if progress is not None:
                    done = done or progress.stage == "done"
                    self._tell(progress)
            status = process.wait()
            listener.join()
        return Ended() if status == 0 and done else self._why(status)

    def _why(self, status: int) -> Ended:
        if self._asked_to_stop.is_set():
            return Ended(Cause.ASKED)
        said = [line.strip() for line in self._said if line.strip()]
        if status == REFUSED and said:
            return Ended(Cause.SAID, said[-1])
        if any("No module named" in line for line in said):
            return Ended(Cause.MISSING)
        return Ended(Cause.KILLED if status == -getattr(signal, "SIGKILL", 9) else Cause.BROKEN)
