"""The labelled images as a list Qt can show, and a filter over it; the pairs in conflict as another."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from noiselens_core.labels import Conflict, Kind, LabelledSample
from noiselens_core.text import printable

from .formats import percent
from .outcome import Flip
from .words import as_tip, band_words, source_words

SAMPLE_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
T = TypeVar("T")


class Part(Enum):
    """Which of the labelled images are shown."""

    ALL = auto()
    REAL = auto()
    GENERATED = auto()
    ABSENT = auto()  # the image is not at hand


def kind_words(kind: Kind) -> str:
    """Return a label as a person reads it."""
    if kind == "real":
        return QCoreApplication.translate("Words", "Real")
    return QCoreApplication.translate("Words", "Generated")


def sample_words(sample: LabelledSample) -> str:
    """Return what a screen reader says of a sample."""
    parts = [printable(sample.name) or sample.sha256[:12], kind_words(sample.label)]
    if sample.path is None:
        parts.append(QCoreApplication.translate("Words", "image not at hand"))
    elif sample.copy_of:
        parts.append(QCoreApplication.translate("Words", "another version of a picture, counts once with it"))
    return ", ".join(parts)


class _Rows(QAbstractListModel, Generic[T]):
    """A list of frozen things, replaced as a whole."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[T, ...] = ()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def show_rows(self, rows: Sequence[T]) -> None:
        """Take other rows; views keep place and choice where the same things stand in them."""
        if tuple(rows) == self._rows:
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    @property
    def rows(self) -> tuple[T, ...]:
        """Everything, from the top."""
        return self._rows


class SampleList(_Rows[LabelledSample]):
    """Every labelled image, the newest first."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the sample, or what a view without our delegate (a screen reader) needs of it."""
        if not index.isValid():
            return None
        sample = self.rows[index.row()]
        if role == SAMPLE_ROLE:
            return sample
        if role == Qt.ItemDataRole.DisplayRole:
            return printable(sample.name) or sample.sha256[:12]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return sample_words(sample)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(f"{sample_words(sample)}\n{source_words(sample.origin)}".strip())
        return None

    def picture_came(self, id_: int) -> None:
        """Have the rows of a sample painted again."""
        for row, sample in enumerate(self._rows):
            if sample.id == id_:
                self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])


class SampleFilter(QSortFilterProxyModel):
    """Lets through one part of the samples, and of these what contains every word typed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._part, self._words = Part.ALL, list[str]()

    def narrow(self, part: Part, text: str) -> None:
        """Show one part, narrowed to a text; nothing typed is everything."""
        self.beginFilterChange()
        self._part, self._words = part, text.casefold().split()
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Return whether a row of the source is shown."""
        sample: LabelledSample = self.sourceModel().index(row, 0, parent).data(SAMPLE_ROLE)
        fits = {
            Part.ALL: True,
            Part.REAL: sample.label == "real",
            Part.GENERATED: sample.label == "generated",
            Part.ABSENT: sample.path is None,
        }[self._part]
        text = f"{sample.name} {source_words(sample.origin)} {sample.sha256}".casefold()
        return fits and all(word in text for word in self._words)


class ConflictList(_Rows[Conflict]):
    """The pairs that show the same picture and have different labels."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the pair, or what a view without our delegate needs of it."""
        if not index.isValid():
            return None
        pair = self.rows[index.row()]
        if role == SAMPLE_ROLE:
            return pair
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{sample_words(pair.first)}; {sample_words(pair.second)}"
        return None


def flip_words(flip: Flip) -> str:
    """Return whether a sample is judged better now; "" where nobody can say."""
    better, worse = QCoreApplication.translate("Words", "better"), QCoreApplication.translate("Words", "worse")
    return {1: better, -1: worse}.get(flip.gain, "")


class FlipList(_Rows[Flip]):
    """Samples that a new detector judges otherwise."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the flip, or what a view without our delegate needs of it."""
        if not index.isValid():
            return None
        flip = self.rows[index.row()]
        if role == SAMPLE_ROLE:
            return flip
        if role in (
            Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole
        ):  # fmt: skip
            words = QCoreApplication.translate("Words", "{0}. Before: {1} ({2}). Now: {3} ({4}).")
            name, before, after = printable(flip.name), flip.before, flip.after
            if flip.label:
                kind: Kind = "generated" if flip.label == "generated" else "real"
                said = QCoreApplication.translate("Words", "{0}, you said: {1}")
                name = said.format(name, kind_words(kind).lower())
            told = words.format(
                name, band_words(before[1]), percent(before[0]), band_words(after[1]), percent(after[0])
            )
            return as_tip(told) if role == Qt.ItemDataRole.ToolTipRole else told
        return None
