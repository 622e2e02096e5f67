"""The report: one HTML file that needs no other file, no network and no script, for any number of images."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
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
from .thumbnails import shrink
from .verdict import Band, Verdict, percent

THUMBNAIL_PX = 320  # longest side; twice what the page shows, for dense screens and for print
THUMBNAIL_QUALITY = 80  # JPEG; about 15 kB each
CHUNK_ENTRIES = 16  # pieces of template output written at once

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
        self._zone: tuple[float, float] | None = None
        self._part = path.with_name(path.name + ".part")
        with saving(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._page = self._part.open("wb")
            self._entries = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the page

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

    def set_zone(self, real_at: float, generated_at: float) -> None:
        """Draw the model's uncertain zone, between these two probabilities, in every bar."""
        self._zone = (real_at, generated_at)

    def add(self, outcome: Outcome) -> None:
        """Take the next outcome."""
        line = json.dumps(_entry(outcome)).encode() + b"\n"
        with saving(self._path):
            self._entries.write(line)
        self._tally.add(outcome)

    def _write(self) -> None:
        environment = Environment(
            loader=PackageLoader("noiselens_core"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
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
            zone=self._zone,
            limits=LIMITS,
            disclaimer=DISCLAIMER,
            no_facts=NO_FACTS,
            entries=self._read_back(),
        )
        stream.enable_buffering(CHUNK_ENTRIES)
        stream.dump(self._page, encoding="utf-8")

    def _read_back(self) -> Iterator[dict[str, Any]]:
        self._entries.seek(0)
        for line in self._entries:
            yield json.loads(line)


def _entry(outcome: Outcome) -> dict[str, Any]:
    """Return what the template shows of an outcome, as JSON takes it; every text is printable."""
    path = outcome.path
    entry: dict[str, Any] = {
        "name": printable(path_text(Path(path.name))),
        "folder": printable(path_text(path.parent)) if path.parent != Path() else "",
    }
    if outcome.verdict is None or outcome.image is None:
        return entry | {"group": "refused", "sentence": printable(str(outcome.refusal))}
    facts = outcome.image.facts
    return entry | _judged(outcome.verdict, outcome.image.pixels) | {"format": facts.format, "bytes": facts.byte_size}


def _judged(verdict: Verdict, pixels: NDArray[np.uint8]) -> dict[str, Any]:
    small = shrink(pixels, THUMBNAIL_PX)
    overlay = None if verdict.attention is None else _data_url(blend(small, verdict.attention))
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
        "picture": _data_url(small),
        "picture_size": [small.shape[1], small.shape[0]],
        "overlay": overlay,
    }


def _data_url(pixels: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
