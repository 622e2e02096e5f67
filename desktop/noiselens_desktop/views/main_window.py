"""The shell: the rail of pages, the menus, the toast, and what the window as a whole takes and remembers."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from noiselens_core.library import HistoryEntry
from noiselens_core.lines import Line

from ..bridge.pairing import KeyStore
from ..models.batch_job import BatchJob
from ..models.session import Session
from ..models.teaching import Teaching
from ..settings import Settings, log_dir
from ..work.analyse import DROPPED
from .about import AboutDialog
from .batch_page import BatchPage
from .check_page import CheckPage
from .drop_area import from_files, from_mime, local_paths, may_take
from .drop_veil import DropVeil
from .history_page import HistoryPage
from .item_actions import show_folder
from .legend import LEGEND
from .menus import Menus
from .placement import stand_where_it_stood
from .rail import Rail
from .settings_page import SettingsPage
from .signs import app_icon
from .theme import GAP, apply_theme
from .toast import Toast
from .training_page import TrainingPage
from .welcome import WelcomeDialog

if TYPE_CHECKING:
    from .pairing_ways import Desk


class MainWindow(QMainWindow):
    """The whole window.

    session: does the work. batch: the batch of folders. teaching: what the Training page shows. keys: paired browsers.
    settings: as they were saved; `settings` is what they are now. samples: folder of the images that came with
    NoiseLens. tray: there is an icon in the tray to bring the window back with.

    Attributes:
        pages: name -> page, in the rail's order; `check` and the others also by their own names.
        port: on which the bridge listens; None while it does not.
        starting: it is not known yet whether it will listen.

    Signals:
        bridge_told(object, object): see `set_port`.
        painted(): the window was painted for the first time.
        closing(): the user closes the window for good.
        changed(Settings, Settings): the user changed something; before and after.
    """

    painted = Signal()
    closing = Signal()
    bridge_told = Signal(object, object)
    changed = Signal(object, object)

    def __init__(
        self,
        session: Session,
        batch: BatchJob,
        teaching: Teaching,
        keys: KeyStore,
        settings: Settings,
        samples: Path,
        *,
        tray: bool = False,
    ) -> None:
        super().__init__()
        self._tray, self._quitting = tray, False
        self._session, self._keys, self._settings = session, keys, settings
        self.port: int | None = None
        self.starting = True
        self.desk: Desk | None = None
        self._was_painted = False
        self.setWindowTitle("NoiseLens")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no control looks chosen at the start
        self.setFocus()
        stand_where_it_stood(self, settings)

        self.toast = Toast(self)
        self.check = CheckPage(session, settings, samples, self.toast)
        self.batch = BatchPage(batch, session, self.toast)
        self.training = TrainingPage(session, teaching, self.toast)
        self.history = HistoryPage(session, self.toast)
        self.batch.view.arrange(settings.batch_table)
        self.history.view.arrange(settings.history_table)
        self.settings_page = SettingsPage(settings, keys, session, teaching.detectors, self.toast, tray=tray)
        self.pages: dict[str, QWidget] = {
            "check": self.check,
            "batch": self.batch,
            "history": self.history,
            "training": self.training,
            "settings": self.settings_page,
        }
        self.rail = Rail(self._page_names())
        self._stack = QStackedWidget()
        for page in self.pages.values():
            self._stack.addWidget(page)
        self._whole = QWidget()
        columns = QHBoxLayout(self._whole)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.rail)
        self._room = QVBoxLayout()  # for the page, and under it for the toast
        self._room.addWidget(self._stack)
        columns.addLayout(self._room, 1)
        self.setCentralWidget(self._whole)
        self.veil = DropVeil(self)
        self.menus = Menus(self, batch.changed, teaching.job.changed, teaching.samples.changed)
        self.toast.raise_()

        self.toast.came.connect(self._make_room)
        self.toast.went.connect(self._make_room)
        self.check.canvas_resized.connect(self._make_room)
        self._stack.currentChanged.connect(self._opened)
        self.rail.chosen.connect(self.show_page)
        self.check.files_wanted.connect(self.open_files)
        self.check.folders_wanted.connect(self.check_folders)
        self.check.folder_wanted.connect(self.ask_for_folder)
        self.check.page_wanted.connect(lambda: self.show_page("check"))
        self.check.history.whole_wanted.connect(self._search_history)
        self.batch.opened.connect(lambda line: self.open_files([line.path]))
        self.history.opened.connect(lambda line: session.load_entry(line.key, self._show_entry))
        self.history.nothing.wanted.connect(self.check.ask_for_files)
        self.history.view.doubted.connect(self._judge_again)
        for page in (self.batch, self.history):
            page.shown_in_folder.connect(self._show_in_folder)
        self.settings_page.changed.connect(self.apply)
        self.settings_page.pair_wanted.connect(self.pair_browser)
        self.settings_page.detectors_wanted.connect(self.show_detectors)
        self.settings_page.log_wanted.connect(self.open_log_folder)
        session.troubled.connect(self.toast.say)
        session.not_deleted.connect(self.toast.withdraw_undo)
        session.wanted.connect(self._show_wanted)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.show_page(settings.page)

    @property
    def settings(self) -> Settings:
        """The settings as the user has left them."""
        place = self.normalGeometry() if self.isMaximized() else self.geometry()
        return replace(
            self._settings,
            overlay=self.check.tools.overlay,
            overlay_opacity=self.check.tools.opacity,
            window_width=max(400, place.width()),
            window_height=max(300, place.height()),
            window_maximized=self.isMaximized(),
            window_placed=True,
            window_x=place.x(),
            window_y=place.y(),
            batch_table=self.batch.view.arrangement,
            history_table=self.history.view.arrangement,
            page=self.page,
        )

    @property
    def page(self) -> str:
        """Name of the open page."""
        return next(name for name, page in self.pages.items() if page is self._stack.currentWidget())

    def show_page(self, name: str) -> None:
        """Open a page."""
        self._stack.setCurrentWidget(self.pages[name])
        self.rail.show_page(name)

    def open_files(self, paths: Sequence[Path]) -> None:
        """Judge files on the Check page."""
        if paths:
            self.show_page("check")
            self.check.open_files(paths)

    def check_folders(self, folders: Sequence[Path]) -> None:
        """Check all images in folders on the Batch page."""
        self.show_page("batch")
        self.batch.begin(list(folders))

    def show_detectors(self) -> None:
        """Open the list of detectors."""
        self.show_page("training")
        self.training.tabs["detectors"].setChecked(True)

    def ask_for_folder(self) -> None:
        """Let the user choose a folder, on the Batch page."""
        self.show_page("batch")
        self.batch.ask_for_folder()

    def close_threads(self) -> None:
        """End what the pages run by themselves; the window is not used afterwards."""
        for page in (self.batch, self.history, self.training):
            page.close_threads()

    def set_port(self, port: int | None, desk: Desk | None = None) -> None:
        """Take the port on which the bridge listens, None when it will not, and the desk at which it pairs browsers."""
        self.port, self.desk, self.starting = port, desk, False
        self.bridge_told.emit(port, desk)

    def offer_tray(self) -> None:
        """Let the window be closed into the tray: there is one."""
        self._tray = True
        self.settings_page.to_tray.setVisible(True)

    def pair_browser(self) -> None:
        """Open the pairing dialog."""
        from .pairing_dialog import PairingDialog

        dialog = PairingDialog(self._keys, self._session.run, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if not self.starting:
            dialog.set_port(self.port, self.desk)
        self.bridge_told.connect(dialog.set_port)
        dialog.finished.connect(self.settings_page.browsers.read)
        dialog.open()

    def open_log_folder(self) -> None:
        """Show the log in the system's file manager."""
        log_dir().mkdir(parents=True, exist_ok=True)
        show_folder(log_dir())

    def about(self) -> None:
        """Show what NoiseLens is."""
        dialog = AboutDialog(self._session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def welcome(self) -> None:
        """Show the first steps."""
        self.apply(replace(self._settings, welcomed=True))
        dialog = WelcomeDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.samples_wanted.connect(lambda: self.show_page("check"))
        dialog.samples_wanted.connect(self.check.open_samples)
        # later: a dialog that is opened while another one closes stands in the corner of the screen
        dialog.pair_wanted.connect(self.pair_browser, Qt.ConnectionType.QueuedConnection)
        dialog.open()

    def come_forward(self) -> None:
        """Show the window before all others."""
        if self.isMinimized() or not self.isVisible():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    def quit(self) -> None:
        """Close for good, also when closing only hides the window."""
        self._quitting = True
        self.close()

    def choose_theme(self, theme: str) -> None:
        """Dress the window; theme is "system", "light" or "dark"."""
        self.apply(replace(self._settings, theme=theme))

    def apply(self, wanted: Settings) -> None:
        """Take new settings; what the window itself does not do, whoever made it does."""
        before, self._settings = self._settings, wanted
        self.settings_page.take(wanted)
        if wanted.theme != before.theme:
            self._dress()
        self.changed.emit(before, wanted)

    def _dress(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self._settings.theme)
        for part in (self.rail, self.check, self.batch, self.history, self.training):
            part.recolour()
        self.menus.show_theme(self._settings.theme)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and images."""
        if may_take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.veil.show_over(self._page_place(), event.mimeData(), self.page)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop showing that a drop is welcome."""
        super().dragLeaveEvent(event)
        self.veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Judge what was dropped."""
        self.veil.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        paths = local_paths(event.mimeData())
        folders = from_files(paths).folders
        if paths and self.page == "training":
            self.training.take(paths)
        elif folders and self.page == "batch":
            self.check_folders(folders)
        else:
            self.show_page("check")
            self.check.submit(from_mime(event.mimeData(), DROPPED))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the toast in its place."""
        super().resizeEvent(event)
        self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell of the first painting."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide when the user wants NoiseLens in the tray, else tell that the window closes."""
        if self._tray and self._settings.close_to_tray and not self._quitting:
            event.ignore()
            self.hide()
            return
        self.closing.emit()
        event.accept()

    def _opened(self, _: int) -> None:
        self._make_room()
        self.menus.show_page()

    def _make_room(self) -> None:
        """Let the toast cover no row of a page; on the Check page it stands on the canvas, which stays as it is."""
        shown, on_canvas = not self.toast.isHidden(), self.page == "check"
        if shown:
            canvas = self.check.middle
            place = self._page_place()
            if on_canvas:
                place = QRect(canvas.mapTo(self, QPoint()), canvas.size()).adjusted(0, 0, 0, -LEGEND)
            self.toast.stand_in(place)
        strip = self.toast.height() + 2 * GAP if shown and not on_canvas else 0
        self._room.setContentsMargins(0, 0, 0, strip)

    def _page_place(self) -> QRect:
        """Return where the page lies in the window, with the room for the toast."""
        return self._room.geometry().translated(self._whole.pos())

    def _page_names(self) -> dict[str, str]:
        return {
            "check": self.tr("Check"),
            "batch": self.tr("Batch"),
            "history": self.tr("History"),
            "training": self.tr("Training"),
            "settings": self.tr("Settings"),
        }

    def _show_entry(self, entry: HistoryEntry | None) -> None:
        if entry is not None:
            self.show_page("check")
            self.check.show_entry(entry)

    def _search_history(self, words: str) -> None:
        self.show_page("history")
        self.history.filter.search_for(words)

    def _show_wanted(self, entry: HistoryEntry) -> None:
        self.come_forward()
        self._show_entry(entry)

    def _judge_again(self, ids: list[int]) -> None:
        self.show_page("check")
        self.check.judge_again(ids)

    def _show_in_folder(self, line: Line) -> None:
        if line.path is not None:
            show_folder(line.path.parent)

    def _follow_system(self) -> None:
        if self._settings.theme == "system":
            self._dress()
