"""What the verdict panel paints by itself: a band's sign, the probability on its line, the steps of stability."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from noiselens_core.verdict import Band

from ..models.formats import percent
from .parts import Painted
from .signs import paint_sign
from .theme import Theme


class Sign(Painted):
    """The sign of a band; None is an image that was not judged."""

    def __init__(self, side: int) -> None:
        super().__init__(side)
        self.setFixedWidth(side)
        self._band: Band | None = None

    def show_band(self, band: Band | None) -> None:
        """Show another band's sign."""
        self._band = band
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the sign."""
        colours = Theme.colours
        paint_sign(painter, self._band, colours.of(self._band), QColor(colours.paper), QRectF(self.rect()))


class ProbabilityBar(Painted):
    """The probability on a line from real to generated, with the zone where no side is taken."""

    def __init__(self) -> None:
        super().__init__(48)
        self._probability, self._band = 0.0, Band.UNCERTAIN
        self._zone: tuple[float, float] | None = None

    def show_probability(self, probability: float, band: Band, zone: tuple[float, float] | None) -> None:
        """Show a probability in [0, 1]; zone: where no side is taken, None when that is not known."""
        self._probability, self._band, self._zone = probability, band, zone
        told = self.tr("Probability of generated: {0}").format(percent(probability))
        if zone is not None:
            told = self.tr("{0}; uncertain {1} to {2}").format(told, percent(zone[0]), percent(zone[1]))
        self.setAccessibleName(told)
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint track, zone, marker and what the ends mean."""
        colours, left, length, top, thick = Theme.colours, 8.0, self.width() - 16.0, 13.0, 10.0
        track = QRectF(left, top, length, thick)
        shape = QPainterPath()
        shape.addRoundedRect(track, thick / 2, thick / 2)
        painter.fillPath(shape, QColor(colours.track))
        if self._zone is not None:
            begin, end = self._zone
            painter.save()
            painter.setClipPath(shape)
            for part, band in (
                ((0.0, begin), Band.LIKELY_REAL),
                ((begin, end), Band.UNCERTAIN),
                ((end, 1.0), Band.LIKELY_GENERATED),
            ):
                colour = colours.of(band)
                colour.setAlphaF(0.42 if band is self._band else 0.2)
                place = QRectF(left + part[0] * length, top, (part[1] - part[0]) * length, thick)
                painter.fillRect(place, colour)
                if band is Band.UNCERTAIN:  # hatched: the zone is told by more than its colour
                    painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
                    painter.setPen(QPen(colours.of(band), 1))
                    x = place.left() - thick
                    while x < place.right():
                        painter.drawLine(QPointF(x, top + thick), QPointF(x + thick, top))
                        x += 6
                    painter.setClipPath(shape)
            painter.restore()
        x = left + self._probability * length
        painter.setPen(QPen(QColor(colours.paper), 2))
        painter.setBrush(QColor(colours.ink))
        painter.drawRoundedRect(QRectF(x - 4, top - 6, 8, thick + 12), 4, 4)
        painter.setPen(QColor(colours.soft))
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        words = QRectF(left, top + thick + 7, length, 18)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self.tr("real"))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self.tr("generated"))
        if self._zone is not None:
            middle = left + sum(self._zone) / 2 * length
            middle = min(max(middle, left + 70), left + length - 100)  # keeps clear of the two ends
            painter.drawText(
                QRectF(middle - 50, words.top(), 100, 18),
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                self.tr("uncertain"),
            )


class StabilityBar(Painted):
    """Four steps, filled from the left; see `stability_level`."""

    STEPS = 4

    def __init__(self) -> None:
        super().__init__(8)
        self._level = 0

    def show_level(self, level: int) -> None:
        """Fill so many steps."""
        self._level = level
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the steps."""
        gap = 4.0
        width = (self.width() - gap * (self.STEPS - 1)) / self.STEPS
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(self.STEPS):
            painter.setBrush(QColor(Theme.colours.ink if step < self._level else Theme.colours.track))
            painter.drawRoundedRect(QRectF(step * (width + gap), 0, width, 8), 3, 3)


class Bullet(Painted):
    """The mark before a reason."""

    def __init__(self) -> None:
        super().__init__(18)
        self.setFixedWidth(10)

    def paint(self, painter: QPainter) -> None:
        """Paint a small diamond."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Theme.colours.soft))
        painter.drawPolygon(QPolygonF([QPointF(4, 6), QPointF(7, 9), QPointF(4, 12), QPointF(1, 9)]))
