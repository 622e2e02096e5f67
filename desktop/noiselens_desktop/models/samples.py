"""The labelled images as the GUI thread sees them: read, added, relabelled, deleted; answers arrive as signals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal

from noiselens_core.label_transfer import Taken, export_zip, labelled_files, take_files, take_zip
from noiselens_core.labels import Added, Conflict, Counts, Kind, LabelledSample, LabelStore

from .lane import Lane
from .sentences import core_words

TOLD_EVERY = 8  # images between two reports while many are taken in


@dataclass(frozen=True)
class Shelf:
    """Everything that has a label, at one moment."""

    entries: tuple[LabelledSample, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    counts: Counts = Counts()  # noqa: RUF009  # frozen


@dataclass(frozen=True)
class Intake:
    """What became of images that were taken in.

    Attributes:
        counts: outcome -> how many; None stands for those that were refused.
        sentence: why the first refused one was, or "".
    """

    counts: dict[Added | None, int]
    sentence: str = ""


class Samples(Lane[Shelf]):
    """The label store's face on the GUI thread; nothing in it waits.

    Signals:
        changed(): `shelf` is new.
        taking(int): so many images of the ones given were looked at.
        taken(Intake): the images given last are taken in.
        exported(Path): an archive was saved there.
    """

    changed = Signal()
    taking = Signal(int)
    taken = Signal(object)
    exported = Signal(object)

    def __init__(self, labels: LabelStore, parent: QObject | None = None) -> None:
        super().__init__("samples", parent)
        self.shelf = Shelf()
        self._labels = labels
        self._digests: dict[int, str] = {}
        self._stopped = Event()

    def thumbnail(self, id_: int) -> bytes | None:
        """Return the thumbnail of a sample; not for the GUI thread. Raises LibraryError."""
        digest = self._digests.get(id_)
        return self._labels.thumbnail(digest) if digest else None

    def take(self, paths: Sequence[Path], label: Kind | None) -> None:
        """Keep the images in files and folders; None: the folders themselves say what their images are."""
        self._take(lambda: take_files(self._labels, labelled_files(paths, label), replace=label is not None))

    def take_archive(self, path: Path) -> None:
        """Take in a zip archive that was exported."""
        self._take(lambda: take_zip(self._labels, path))

    def export(self, path: Path) -> None:
        """Save everything as a zip archive."""
        self.do(lambda: export_zip(self._labels, path), lambda _: self.exported.emit(path))

    def relabel(self, digests: Iterable[str], label: Kind) -> None:
        """Give samples another label."""
        chosen = list(digests)
        self.do(lambda: self._labels.relabel(chosen, label))

    def remove(self, digests: Iterable[str]) -> None:
        """Delete samples with their images; the last deletion can be undone with `restore`."""
        chosen = list(digests)
        self.do(lambda: self._labels.remove(chosen))

    def restore(self) -> None:
        """Undo the last deletion."""
        self.do(self._labels.restore)

    def confirm(self, conflict: Conflict) -> None:
        """Take the user's word that both labels of a pair are right."""
        self.do(lambda: self._labels.confirm(conflict))

    def close(self) -> None:
        """Finish what was asked but the rest of an intake, and end the thread; answers that come later are dropped."""
        self._stopped.set()
        super().close()

    def _take(self, begin: Callable[[], Iterator[Taken]]) -> None:
        def work() -> Intake:
            counts: Counter[Added | None] = Counter()
            sentence = ""
            for number, one in enumerate(begin(), start=1):
                counts[one.added] += 1
                sentence = sentence or (f"{one.name}: {core_words(one.sentence)}" if one.added is None else "")
                if number % TOLD_EVERY == 0:
                    self.give(lambda number=number: self.taking.emit(number))  # type: ignore[misc]
                if self._stopped.is_set():
                    break
            return Intake(dict(counts), sentence)

        self.do(work, self.taken.emit)

    def read(self) -> Shelf:
        """Return everything that has a label."""
        return Shelf(tuple(self._labels.entries()), tuple(self._labels.conflicts()), self._labels.counts())

    def show(self, read: Shelf) -> None:
        """Take everything that has a label."""
        self.shelf = read
        self._digests = {entry.id: entry.sha256 for entry in read.entries}
        self.changed.emit()
