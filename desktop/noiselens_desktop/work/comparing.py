"""Two detectors on the same images, one image after another; no Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from noiselens_core.batch import find_images
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.thumbnails import make_thumbnail
from noiselens_core.verdict import Verdict


@dataclass(frozen=True)
class Compared:
    """One image judged by both; no verdicts when it was refused.

    Attributes:
        number, total: of the image, and of all.
        thumbnail: a small JPEG, when the verdicts stand in different bands.
    """

    path: Path
    number: int
    total: int
    verdicts: tuple[Verdict, Verdict] | None = None
    thumbnail: bytes = b""


def compare(first: Path, second: Path, folder: Path, stop: threading.Event, tell: Callable[[Compared], None]) -> None:
    """Judge the images in a folder with two detectors until stop is set. Imports torch. Raises ModelError."""
    from noiselens_core.detector import Detector

    paths = list(find_images([folder]))
    judges = [Detector.load(file) for file in (first, second)]
    with Decoder() as decoder:
        for number, path in enumerate(paths, start=1):
            if stop.is_set():
                return
            try:
                image = decoder.decode_file(path)
            except ImageRefusedError:
                tell(Compared(path, number, len(paths)))
                continue
            one, other = (judge.detect(image) for judge in judges)
            thumbnail = make_thumbnail(image.pixels) if one.band is not other.band else b""
            tell(Compared(path, number, len(paths), (one, other), thumbnail))
