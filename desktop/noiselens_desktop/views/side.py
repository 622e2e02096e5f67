"""The column at the left: name, menu, what can be opened, the history, and how the detector is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from .history_view import HistoryView
from .parts import label
from .signs import app_icon, line_icon
from .theme import GAP, Theme

WIDTH = 272  # logical px


class Side(QWidget):
    """The column; history and menu are the window's.

    Attributes:
        open, pair: its buttons.
        state: a sentence on the detector, hidden once it is ready.
    """

    def __init__(self, history: HistoryView, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._more = QToolButton()
        self._more.setAccessibleName("Menu")
        self._more.setToolTip("Menu")
        self._more.setMenu(menu)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open = QPushButton(" Open images…")  # the space keeps the icon off the words
        self.pair = QPushButton(" Pair a browser")
        self.pair.setProperty("look", "quiet")
        self.state = label("", "small", wrap=True)
        self.state.setIndent(10)

        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(QSize(26, 26), self.devicePixelRatioF()))
        head = QHBoxLayout()
        head.setContentsMargins(2 * GAP, 2 * GAP, GAP, 0)
        head.setSpacing(10)
        head.addWidget(mark)
        head.addWidget(label("NoiseLens", "brand"), 1)
        head.addWidget(self._more)
        opening = QVBoxLayout()
        opening.setContentsMargins(2 * GAP, 4, 2 * GAP, 4)
        opening.addWidget(self.open)
        foot = QVBoxLayout()
        foot.setContentsMargins(GAP, 0, 2 * GAP, 12)
        foot.setSpacing(GAP)
        foot.addWidget(self.state)
        foot.addWidget(self.pair, 0, Qt.AlignmentFlag.AlignLeft)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 1, 0)
        rows.setSpacing(GAP)
        rows.addLayout(head)
        rows.addLayout(opening)
        rows.addWidget(history, 1)
        rows.addLayout(foot)
        self.recolour()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        for button, icon in ((self._more, "more"), (self.open, "open"), (self.pair, "link")):
            button.setIcon(line_icon(icon, Theme.colours.ink))
