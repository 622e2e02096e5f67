"""Results as a file: CSV, JSON lines or an HTML report, written by core's own writers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from noiselens_core.batch import Outcome
from noiselens_core.outputs import OverlayFolder, replacing

from .analyse import DetectorFacts

if TYPE_CHECKING:  # a start needs none of them, and they take a tenth of it
    from noiselens_core.report import Language
    from noiselens_core.rows import CsvRows, JsonLines


def export_csv(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write one row an outcome; the file is replaced whole at the end. Raises OutputError."""
    from noiselens_core.rows import CsvRows

    _export(path, outcomes, CsvRows)


def export_json(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write one JSON object a line; the file is replaced whole at the end. Raises OutputError."""
    from noiselens_core.rows import JsonLines

    _export(path, outcomes, JsonLines)


def export_html(
    path: Path,
    outcomes: Iterable[Outcome],
    facts: DetectorFacts | None,
    language: Callable[[], Language] | None = None,
) -> None:
    """Write the report; facts: of the detector whose uncertain zone is drawn; language: None is English.

    Raises OutputError.
    """
    from noiselens_core.report import ENGLISH, Report

    with Report(path, language() if language is not None else ENGLISH) as report:
        if facts is not None:
            report.set_zone(facts.model_id, facts.real_at, facts.generated_at)
        for outcome in outcomes:
            report.add(outcome)


def export_image(
    path: Path, outcome: Outcome, facts: DetectorFacts | None, language: Callable[[], Language] | None = None
) -> None:
    """Write the report of one image, and its overlays as PNG beside it. Raises OutputError."""
    export_html(path, [outcome], facts, language)
    OverlayFolder(path.parent).add(outcome)


def _export(path: Path, outcomes: Iterable[Outcome], form: type[CsvRows] | type[JsonLines]) -> None:
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        rows = form(stream)
        for outcome in outcomes:
            rows.add(outcome)
