"""A line of the long table as a picture, painted once and kept while it is in sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap

from noiselens_core.lines import Line

from ..models.table import Column
from .cells import paint_picture
from .signs import paint_sign
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore

PICTURE = 42  # logical px, side of the square a thumbnail is cut to
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
QUIET = (Column.SOURCE, Column.SIZE, Column.AT)
Cells = Sequence[tuple[Column, QRect]]
Text = Callable[[Line, Column], str]


class RowPictures:
    """Pictures of rows.

    Qt repaints the whole table for every line a batch adds. Each cell painted anew would be a dozen calls into Python,
    and each such call waits its turn behind the threads that judge.

    text: what a cell says.
    """

    def __init__(self, thumbnails: ThumbnailStore, text: Text) -> None:
        self._thumbnails, self._text = thumbnails, text
        self._kept: OrderedDict[int, tuple[object, QPixmap]] = OrderedDict()

    def clear(self) -> None:
        """Paint everything anew: the columns, the font or the style are others."""
        self._kept.clear()

    def keep(self, count: int) -> None:
        """Forget all but the `count` rows that were wanted last."""
        while len(self._kept) > count:
            self._kept.popitem(last=False)

    def get(self, line: Line, cells: Cells, size: QSize, ratio: float, font: QFont, *, chosen: bool) -> QPixmap:
        """Return a row of `size` logical px; cells: the columns in sight, each with its place in the row."""
        thumbnail = self._thumbnails.get(line.picture)
        stamp = (line, thumbnail.cacheKey() if thumbnail else 0, chosen, size.width(), ratio, Theme.colours)
        kept, picture = self._kept.get(line.key, (None, None))
        if picture is None or kept != stamp:
            picture = QPixmap(size * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(QColor(Theme.colours.chosen) if chosen else Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setFont(font)
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(0, size.height() - 1, size.width(), 1, QColor(Theme.colours.line))
            for column, place in cells:
                self._paint(painter, line, column, QRectF(place).adjusted(GAP, 0, -GAP, -1), thumbnail)
            painter.end()
            self._kept[line.key] = stamp, picture
        self._kept.move_to_end(line.key)
        return picture

    def _paint(self, painter: QPainter, line: Line, column: Column, place: QRectF, thumbnail: QPixmap | None) -> None:
        if column == Column.PICTURE:
            square = QRectF(place.left(), place.center().y() - PICTURE / 2, PICTURE, PICTURE)
            paint_picture(painter, thumbnail, square, 6, PICTURE - 24)
        elif column == Column.BAND:
            self._paint_band(painter, line, place)
        elif column == Column.PROBABILITY:
            self._paint_probability(painter, line, place)
        else:
            painter.setPen(QColor(Theme.colours.soft if column in QUIET else Theme.colours.ink))
            how = Qt.TextElideMode.ElideMiddle if column == Column.NAME else Qt.TextElideMode.ElideLeft
            text = painter.fontMetrics().elidedText(self._text(line, column), how, int(place.width()))
            painter.drawText(place, RIGHT if column == Column.SIZE else LEFT, text)

    def _paint_band(self, painter: QPainter, line: Line, place: QRectF) -> None:
        colour = Theme.colours.of(line.band)
        sign = QRectF(place.left(), place.center().y() - 8, 16, 16)
        paint_sign(painter, line.band, colour, QColor(Theme.colours.paper), sign)
        painter.setPen(colour)
        words, room = self._text(line, Column.BAND), place.adjusted(24, 0, 0, 0)
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, LEFT, text)

    def _paint_probability(self, painter: QPainter, line: Line, place: QRectF) -> None:
        if line.probability is None:
            return
        painter.setPen(QColor(Theme.colours.ink))
        number = QRectF(place.right() - 58, place.top(), 58, place.height())
        painter.drawText(number, RIGHT, self._text(line, Column.PROBABILITY))
        track = QRectF(place.left(), place.center().y() - 2.5, place.width() - 66, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Theme.colours.track))
        painter.drawRoundedRect(track, 2.5, 2.5)
        painter.setBrush(Theme.colours.of(line.band))
        painter.drawRoundedRect(
            QRectF(track.left(), track.top(), max(5.0, track.width() * line.probability), 5), 2.5, 2.5
        )
