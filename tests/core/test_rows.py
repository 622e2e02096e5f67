"""The table in the terminal, whatever its width."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from noiselens_core.batch import Outcome
from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.rows import TableRows
from noiselens_core.verdict import Band, Verdict

NAME = "holiday in the mountains/IMG_20260704_120000.jpg"


def table(width: int, name: str = NAME) -> list[str]:
    verdict = Verdict("0" * 64, 0.98, Band.LIKELY_GENERATED, 1.0, ("Because.",), "m", 1.0, 300, 300)
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    rows = TableRows(console)
    rows.add(Outcome(Path(name), verdict=verdict))
    rows.add(Outcome(Path("b.png"), refusal=ImageRefusedError(RefusalCode.EMPTY, "It is empty.")))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_a_wide_table_has_the_name_in_its_row() -> None:
    assert table(120) == [
        "Verdict             Generated          Stability  File",
        f"▲ Likely generated  0.9800 ━━━━━━━━━━  1.00       {NAME}",
        "  Because.",
        "– Not judged                                      b.png",
        "  It is empty.",
    ]


@pytest.mark.parametrize("width", [50, 79])
def test_a_narrow_table_has_the_name_above_its_verdict(width: int) -> None:
    assert table(width) == [
        "File",
        "Verdict             Generated          Stability",
        NAME,
        "▲ Likely generated  0.9800 ━━━━━━━━━━  1.00",
        "  Because.",
        "b.png",
        "– Not judged",
        "  It is empty.",
    ]


@pytest.mark.parametrize("width", [30, 50, 80, 120])
def test_no_width_loses_a_letter_of_a_name(width: int) -> None:
    name = "0123456789" * 20
    assert name in "".join(
        "".join(table(width, name)).replace("▲ Likely generated  0.9800 ━━━━━━━━━━  1.00", "").split()
    )
