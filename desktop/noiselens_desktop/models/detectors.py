"""The user's detectors as the GUI thread sees them: listed, chosen, renamed, brought, given out, deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)

from noiselens_core.errors import NoiseLensError
from noiselens_core.registry import Model, Registry
from noiselens_core.text import printable

from ..work.executor import Serial

MODEL_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
T = TypeVar("T")
log = logging.getLogger(__name__)


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
            return f"{printable(model.id)}\nSHA-256: {model.sha256}"
        return None

    def show_models(self, models: list[Model]) -> None:
        """Take other detectors."""
        self.beginResetModel()
        self.rows = models
        self.endResetModel()


class Detectors(QObject):
    """The registry's face on the GUI thread; nothing in it waits.

    Attributes:
        models: every detector, as it was read last.

    Signals:
        changed(): `models` is new.
        chosen(): another detector is to judge from now on.
        told(str): something is done, in a sentence. failed(str): or is not.
    """

    changed = Signal()
    chosen = Signal()
    told = Signal(str)
    failed = Signal(str)
    _returned = Signal(object)

    def __init__(self, registry: Registry, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models: list[Model] = []
        self._registry = registry
        self._lane = Serial("detectors")
        self._closed = False
        self._returned.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def load(self) -> None:
        """Read everything anew."""
        self._do(lambda: None)

    def choose(self, key: str) -> None:
        """Judge with a detector from now on."""
        self._do(lambda: self._registry.choose(key), lambda _: self.chosen.emit())

    def choose_file(self, path: Path) -> None:
        """Judge with a detector in the registry's folder from now on."""
        self.choose(path.name)

    def back(self) -> None:
        """Judge with the detector that did before."""
        self._do(self._registry.back, lambda _: self.chosen.emit())

    def rename(self, key: str, name: str) -> None:
        """Give a detector another name."""
        self._do(lambda: self._registry.rename(key, name))

    def export(self, key: str, path: Path) -> None:
        """Copy a detector, and its card beside it, to a file."""
        self._do(
            lambda: self._registry.export(key, path),
            lambda written: self.told.emit(self.tr("Saved {0}.").format(", ".join(file.name for file in written))),
        )

    def take(self, path: Path) -> None:
        """Check a detector's file whole and take a copy of it in."""
        self._do(
            lambda: self._registry.take(path),
            lambda model: self.told.emit(self.tr("“{0}” is among your detectors now.").format(printable(model.name))),
        )

    def remove(self, model: Model) -> None:
        """Delete a detector."""
        self._do(lambda: self._registry.remove(model.key), lambda _: self.chosen.emit() if model.chosen else None)

    def close(self) -> None:
        """Finish what was asked and end the thread; answers that come later are dropped."""
        self._closed = True
        self._lane.close(drop=False)

    def _do(self, work: Callable[[], T], then: Callable[[T], object] | None = None) -> None:
        def run() -> None:
            try:
                result = work()
                models = self._registry.models()
                self._return(lambda: self._show(models))
                self._return(lambda: then(result) if then else None)
            except NoiseLensError as error:
                sentence = str(error)
                self._return(lambda: self.failed.emit(sentence))
            except Exception as error:  # a thread has nobody to raise to
                log.exception("unforeseen")
                name = type(error).__name__
                self._return(lambda: self.failed.emit(f"Something went wrong in NoiseLens itself ({name})."))

        if not self._closed:
            self._lane.submit(run)

    def _show(self, models: list[Model]) -> None:
        self.models = models
        self.changed.emit()

    def _return(self, call: Callable[[], object]) -> None:
        if not self._closed:
            self._returned.emit(call)

    @Slot(object)
    def _run(self, call: Callable[[], object]) -> None:
        if not self._closed:
            call()
