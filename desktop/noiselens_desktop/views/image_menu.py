"""The menu Image: everything that can be done on the Check page with the image shown, each with its shortcut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from .image_view import STEP, ImageView
from .item_actions import ItemActions
from .tools import ToolBar

OPACITY_STEP = 10  # percent, one press


class ImageMenu(QMenu):
    """The menu; its shortcuts work only while the Check page is open.

    view: returns the view that zooms now. move: shows an item so many rows further down the list.
    """

    def __init__(
        self,
        tools: ToolBar,
        doing: ItemActions,
        view: Callable[[], ImageView],
        move: Callable[[int], None],
        page: QWidget,
    ) -> None:
        super().__init__(page)
        self.setTitle(self.tr("&Image"))
        self._group = QActionGroup(self)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        keys = QKeySequence.StandardKey
        self._add(self.tr("Next image"), "Ctrl+Down", lambda: move(1))
        self._add(self.tr("Previous image"), "Ctrl+Up", lambda: move(-1))
        self.addSeparator()
        self._add(self.tr("Zoom in"), keys.ZoomIn, lambda: view().zoom_by(STEP))
        self._add(self.tr("Zoom out"), keys.ZoomOut, lambda: view().zoom_by(1 / STEP))
        self._add(self.tr("Fit the whole image"), "Ctrl+0", lambda: view().fit())
        self._add(self.tr("Show single pixels"), "Ctrl+Alt+0", lambda: view().actual_size())
        self.addSeparator()
        for number, (name, button) in enumerate(tools.segments.items(), 1):
            text = self.tr("Overlay: {0}").format(button.text())
            self._add(text, f"Alt+{number}", partial(tools.choose_overlay, name))
        self._add(self.tr("Stronger overlay"), "Alt+Up", lambda: tools.change_opacity(OPACITY_STEP))
        self._add(self.tr("Weaker overlay"), "Alt+Down", lambda: tools.change_opacity(-OPACITY_STEP))
        self._add_toggle(self.tr("Scores of all places"), "Ctrl+L", tools.grid)
        self._add(self.tr("Next place looked at"), "Alt+Right", lambda: view().step_place(1))
        self._add(self.tr("Previous place looked at"), "Alt+Left", lambda: view().step_place(-1))
        self._add_toggle(self.tr("Compare with another image"), "Ctrl+D", tools.compare)
        self.addSeparator()
        for name, action in doing.actions.items():
            if name == "copy":
                self.addSeparator()
            self._group.addAction(action)
            self.addAction(action)

    def set_live(self, live: bool) -> None:
        """Let the shortcuts work, or not while another page is open."""
        self._group.setEnabled(live)

    def _add(self, text: str, keys: QKeySequence.StandardKey | str, call: Callable[[], object]) -> QAction:
        action = QAction(text, self._group)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False: call())
        self.addAction(action)
        return action

    def _add_toggle(self, text: str, keys: str, button: QToolButton) -> None:
        """Add an entry that is checked when a button is."""
        action = self._add(text, keys, button.click)
        action.setCheckable(True)
        action.setChecked(button.isChecked())
        button.toggled.connect(action.setChecked)
