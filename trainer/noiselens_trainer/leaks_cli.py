"""`noiselens-train leaks`: what gives labels away, and how a detector does without the sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from .bars import Data, Json, reporter


def leaks(
    data: Data,
    model: Annotated[
        Path | None,
        typer.Option(help="Detector that was trained on these images; default: the shipped one, if it was."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print how well sizes, containers and colours alone tell the label, and how a detector does without the sizes."""
    from noiselens_core.checkpoint import SHIPPED_DETECTOR

    from .config import SplitConfig
    from .data import DataError
    from .layouts import read_data
    from .leaks import probe_leaks, size_matched
    from .left_out import remembered_left_out

    samples = read_data(data)
    left = None
    try:
        left = remembered_left_out(model or SHIPPED_DETECTOR, samples)
    except DataError as error:
        if model:
            raise
        Console(stderr=True).print(f"{error} Without them only the images are probed.")
    with reporter(as_json) as report:
        found = probe_leaks(samples, SplitConfig(), report)
    shown = Table("probe", "AUC", title="every image judged without its family; about .5 gives nothing away")
    for name, area in found.area.items():
        shown.add_row(name, f"{area:.3f}")
    Console().print(shown)
    for tier, share in found.explained.items():
        Console().print(
            f"{tier}: R2 of the size (log short side) from that spectrum {share:+.2f}; 0 or less is nothing"
        )
    if left is None:
        return
    shown = Table("tier", "pairs alike in", "images", "AUC in them", "AUC over all their pairs", "size alone in them")
    for row in size_matched(left, found):
        matched, every = (f"{one:.3f} [{low:.3f}, {high:.3f}]" for one, low, high in (row.matched, row.every))
        shown.add_row(row.tier, row.alike, str(row.images), matched, every, f"{row.size_alone:.3f}")
    Console().print(shown)
