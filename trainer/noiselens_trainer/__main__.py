"""The trainer's command line: teacher, detector, evaluate, regenerate."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from noiselens_core.errors import NoiseLensError
from noiselens_core.progress import Progress

app = typer.Typer(
    help="Train and measure NoiseLens detectors on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Data = Annotated[Path, typer.Option("--data", help="Manifest CSV: path, label (real | generated), source, family.")]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run; an interrupted run in it goes on.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Json = Annotated[bool, typer.Option("--json", help="Progress as JSON lines on stdout instead of a bar.")]


@contextmanager
def _reporter(as_json: bool) -> Iterator[Callable[[Progress], None]]:
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
            bars.update(task, description=progress.stage, completed=progress.step, total=progress.total, values=rate)

        yield show


@app.command()
def teacher(
    data: Data,
    out: Out = Path("runs/teacher"),
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.")] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Train the small pixel DDPM on native crops of the real photographs; resumes where it stopped."""
    from noiselens_core.device import choose_device

    from .config import SplitConfig, TeacherConfig
    from .data import read_manifest, split_by_family
    from .report import loss_curves, picture_sheet
    from .runlog import RunLog
    from .teacher import SHIPPED_TEACHER, train_teacher

    config = TeacherConfig() if steps is None else replace(TeacherConfig(), steps=steps)
    samples = split_by_family(read_manifest(data), SplitConfig()).train
    log = RunLog(out / "log.jsonl")
    with _reporter(as_json) as report:
        trained = train_teacher(samples, config, out, lambda p: (log.write(p), report(p))[-1], choose_device(device))
        trained.save(out / f"{SHIPPED_TEACHER}.safetensors", {"id": SHIPPED_TEACHER, "licence": "Apache-2.0"})
        loss_curves(log.read(), out / "loss.png")
        picture_sheet(trained.draw(8, config.crop_px, seed=0), out / "samples.png")
    Console(stderr=True).print(f"Teacher, samples and loss curve are in {out}")


def main() -> None:
    """Run the command line; what goes wrong is one sentence and exit code 2."""
    try:
        app()
    except NoiseLensError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
