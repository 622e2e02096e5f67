"""The labelled images on the Training page: narrowed, relabelled, deleted, added, taken in and out as archives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QWidget,
)

from noiselens_core.files import is_file
from noiselens_core.label_transfer import says_labels
from noiselens_core.labels import Added, Kind
from noiselens_core.text import printable

from ..models.formats import count
from ..models.sample_list import ConflictList, Part, SampleFilter, SampleList
from ..models.samples import Intake, Samples
from .check_page import FILES
from .empty_state import EmptyState, NothingFits
from .parts import label, page_rows, segments, stack
from .sample_grid import PairView, SampleGrid
from .signs import line_icon
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore
from .toast import Toast

THUMBNAIL = 256  # px; a cell shows it at 128 logical px
CONFLICTS = "conflicts"
LEAST = 120  # logical px


class SampleShelf(QWidget):
    """Filter, grid and pairs of the labelled images, and what can be done with them.

    samples: the store. toast: the window's.

    Attributes:
        add: button with a menu, for the page's head.

    Signals:
        added(): images were taken in.
    """

    added = Signal()

    def __init__(self, samples: Samples, toast: Toast, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples, self._toast = samples, toast
        self.model, self.pairs = SampleList(self), ConflictList(self)
        self.filter = SampleFilter(self)
        self.filter.setSourceModel(self.model)
        self.thumbnails = ThumbnailStore(samples.thumbnail, self, side=THUMBNAIL)
        self.grid = SampleGrid(self.filter, self.model, self.thumbnails)
        self.pair_view = PairView(self.pairs, self.thumbnails)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search the samples"))
        self.search.setAccessibleName(self.tr("Search the samples"))
        self.search.setClearButtonEnabled(True)
        self._glass = self.search.addAction(
            line_icon("search", Theme.colours.soft), QLineEdit.ActionPosition.LeadingPosition
        )
        self.parts: dict[Part | str, QPushButton] = {}
        self._names: dict[Part | str, str] = {
            Part.ALL: self.tr("All"),
            Part.REAL: self.tr("Real"),
            Part.GENERATED: self.tr("Generated"),
            Part.ABSENT: self.tr("Not at hand"),
            CONFLICTS: self.tr("Contradictions"),
        }
        self._group = QButtonGroup(self)
        self.add = QPushButton(" " + self.tr("Add images"))  # the space keeps the icon off the words
        self.add.setMenu(self._add_menu())
        self.nothing = EmptyState(
            "training",
            self.tr("Teach NoiseLens your world"),
            self.tr(
                "Say of some images whether they are real or generated: on the Check page, in your browser, or by "
                "dropping files or folders here. From 10 of one kind on NoiseLens can learn from them, on this "
                "computer alone."
            ),
            self.tr("Add a folder…"),
        )
        self.hidden = NothingFits()
        self._lay_out()
        self._connect()
        self.show_shelf()

    @property
    def empty(self) -> bool:
        """Whether nothing has a label."""
        return not self._samples.shelf.entries

    def take(self, paths: Sequence[Path]) -> None:
        """Keep images of files, folders and archives; asks what they are unless the folders say it."""
        archives = [path for path in paths if path.suffix.lower() == ".zip"]
        for path in archives:
            self._samples.take_archive(path)
        others = [path for path in paths if path not in archives]
        told = [path for path in others if says_labels(path)]
        if told:
            self._samples.take(told, None)
        rest = [path for path in others if path not in told]
        if rest:
            self._ask_label(rest)

    def show_shelf(self) -> None:
        """Show what the store holds now."""
        shelf = self._samples.shelf
        if {entry.id for entry in shelf.entries} != {row.id for row in self.model.rows}:
            self.thumbnails.clear()  # an id that was deleted may be another image's now
        self.model.show_rows(shelf.entries[::-1])
        self.pairs.show_rows(shelf.conflicts)
        real = sum(entry.label == "real" for entry in shelf.entries)
        counts: dict[Part | str, int] = {
            Part.ALL: len(shelf.entries),
            Part.REAL: real,
            Part.GENERATED: len(shelf.entries) - real,
            Part.ABSENT: shelf.counts.absent,
            CONFLICTS: len(shelf.conflicts),
        }
        for part, button in self.parts.items():
            button.setText(f"{self._names[part]}  {count(counts[part])}")
            button.setVisible(bool(counts[part]) or part in (Part.ALL, Part.REAL, Part.GENERATED))
            if button.isChecked() and not counts[part] and part in (Part.ABSENT, CONFLICTS):
                self.parts[Part.ALL].setChecked(True)
        if shelf.conflicts and not self.pair_view.currentIndex().isValid():
            self.pair_view.setCurrentIndex(self.pairs.index(0))
        self._show_body()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self._glass.setIcon(line_icon("search", Theme.colours.soft))
        self.add.setIcon(line_icon("plus", Theme.colours.ink))
        self.nothing.recolour()
        self.grid.viewport().update()

    def close_threads(self) -> None:
        """End what loads thumbnails."""
        self.thumbnails.close()

    def ask_for_folder(self) -> None:
        """Let the user choose a folder of images."""
        dialog = QFileDialog(self, self.tr("Add a folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(dialog)

    def _ask_for(self, title: str, names: str) -> None:
        dialog = QFileDialog(self, title, "", names)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.open()

    def _ask_label(self, paths: list[Path]) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Add images"))
        if len(paths) == 1 and is_file(paths[0]):
            box.setText(self.tr("What is “{0}”?").format(printable(paths[0].name)))
        elif len(paths) == 1:
            box.setText(self.tr("What are the images in “{0}”?").format(printable(paths[0].name)))
        else:
            box.setText(self.tr("What are the {0} files and folders?").format(count(len(paths))))
        box.setInformativeText(self.tr("A copy of each is kept on this computer until you delete it here."))
        real = box.addButton(self.tr("Real"), QMessageBox.ButtonRole.AcceptRole)
        generated = box.addButton(self.tr("Generated"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        kinds: dict[object, Kind] = {real: "real", generated: "generated"}
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.buttonClicked.connect(lambda button: self._samples.take(paths, kinds[button]) if button in kinds else None)
        box.open()

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Save all samples"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Archives (*.zip)"))
        dialog.setDefaultSuffix("zip")
        dialog.selectFile("noiselens-samples.zip")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._samples.export(Path(name)))
        dialog.open()

    def _remove(self, digests: list[str]) -> None:
        self._samples.remove(digests)  # in its own time: the names are still there
        told = self.tr("Deleted from the samples: {0}.").format(self._called(digests))
        self._toast.offer_undo(told, self._samples.restore)

    def _called(self, digests: list[str]) -> str:
        """Return the name of one sample, the number of several."""
        names = [str(self.model.index(row).data()) for row, s in enumerate(self.model.rows) if s.sha256 in digests]
        return f"“{names[0]}”" if len(names) == 1 else count(len(digests))

    def _relabel(self, digests: list[str], kind: str) -> None:
        before = {row.sha256: row.label for row in self.model.rows if row.sha256 in digests}
        new: Kind = "real" if kind == "real" else "generated"
        self._samples.relabel(digests, new)
        told = {
            "real": self.tr("Kept as real: {0}."),
            "generated": self.tr("Kept as generated: {0}."),
        }

        kinds: tuple[Kind, ...] = ("real", "generated")

        def undo() -> None:
            for old in kinds:
                self._samples.relabel([sha256 for sha256, was in before.items() if was == old], old)

        self._toast.offer_undo(told[new].format(self._called(digests)), undo)

    def _settle(self, kind: str) -> None:
        pair = self.pair_view.current()
        if pair is None:
            return
        if kind:
            self._relabel([pair.first.sha256, pair.second.sha256], kind)
        else:
            self._samples.confirm(pair)
            self._toast.say(self.tr("Both labels are kept."))

    def _taking(self, seen: int) -> None:
        self._toast.say(self.tr("Images looked at: {0}…").format(count(seen)))

    def _exported(self, path: Path) -> None:
        self._toast.say(self.tr("Saved {0}.").format(printable(path.name)))

    def _taken(self, intake: Intake) -> None:
        counts = intake.counts
        new = counts.get(Added.NEW, 0) + counts.get(Added.RELABELLED, 0)
        parts = [self.tr("Kept: {0}.").format(count(new))]
        if counts.get(Added.KNOWN):
            parts.append(self.tr("Known already: {0}.").format(count(counts[Added.KNOWN])))
        if counts.get(Added.CONTRADICTED):
            parts.append(
                self.tr("Left with the other label they have here: {0}.").format(count(counts[Added.CONTRADICTED]))
            )
        if counts.get(None):
            parts.append(self.tr("Not read: {0} ({1})").format(count(counts[None]), printable(intake.sentence)))
        self._toast.say(" ".join(parts))
        self.added.emit()

    def _show_body(self) -> None:
        self.bar.setVisible(not self.empty)
        chosen = len(self.grid.chosen())
        paired = self.parts[CONFLICTS].isChecked()
        self.deeds.setVisible(not self.empty and (paired or chosen > 0))
        for button in (self.real, self.generated, self.delete):
            button.setVisible(not paired)
        for button in (self.both_real, self.both_generated, self.both_right):
            button.setVisible(paired)
        self.chosen.setText(
            self.tr("The same picture with both labels: which is right?")
            if paired
            else self.tr("{0} selected").format(count(chosen))
        )
        if self.empty:
            self._body.setCurrentWidget(self.nothing)
        elif paired:
            self._body.setCurrentWidget(self.pair_view)
        else:
            self._body.setCurrentWidget(self.grid if self.filter.rowCount() else self.hidden)

    def _narrow(self) -> None:
        part = next((part for part, button in self.parts.items() if button.isChecked()), Part.ALL)
        self.filter.narrow(part if isinstance(part, Part) else Part.ALL, self.search.text())
        self._show_body()

    def _show_all(self) -> None:
        self.search.clear()
        self.parts[Part.ALL].setChecked(True)

    def _add_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(
            self.tr("Images…"), lambda: self._ask_for(self.tr("Add images"), self.tr("Images ({0})").format(FILES))
        )
        menu.addAction(self.tr("A folder…"), self.ask_for_folder)
        menu.addSeparator()
        menu.addAction(
            self.tr("Exported samples…"),
            lambda: self._ask_for(self.tr("Add exported samples"), self.tr("Archives (*.zip)")),
        )
        self.export = menu.addAction(self.tr("Save all samples…"), self._ask_where)
        return menu

    def _connect(self) -> None:
        samples = self._samples
        samples.changed.connect(self.show_shelf)
        samples.taken.connect(self._taken)
        samples.taking.connect(self._taking)  # methods, not lambdas: the samples outlive the page
        samples.exported.connect(self._exported)
        samples.failed.connect(self._toast.say)
        self.search.textChanged.connect(lambda _: self._narrow())
        self._group.buttonToggled.connect(lambda _, on: self._narrow() if on else None)
        self.nothing.wanted.connect(self.ask_for_folder)
        self.hidden.wanted.connect(self._show_all)
        self.grid.relabelled.connect(self._relabel)
        self.grid.unwanted.connect(self._remove)
        self.grid.chosen_changed.connect(lambda _: self._show_body())
        self.real.clicked.connect(lambda: self._relabel(self.grid.chosen(), "real"))
        self.generated.clicked.connect(lambda: self._relabel(self.grid.chosen(), "generated"))
        self.delete.clicked.connect(lambda: self._remove(self.grid.chosen()))
        for button, kind in ((self.both_real, "real"), (self.both_generated, "generated"), (self.both_right, "")):
            button.clicked.connect(partial(self._settle, kind))

    def _lay_out(self) -> None:
        for part, name in self._names.items():
            button = self.parts[part] = QPushButton(name)
            button.setAccessibleDescription(self.tr("Shows only these images"))
        parts = segments(self.parts.values(), self._group)
        self.parts[Part.ALL].setChecked(True)
        self.bar = QWidget()
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(parts)
        row.addStretch(1)
        row.addWidget(self.search)
        self.search.setMinimumWidth(220)
        self.deeds = QWidget()
        deeds = QHBoxLayout(self.deeds)
        deeds.setContentsMargins(0, 0, 0, 0)
        deeds.setSpacing(GAP)
        self.chosen = label("", "soft")
        deeds.addWidget(self.chosen, 1)
        self.real, self.generated = QPushButton(self.tr("This is real")), QPushButton(self.tr("This is generated"))
        self.delete = QPushButton(self.tr("Delete"))
        self.both_real, self.both_generated = QPushButton(self.tr("Both real")), QPushButton(self.tr("Both generated"))
        self.both_right = QPushButton(self.tr("Both labels are right"))
        for button in (
            self.real, self.generated, self.delete, self.both_real, self.both_generated, self.both_right
        ):  # fmt: skip
            deeds.addWidget(button)
        self._body = stack(self.nothing, self.hidden, self.grid, self.pair_view)
        self._body.setMinimumHeight(LEAST)  # not that of the page that is shown when there is nothing
        page_rows(self, self.bar, self.deeds, self._body)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)
        self.recolour()
