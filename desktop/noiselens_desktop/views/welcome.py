"""The first steps, in three short pages."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from noiselens_core.verdict import Band

from ..models.words import band_words
from .empty_state import Mark
from .gauges import Sign
from .parts import label
from .theme import GAP

WIDTH = 540  # logical px
MARK = 28  # logical px


class WelcomeDialog(QDialog):
    """Try the samples, what a verdict means, pair a browser.

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
        for step in (self._beginning(), self._meaning(), self._browser()):
            self.steps.addWidget(step)
        self.state = label("", "small")
        self.back, self.next = QPushButton(self.tr("Back")), QPushButton()
        self._doing = {0: self.samples, 2: self.pair}  # what a step is for; going on without it is the quiet way
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.state, 1)
        for button in (self.back, self.next, self.samples, self.pair):
            button.setAutoDefault(True)
            foot.addWidget(button)
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
        first = self._doing.get(index, self.next)
        for button in (self.next, self.samples, self.pair):
            button.setVisible(button in (first, self.next))
            button.setProperty("look", "primary" if button is first else "")
            button.style().unpolish(button)
            button.style().polish(button)
        first.setDefault(True)
        first.setFocus()

    def _beginning(self) -> QWidget:
        return _page(
            self.tr("Welcome to NoiseLens"),
            _row(
                _mark("image"),
                self.tr("Drop, paste or open an image"),
                self.tr("Folders, too, and as many files at once as you like."),
            ),
            _row(
                _mark("check"),
                self.tr("See whether it looks AI-generated"),
                self.tr("With a probability, the reasons, and a map of where NoiseLens looked."),
            ),
            _row(
                _mark("home"),
                self.tr("Everything stays on this computer"),
                self.tr("Nothing is uploaded; there is no account, and no network is needed."),
            ),
            note=self.tr("Ten samples are included: six photographs, four generated images."),
        )

    def _meaning(self) -> QWidget:
        return _page(
            self.tr("What a verdict means"),
            _row(
                _sign(Band.LIKELY_GENERATED),
                band_words(Band.LIKELY_GENERATED),
                self.tr("The fine structure of the image is like that of generated images."),
            ),
            _row(
                _sign(Band.UNCERTAIN),
                band_words(Band.UNCERTAIN),
                self.tr(
                    "Real and generated images look alike here, so NoiseLens takes no side rather than accuse wrongly. "
                    "Expect that of about every second image, and of most samples: they are small and difficult. You "
                    "still see where it leans, how far that can be trusted, and what to do next."
                ),
            ),
            _row(
                _sign(Band.LIKELY_REAL),
                band_words(Band.LIKELY_REAL),
                self.tr("Little was found that generated images have."),
            ),
            note=self.tr("A verdict is a likelihood and can be wrong in both directions. Accuse nobody on it alone."),
        )

    def _browser(self) -> QWidget:
        return _page(
            self.tr("In your browser"),
            _row(
                _mark("plus"),
                self.tr("Add the extension"),
                self.tr("To Firefox, Chrome, Edge or another Chromium; the README says how."),
            ),
            _row(
                _mark("compare"),
                self.tr("Pair it with this app, once"),
                self.tr("Only browsers that you pair may send images here."),
            ),
            _row(
                _mark("search"),
                self.tr("Right click an image to check it"),
                self.tr("Or have all images of a page checked: the verdicts stand on the images."),
            ),
            note=self.tr("You can do that later, under Settings."),
        )


def _page(title: str, *rows: QWidget, note: str) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2 * GAP)
    layout.addWidget(label(title, "title"))
    for row in rows:  # all steps are as high as the highest: a shorter one's rows stand further apart
        layout.addStretch(1)
        layout.addWidget(row)
    layout.addStretch(1)
    layout.addWidget(label(note, "soft", wrap=True))
    return page


def _row(picture: QWidget, head: str, text: str) -> QWidget:
    row = QWidget()
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(label(head, "head"))
    words.addWidget(label(text, "soft", wrap=True))
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(2 * GAP)
    line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(words, 1)
    return row


def _mark(name: str) -> Mark:
    return Mark(name, MARK)


def _sign(band: Band) -> Sign:
    sign = Sign(MARK)
    sign.show_band(band)
    return sign
