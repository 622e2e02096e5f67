"""A part of the screen, chosen over a still picture of it."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

SETTLE_MS = 350  # until our own window has left the screen, on desktops that fade it out
SMALLEST = 16  # logical px of a side; less is a slip of the hand
KEY_STEP = 16  # logical px, one press of an arrow
DIM, FRAME, WORDS = QColor(0, 0, 0, 130), QColor("#ffffff"), QColor(20, 19, 17, 230)
CAN_GRAB = ("xcb", "windows")


def capture_refusal() -> str:
    """Return why the screen cannot be read here, in a sentence that says what to do; "" when it can."""
    wayland = os.environ.get("XDG_SESSION_TYPE") == "wayland"  # also behind X11, which then shows black
    if QGuiApplication.platformName() in CAN_GRAB and not wayland:
        return ""
    return QCoreApplication.translate(
        "Capture",
        "This desktop lets no app read the screen. Copy a part of it with the system's own tool, then paste it.",
    )


class RegionPicker(QWidget):
    """Covers a screen with its own picture and lets a part be chosen with mouse or keyboard.

    picture: of the whole screen.

    Signals:
        picked(QImage): the chosen part, in screen pixels.
        cancelled(): nothing is wanted.
    """

    picked = Signal(QImage)
    cancelled = Signal()

    def __init__(self, picture: QPixmap) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self._picture, self._from = picture, QPoint()
        self.region = QRect()
        self._help = self.tr("Drag over the part to check. Enter takes it, or all of the screen. Escape cancels.")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Part of the screen"))
        self.setAccessibleDescription(f"{self._help} {self.tr('Arrows move it, with Shift they change its size.')}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position().toPoint()
            self._choose(QRect())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose up to here."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            to = event.position().toPoint()
            left, top = min(self._from.x(), to.x()), min(self._from.y(), to.y())
            self._choose(QRect(left, top, abs(self._from.x() - to.x()), abs(self._from.y() - to.y())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take what was dragged over."""
        if event.button() == Qt.MouseButton.LeftButton and min(self.region.width(), self.region.height()) >= SMALLEST:
            self._take(self.region)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take, cancel, move or resize."""
        steps = {
            Qt.Key.Key_Left: QPoint(-KEY_STEP, 0),
            Qt.Key.Key_Right: QPoint(KEY_STEP, 0),
            Qt.Key.Key_Up: QPoint(0, -KEY_STEP),
            Qt.Key.Key_Down: QPoint(0, KEY_STEP),
        }
        key = Qt.Key(event.key())
        if key in steps:
            middle = QRect(self.width() // 4, self.height() // 4, self.width() // 2, self.height() // 2)
            region = QRect(self.region if not self.region.isEmpty() else middle)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                region.setBottomRight(region.bottomRight() + steps[key])
            else:
                region.translate(steps[key])
            if min(region.width(), region.height()) >= SMALLEST and self.rect().contains(region):
                self._choose(region)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.region if not self.region.isEmpty() else self.rect())
        elif key == Qt.Key.Key_Escape:
            self.close()
            self.cancelled.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the screen, dark but for what is chosen."""
        del event
        painter = QPainter(self)
        painter.drawPixmap(self.rect(), self._picture)
        painter.fillRect(self.rect(), DIM)
        if not self.region.isEmpty():
            painter.drawPixmap(QRectF(self.region), self._picture, QRectF(self._in_pixels(self.region)))
            painter.setPen(QPen(FRAME, 1.5))
            painter.drawRect(self.region)
        size = painter.fontMetrics().size(0, self._help)
        box = QRectF(0, 0, size.width() + 36, size.height() + 20)
        box.moveCenter(QRectF(self.rect()).center())
        box.moveTop(32)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(WORDS)
        painter.drawRoundedRect(box, 10, 10)
        painter.setPen(FRAME)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._help)

    def _choose(self, region: QRect) -> None:
        self.region = region.intersected(self.rect())
        self.update()

    def _take(self, region: QRect) -> None:
        part = self._picture.copy(self._in_pixels(region)).toImage()
        part.setDevicePixelRatio(1)
        self.close()
        self.picked.emit(part)

    def _in_pixels(self, region: QRect) -> QRect:
        """Return a part of the window as a part of the picture, which may hold more pixels."""
        across, down = self._picture.width() / self.width(), self._picture.height() / self.height()
        return QRect(
            round(region.x() * across),
            round(region.y() * down),
            round(region.width() * across),
            round(region.height() * down),
        )


class Capture(QObject):
    """Hides a window, lets a part of its screen be chosen, and shows the window again.

    Signals:
        taken(QImage): the part.
        failed(str): a sentence.
    """

    taken = Signal(QImage)
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._part = parent
        self.picker: RegionPicker | None = None

    def start(self) -> None:
        """Begin; the answer is a signal, or none when the user cancels."""
        if sentence := capture_refusal():
            self.failed.emit(sentence)
        elif self.picker is None:
            self._part.window().hide()
            QTimer.singleShot(SETTLE_MS, self._show_picker)

    def _show_picker(self) -> None:
        screen = self._part.window().screen()
        picture = screen.grabWindow(0)
        if picture.isNull():
            self._end()
            self.failed.emit(
                self.tr("The screen could not be read. Copy a part of it with the system's own tool, then paste it.")
            )
            return
        self.picker = RegionPicker(picture)
        self.picker.picked.connect(self._take)
        self.picker.cancelled.connect(self._end)
        self.picker.setGeometry(screen.geometry())
        self.picker.showFullScreen()
        self.picker.activateWindow()
        self.picker.setFocus()

    def _take(self, part: QImage) -> None:
        self._end()
        self.taken.emit(part)

    def _end(self) -> None:
        self.picker = None
        self._part.window().show()
        self._part.window().activateWindow()
