"""Outcomes as JSON lines, CSV rows or a table in the terminal; each is written the moment it is known."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .batch import Outcome
from .text import FORMULA_STARTS, cell_text, path_text, printable, valid_text
from .verdict import Band

CSV_FIELDS = (
    "path", "sha256", "probability", "band", "stability", "reasons", "model", "ms",
    "format", "width", "height", "error_code", "error_text", "provenance",
)  # fmt: skip
STYLES = {  # colours that every terminal has
    Band.LIKELY_GENERATED: ("▲", "bold yellow"),
    Band.UNCERTAIN: ("◆", "bold magenta"),
    Band.LIKELY_REAL: ("●", "bold cyan"),
}
REFUSED_STYLE = ("–", "bold bright_black")
BAR_CELLS = 10
NARROW = 80  # columns; of these the verdict takes 50


class Sink(Protocol):
    """Takes outcomes one by one."""

    def add(self, outcome: Outcome) -> None:
        """Take the next outcome."""


@dataclass
class Tally:
    """Counts outcomes.

    Attributes:
        bands: judged images by band.
        refused: inputs that were not judged.
        models: ids of the models that judged.
    """

    bands: Counter[Band] = field(default_factory=Counter)
    refused: int = 0
    models: set[str] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        """Count the next outcome."""
        if outcome.verdict:
            self.bands[outcome.verdict.band] += 1
            self.models.add(outcome.verdict.model)
        else:
            self.refused += 1

    @property
    def judged(self) -> int:
        """Number of images with a verdict."""
        return self.bands.total()

    @property
    def total(self) -> int:
        """Number of inputs, judged or not."""
        return self.judged + self.refused

    def sentence(self) -> str:
        """Return all counts in one line, zeros left out."""
        counts = [(self.bands[band], band.words.lower()) for band in STYLES] + [(self.refused, "not judged")]
        return ", ".join(f"{count:,} {words}" for count, words in counts if count) or "nothing checked"


class JsonLines:
    """Writes one object of ASCII JSON a line; what does not apply to an outcome is null."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def add(self, outcome: Outcome) -> None:
        """Write one line and hand it on at once."""
        self._stream.write(json.dumps(_fields(outcome), ensure_ascii=True) + "\n")
        self._stream.flush()


class CsvRows:
    """Writes CSV_FIELDS; reasons are joined by a space, facts of origin by a bar, what does not apply is empty."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._writer = stream, csv.writer(stream, lineterminator="\n")
        self._writer.writerow(CSV_FIELDS)

    def add(self, outcome: Outcome) -> None:
        """Write one row and hand it on at once."""
        fields = _fields(outcome)
        error = fields.pop("error") or {"code": None, "text": None}
        fields |= {"path": cell_text(outcome.path), "error_code": error["code"], "error_text": error["text"]}
        fields["provenance"] = " | ".join(_told(outcome))
        self._writer.writerow(_cell(fields[name]) for name in CSV_FIELDS)
        self._stream.flush()


class TableRows:
    """Prints a table whose rows come one by one; reasons, and what the file says of its origin, stand dim below.

    Where a row has no room for the file's name, that stands on a line of its own above.
    """

    def __init__(self, console: Console) -> None:
        self._console, self._head_is_due = console, True
        self._is_narrow = console.width < NARROW

    def add(self, outcome: Outcome) -> None:
        """Print one outcome."""
        if self._head_is_due:
            self._line(*(Text(name, "bold") for name in ("Verdict", "Generated", "Stability", "File")))
            self._head_is_due = False
        verdict = outcome.verdict
        name = Text(printable(path_text(outcome.path)))
        if verdict:
            icon, style = STYLES[verdict.band]
            score = Text(f"{verdict.probability:.4f} ").append_text(_bar(verdict.probability, style))
            self._line(Text(f"{icon} {verdict.band.words}", style), score, Text(f"{verdict.stability:.2f}"), name)
            notes = (*verdict.reasons, *(f"The file says: {told}" for told in _told(outcome)))
        else:
            icon, style = REFUSED_STYLE
            self._line(Text(f"{icon} Not judged", style), Text(), Text(), name)
            notes = (str(outcome.refusal),)
        for note in notes:
            self._console.print(Padding(Text(printable(note), "dim"), (0, 0, 0, 2), expand=False))

    def _line(self, verdict: Text, score: Text, stability: Text, name: Text) -> None:
        table = Table.grid(padding=(0, 2, 0, 0))
        for width in (18, 7 + BAR_CELLS, 9):
            table.add_column(width=width)
        if self._is_narrow:
            self._console.print(name, overflow="fold")
            table.add_row(verdict, score, stability)
        else:
            table.add_column(overflow="fold")
            table.add_row(verdict, score, stability, name)
        self._console.print(table)


def _fields(outcome: Outcome) -> dict[str, Any]:
    verdict, refusal = outcome.verdict, outcome.refusal
    return {
        "path": path_text(outcome.path),
        "sha256": verdict.sha256 if verdict else None,
        "probability": verdict.probability if verdict else None,
        "band": verdict.band.value if verdict else None,
        "stability": verdict.stability if verdict else None,
        "reasons": list(verdict.reasons) if verdict else None,
        "model": verdict.model if verdict else None,
        "ms": verdict.ms if verdict else None,
        "format": outcome.facts.format if outcome.facts else None,
        "width": verdict.width if verdict else None,
        "height": verdict.height if verdict else None,
        "provenance": [fact.to_json() for fact in verdict.provenance] if verdict else None,
        "error": {"code": refusal.code.value, "text": valid_text(str(refusal))} if refusal else None,
    }


def _told(outcome: Outcome) -> list[str]:
    """Return what the file says of its origin in short: Camera: Canon EOS 5D."""
    return [f"{fact.name}: {fact.value}" for fact in outcome.verdict.provenance] if outcome.verdict else []


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = printable(" ".join(value) if isinstance(value, list) else str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _bar(probability: float, style: str) -> Text:
    filled = round(probability * BAR_CELLS)
    return Text("━" * filled, style).append("─" * (BAR_CELLS - filled), "bright_black")  # not every output has colours
