"""The user's detectors as the GUI thread sees them: listed, chosen, renamed, brought, given out, deleted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from noiselens_core.registry import Model, Registry
from noiselens_core.text import printable

from .lane import Lane
from .words import as_tip

MODEL_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


def kind_of(model: Model) -> str:
    """Return where a detector is from, as a person reads it."""
    words = {
        "shipped": QCoreApplication.translate("Words", "came with NoiseLens"),
        "own": QCoreApplication.translate("Words", "taught by you"),
        "imported": QCoreApplication.translate("Words", "from a file"),
    }
    return words[model.kind]


class DetectorList(QAbstractListModel):
    """Every detector, the shipped one first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Model] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008  # Qt's own signature
        """Return the number of detectors."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the detector, or what a view without our delegate (a screen reader) needs of it."""
        if not index.isValid():
            return None
        model = self.rows[index.row()]
        if role == MODEL_ROLE:
            return model
        if role == Qt.ItemDataRole.DisplayRole:
            return printable(model.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            used = QCoreApplication.translate("Words", "in use") if model.chosen else ""
            return ", ".join(filter(None, (printable(model.name), kind_of(model), used)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(f"{printable(model.id)}\nSHA-256: {model.sha256}")
        return None

    def show_models(self, models: list[Model]) -> None:
        """Take other detectors."""
        self.beginResetModel()
        self.rows = models
        self.endResetModel()


class Detectors(Lane[list[Model]]):
    """The registry's face on the GUI thread; nothing in it waits.

    Attributes:
        models: every detector, as it was read last.

    Signals:
        changed(): `models` is new.
        chosen(): another detector is to judge from now on.
        told(str): something is done, in a sentence.
    """

    changed = Signal()
    chosen = Signal()
    told = Signal(str)

    def __init__(self, registry: Registry, parent: QObject | None = None) -> None:
        super().__init__("detectors", parent)
        self.models: list[Model] = []
        self._registry = registry

    def choose(self, key: str) -> None:
        """Judge with a detector from now on."""
        self.do(lambda: self._registry.choose(key), lambda _: self.chosen.emit())

    def choose_file(self, path: Path) -> None:
        """Judge with a detector in the registry's folder from now on."""
        self.choose(path.name)

    def back(self) -> None:
        """Judge with the detector that did before."""
        self.do(self._registry.back, lambda _: self.chosen.emit())

    def rename(self, key: str, name: str) -> None:
        """Give a detector another name."""
        self.do(lambda: self._registry.rename(key, name))

    def export(self, key: str, path: Path) -> None:
        """Copy a detector, and its card beside it, to a file."""
        self.do(
            lambda: self._registry.export(key, path),
            lambda written: self.told.emit(self.tr("Saved {0}.").format(", ".join(file.name for file in written))),
        )

    def take(self, path: Path) -> None:
        """Check a detector's file whole and take a copy of it in."""
        self.do(
            lambda: self._registry.take(path),
            lambda model: self.told.emit(self.tr("“{0}” is among your detectors now.").format(printable(model.name))),
        )

    def remove(self, model: Model) -> None:
        """Delete a detector."""
        self.do(lambda: self._registry.remove(model.key), lambda _: self.chosen.emit() if model.chosen else None)

    def read(self) -> list[Model]:
        """Return every detector."""
        return self._registry.models()

    def show(self, read: list[Model]) -> None:
        """Take every detector."""
        self.models = read
        self.changed.emit()
