"""Many files in, one outcome each, in the order given: decoding runs ahead of judging in a small pool."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from noiselens_core.errors import ImageRefusedError
from noiselens_core.files import is_folder, may_be_file
from noiselens_core.images import DecodedImage, Decoder, ImageFacts, read_bytes
from noiselens_core.verdict import Verdict

# Only what a folder's files are picked by; a file named by hand is always tried, whatever it is called.
SUFFIXES = frozenset({
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib",
    ".avif", ".tif", ".tiff", ".heic", ".heif", ".hif",
})  # fmt: skip
DECODERS = 2  # children; more would compete with the detector for the same cores
READY_MAX = 2  # images decoded or being decoded ahead; each may be 64 Mpx, 192 MB


class Judge(Protocol):
    """Whatever turns a decoded image into a verdict; the Detector does."""

    def detect(self, image: DecodedImage) -> Verdict:
        """Judge one image."""


@dataclass(frozen=True)
class SmallImage:
    """What is kept of an image that was judged another day: its facts, and a small JPEG of our own."""

    facts: ImageFacts
    jpeg: bytes


@dataclass(frozen=True)
class Outcome:
    """What became of one input.

    Attributes:
        path: as it was given, or found in a folder that was given.
        image: the decoded image; None when it was refused, or when the verdict on its bytes was known.
        small: what is kept of it, for an outcome that was read back.
        verdict: what the detector says; None when the image was refused.
        refusal: why there is no verdict; None when there is one.
    """

    path: Path
    image: DecodedImage | None = None
    verdict: Verdict | None = None
    refusal: ImageRefusedError | None = None
    small: SmallImage | None = None

    @property
    def facts(self) -> ImageFacts | None:
        """What is known of the file; None while nothing of the image is at hand."""
        held = self.image or self.small
        return held.facts if held else None


def find_images(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield files as they are and folders as their images, walked in the order of names.

    Inside a folder names that start with a dot are left out, links to folders are not followed, and only regular
    files with an image's suffix count. What may not be looked at is yielded, and so is a folder in which nothing is
    found: they end as refusals and not in silence.
    """
    for path in paths:
        if is_folder(path):
            yield from _walk(path)
        else:
            yield path


def judge_files(
    paths: Iterable[Path], load: Callable[[], Judge], known: Callable[[str], Verdict | None] = lambda sha256: None
) -> Generator[Outcome]:
    """Yield one outcome a path, in order; close the iterator to stop early.

    load: gives the detector; called once, when the first image is decoded, and never if none can be.
    known: gives the verdict that a SHA-256 (hex) has already, so that the same bytes are not judged again; it is asked
    on a decoding thread before decoding, and once more before judging.
    """
    detector: Judge | None = None
    with ExitStack() as stack:
        decoders: SimpleQueue[Decoder] = SimpleQueue()
        for _ in range(DECODERS):
            decoders.put(stack.enter_context(Decoder()))
        pool = ThreadPoolExecutor(DECODERS, thread_name_prefix="decode")
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        for path, future in _read_ahead(paths, lambda path: pool.submit(_decode, decoders, path, known)):
            try:
                found = future.result()
            except ImageRefusedError as refusal:
                yield Outcome(path, refusal=refusal)
                continue
            verdict = found if isinstance(found, Verdict) else known(found.facts.sha256)
            if verdict is not None:
                yield Outcome(path, verdict=verdict)
            elif isinstance(found, DecodedImage):
                detector = detector or load()
                yield Outcome(path, image=found, verdict=detector.detect(found))


def _read_ahead(
    paths: Iterable[Path], submit: Callable[[Path], Future[DecodedImage | Verdict]]
) -> Iterator[tuple[Path, Future[DecodedImage | Verdict]]]:
    ahead: deque[tuple[Path, Future[DecodedImage | Verdict]]] = deque()
    for path in paths:
        ahead.append((path, submit(path)))
        if len(ahead) > READY_MAX:
            yield ahead.popleft()
    while ahead:
        yield ahead.popleft()


def _decode(
    decoders: SimpleQueue[Decoder], path: Path, known: Callable[[str], Verdict | None]
) -> DecodedImage | Verdict:
    data = read_bytes(path)
    verdict = known(hashlib.sha256(data).hexdigest())
    if verdict is not None:
        return verdict
    decoder = decoders.get()
    try:
        return decoder.decode(data)
    finally:
        decoders.put(decoder)


def _walk(folder: Path) -> Iterator[Path]:
    unreadable: list[Path] = []
    found = False
    for root, folders, files in os.walk(folder, onerror=lambda error: unreadable.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            if not name.startswith(".") and path.suffix.lower() in SUFFIXES and may_be_file(path):
                found = True
                yield path
    yield from unreadable
    if not found and not unreadable:
        yield folder
