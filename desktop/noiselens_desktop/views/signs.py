"""The signs of the bands, which differ in shape and not in colour alone, and the line icons of the buttons."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtSvg import QSvgRenderer

from noiselens_core.verdict import Band

RESOURCES = Path(__file__).parent.parent / "resources"

# Strokes on a 24 x 24 grid.
LINES = {
    "open": '<path d="M3.5 18.5v-12a1 1 0 0 1 1-1h4.2l2 2.3h8.8a1 1 0 0 1 1 1v9.7a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>',
    "check": '<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5M8 10.6l1.8 1.8 3.4-3.8"/>',
    "batch": '<path d="M3.5 3.5h7v7h-7zM13.5 3.5h7v7h-7zM3.5 13.5h7v7h-7zM13.5 13.5h7v7h-7z"/>',
    "history": '<path d="M4 12a8 8 0 1 1 2.6 5.9M4 12l-1.4-2.6M4 12l2.7-1.6M12 7.5V12l3 2"/>',
    "training": '<path d="M4 19.5V14M9.3 19.5V10M14.7 19.5V12M20 19.5V5M4 9.5l5.3-4 5.4 2.6L20 3"/>',
    "settings": '<path d="M4 7h9M17.5 7H20M4 17h2.5M11 17h9"/><circle cx="15.2" cy="7" r="2.2"/>'
    '<circle cx="8.8" cy="17" r="2.2"/>',
    "minus": '<path d="M6 12h12"/>',
    "plus": '<path d="M6 12h12M12 6v12"/>',
    "fit": '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>',
    "back": '<path d="M14.5 6l-6 6 6 6"/>',
    "forward": '<path d="M9.5 6l6 6-6 6"/>',
    "up": '<path d="M6 14.5l6-6 6 6"/>',
    "copy": '<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M5.5 15.5h-.5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1'
    'h9.5a1 1 0 0 1 1 1v.5"/>',
    "export": '<path d="M12 14.5V4M8 7.6L12 3.8l4 3.8M5 13.5V19a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-5.5"/>',
    "grid": '<path d="M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16"/>',
    "compare": '<path d="M4 5h6.5v14H4zM13.5 5H20v14h-6.5z"/>',
    "home": '<path d="M4 11.2L12 4.5l8 6.7M6 9.8V19h12V9.8M10 19v-5h4v5"/>',
    "image": '<rect x="3" y="4.5" width="18" height="15" rx="2.5"/><circle cx="8.5" cy="9.8" r="1.6"/>'
    '<path d="M3.5 17l5-4.5 3.5 3 4-4.2 4.7 4.5"/>',
}


def app_icon() -> QIcon:
    """Return the app's own icon."""
    return QIcon(str(RESOURCES / "noiselens.svg"))


def tray_icon() -> QIcon:
    """Return the icon for the tray: one colour where the desktop gives it its own, else the app's.

    A tray of X11 gives it none, and dark lines would not be seen on a dark one.
    """
    if sys.platform == "darwin":
        icon = QIcon(str(RESOURCES / "noiselens-symbolic.svg"))
        icon.setIsMask(True)
        return icon
    return QIcon.fromTheme("noiselens-symbolic", app_icon()) if _bus_has_a_tray() else app_icon()


def _bus_has_a_tray() -> bool:
    """Return whether the desktop takes icons over the session bus, by their names."""
    if sys.platform != "linux":
        return False
    from PySide6.QtDBus import QDBusConnection

    bus = QDBusConnection.sessionBus()
    return bus.isConnected() and bool(bus.interface().isServiceRegistered("org.kde.StatusNotifierWatcher").value())


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="none" '
        f'stroke="{colour}" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{LINES[name]}</g></svg>'
    )
    return QSvgRenderer(QByteArray(svg.encode()))


def line_icon(name: str, colour: str) -> QIcon:
    """Return one of LINES as an icon, sharp at 100 and 200 %."""
    icon = QIcon()
    for ratio in (1, 2):
        pixmap = QPixmap(20 * ratio, 20 * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        _renderer(name, colour).render(painter, QRectF(0, 0, 20, 20))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def paint_line(painter: QPainter, name: str, colour: str, rect: QRectF) -> None:
    """Paint one of LINES into a square."""
    _renderer(name, colour).render(painter, rect)


def paint_sign(painter: QPainter, band: Band | None, colour: QColor, mark: QColor, rect: QRectF) -> None:
    """Paint a band's sign into a square: disc with a tick, diamond with a question, hexagon with a star.

    None, an image that was not judged, is a rounded square with a stroke. colour: of the shape; mark: of what is on it.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour)
    if band is Band.LIKELY_REAL:
        painter.drawEllipse(QPointF(12, 12), 10.4, 10.4)
    elif band is Band.UNCERTAIN:
        painter.drawPolygon(QPolygonF([QPointF(12, 0.9), QPointF(23.1, 12), QPointF(12, 23.1), QPointF(0.9, 12)]))
    elif band is Band.LIKELY_GENERATED:
        corners = ((12, 1), (22, 6.5), (22, 17.5), (12, 23), (2, 17.5), (2, 6.5))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    else:
        painter.drawRoundedRect(QRectF(2, 2, 20, 20), 5, 5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(mark, 2.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(_mark(band))
    painter.restore()


def _mark(band: Band | None) -> QPainterPath:
    path = QPainterPath()
    if band is Band.LIKELY_REAL:
        path.moveTo(7.4, 12.4)
        path.lineTo(10.6, 15.6)
        path.lineTo(16.6, 8.8)
    elif band is Band.UNCERTAIN:
        path.moveTo(9.4, 9.6)
        path.cubicTo(9.4, 5.8, 14.8, 6.0, 14.6, 9.4)
        path.cubicTo(14.5, 11.6, 12, 11.4, 12, 13.8)
        path.moveTo(12, 17.2)
        path.lineTo(12, 17.25)
    elif band is Band.LIKELY_GENERATED:
        for x, y in ((0, 5.6), (4.85, 2.8), (4.85, -2.8)):
            path.moveTo(12 - x, 12 - y)
            path.lineTo(12 + x, 12 + y)
    else:
        path.moveTo(7.5, 12)
        path.lineTo(16.5, 12)
    return path
