"""What the cells of every list share: their ground, the frame under the keyboard, a picture cut to a square."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from .signs import paint_line
from .theme import Theme


def paint_ground(painter: QPainter, option: QStyleOptionViewItem, ground: QRectF, radius: float) -> None:
    """Paint what is behind a cell that is chosen or under the pointer, and the frame of one the keyboard is on."""
    colours, state = Theme.colours, QStyle.StateFlag(option.state)
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if chosen or state & QStyle.StateFlag.State_MouseOver:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.chosen if chosen else colours.hover))
        painter.drawRoundedRect(ground, radius, radius)
    paint_focus(painter, option, ground, radius)


def paint_focus(painter: QPainter, option: QStyleOptionViewItem, ground: QRectF, radius: float) -> None:
    """Paint the frame of a cell the keyboard is on."""
    state = QStyle.StateFlag(option.state)
    if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
        painter.setPen(QPen(QColor(Theme.colours.real), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), radius, radius)


def paint_picture(painter: QPainter, pixmap: QPixmap | None, place: QRectF, radius: float, icon: float) -> None:
    """Paint the middle square of a picture into a square place, or, while there is none, an icon of `icon` px."""
    shape = QPainterPath()
    shape.addRoundedRect(place, radius, radius)
    painter.fillPath(shape, QColor(Theme.colours.track))
    if pixmap is None:
        middle = QRectF(0, 0, icon, icon)
        middle.moveCenter(place.center())
        paint_line(painter, "image", Theme.colours.soft, middle)
        return
    side = min(pixmap.width(), pixmap.height())
    cut = QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
    painter.save()
    painter.setClipPath(shape)
    painter.drawPixmap(place, pixmap, cut)
    painter.restore()
