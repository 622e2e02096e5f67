"""Judge again, with another detector, what the history holds and whose bytes are still at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .batch import Judge
from .errors import ImageRefusedError
from .images import Decoder, read_bytes
from .library import HistoryEntry
from .verdict import Verdict


@dataclass(frozen=True)
class Again:
    """An entry of the history with its verdict of now.

    Attributes:
        verdict: None when its bytes are no longer at hand, or were refused.
        refusal: why its bytes, though at hand, were not judged this time.
    """

    entry: HistoryEntry
    verdict: Verdict | None
    refusal: ImageRefusedError | None = None

    @property
    def flipped(self) -> bool:
        """Whether it stands in another band now."""
        return self.verdict is not None and self.verdict.band is not self.entry.verdict.band


def judge_again(entries: Iterable[HistoryEntry], detector: Judge, folders: Iterable[Path]) -> Iterator[Again]:
    """Yield every entry with its new verdict, in order; the history itself is not changed.

    folders: where kept images lie, each named by the digest of its bytes.
    """
    kept = {path.stem: path for folder in folders if folder.is_dir() for path in folder.iterdir()}
    with Decoder() as decoder:
        for entry in entries:
            data = _bytes(entry, kept)
            try:
                image = None if data is None else decoder.decode(data)
            except ImageRefusedError as refusal:
                yield Again(entry, None, refusal)
                continue
            yield Again(entry, None if image is None else detector.detect(image))


def _bytes(entry: HistoryEntry, kept: dict[str, Path]) -> bytes | None:
    """Return the bytes that were judged; a file that was changed since is another image."""
    for path in (entry.path, kept.get(entry.verdict.sha256)):
        if path is None:
            continue
        try:
            data = read_bytes(path)
        except ImageRefusedError:
            continue
        if hashlib.sha256(data).hexdigest() == entry.verdict.sha256:
            return data
    return None
