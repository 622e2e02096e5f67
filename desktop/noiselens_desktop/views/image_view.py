"""The image, at any zoom, under one of its heat maps."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from noiselens_core.verdict import CropScore

from ..models.formats import count, percent
from ..work.pictures import Pictures
from .crop_grid import crop_at, paint_crops
from .legend import paint_legend
from .signs import paint_line
from .theme import Theme

MARGIN = 24  # logical px around a fitted image
STEP = 1.25  # one press of + or one notch of the wheel
LARGEST_ZOOM = 16.0  # screen pixels per image pixel
PAN_STEP = 48  # logical px, one press of an arrow
CUT_PIXELS = 12_000_000  # most that is cut out of the full picture at one painting, so that none takes long
SHARP_FROM = 2.0  # zoom from which single pixels are shown as squares


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """Return decoded pixels (H, W, 3) RGB as a QImage that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )


class ImageView(QWidget):
    """Shows Pictures; zooms with the wheel, + and -, pans by dragging and with the arrows, fits with 0.

    Signals:
        zoomed(float): screen pixels per image pixel have changed; 0 without an image.
        moved(): the user has zoomed, panned or fitted.
    """

    zoomed = Signal(float)
    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Pictures | None = None
        self._pixmaps: dict[int | str, QPixmap] = {}  # of a level or a heat map, made when first painted
        self._fitted = True
        self._zoom = 1.0  # logical px per image pixel; see `zoom` for screen pixels
        self._centre = QPointF()  # the image point in the middle of the view
        self._dragged: QPointF | None = None
        self._overlay, self._opacity = "attention", 0.55
        self._legend = {
            "attention": (self.tr("little attention"), self.tr("much attention")),
            "noise": (self.tr("little noise"), self.tr("much noise")),
        }
        self._crops: Sequence[CropScore] = ()
        self._hovered: int | None = None
        self._inside = self._every_score = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(150, 150)  # two stand side by side on a small screen
        self.setAccessibleName(self.tr("Image"))
        self.show_crops(())

    def sizeHint(self) -> QSize:
        """Return the size the view would like."""
        return QSize(640, 480)

    @property
    def pictures(self) -> Pictures | None:
        """What is shown."""
        return self._pictures

    @property
    def zoom(self) -> float:
        """Screen pixels per image pixel; 0 without an image."""
        return self._zoom * self.devicePixelRatioF() if self._pictures is not None else 0.0

    def show_pictures(self, pictures: Pictures | None) -> None:
        """Show another image, fitted; the same one with overlays added stays where it is."""
        before, self._pictures = self._pictures, pictures
        if before is not None and pictures is not None and before.full is pictures.full:
            self.update()
            return
        self._pixmaps.clear()
        self._fitted = True
        self._refit()

    def set_overlay(self, overlay: str, opacity: float) -> None:
        """Lay "attention", "noise" or "none" over the image; opacity in [0, 1]."""
        self._overlay, self._opacity = overlay, opacity
        self.update()

    def show_crops(self, crops: Sequence[CropScore]) -> None:
        """Take the places the detector looked at; they are drawn while the pointer is on the image."""
        self._crops, self._hovered = crops, None
        told = self.tr("Plus and minus zoom, 0 fits the image, 1 shows single pixels, arrows move it.")
        if crops:
            scores = ", ".join(percent(crop.probability) for crop in crops)
            told += " " + self.tr("Scores of the places looked at, row by row: {0}.").format(scores)
        self.setAccessibleDescription(told)
        self.update()

    def set_grid(self, every: bool) -> None:
        """Draw every place with its score, also without the pointer."""
        self._every_score = every
        self.update()

    def follow(self, other: ImageView) -> None:
        """Show the same part of this image at the same size on the screen as another view does of its own."""
        if self._pictures is None or other._pictures is None:
            return
        self._fitted = other._fitted
        if self._fitted:
            self._refit()
            return
        (width, height), (others, its_height) = self._size(), other._size()
        self._zoom = other._zoom * others / width
        self._centre = QPointF(other._centre.x() / others * width, other._centre.y() / its_height * height)
        self._clamp()
        self.zoomed.emit(self.zoom)

    def step_place(self, by: int) -> None:
        """Point at the next place the detector looked at, or at the one before, as the pointer does."""
        if not self._crops or self._pictures is None:
            return
        first = 0 if by > 0 else len(self._crops) - 1
        self._hovered = first if self._hovered is None else (self._hovered + by) % len(self._crops)
        self._inside = True
        crop = self._crops[self._hovered]
        if not self._fitted:
            self._centre = QPointF(crop.left + crop.side / 2, crop.top + crop.side / 2)
            self._clamp()
            self.moved.emit()
        self._tell_place(crop)
        self.update()

    def _tell_place(self, crop: CropScore) -> None:
        """Let a screen reader say what is pointed at."""
        told = self.tr("Place at {0}, {1}: {2}").format(count(crop.left), count(crop.top), percent(crop.probability))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, told))

    def fit(self) -> None:
        """Show the whole image, never enlarged beyond its own pixels unless only a thumbnail is left."""
        self._fitted = True
        self._refit()
        self.moved.emit()

    def actual_size(self) -> None:
        """Show one image pixel as one screen pixel."""
        self._set_zoom(1 / self.devicePixelRatioF(), self._middle())

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        self._set_zoom(self._zoom * factor, self._middle())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        if event.angleDelta().y():
            self._set_zoom(self._zoom * STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self._pictures is not None:
            self._dragged = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or tell which place the pointer is in."""
        if self._dragged is not None:
            self._pan(self._dragged - event.position())
            self._dragged = event.position()
        self._point_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        del event
        self._dragged = None
        self.unsetCursor()

    def leaveEvent(self, event: QEvent) -> None:
        """Draw no place any more."""
        super().leaveEvent(event)
        self._point_at(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go between the whole image and its single pixels."""
        if self._fitted:
            self._set_zoom(1 / self.devicePixelRatioF(), event.position())
        else:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, fit and pan."""
        moves = {
            Qt.Key.Key_Left: QPointF(-PAN_STEP, 0),
            Qt.Key.Key_Right: QPointF(PAN_STEP, 0),
            Qt.Key.Key_Up: QPointF(0, -PAN_STEP),
            Qt.Key.Key_Down: QPointF(0, PAN_STEP),
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._pan(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.actual_size()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay fitted."""
        super().resizeEvent(event)
        if self._fitted:
            self._refit()
        else:
            self._clamp()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the smallest level that is sharp enough, and the heat map over it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(Theme.colours.canvas))
        if self._pictures is not None:
            target = self._target()
            smooth = self.zoom < SHARP_FROM or not self._pictures.complete
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            self._paint_pixels(painter, target)
            heat = self._pictures.heat.get(self._overlay)
            if heat is not None and self._opacity > 0:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
                painter.setOpacity(self._opacity)
                pixmap = self._pixmap(self._overlay, heat)
                painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))
                painter.setOpacity(1)
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_legend(painter, QRectF(self.rect()), self._legend[self._overlay])
                painter.restore()
            if self._crops and self._pictures.complete and (self._inside or self._every_score):
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_crops(painter, self._crops, target, self._zoom, self._hovered, self._every_score)
                painter.restore()
        else:
            sign = QRectF(self.width() / 2 - 24, self.height() / 2 - 24, 48, 48)
            paint_line(painter, "image", Theme.colours.soft, sign)
        if self.hasFocus():
            painter.setPen(QPen(QColor(Theme.colours.real), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_pixels(self, painter: QPainter, target: QRectF) -> None:
        assert self._pictures is not None
        full, levels = self._pictures.full, self._pictures.levels
        wanted = target.width() * self.devicePixelRatioF()
        number = max((i for i, level in enumerate(levels) if level.shape[1] >= wanted), default=0)
        if wanted > levels[0].shape[1] < full.shape[1]:  # cut what is visible out of the full picture
            seen = target.intersected(QRectF(self.rect()))
            left = max(0, int((seen.left() - target.left()) / self._zoom))
            top = max(0, int((seen.top() - target.top()) / self._zoom))
            right = min(full.shape[1], int((seen.right() - target.left()) / self._zoom) + 2)
            bottom = min(full.shape[0], int((seen.bottom() - target.top()) / self._zoom) + 2)
            if 0 < (right - left) * (bottom - top) <= CUT_PIXELS:
                place = QRectF(
                    target.left() + left * self._zoom,
                    target.top() + top * self._zoom,
                    (right - left) * self._zoom,
                    (bottom - top) * self._zoom,
                )
                cut = to_image(full[top:bottom, left:right])
                painter.drawImage(place, cut, QRectF(cut.rect()))
                return
        pixmap = self._pixmap(number, levels[number])
        painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))

    def _pixmap(self, key: int | str, pixels: NDArray[np.uint8]) -> QPixmap:
        if key not in self._pixmaps:
            self._pixmaps[key] = QPixmap.fromImage(to_image(pixels))
        return self._pixmaps[key]

    def _point_at(self, place: QPointF | None) -> None:
        """Take where the pointer is, None when it has left."""
        point = (place - self._target().topLeft()) / self._zoom if place is not None else None
        width, height = self._size()
        inside = point is not None and 0 <= point.x() < width and 0 <= point.y() < height
        hovered = crop_at(self._crops, point) if point is not None and inside else None
        if (inside, hovered) != (self._inside, self._hovered):
            self._inside, self._hovered = inside, hovered
            self.update()

    def _size(self) -> tuple[int, int]:
        """Width and height of the image in its own pixels."""
        if self._pictures is None:
            return 1, 1
        height, width = self._pictures.full.shape[:2]
        return width, height

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _target(self) -> QRectF:
        """Where the image lies in the view."""
        width, height = self._size()
        origin = self._middle() - self._centre * self._zoom
        return QRectF(origin.x(), origin.y(), width * self._zoom, height * self._zoom)

    def _fit_zoom(self) -> float:
        width, height = self._size()
        room = max(1, self.width() - 2 * MARGIN) / width, max(1, self.height() - 2 * MARGIN) / height
        most = 1.0 if self._pictures is None or self._pictures.complete else 2.0
        return min(*room, max(most, 1 / self.devicePixelRatioF()))

    def _refit(self) -> None:
        width, height = self._size()
        self._centre = QPointF(width / 2, height / 2)
        self._zoom = self._fit_zoom()
        self.zoomed.emit(self.zoom)
        self.update()

    def _set_zoom(self, zoom: float, about: QPointF) -> None:
        if self._pictures is None:
            return
        zoom = min(max(zoom, min(self._fit_zoom(), 1.0)), LARGEST_ZOOM / self.devicePixelRatioF())
        point = self._centre + (about - self._middle()) / self._zoom  # stays under the pointer
        self._fitted = abs(zoom - self._fit_zoom()) < 1e-9
        self._zoom = zoom
        self._centre = point - (about - self._middle()) / zoom
        self._pan(QPointF())
        self.zoomed.emit(self.zoom)

    def _pan(self, by: QPointF) -> None:
        self._centre += by / self._zoom
        self._clamp()
        self.moved.emit()

    def _clamp(self) -> None:
        """Never look past the edges of the image; an axis on which all is seen stays centred."""
        places = []
        for value, length, room in zip(
            (self._centre.x(), self._centre.y()), self._size(), (self.width(), self.height()), strict=True
        ):
            half = room / 2 / self._zoom
            places.append(length / 2 if 2 * half >= length else min(max(value, half), length - half))
        self._centre = QPointF(*places)
        self.update()
