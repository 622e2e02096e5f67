"""Where windows stand, and how large they may be there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from ..settings import Settings

FRAME = QSize(2, 40)  # logical px; what a window manager puts around a window
GRIP = 60  # logical px at the top of the window by which it can be dragged


def room_on(screen: QScreen) -> QSize:
    """Return how large a window may be on a screen."""
    return screen.availableSize() - FRAME


def resize_within_screen(window: QWidget, width: int, height: int, screen: QScreen | None = None) -> None:
    """Give a window that is not open yet a size, or what the screen has of it; None is the screen it would open on."""
    window.resize(QSize(width, height).boundedTo(room_on(screen or window.screen())))


def stand_where_it_stood(window: QWidget, known: Settings) -> None:
    """Take the size the settings name, or what the screen has of it, and their place if a screen is there still."""
    place = QPoint(known.window_x, known.window_y)
    grip = QRect(place, QSize(known.window_width, GRIP)).adjusted(GRIP, 0, -GRIP, 0)
    screens = QGuiApplication.screens() if known.window_placed else []
    screen = next((one for one in screens if one.availableGeometry().intersects(grip)), None)
    resize_within_screen(window, known.window_width, known.window_height, screen)
    if screen is not None:
        window.setGeometry(QRect(place, window.size()))
