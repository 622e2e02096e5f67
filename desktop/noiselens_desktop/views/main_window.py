"""The window: history at the left, the image in the middle, its verdict at the right."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ..bridge.pairing import KeyStore
from ..models.history import HistoryModel, Item, State
from ..models.session import Session
from ..settings import Settings
from ..work.analyse import AnalyseResponse, DetectorFacts
from ..work.pictures import Pictures, thumbnail_only
from ..work.thumbnails import thumbnail_pixels
from .drop_area import DropArea, Taken, from_files, from_mime, may_take
from .history_view import HistoryView
from .image_view import STEP, ImageView
from .pairing_dialog import PairingDialog
from .side import Side
from .signs import app_icon
from .theme import apply_theme
from .toast import Toast
from .tools import ToolBar
from .verdict_panel import VerdictPanel

FILTER = "Images (*.png *.jpg *.jpeg *.webp *.gif *.bmp *.avif *.tif *.tiff *.heic *.heif);;All files (*)"
THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class MainWindow(QMainWindow):
    """The whole window.

    session: does the work. keys: paired browsers. settings: as they were saved; `settings` is what they are now.
    samples: folder of the images that came with NoiseLens.

    Attributes:
        port: on which the bridge listens; None while it does not.

    Signals:
        painted(): the window was painted for the first time.
        closing(): the user closes the window.
    """

    painted = Signal()
    closing = Signal()

    def __init__(self, session: Session, keys: KeyStore, settings: Settings, samples: Path) -> None:
        super().__init__()
        self._session, self._keys, self._settings, self._samples = session, keys, settings, samples
        self.port: int | None = None
        self._was_painted = False
        self._shown: Item | None = None
        self.setWindowTitle("NoiseLens")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no control looks chosen at the start
        self.setFocus()
        self.setMinimumHeight(560)
        self.resize(settings.window_width, settings.window_height)

        self.model = HistoryModel(self)
        self.history = HistoryView(self.model)
        self.drop, self.image = DropArea(), ImageView()
        self.tools = ToolBar(settings.overlay, settings.overlay_opacity)
        self.image.set_overlay(settings.overlay, settings.overlay_opacity)
        self.panel = VerdictPanel()
        self.toast = Toast(self)
        self._make_actions()
        self.side = Side(self.history, self._menu)
        self._lay_out()
        self._connect()
        self.show_item(None)
        self.side.state.setText("Loading the detector…")

    @property
    def settings(self) -> Settings:
        """The settings as the user has left them."""
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        return replace(
            self._settings,
            overlay=self.tools.overlay,
            overlay_opacity=self.tools.opacity,
            window_width=max(400, size.width()),
            window_height=max(300, size.height()),
        )

    def submit(self, taken: Taken) -> None:
        """Judge what was opened, dropped or pasted, show the first of it, and say what could not be taken."""
        for row, request in enumerate(taken.requests):
            ticket = self._session.submit(request)
            self.model.wait_for(ticket, request, row)
        if taken.requests:
            self.history.choose(0)
        if taken.sentence:
            self.toast.say(taken.sentence)

    def open_files(self, paths: Sequence[Path]) -> None:
        """Judge files."""
        self.submit(from_files(paths))

    def set_port(self, port: int) -> None:
        """Take the port on which the bridge listens."""
        self.port = port

    def show_item(self, item: Item | None) -> None:
        """Show an item of the history, or the page that asks for images."""
        before, self._shown = self._shown, item
        self.panel.setVisible(item is not None)
        self.tools.setVisible(item is not None)
        if item is None:
            self.image.show_pictures(None)
            self.middle.setCurrentWidget(self.drop)
            return
        entry = item.entry
        whole = entry is None or self._session.remembers(entry.id)
        self.panel.show_item(item, whole=whole)
        self.tools.setEnabled(entry is not None)
        self.tools.offer_overlay(entry is not None and whole)
        if before is not None and entry is not None and before.entry is entry:
            return
        self.middle.setCurrentWidget(self.image)
        self._show_thumbnail(item)
        if entry is not None:
            self._session.pictures(entry.id, lambda pictures: self._show_pictures(entry.id, pictures))

    def ask_for_files(self) -> None:
        """Let the user choose files."""
        dialog = QFileDialog(self, "Open images", "", FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.open_files([Path(name) for name in names]))
        dialog.open()

    def paste(self) -> None:
        """Judge what is on the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self.submit(from_mime(mime))

    def pair_browser(self) -> None:
        """Open the pairing dialog."""
        dialog = PairingDialog(self._keys, self.port, self._session.run, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def delete(self, row: int) -> None:
        """Delete the item in a row of the model; the toast offers to undo it."""
        item = self.model.take(row)
        if item.state is State.WAITING:
            self._session.cancel(item.ticket)
            self.toast.say(f"“{item.name}” will not be judged.")
            return
        if item.entry is not None and item.entry.id:
            self._session.delete(item.entry.id)
        self.toast.say(f"Deleted “{item.name}”.", "Undo", lambda: self._restore(row, item))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and images."""
        if may_take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.drop.light(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop showing that a drop is welcome."""
        super().dragLeaveEvent(event)
        self.drop.light(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Judge what was dropped."""
        self.drop.light(False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.submit(from_mime(event.mimeData()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the toast in its place."""
        super().resizeEvent(event)
        self.toast.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell of the first painting."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the window closes."""
        self.closing.emit()
        event.accept()

    def _show_thumbnail(self, item: Item) -> None:
        """Show the small picture until, or unless, the whole one is there."""
        thumbnail = item.entry.thumbnail if item.entry else None
        pixels = thumbnail_pixels(thumbnail) if thumbnail else None
        self.image.show_pictures(thumbnail_only(pixels) if pixels is not None else None)

    def _show_pictures(self, entry_id: int, pictures: Pictures) -> None:
        if self._shown is not None and self._shown.entry is not None and self._shown.entry.id == entry_id:
            self.image.show_pictures(pictures)

    def _restore(self, row: int, item: Item) -> None:
        self.model.put(row, item)
        if item.entry is not None and item.entry.id:
            self._session.restore(item.entry)
        self.history.choose(min(row, self.model.rowCount() - 1))

    def _judge_again(self) -> None:
        if self._shown is not None and self._shown.path is not None:
            self.open_files([self._shown.path])

    def _clear(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle("Clear the history")
        box.setText("Delete the whole history? This cannot be undone. Your image files are not touched.")
        yes = box.addButton("Delete all", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def clear(button: object) -> None:
            if button is yes:
                self._session.clear()
                self.model.clear()
                self.show_item(None)

        box.buttonClicked.connect(clear)
        box.open()

    def _choose_theme(self, theme: str) -> None:
        self._settings = replace(self._settings, theme=theme)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, theme)
        self._recolour()

    def _recolour(self) -> None:
        self.side.recolour()
        self.tools.recolour()
        self.history.recolour()
        self.update()

    def _loaded(self, facts: DetectorFacts) -> None:
        self.side.state.setText("")
        self.side.state.setVisible(False)
        self.panel.set_facts(facts)

    def _not_loaded(self, sentence: str) -> None:
        self.side.state.setText(sentence)
        self.panel.set_facts(None)

    def _arrived(self, response: AnalyseResponse) -> None:
        self.model.arrived(response)
        item = self.model.item(0)
        if self._shown is None:
            self.history.choose(0)
        else:
            self.toast.say(f"From your browser: “{item.name}”, {item.words.lower()}.", "Show", self._show_arrived(item))

    def _show_arrived(self, item: Item) -> Callable[[], None]:
        def show() -> None:
            row = self.model.row_of(item)
            if row is not None:
                self.history.choose(row)

        return show

    def _connect(self) -> None:
        session = self._session
        session.loaded.connect(self._loaded)
        session.not_loaded.connect(self._not_loaded)
        session.judged.connect(self.model.judged)
        session.refused.connect(self.model.refused)
        session.arrived.connect(self._arrived)
        session.troubled.connect(self.toast.say)
        self.history.chosen.connect(self.show_item)
        self.history.unwanted.connect(self.delete)
        self.side.open.clicked.connect(self.ask_for_files)
        self.side.pair.clicked.connect(self.pair_browser)
        self.drop.open_wanted.connect(self.ask_for_files)
        self.drop.samples_wanted.connect(lambda: self.open_files(sorted(_images_in(self._samples))))
        self.panel.again.connect(self._judge_again)
        self.tools.overlay_changed.connect(self.image.set_overlay)
        self.tools.zoom_in.connect(lambda: self.image.zoom_by(STEP))
        self.tools.zoom_out.connect(lambda: self.image.zoom_by(1 / STEP))
        self.tools.fit.connect(self.image.fit)
        self.tools.actual_size.connect(self.image.actual_size)
        self.image.zoomed.connect(self.tools.show_zoom)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        session.load_history(self.model.load)

    def _follow_system(self) -> None:
        if self._settings.theme == "system":
            self._choose_theme("system")

    def _make_actions(self) -> None:
        self._menu = QMenu(self)
        for text, keys, call in (
            ("Open images…", QKeySequence.StandardKey.Open, self.ask_for_files),
            ("Paste an image", QKeySequence.StandardKey.Paste, self.paste),
            ("Undo", QKeySequence.StandardKey.Undo, self.toast.act),
            ("Search the history", QKeySequence.StandardKey.Find, self.history.search.setFocus),
            ("Start page", QKeySequence.StandardKey.New, self._start_page),
        ):
            self._add_action(text, call).setShortcut(QKeySequence(keys))
        self._menu.addSeparator()
        self._add_action("Pair a browser…", self.pair_browser)
        themes = self._menu.addMenu("Appearance")
        group = QActionGroup(self)
        for name, text in THEMES.items():
            action = themes.addAction(text)
            action.setCheckable(True)
            action.setChecked(name == self._settings.theme)
            action.triggered.connect(lambda _=False, theme=name: self._choose_theme(theme))
            group.addAction(action)
        self._menu.addSeparator()
        self._add_action("Clear the history…", self._clear)
        self._add_action("Quit", self.close).setShortcut(QKeySequence("Ctrl+Q"))

    def _start_page(self) -> None:
        self.history.list.clearSelection()
        self.history.list.selectionModel().clearCurrentIndex()

    def _add_action(self, text: str, call: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(lambda _checked: call())
        self._menu.addAction(action)
        self.addAction(action)  # so that its shortcut works while the menu is closed
        return action

    def _lay_out(self) -> None:
        self.middle = QStackedWidget()
        self.middle.addWidget(self.drop)
        self.middle.addWidget(self.image)
        centre = QVBoxLayout()
        centre.setSpacing(0)
        centre.addWidget(self.middle, 1)
        centre.addWidget(self.tools)
        whole = QWidget()
        columns = QHBoxLayout(whole)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.side)
        columns.addLayout(centre, 1)
        columns.addWidget(self.panel)
        self.setCentralWidget(whole)


def _images_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".png", ".jpg")]
