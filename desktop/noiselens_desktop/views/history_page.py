"""The History page: everything judged so far, to search, look at again and delete."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from noiselens_core.library import MAX_ID
from noiselens_core.lines import Line
from noiselens_core.text import printable

from ..models.formats import count
from ..models.session import LINES_AT_ONCE, Session
from ..models.table import Filter, LineTable
from ..models.words import source_words
from ..work.analyse import DetectorFacts
from .empty_state import EmptyState, NothingFits
from .filter_bar import FilterBar
from .line_view import LineView
from .parts import label, page_rows, stack
from .thumbnail_store import ThumbnailStore
from .toast import Toast


class HistoryPage(QWidget):
    """Lists the history; reads what is new whenever it is shown.

    Attributes:
        table: every entry, the newest first.

    Signals:
        opened(Line): the user wants to see an image again.
        shown_in_folder(Line): the user wants to see its file.
    """

    opened = Signal(object)
    shown_in_folder = Signal(object)

    def __init__(self, session: Session, toast: Toast, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._toast = session, toast
        self._newest, self._oldest = 0, MAX_ID  # ids that were read
        self._epoch = 0  # an answer from before a reset is not listened to
        headings = (
            "",
            self.tr("Name"),
            self.tr("Verdict"),
            self.tr("Generated"),
            self.tr("From"),
            self.tr("Size"),
            self.tr("Checked"),
        )
        self.table = LineTable(
            headings, newest_first=True, source_text=lambda line: source_words(line.source, line.page), parent=self
        )
        self.thumbnails = ThumbnailStore(session.thumbnail, self)
        self.view = LineView(self.table, self.thumbnails, deletable=True)
        self.view.setAccessibleName(self.tr("Everything checked so far"))
        self.filter = FilterBar(self.tr("Search the history"), refused=False)
        self.wipe = QPushButton(self.tr("Clear the history"))
        self.nothing = EmptyState(
            "history",
            self.tr("Nothing checked yet"),
            self.tr(
                "Every image you check is listed here with its verdict and a small picture. "
                "The images themselves are not kept, and nothing leaves this computer."
            ),
            self.tr("Open images…"),
        )
        self.hidden = NothingFits()
        self._lay_out()
        self.filter.changed.connect(self._filter)
        self.hidden.wanted.connect(self.filter.clear)
        self.wipe.clicked.connect(self.clear)
        self.view.opened.connect(self.opened)
        self.view.shown_in_folder.connect(self.shown_in_folder)
        self.view.unwanted.connect(self.delete)
        if session.facts is not None:
            self.table.judge_by(session.facts)
        session.loaded.connect(self._judge_by)
        session.judged.connect(self._read_new)  # methods, not lambdas: the session outlives the page
        session.arrived.connect(self._read_new)
        session.deleted.connect(self._forget)
        session.restored.connect(self._start_anew)
        session.not_deleted.connect(self._start_anew)
        self._show_body()

    def delete(self, keys: list[int]) -> None:
        """Delete entries; the toast offers to undo it."""
        names = [line.name for line in self.table.lines_of(keys)]
        self._session.delete(keys)
        told = (
            self.tr("Deleted “{0}”.").format(printable(names[0]))
            if len(names) == 1
            else self.tr("Deleted {0} entries.").format(count(len(names)))
        )
        self._toast.offer_undo(told, self._session.restore)

    def clear(self) -> None:
        """Delete everything; the toast offers to undo it."""
        self._session.clear()
        told = self.tr("Deleted the whole history. Your image files are not touched.")
        self._toast.offer_undo(told, self._session.restore)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.filter.recolour()
        self.nothing.recolour()

    def close_threads(self) -> None:
        """End what loads thumbnails."""
        self.thumbnails.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what is new."""
        super().showEvent(event)
        self._read_new()

    def _read_new(self, *_: object) -> None:
        """Ask for what is newer than the newest; the first time that is everything."""
        if not self.isVisible():
            return
        if self._newest:
            self._session.load_lines(self._newest, MAX_ID, self._of_now(self._take_new))
        else:
            self._session.load_lines(0, self._oldest, self._of_now(self._take_old))

    def _take_new(self, lines: list[Line]) -> None:
        if len(lines) == LINES_AT_ONCE:  # there may be more between these and what is shown
            self._start_anew()
        else:
            self._take([line for line in lines if line.key > self._newest])

    def _take_old(self, lines: list[Line]) -> None:
        self._take(lines)
        if lines and lines[-1].key > 1:
            self._oldest = lines[-1].key
            self._session.load_lines(0, self._oldest, self._of_now(self._take_old))

    def _take(self, lines: list[Line]) -> None:
        if lines:
            self._newest = max(self._newest, lines[0].key)
            self.table.add(lines)
        self._show_body()

    def _judge_by(self, facts: DetectorFacts) -> None:
        self.table.judge_by(facts)
        self._show_body()

    def _forget(self, ids: list[int] | None) -> None:
        if ids is None:
            self._epoch += 1
            self.table.clear()
        else:
            self.table.remove(ids)
        self._show_body()

    def _start_anew(self) -> None:
        self._epoch += 1
        self._newest, self._oldest = 0, MAX_ID
        self.table.clear()
        self._read_new()

    def _of_now(self, call: Callable[[list[Line]], None]) -> Callable[[list[Line]], None]:
        epoch = self._epoch
        return lambda lines: call(lines) if epoch == self._epoch else None

    def _filter(self, wanted: Filter) -> None:
        self.table.set_filter(wanted)
        self._show_body()

    def _show_body(self) -> None:
        self.filter.show_counts(self.table.counts())
        empty = self.table.total == 0
        self._head.setVisible(not empty)
        self.filter.setVisible(not empty)
        if empty:
            self._body.setCurrentWidget(self.nothing)
        else:
            self._body.setCurrentWidget(self.view if self.table.rowCount() else self.hidden)

    def _lay_out(self) -> None:
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(label(self.tr("History"), "title"), 1)
        head.addWidget(self.wipe)
        self._body = stack(self.nothing, self.hidden, self.view)
        page_rows(self, self._head, self.filter, self._body)
