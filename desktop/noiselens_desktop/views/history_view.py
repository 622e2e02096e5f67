"""The list of everything judged, with its search box."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from noiselens_core.thumbnails import thumbnail_pixels

from ..models.formats import count, short_moment
from ..models.history import ITEM_ROLE, HistoryFilter, HistoryModel, Item, State
from ..models.session import HISTORY_LIMIT
from ..models.words import short_band_words
from .cells import paint_ground, paint_picture
from .image_view import to_image
from .parts import label
from .signs import line_icon, paint_sign
from .theme import GAP, Theme

ROW = 68  # logical px
PICTURE = 48  # logical px, side of the square a thumbnail is cut to
KEPT_THUMBNAILS = 300  # decoded, about 260 kB each


class HistoryDelegate(QStyledItemDelegate):
    """Paints a row: thumbnail, name, sign and words of the band, when."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails: OrderedDict[int, QPixmap] = OrderedDict()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of every row."""
        del option, index
        return QSize(200, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        item: Item = index.data(ITEM_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ground = QRectF(option.rect).adjusted(GAP, 2, -GAP, -2)
        paint_ground(painter, option, ground, 8)
        picture = QRectF(ground.left() + GAP, ground.center().y() - PICTURE / 2, PICTURE, PICTURE)
        paint_picture(painter, self._thumbnail(item), picture, 7, PICTURE - 28)
        left = picture.right() + 12
        room = ground.right() - GAP - left
        self._paint_words(painter, item, QRectF(left, picture.top() + 5, room, PICTURE - 10))
        painter.restore()

    def _paint_words(self, painter: QPainter, item: Item, place: QRectF) -> None:
        colours, metrics = Theme.colours, painter.fontMetrics()
        painter.setPen(QColor(colours.ink))
        name = metrics.elidedText(item.name, Qt.TextElideMode.ElideMiddle, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        line = QRectF(place.left(), place.bottom() - metrics.height(), place.width(), metrics.height())
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(colours.soft))
        when, words = short_moment(item.at), item.words
        aside = metrics.horizontalAdvance(when) + 6
        if 19 + metrics.horizontalAdvance(words) + aside <= line.width():  # the verdict comes first
            painter.drawText(line, flags | Qt.AlignmentFlag.AlignRight, when)
            line.setRight(line.right() - aside)
        if item.state is not State.WAITING:
            band = item.verdict.band if item.verdict else None
            sign = QRectF(line.left(), line.center().y() - 6.5, 13, 13)
            paint_sign(painter, band, colours.of(band), QColor(colours.side), sign)
            line.setLeft(line.left() + 19)
            painter.setPen(colours.of(band))
            if metrics.horizontalAdvance(words) > line.width():
                words = short_band_words(band)
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, flags | Qt.AlignmentFlag.AlignLeft, words)

    def _thumbnail(self, item: Item) -> QPixmap | None:
        entry = item.entry
        if entry is None or entry.thumbnail is None:
            return None
        key = hash((entry.id, entry.verdict.sha256))
        pixmap = self._thumbnails.get(key)
        if pixmap is None:
            pixels = thumbnail_pixels(entry.thumbnail)
            if pixels is None:
                return None
            pixmap = self._thumbnails[key] = QPixmap.fromImage(to_image(pixels))
            if len(self._thumbnails) > KEPT_THUMBNAILS:
                self._thumbnails.popitem(last=False)
        self._thumbnails.move_to_end(key)
        return pixmap


class HistoryList(QListView):
    """The list itself.

    Signals:
        unwanted(QModelIndex): the user wants an item deleted; an index of this list's model.
    """

    unwanted = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete with the delete key."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.currentIndex().isValid():
            self.unwanted.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class HistoryView(QWidget):
    """Search box and list.

    Signals:
        chosen(object): the Item now shown, or None.
        doubted(): the user wants the item now shown judged again, or another try at it.
        unwanted(int): the user wants the item in this row of the model deleted.
        whole_wanted(str): the user wants the whole history searched for this.
    """

    chosen = Signal(object)
    doubted = Signal()
    unwanted = Signal(int)
    whole_wanted = Signal(str)

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.filter = HistoryFilter(self)
        self.filter.setSourceModel(model)

        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search the history"))
        self.search.setAccessibleName(self.tr("Search the history"))
        self.search.setClearButtonEnabled(True)
        self._glass = self.search.addAction(
            line_icon("search", Theme.colours.soft), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self._search)

        self.list = HistoryList()
        self.list.setAccessibleName(self.tr("History"))
        self.list.setModel(self.filter)
        self.list.setItemDelegate(HistoryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.unwanted.connect(lambda index: self.unwanted.emit(self.filter.mapToSource(index).row()))
        self.list.selectionModel().currentChanged.connect(lambda *_: self.chosen.emit(self.current()))
        model.dataChanged.connect(self._renew)

        self.empty = label("", "soft", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.whole = QPushButton(self.tr("Search everything"))
        self.whole.clicked.connect(lambda: self.whole_wanted.emit(self.search.text()))
        self._nothing = QWidget()
        nothing = QVBoxLayout(self._nothing)
        nothing.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 0)
        nothing.setSpacing(GAP)
        nothing.addWidget(self.empty)
        nothing.addWidget(self.whole, 0, Qt.AlignmentFlag.AlignHCenter)
        nothing.addStretch(1)
        for signal in (self.filter.rowsInserted, self.filter.rowsRemoved, self.filter.modelReset):
            signal.connect(self._show_whether_empty)

        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP)
        box = QVBoxLayout()
        box.setContentsMargins(2 * GAP, 0, 2 * GAP, 0)
        box.addWidget(self.search)
        rows.addLayout(box)
        rows.addWidget(self._nothing)
        rows.addWidget(self.list, 1)
        self._show_whether_empty()

    def current(self) -> Item | None:
        """Return the item that is shown."""
        index = self.list.currentIndex()
        item = index.data(ITEM_ROLE) if index.isValid() else None
        return item if isinstance(item, Item) else None

    def choose(self, row: int) -> None:
        """Show the item in a row of the model; a search that hides it is cleared."""
        index = self.filter.mapFromSource(self._model.index(row))
        if not index.isValid():
            self.search.clear()
            index = self.filter.mapFromSource(self._model.index(row))
        self.list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.list.scrollTo(index)

    def step(self, rows: int) -> None:
        """Show the item so many rows further down the list, as far as there is one."""
        row = min(max(self.list.currentIndex().row() + rows, 0), self.filter.rowCount() - 1)
        self.list.selectionModel().setCurrentIndex(
            self.filter.index(row, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self._glass.setIcon(line_icon("search", Theme.colours.soft))
        self.list.viewport().update()

    def _search(self, text: str) -> None:
        self.filter.search(text)
        self._show_whether_empty()

    def _renew(self, first: QModelIndex, last: QModelIndex) -> None:
        current = self.filter.mapToSource(self.list.currentIndex())
        if current.isValid() and first.row() <= current.row() <= last.row():
            self.chosen.emit(self.current())

    def _show_whether_empty(self) -> None:
        nothing = self.filter.rowCount() == 0
        self._nothing.setVisible(nothing)
        self.list.setVisible(not nothing)
        searched, more = bool(self.search.text().strip()), self._model.rowCount() >= HISTORY_LIMIT
        self.whole.setVisible(nothing and searched and more)
        if not searched:
            self.empty.setText(self.tr("What you check is listed here."))
        elif more:
            self.empty.setText(self.tr("Not among the newest {0}.").format(count(HISTORY_LIMIT)))
        else:
            self.empty.setText(self.tr("Nothing in the history fits."))

    def _open_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = QPersistentModelIndex(index)
        item = self.current()  # the press that opens the menu chose its row
        if item is not None and item.state is not State.WAITING:
            menu.addAction(self.tr("Judge again") if item.verdict else self.tr("Try again"), self.doubted.emit)
        menu.addAction(
            self.tr("Delete"),
            lambda: self.list.unwanted.emit(self.filter.index(row.row(), 0)) if row.isValid() else None,
        )
        menu.popup(self.list.viewport().mapToGlobal(place))
