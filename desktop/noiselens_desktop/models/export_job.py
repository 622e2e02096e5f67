"""Results on their way into a file, as the GUI thread sees it: how far, ended, or stopped with nothing left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from noiselens_core.batch import Outcome

from ..work.executor import Serial
from .lane import sentence_of
from .sentences import core_words

TELL_EVERY_S = 0.1

Writer = Callable[[Path, Iterator[Outcome]], None]


class ExportJob(QObject):
    """Writes one file at a time, on a thread of its own.

    Attributes:
        path: of the file that is being written; None while there is none.
        done, total: outcomes written, and in all.

    Signals:
        changed(): one of these is another.
        saved(Path): the file is there, whole.
        failed(str): one sentence; nothing was written.
    """

    changed = Signal()
    saved = Signal(object)
    failed = Signal(str)
    _told = Signal(int)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path, self.done, self.total = None, 0, 0
        self._lane = Serial("exports")
        self._stop = threading.Event()
        self._told.connect(self._take_progress, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._take_end, Qt.ConnectionType.QueuedConnection)

    path: Path | None

    def begin(self, path: Path, write: Writer, outcomes: Iterable[Outcome], total: int) -> None:
        """Have so many outcomes written; does nothing while another file is being written."""
        if self.path is not None:
            return
        self.path, self.done, self.total = path, 0, total
        self._stop.clear()
        self.changed.emit()
        self._lane.submit(lambda: write(path, self._counted(outcomes))).add_done_callback(self._ended.emit)

    def cancel(self) -> None:
        """Stop; what was at the file's place before is still there."""
        self._stop.set()

    def close(self) -> None:
        """Finish the file that was asked for, and end the thread."""
        self._lane.close(drop=False)

    def _counted(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """On the lane's thread."""
        told_at = time.monotonic()
        for done, outcome in enumerate(outcomes):
            if self._stop.is_set():
                raise CancelledError
            if (now := time.monotonic()) - told_at >= TELL_EVERY_S:
                self._told.emit(done)
                told_at = now
            yield outcome

    @Slot(int)
    def _take_progress(self, done: int) -> None:
        if self.path is not None:
            self.done = done
            self.changed.emit()

    @Slot(object)
    def _take_end(self, ended: Future[None]) -> None:
        path, self.path = self.path, None
        self.changed.emit()
        error = ended.exception()
        if error is None:
            self.saved.emit(path)
        elif not isinstance(error, CancelledError):
            self.failed.emit(core_words(sentence_of(error)))
