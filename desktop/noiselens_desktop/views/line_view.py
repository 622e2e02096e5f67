"""The long table itself: painted rows, no widget in any of them."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from noiselens_core.lines import Line
from noiselens_core.verdict import Band

from ..models.table import LINE_ROLE, Column, LineTable
from ..models.words import band_words
from .line_row import RowPictures
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore

ROW = 56  # logical px
WIDTHS = {Column.PICTURE: 66, Column.BAND: 158, Column.PROBABILITY: 150, Column.SOURCE: 128, Column.SIZE: 164,
          Column.AT: 142}  # fmt: skip
GIVEN_UP = (Column.SOURCE, Column.AT, Column.SIZE)  # in this order
NARROWEST_NAME = 170  # logical px
NARROWEST, WIDEST = 40, 800  # logical px of a column that was kept


class LineView(QTableView):
    """Shows a LineTable.

    deletable: lines can be deleted with the delete key and from the menus, and judged again.

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
        self._lines, self.deletable = model, deletable
        self.setModel(model)
        self._pictures = RowPictures(thumbnails, model.text)
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
        self._widths = WIDTHS | {Column.BAND: max(WIDTHS[Column.BAND], widest + 24 + 3 * GAP)}
        for column, width in self._widths.items():
            self.setColumnWidth(column, width)
        head.sectionResized.connect(self._take_width)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        head.sectionResized.connect(self._pictures.clear)
        self.horizontalScrollBar().valueChanged.connect(self._pictures.clear)
        self.setSortingEnabled(True)
        head.sortIndicatorChanged.connect(self._show_first)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(LINE_ROLE)))
        thumbnails.came.connect(self._show_picture)

    def chosen_lines(self) -> list[Line]:
        """Return the selected lines, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._lines.line(row) for row in rows]

    @property
    def arrangement(self) -> str:
        """The columns' widths in logical px, and the order: "band:158 size:164 up:name"."""
        head = self.horizontalHeader()
        parts = [f"{column.name.lower()}:{width}" for column, width in self._widths.items()]
        if head.sortIndicatorSection() >= 0:
            down = head.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            parts.append(f"{'down' if down else 'up'}:{Column(head.sortIndicatorSection()).name.lower()}")
        return " ".join(parts)

    def arrange(self, arrangement: str) -> None:
        """Take columns and order as `arrangement` gave them; what does not fit is passed over."""
        columns = {column.name.lower(): column for column in Column}
        for part in arrangement.split():
            word, _, value = part.partition(":")
            if word in ("up", "down") and value in columns:
                order = Qt.SortOrder.DescendingOrder if word == "down" else Qt.SortOrder.AscendingOrder
                self.sortByColumn(columns[value], order)
            elif columns.get(word) in self._widths and value.isdecimal() and NARROWEST <= int(value) <= WIDEST:
                self.setColumnWidth(columns[word], int(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight from their pictures."""
        rows = self._rows_within(event.rect())
        columns = [column for column in Column if not self.isColumnHidden(column)]
        cells = [(col, QRect(self.columnViewportPosition(col), 0, self.columnWidth(col), ROW)) for col in columns]
        size, ratio, chosen = QSize(self.viewport().width(), ROW), self.devicePixelRatioF(), self.selectionModel()
        painter = QPainter(self.viewport())
        for row in rows:
            picture = self._pictures.get(
                self._lines.line(row), cells, size, ratio, self.font(), chosen=chosen.isRowSelected(row)
            )
            painter.drawPixmap(0, self.rowViewportPosition(row), picture)
        self._pictures.keep(2 * len(self._rows_within(self.viewport().rect())))
        current = self.currentIndex()
        by_keyboard = self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        if by_keyboard and self.hasFocus() and current.isValid():
            painter.setPen(QPen(QColor(Theme.colours.real), 1.5))
            painter.drawRect(QRectF(self.visualRect(current)).adjusted(1, 1, -1, -2))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Paint with another font or style."""
        super().changeEvent(event)
        self._pictures.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out columns that have no room beside a name that can be read."""
        super().resizeEvent(event)
        room = self.viewport().width() - NARROWEST_NAME
        widths = dict(self._widths)  # hiding a column resizes the one of the names
        room -= sum(widths.values())
        for column in GIVEN_UP:
            self.setColumnHidden(column, room < 0)
            room += widths[column]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with return, delete with the delete key."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.look()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete()
        else:
            super().keyPressEvent(event)

    def current_line(self) -> Line | None:
        """Return the line the keyboard is on."""
        index = self.currentIndex()
        return cast(Line, index.data(LINE_ROLE)) if index.isValid() else None

    def look(self) -> None:
        """Ask for the current line's image."""
        if (line := self.current_line()) is not None:
            self.opened.emit(line)

    def show_in_folder(self) -> None:
        """Ask for the current line's file."""
        if (line := self.current_line()) is not None and line.path is not None:
            self.shown_in_folder.emit(line)

    def judge_again(self) -> None:
        """Ask for new verdicts on the selected lines."""
        if keys := self._chosen_keys():
            self.doubted.emit(keys)

    def delete(self) -> None:
        """Ask for the end of the selected lines."""
        if keys := self._chosen_keys():
            self.unwanted.emit(keys)

    def _chosen_keys(self) -> list[int]:
        return [line.key for line in self.chosen_lines()] if self.deletable else []

    def _show_first(self) -> None:
        """Show, in another order, what is selected, or else the first rows."""
        if self.selectionModel().isSelected(self.currentIndex()):
            self.scrollTo(self.currentIndex())
        else:
            self.scrollToTop()

    def _take_width(self, column: int, _: int, width: int) -> None:
        if width and column in self._widths:  # a column that is hidden has none
            self._widths[Column(column)] = width

    def _show_picture(self, picture: int) -> None:
        self._lines.picture_came(picture, self._rows_within(self.viewport().rect()))

    def _rows_within(self, part: QRect) -> range:
        """Return the rows that show in a part of the viewport."""
        first, last = self.rowAt(part.top()), self.rowAt(part.bottom())
        return range(max(0, first), (last if last >= 0 else self._lines.rowCount() - 1) + 1)

    def _open_menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if not index.isValid():
            return
        line: Line = index.data(LINE_ROLE)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Look at it"), self.look)
        if line.path is not None:
            menu.addAction(self.tr("Show in folder"), self.show_in_folder)
        if self.deletable:
            menu.addAction(self.tr("Judge again"), self.judge_again)
            menu.addSeparator()
            menu.addAction(self.tr("Delete"), self.delete)
        menu.popup(self.viewport().mapToGlobal(place))
