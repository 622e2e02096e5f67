"""The icon in the tray, where there is one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from .signs import app_icon, tray_icon

SHOWN_MS = 6000
LOOKS, LOOK_EVERY_MS = 30, 1000


class Tray(QObject):
    """Icon, menu and notifications.

    Signals:
        open_wanted(), paste_wanted(), quit_wanted(): chosen in the menu, or the icon was clicked.
    """

    open_wanted = Signal()
    paste_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self.speak()
        self._icon = QSystemTrayIcon(tray_icon(), self)
        self._icon.setToolTip("NoiseLens")
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.open_wanted)
        self._icon.show()

    @staticmethod
    def possible() -> bool:
        """Return whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def speak(self) -> None:
        """Word the menu in the language of now."""
        self.menu.clear()
        self.menu.addAction(self.tr("Open NoiseLens"), self.open_wanted.emit)
        self.menu.addAction(self.tr("Check the image on the clipboard"), self.paste_wanted.emit)
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Quit"), self.quit_wanted.emit)

    def notify(self, text: str) -> None:
        """Show a notification."""
        self._icon.showMessage("NoiseLens", text, app_icon(), SHOWN_MS)

    def close(self) -> None:
        """Take the icon away."""
        self._icon.hide()
        self.menu.deleteLater()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.open_wanted.emit()


class TrayWait(QObject):
    """Looks for a tray that comes later than NoiseLens, as it may when both start with the session.

    Signals:
        came(): there is one now.
        given_up(): there was none all the time.
    """

    came = Signal()
    given_up = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left = LOOKS
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_EVERY_MS)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look(self) -> None:
        self._left -= 1
        if Tray.possible():
            self.stop()
            self.came.emit()
        elif self._left <= 0:
            self.stop()
            self.given_up.emit()
