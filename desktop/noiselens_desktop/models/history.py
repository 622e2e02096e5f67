"""The history as Qt sees it: one list of everything judged, waiting or refused, and a filter over it."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from noiselens_core.library import HistoryEntry
from noiselens_core.text import printable
from noiselens_core.verdict import Verdict

from ..work.analyse import AnalyseRequest, AnalyseResponse, DetectorFacts
from .sentences import core_words
from .words import as_tip, band_words, source_words

ITEM_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class State(Enum):
    """How far an item has come."""

    WAITING = auto()
    JUDGED = auto()
    REFUSED = auto()


@dataclass(frozen=True)
class Item:
    """One row of the history.

    Attributes:
        name: printable, as it is shown.
        source: as `AnalyseRequest.source` has it.
        at: UTC.
        ticket: of the session's request, 0 for what was read from the library.
        entry: once judged; its id is below 0 when it could not be kept.
        given: the verdict as it was judged, with its maps while they are in memory; the entry's is as the thresholds in
            force give it.
        sentence: why it was refused, or "".
        path: the file that holds the image, when that is known.
        request: what was asked for, until there is a verdict that is kept.
    """

    name: str
    source: str
    at: datetime
    ticket: int = 0
    entry: HistoryEntry | None = None
    sentence: str = ""
    path: Path | None = None
    given: Verdict | None = None
    request: AnalyseRequest | None = None

    @property
    def state(self) -> State:
        """Waiting, judged or refused."""
        if self.entry is not None:
            return State.JUDGED
        return State.REFUSED if self.sentence else State.WAITING

    @property
    def verdict(self) -> Verdict | None:
        """The verdict, once judged."""
        return self.entry.verdict if self.entry else None

    @property
    def key(self) -> tuple[int, int]:
        """The same for one judgement whatever thresholds it is shown under."""
        return self.ticket, self.entry.id if self.entry else 0

    @property
    def came(self) -> str:
        """Where it came from, as a person reads it."""
        return source_words(self.source, self.page)

    @property
    def page(self) -> str:
        """Address of the web page it stood in, "" when that is not known."""
        return self.entry.page if self.entry else ""

    @property
    def words(self) -> str:
        """What a person reads beside the name."""
        if self.entry is not None:
            return band_words(self.entry.verdict.band)
        return band_words(None) if self.sentence else QCoreApplication.translate("Words", "Waiting")


class HistoryModel(QAbstractListModel):
    """Every item, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._facts: DetectorFacts | None = None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Return the number of items."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the item, or what a view without our delegate (a screen reader) needs of it."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.name}, {item.words}, {item.came}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(core_words(item.sentence) if item.sentence else item.name)
        return None

    def item(self, row: int) -> Item:
        """Return the item in a row."""
        return self._items[row]

    def load(self, entries: Iterable[HistoryEntry]) -> None:
        """Take what the library holds, newest first, each in its place; what is shown already is passed over."""
        ids = [_id(item) for item in self._items]
        shown = set(ids)
        items = [
            self.now(Item(printable(entry.name), entry.source, entry.judged_at, entry=entry, path=entry.path))
            for entry in entries
            if entry.id not in shown
        ]
        while items:
            row = next((row for row, id_ in enumerate(ids) if 0 < id_ < _id(items[0])), len(ids))
            below = ids[row] if row < len(ids) else 0
            count = sum(_id(item) > below for item in items)
            fitting, items = items[:count], items[count:]
            self.beginInsertRows(QModelIndex(), row, row + count - 1)
            self._items[row:row] = fitting
            self.endInsertRows()
            ids[row:row] = map(_id, fitting)

    def judge_by(self, facts: DetectorFacts) -> None:
        """Show every verdict as the thresholds in force give it."""
        self._facts = facts
        for row, item in enumerate(self._items):
            now = self.now(item)
            if now.verdict != item.verdict:
                self._items[row] = now
                self.dataChanged.emit(self.index(row), self.index(row))

    def now(self, item: Item) -> Item:
        """Return an item with its verdict as the thresholds in force give it."""
        if item.entry is None or self._facts is None:
            return item
        given = item.given or item.entry.verdict
        return replace(item, entry=replace(item.entry, verdict=self._facts.now(given)), given=given)

    def row_of(self, item: Item) -> int | None:
        """Return the row of an item, None when it is gone."""
        return next((row for row, known in enumerate(self._items) if known.key == item.key), None)

    def wait_for(self, waiting: Mapping[int, AnalyseRequest]) -> None:
        """Put items that wait for their verdicts on top, the first of them at the very top; by ticket."""
        now = datetime.now(UTC)
        self._put_on_top(
            Item(printable(request.name), request.source, now, ticket, path=request.path, request=request)
            for ticket, request in waiting.items()
        )

    def wait_again(self, ticket: int, anew: int) -> None:
        """Let a refused item wait for the answer to another ticket."""
        for row, item in enumerate(self._items):
            if item.ticket == ticket and item.state is State.REFUSED:
                self._items[row] = replace(item, ticket=anew, sentence="", at=datetime.now(UTC))
                self.dataChanged.emit(self.index(row), self.index(row))
                return

    def adopt(self, other: HistoryModel) -> None:
        """Take the items of another, also those that wait, which are answered here as well."""
        self._put_on_top(map(self.now, other._items))

    def _put_on_top(self, items: Iterable[Item]) -> None:
        fresh = list(items)
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._items[:0] = fresh
            self.endInsertRows()

    def judged(self, ticket: int, response: AnalyseResponse) -> None:
        """Give a waiting item its verdict; a ticket that is gone is ignored."""
        self._change(ticket, entry=_entry(response), request=_still_asked(response))

    def refused(self, ticket: int, sentence: str) -> None:
        """Give a waiting item the reason why it was not judged; a ticket that is gone is ignored."""
        self._change(ticket, sentence=sentence)

    def arrived(self, response: AnalyseResponse) -> None:
        """Put what a browser sent on top."""
        entry = _entry(response)
        asked = _still_asked(response)
        self.put(0, Item(printable(entry.name), entry.source, entry.judged_at, entry=entry, request=asked))

    def put(self, row: int, item: Item) -> None:
        """Insert an item."""
        row = min(row, len(self._items))
        self.beginInsertRows(QModelIndex(), row, row)
        self._items.insert(row, self.now(item))
        self.endInsertRows()

    def take(self, row: int) -> Item:
        """Remove and return an item."""
        self.beginRemoveRows(QModelIndex(), row, row)
        item = self._items.pop(row)
        self.endRemoveRows()
        return item

    def forget(self, ids: Iterable[int] | None) -> None:
        """Remove the items of these entries of the library; None is everything that does not wait."""
        gone = None if ids is None else set(ids)
        left = [item for item in self._items if not _is_gone(item, gone)]
        if len(left) < len(self._items):
            self.beginResetModel()
            self._items = left
            self.endResetModel()

    def _change(self, ticket: int, **changes: Any) -> None:
        for row, item in enumerate(self._items):
            if item.ticket == ticket and item.state is State.WAITING:
                self._items[row] = self.now(replace(item, **changes))
                index = self.index(row)
                self.dataChanged.emit(index, index)
                return


class HistoryFilter(QSortFilterProxyModel):
    """Lets through the items whose name, verdict or source contains every word typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []

    def search(self, text: str) -> None:
        """Narrow the list to a text; nothing typed is everything."""
        self.beginFilterChange()
        self._words = text.casefold().split()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Return whether a row of the source is shown."""
        if not self._words:
            return True
        item = self.sourceModel().index(row, 0, parent).data(ITEM_ROLE)
        text = f"{item.name} {item.words} {item.came}".casefold()
        return all(word in text for word in self._words)


def _id(item: Item) -> int:
    return item.entry.id if item.entry else 0


def _is_gone(item: Item, ids: set[int] | None) -> bool:
    if ids is None:
        return item.state is not State.WAITING
    return item.entry is not None and item.entry.id in ids


def _still_asked(response: AnalyseResponse) -> AnalyseRequest | None:
    """Return what an image is judged again by when no entry of the library tells where it is."""
    return response.request if response.unkept else None


def _entry(response: AnalyseResponse) -> HistoryEntry:
    request = response.request
    return HistoryEntry(
        response.entry_id or 0,
        request.name,
        request.source,
        datetime.now(UTC),
        response.verdict,
        response.thumbnail,
        request.path,
        request.page,
    )
