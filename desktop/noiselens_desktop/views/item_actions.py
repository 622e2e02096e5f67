"""What can be done with the image shown: say what it is, copy its verdict, export it, show its file."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QWidget

from noiselens_core.labels import Kind

from ..models.history import Item, State
from ..models.session import Session
from ..models.sharing import verdict_text
from .answer_bar import AnswerBar
from .toast import Toast


class ItemActions(QObject):
    """The buttons of an answer bar as actions with shortcuts, and what they do.

    session: keeps labels, writes reports. bar: whose buttons these are. toast: says what was done. parent: of dialogs.

    Attributes:
        actions: by name: "real", "generated", "copy", "export", "folder", "again".

    Signals:
        again(): the user wants the image judged again, or another try at it.
    """

    again = Signal()

    def __init__(self, session: Session, bar: AnswerBar, toast: Toast, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._bar, self._toast, self._window = session, bar, toast, parent
        self._item: Item | None = None
        self._whole = False
        self._labels: dict[str, Kind] = {}
        self._epoch = 0  # what was read before the last answer is not listened to
        self.actions = {
            "real": self._action(self.tr("This is real"), "Ctrl+R", lambda: self._toggle("real")),
            "generated": self._action(self.tr("This is generated"), "Ctrl+G", lambda: self._toggle("generated")),
            "copy": self._action(self.tr("Copy the verdict"), "Ctrl+Shift+C", self._copy),
            "export": self._action(self.tr("Export…"), "Ctrl+E", self._ask_where),
            "folder": self._action(self.tr("Show in folder"), "Ctrl+Shift+E", self._open_folder),
            "again": self._action(self.tr("Judge again"), "Ctrl+Shift+R", self.again.emit),
        }
        for name in ("real", "generated"):
            self.actions[name].setCheckable(True)
        bar.answered.connect(self._answer)
        bar.copy_wanted.connect(self._copy)
        bar.export_wanted.connect(self._ask_where)
        bar.folder_wanted.connect(self._open_folder)
        session.exported.connect(self._exported)
        session.labelled.connect(self._read_labels)
        self._read_labels()
        self.show_item(None, whole=False)

    def show_item(self, item: Item | None, *, whole: bool) -> None:
        """Take another item; whole: its pixels are in memory."""
        self._item, self._whole = item, whole
        judged = item is not None and item.verdict is not None
        for name, action in self.actions.items():
            action.setEnabled(judged and (whole or name != "export"))
        self.actions["again"].setEnabled(item is not None and item.state is not State.WAITING)
        folder = item is not None and item.path is not None
        self.actions["folder"].setEnabled(folder)
        self._bar.offer(export=judged and whole, folder=folder)
        self._show_answer()

    def export_to(self, path: Path) -> None:
        """Save a report of the image shown, and its overlays beside it."""
        item = self._item
        if item is None or item.entry is None:
            return
        if not self._session.export(item.entry.id, item.name, path):
            self._toast.say(self.tr("The whole image is no longer in memory. Judge the file again, then export it."))

    def _toggle(self, answer: Kind) -> None:
        self._answer("" if self._answer_shown() == answer else answer)

    def _answer_shown(self) -> str:
        verdict = self._item.verdict if self._item else None
        return self._labels.get(verdict.sha256, "") if verdict else ""

    def _answer(self, answer: str) -> None:
        """Keep an answer; the toast offers to undo it."""
        if self._item is None or self._item.verdict is None:
            return
        item, before = self._item, self._answer_shown()
        self._keep(item, answer)
        told = {
            "real": self.tr("“{0}” is kept as real."),
            "generated": self.tr("“{0}” is kept as generated."),
            "": self.tr("What you said of “{0}” is taken back."),
        }[answer]
        self._toast.offer_undo(told.format(item.name), lambda: self._keep(item, before))

    def _keep(self, item: Item, answer: str) -> None:
        if item.entry is None:
            return
        sha256 = item.entry.verdict.sha256
        self._epoch += 1
        if answer:
            self._labels[sha256] = cast(Kind, answer)
        else:
            self._labels.pop(sha256, None)
        self._session.label(sha256, cast(Kind, answer) if answer else None, item.name, item.source, item.entry.id)
        self._show_answer()

    def _read_labels(self) -> None:
        self._epoch += 1
        epoch = self._epoch
        self._session.load_labels(lambda labels: self._take_labels(epoch, labels))

    def _take_labels(self, epoch: int, labels: dict[str, Kind]) -> None:
        if epoch != self._epoch:
            return
        self._labels = labels
        self._show_answer()

    def _show_answer(self) -> None:
        answer = self._answer_shown()
        self._bar.show_answer(answer)
        for name in ("real", "generated"):
            self.actions[name].setChecked(name == answer)

    def _copy(self) -> None:
        if self._item is not None and self._item.verdict is not None:
            QGuiApplication.clipboard().setText(verdict_text(self._item.name, self._item.verdict))
            self._toast.say(self.tr("The verdict is on the clipboard."))

    def _ask_where(self) -> None:
        if self._item is None:
            return
        dialog = QFileDialog(self._window, self.tr("Save a report and the overlays"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Web page (*.html)"))
        dialog.setDefaultSuffix("html")
        dialog.selectFile(f"{Path(self._item.name).stem}-noiselens.html")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.open()

    def _exported(self, path: Path) -> None:
        self._toast.say(
            self.tr("Saved “{0}”, with the overlays beside it.").format(path.name),
            self.tr("Show in folder"),
            lambda: show_folder(path.parent),
        )

    def _open_folder(self) -> None:
        path = self._item.path if self._item else None
        if path is None:
            return
        if path.parent.is_dir():
            show_folder(path.parent)
        else:
            self._toast.say(self.tr("The folder is gone. Open the image from where it is now."))

    def _action(self, text: str, keys: str, call: object) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(call)
        return action


def show_folder(folder: Path) -> None:
    """Show a folder in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
