"""`noiselens-train finetune`, which is also `noiselens train`."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from .bars import Device, Json, Name, reporter

STOPPED = 130


def finetune(
    data: Annotated[
        Path | None,
        typer.Option(help="Manifest CSV, or a folder with real/ and generated/ (one is enough); else your labels."),
    ] = None,
    name: Name = "own",
    out: Annotated[Path | None, typer.Option(help="Folder of the run. [default: in the data folder]")] = None,
    models: Annotated[Path | None, typer.Option(help="Where the detector goes. [default: your detectors]")] = None,
    base: Annotated[
        Path | None, typer.Option(help="Detector to start from, its memory beside it. [default: the shipped one]")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--anew", help="Keep what an earlier run found out about the same pictures.")
    ] = True,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Make a detector of your own from a few labelled pictures, and measure it before and after.

    Ctrl-C stops it, and the same command goes on. It is not used until you choose it: noiselens models use NAME.
    """
    from noiselens_core.checkpoint import SHIPPED_DETECTOR
    from noiselens_core.places import data_dir, models_dir

    from .finetune import fine_tune, forget
    from .own import read_folder, read_library

    run = out or data_dir() / "training"
    try:
        with _stoppable(), reporter(as_json) as report:
            samples, conflicts = (read_folder(data), 0) if data else read_library()
            if conflicts and not as_json:  # the app shows them itself
                typer.echo(
                    f"Pictures with both labels: {conflicts}. They teach nothing clear; see: noiselens label conflicts",
                    err=True,
                )
            if not resume:
                forget(run)
            tuned = fine_tune(samples, base or SHIPPED_DETECTOR, run, models or models_dir(), name, device, report)
    except KeyboardInterrupt:
        typer.echo("Stopped. What was found out so far is kept; start it again to go on.", err=True)
        raise typer.Exit(STOPPED) from None
    console, comparison = Console(stderr=True, highlight=False), tuned.comparison
    console.print(comparison.summary, soft_wrap=True)
    if both := sum(one.both_labels for one in comparison.unread):
        console.print(f"Pictures with both labels: {both}. They taught nothing.", style="yellow", soft_wrap=True)
    for sentence in comparison.sentences:
        console.print(sentence, style="yellow", soft_wrap=True)
    console.print(f"Before and after: {tuned.file.with_suffix('.html')}", soft_wrap=True)
    if models is None:
        console.print(f"To use it: noiselens models use {comparison.model}", soft_wrap=True)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that children are closed and nothing is left half written."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
