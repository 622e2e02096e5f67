"""What lies over the page while something that can be dropped hovers over the window."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from .drop_area import paint_dashes
from .signs import paint_line
from .theme import GAP, Theme

GROUND = 225  # of 255: what is under it still shims through
MARK = 48  # logical px


class DropVeil(QWidget):
    """Says what a drop will do; the pointer goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = ""
        self.hide()

    def show_over(self, place: QRect, words: str) -> None:
        """Cover a part of the parent."""
        self.words = words
        self.setGeometry(place)
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, sign and words."""
        del event
        colours, place = Theme.colours, QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(colours.paper)
        ground.setAlpha(GROUND)
        painter.fillRect(place, ground)
        paint_dashes(painter, place, colours.real, 2)
        mark = QRectF(place.center().x() - MARK / 2, place.center().y() - MARK, MARK, MARK)
        paint_line(painter, "image", colours.real, mark)
        font = painter.font()
        font.setPointSizeF(16)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(colours.ink))
        under = QRectF(place.left(), mark.bottom() + 2 * GAP, place.width(), 2 * MARK)
        painter.drawText(under, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self.words)
