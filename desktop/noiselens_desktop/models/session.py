"""The bridge between the GUI thread and everything that runs off it."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from noiselens_core.batch import Outcome
from noiselens_core.errors import NoiseLensError
from noiselens_core.files import is_file
from noiselens_core.images import DecodedImage, Origin
from noiselens_core.labels import Kind, LabelStore
from noiselens_core.library import HistoryEntry, Library
from noiselens_core.lines import Line

from ..work.analyse import CAPTURED, DROPPED, SOURCES, Analyser, AnalyseRequest, AnalyseResponse, DetectorFacts
from ..work.executor import Serial
from ..work.exports import export_image
from ..work.pictures import Pictures, make_pictures
from .lane import sentence_of
from .report_words import report_language
from .sentences import core_words

if TYPE_CHECKING:
    from noiselens_core.detector import Detector

T = TypeVar("T")
HISTORY_LIMIT = 1000  # entries on the Check page; the History page shows all
ORIGINS = {source: origin for origin, source in SOURCES.items()} | dict.fromkeys((DROPPED, CAPTURED), Origin.CLIPBOARD)
LINES_AT_ONCE = 500  # read under one hold of the library
IN_FLIGHT = 16  # requests the analyser holds at a time
KEPT_PIXELS = 400_000_000  # bytes of decoded images held for looking at them again


class NotKeptError(NoiseLensError):
    """The history does not hold the image."""


class Session(QObject):
    """Takes requests on the GUI thread and answers there; nothing in it waits.

    Signals:
        loaded(DetectorFacts): the detector is ready.
        not_loaded(str): it will not be, and why; the one that `facts` tells of judges on.
        decoded(int): what this ticket stands for can be looked at while it waits, by `preview`.
        judged(int, AnalyseResponse), refused(int, str): the answer to the ticket that `submit` returned.
        arrived(AnalyseResponse): a browser sent an image, and this is its verdict.
        wanted(HistoryEntry): a browser's user wants to see this entry in the window.
        exported(Path): a report was saved there.
        labelled(): what the user says of images has changed.
        deleted(list | None): these entries are deleted, None is all of them. restored(): the last deletion was undone.
        not_deleted(): it failed, and they are there still.
        troubled(str): something went wrong that no ticket stands for.
    """

    loaded = Signal(object)
    not_loaded = Signal(str)
    decoded = Signal(int)
    judged = Signal(int, object)
    refused = Signal(int, str)
    arrived = Signal(object)
    wanted = Signal(object)
    deleted = Signal(object)
    restored = Signal()
    not_deleted = Signal()
    exported = Signal(object)
    labelled = Signal()
    troubled = Signal(str)
    _returned = Signal(object)

    def __init__(self, library: Library, labels: LabelStore, analyser: Analyser, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library, self._labels, self._analyser = library, labels, analyser
        self._lane = Serial("library")  # in order: an undo never overtakes its deletion
        self._tickets = itertools.count(1)
        self._queue: dict[int, AnalyseRequest] = {}  # what the analyser was not given yet
        self._waiting: dict[int, Future[AnalyseResponse]] = {}
        self._decoded: dict[int, DecodedImage] = {}  # of tickets that wait; no more than the analyser decodes ahead
        self._seen: OrderedDict[int, AnalyseResponse] = OrderedDict()
        self._unkept = itertools.count(-1, -1)  # ids for what the library could not keep
        self._keeps = True  # the last verdict was kept
        self._closed = False
        self._facts: DetectorFacts | None = None
        # Queued also on the GUI thread: an answer that is there at once must not come before its ticket is returned.
        self._returned.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to load the detector."""
        self._analyser.start().add_done_callback(lambda done: self._return(lambda: self._tell_loaded(done)))

    def reload(self, load_detector: Callable[[], Detector]) -> None:
        """Judge with another detector from now on."""
        loading = self._analyser.reload(load_detector)
        loading.add_done_callback(lambda done: self._return(lambda: self._tell_loaded(done)))

    @property
    def facts(self) -> DetectorFacts | None:
        """What is known of the detector that judges; None until one does."""
        return self._facts

    def submit(self, request: AnalyseRequest) -> int:
        """Ask for a verdict and return the ticket that `judged` or `refused` will name."""
        ticket = next(self._tickets)
        self._queue[ticket] = request
        self._feed()
        return ticket

    def cancel(self, ticket: int) -> None:
        """Drop a request; nothing more is heard of its ticket."""
        self._queue.pop(ticket, None)
        self._decoded.pop(ticket, None)
        answer = self._waiting.pop(ticket, None)
        if answer is not None:
            answer.cancel()
            self._feed()

    def receive(self, response: AnalyseResponse) -> None:
        """Take what a browser sent; may be called on any thread."""
        self._return(lambda: self._tell_arrived(response))

    def show(self, sha256: str) -> None:
        """Have the window show the newest entry of these bytes; may be called on any thread.

        Raises NoiseLensError when there is none.
        """
        entry = self._library.latest(sha256)
        if entry is None:
            raise NotKeptError("The image is not in the history any more. Check it again, then open it in NoiseLens.")
        self._return(lambda: self.wanted.emit(entry))

    def remembers(self, entry_id: int) -> bool:
        """Return whether an image's pixels are still in memory."""
        return entry_id in self._seen

    def pictures(self, entry_id: int, then: Callable[[Pictures], None]) -> bool:
        """Make what can be painted of an image judged since the start; False when its pixels are gone."""
        response = self._seen.get(entry_id)
        if response is None or response.image is None:
            return False
        self._seen.move_to_end(entry_id)
        pixels, verdict = response.image.pixels, response.verdict
        self.run(lambda: make_pictures(pixels, verdict), then)
        return True

    def preview(self, ticket: int, then: Callable[[Pictures], None]) -> None:
        """Make what can be painted of an image that waits for its verdict, if it is decoded."""
        image = self._decoded.get(ticket)
        if image is not None:
            self.run(lambda: make_pictures(image.pixels), then)

    def load_history(self, then: Callable[[list[HistoryEntry]], None]) -> None:
        """Read the history."""
        self.run(lambda: self._library.history(HISTORY_LIMIT), then)

    def load_lines(self, above: int, below: int, then: Callable[[list[Line]], None]) -> None:
        """Read entries of the history between two ids, the newest first, some hundred at a time."""
        self.run(lambda: self._library.lines(above, below, LINES_AT_ONCE), then)

    def load_entry(self, entry_id: int, then: Callable[[HistoryEntry | None], None]) -> None:
        """Read one entry of the history."""
        self.run(lambda: self._library.entry(entry_id), then)

    def thumbnail(self, entry_id: int) -> bytes | None:
        """Return the thumbnail of an entry; not for the GUI thread. Raises LibraryError."""
        return self._library.thumbnail(entry_id)

    def delete(self, ids: Sequence[int]) -> None:
        """Delete entries; the last deletion can be undone with `restore`."""
        self.run(lambda: self._library.delete(ids), otherwise=self.not_deleted.emit)
        self.deleted.emit(list(ids))

    def clear(self) -> None:
        """Delete the whole history; undone with `restore`."""
        self.run(self._library.clear, otherwise=self.not_deleted.emit)
        self.deleted.emit(None)

    def restore(self) -> None:
        """Undo the last deletion."""
        self.run(self._library.restore, lambda _: self.restored.emit())

    def find_images(self, ids: Sequence[int], then: Callable[[list[AnalyseRequest]], None]) -> None:
        """Find images of the history, to judge them again; those that are no longer at hand are left out."""

        seen = {id_: self._seen[id_].request for id_ in ids if id_ in self._seen}

        def find() -> list[AnalyseRequest]:
            samples = {sample.sha256: sample.path for sample in self._labels.entries()}
            found = []
            for entry in filter(None, map(self._library.entry, ids)):
                path = entry.path if entry.path and is_file(entry.path) else samples.get(entry.verdict.sha256)
                if path is not None:
                    origin = ORIGINS[entry.source]
                    found.append(AnalyseRequest(None, path, entry.name, origin, entry.page, entry.source))
                elif entry.id in seen and seen[entry.id].data is not None:
                    found.append(seen[entry.id])
            return found

        self.run(find, then)

    def load_labels(self, then: Callable[[dict[str, Kind]], None]) -> None:
        """Read what the user said of images: SHA-256 (hex) -> "real" or "generated"."""
        self.run(self._labels.labels, then)

    def label(self, sha256: str, label: Kind | None, name: str = "", source: str = "", entry_id: int = 0) -> None:
        """Keep what the user says of an image, and the image while it is at hand; None takes both back.

        entry_id: of the history, by which an image without a file is found.
        """
        seen, labels = self._seen.get(entry_id), self._labels

        def keep() -> None:
            if label is None:
                labels.remove([sha256])
                return
            labels.say(sha256, label, name, source)
            if seen is not None and seen.image is not None and seen.request.data is not None:
                labels.offer(seen.request.data, seen.image)
            else:
                labels.fetch(sha256)

        self.run(keep, lambda _: self.labelled.emit())

    def tell_labelled(self) -> None:
        """Say that a browser's user labelled an image; may be called on any thread."""
        self._return(self.labelled.emit)

    def export(self, entry_id: int, name: str, path: Path) -> bool:
        """Save a report of an image and its overlays beside it; False when its pixels are gone.

        name: as the report calls it.
        """
        response = self._seen.get(entry_id)
        if response is None or response.image is None:
            return False
        facts, verdict = self.facts, response.verdict
        outcome = Outcome(Path(name), image=response.image, verdict=facts.now(verdict) if facts else verdict)
        self.run(lambda: export_image(path, outcome, facts, report_language), lambda _: self.exported.emit(path))
        return True

    def run(
        self,
        call: Callable[[], T],
        then: Callable[[T], None] | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        """Run call off the GUI thread, after what was given before, and `then` with its result on it.

        otherwise: called on it when call fails, of which the user is told in any case.
        """
        if not self._closed:
            self._lane.submit(call).add_done_callback(
                lambda done: self._return(lambda: self._tell_result(done, then, otherwise))
            )

    def close(self) -> None:
        """Finish what was asked and end the thread; answers that come later are dropped."""
        self._closed = True
        self._lane.close(drop=False)  # a deletion just before the end is still a deletion

    def _return(self, call: Callable[[], None]) -> None:
        if not self._closed:
            self._returned.emit(call)

    @Slot(object)
    def _run(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _tell_loaded(self, done: Future[DetectorFacts]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self._facts = done.result()
            self.loaded.emit(self._facts)
        else:
            self.not_loaded.emit(core_words(sentence_of(error)))

    def _feed(self) -> None:
        """Give the analyser no more than it has use for: each hand-over may cost the GUI thread a moment."""
        while self._queue and len(self._waiting) < IN_FLIGHT:
            ticket = next(iter(self._queue))
            answer = self._waiting[ticket] = self._analyser.submit(
                self._queue.pop(ticket),
                decoded=lambda image, ticket=ticket: self._return(  # type: ignore[misc]
                    lambda: self._tell_decoded(ticket, image)
                ),
            )
            answer.add_done_callback(
                lambda done, ticket=ticket: self._return(lambda: self._tell_answer(ticket, done))  # type: ignore[misc]
            )

    def _tell_decoded(self, ticket: int, image: DecodedImage) -> None:
        if ticket in self._waiting:
            self._decoded[ticket] = image
            self.decoded.emit(ticket)

    def _tell_answer(self, ticket: int, done: Future[AnalyseResponse]) -> None:
        self._decoded.pop(ticket, None)
        if self._waiting.pop(ticket, None) is None or done.cancelled():
            return
        self._feed()
        error = done.exception()
        if error is None:
            self.judged.emit(ticket, self._remember(done.result()))
        else:
            self.refused.emit(ticket, sentence_of(error))

    def _tell_arrived(self, response: AnalyseResponse) -> None:
        if response.image is not None:  # else it was answered from the history and is there already
            self.arrived.emit(self._remember(response))

    def _tell_result(
        self, done: Future[Any], then: Callable[[Any], None] | None, otherwise: Callable[[], None] | None
    ) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            self.troubled.emit(core_words(sentence_of(error)))
            if otherwise is not None:
                otherwise()
        elif then is not None:
            then(done.result())

    def _remember(self, response: AnalyseResponse) -> AnalyseResponse:
        """Hold the image for looking at it again; return the response with an id, also when it could not be kept."""
        kept, id_ = response.entry_id is not None, response.entry_id or next(self._unkept)
        if self._keeps and not kept:  # once, and not for each image of many
            self.troubled.emit(self.tr("Verdicts cannot be kept: {0}").format(core_words(response.unkept)))
        self._keeps = kept
        response = self._seen[id_] = replace(response, entry_id=id_)
        while len(self._seen) > 1 and sum(_bytes(kept) for kept in self._seen.values()) > KEPT_PIXELS:
            self._seen.popitem(last=False)
        return response


def _bytes(response: AnalyseResponse) -> int:
    return response.image.pixels.nbytes if response.image is not None else 0
