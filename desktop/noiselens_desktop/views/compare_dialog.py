"""Two detectors on one folder: how many images change, and which."""

# Qt names what is overridden

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QListView, QProgressBar, QPushButton, QVBoxLayout, QWidget

from noiselens_core.errors import NoiseLensError
from noiselens_core.registry import Model
from noiselens_core.text import path_text, printable

from ..models.formats import count
from ..models.outcome import Flip
from ..models.sample_list import FlipList
from ..models.sentences import core_words
from ..work.comparing import Compared, compare
from ..work.executor import Serial
from .parts import label
from .placement import resize_within_screen
from .result_card import FlipDelegate
from .theme import GAP
from .thumbnail_store import ThumbnailStore

THUMBNAIL = 256  # px
SHOWN_AT_MOST = 2000  # images that change; their thumbnails are held


class CompareDialog(QDialog):
    """Judges while it is open; closing it stops that.

    first, second: the detectors. folder: whose images are judged.
    """

    _told = Signal(object)

    def __init__(self, first: Model, second: Model, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare on a folder"))
        resize_within_screen(self, 720, 520)
        self._flips: list[Flip] = []
        self._pictures: dict[int, bytes] = {}
        self.judged = self.refused = 0
        self.model = FlipList(self)
        self.thumbnails = ThumbnailStore(self._pictures.get, self, side=THUMBNAIL)
        self.view = QListView()
        self._delegate = FlipDelegate(self.thumbnails, self.view)
        self.view.setModel(self.model)
        self.view.setItemDelegate(self._delegate)
        self.view.setViewMode(QListView.ViewMode.IconMode)
        self.view.setMovement(QListView.Movement.Static)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.setAccessibleName(self.tr("Images that change"))
        self.thumbnails.came.connect(lambda _: self.view.viewport().update())
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setProperty("look", "large")
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(self.tr("Progress of the comparison"))
        self.state = label(self.tr("Loading both detectors…"), "soft", wrap=True)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        rows.setSpacing(10)
        names = self.tr("{0}  →  {1}").format(printable(first.name), printable(second.name))
        rows.addWidget(label(names, "head"))
        rows.addWidget(label(printable(path_text(folder)), "soft", wrap=True))
        rows.addWidget(self.bar)
        rows.addWidget(self.state)
        rows.addWidget(self.view, 1)
        rows.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._stop = threading.Event()
        self._lane = Serial("compare")
        self._lane.submit(lambda: self._work(first.path, second.path, folder))
        self.finished.connect(self._end)

    def _work(self, first: Path, second: Path, folder: Path) -> None:
        try:
            compare(first, second, folder, self._stop, self._tell)
            self._tell(None)
        except NoiseLensError as error:
            self._tell(core_words(str(error)))

    def _tell(self, told: Compared | str | None) -> None:
        if not self._stop.is_set():
            self._told.emit(told)

    @Slot(object)
    def _take(self, told: Compared | str | None) -> None:
        if not isinstance(told, Compared):
            self.bar.setVisible(False)
            self.state.setText(told or self._words())
            return
        self.bar.setRange(0, told.total)
        self.bar.setValue(told.number)
        self.judged += told.verdicts is not None
        self.refused += told.verdicts is None
        if told.verdicts is not None and told.thumbnail and len(self._flips) < SHOWN_AT_MOST:
            one, other = told.verdicts
            self._pictures[told.number] = told.thumbnail
            self._delegate.ids[one.sha256] = told.number
            sides = (one.probability, one.band), (other.probability, other.band)
            self._flips.append(Flip(one.sha256, told.path.name, "", *sides, 0))
            self.model.show_rows(self._flips)
        self.state.setText(self._words())

    def _words(self) -> str:
        told = self.tr("Of {0} images {1} change their verdict.").format(count(self.judged), count(len(self._flips)))
        if self.refused:
            told += " " + self.tr("Not read: {0}.").format(count(self.refused))
        return told

    def _end(self) -> None:
        self._stop.set()
        self._lane.close()
        self.thumbnails.close()
