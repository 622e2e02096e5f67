"""The first steps, in three short pages."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from noiselens_core.verdict import Band

from ..models.words import band_words
from .gauges import Sign
from .parts import label
from .theme import GAP

WIDTH = 520  # logical px


class WelcomeDialog(QDialog):
    """Try the samples, pair a browser, what a verdict means.

    Signals:
        samples_wanted(), pair_wanted(): a step's button was pressed.
    """

    samples_wanted = Signal()
    pair_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("First steps"))
        self.setFixedWidth(WIDTH)
        self.steps = QStackedWidget()
        self.samples = QPushButton(self.tr("Try the samples"))
        self.pair = QPushButton(self.tr("Pair a browser…"))
        self.steps.addWidget(
            _page(
                self.tr("Welcome to NoiseLens"),
                self.tr(
                    "Drop an image into the window, paste one or open a file, and NoiseLens tells whether it looks "
                    "AI-generated and where it looked. Everything happens on this computer; nothing is uploaded."
                ),
                self.samples,
            )
        )
        self.steps.addWidget(self._meaning())
        self.steps.addWidget(
            _page(
                self.tr("In your browser"),
                self.tr(
                    "With the extension a right click on an image has it checked here, and the verdict stands beside "
                    "the image. A browser is paired once; you can do that later under Settings, too."
                ),
                self.pair,
            )
        )
        self.state = label("", "small")
        self.back, self.next = QPushButton(self.tr("Back")), QPushButton()
        self.next.setProperty("look", "primary")
        foot = QHBoxLayout()
        foot.addWidget(self.state, 1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4 * GAP, 4 * GAP, 4 * GAP, 3 * GAP)
        rows.setSpacing(3 * GAP)
        rows.addWidget(self.steps, 1)
        rows.addLayout(foot)
        self.back.clicked.connect(lambda: self._go(-1))
        self.next.clicked.connect(lambda: self._go(1))
        self.samples.clicked.connect(self.samples_wanted)
        self.samples.clicked.connect(lambda: self._go(1))
        self.pair.clicked.connect(self.accept)
        self.pair.clicked.connect(self.pair_wanted)
        self._go(0)

    def _go(self, by: int) -> None:
        index = self.steps.currentIndex() + by
        if index == self.steps.count():
            self.accept()
            return
        self.steps.setCurrentIndex(index)
        self.back.setVisible(index > 0)
        last = index == self.steps.count() - 1
        self.next.setText(self.tr("Done") if last else self.tr("Next"))
        self.state.setText(self.tr("Step {0} of {1}").format(index + 1, self.steps.count()))
        self.next.setFocus()

    def _meaning(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(12)
        rows.addWidget(label(self.tr("What a verdict means"), "title"))
        for band, text in (
            (Band.LIKELY_GENERATED, self.tr("The fine structure of the image is like that of generated images.")),
            (
                Band.UNCERTAIN,
                self.tr(
                    "Real and generated images look alike here, so NoiseLens takes no side rather than accuse wrongly. "
                    "That is common, also among the samples: then look at the probability, the provenance and where "
                    "the image is from."
                ),
            ),
            (Band.LIKELY_REAL, self.tr("Little was found that generated images have.")),
        ):
            sign = Sign(28)
            sign.show_band(band)
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(label(band_words(band), "head"))
            words.addWidget(label(text, "soft", wrap=True))
            line = QHBoxLayout()
            line.setSpacing(12)
            line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            line.addLayout(words, 1)
            rows.addLayout(line)
        rows.addWidget(
            label(
                self.tr("A verdict is a likelihood and can be wrong in both directions. Accuse nobody on it alone."),
                "soft",
                wrap=True,
            )
        )
        rows.addStretch(1)
        return page


def _page(title: str, text: str, button: QPushButton) -> QWidget:
    page = QWidget()
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(12)
    rows.addWidget(label(title, "title"))
    rows.addWidget(label(text, "soft", wrap=True))
    rows.addSpacing(GAP)
    rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    rows.addStretch(1)
    return page
