"""The batch as the GUI thread sees it: begin, pause, go on, cancel; its progress arrives as signals."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from noiselens_core.batches import Batch, Batches
from noiselens_core.errors import NoiseLensError
from noiselens_core.files import may_be_file

from ..work.analyse import Analyser
from ..work.batch_run import BatchProgress, BatchRun, list_files
from ..work.executor import Serial
from .export_job import ExportJob
from .sentences import core_words


class Phase(Enum):
    """What a batch is doing."""

    NONE = auto()  # there is none
    LISTING = auto()  # its folder is being looked through
    RUNNING = auto()
    PAUSED = auto()  # also after a kill: some files are not judged
    ENDED = auto()


class BatchJob(QObject):
    """The one batch of the app.

    Attributes:
        phase: what it is doing.
        batch: facts of it; None in the phases NONE and LISTING.
        ready: it is known what was left by the start before.
        batches: where everything of it is kept.
        exports: writes what was found into files.

    Signals:
        readied(): `ready` is True now.
        changed(): phase or batch changed.
        found(list): lines that were found since.
        began(): a batch is there that the lines shown so far do not belong to.
        progressed(BatchProgress): at most a few times a second.
        failed(str): one sentence.
    """

    readied = Signal()
    changed = Signal()
    found = Signal(list)
    began = Signal()
    progressed = Signal(object)
    failed = Signal(str)
    _told = Signal(int, object, object)
    _listed = Signal(int, object)
    _read = Signal(int, object)

    def __init__(self, batches: Batches, analyser: Analyser, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.batches, self._analyser = batches, analyser
        self.exports = ExportJob(self)
        self.phase, self.batch, self.ready = Phase.NONE, None, False
        self._run: BatchRun | None = None
        self._stop_listing = threading.Event()
        self._lane = Serial("batches")
        self._round = 0  # what an older run or reading still says is not listened to
        queued = Qt.ConnectionType.QueuedConnection
        self._told.connect(self._take_progress, queued)
        self._listed.connect(self._take_listed, queued)
        self._read.connect(self._take_lines, queued)

    phase: Phase
    batch: Batch | None

    def load(self) -> None:
        """Read the batch that was left, with what was found."""
        number = self._round
        self._lane.submit(lambda: self._load(number))

    def begin(self, folders: Sequence[Path]) -> None:
        """Begin a new batch of all images in these folders, in place of the one before."""
        before = self._end_run()
        self._set(Phase.LISTING, None)
        self.began.emit()
        self._stop_listing = stop = threading.Event()
        number = self._round

        def make() -> Batch | None:
            if before is not None:
                before.wait()
            folder, files = list_files(folders, stop)
            files = [(path, at) for path, at in files if may_be_file(path)]
            return self.batches.begin(folder, files) if files else None

        self._lane.submit(make).add_done_callback(lambda done: self._listed.emit(number, done))

    def go_on(self) -> None:
        """Judge what is not judged yet."""
        if self.phase is not Phase.PAUSED or self.batch is None:
            return
        number, before = self._round, self._run
        run = self._run = BatchRun(
            self.batches,
            self.batch,
            self._analyser,
            lambda progress: self._told.emit(number, run, progress),
        )
        self._set(Phase.RUNNING, self.batch)
        run.start(after=before)

    def pause(self) -> None:
        """Stop after the image at hand; `go_on` continues, also after a restart."""
        if self.phase is Phase.RUNNING and self._run is not None:
            self._run.stop()
            self._set(Phase.PAUSED, self.batch)

    def cancel(self) -> None:
        """End the batch; what was found stays."""
        if self.phase is Phase.LISTING:
            self._end_run()
            self._set(Phase.NONE, None)
            self.load()  # the one before is still there
        elif self.batch is not None and not self.batch.done:
            batch, run = self.batch, self._run
            if run is not None:
                run.stop()
            self._set(Phase.ENDED, replace(batch, done=True))

            def finish() -> None:
                if run is not None:  # what it found last may rest on results that finishing would sweep away
                    run.wait()
                self.batches.finish(batch.id)

            self._lane.submit(finish)

    def forget(self) -> None:
        """Forget the batch with everything found; undone with `restore`."""
        run = self._end_run()
        self._set(Phase.NONE, None)
        self.began.emit()

        def forget() -> None:
            if run is not None:
                run.wait()
            self.batches.forget()

        self._lane.submit(forget)

    def restore(self) -> None:
        """Undo `forget`, unless another batch has begun."""
        if self.phase is Phase.NONE:
            self._lane.submit(self.batches.restore)
            self.load()

    def close(self) -> None:
        """End the run and the thread; the batch can be gone on with later."""
        run = self._end_run()
        if run is not None:
            run.wait()
        self.exports.close()
        self._lane.close(drop=False)  # a batch forgotten just before the end is still forgotten

    def _load(self, number: int) -> None:
        try:
            batch = self.batches.latest()
            self._read.emit(number, batch)
            if batch is None:
                return
            for lines in self.batches.lines(batch.id):
                if self._round != number:
                    return
                self._read.emit(number, lines)
        except NoiseLensError as error:
            self._read.emit(number, error)

    @Slot(int, object)
    def _take_lines(self, number: int, read: Batch | NoiseLensError | list[object] | None) -> None:
        if number == self._round:
            self._take_read(read)
        if not self.ready:
            self.ready = True
            self.readied.emit()

    def _take_read(self, read: Batch | NoiseLensError | list[object] | None) -> None:
        if isinstance(read, NoiseLensError):
            self.failed.emit(core_words(str(read)))
        elif isinstance(read, Batch):
            if self.phase is not Phase.RUNNING:  # a window made anew asks while a batch runs
                self._set(Phase.ENDED if read.done else Phase.PAUSED, read)
            self.began.emit()
        elif read is not None:
            self.found.emit(read)

    @Slot(int, object)
    def _take_listed(self, number: int, done: Future[Batch | None]) -> None:
        if number != self._round or done.cancelled():
            return
        error = done.exception()
        batch = done.result() if error is None else None
        if batch is None:
            self._set(Phase.NONE, None)
            self.load()
            if not isinstance(error, CancelledError):
                no_image = self.tr("There is no image in that folder. Choose one that holds images.")
                self.failed.emit(no_image if error is None else core_words(str(error)))
            return
        self._set(Phase.PAUSED, batch)
        self.go_on()

    @Slot(int, object, object)
    def _take_progress(self, number: int, run: BatchRun, progress: BatchProgress) -> None:
        if number != self._round:
            return
        if progress.lines:
            self.found.emit(progress.lines)
        if run is not self._run:  # paused a moment ago, and the next run has begun
            return
        if self.phase is Phase.ENDED:  # cancelled while the last image was judged
            self._set(Phase.ENDED, replace(progress.batch, done=True))
            return
        self.batch = progress.batch
        self.progressed.emit(progress)
        if not progress.running:
            self._set(Phase.ENDED if progress.batch.done else Phase.PAUSED, progress.batch)
            if progress.failure:
                self.failed.emit(core_words(progress.failure))

    def _set(self, phase: Phase, batch: Batch | None) -> None:
        self.phase, self.batch = phase, batch
        self.changed.emit()

    def _end_run(self) -> BatchRun | None:
        """Stop what runs, listen to it no more, and return it."""
        self._stop_listing.set()
        self._round += 1
        run, self._run = self._run, None
        if run is not None:
            run.stop()
        return run
