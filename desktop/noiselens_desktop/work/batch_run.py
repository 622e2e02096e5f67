"""One batch being worked through: files in, findings into the library, progress out; no Qt."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from noiselens_core.batch import Outcome, find_images, judge_files
from noiselens_core.batches import Batch, Batches, Finding
from noiselens_core.errors import NoiseLensError
from noiselens_core.lines import Line
from noiselens_core.thumbnails import make_thumbnail

from .analyse import Analyser, Ruling

KEEP_EVERY_S = 0.4  # at most this much work is lost by a kill
KEEP_AT_MOST = 64  # findings waiting to be kept
PACE_OVER_S = 20.0  # the pace is that of the last seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is.

    Attributes:
        lines: what was found since the last report.
        pace: files a second of late; 0 while there is none to tell.
        running: False in the last report of a run: it came to the end, was paused or failed.
        failure: one sentence when it failed, else "".
    """

    batch: Batch
    lines: list[Line]
    pace: float
    running: bool
    failure: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at this pace; None when that cannot be told."""
        return (self.batch.total - self.batch.judged) / self.pace if self.pace > 0 else None


def list_files(folders: Sequence[Path], stop: threading.Event) -> tuple[Path, list[tuple[Path, float]]]:
    """Return the folder that holds all the images in these folders, and each image with the time of its last change.

    Raises CancelledError once stop is set.
    """
    found: list[tuple[Path, float]] = []
    for path in find_images(folder.absolute() for folder in folders):
        if stop.is_set():
            raise CancelledError
        try:
            found.append((path, path.stat().st_mtime))
        except OSError:  # gone meanwhile, or not to be looked at: judging says so in a sentence
            found.append((path, 0.0))
    return Path(os.path.commonpath([folder.absolute() for folder in folders])), found


class BatchRun:
    """Works a batch off on a thread of its own until its end, or until `stop`; what is left can be run another time.

    batch: goes on where it was left. analyser: judges; its detector may become another meanwhile. tell: called on the
    run's thread, at most a few times a second.
    """

    def __init__(
        self, batches: Batches, batch: Batch, analyser: Analyser, tell: Callable[[BatchProgress], None]
    ) -> None:
        self._batches, self._batch, self._analyser, self._tell = batches, batch, analyser, tell
        self._stop = threading.Event()
        self._positions: deque[int] = deque()  # of the files that are being read or judged
        self._found: list[Finding] = []
        self._fresh: dict[tuple[str, str], Ruling] = {}  # not kept yet, by digest and judge; decoding threads read it
        self._judged = batch.judged
        self._marks: deque[tuple[float, int]] = deque()
        self._after: BatchRun | None = None
        self._thread = threading.Thread(target=self._work, name="batch")

    def start(self, after: BatchRun | None = None) -> None:
        """Begin, once an earlier run has ended."""
        self._after = after
        self._thread.start()

    def stop(self) -> None:
        """End after the image that is being judged; what was found is kept."""
        self._stop.set()

    def wait(self) -> None:
        """Wait for the end; not for the GUI thread."""
        self._thread.join()

    def _work(self) -> None:
        failure = ""
        if self._after is not None:
            self._after.wait()
        try:
            self._batch = self._batches.latest() or self._batch
            self._judged = self._batch.judged
            kept_at = time.monotonic()
            with closing(judge_files(self._paths(), lambda: self._analyser, self._known)) as outcomes:
                for outcome in outcomes:
                    self._take(outcome)
                    now = time.monotonic()
                    if not self._marks:  # the pace begins here: the detector may have had to be loaded before
                        self._marks.append((now, self._judged))
                    if now - kept_at >= KEEP_EVERY_S or len(self._found) >= KEEP_AT_MOST:
                        self._keep(now, running=True)
                        kept_at = now
                    if self._stop.is_set():
                        break
        except CancelledError:  # the detector's thread has ended
            pass
        except NoiseLensError as error:
            failure = str(error)
        except Exception as error:  # a thread has nobody to raise to
            log.exception("a batch ended early")
            failure = f"The batch ended on an error of NoiseLens itself ({type(error).__name__}). Resume it to go on."
        try:
            if not failure and not self._stop.is_set():
                self._finish()
            self._keep(time.monotonic(), running=False, failure=failure)
        except NoiseLensError as error:  # the disk is full, or the library is gone
            self._say([], 0.0, running=False, failure=failure or str(error))

    def _paths(self) -> Iterator[Path]:
        for position, path in self._batches.pending(self._batch.id):
            if self._stop.is_set():
                return
            self._positions.append(position)
            yield path

    def _known(self, sha256: str) -> Ruling | None:
        judge = self._analyser.judge_id
        if not judge:  # one is being loaded, and nobody knows yet what it says of these bytes
            return None
        if fresh := self._fresh.get((sha256, judge)):
            return fresh
        known = self._batches.known(sha256, judge)
        return Ruling.of(known, judge) if known else None

    def _take(self, outcome: Outcome) -> None:
        position, ruling = self._positions.popleft(), outcome.verdict
        if ruling is None:
            self._found.append(Finding(position, refusal=outcome.refusal))
        else:
            assert isinstance(ruling, Ruling)  # whether judged or known
            picture = None
            if outcome.image is not None:
                facts = outcome.image.facts
                picture = (facts.format, facts.byte_size, make_thumbnail(outcome.image.pixels))
                self._fresh[ruling.sha256, ruling.judge] = ruling
            self._found.append(Finding(position, ruling, ruling.judge, picture))
        self._judged += 1

    def _keep(self, now: float, *, running: bool, failure: str = "") -> None:
        found, self._found = self._found, []
        lines = self._batches.record(self._batch.id, found) if found else []
        self._fresh.clear()
        self._marks.append((now, self._judged))
        while len(self._marks) > 2 and now - self._marks[0][0] > PACE_OVER_S:
            self._marks.popleft()
        (then, before) = self._marks[0]
        pace = (self._judged - before) / (now - then) if now > then else 0.0
        self._say(lines, pace, running=running, failure=failure)

    def _finish(self) -> None:
        if self._found:
            self._keep(time.monotonic(), running=True)
        self._batches.finish(self._batch.id)
        self._batch = replace(self._batch, done=True)

    def _say(self, lines: list[Line], pace: float, *, running: bool, failure: str) -> None:
        self._batch = replace(self._batch, judged=self._judged)
        self._tell(BatchProgress(self._batch, lines, pace, running, failure))
