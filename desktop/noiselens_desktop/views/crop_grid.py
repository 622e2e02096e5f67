"""The places the detector looked at, drawn over the image with each place's own score."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from noiselens_core.verdict import CropScore

from ..models.formats import percent

GROUND, LETTERS, LIGHT = QColor(20, 19, 17, 225), QColor("#ffffff"), QColor(255, 255, 255, 150)  # over any image
ROOM = {2: 66.0, 0: 40.0}  # decimals -> logical px between places from which every score with so many has room


def crop_at(crops: Sequence[CropScore], point: QPointF) -> int | None:
    """Return which place a point of the image lies in; of several, the one whose middle is nearest."""
    inside = [
        number
        for number, crop in enumerate(crops)
        if 0 <= point.x() - crop.left < crop.side and 0 <= point.y() - crop.top < crop.side
    ]

    def distance(number: int) -> float:
        crop = crops[number]
        away = point - QPointF(crop.left + crop.side / 2, crop.top + crop.side / 2)
        return QPointF.dotProduct(away, away)

    return min(inside, key=distance, default=None)


def paint_crops(
    painter: QPainter, crops: Sequence[CropScore], target: QRectF, zoom: float, hovered: int | None, every: bool
) -> None:
    """Paint the places: thin frames, a strong one with its score where the pointer is.

    target: where the image lies. zoom: logical px per image pixel. every: paint the score of each, where there is room.
    """
    frames = [
        QRectF(target.left() + c.left * zoom, target.top() + c.top * zoom, c.side * zoom, c.side * zoom).intersected(
            target
        )
        for c in crops
    ]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for frame in frames:
        for colour, style in ((GROUND, Qt.PenStyle.SolidLine), (LIGHT, Qt.PenStyle.DashLine)):
            painter.setPen(QPen(colour, 1, style))
            painter.drawRect(frame)
    if hovered is not None:
        for colour, width in ((GROUND, 4.0), (LETTERS, 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(frames[hovered])
    room = _room(crops) * zoom
    decimals = next((number for number, wanted in ROOM.items() if room >= wanted), None) if every else None
    for number, (crop, frame) in enumerate(zip(crops, frames, strict=True)):
        if number != hovered and decimals is not None:
            _paint_score(painter, frame.center(), percent(crop.probability, decimals), strong=False)
    if hovered is not None:
        _paint_score(painter, frames[hovered].center(), percent(crops[hovered].probability), strong=True)


def _room(crops: Sequence[CropScore]) -> float:
    """Return the least distance between two columns of places, in image pixels."""
    columns = sorted({crop.left for crop in crops})
    return min((right - left for left, right in pairwise(columns)), default=crops[0].side)


def _paint_score(painter: QPainter, middle: QPointF, text: str, *, strong: bool) -> None:
    font = painter.font()
    font.setPointSizeF(9.5 if strong else 8.5)
    font.setBold(strong)
    painter.setFont(font)
    size = painter.fontMetrics().size(0, text)
    tag = QRectF(0, 0, size.width() + 8, size.height() + 4)
    tag.moveCenter(middle)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(tag, 6, 6)
    painter.setPen(LETTERS)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
