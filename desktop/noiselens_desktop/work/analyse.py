"""From a request to a verdict: decode, judge, remember; no Qt, and torch only once judging starts."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from noiselens_core.calibration import Calibration
from noiselens_core.errors import NoiseLensError
from noiselens_core.images import DecodedImage, Origin, read_bytes
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.lines import Line
from noiselens_core.reasons import under
from noiselens_core.thumbnails import make_thumbnail
from noiselens_core.verdict import Verdict

from .detectors import load_detector
from .executor import DecodePool, Serial, return_memory, take_turns_quickly
from .originals import Originals

if TYPE_CHECKING:
    from noiselens_core.detector import Detector

DECODE_THREADS = 2
AHEAD = 4  # decoded images that may wait for the detector, 192 MB each at worst
SOURCES = {Origin.FILE: "file", Origin.BRIDGE: "browser", Origin.CLIPBOARD: "clipboard"}
DROPPED, CAPTURED = "drop", "screen"  # sources of what is read as from the clipboard and came in another way

log = logging.getLogger(__name__)


class AnalysisError(NoiseLensError):
    """An image could not be judged for a reason of our own."""


@dataclass(frozen=True)
class AnalyseRequest:
    """One image to judge.

    Attributes:
        data: its original bytes, or None when path names the file that holds them.
        path: the file to read when data is None.
        name: what to call it in the history; untrusted text.
        origin: decides which formats are read.
        page: address of the web page it stands in, "" when that is not known; untrusted text.
        came: the history's source where the origin does not say it all, else "".
    """

    data: bytes | None
    path: Path | None
    name: str
    origin: Origin
    page: str = ""
    came: str = ""

    @property
    def source(self) -> str:
        """How it came, as the history keeps it."""
        return self.came or SOURCES[self.origin]


@dataclass(frozen=True)
class AnalyseResponse:
    """The answer to a request.

    Attributes:
        request: the same object that was submitted.
        verdict: with its maps, unless it was answered from the library.
        image: the decoded picture; None when answered from the library.
        entry_id: of the new history entry; None when answered from the library or when it could not be kept. The
            session gives the latter an id below 0.
        thumbnail: JPEG made for that entry, or None.
        unkept: why it could not be kept, one sentence; "" when it was, or was kept before.
    """

    request: AnalyseRequest
    verdict: Verdict
    image: DecodedImage | None
    entry_id: int | None = None
    thumbnail: bytes | None = None
    unkept: str = ""


@dataclass(frozen=True)
class DetectorFacts:
    """What a view shows of the loaded detector: its id, and the probabilities between which it takes no side."""

    model_id: str
    real_at: float
    generated_at: float

    def now(self, verdict: Verdict) -> Verdict:
        """Return a verdict as the thresholds in force give it; one of another detector as it is."""
        return under(self._calibration, verdict) if verdict.model == self.model_id else verdict

    @property
    def judge_id(self) -> str:
        """Changes whenever the same bytes might get another verdict; see Batches."""
        return f"{self.model_id} {self.real_at} {self.generated_at}"

    def line_now(self, line: Line) -> Line:
        """Return a line as the thresholds in force give it; one of another detector as it is."""
        if line.model != self.model_id or line.probability is None or line.withheld:
            return line
        band = self._calibration.band(line.probability)
        return line if band is line.band else replace(line, band=band)

    def zone_of(self, verdict: Verdict) -> tuple[float, float] | None:
        """Return the probabilities between which no side is taken; None for a verdict of another detector."""
        return (self.real_at, self.generated_at) if verdict.model == self.model_id else None

    @property
    def _calibration(self) -> Calibration:
        return Calibration(generated_at=self.generated_at, real_at=self.real_at)


@dataclass(frozen=True)
class Ruling(Verdict):
    """A verdict that names its judge (`DetectorFacts.judge_id`): another may be in force by the time it is kept."""

    judge: str = ""

    @classmethod
    def of(cls, verdict: Verdict, judge: str) -> Ruling:
        """Return a verdict as this judge's."""
        return cls(**vars(verdict), judge=judge)


class Analyser:
    """Judges images off the calling thread.

    Images are read and decoded on a few threads and judged on one, in the order they were decoded. Everything that
    was judged is kept in the library. Futures fail with a NoiseLensError whose text may be shown as it is.

    labels: takes the bytes of what has a label and was not at hand.
    """

    def __init__(
        self,
        library: Library,
        load_detector: Callable[[], Detector] = load_detector,
        labels: LabelStore | None = None,
    ) -> None:
        self._library, self._labels = library, labels
        self._load = load_detector
        take_turns_quickly()
        self._serial = Serial("detector")
        self._decoding = DecodePool(DECODE_THREADS, AHEAD)
        self._detector: Detector | None = None  # this and the next are touched by the serial thread only
        self._at_hand: DetectorFacts | None = None  # of the detector; written there too, and read once loading is done
        self._failure: NoiseLensError | None = None  # why there is no detector at all
        self._originals: Originals | None = None
        self._lock = threading.Lock()
        self._facts: Future[DetectorFacts] | None = None
        self._closed = False

    def start(self) -> Future[DetectorFacts]:
        """Begin to load torch and the detector; every call returns the same future."""
        with self._lock:
            if self._facts is None:
                self._facts = self._serial.submit(self._load_detector)
            return self._facts

    def reload(self, load_detector: Callable[[], Detector]) -> Future[DetectorFacts]:
        """Load another detector; what was submitted before is judged by the present one, and all when that fails."""
        with self._lock:
            self._load = load_detector
            self._facts = self._serial.submit(self._load_detector)
            return self._facts

    def keep_originals(self, originals: Originals | None) -> None:
        """Keep images that have no file of their own from now on; None keeps none."""
        self._originals = originals

    @property
    def facts(self) -> DetectorFacts | None:
        """What is known of the detector; None while one is being loaded."""
        loading = self._facts
        return self._at_hand if loading is not None and loading.done() else None

    @property
    def model_id(self) -> str | None:
        """Id of the detector; None until it is loaded."""
        facts = self.facts
        return facts.model_id if facts else None

    def submit(
        self,
        request: AnalyseRequest,
        *,
        reuse: bool = False,
        decoded: Callable[[DecodedImage], None] = lambda _: None,
    ) -> Future[AnalyseResponse]:
        """Judge an image; cancelling the future drops it at the next step.

        reuse: answer from the library when it has this detector's verdict on the same bytes. decoded: called, on any
        thread, with the image that waits for the detector from now on.
        """
        self.start()
        answer: Future[AnalyseResponse] = Future()
        try:
            self._decoding.submit(lambda: self._decode(request, reuse, decoded, answer)).add_done_callback(
                lambda step: answer.cancel() if step.cancelled() else None
            )
        except RuntimeError:  # closed
            answer.cancel()
        return answer

    @property
    def judge_id(self) -> str:
        """Judge of what is asked now; "" while a detector is being loaded."""
        return facts.judge_id if (facts := self.facts) else ""

    def detect(self, image: DecodedImage) -> Ruling:
        """Judge a decoded image in its turn, and wait for it: not for the GUI thread.

        Nothing is kept in the history. Raises NoiseLensError; CancelledError when the analyser closes.
        """
        self.start()
        try:
            return self._serial.submit(lambda: self._detect(image)).result()
        except RuntimeError as error:
            if self._closed:
                raise CancelledError from error
            raise

    def aside(self, call: Callable[[], object]) -> None:
        """Run something that decodes and that nobody waits for; dropped when the analyser closes."""
        with suppress(RuntimeError):  # closed
            self._decoding.submit(call)

    def close(self) -> None:
        """Drop what waits, finish what runs, end threads and children; a second call does nothing."""
        with self._lock:
            closed, self._closed = self._closed, True
        if not closed:
            self._decoding.close()
            self._serial.close()
            self._detector = None

    def _load_detector(self) -> DetectorFacts:
        try:
            self._detector, self._failure = self._load(), None
        except NoiseLensError as error:
            self._failure = None if self._detector else error
            raise
        except Exception as error:  # whatever torch and its drivers may come up with
            log.exception("the detector cannot be loaded")
            failure = AnalysisError(
                f"The detector could not be loaded ({type(error).__name__}). Install NoiseLens again."
            )
            self._failure = None if self._detector else failure
            raise failure from error
        return_memory()
        self._at_hand = _facts_of(self._detector)
        return self._at_hand

    def _decode(
        self,
        request: AnalyseRequest,
        reuse: bool,
        decoded: Callable[[DecodedImage], None],
        answer: Future[AnalyseResponse],
    ) -> None:
        """On a decoding thread: read, answer from the library or decode, and hand over to the detector."""
        if answer.cancelled():
            return
        try:
            data = request.data
            if data is None:
                if request.path is None:
                    raise ValueError("a request has bytes or a path")
                data = read_bytes(request.path)
            if reuse and (facts := self.facts):
                known = self._library.find(hashlib.sha256(data).hexdigest(), facts.model_id)
                if known is not None:
                    _settle(answer, AnalyseResponse(request, facts.now(known), None))
                    return
            self._decoding.take_room()
            try:
                image = self._decoding.decode(data, request.origin)
                decoded(image)
                step = self._serial.submit(lambda: self._judge(request, data, image, answer))
            except BaseException:
                self._decoding.give_room()
                raise
        except (CancelledError, RuntimeError):  # closed meanwhile
            answer.cancel()
            return
        except NoiseLensError as error:
            _fail(answer, error)
            return
        except Exception as error:  # a thread of the pool has nobody to raise to: the future carries it
            log.exception("an image could not be decoded")
            _fail(answer, error)
            return
        step.add_done_callback(lambda done: self._judged(done, answer))

    def _detect(self, image: DecodedImage) -> Ruling:
        if self._failure is not None:
            raise self._failure
        assert self._detector is not None
        return Ruling.of(self._detector.detect(image), _facts_of(self._detector).judge_id)

    def _judge(
        self, request: AnalyseRequest, data: bytes, image: DecodedImage, answer: Future[AnalyseResponse]
    ) -> None:
        """On the detector's thread."""
        if answer.cancelled():
            return
        if self._failure is not None:  # loading came before us on this thread, so it is done
            _fail(answer, self._failure)
            return
        assert self._detector is not None
        try:
            verdict = self._detector.detect(image)
            thumbnail = make_thumbnail(image.pixels)
        except Exception as error:
            log.exception("an image could not be judged")
            _fail(answer, error)
            return
        _settle(answer, self._keep(AnalyseResponse(request, verdict, image, thumbnail=thumbnail)))
        try:
            if self._labels is not None:
                self._labels.offer(data, image)
        except NoiseLensError as error:  # the label stays, its image is not at hand
            log.warning("%s", error)

    def _keep(self, response: AnalyseResponse) -> AnalyseResponse:
        """Add to the history; a full disk costs the entry and never the verdict."""
        request, verdict = response.request, response.verdict
        try:
            path, originals = request.path.absolute() if request.path else None, self._originals
            with originals.keeping if originals is not None else nullcontext():
                if path is None and request.data is not None and originals is not None:
                    path = originals.keep(verdict.sha256, request.data)
                name, source, page = request.name, request.source, request.page
                return replace(
                    response, entry_id=self._library.add(verdict, name, source, response.thumbnail, path, page)
                )
        except NoiseLensError as error:
            log.warning("%s", error)
            return replace(response, unkept=str(error))

    def _judged(self, step: Future[None], answer: Future[AnalyseResponse]) -> None:
        self._decoding.give_room()
        if step.cancelled():
            answer.cancel()


def _facts_of(detector: Detector) -> DetectorFacts:
    return DetectorFacts(detector.model_id, detector.calibration.real_at, detector.calibration.generated_at)


def _settle(answer: Future[AnalyseResponse], response: AnalyseResponse) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_result(response)


def _fail(answer: Future[AnalyseResponse], error: BaseException) -> None:
    if not isinstance(error, NoiseLensError):
        error = AnalysisError(f"NoiseLens could not judge this image ({type(error).__name__}). Try another copy of it.")
    if answer.set_running_or_notify_cancel():
        answer.set_exception(error)
