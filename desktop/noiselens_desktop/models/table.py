"""Many thousands of lines as a table, sorted and filtered in one go, so that Qt asks for no more than it paints."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import attrgetter
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QDateTime,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from noiselens_core.lines import Line
from noiselens_core.text import printable
from noiselens_core.verdict import Band

from ..work.analyse import DetectorFacts
from .formats import file_size, percent
from .sentences import core_words
from .words import as_tip, band_words

LINE_ROLE = Qt.ItemDataRole.UserRole
_key = attrgetter("key")
Index = QModelIndex | QPersistentModelIndex
SortKey = Callable[[Line], Any]
REFUSED = 2.0  # above every probability


class Column(IntEnum):
    """The columns, from the left."""

    PICTURE = 0
    NAME = 1
    BAND = 2
    PROBABILITY = 3
    SOURCE = 4
    SIZE = 5
    AT = 6


@dataclass(frozen=True)
class Filter:
    """What is shown.

    Attributes:
        words: each stands in the name, the source, the page's address or the verdict's words; case folded.
        bands: None in it stands for refused images; None is every band.
        since, until: POSIX time, until not included.
    """

    words: tuple[str, ...] = ()
    bands: frozenset[Band | None] | None = None
    since: float = 0.0
    until: float = float("inf")

    def passing(self, lines: Iterable[Line], texts: Mapping[int, str]) -> list[Line]:
        """Return the lines that are shown, in their order; texts: by key, what is searched, case folded."""
        passing = list(lines)
        if self.bands is not None:
            passing = [line for line in passing if line.band in self.bands]
        if self.since > 0 or self.until < float("inf"):
            passing = [line for line in passing if self.since <= line.at < self.until]
        for word in self.words:
            passing = [line for line in passing if word in texts[line.key]]
        return passing


# Names are sorted by what is searched, which begins with them. No key is a tuple where a number or a text will do:
# of ten thousand lines that is the time the window stands still.
SORT_KEYS: dict[int, SortKey] = {
    Column.BAND: lambda line: REFUSED if line.band is None else line.probability,
    Column.PROBABILITY: lambda line: REFUSED if line.band is None else line.probability,
    Column.SOURCE: lambda line: f"{line.source}\n{line.page}".casefold(),
    Column.SIZE: lambda line: (line.width * line.height, line.byte_size),
    Column.AT: lambda line: line.at,
}


class LineTable(QAbstractTableModel):
    """Lines in the order of their keys, or sorted by a column; a filter hides some.

    newest_first: lines with larger keys stand above. source_text: a line's source as a person reads it.
    """

    def __init__(
        self,
        headings: Sequence[str],
        *,
        newest_first: bool = False,
        source_text: Callable[[Line], str] = lambda line: printable(line.source),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._headings, self._newest_first, self._source_text = list(headings), newest_first, source_text
        self._given: dict[int, Line] = {}  # as they were judged
        self._lines: dict[int, Line] = {}  # as the thresholds in force give them
        self._texts: dict[int, str] = {}  # what is searched
        self._counts: Counter[Band | None] = Counter()
        self._shown: list[Line] = []  # what passes the filter, in the order of the rows
        self._filter = Filter()
        self._column, self._descending = -1, False
        self._locale = QLocale()
        self._bands = {band: band_words(band) for band in (*Band, None)}
        self._facts: DetectorFacts | None = None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Return the number of lines shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text, or the line itself for LINE_ROLE."""
        if not index.isValid():
            return None
        line = self._shown[index.row()]
        if role == LINE_ROLE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(line, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            if index.column() == Column.SOURCE and line.page:
                return as_tip(printable(line.page))
            if index.column() in (Column.BAND, Column.PROBABILITY) and line.model:
                return QCoreApplication.translate("Words", "Judged by {0}").format(as_tip(printable(line.model)))
            return as_tip(core_words(line.sentence) if line.sentence else printable(str(line.path or line.name)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.text(line, index.column()) or printable(line.name)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == Column.SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def text(self, line: Line, column: int) -> str:
        """Return what a cell says."""
        if column == Column.NAME:
            return printable(line.name)
        if column == Column.BAND:
            return band_words(line.band)
        if column == Column.PROBABILITY:
            return "" if line.probability is None else percent(line.probability)
        if column == Column.SOURCE:
            return self._source_text(line)
        if column == Column.SIZE:
            parts = [f"{line.width} × {line.height}"] if line.width else []
            if line.byte_size:
                parts.append(file_size(line.byte_size))
            return " · ".join(parts)
        if column == Column.AT and line.at:
            return self._locale.toString(QDateTime.fromSecsSinceEpoch(int(line.at)), QLocale.FormatType.ShortFormat)
        return ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a column's heading."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    @property
    def total(self) -> int:
        """Number of lines, hidden ones too."""
        return len(self._lines)

    def line(self, row: int) -> Line:
        """Return the line in a row."""
        return self._shown[row]

    def lines_of(self, keys: Iterable[int]) -> list[Line]:
        """Return the lines of those keys that are there."""
        return [self._lines[key] for key in keys if key in self._lines]

    def shown_keys(self) -> list[int]:
        """Return the keys of the lines shown, in the order of the rows."""
        return [line.key for line in self._shown]

    def shown_counts(self) -> Counter[Band | None]:
        """Return how many of the lines shown are of each band; None are the refused ones."""
        return Counter(line.band for line in self._shown)

    def counts(self) -> dict[Band | None, int]:
        """Return how many lines, hidden ones too, are of each band; None are the refused ones."""
        return {band: self._counts[band] for band in (*Band, None)}

    def judge_by(self, facts: DetectorFacts) -> None:
        """Show every line as the thresholds in force give it."""
        self._facts = facts
        now = map(facts.line_now, self._given.values())
        self._take([line for line in now if line.band is not self._lines[line.key].band])

    def add(self, lines: Iterable[Line]) -> None:
        """Take more lines; a key that is there already is replaced."""
        given = {line.key: line for line in lines}
        self._given |= given
        self._take(list(given.values() if self._facts is None else map(self._facts.line_now, given.values())))

    def _take(self, fresh: list[Line]) -> None:
        known = self.lines_of(line.key for line in fresh)
        for line in fresh:
            self._lines[line.key] = line
            self._texts[line.key] = f"{line.name}\n{line.source}\n{line.page}\n{self._bands[line.band]}".casefold()
        self._counts.update(line.band for line in fresh)
        self._counts.subtract(line.band for line in known)
        passing = self._filter.passing(fresh, self._texts)
        if known:
            self._order_anew()
        elif passing and self._column < 0 and self._fits_at_the_end(passing):
            row = 0 if self._newest_first else len(self._shown)
            self.beginInsertRows(QModelIndex(), row, row + len(passing) - 1)
            self._shown[row:row] = sorted(passing, key=_key, reverse=self._newest_first)
            self.endInsertRows()
        elif passing:
            self._order_anew()

    def remove(self, keys: Iterable[int]) -> list[Line]:
        """Remove lines and return them."""
        removed = self.lines_of(keys)
        gone = {line.key for line in removed}
        for key in gone:
            del self._given[key], self._lines[key], self._texts[key]
        self._counts.subtract(line.band for line in removed)
        rows = [row for row, line in enumerate(self._shown) if line.key in gone]
        if len(rows) > 1:
            self._order_anew()
        for row in rows if len(rows) == 1 else ():
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._shown[row]
            self.endRemoveRows()
        return removed

    def clear(self) -> list[Line]:
        """Remove everything and return it."""
        self.beginResetModel()
        lines = list(self._lines.values())
        self._given, self._lines, self._texts, self._shown = {}, {}, {}, []
        self._counts.clear()
        self.endResetModel()
        return lines

    def set_filter(self, wanted: Filter) -> None:
        """Show what passes a filter."""
        if wanted != self._filter:
            self._filter = wanted
            self._order_anew()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; the picture's, or -1, is the order of the keys."""
        self._column = column if column == Column.NAME or column in SORT_KEYS else -1
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._order_anew()

    def picture_came(self, picture: int, rows: range) -> None:
        """Paint the cells in these rows that show this picture."""
        for row in rows:
            if row < len(self._shown) and self._shown[row].picture == picture:
                index = self.index(row, Column.PICTURE)
                self.dataChanged.emit(index, index)

    def _order_anew(self) -> None:
        """Filter and sort all lines; what is selected stays selected."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        keys = [self._shown[index.row()].key for index in before]
        shown = self._filter.passing(self._lines.values(), self._texts)
        shown.sort(key=_key, reverse=self._descending if self._column >= 0 else self._newest_first)
        if self._column == Column.NAME:
            shown.sort(key=lambda line: self._texts[line.key], reverse=self._descending)
        elif self._column >= 0:
            shown.sort(key=SORT_KEYS[self._column], reverse=self._descending)
        self._shown = shown
        if before:
            rows = {line.key: row for row, line in enumerate(shown)}
            after = [
                self.index(rows[key], index.column()) if key in rows else QModelIndex()
                for key, index in zip(keys, before, strict=True)
            ]
            self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _fits_at_the_end(self, lines: list[Line]) -> bool:
        """Return whether these lines follow all that are shown in the order of the keys."""
        if not self._shown:
            return True
        edge = self._shown[0 if self._newest_first else -1].key
        return min(line.key for line in lines) > edge


def folder_text(line: Line, root: PurePath) -> str:
    """Return the folder of a batch's line as it is called below the batch's own."""
    path = PurePath(line.source)
    below = path.relative_to(root) if path.is_relative_to(root) else path
    return printable(str(below)) if below.name else printable(root.name)
