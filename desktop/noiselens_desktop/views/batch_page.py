"""The Batch page: a whole folder, its progress, and everything found in one table."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from noiselens_core.batch import Outcome
from noiselens_core.lines import Line
from noiselens_core.text import printable

from ..models.batch_job import BatchJob, Phase
from ..models.durations import time_left
from ..models.export_job import Writer
from ..models.formats import count, decimal
from ..models.pdf import export_pdf
from ..models.report_words import report_language
from ..models.session import Session
from ..models.table import Filter, LineTable, folder_text
from ..work.analyse import DetectorFacts
from ..work.batch_run import BatchProgress
from ..work.exports import export_csv, export_html, export_json
from .empty_state import EmptyState, NothingFits
from .filter_bar import FilterBar
from .item_actions import show_folder
from .line_view import LineView
from .parts import ElidedLabel, label, page_rows, stack
from .saving_row import SavingRow
from .signs import line_icon
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore
from .toast import Toast


class BatchPage(QWidget):
    """Checks folders.

    job: the batch. session: works off the GUI thread. toast: the window's.

    Attributes:
        table: what was found.

    Signals:
        opened(Line): the user wants to see an image.
        shown_in_folder(Line): the user wants to see its file.
    """

    opened = Signal(object)
    shown_in_folder = Signal(object)

    def __init__(self, job: BatchJob, session: Session, toast: Toast, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job, self._session, self._toast = job, session, toast
        self._pace: BatchProgress | None = None
        self._wanted: list[Path] = []  # folders given before it is known whether a batch was left
        self._facts: DetectorFacts | None = None
        headings = (
            "",
            self.tr("Name"),
            self.tr("Verdict"),
            self.tr("Generated"),
            self.tr("Folder"),
            self.tr("Size"),
            self.tr("Changed"),
        )
        self.table = LineTable(headings, source_text=self._folder_of, parent=self)
        self.thumbnails = ThumbnailStore(job.batches.thumbnail, self)
        self.view = LineView(self.table, self.thumbnails, deletable=False)
        self.view.setAccessibleName(self.tr("Images of the batch"))
        self.filter = FilterBar(self.tr("Search names and folders"), refused=True)
        self.choose = QPushButton(" " + self.tr("Check a folder…"))  # the space keeps the icon off the words
        self.export = QPushButton(self.tr("Save results"))
        self.export.setMenu(self._export_menu())
        self.forget = QPushButton(self.tr("Clear"))
        self.forget.setToolTip(self.tr("Forget the results of this batch; the files are not touched"))
        self.pause = QPushButton()
        self.cancel = QPushButton(self.tr("Cancel"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setProperty("look", "large")
        self.bar.setAccessibleName(self.tr("Progress of the batch"))
        self.folder, self.state = ElidedLabel("head"), label("", "soft")
        self.nothing = EmptyState(
            "batch",
            self.tr("Check a whole folder"),
            self.tr(
                "Choose a folder, or drop one here. Every image in it, and in the folders below it, is checked on this "
                "computer. You can pause at any time and go on another day."
            ),
            self.tr("Check a folder…"),
        )
        self.hidden = NothingFits()
        self._lay_out()
        self._connect()
        if session.facts is not None:
            self.set_facts(session.facts)
        self._show()
        self._show_export()

    def ask_for_folder(self) -> None:
        """Let the user choose a folder."""
        dialog = QFileDialog(self, self.tr("Check a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.begin([Path(name) for name in names]))
        dialog.open()

    def begin(self, folders: list[Path]) -> None:
        """Begin a batch; one that is not at its end is given up only when that is confirmed."""
        if not self._job.ready:
            self._wanted = folders
            return
        if self._job.phase not in (Phase.RUNNING, Phase.PAUSED):
            self._job.begin(folders)
            return
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Check a folder"))
        box.setText(self.tr("The batch at hand is not at its end. Begin another in its place?"))
        yes = box.addButton(self.tr("Begin another"), QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(self.tr("Keep this one"), QMessageBox.ButtonRole.RejectRole))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: self._job.begin(folders) if button is yes else None)
        box.open()

    def save(self, path: Path, form: str) -> None:
        """Save what is shown, in its order and as it is shown, off the GUI thread; form: csv, jsonl, html or pdf."""
        if self._job.batch is None:
            return
        keys, facts = self.table.shown_keys(), self._facts
        kept = self._job.batches.outcomes(self._job.batch.id, keys)
        shown = kept if facts is None else (_as_shown(outcome, facts) for outcome in kept)
        writers: dict[str, Writer] = {
            "csv": export_csv,
            "jsonl": export_json,
            "html": partial(export_html, facts=facts, language=report_language),
            "pdf": partial(export_pdf, counts=self.table.shown_counts()),
        }
        self._job.exports.begin(path, writers[form], shown, len(keys))

    def set_facts(self, facts: DetectorFacts) -> None:
        """Take what is known of the loaded detector."""
        self._facts = facts
        self.table.judge_by(facts)
        self.filter.show_counts(self.table.counts())
        self._show_body()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.filter.recolour()
        self.nothing.recolour()
        self.choose.setIcon(line_icon("open", Theme.colours.ink))

    def close_threads(self) -> None:
        """End what loads thumbnails."""
        self.thumbnails.close()

    def _readied(self) -> None:
        wanted, self._wanted = self._wanted, []
        if wanted:
            self.begin(wanted)

    def _found(self, lines: list[Line]) -> None:
        self.table.add(lines)
        self.filter.show_counts(self.table.counts())
        self._show_body()

    def _began(self) -> None:
        self.table.clear()
        self.thumbnails.clear()
        self._pace = None
        self.filter.show_counts(self.table.counts())
        self._show()

    def _progressed(self, progress: BatchProgress) -> None:
        self._pace = progress
        self._show_progress()

    def _filter(self, wanted: Filter) -> None:
        self.table.set_filter(wanted)
        self._show_body()

    def _show(self) -> None:
        """Show what the phase asks for."""
        phase = self._job.phase
        busy = phase in (Phase.LISTING, Phase.RUNNING, Phase.PAUSED)
        self._head.setVisible(phase is not Phase.NONE)
        self._card.setVisible(phase is not Phase.NONE)
        self.filter.setVisible(phase is not Phase.NONE)
        self.bar.setVisible(busy)
        self.pause.setVisible(phase in (Phase.RUNNING, Phase.PAUSED))
        self.pause.setText(self.tr("Pause") if phase is Phase.RUNNING else self.tr("Resume"))
        self.cancel.setVisible(busy)
        self.forget.setVisible(phase is Phase.ENDED)
        self.export.setVisible(phase in (Phase.PAUSED, Phase.ENDED))
        self._show_progress()
        self._show_body()

    def _forget(self) -> None:
        """Forget the batch; the toast offers to undo it."""
        self._job.forget()
        told = self.tr("Forgot the results of the batch. Your image files are not touched.")
        self._toast.offer_undo(told, self._job.restore)

    def _show_export(self) -> None:
        if self.export.hasFocus():  # by itself the focus would go on to the button that clears everything
            self.view.setFocus()
        self.export.setEnabled(self._job.exports.path is None)

    def _saved(self, path: Path) -> None:
        self._toast.say(
            self.tr("Saved {0}.").format(printable(path.name)),
            self.tr("Show in folder"),
            lambda: show_folder(path.parent),
        )

    def _show_progress(self) -> None:
        batch, phase = self._job.batch, self._job.phase
        if batch is None:
            self.bar.setRange(0, 0)
            self.folder.show_text(self.tr("Looking through the folder…"))
            self.state.setText("")
            return
        self.folder.show_text(printable(str(batch.folder)))
        self.bar.setRange(0, max(1, batch.total))
        self.bar.setValue(batch.judged)
        parts = [self.tr("{0} of {1}").format(count(batch.judged), count(batch.total))]
        if phase is Phase.RUNNING and self._pace is not None and self._pace.pace > 0:
            parts.append(self.tr("{0} images/s").format(decimal(self._pace.pace, 1)))
            left = self._pace.seconds_left
            if left is not None:
                parts.append(time_left(left))
        elif phase is Phase.RUNNING:
            parts.append(self.tr("getting ready"))
        elif phase is Phase.PAUSED:
            parts.append(self.tr("paused"))
        elif batch.judged < batch.total:
            parts.append(self.tr("cancelled"))
        else:
            parts = [self.tr("All {0} images checked").format(count(batch.total))]
        self.state.setText(" · ".join(parts))

    def _show_body(self) -> None:
        if self._job.phase is Phase.NONE:
            self._body.setCurrentWidget(self.nothing)
        elif self.table.rowCount() == 0 and self.table.total:
            self._body.setCurrentWidget(self.hidden)
        else:
            self._body.setCurrentWidget(self.view)

    def _folder_of(self, line: Line) -> str:
        return folder_text(line, self._job.batch.folder) if self._job.batch else printable(line.source)

    def _pause_or_go_on(self) -> None:
        if self._job.phase is Phase.RUNNING:
            self._job.pause()
        else:
            self._job.go_on()

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        forms = {
            "csv": self.tr("CSV table…"),
            "jsonl": self.tr("JSON lines…"),
            "html": self.tr("HTML report…"),
            "pdf": self.tr("PDF…"),
        }
        for form, text in forms.items():
            menu.addAction(text).triggered.connect(lambda _=False, form=form: self._ask_where(form))
        return menu

    def _ask_where(self, form: str) -> None:
        dialog = QFileDialog(self, self.tr("Save results"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(form)
        dialog.setNameFilter(f"*.{form}")
        dialog.selectFile(f"noiselens.{form}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save(Path(name), form))
        dialog.open()

    def _connect(self) -> None:
        job = self._job
        job.readied.connect(self._readied)
        job.changed.connect(self._show)
        job.found.connect(self._found)
        job.began.connect(self._began)
        job.progressed.connect(self._progressed)
        job.failed.connect(self._toast.say)
        job.exports.changed.connect(self._show_export)
        job.exports.saved.connect(self._saved)
        job.exports.failed.connect(self._toast.say)
        self._session.loaded.connect(self.set_facts)
        self.filter.changed.connect(self._filter)
        self.hidden.wanted.connect(self.filter.clear)
        self.choose.clicked.connect(self.ask_for_folder)
        self.nothing.wanted.connect(self.ask_for_folder)
        self.pause.clicked.connect(self._pause_or_go_on)
        self.cancel.clicked.connect(job.cancel)
        self.forget.clicked.connect(self._forget)
        self.view.opened.connect(self.opened)
        self.view.shown_in_folder.connect(self.shown_in_folder)

    def _lay_out(self) -> None:
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(GAP)
        head.addWidget(label(self.tr("Batch"), "title"), 1)
        head.addWidget(self.choose)
        head.addWidget(self.export)
        head.addWidget(self.forget)
        self._card = QFrame()
        self._card.setProperty("look", "card")
        card = QVBoxLayout(self._card)
        card.setContentsMargins(2 * GAP, 12, 2 * GAP, 12)
        card.setSpacing(10)
        line = QHBoxLayout()
        line.setSpacing(GAP)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.folder)
        words.addWidget(self.state)
        line.addLayout(words, 1)
        line.addWidget(self.pause)
        line.addWidget(self.cancel)
        card.addLayout(line)
        card.addWidget(self.bar)
        self._body = stack(self.nothing, self.hidden, self.view)
        page_rows(self, self._head, self._card, SavingRow(self._job.exports), self.filter, self._body)
        self.recolour()


def _as_shown(outcome: Outcome, facts: DetectorFacts) -> Outcome:
    """Return an outcome as the thresholds in force give it."""
    return outcome if outcome.verdict is None else replace(outcome, verdict=facts.now(outcome.verdict))
