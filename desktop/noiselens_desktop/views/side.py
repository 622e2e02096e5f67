"""The column at the left of the Check page: what can be opened, the history, and how the detector is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from .history_view import HistoryView
from .parts import label
from .signs import line_icon
from .theme import GAP, Theme

WIDTH, NARROW = 248, 200  # logical px
ROOMY = 1080  # logical px of the page from which the column is wide


class Side(QWidget):
    """The column; the history is the page's.

    Attributes:
        open: its button.
        state: a sentence on the detector, hidden once it is ready.
    """

    def __init__(self, history: HistoryView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.open = QPushButton(" " + self.tr("Open images…"))  # the space keeps the icon off the words
        self.state = label("", "small", wrap=True)
        self.state.setIndent(10)

        opening = QVBoxLayout()
        opening.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 4)
        opening.addWidget(self.open)
        foot = QVBoxLayout()
        foot.setContentsMargins(GAP, 0, 2 * GAP, 12)
        foot.addWidget(self.state)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 1, 0)
        rows.setSpacing(GAP)
        rows.addLayout(opening)
        rows.addWidget(history, 1)
        rows.addLayout(foot)
        self.recolour()

    def fit(self, page: int) -> None:
        """Be as wide as a page so many logical px wide has room for."""
        self.setFixedWidth(WIDTH if page >= ROOMY else NARROW)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.open.setIcon(line_icon("open", Theme.colours.ink))
