"""The report: one HTML file that needs no other file, no network and no script, for any number of images."""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from . import __version__
from .batch import Outcome
from .outputs import saving
from .overlay import blend
from .provenance import DISCLAIMER, NO_FACTS
from .rows import Tally
from .text import path_text, printable
from .thumbnails import SIDE, shrink, shrunk
from .verdict import Band, Verdict, percent

THUMBNAIL_PX = 320  # longest side; twice what the page shows, for dense screens and for print
THUMBNAIL_QUALITY = 80  # JPEG; about 15 kB each
PIECE = 1 << 16  # characters of the entries held at once

LIMITS = (
    "Small local edits, swapped faces and retouching: the picture is judged as a whole.",
    "Generators unlike any the model was trained with may pass as real.",
    "Strong compression, heavy resizing and screenshots remove the fine structure the verdict rests on.",
    "Who made an image, when, or why. Metadata and watermarks play no part in the verdict.",
)


class Report:
    """Collects outcomes and writes the page when it is closed, also after an interruption.

    Entries wait in a temporary file, so memory stays flat however many images there are.

    path: of the HTML file; replaced whole at the end. Raises OutputError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tally = Tally()
        self._zones: dict[str, tuple[float, float]] = {}
        self._environment = Environment(
            loader=PackageLoader("noiselens_core"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._entry = self._environment.get_template("report_entry.html.j2")
        self._part = path.with_name(path.name + ".part")
        with saving(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._page = self._part.open("wb")
            self._entries = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the page

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the page, unless an error ended the check."""
        with saving(self._path):
            with self._entries, self._page:
                if kind is None:
                    self._write()
            if kind is None:
                self._part.replace(self._path)
            else:
                self._part.unlink()

    def set_zone(self, model: str, real_at: float, generated_at: float) -> None:
        """Draw this model's uncertain zone, between these two probabilities, in the bars of its verdicts to come."""
        self._zones[model] = (real_at, generated_at)

    def add(self, outcome: Outcome) -> None:
        """Take the next outcome."""
        zone = self._zones.get(outcome.verdict.model) if outcome.verdict else None
        text = self._entry.render(entry=_entry(outcome), zone=zone, disclaimer=DISCLAIMER, no_facts=NO_FACTS)
        with saving(self._path):
            self._entries.write(text)
        self._tally.add(outcome)

    def _write(self) -> None:
        environment = self._environment
        style = environment.loader.get_source(environment, "report.css")[0]  # type: ignore[union-attr]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        bands = [(band.value, band.words, self._tally.bands[band]) for band in reversed(Band)]
        stream = environment.get_template("report.html.j2").stream(
            style=Markup(style),  # noqa: S704 - our own file
            style_digest=digest,
            made_at=datetime.now(UTC),
            version=__version__,
            models=sorted(self._tally.models),
            groups=[*bands, ("refused", "Not judged", self._tally.refused)],
            total=self._tally.judged + self._tally.refused,
            limits=LIMITS,
            entries=self._read_back(),
        )
        stream.dump(self._page, encoding="utf-8")

    def _read_back(self) -> Iterator[Markup]:
        self._entries.seek(0)
        for piece in iter(partial(self._entries.read, PIECE), ""):
            yield Markup(piece)  # noqa: S704 - rendered, and escaped, when it was added


def _entry(outcome: Outcome) -> dict[str, Any]:
    """Return what the template shows of an outcome, as JSON takes it; every text is printable."""
    path = outcome.path
    entry: dict[str, Any] = {
        "name": printable(path_text(Path(path.name))),
        "folder": printable(path_text(path.parent)) if path.parent != Path() else "",
    }
    facts = outcome.facts
    if outcome.verdict is None or facts is None:
        return entry | {"group": "refused", "sentence": printable(str(outcome.refusal))}
    return entry | _judged(outcome.verdict) | _pictures(outcome) | {"format": facts.format, "bytes": facts.byte_size}


def _pictures(outcome: Outcome) -> dict[str, Any]:
    """Return the image, small, and its overlay while the image itself is at hand."""
    if outcome.image is None:
        assert outcome.small is not None
        size = shrunk(outcome.small.facts.width, outcome.small.facts.height, SIDE)
        return {"picture": _data_url(outcome.small.jpeg), "picture_size": size, "overlay": None}
    small = shrink(outcome.image.pixels, THUMBNAIL_PX)
    attention = outcome.verdict.attention if outcome.verdict else None
    return {
        "picture": _data_url(_jpeg(small)),
        "picture_size": (small.shape[1], small.shape[0]),
        "overlay": None if attention is None else _data_url(_jpeg(blend(small, attention))),
    }


def _judged(verdict: Verdict) -> dict[str, Any]:
    return {
        "group": verdict.band.value,
        "words": verdict.band.words,
        "probability": verdict.probability,
        "percent": percent(verdict.probability),
        "stability": verdict.stability,
        "reasons": [printable(reason) for reason in verdict.reasons],
        "provenance": [{key: printable(value) for key, value in fact.to_json().items()} for fact in verdict.provenance],
        "model": verdict.model,
        "ms": verdict.ms,
        "sha256": verdict.sha256,
        "width": verdict.width,
        "height": verdict.height,
    }


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()


def _data_url(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
