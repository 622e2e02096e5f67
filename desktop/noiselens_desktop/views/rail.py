"""The rail at the left edge: one button a page."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QLabel, QToolButton, QVBoxLayout, QWidget

from .signs import app_icon, line_icon
from .theme import GAP, Theme

NARROWEST = 88  # logical px
AT_THE_FOOT = "settings"


class Rail(QWidget):
    """Shows which page is open and lets another be chosen.

    pages: name -> what a person reads, in their order; a name is also its icon's.

    Attributes:
        buttons: name -> its button.

    Signals:
        chosen(str): the user wants this page.
    """

    chosen = Signal(str)

    def __init__(self, pages: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bold = QFont(self.font())
        bold.setBold(True)
        longest = max(QFontMetrics(bold).horizontalAdvance(text) for text in pages.values())
        width = max(NARROWEST, longest + 2 * GAP + 4)
        self.setFixedWidth(width)
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(QSize(30, 30), self.devicePixelRatioF()))
        mark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        mark.setAccessibleName("NoiseLens")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(GAP, 2 * GAP, GAP, GAP)
        rows.setSpacing(4)
        rows.addWidget(mark)
        rows.addSpacing(GAP)
        self.buttons: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        for name, text in pages.items():
            button = self.buttons[name] = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(22, 22))
            button.setFixedWidth(width - 2 * GAP)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("look", "page")
            button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            group.addButton(button)
            if name == AT_THE_FOOT:
                rows.addStretch(1)
            rows.addWidget(button)
        self.recolour()

    def show_page(self, name: str) -> None:
        """Mark the page that is open."""
        self.buttons[name].setChecked(True)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        for name, button in self.buttons.items():
            button.setIcon(line_icon(name, Theme.colours.ink))
