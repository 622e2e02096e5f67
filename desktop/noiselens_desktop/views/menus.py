"""The menu bar: everything the window can do, each with its shortcut."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from .button_menu import ButtonMenu
from .table_menu import TableMenu

if TYPE_CHECKING:
    from .batch_page import BatchPage
    from .history_page import HistoryPage
    from .main_window import MainWindow

Keys = QKeySequence.StandardKey | str | None
Entry = tuple[str, Keys, Callable[[], object]] | None  # text, shortcut, call; None is a line


class Menus(QObject):
    """Fills a window's menu bar.

    work: tell that a batch, that a training, and that the samples are others now.

    Attributes:
        actions: text of an entry -> its action.
        table, batch, training: menus of their own.
    """

    def __init__(self, window: MainWindow, *work: SignalInstance) -> None:
        super().__init__(window)
        self._window = window
        self.actions: dict[str, QAction] = {}
        self._themes: dict[str, QAction] = {}
        self._tables: dict[str, BatchPage | HistoryPage] = {"batch": window.batch, "history": window.history}
        keys, check = QKeySequence.StandardKey, window.check
        self._fill(
            self.tr("&File"),
            (self.tr("Open images…"), keys.Open, check.ask_for_files),
            (self.tr("Check a folder…"), "Ctrl+Shift+O", window.ask_for_folder),
            (self.tr("Paste an image"), keys.Paste, self._on_page("check", check.paste)),
            (self.tr("Check a part of the screen…"), "Ctrl+Shift+S", self._on_page("check", check.capture.start)),
            (self.tr("Check the samples"), None, self._on_page("check", check.open_samples)),
            None,
            (self.tr("Quit"), "Ctrl+Q", window.quit),
        )
        self._fill(
            self.tr("&Edit"),
            (self.tr("Undo"), keys.Undo, window.toast.undo),
            (self.tr("Search"), keys.Find, self._search),
            None,
            (self.tr("Clear the history"), None, window.history.clear),
        )
        view = self._fill(
            self.tr("&View"),
            *(
                (button.text(), f"Ctrl+{number}", lambda name=name: window.show_page(name))
                for number, (name, button) in enumerate(window.rail.buttons.items(), 1)
            ),
            None,
            (self.tr("Start page"), keys.New, self._on_page("check", check.start_anew)),
        )
        self._add_themes(view)
        window.menuBar().addMenu(window.check.menu)
        self.table = TableMenu(window)
        batch, training = window.batch, window.training
        stop = {batch.pause: "Ctrl+Shift+P", batch.cancel: "Ctrl+Shift+X", batch.forget: "", batch.export: ""}
        teach = {training.teach.start: "Ctrl+T", training.teach.pause: "Ctrl+Shift+T", training.teach.cancel: "",
                 training.shelf.add: ""}  # fmt: skip
        self.batch = ButtonMenu(self.tr("&Batch"), batch, stop, work[:1], window)
        self.training = ButtonMenu(self.tr("&Training"), training, teach, work[1:], window)
        for menu in (self.table, self.batch, self.training):
            window.menuBar().addMenu(menu)
        self._fill(self.tr("B&rowser"), (self.tr("Pair a browser…"), "Ctrl+B", window.pair_browser))
        self._fill(
            self.tr("&Help"),
            (self.tr("First steps…"), keys.HelpContents, window.welcome),
            (self.tr("Open log folder"), None, window.open_log_folder),
            None,
            (self.tr("About NoiseLens…"), None, window.about),
        )

    def show_page(self) -> None:
        """Take the page that is open."""
        page = self._tables.get(self._window.page)
        self.table.show_table(page.view if page else None, page.filter if page else None)

    def show_theme(self, theme: str) -> None:
        """Mark the colours that are in use."""
        self._themes[theme].setChecked(True)

    def _fill(self, title: str, *entries: Entry) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            text, keys, call = entry
            action = self.actions[text] = menu.addAction(text)
            action.triggered.connect(lambda _=False, call=call: call())
            if keys is not None:
                action.setShortcut(QKeySequence(keys))
        return menu

    def _add_themes(self, view: QMenu) -> None:
        themes, group = view.addMenu(self.tr("Appearance")), QActionGroup(self)
        for name, text in (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            action = self.actions[text] = self._themes[name] = themes.addAction(text)
            action.setCheckable(True)
            action.setChecked(name == self._window.settings.theme)
            action.triggered.connect(lambda _=False, name=name: self._window.choose_theme(name))
            group.addAction(action)

    def _on_page(self, name: str, call: Callable[[], object]) -> Callable[[], None]:
        """Return the call, made on that page."""

        def go() -> None:
            self._window.show_page(name)
            call()

        return go

    def _search(self) -> None:
        """Put the cursor in the search box of the page, or of the Check page when it has none."""
        window = self._window
        if window.page in self._tables:
            self._tables[window.page].filter.search.setFocus()
        elif window.page == "training" and window.training.shelf.search.isVisible():
            window.training.shelf.search.setFocus()
        else:
            window.show_page("check")
            window.check.history.search.setFocus()
