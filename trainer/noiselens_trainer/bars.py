"""What the trainer's commands share: options, and progress for a person or for a program."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from noiselens_core.errors import NoiseLensError
from noiselens_core.progress import Progress
from noiselens_core.text import printable

LEFT_OUT = " left out: "  # in what every step says of a picture it passes over: NAME left out: why
MOST_NAMED = 10  # pictures that were left out

Data = Annotated[
    Path,
    typer.Option("--data", help="Manifest CSV, or a folder with real/ and generated/."),
]
More = Annotated[
    list[Path] | None,
    typer.Option("--more", help="Further training data, also of one label, as from `collect`; may be repeated."),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]


def _plain(name: str) -> str:
    """Return a detector's name; it becomes a file's, in one folder. Raises NoiseLensError."""
    if re.fullmatch(r"[A-Za-z0-9][\w.-]{0,59}", name, re.ASCII) is None:
        raise NoiseLensError(
            f"'{name}' cannot be a detector's name. Take at most 60 letters, digits, '.', '_' and '-', "
            "a letter or digit first."
        )
    return name


Name = Annotated[
    str,
    typer.Option(
        "--name", help="Id of the new detector, on every verdict; finetune adds a few letters.", callback=_plain
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Progress as JSON lines on stdout instead of a bar.")]


@contextmanager
def reporter(as_json: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield what shows progress: a bar on stderr for a person, JSON lines on stdout for a program.

    A person is told at the end, whatever it is, which pictures were left out: the bar shows that for a moment only.
    """
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
    console = Console(stderr=True)
    left_out: dict[tuple[int, str], None] = {}  # each once and in order, though several views pass over it
    with _naming(left_out, console), Bars(*columns, console=console) as bars:
        task = bars.add_task("starting", total=None, values="")

        def show(progress: Progress) -> None:
            if LEFT_OUT in progress.message:
                left_out[progress.step, progress.message] = None
            values = "  ".join(f"{name} {value:.3f}" for name, value in progress.values.items())
            rate = f"{progress.per_second:.0f}/s  {values}  {progress.message}"
            if progress.stage == "done":  # the command says what came of it
                rate = ""
            bars.update(task, description=progress.stage, completed=progress.step, total=progress.total, values=rate)

        yield show


@contextmanager
def _naming(left_out: Collection[tuple[int, str]], console: Console) -> Iterator[None]:
    try:
        yield
    finally:
        if left_out:
            named = [printable(message.replace(LEFT_OUT, ": ", 1)) for _, message in left_out]
            more = [f"and {len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
            count = f"{len(named)} pictures were" if len(named) > 1 else "1 picture was"
            lines = [f"{count} left out:", *named[:MOST_NAMED], *more]
            console.print("\n".join(lines), style="yellow", markup=False, highlight=False, soft_wrap=True)
