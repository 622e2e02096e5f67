"""A page with nothing on it yet: says what to do, and offers to do it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from .parts import Painted, label
from .signs import paint_line
from .theme import GAP, Theme

WIDEST = 460  # logical px a line of text
MARK = 56  # logical px


class Mark(Painted):
    """One of the line icons, large."""

    def __init__(self, name: str, side: int = MARK) -> None:
        super().__init__(side)
        self.setFixedWidth(side)
        self._name = name

    def paint(self, painter: QPainter) -> None:
        """Paint the icon."""
        paint_line(painter, self._name, Theme.colours.soft, QRectF(self.rect()))


class EmptyState(QWidget):
    """Icon, title, what to do, and a button for it if a text for one is given.

    Signals:
        wanted(): the button was pressed.
    """

    wanted = Signal()

    def __init__(self, icon: str, title: str, text: str, button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = Mark(icon)
        told = label(text, "soft", wrap=True)
        told.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        told.setFixedWidth(WIDEST)
        rows = QVBoxLayout(self)
        rows.setSpacing(GAP)
        rows.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        rows.addWidget(self._mark, 0, middle)
        rows.addSpacing(GAP)
        rows.addWidget(label(title, "title"), 0, middle)
        line = QHBoxLayout()  # not an alignment, with which Qt gives a wrapping label the height of one line
        line.addStretch(1)
        line.addWidget(told)
        line.addStretch(1)
        rows.addLayout(line)
        if button:
            self.button = QPushButton(button)
            self.button.setProperty("look", "primary")
            self.button.clicked.connect(self.wanted)
            rows.addSpacing(GAP)
            rows.addWidget(self.button, 0, middle)
        rows.addStretch(3)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self._mark.update()


class NothingFits(QWidget):
    """Stands where a list would be when its filter hides everything, and offers to show everything again.

    Signals:
        wanted(): the button was pressed.
    """

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        told = label(self.tr("Nothing fits this filter."), "soft")
        self.button = QPushButton(self.tr("Show everything again"))
        self.button.clicked.connect(self.wanted)
        rows = QVBoxLayout(self)
        rows.setSpacing(2 * GAP)
        rows.addStretch(1)
        for part in (told, self.button):
            rows.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addStretch(1)
