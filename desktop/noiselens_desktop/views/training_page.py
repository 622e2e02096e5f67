"""The Training page: the samples and what they taught, and the detectors there are."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..models.session import Session
from ..models.teaching import Teaching
from ..models.training_job import Phase
from .detector_shelf import DetectorShelf
from .parts import label, page_rows, scrolled, segments, show_of, stack
from .result_card import ResultCard
from .sample_shelf import SampleShelf
from .teach_card import TeachCard
from .theme import GAP
from .toast import Toast


class TrainingPage(QWidget):
    """Teaches a detector the user's own images.

    session: tells of new labels. teaching: the store, the training, the registry. toast: the window's.
    """

    def __init__(self, session: Session, teaching: Teaching, toast: Toast, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples, self._job, self._detectors = teaching.samples, teaching.job, teaching.detectors
        self._toast = toast
        self.shelf = SampleShelf(self._samples, toast)
        self.teach = TeachCard(self._job, missing=teaching.missing)
        self.result = ResultCard(self.shelf.thumbnails)
        self.detectors = DetectorShelf(self._detectors, toast)
        self.tabs = {
            "samples": QPushButton(self.tr("Your samples")),
            "detectors": QPushButton(self.tr("Detectors")),
        }
        self._group = QButtonGroup(self)
        self._lay_out()
        self._samples.changed.connect(self._show)
        session.labelled.connect(self._read_if_shown)
        self._job.changed.connect(self._show)
        self._job.failed.connect(toast.say)
        self.teach.start_wanted.connect(self._job.start)
        self.result.used.connect(self._use)
        self.result.discarded.connect(self._discard)
        self._group.buttonToggled.connect(lambda _, on: self._show() if on else None)
        self._show()

    def take(self, paths: Sequence[Path]) -> None:
        """Take dropped files and folders as samples."""
        self.tabs["samples"].setChecked(True)
        self.shelf.take(paths)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.shelf.recolour()
        self.result.recolour()
        self.detectors.recolour()

    def close_threads(self) -> None:
        """End what loads thumbnails."""
        self.shelf.close_threads()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what is new."""
        super().showEvent(event)
        self._samples.load()
        self._detectors.load()

    def _read_if_shown(self) -> None:
        if self.isVisible():
            self._samples.load()

    def _use(self) -> None:
        outcome = self._job.outcome
        if outcome is not None:
            self._job.decide(keep=True)
            self._detectors.choose_file(outcome.file)
            told = self.tr("{0} judges from now on.").format(outcome.model)
            self._toast.offer_undo(told, self._detectors.back, lasting=False)  # another may have been chosen by then

    def _discard(self) -> None:
        self._job.decide(keep=False)
        self._detectors.load()
        self._toast.say(self.tr("The new detector is deleted. Your samples are kept."))

    def _show(self) -> None:
        samples = self.tabs["samples"].isChecked()
        shelf = self._samples.shelf
        self._body.setCurrentIndex(0 if samples else 1)
        self.shelf.add.setVisible(samples)
        self.teach.show_counts(shelf.counts)
        outcome = self._job.outcome
        show_of(
            {
                self._decision: outcome is not None,
                self.shelf: outcome is None,  # first the decision
                self.teach: outcome is None and (not self.shelf.empty or self._job.phase is not Phase.IDLE),
            }
        )
        if outcome is not None:
            self.result.show_outcome(outcome, shelf.entries)

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * GAP)
        row.addWidget(label(self.tr("Training"), "title"))
        tabs = segments(self.tabs.values(), self._group)
        self.tabs["samples"].setChecked(True)
        row.addWidget(tabs)
        row.addStretch(1)
        row.addWidget(self.shelf.add)
        decision = QWidget()
        decision.setObjectName("content")
        result = QVBoxLayout(decision)
        result.setContentsMargins(0, 0, 0, 0)
        result.addWidget(self.result)
        result.addStretch()
        self._decision = scrolled(decision)
        teaching = QWidget()
        rows = QVBoxLayout(teaching)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(12)
        rows.addWidget(self.teach)
        rows.addWidget(self._decision, 1)
        rows.addWidget(self.shelf, 1)
        self._body = stack(teaching, self.detectors)
        page_rows(self, head, self._body)
