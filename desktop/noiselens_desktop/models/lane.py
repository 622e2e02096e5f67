"""Something on the disk as the GUI thread sees it: deeds run on one thread, and all is read anew after each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from noiselens_core.errors import NoiseLensError

from ..work.executor import Serial
from .sentences import core_words

S = TypeVar("S")
T = TypeVar("T")

log = logging.getLogger(__name__)


def sentence_of(error: BaseException) -> str:
    """Return what is said of a failure; one that is not of our own making goes to the log."""
    if isinstance(error, NoiseLensError):
        return str(error)
    log.error("unforeseen", exc_info=error)
    return f"Something went wrong in NoiseLens itself ({type(error).__name__})."


class Lane(QObject, Generic[S]):
    """Runs deeds in order, so that an undo never overtakes what it undoes; nothing in it waits.

    Signals:
        failed(str): one sentence.
    """

    failed = Signal(str)
    _returned = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = Serial(name)
        self._closed = False
        self._returned.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def load(self) -> None:
        """Read everything anew."""
        self.do(lambda: None)

    def do(self, work: Callable[[], T], then: Callable[[T], object] | None = None) -> None:
        """Run work off the GUI thread, read everything anew, show that, and call `then` with the result."""

        def run() -> None:
            done: Callable[[], object] = self._try(work, then)
            shown = self._try(self.read, self.show)
            self.give(shown)
            self.give(done)

        if not self._closed:
            self._lane.submit(run)

    def read(self) -> S:
        """Return everything; on the lane's thread."""
        raise NotImplementedError

    def show(self, read: S) -> None:
        """Take what was read; on the GUI thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Finish what was asked and end the thread; answers that come later are dropped."""
        self._closed = True
        self._lane.close(drop=False)

    def give(self, call: Callable[[], object]) -> None:
        """Have something called on the GUI thread; may be called on any."""
        if not self._closed:
            self._returned.emit(call)

    def _try(self, work: Callable[[], T], then: Callable[[T], object] | None) -> Callable[[], object]:
        """Do work, and return what is to be called on the GUI thread: `then`, or the telling of a sentence."""
        try:
            result = work()
        except Exception as error:  # noqa: BLE001  # a thread has nobody to raise to
            sentence = sentence_of(error)
        else:
            return lambda: then(result) if then is not None else None
        return lambda: self.failed.emit(core_words(sentence))

    @Slot(object)
    def _run(self, call: Callable[[], object]) -> None:
        if not self._closed:
            call()
