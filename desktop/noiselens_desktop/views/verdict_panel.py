"""The verdict in words, and what it rests on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from noiselens_core.reasons import CANNOT_SEE
from noiselens_core.text import printable
from noiselens_core.verdict import Verdict

from ..models.formats import count, moment, percent, pixels
from ..models.guidance import meaning, next_steps, sample_words
from ..models.history import Item, State
from ..models.sentences import core_words
from ..models.words import as_tip, band_words, stability_level, stability_words
from ..work.analyse import DetectorFacts
from .answer_bar import AnswerBar
from .gauges import Bullet, ProbabilityBar, Sign, StabilityBar
from .parts import ElidedLabel, clear_layout, label, rule, scrolled
from .provenance_view import ProvenanceView
from .theme import GAP, RING

WIDTH = 328  # logical px


class VerdictPanel(QWidget):
    """Shows one item of the history.

    samples: folder of the images that came with NoiseLens, of which it is known what they are.

    Signals:
        again(): the user wants the image judged again, or another try at it.
    """

    again = Signal()

    def __init__(self, samples: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = samples
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._facts: DetectorFacts | None = None
        self._item: Item | None = None
        self._loading = self._whole = True

        self.name, self.origin = ElidedLabel("head"), label("", "small", wrap=True)
        self.sign, self.band, self.meaning = Sign(40), label("", "band", wrap=True), label("", wrap=True)
        self.truth = label("", "soft", wrap=True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName(self.tr("Working"))
        self.figure, self.bar = label("", "figure"), ProbabilityBar()
        self.steadiness, self.steps = label("", "head"), StabilityBar()
        self.limits = label(core_words(CANNOT_SEE), "soft", wrap=True)
        self.footer = label("", "small", wrap=True)
        self.kept = label("", "soft", wrap=True)
        self.button = QPushButton()
        self.button.clicked.connect(self.again)
        self.provenance, self.answers = ProvenanceView(), AnswerBar()
        self._reasons, self._steps = QVBoxLayout(), QVBoxLayout()
        for bullets in (self._reasons, self._steps):
            bullets.setSpacing(6)
        self._lay_out()

    def set_facts(self, facts: DetectorFacts | None) -> None:
        """Take what is known of the loaded detector; None when it cannot be loaded."""
        self._facts, self._loading = facts, False
        self.show_item(self._item, whole=self._whole)

    def show_item(self, item: Item | None, *, whole: bool = True) -> None:
        """Show an item: its verdict, why it has none, or that it waits.

        whole: the image itself can be shown; else the file may be judged again when its place is known.
        """
        self._item, self._whole = item, whole
        if item is None:
            return
        self.name.show_text(item.name)
        judged = item.verdict is not None
        for part in (self._figures, self._why, self.provenance, self.footer, self.answers):
            part.setVisible(judged)
        sample = item.path if item.path is not None and item.path.absolute().parent == self._samples else None
        self.truth.setVisible(judged and sample is not None)
        self.truth.setText(sample_words(sample) if sample is not None else "")
        self.busy.setVisible(item.state is State.WAITING)
        self.sign.setVisible(item.state is not State.WAITING)
        self.kept.setVisible(judged and not whole)
        at_hand = item.path is not None or item.request is not None
        self.kept.setText(
            self.tr("Only this small picture of the image was kept.")
            if not at_hand
            else self.tr("Only this small picture was kept. Judge the file again to see it whole, with its overlay.")
        )
        self.button.setVisible(item.state is State.REFUSED or (judged and not whole and at_hand))
        self.button.setText(self.tr("Judge again") if judged else self.tr("Try again"))
        when = moment(item.at)
        self.origin.setToolTip(as_tip(printable(item.page)))
        if item.verdict is not None:
            size = pixels(item.verdict.width, item.verdict.height)
            self.origin.setText(f"{size} · {item.came} {when}")
            self._show_verdict(item.verdict)
            return
        self.origin.setText(f"{item.came.capitalize()} {when}")
        if item.state is State.REFUSED:
            self.sign.show_band(None)
            self.band.setText(self.tr("Not judged"))
            self.meaning.setText(core_words(item.sentence))
        elif self._loading:
            self.band.setText(self.tr("Getting ready"))
            self.meaning.setText(self.tr("Loading the detector… The verdict follows by itself."))
        else:
            self.band.setText(self.tr("Judging"))
            self.meaning.setText(self.tr("The verdict follows by itself."))

    def _show_verdict(self, verdict: Verdict) -> None:
        self.sign.show_band(verdict.band)
        self.band.setText(band_words(verdict.band))
        self.meaning.setText(meaning(verdict))
        self.figure.setText(percent(verdict.probability))
        zone = self._facts.zone_of(verdict) if self._facts else None
        self.bar.show_probability(verdict.probability, verdict.band, zone)
        steady, level = verdict.stability, stability_level(verdict.stability)
        self.steadiness.setText(stability_words(level))
        self.steps.show_level(level)
        self.steps.setAccessibleName(self.tr("Stability {0}").format(percent(steady, 0)))
        self.steps.setToolTip(
            self.tr("{0}: how far all places, and a re-encoded copy, agree.").format(percent(steady, 0))
        )
        self.provenance.show_facts(verdict.provenance)
        _list(self._reasons, [core_words(reason) for reason in verdict.reasons])
        steps = next_steps(verdict)
        _list(self._steps, steps)
        self._next.setVisible(bool(steps))
        self.footer.setText(f"{verdict.model} · {count(round(verdict.ms))}\u00a0ms")
        self.footer.setToolTip(f"SHA-256 {verdict.sha256}")

    def _lay_out(self) -> None:
        content = QWidget()
        content.setObjectName("content")
        rows = QVBoxLayout(content)
        rows.setContentsMargins(3 * GAP - RING, 3 * GAP - RING, 2 * GAP - RING, 3 * GAP - RING)
        rows.setSpacing(2 * GAP)

        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.name)
        head.addWidget(self.origin)
        rows.addLayout(head)

        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.sign)
        top.addWidget(self.band, 1)
        verdict = QVBoxLayout()
        verdict.setSpacing(GAP)
        verdict.addSpacing(GAP)
        verdict.addLayout(top)
        verdict.addWidget(self.meaning)
        verdict.addWidget(self.truth)
        verdict.addWidget(self.busy)
        verdict.addWidget(self.kept)
        verdict.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addLayout(verdict)

        self._figures = QFrame()
        self._figures.setProperty("look", "card")
        figures = QVBoxLayout(self._figures)
        figures.setContentsMargins(2 * GAP, 14, 2 * GAP, 14)
        figures.setSpacing(6)
        line = QHBoxLayout()
        line.addWidget(label(self.tr("Probability of generated"), "soft", wrap=True), 1)
        line.addWidget(self.figure)
        figures.addLayout(line)
        figures.addWidget(self.bar)
        figures.addSpacing(4)
        figures.addWidget(rule())
        figures.addSpacing(4)
        line = QHBoxLayout()
        line.addWidget(label(self.tr("Stability"), "soft"), 1)
        line.addWidget(self.steadiness)
        figures.addLayout(line)
        figures.addWidget(self.steps)
        rows.addWidget(self._figures)

        self._why = QWidget()
        why = QVBoxLayout(self._why)
        why.setContentsMargins(0, 0, 0, 0)
        why.setSpacing(GAP)
        why.addWidget(label(self.tr("Why"), "head"))
        why.addLayout(self._reasons)
        why.addSpacing(GAP)
        self._next = QWidget()
        after = QVBoxLayout(self._next)
        after.setContentsMargins(0, 0, 0, GAP)
        after.setSpacing(GAP)
        after.addWidget(label(self.tr("What you can do"), "head"))
        after.addLayout(self._steps)
        why.addWidget(self._next)
        why.addWidget(label(self.tr("What it cannot see"), "head"))
        why.addWidget(self.limits)
        rows.addWidget(self._why)
        rows.addWidget(self.footer)
        rows.addWidget(self.provenance)
        rows.addStretch(1)

        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        self.area = scrolled(content)
        self.area.setProperty("look", "reader")
        self.area.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # hardly a control is in it: the keys scroll it
        self.area.setAccessibleName(self.tr("Verdict"))
        whole.addWidget(self.area, 1)
        whole.addWidget(self.answers)


def _list(rows: QVBoxLayout, texts: list[str]) -> None:
    """Show texts below one another, each behind its mark."""
    clear_layout(rows)
    for text in texts:
        rows.addWidget(_bullet(text))


def _bullet(text: str) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(GAP)
    line.addWidget(Bullet(), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label(text, wrap=True), 1)
    return row
