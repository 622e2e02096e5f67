"""What the colours of a heat map mean, in a corner of the image."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from .crop_grid import GROUND, LETTERS
from .theme import GAP

SCALE = 72.0  # logical px
LEGEND = 32  # logical px at the foot of a view that the legend may need
STOPS = 9  # of the gradient; the colours between are close to a line


def paint_legend(painter: QPainter, view: QRectF, ends: tuple[str, str]) -> None:
    """Paint the scale of colours between two words into the lower left corner of a view that has room for it."""
    font = painter.font()
    font.setPointSizeF(8.5)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    low, high = (float(metrics.horizontalAdvance(word)) for word in ends)
    tag = QRectF(0, 0, low + SCALE + high + 4 * GAP, metrics.height() + 6)
    if tag.width() + 2 * GAP > view.width():
        return
    tag.moveBottomLeft(view.bottomLeft() + QPointF(GAP, -GAP))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(tag, 6, 6)
    scale = QRectF(tag.left() + low + 2 * GAP, tag.center().y() - 3, SCALE, 6)
    gradient = QLinearGradient(scale.topLeft(), scale.topRight())
    for place, colour in _colours():
        gradient.setColorAt(place, colour)
    painter.setBrush(gradient)
    painter.drawRoundedRect(scale, 3, 3)
    painter.setPen(LETTERS)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(tag.adjusted(GAP, 0, 0, 0), middle | Qt.AlignmentFlag.AlignLeft, ends[0])
    painter.drawText(tag.adjusted(0, 0, -GAP, 0), middle | Qt.AlignmentFlag.AlignRight, ends[1])


@cache
def _colours() -> list[tuple[float, QColor]]:
    """Return places from 0 to 1 with the heat map's own colours there."""
    from noiselens_core.overlay import heat_map

    row = heat_map(np.linspace(0, 1, STOPS, dtype=np.float32)[np.newaxis], STOPS, 1)[0]
    return [(number / (STOPS - 1), QColor(*map(int, colour))) for number, colour in enumerate(row)]
