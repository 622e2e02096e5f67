"""A menu whose entries press the buttons of a page, so that what can be done stands in both places and works alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QPushButton, QWidget


class ButtonMenu(QMenu):
    """The menu; an entry can be chosen while its button could be pressed on the page.

    buttons: each with its shortcut, "" for none; one that opens a menu becomes a menu here too. changed: tell that
    the buttons may be others now.
    """

    def __init__(
        self,
        title: str,
        page: QWidget,
        buttons: Mapping[QPushButton, str],
        changed: Iterable[SignalInstance],
        parent: QWidget,
    ) -> None:
        super().__init__(title, parent)
        self._page = page
        self.entries: dict[QPushButton, QAction] = {}
        for button, keys in buttons.items():
            action = self.entries[button] = self.addMenu(button.menu()) if button.menu() else self.addAction("")
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _=False, button=button: button.click())
        for signal in (self.aboutToShow, *changed):
            signal.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        for button, action in self.entries.items():
            action.setText(button.text().strip())
            action.setEnabled(button.isEnabled() and button.isVisibleTo(self._page))
