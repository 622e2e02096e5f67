"""What lies over the page while something that can be dropped hovers over the window."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtCore import QMimeData, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from .drop_area import from_files, local_paths, paint_dashes
from .signs import paint_line
from .theme import GAP, RADIUS, Theme

GROUND = 225  # of 255: what is under it still shines through
MARK = 48  # logical px


class DropVeil(QWidget):
    """Says what a drop will do; the pointer goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = ""
        self.hide()

    def show_over(self, place: QRect, mime: QMimeData, page: str) -> None:
        """Cover a part of the parent; mime is what hovers, over the page of this name."""
        self.words = self._what_it_does(mime, page)
        self.setGeometry(place)
        self.show()
        self.raise_()

    def _what_it_does(self, mime: QMimeData, page: str) -> str:
        paths = local_paths(mime)
        if paths and page == "training":
            return self.tr("Drop to keep as samples")
        if from_files(paths).folders:
            return self.tr("Drop to check the whole folder")
        return self.tr("Drop to check")

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
        font = painter.font()
        font.setPointSizeF(16)
        font.setBold(True)
        painter.setFont(font)
        line = painter.fontMetrics().size(0, self.words)
        card = QRectF(0, 0, line.width() + 8 * GAP, MARK + line.height() + 7 * GAP)
        card.moveCenter(place.center())
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.setBrush(QColor(colours.card))
        painter.drawRoundedRect(card, RADIUS, RADIUS)
        mark = QRectF(card.center().x() - MARK / 2, card.top() + 2 * GAP, MARK, MARK)
        paint_line(painter, "image", colours.real, mark)
        painter.setPen(QColor(colours.ink))
        words = card.adjusted(0, 0, 0, -3 * GAP)
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self.words)
