"""What can be learned from the samples, and the training while it runs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from noiselens_core.labels import Counts
from noiselens_core.progress import Progress
from noiselens_core.teaching import FEWEST, STEADY, prospects
from noiselens_core.verdict import Band

from ..models.durations import time_left
from ..models.formats import count, decimal
from ..models.training_job import Phase, TrainingJob, missing_words
from .gauges import Sign
from .parts import label, show_of
from .theme import GAP
from .training_plot import TrainingPlot


class TeachCard(QFrame):
    """Counts, outlook and start; while a training runs its curves, progress, pause and cancel.

    job: the training. missing: the trainer is not installed.

    Signals:
        start_wanted(): the user wants to begin.
    """

    start_wanted = Signal()

    def __init__(self, job: TrainingJob, *, missing: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job, self._missing = job, missing
        self._counts = Counts()
        self.setProperty("look", "card")
        self.real, self.generated = label("0", "figure"), label("0", "figure")
        self.outlook = label("", wrap=True)
        self.note = label("", "small", wrap=True)
        self.start = QPushButton(self.tr("Teach NoiseLens"))
        self.start.setProperty("look", "primary")
        self.pause, self.cancel = QPushButton(), QPushButton(self.tr("Cancel"))
        self.stage, self.state = label("", "head"), label("", "soft", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setProperty("look", "large")
        self.bar.setAccessibleName(self.tr("Progress of the training"))
        self.plot = TrainingPlot()
        self._lay_out()
        self.start.clicked.connect(self.start_wanted)
        self.pause.clicked.connect(self._pause_or_go_on)
        self.cancel.clicked.connect(job.cancel)
        job.changed.connect(self.show_job)
        job.progressed.connect(self._show_progress)
        self.show_job()

    def show_counts(self, counts: Counts) -> None:
        """Show how many samples there are, and what can be learned from them."""
        self._counts = counts
        self.real.setText(count(counts.real))
        self.generated.setText(count(counts.generated))
        self.outlook.setText(missing_words() if self._missing else self._outlook(counts))
        notes = []
        if counts.copies:
            notes.append(
                self.tr("Further versions of the same pictures, counted once: {0}.").format(count(counts.copies))
            )
        if counts.absent:
            notes.append(
                self.tr("Labels without their image: {0}; it is kept once it is checked again.").format(
                    count(counts.absent)
                )
            )
        if counts.conflicts:
            notes.append(self.tr("Pictures with both labels: {0}.").format(count(counts.conflicts)))
        self.note.setText(" ".join(notes))
        self.note.setVisible(bool(notes))
        self.start.setEnabled(not self._missing and prospects(counts.real, counts.generated).enough)

    def show_job(self) -> None:
        """Show what the training's phase asks for."""
        busy = self._job.phase in (Phase.RUNNING, Phase.PAUSED)
        show_of({self._ready: not busy, self._busy: busy})
        self.pause.setText(self.tr("Pause") if self._job.phase is Phase.RUNNING else self.tr("Resume"))
        self.plot.show_points(self._job.points)
        self._show_progress()

    def _show_progress(self) -> None:
        progress, running = self._job.progress, self._job.phase is Phase.RUNNING
        self.plot.show_points(self._job.points)
        if not running:
            self.stage.setText(self.tr("Stopped") if self._job.sentence else self.tr("Paused"))
            self.state.setText(self._job.sentence or self.tr("What was done so far is kept, also after a restart."))
            return
        if progress is None:
            self.stage.setText(self.tr("Starting"))
            self.state.setText("")
            self.bar.setRange(0, 0)
            return
        self.stage.setText(self._stage_words(progress.stage))
        self.bar.setRange(0, max(0, progress.total))
        self.bar.setValue(progress.step)
        self.state.setText(" · ".join(self._parts(progress)))

    def _parts(self, progress: Progress) -> list[str]:
        parts = []
        if progress.total > 1:
            parts.append(self.tr("{0} of {1}").format(count(progress.step), count(progress.total)))
        if progress.per_second > 0:
            parts.append(self.tr("{0}/s").format(decimal(progress.per_second, 1)))
        if progress.seconds_left is not None:
            parts.append(time_left(progress.seconds_left))
        return parts

    def _stage_words(self, stage: str) -> str:
        words = {
            "load": self.tr("Loading the detector"),
            "features": self.tr("Looking at your samples"),
            "fit": self.tr("Learning"),
            "measure": self.tr("Measuring before and after"),
        }
        return words.get(stage, self.tr("Working"))

    def _outlook(self, counts: Counts) -> str:
        """Say what `prospects` does, in the language of the window."""
        most, least = max(counts.real, counts.generated), min(counts.real, counts.generated)
        if most < FEWEST:
            return self.tr("Label at least {0} images of one kind to begin, better {0} of each.").format(FEWEST)
        if not least and counts.real:
            return self.tr(
                "Only real images so far: NoiseLens can learn to accuse your own photographs less often. "
                "Add generated ones to teach it both."
            )
        if not least:
            return self.tr(
                "Only generated images so far: NoiseLens can learn to find more like these. "
                "Add real ones to teach it both."
            )
        if least < FEWEST:
            return self.tr("Enough to begin. With fewer than {0} of a kind, expect a small step.").format(FEWEST)
        if least < STEADY:
            return self.tr("Enough to learn from. From {0} of each kind on the result is steadier.").format(STEADY)
        return self.tr("Plenty to learn from.")

    def _pause_or_go_on(self) -> None:
        if self._job.phase is Phase.RUNNING:
            self._job.pause()
        else:
            self._job.start()

    def _lay_out(self) -> None:
        self._ready, self._busy = QWidget(), QWidget()
        ready = QHBoxLayout(self._ready)
        ready.setContentsMargins(0, 0, 0, 0)
        ready.setSpacing(12)
        for band, figure, word in (
            (Band.LIKELY_REAL, self.real, self.tr("real")),
            (Band.LIKELY_GENERATED, self.generated, self.tr("generated")),
        ):
            sign = Sign(20)
            sign.show_band(band)
            ready.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
            ready.addWidget(figure)
            ready.addWidget(label(word, "soft"))
            ready.addSpacing(GAP)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.outlook)
        words.addWidget(self.note)
        ready.addLayout(words, 1)
        ready.addWidget(self.start, 0, Qt.AlignmentFlag.AlignVCenter)
        busy = QHBoxLayout(self._busy)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.setSpacing(3 * GAP)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.stage)
        left.addWidget(self.state)
        left.addSpacing(2)
        left.addWidget(self.bar)
        left.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.pause)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        left.addLayout(buttons)
        busy.addLayout(left, 2)
        busy.addWidget(self.plot, 3)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * GAP, 14, 2 * GAP, 14)
        rows.addWidget(self._ready)
        rows.addWidget(self._busy)
