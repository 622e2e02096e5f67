"""The labelled images as a grid of painted cells: picture, sign of the label, name."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from noiselens_core.labels import Conflict, Kind, LabelledSample
from noiselens_core.text import printable
from noiselens_core.verdict import Band

from ..models.formats import pixels
from ..models.sample_list import SAMPLE_ROLE, ConflictList, SampleFilter, SampleList, kind_words
from .cells import paint_ground, paint_picture
from .signs import paint_sign
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore

CELL = QSize(148, 172)  # logical px
PICTURE = 128  # logical px, side of the square a picture is cut to
PAIR = 128  # logical px, height of a row with two pictures
BANDS: dict[Kind, Band] = {"real": Band.LIKELY_REAL, "generated": Band.LIKELY_GENERATED}
Index = QModelIndex | QPersistentModelIndex


class _Delegate(QStyledItemDelegate):
    """Paints samples."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def begin(self, painter: QPainter, option: QStyleOptionViewItem) -> QRectF:
        """Paint what is behind an item, and return its place."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ground = QRectF(option.rect).adjusted(3, 3, -3, -3)
        paint_ground(painter, option, ground, 9)
        return ground

    def paint_picture(self, painter: QPainter, sample: LabelledSample, place: QRectF) -> None:
        """Paint a sample's picture, with the sign of its label in a corner."""
        pixmap = self._thumbnails.get(sample.id) if sample.path is not None else None
        paint_picture(painter, pixmap, place, 7, 30)
        band = BANDS[sample.label]
        sign = QRectF(place.right() - 27, place.top() + 5, 22, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Theme.colours.card))
        painter.drawEllipse(sign.adjusted(-2, -2, 2, 2))
        paint_sign(painter, band, Theme.colours.of(band), QColor(Theme.colours.card), sign)


class SampleDelegate(_Delegate):
    """Paints one sample of the grid."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of every cell."""
        del option, index
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        sample: LabelledSample = index.data(SAMPLE_ROLE)
        painter.save()
        ground = self.begin(painter, option)
        place = QRectF(ground.center().x() - PICTURE / 2, ground.top() + 7, PICTURE, PICTURE)
        painter.setOpacity(0.6 if sample.copy_of else 1.0)
        self.paint_picture(painter, sample, place)
        painter.setOpacity(1.0)
        painter.setPen(QColor(Theme.colours.ink if sample.path is not None else Theme.colours.soft))
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        words = QRectF(place.left(), place.bottom() + 3, PICTURE, ground.bottom() - place.bottom() - 6)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, PICTURE)
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class PairDelegate(_Delegate):
    """Paints two samples that show the same picture, side by side."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of every row."""
        del index
        return QSize(QRectF(option.rect).toRect().width(), PAIR + 2 * GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one row."""
        pair: Conflict = index.data(SAMPLE_ROLE)
        painter.save()
        ground = self.begin(painter, option)
        half = ground.width() / 2
        for number, sample in enumerate((pair.first, pair.second)):
            left = ground.left() + number * half
            place = QRectF(left + GAP, ground.center().y() - PICTURE / 2 + 6, PICTURE - 12, PICTURE - 12)
            self.paint_picture(painter, sample, place)
            words = QRectF(place.right() + 14, place.top(), half - place.width() - 3 * GAP, place.height())
            painter.setPen(QColor(Theme.colours.ink))
            name = printable(sample.name) or sample.sha256[:12]
            name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(words.width()))
            line = painter.fontMetrics().height() + 3
            top = words.center().y() - 1.5 * line
            painter.drawText(QRectF(words.left(), top, words.width(), line), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(Theme.colours.of(BANDS[sample.label]))
            said = self.tr("You said: {0}").format(kind_words(sample.label).lower())
            painter.drawText(QRectF(words.left(), top + line, words.width(), line), Qt.AlignmentFlag.AlignVCenter, said)
            painter.setPen(QColor(Theme.colours.soft))
            size = pixels(sample.width, sample.height)
            painter.drawText(
                QRectF(words.left(), top + 2 * line, words.width(), line), Qt.AlignmentFlag.AlignVCenter, size
            )
        painter.restore()


class SampleGrid(QListView):
    """Shows a SampleList through its filter.

    Signals:
        relabelled(list, str): digests, and the label the user wants them to have.
        unwanted(list): digests the user wants deleted.
        chosen_changed(int): so many are selected now.
    """

    relabelled = Signal(list, str)
    unwanted = Signal(list)
    chosen_changed = Signal(int)

    def __init__(
        self, model: SampleFilter, source: SampleList, thumbnails: ThumbnailStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(SampleDelegate(thumbnails, self))
        self.setAccessibleName(self.tr("Labelled images"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit(len(self.chosen())))
        model.modelReset.connect(lambda: self.chosen_changed.emit(0))
        thumbnails.came.connect(source.picture_came)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the cells over the whole width."""
        super().resizeEvent(event)
        extent = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)  # Qt leaves it free once more
        width = self.width() - 2 * max(extent, self.verticalScrollBar().sizeHint().width())
        self.setGridSize(QSize(width // max(1, width // CELL.width()), CELL.height()))

    def chosen(self) -> list[str]:
        """Return the digests of what is selected."""
        return [index.data(SAMPLE_ROLE).sha256 for index in self.selectionModel().selectedIndexes()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete with the delete key, relabel with R and G."""
        keys: dict[int, Kind] = {Qt.Key.Key_R: "real", Qt.Key.Key_G: "generated"}
        digests = self.chosen()
        if digests and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.unwanted.emit(digests)
        elif digests and event.key() in keys and not event.modifiers():
            self.relabelled.emit(digests, keys[event.key()])
        else:
            super().keyPressEvent(event)

    def _open_menu(self, place: QPoint) -> None:
        digests = self.chosen()
        if not digests:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("This is real"), lambda: self.relabelled.emit(digests, "real"))
        menu.addAction(self.tr("This is generated"), lambda: self.relabelled.emit(digests, "generated"))
        menu.addSeparator()
        menu.addAction(self.tr("Delete"), lambda: self.unwanted.emit(digests))
        menu.popup(self.viewport().mapToGlobal(place))


class PairView(QListView):
    """Shows a ConflictList."""

    def __init__(self, model: ConflictList, thumbnails: ThumbnailStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(PairDelegate(thumbnails, self))
        self.setAccessibleName(self.tr("Pairs with different labels"))
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        thumbnails.came.connect(lambda _: self.viewport().update())

    def current(self) -> Conflict | None:
        """Return the pair that is chosen."""
        index = self.currentIndex()
        return cast(Conflict, index.data(SAMPLE_ROLE)) if index.isValid() else None
