"""Forgets what is older than the user wants the history to be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

from noiselens_core.library import Library

from ..work.originals import Originals
from .session import Session

EVERY_MS = 3_600_000  # how often the history is looked through for what is too old


class Ageing(QObject):
    """Looks through the history at the start, every hour, and when the user wants it shorter.

    days: how old an entry may become, 0 for any age. now: tells the time, UTC.

    Attributes:
        timer: of the next look.

    Signals:
        shortened(int, int): so many entries are deleted because the user wants a shorter history, which
            `Session.restore` undoes; and how many days there were before.
    """

    shortened = Signal(int, int)

    def __init__(
        self, session: Session, library: Library, originals: Originals, days: int, now: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self._session, self._library, self._originals = session, library, originals
        self._days, self._now = days, now
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._forget)
        self.timer.start(EVERY_MS)
        self._forget()

    def keep_for(self, days: int) -> None:
        """Take another age; what is older goes at once, and can be had back."""
        before, self._days = self._days, days
        library, oldest = self._library, self._oldest()

        def delete() -> list[int]:
            gone = library.older(oldest) if days else []
            if gone:
                library.delete(gone)
            return gone

        self._session.run(delete, lambda gone: self._tell(gone, before))

    def close(self) -> None:
        """Look no more."""
        self.timer.stop()

    def _forget(self) -> None:
        """Forget for good what has become too old."""
        library, originals, days, oldest = self._library, self._originals, self._days, self._oldest()

        def forget() -> list[int]:
            gone = library.expire(oldest) if days else []
            originals.forget_all_but(library.digests)  # those of a deletion that became final meanwhile too
            return gone

        self._session.run(forget, lambda gone: self._session.deleted.emit(gone) if gone else None)

    def _tell(self, gone: list[int], before: int) -> None:
        if gone:
            self._session.deleted.emit(gone)
            self.shortened.emit(len(gone), before)

    def _oldest(self) -> datetime:
        return self._now() - timedelta(days=self._days)
