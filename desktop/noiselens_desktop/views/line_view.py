"""The long table itself: painted cells, no widget in any of them."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from noiselens_core.lines import Line
from noiselens_core.verdict import Band

from ..models.table import LINE_ROLE, Column, LineTable
from ..models.words import band_words
from .cells import paint_picture
from .signs import paint_sign
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore

ROW = 56  # logical px
PICTURE = 42  # logical px, side of the square a thumbnail is cut to
WIDTHS = {Column.PICTURE: 66, Column.BAND: 158, Column.PROBABILITY: 150, Column.SOURCE: 128, Column.SIZE: 164,
          Column.AT: 142}  # fmt: skip
GIVEN_UP = (Column.SOURCE, Column.AT, Column.SIZE)  # in this order
NARROWEST_NAME = 170  # logical px
Index = QModelIndex | QPersistentModelIndex


class LineDelegate(QStyledItemDelegate):
    """Paints every cell of a line."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of every cell."""
        del option, index
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        line, column = index.data(LINE_ROLE), index.column()
        colours, rect, state = Theme.colours, QRect(option.rect), QStyle.StateFlag(option.state)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.chosen))
        painter.setPen(QColor(colours.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        place = QRectF(rect).adjusted(GAP, 0, -GAP, -1)
        if column == Column.PICTURE:
            square = QRectF(place.left(), place.center().y() - PICTURE / 2, PICTURE, PICTURE)
            paint_picture(painter, self._thumbnails.get(line.picture), square, 6, PICTURE - 24)
        elif column == Column.BAND:
            self._paint_band(painter, line, place, str(index.data()))
        elif column == Column.PROBABILITY:
            self._paint_probability(painter, line, place, str(index.data()))
        else:
            quiet = column in (Column.SOURCE, Column.SIZE, Column.AT)
            painter.setPen(QColor(colours.soft if quiet else colours.ink))
            side = Qt.AlignmentFlag.AlignRight if column == Column.SIZE else Qt.AlignmentFlag.AlignLeft
            how = Qt.TextElideMode.ElideMiddle if column == Column.NAME else Qt.TextElideMode.ElideLeft
            text = painter.fontMetrics().elidedText(str(index.data()), how, int(place.width()))
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(QColor(colours.real), 1.5))
            painter.drawRect(QRectF(rect).adjusted(1, 1, -1, -2))
        painter.restore()

    def _paint_band(self, painter: QPainter, line: Line, place: QRectF, words: str) -> None:
        colour = Theme.colours.of(line.band)
        sign = QRectF(place.left(), place.center().y() - 8, 16, 16)
        paint_sign(painter, line.band, colour, QColor(Theme.colours.paper), sign)
        painter.setPen(colour)
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(place.width() - 24))
        painter.drawText(place.adjusted(24, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_probability(self, painter: QPainter, line: Line, place: QRectF, words: str) -> None:
        if line.probability is None:
            return
        painter.setPen(QColor(Theme.colours.ink))
        number = QRectF(place.right() - 58, place.top(), 58, place.height())
        painter.drawText(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        track = QRectF(place.left(), place.center().y() - 2.5, place.width() - 66, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Theme.colours.track))
        painter.drawRoundedRect(track, 2.5, 2.5)
        painter.setBrush(Theme.colours.of(line.band))
        painter.drawRoundedRect(
            QRectF(track.left(), track.top(), max(5.0, track.width() * line.probability), 5), 2.5, 2.5
        )


class LineView(QTableView):
    """Shows a LineTable.

    deletable: lines can be deleted with the delete key and from the menu, and judged again.

    Signals:
        opened(Line): the user wants to see an image.
        shown_in_folder(Line): the user wants to see the file.
        unwanted(list): keys of lines the user wants deleted. doubted(list): of lines the user wants judged again.
    """

    opened = Signal(object)
    shown_in_folder = Signal(object)
    unwanted = Signal(list)
    doubted = Signal(list)

    def __init__(
        self, model: LineTable, thumbnails: ThumbnailStore, *, deletable: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lines, self._deletable = model, deletable
        self.setModel(model)
        self.setItemDelegate(LineDelegate(thumbnails, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        head.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(Column.PICTURE, QHeaderView.ResizeMode.Fixed)
        widest = max(self.fontMetrics().horizontalAdvance(band_words(band)) for band in (*Band, None))
        for column, width in (WIDTHS | {Column.BAND: max(WIDTHS[Column.BAND], widest + 24 + 3 * GAP)}).items():
            self.setColumnWidth(column, width)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(LINE_ROLE)))
        thumbnails.came.connect(self._show_picture)

    def chosen_lines(self) -> list[Line]:
        """Return the selected lines, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._lines.line(row) for row in rows]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out columns that have no room beside a name that can be read."""
        super().resizeEvent(event)
        room = self.viewport().width() - NARROWEST_NAME
        room -= sum(WIDTHS.values())
        for column in GIVEN_UP:
            self.setColumnHidden(column, room < 0)
            room += WIDTHS[column]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with return, delete with the delete key."""
        current = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.opened.emit(current.data(LINE_ROLE))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._deletable:
            self._delete()
        else:
            super().keyPressEvent(event)

    def _delete(self) -> None:
        keys = [line.key for line in self.chosen_lines()]
        if keys:
            self.unwanted.emit(keys)

    def _show_picture(self, picture: int) -> None:
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        self._lines.picture_came(picture, range(first, (last if last >= 0 else self._lines.rowCount() - 1) + 1))

    def _open_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if not index.isValid():
            return
        line: Line = index.data(LINE_ROLE)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Look at it"), lambda: self.opened.emit(line))
        if line.path is not None:
            menu.addAction(self.tr("Show in folder"), lambda: self.shown_in_folder.emit(line))
        if self._deletable:
            keys = [chosen.key for chosen in self.chosen_lines()]
            menu.addAction(self.tr("Judge again"), lambda: self.doubted.emit(keys))
            menu.addSeparator()
            menu.addAction(self.tr("Delete"), self._delete)
        menu.popup(self.viewport().mapToGlobal(place))
