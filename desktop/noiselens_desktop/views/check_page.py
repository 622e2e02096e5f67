"""The Check page: history at the left, the image in the middle, its verdict at the right."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from noiselens_core.library import HistoryEntry
from noiselens_core.thumbnails import thumbnail_pixels

from ..models.history import HistoryModel, Item, State
from ..models.session import Session
from ..settings import Settings
from ..work.analyse import CAPTURED, AnalyseResponse, DetectorFacts
from ..work.pictures import Pictures, thumbnail_only
from .capture import Capture
from .compare_view import CompareView
from .drop_area import DropArea, Taken, from_bitmap, from_files, from_mime
from .history_view import HistoryView
from .image_menu import ImageMenu
from .image_view import STEP, ImageView
from .item_actions import ItemActions
from .side import Side
from .toast import Toast
from .tools import ToolBar
from .verdict_panel import VerdictPanel

FILES = "*.png *.jpg *.jpeg *.webp *.gif *.bmp *.avif *.tif *.tiff *.heic *.heif"


class CheckPage(QWidget):
    """The page images are judged on.

    session: does the work. settings: the overlay as it was left. samples: folder of the images that came with
    NoiseLens. toast: the window's.

    Signals:
        files_wanted(list): the user has chosen files; paths.
        folders_wanted(list): folders were dropped or pasted; paths.
        folder_wanted(): the user wants to choose a folder.
        page_wanted(): the user wants to see this page.
        canvas_resized(): `middle`, on which the toast stands, has another size.
    """

    files_wanted = Signal(list)
    folders_wanted = Signal(list)
    folder_wanted = Signal()
    page_wanted = Signal()
    canvas_resized = Signal()

    def __init__(
        self, session: Session, settings: Settings, samples: Path, toast: Toast, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._samples, self._toast = session, samples, toast
        self._shown: Item | None = None
        self.model = HistoryModel(self)
        self.history = HistoryView(self.model)
        self.drop, self.image, self.compare = DropArea(), ImageView(), CompareView()
        self.tools = ToolBar(settings.overlay, settings.overlay_opacity)
        for view in (self.image, self.compare):
            view.set_overlay(settings.overlay, settings.overlay_opacity)
        self.panel = VerdictPanel(samples)
        self.doing = ItemActions(session, self.panel.answers, toast, self)
        self.side = Side(self.history)
        self.capture = Capture(self)
        self.menu = ImageMenu(self.tools, self.doing, self.current_view, self.history.step, self)
        self._lay_out()
        self._connect()
        self.show_item(None)
        self.side.state.setText(self.tr("Loading the detector…"))
        if session.facts is not None:
            self._loaded(session.facts)

    def current_view(self) -> ImageView:
        """Return the view that zooms now."""
        return self.compare.active if self.tools.compare.isChecked() else self.image

    def submit(self, taken: Taken) -> None:
        """Judge what was opened, dropped or pasted, show the first of it, and say what could not be taken."""
        self.model.wait_for({self._session.submit(request): request for request in taken.requests})
        if taken.requests:
            self.history.choose(0)
        if taken.sentence:
            self._toast.say(QCoreApplication.translate("DropArea", taken.sentence))
        folders = list(taken.folders)
        if folders and taken.requests:  # do not take the user away from the images
            told = self.tr("Folders are checked on the Batch page.")
            self._toast.say(told, self.tr("Check them"), lambda: self.folders_wanted.emit(folders))
        elif folders:
            self.folders_wanted.emit(folders)

    def open_files(self, paths: Sequence[Path]) -> None:
        """Judge files."""
        self.submit(from_files(paths))

    def open_samples(self) -> None:
        """Judge the images that came with NoiseLens."""
        self.open_files(sorted(path for path in self._samples.iterdir() if path.suffix in (".png", ".jpg")))

    def show_item(self, item: Item | None) -> None:
        """Show an item of the history, or the page that asks for images."""
        before, self._shown = self._shown, item
        self.panel.setVisible(item is not None)
        comparing = self.tools.compare.isChecked()
        self.tools.setVisible(item is not None and (comparing or item.state is not State.REFUSED))
        if item is None:
            self.doing.show_item(None, whole=False)
            self.image.show_pictures(None)
            self.tools.compare.setChecked(False)
            self.middle.setCurrentWidget(self.drop)
            return
        entry = item.entry
        whole = entry is None or self._session.remembers(entry.id)
        self.panel.show_item(item, whole=whole)
        self.doing.show_item(item, whole=whole)
        self.tools.offer_compare(comparing or entry is not None)
        self.tools.offer_overlay(entry is not None and whole)
        if before is not None and before.entry is not None and before.key == item.key:
            return
        self.middle.setCurrentWidget(self.compare if comparing else self.image)
        if not self._is_seen(before, item):
            self._show_thumbnail(item)
        if entry is not None:
            self._session.pictures(entry.id, lambda pictures: self._show_pictures(item, pictures))
        elif item.state is State.WAITING:
            self._show_preview(item.ticket)

    def ask_for_files(self) -> None:
        """Let the user choose files, whatever page is open."""
        dialog = QFileDialog(self, self.tr("Open images"), "", self.tr("Images ({0});;All files (*)").format(FILES))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.files_wanted.emit([Path(name) for name in names]))
        dialog.open()

    def paste(self) -> None:
        """Judge what is on the clipboard."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None:
            self.submit(from_mime(mime))

    def start_anew(self) -> None:
        """Show the page that asks for images."""
        self.history.list.clearSelection()
        self.history.list.selectionModel().clearCurrentIndex()

    def delete(self, row: int) -> None:
        """Delete the item in a row of the model; the toast offers to undo it."""
        item = self.model.take(row)
        if item.state is State.WAITING:
            self._session.cancel(item.ticket)
            told = self.tr("“{0}” will not be judged.").format(item.name)
            self._toast.offer_undo(told, lambda: self._resume(row, item))
            return
        if item.entry is not None and item.entry.id > 0:
            self._session.delete([item.entry.id])
        self._toast.offer_undo(self.tr("Deleted “{0}”.").format(item.name), lambda: self._restore(row, item))

    def carry_on(self, before: CheckPage) -> None:
        """Show what another page over the same session shows; its requests are answered here as well."""
        self.model.adopt(before.model)
        shown = before.history.current()
        row = None if shown is None else self.model.row_of(shown)
        if row is not None:
            self.history.choose(row)

    def show_entry(self, entry: HistoryEntry) -> None:
        """Show an entry of the history."""
        self.model.load([entry])
        for row in range(self.model.rowCount()):
            known = self.model.item(row).entry
            if known is not None and known.id == entry.id:
                self.history.choose(row)
                return

    def show_arrived(self, item: Item) -> Callable[[], None]:
        """Return a call that shows what a browser sent."""

        def show() -> None:
            row = self.model.row_of(item)
            if row is not None:
                self.page_wanted.emit()
                self.history.choose(row)

        return show

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell of another size of the canvas, as when the panel comes or goes."""
        if watched is self.middle and event.type() == QEvent.Type.Resize:
            self.canvas_resized.emit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the image its share of a small window."""
        super().resizeEvent(event)
        self.side.fit(event.size().width())

    def showEvent(self, event: QShowEvent) -> None:
        """Let the shortcuts for the image work."""
        super().showEvent(event)
        self.menu.set_live(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the shortcuts for an image that is not seen do nothing."""
        super().hideEvent(event)
        self.menu.set_live(False)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.side.recolour()
        self.tools.recolour()
        self.panel.answers.recolour()
        self.history.recolour()

    def _show_thumbnail(self, item: Item) -> None:
        """Show the small picture until, or unless, the whole one is there."""
        thumbnail = item.entry.thumbnail if item.entry else None
        pixels = thumbnail_pixels(thumbnail) if thumbnail else None
        self._paint(item, thumbnail_only(pixels) if pixels is not None else None)

    def _show_preview(self, ticket: int) -> None:
        """Show an image that waits for its verdict, once it is decoded."""
        item = self._shown
        if item is not None and item.ticket == ticket and item.state is State.WAITING:
            self._session.preview(ticket, lambda pictures: self._show_pictures(item, pictures))

    def _is_seen(self, before: Item | None, item: Item) -> bool:
        """Return whether the whole image is shown already: it waited for its verdict, and here it is."""
        view = self.compare.second.image if self.tools.compare.isChecked() else self.image
        same = before is not None and before.ticket == item.ticket != 0 and item.entry is not None
        return same and view.pictures is not None and view.pictures.complete

    def _show_pictures(self, item: Item, pictures: Pictures) -> None:
        if self._shown is not None and self._shown.key == item.key:
            self._paint(self._shown, pictures)

    def _paint(self, item: Item, pictures: Pictures | None) -> None:
        self.image.show_pictures(pictures)
        self.image.show_crops(item.verdict.crops if item.verdict else ())
        if self.tools.compare.isChecked():
            self.compare.second.show_item(item, pictures)

    def _compare(self, on: bool) -> None:
        """Put the image shown at the left and wait for the other one, or go back to one image."""
        if self._shown is None:
            return
        self.compare.first.show_item(self._shown if on else None, self.image.pictures if on else None)
        self.compare.second.show_item(None, None)
        self.middle.setCurrentWidget(self.compare if on else self.image)
        self._show_zoom()
        self.show_item(self._shown)

    def _take_part(self, part: QImage) -> None:
        self.submit(from_bitmap(part, self.tr("Part of the screen.png"), CAPTURED))

    def _show_zoom(self) -> None:
        self.tools.show_zoom(self.current_view().zoom)

    def _restore(self, row: int, item: Item) -> None:
        self.model.put(row, item)
        if item.entry is not None and item.entry.id > 0:
            self._session.restore()
        self.history.choose(min(row, self.model.rowCount() - 1))

    def _resume(self, row: int, item: Item) -> None:
        self._restore(row, replace(item, ticket=self._ask_again(item)))

    def judge_again(self, ids: Sequence[int]) -> None:
        """Judge entries of the history with the detector of now, each as a new entry."""
        left_out = self.tr("Images that are no longer at hand are left out.")
        self._session.find_images(
            ids, lambda found: self.submit(Taken(tuple(found), left_out if len(found) < len(ids) else ""))
        )

    def _judge_again(self) -> None:
        item = self._shown
        if item is None:
            return
        if item.entry is None:
            self.model.wait_again(item.ticket, self._ask_again(item))
        elif item.request is not None:  # it could not be kept
            self.submit(Taken((item.request,)))
        else:
            self.judge_again([item.entry.id])

    def _ask_again(self, item: Item) -> int:
        """Submit what an item without a verdict stands for anew, and return its ticket."""
        assert item.request is not None
        return self._session.submit(item.request)

    def _read_history(self) -> None:
        self._session.load_history(self.model.load)

    def _deleted(self, ids: list[int] | None) -> None:
        self.model.forget(ids)
        if self._shown is not self.history.current():
            self.show_item(self.history.current())

    def _loaded(self, facts: DetectorFacts) -> None:
        self.side.state.setText("")
        self.side.state.setVisible(False)
        self.model.judge_by(facts)
        self.panel.set_facts(facts)
        for pane in (self.compare.first, self.compare.second):
            if pane.item is not None:
                pane.show_words(self.model.now(pane.item))

    def _not_loaded(self, sentence: str) -> None:
        facts = self._session.facts
        told = self.tr("{0} Until then {1} judges.").format(sentence, facts.model_id) if facts else sentence
        self.side.state.setText(told)
        self.side.state.setVisible(True)
        self.panel.set_facts(facts)
        self._toast.say(told)  # whatever page is open

    def _arrived(self, response: AnalyseResponse) -> None:
        self.model.arrived(response)
        item = self.model.item(0)
        if self._shown is None:
            self.history.choose(0)
        else:
            told = self.tr("From your browser: “{0}”, {1}.").format(item.name, item.words.lower())
            self._toast.say(told, self.tr("Show"), self.show_arrived(item))

    def _connect(self) -> None:
        session = self._session
        session.loaded.connect(self._loaded)
        session.not_loaded.connect(self._not_loaded)
        session.decoded.connect(self._show_preview)
        session.judged.connect(self.model.judged)
        session.refused.connect(self.model.refused)
        session.arrived.connect(self._arrived)
        self.history.chosen.connect(self.show_item)
        self.history.unwanted.connect(self.delete)
        self.side.open.clicked.connect(self.ask_for_files)
        self.drop.open_wanted.connect(self.ask_for_files)
        self.drop.folder_wanted.connect(self.folder_wanted)
        self.capture.failed.connect(self._toast.say)
        self.capture.taken.connect(self._take_part)
        self.drop.samples_wanted.connect(self.open_samples)
        self.panel.again.connect(self._judge_again)
        self.doing.again.connect(self._judge_again)
        self.history.doubted.connect(self._judge_again)
        for view in (self.image, self.compare):
            self.tools.overlay_changed.connect(view.set_overlay)
            self.tools.grid_toggled.connect(view.set_grid)
        self.tools.compare_toggled.connect(self._compare)
        self.compare.closed.connect(lambda: self.tools.compare.setChecked(False))
        self.tools.zoom_in.connect(lambda: self.current_view().zoom_by(STEP))
        self.tools.zoom_out.connect(lambda: self.current_view().zoom_by(1 / STEP))
        self.tools.fit.connect(lambda: self.current_view().fit())
        self.tools.actual_size.connect(lambda: self.current_view().actual_size())
        self.image.zoomed.connect(self._show_zoom)
        self.compare.zoomed.connect(self._show_zoom)
        session.deleted.connect(self._deleted)
        session.restored.connect(self._read_history)
        session.not_deleted.connect(self._read_history)
        self._read_history()

    def _lay_out(self) -> None:
        self.middle = QStackedWidget()
        self.middle.installEventFilter(self)
        self.middle.addWidget(self.drop)
        self.middle.addWidget(self.image)
        self.middle.addWidget(self.compare)
        self.middle.setMinimumHeight(self.image.minimumHeight())  # not that of a page that is not shown
        centre = QVBoxLayout()
        centre.setSpacing(0)
        centre.addWidget(self.middle, 1)
        centre.addWidget(self.tools)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.side)
        columns.addLayout(centre, 1)
        columns.addWidget(self.panel)
