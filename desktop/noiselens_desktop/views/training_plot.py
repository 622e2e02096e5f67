"""The curves of a training, painted by ourselves: what it learns from, and what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ..models.formats import decimal
from ..models.training_job import Point
from .parts import Painted
from .theme import Theme

HEIGHT = 124  # logical px
FAINT = 0.28  # opacity of the curves of earlier fits


class TrainingPlot(Painted):
    """The loss of every fit over its steps; the present one strong, earlier ones faint."""

    def __init__(self) -> None:
        super().__init__(HEIGHT)
        self.setMinimumWidth(260)
        self._fits: list[list[Point]] = []
        self.setAccessibleName(self.tr("Curves of the training"))

    def show_points(self, points: Sequence[Point]) -> None:
        """Show other curves."""
        self._fits = [list(group) for _, group in groupby(points, lambda point: point.fit)]
        if points:
            last = points[-1]
            told = self.tr("Error on what it learns from: {0}").format(self._number(last.loss))
            if last.validation is not None:
                told = self.tr("{0}; on samples held out: {1}").format(told, self._number(last.validation))
            self.setAccessibleDescription(told)
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint axes, curves and what they mean."""
        colours = Theme.colours
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        line = painter.fontMetrics().height()
        place = QRectF(44, 0, self.width() - 56, self.height() - line - 10)
        place.setTop(self._paint_legend(painter, QRectF(place.left(), 0, place.width(), line + 4)) + 6)
        painter.setPen(QColor(colours.soft))
        foot = QRectF(place.left(), place.bottom() + 4, place.width(), line)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, self.tr("steps"))
        values = [v for fit in self._fits for p in fit for v in (p.loss, p.validation) if v is not None]
        if not values:
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("The curves come once it learns."))
            return
        top, bottom = max(values), min(0.0, *values)
        room = (top - bottom) or 1.0
        for share in (0.0, 0.5, 1.0):
            y = place.bottom() - share * place.height()
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(place.left(), y), QPointF(place.right(), y))
            painter.setPen(QColor(colours.soft))
            words = QRectF(0, y - line / 2, place.left() - 6, line)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight, self._number(bottom + share * room))
        longest = max(max(len(fit) for fit in self._fits) - 1, 1)

        def at(point: Point, value: float) -> QPointF:
            x = place.left() + point.step / longest * place.width()
            return QPointF(x, place.bottom() - (value - bottom) / room * place.height())

        for fit in self._fits:
            painter.setOpacity(1.0 if fit is self._fits[-1] else FAINT)
            held = [at(p, p.validation) for p in fit if p.validation is not None]
            self._paint_curve(painter, [at(p, p.loss) for p in fit], QColor(colours.uncertain), Qt.PenStyle.SolidLine)
            self._paint_curve(painter, held, QColor(colours.real), Qt.PenStyle.DashLine)
        painter.setOpacity(1.0)

    def _paint_curve(self, painter: QPainter, points: list[QPointF], colour: QColor, style: Qt.PenStyle) -> None:
        painter.setPen(QPen(colour, 2, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if points:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(points[-1], 3, 3)

    def _paint_legend(self, painter: QPainter, place: QRectF) -> float:
        """Say what the curves are, below one another where there is too little room; return where it ends."""
        x = place.left()
        for text, colour, style in (
            (self.tr("error on what it learns from"), Theme.colours.uncertain, Qt.PenStyle.SolidLine),
            (self.tr("on samples held out"), Theme.colours.real, Qt.PenStyle.DashLine),
        ):
            width = painter.fontMetrics().horizontalAdvance(text)
            if x > place.left() and x + 26 + width > place.right():
                place, x = place.translated(0, place.height()), place.left()
            y = place.center().y()
            painter.setPen(QPen(QColor(colour), 2, style))
            painter.drawLine(QPointF(x, y), QPointF(x + 20, y))
            painter.setPen(QColor(Theme.colours.soft))
            painter.drawText(
                QRectF(x + 26, place.top(), width + 2, place.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += 26 + width + 20
        return place.bottom()

    def _number(self, value: float) -> str:
        return decimal(value, 2)
