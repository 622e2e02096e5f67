"""Results on their way to the disk: files that are replaced whole, and overlays as PNG."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from .batch import Outcome
from .errors import NoiseLensError
from .files import is_file, is_folder

STEM_MAX = 50  # characters of the image's name that its overlays keep; at 4 bytes each still a legal name
PNG_EFFORT = 1  # zlib level: overlays are large, and looked at once


class OutputError(NoiseLensError):
    """A result that could not be saved."""


@contextmanager
def saving(place: Path) -> Iterator[None]:
    """Turn a failure to write into an OutputError that names the place."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{place} could not be written ({error.strerror or error}). Choose another place or make room there."
        ) from error


def target_of(path: Path) -> Path:
    """Return the file that a result is written to, through links. Raises OutputError for what is no file."""
    target = Path(os.path.realpath(path))  # Path.resolve raises where links run in a circle
    if is_folder(target) or (os.path.lexists(target) and not is_file(target)):
        raise OutputError(f"{path} is not a file. Name the file to write.")
    return target


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a place for a file that replaces the one at the path when all went well, and else is deleted.

    Two that write to one path do not meet: the one that ends last stays. Raises OutputError.
    """
    target = target_of(path)
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    with saving(path):
        try:
            yield part
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


class OverlayFolder:
    """Saves two pictures an image: the image under the detector's attention, and the predicted noise.

    They are named NAME-DIGEST-attention.png and NAME-DIGEST-noise.png, the digest being the first 8 digits of the
    image's SHA-256, so that images of the same name from several folders stand side by side.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with saving(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, outcome: Outcome) -> None:
        """Save the overlays of one outcome; none when it was refused."""
        from .overlay import blend, heat_map

        image, verdict = outcome.image, outcome.verdict
        if image is None or verdict is None or verdict.attention is None or verdict.noise is None:
            return
        stem = f"{_plain(outcome.path.name)}-{verdict.sha256[:8]}"
        pictures = {
            "attention": blend(image.pixels, verdict.attention),
            "noise": heat_map(verdict.noise, verdict.width, verdict.height),
        }
        for kind, pixels in pictures.items():
            path = self._folder / f"{stem}-{kind}.png"
            with saving(path):
                Image.fromarray(pixels).save(path, compress_level=PNG_EFFORT)


def _plain(name: str) -> str:
    """Return a file name that every system takes and that says nothing but letters, digits and . _ -."""
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[:STEM_MAX].lstrip(".") or "image"
