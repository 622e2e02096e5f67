"""The Training page: what it will do, and how to prepare for it today."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from .parts import label
from .theme import GAP

WIDEST = 560  # logical px a line of text


class TrainingPage(QWidget):
    """Says plainly what will stand here; offers nothing that does not work yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        texts = (
            (self.tr("Training"), "title"),
            (
                self.tr(
                    "Here NoiseLens will learn from images you have labelled yourself, on this computer alone. "
                    "This page is not ready yet: training needs labels, and it will show how many you have."
                ),
                "soft",
            ),
            (self.tr("What will be here"), "head"),
            (self.tr("The images you labelled as real or generated, and whether there are enough of both."), "soft"),
            (self.tr("Start, pause and cancel a training, with its progress and the time left."), "soft"),
            (
                self.tr("A comparison of the new detector with the present one, before you decide which one judges."),
                "soft",
            ),
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(5 * GAP, 4 * GAP, 5 * GAP, 4 * GAP)
        rows.setSpacing(GAP)
        for text, look in texts:
            made = label(text, look, wrap=True)
            made.setMaximumWidth(WIDEST)
            if look == "head":
                rows.addSpacing(GAP)
            rows.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        rows.addStretch(1)
