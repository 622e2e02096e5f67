"""The trainer's command line: teacher, detector, evaluate, regenerate."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from accelerate import Accelerator
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from noiselens_core.errors import NoiseLensError
from noiselens_core.progress import Progress

from .data import Sample

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
        trained = train_teacher(samples, config, out, log.tee(report), choose_device(device))
        trained.save(out / f"{SHIPPED_TEACHER}.safetensors", {"id": SHIPPED_TEACHER, "licence": "Apache-2.0"})
        loss_curves(log.read(), out / "loss.png")
        picture_sheet(trained.draw(8, config.crop_px, seed=0), out / "samples.png")
    Console(stderr=True).print(f"Teacher, samples and loss curve are in {out}")


@app.command()
def detector(
    data: Data,
    teacher_file: Annotated[Path | None, typer.Option("--teacher", help="Teacher; default: the shipped one.")] = None,
    out: Out = Path("runs/detector"),
    steps: Annotated[int | None, typer.Option(help="Optimiser steps.")] = None,
    name: Annotated[str, typer.Option(help="Id of the model, on every verdict.")] = "noiselens-own",
    as_json: Json = False,
) -> None:
    """Train an ANL detector, calibrate it and measure it on families it never saw; resumes where it stopped."""
    from noiselens_core.calibration import Calibration
    from noiselens_core.checkpoint import DetectorSpec, read_spec, save_detector
    from noiselens_core.detector import Detector

    from .card import write_card
    from .config import CalibrationConfig, DetectorConfig
    from .data import read_manifest, split_by_family
    from .evaluate import calibrate, measure
    from .loop import noise_agreement, train_detector
    from .report import loss_curves
    from .runlog import RunLog
    from .teacher import SHIPPED_TEACHER_FILE, PixelTeacher
    from .warmstart import SOURCE

    config = DetectorConfig() if steps is None else replace(DetectorConfig(), steps=steps)
    split = split_by_family(read_manifest(data), config.split)
    log = RunLog(out / "log.jsonl")
    device = Accelerator().device
    with _reporter(as_json) as report:
        frozen = PixelTeacher.load(teacher_file or SHIPPED_TEACHER_FILE, device)
        model = train_detector(split.train, frozen, config, out, log.tee(report))
        loss_curves(log.read(), out / "loss.png")
        raw = Detector(model.eval(), name, Calibration(), device)
        agreement = noise_agreement(model, frozen, split.test, config, device)
        calibration = calibrate(raw, split.calibration, CalibrationConfig(), report)
        ready = Detector(model, name, calibration, device)
        figures = measure(ready, split.test, out, report)
    flat = {f"{tier}.{key}": round(value, 4) for tier, values in figures.items() for key, value in values.items()}
    spec = DetectorSpec(name, config.model, calibration, _data_words(data, split.train, SOURCE), "Apache-2.0", flat)
    file = out / f"{name}.safetensors"
    save_detector(file, model.to("cpu"), spec)
    write_card(file.with_suffix(".md"), read_spec(file), config, split, frozen.name, agreement)
    _show_figures(figures, f"{name} on families left out of training and calibration")
    Console(stderr=True).print(f"Model, figures and loss curve are in {out}")


@app.command()
def evaluate(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="Detector file; default: the shipped one.")] = None,
    part: Annotated[str, typer.Option(help="test (left-out families), calibration, train or all.")] = "test",
    out: Annotated[Path, typer.Option(help="Folder for evaluation.json and sources.csv.")] = Path("runs/evaluation"),
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Print the table of figures of a detector for a manifest, under the three delivery tiers."""
    from noiselens_core.detector import Detector

    from .config import SplitConfig
    from .data import DataError, read_manifest, split_by_family
    from .evaluate import measure

    samples = read_manifest(data)
    split = split_by_family(samples, SplitConfig())
    parts = {"test": split.test, "calibration": split.calibration, "train": split.train, "all": samples}
    if part not in parts:
        raise DataError(f"There is no part '{part}'. Use one of: {', '.join(parts)}.")
    judge = Detector.load(model, device)
    with _reporter(as_json) as report:
        figures = measure(judge, parts[part], out, report)
    _show_figures(figures, f"{judge.model_id} on {data.name}, part {part}")


def _data_words(data: Path, train: list[Sample], start: str) -> str:
    """Say in words what a detector was trained on."""
    reals = sum(s.label == 0 for s in train)
    sources = len({s.source for s in train})
    return (
        f"{reals} real and {len(train) - reals} generated images of {sources} sources ({data.name}, training "
        f"families only); encoder started from {start}"
    )


def _show_figures(figures: dict[str, dict[str, float]], title: str) -> None:
    """Print one row a figure and one column a tier."""
    shown = Table(title=title)
    shown.add_column("figure")
    for tier in figures:
        shown.add_column(tier, justify="right")
    for key in next(iter(figures.values())):
        if key in {"auc_low", "auc_high"}:
            continue
        cells = []
        for values in figures.values():
            bounds = f"  [{values['auc_low']:.3f}, {values['auc_high']:.3f}]" if key == "auc" else ""
            cells.append(f"{values[key]:.0f}" if key == "images" else f"{values[key]:.3f}{bounds}")
        shown.add_row(key.replace("_", " "), *cells)
    Console().print(shown)


@app.command()
def regenerate(
    images: Annotated[list[Path], typer.Argument(help="Photographs.")],
    out: Annotated[Path, typer.Option(help="Folder for the copies.")],
    teacher_file: Annotated[Path | None, typer.Option("--teacher", help="Teacher; default: the shipped one.")] = None,
    strength: Annotated[float, typer.Option(min=0.01, max=0.99, help="How much noise is put in and out.")] = 0.1,
    draw: Annotated[int, typer.Option(help="Also draw so many pictures from pure noise.")] = 0,
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Pass photographs through the diffusion model, and draw pictures with it from nothing."""
    from PIL import Image

    from noiselens_core.images import Decoder

    from .report import to_pixels
    from .teacher import DRAWN_PX, SHIPPED_TEACHER_FILE, PixelTeacher, whole_tiles

    frozen = PixelTeacher.load(teacher_file or SHIPPED_TEACHER_FILE)
    out.mkdir(parents=True, exist_ok=True)
    with Decoder() as decoder:
        for path in images:
            copy = frozen.regenerate(whole_tiles(decoder.decode_file(path).pixels), strength, seed)
            Image.fromarray(to_pixels(copy)[0]).save(out / f"{path.stem}_regenerated.png")
    for index in range(draw):
        picture = frozen.draw(1, DRAWN_PX, seed + index)
        Image.fromarray(to_pixels(picture)[0]).save(out / f"drawn_{index + 1}.png")


def main() -> None:
    """Run the command line; what goes wrong is one sentence and exit code 2."""
    try:
        app()
    except NoiseLensError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
