"""The trainer's command line: encoder, teacher, detector, probe, ablate, leaks,
evaluate, export, shards, zoo, align, draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from noiselens_core.errors import NoiseLensError

from .bars import Data, Device, Json, More, Name, reporter
from .endings import run_to_an_end, system_refusals
from .finetune_cli import finetune
from .leaks_cli import leaks
from .paper.command import print_table, run_recipe, shards
from .zoo_cli import align, draw, zoo

if TYPE_CHECKING:
    from .metrics import Judged

app = typer.Typer(
    help="Train and measure NoiseLens detectors on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Out = Annotated[Path, typer.Option("--out", help="Folder of the run; an interrupted run in it goes on.")]

app.command()(finetune)
app.command()(shards)
app.command()(zoo)
app.command()(align)
app.command()(draw)
app.command()(leaks)


class Recipe(StrEnum):
    """How a detector is trained."""

    PRODUCT = "product"  # frozen encoder, noise head and linear head: what the app loads
    PAPER = "paper"  # end to end, at the papers' scale


class Form(StrEnum):
    """What evaluate prints."""

    TIERS = "tiers"  # every figure under the delivery tiers
    PAPER = "paper"  # accuracy and average precision a generator


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

    from .config import TeacherConfig
    from .layouts import read_data
    from .report import loss_curves, picture_sheet
    from .runlog import RunLog
    from .teacher import SHIPPED_TEACHER, train_teacher

    config = TeacherConfig() if steps is None else replace(TeacherConfig(), steps=steps)
    samples = read_data(data)
    log = RunLog(out / "log.jsonl")
    with reporter(as_json) as report:
        trained = train_teacher(samples, config, out, log.tee(report), choose_device(device))
        trained.save(out / f"{SHIPPED_TEACHER}.safetensors", {"id": SHIPPED_TEACHER, "licence": "Apache-2.0"})
        loss_curves(log.read(), out / "loss.png")
        picture_sheet(trained.draw(8, config.crop_px, seed=0), out / "samples.png")
    Console(stderr=True).print(f"Teacher, samples and loss curve are in {out}")


@app.command()
def encoder(
    onnx: Annotated[Path, typer.Argument(help="ONNX export of CLIP ViT-B/16's image tower, plain or 8-bit.")],
    out: Annotated[Path, typer.Option(help="Folder for the parts.")],
    depth: Annotated[int, typer.Option(min=1, max=12, help="Blocks to keep.")] = 10,
) -> None:
    """Turn a CLIP export into the frozen encoder's 8-bit safetensors."""
    from noiselens_core.encoder_weights import save_encoder

    from .encoder import read_clip

    weights = read_clip(onnx, depth)
    out.mkdir(parents=True, exist_ok=True)
    for path in save_encoder(out, weights, "MIT"):
        Console().print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


@app.command("collect")
def collect_more(
    out: Annotated[Path, typer.Option("--out", help="Folder for the images and manifest.csv.")] = Path("runs/more"),
    data: Annotated[
        Path | None, typer.Option(help="Images trained on too: their real ones are added as small previews.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Collect real and generated images out of Debian, npm and Python packages, for `detector --more`; resumes."""
    from .collect import collect
    from .layouts import read_data

    out.mkdir(parents=True, exist_ok=True)
    with reporter(as_json) as report:
        count = collect(out, report, read_data(data) if data else ())
    Console(stderr=True).print(f"{count} images are listed in {out / 'manifest.csv'}")


@app.command()
def detector(
    data: Annotated[Path | None, typer.Option(help="Manifest CSV, or a folder with real/ and generated/.")] = None,
    photographs: Annotated[
        Path | None,
        typer.Option(help="Folder of real photographs alone, instead of --data: the generated side is made of them."),
    ] = None,
    members: Annotated[int | None, typer.Option(min=1, help="Decoders to train on the photographs.")] = None,
    more: More = None,
    teacher_file: Annotated[Path | None, typer.Option("--teacher", help="Teacher; default: the shipped one.")] = None,
    out: Out = Path("runs/detector"),
    name: Name = "noiselens-own",
    recipe: Annotated[Recipe, typer.Option(help="paper trains end to end, on shards too.")] = Recipe.PRODUCT,
    settings: Annotated[Path | None, typer.Option(help="TOML settings of the paper recipe.")] = None,
    lora: Annotated[
        int | None, typer.Option(min=0, help="Paper recipe: rank of adapters on a frozen ViT; 0 trains it whole.")
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Train an ANL detector, calibrate and measure it on families it never saw; resumes where it stopped."""
    if recipe is Recipe.PAPER:
        if data is None:
            raise NoiseLensError("The paper recipe learns from labelled images. Give --data.")
        run_recipe(data, teacher_file, settings, lora, out, name, device, as_json)
        return
    if settings or lora is not None:
        raise NoiseLensError("--settings and --lora belong to the paper recipe. Add --recipe paper or leave them out.")
    if (data is None) == (photographs is None):
        raise NoiseLensError("Give either --data, labelled images, or --photographs, real photographs alone.")
    if members is not None and photographs is None:
        raise NoiseLensError("--members belongs to --photographs. Add it or leave both out.")
    from noiselens_core.checkpoint import read_spec

    from .build import build_detector
    from .card import write_card
    from .config import DetectorConfig
    from .layouts import read_data, read_more
    from .photographs import PhotographsConfig, pairs_of_photographs
    from .report import left_out_plots, loss_curves
    from .runlog import RunLog
    from .teacher import SHIPPED_TEACHER_FILE, PixelTeacher
    from .zoo_training import read_photographs

    config = DetectorConfig()
    log = RunLog(out / "log.jsonl")
    with reporter(as_json) as report:
        frozen = PixelTeacher.load(teacher_file or SHIPPED_TEACHER_FILE)
        further = read_more(more)
        if photographs:
            made = PhotographsConfig() if members is None else replace(PhotographsConfig(), members=members)
            data = pairs_of_photographs(read_photographs(photographs), frozen, made, out, log.tee(report))
        assert data is not None
        samples = read_data(data)
        built = build_detector(
            samples, (photographs or data).name, frozen, config, name, out, device, log.tee(report), further
        )
    loss_curves(log.read(), out / "loss.png")
    left_out_plots(built.judged, out / "figures.png")
    write_card(built.file.with_suffix(".md"), read_spec(built.file), config, [*samples, *further], frozen.name, built)
    _show_figures(built.figures, built.judged, f"{name}: every image judged without its family")
    Console(stderr=True).print(f"Model, card, figures and plots are in {out}")
    if photographs:
        said = "These figures are of copies by decoders it has seen, not of generators (docs/RESULTS.md 7). Before you"
        Console(stderr=True).print(f"{said} trust it: noiselens-train evaluate --model {built.file} --data IMAGES")


@app.command()
def probe(
    data: Data,
    out: Annotated[Path, typer.Option(help="Folder for the figures, also a source and a pair.")] = Path("runs/probe"),
    as_json: Json = False,
) -> None:
    """Measure the yardstick through the same folds: frozen ImageNet features with a logistic regression."""
    from .baseline import frozen_probe
    from .config import CalibrationConfig, DetectorConfig
    from .evaluate import honest_figures, write_figures
    from .layouts import read_data

    config = DetectorConfig()
    out.mkdir(parents=True, exist_ok=True)  # before the long work: it may not be possible
    with reporter(as_json) as report:
        left = frozen_probe(read_data(data), config.split, config.head, report)
    judged = honest_figures(left, CalibrationConfig())
    _show_figures(
        write_figures(judged, out), judged, "frozen EfficientNet-Lite0 probe: every image judged without its family"
    )


@app.command()
def ablate(
    data: Data,
    teacher_file: Annotated[Path | None, typer.Option("--teacher", help="Teacher; default: the shipped one.")] = None,
    out: Out = Path("runs/ablation"),
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Compare the head with and without its parts, on features with all tokens; what is finished is not redone."""
    from noiselens_core.model import ModelConfig

    from .ablate import SHIPPED, other_noises
    from .ablate import ablate as compare
    from .build import frozen_parts
    from .config import DetectorConfig
    from .data import family_folds
    from .layouts import read_data
    from .teacher import SHIPPED_TEACHER_FILE, PixelTeacher

    config, samples = DetectorConfig(ModelConfig(attention=True)), read_data(data)
    family_folds(samples, config.split)  # says what cannot be measured before the long work
    with reporter(as_json) as report:
        frozen = PixelTeacher.load(teacher_file or SHIPPED_TEACHER_FILE)
        model, views, _ = frozen_parts(samples, frozen, config, out, device, report)
        noises = {SHIPPED: views} | other_noises(model, samples, views, frozen, config, out, device, report)
        rows = compare(model, samples, noises, config, out / "variants", report)
    shown = Table("variant", "tier", "AUC", "against the first", title="every image judged without its family")
    for row in rows:
        shown.add_row(
            row.variant, row.tier, f"{row.auc:.3f}", f"{row.difference:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        )
    Console().print(shown)


@app.command()
def deletion(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="Detector file; default: the shipped one.")] = None,
    images: Annotated[int, typer.Option(min=2, help="Random images to measure on.")] = 120,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Print how far the verdict moves when what the overlay marks is blurred, or alone sharp, against random places."""
    from noiselens_core.checkpoint import SHIPPED_DETECTOR, load_detector
    from noiselens_core.device import choose_device

    from .deletion import deletion_and_insertion
    from .layouts import read_data

    judge, spec = load_detector(model or SHIPPED_DETECTOR, choose_device(device), looking=True)
    with reporter(as_json) as report:
        curves = deletion_and_insertion(judge, read_data(data), images, 0, report)
    for curve, what, moved in zip(curves, ("blurred", "alone sharp"), ("fall", "rise"), strict=True):
        title = f"{spec.id}: {moved} of the logit, {len(curve.random)} images"
        shown = Table(f"share {what}", "marked", "random", title=title)
        for i, share in enumerate(curve.shares):
            shown.add_row(f"{share:.0%}", f"{curve.attended[:, i].mean():.2f}", f"{curve.random[:, i].mean():.2f}")
        Console().print(shown)
        mean, low, high = curve.difference()
        Console().print(f"marked minus random: {mean:+.3f} [{low:+.3f}, {high:+.3f}]")


@app.command()
def evaluate(
    data: Data,
    model: Annotated[Path | None, typer.Option(help="Detector file; default: the shipped one.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the figures, also a source and a pair.")] = Path(
        "runs/evaluation"
    ),
    table: Annotated[Form, typer.Option(help="paper: ACC and AP a generator, as papers print them.")] = Form.TIERS,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Print the table of figures of a detector for a manifest it was not trained on, under the three delivery tiers."""
    out.mkdir(parents=True, exist_ok=True)  # before the long work: it may not be possible
    if table is Form.PAPER:
        print_table(model, data, out, device, as_json)
        return
    from noiselens_core.detector import Detector

    from .evaluate import judge, write_figures
    from .layouts import read_data

    detector = Detector.load(model, device)
    with reporter(as_json) as report:
        judged = judge(detector, read_data(data), report)
    _show_figures(write_figures(judged, out), judged, f"{detector.model_id} on {data.name}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The ONNX file to write.")],
    model: Annotated[Path | None, typer.Option(help="Detector file; default: the shipped one.")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder to compare on; default: the samples.")] = None,
    as_json: Json = False,
) -> None:
    """Write a detector as an ONNX graph and print how far its verdicts are from the detector's own."""
    from noiselens_core.batch import find_images
    from noiselens_core.checkpoint import SHIPPED_DETECTOR
    from noiselens_core.cli import SAMPLES

    from .export import difference, export_onnx

    export_onnx(model or SHIPPED_DETECTOR, out)
    with reporter(as_json) as report:
        found = difference(model or SHIPPED_DETECTOR, out, find_images([images or SAMPLES]), report)
    Console(stderr=True).print(
        f"{out}: largest difference of a probability {found.probability:.1e} over {found.images} images, "
        f"{found.bands} of them in another band"
    )


def _show_figures(figures: dict[str, dict[str, float]], judged: dict[str, Judged], title: str) -> None:
    """Print one row a figure and one column a tier, then collections that show the same content real and generated."""
    from .metrics import copies, pairs

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
            value = f"{values[key]:.0f}" if key == "images" else f"{values[key]:.3f}{bounds}"
            cells.append("–" if math.isnan(values[key]) else value)
        shown.add_row(key.replace("_", " "), *cells)
    Console().print(shown)
    agreement = copies(judged)
    Console().print(
        f"copies of {agreement.images} images, one a tier: {agreement.same:.1%} get the same band in all, "
        f"{agreement.opposite:.1%} opposite sides; probabilities lie {agreement.spread:.3f} apart"
    )
    same = Table("tier", "real", "generated", "images", "AUC", "above chance", title="same content, real and generated")
    for tier, part in judged.items():
        for one in pairs(part):
            area = f"{one.auc:.3f}  [{one.low:.3f}, {one.high:.3f}]"
            same.add_row(tier, one.real, one.generated, str(one.images), area, "yes" if one.above_chance else "no")
    if same.rows:
        Console().print(same)


def run_train(arguments: list[str]) -> None:
    """Run `noiselens train`, the same as `noiselens-train finetune`."""
    _alone(finetune, arguments, "noiselens train")


def run_evaluate(arguments: list[str]) -> None:
    """Run `noiselens evaluate`, the same as `noiselens-train evaluate`."""
    _alone(evaluate, arguments, "noiselens evaluate")


def _alone(command: Callable[..., None], arguments: list[str], name: str) -> None:
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command()(command)
    with system_refusals():
        single(arguments, prog_name=name)


def main() -> None:
    """Run the command line; what goes wrong is one sentence."""
    run_to_an_end(app)


if __name__ == "__main__":
    main()
