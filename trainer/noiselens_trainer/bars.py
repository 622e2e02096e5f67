"""What the trainer's commands share: options, and progress for a person or for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from noiselens_core.progress import Progress

Data = Annotated[
    Path,
    typer.Option("--data", help="Manifest CSV, or a folder with real/ and generated/."),
]
More = Annotated[
    list[Path] | None,
    typer.Option("--more", help="Further training data, also of one label, as from `collect`; may be repeated."),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Json = Annotated[bool, typer.Option("--json", help="Progress as JSON lines on stdout instead of a bar.")]


@contextmanager
def reporter(as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield what shows progress: a bar on stderr for a person, JSON lines on stdout for a program."""
    if as_json:
        yield lambda progress: print(progress.to_line(), flush=True)  # noqa: T201
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[values]}"),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("starting", total=None, values="")

        def show(progress: Progress) -> None:
            values = "  ".join(f"{name} {value:.3f}" for name, value in progress.values.items())
            rate = f"{progress.per_second:.0f}/s  {values}  {progress.message}"
            if progress.stage == "done":  # the command says what came of it
                rate = ""
            bars.update(task, description=progress.stage, completed=progress.step, total=progress.total, values=rate)

        yield show
