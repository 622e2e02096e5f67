"""The report: one HTML file that needs no other file, no network and no script, for any number of images."""

from __future__ import annotations

import base64
import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.filters import do_filesizeformat
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from . import __version__
from .batch import Outcome
from .outputs import replacing, saving, target_of
from .overlay import blend
from .provenance import DISCLAIMER, NO_FACTS, Fact
from .rows import Tally
from .text import path_text, printable
from .thumbnails import SIDE, shrink, shrunk
from .verdict import Band, percent

THUMBNAIL_PX = 320  # longest side; twice what the page shows, for dense screens and for print
THUMBNAIL_QUALITY = 80  # JPEG; about 15 kB each
PIECE = 1 << 16  # characters of the entries held at once

LIMITS = (
    "Small local edits, swapped faces and retouching: the picture is judged as a whole.",
    "Generators unlike any the model was trained with may pass as real.",
    "Strong compression, heavy resizing and screenshots remove the fine structure the verdict rests on.",
    "Who made an image, when, or why. Metadata and watermarks play no part in the verdict.",
)
READING = (
    "The probability is calibrated on image sources the model never saw in training. Between the two bands it does not "
    "take a side, and an unstable answer is called uncertain whatever its probability. Stability says how far the "
    "places looked at, and a re-encoded copy, agree: 1 is full agreement.",
    "A verdict is a measured likelihood and can be wrong in both directions. Do not accuse anyone on it alone.",
)


@dataclass(frozen=True)
class Language:
    """What the page is written in; as it stands, English.

    Attributes:
        name: as HTML calls it.
        text: a text of the page's own, in the language. sentence: one of the core's: a reason, a refusal, a fact.
        value: of a fact. percent, number, decimal, size, moment: how probabilities, whole numbers, numbers to so many
            decimals, lengths in bytes and times are written.
    """

    name: str = "en"
    text: Callable[[str], str] = str
    sentence: Callable[[str], str] = str
    value: Callable[[Fact], str] = attrgetter("value")
    percent: Callable[[float], str] = percent
    number: Callable[[int], str] = "{:,}".format
    decimal: Callable[[float, int], str] = "{:.{}f}".format
    size: Callable[[int], str] = lambda size: do_filesizeformat(size, binary=True)
    moment: Callable[[datetime], str] = lambda at: f"{at.day} {at:%B %Y, %H:%M} UTC"


ENGLISH = Language()


class Report:
    """Collects outcomes and writes the page when it is closed, also after an interruption.

    Entries wait in a file without a name beside the page's place, so memory stays flat however many images there are,
    and a disk without room for them is the page's own.

    path: of the HTML file; replaced whole at the end. Raises OutputError when it cannot be written.
    """

    def __init__(self, path: Path, language: Language = ENGLISH) -> None:
        self._path, self._language = path, language
        self._tally, self._planned = Tally(), 0
        self._zones: dict[str, tuple[float, float]] = {}
        self._environment = Environment(
            loader=PackageLoader("noiselens_core"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"_": language.text, "number": language.number, "language": language.name}
        self._entry = self._environment.get_template("report_entry.html.j2")
        folder = target_of(path).parent
        with saving(path):
            folder.mkdir(parents=True, exist_ok=True)
            self._entries = tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)  # noqa: SIM115 - closed at the end

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the page, unless an error ended the check."""
        with saving(self._path), self._entries:
            if kind is None:
                with replacing(self._path) as part, part.open("wb") as page:
                    self._write(page)

    def cut_short(self, planned: int) -> None:
        """Say on the page that the check ended before all of so many images were looked at."""
        self._planned = planned

    def set_zone(self, model: str, real_at: float, generated_at: float) -> None:
        """Draw this model's uncertain zone, between these two probabilities, in the bars of its verdicts to come."""
        self._zones[model] = (real_at, generated_at)

    def add(self, outcome: Outcome) -> None:
        """Take the next outcome."""
        zone = self._zones.get(outcome.verdict.model) if outcome.verdict else None
        sentence = self._language.sentence
        text = self._entry.render(
            entry=self._describe(outcome), zone=zone, disclaimer=sentence(DISCLAIMER), no_facts=sentence(NO_FACTS)
        )
        with saving(self._path):
            self._entries.write(text)
        self._tally.add(outcome)

    def _write(self, page: BinaryIO) -> None:
        environment = self._environment
        style = environment.loader.get_source(environment, "report.css")[0]  # type: ignore[union-attr]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        language, made_at, total = self._language, datetime.now(UTC), self._tally.total
        bands = [(band.value, language.text(band.words), self._tally.bands[band]) for band in reversed(Band)]
        checked = language.text("1 image checked" if total == 1 else "{0} images checked")
        stream = environment.get_template("report.html.j2").stream(
            style=Markup(style),  # noqa: S704 - our own file
            style_digest=digest,
            made_at=made_at,
            made_at_words=language.moment(made_at),
            checked=checked.format(language.number(total)),
            planned=self._planned,
            version=__version__,
            models=sorted(self._tally.models),
            groups=[*bands, ("refused", language.text("Not judged"), self._tally.refused)],
            total=total,
            limits=map(language.text, LIMITS),
            reading=map(language.text, READING),
            entries=self._read_back(),
        )
        stream.dump(page, encoding="utf-8")

    def _read_back(self) -> Iterator[Markup]:
        self._entries.seek(0)
        for piece in iter(partial(self._entries.read, PIECE), ""):
            yield Markup(piece)  # noqa: S704 - rendered, and escaped, when it was added

    def _describe(self, outcome: Outcome) -> dict[str, Any]:
        """Return what the template shows of an outcome; every text is printable."""
        path, language = outcome.path, self._language
        entry: dict[str, Any] = {
            "name": printable(path_text(Path(path.name))),
            "folder": printable(path_text(path.parent)) if path.parent != Path() else "",
        }
        verdict, facts = outcome.verdict, outcome.facts
        if verdict is None or facts is None:
            return entry | {"group": "refused", "sentence": printable(language.sentence(str(outcome.refusal)))}
        provenance = [
            {
                "name": language.sentence(fact.name),
                "value": language.value(fact),
                "source": language.sentence(fact.source),
                "meaning": language.sentence(fact.meaning),
            }
            for fact in verdict.provenance
        ]
        return (
            entry
            | _pictures(outcome)
            | {
                "group": verdict.band.value,
                "words": language.text(verdict.band.words),
                "probability": verdict.probability,
                "percent": language.percent(verdict.probability),
                "stability": language.decimal(verdict.stability, 2),
                "reasons": [printable(language.sentence(reason)) for reason in verdict.reasons],
                "provenance": [{key: printable(told) for key, told in fact.items()} for fact in provenance],
                "model": verdict.model,
                "ms": language.number(round(verdict.ms)),
                "sha256": verdict.sha256,
                "width": verdict.width,
                "height": verdict.height,
                "format": facts.format,
                "bytes": language.size(facts.byte_size),
            }
        )


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


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()


def _data_url(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
