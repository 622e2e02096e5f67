"""The paper recipe's part of the command line: a run, shards, and the papers' table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from noiselens_core.progress import Progress

from ..bars import Data, Json, reporter

Report = Callable[[Progress], None]


def run_recipe(
    data: Path,
    teacher: Path | None,
    settings: Path | None,
    lora: int | None,
    out: Path,
    name: str,
    device: str,
    as_json: bool,
) -> None:
    """Train with the paper recipe and write NAME.safetensors, log and loss curves; resumes from `out`."""
    from accelerate import PartialState

    from ..layouts import read_data
    from ..report import loss_curves
    from ..runlog import RunLog
    from ..teacher import SHIPPED_TEACHER_FILE
    from .checkpoint import PaperSpec, save_paper
    from .config import read_settings
    from .diffusion import load_noise_model
    from .shards import find_shards
    from .train import train_paper

    config, on_cpu = read_settings(settings), device == "cpu"
    if lora is not None:
        config = replace(config, network=replace(config.network, lora=lora))
    state = PartialState(cpu=on_cpu)
    frozen = load_noise_model(teacher or SHIPPED_TEACHER_FILE, state.device)
    shards = find_shards(data)
    log = RunLog(out / "log.jsonl")
    with reporter(as_json) as report:
        network = train_paper(shards or read_data(data), frozen, config, out, log.tee(report), on_cpu)
    if not state.is_main_process:
        return
    file = out / f"{name}.safetensors"
    spec = PaperSpec(
        name, config.network, network.backbone.config, config.crop_px, frozen.name, asdict(config.target),
        frozen.channels, frozen.stride, config.steps,
    )  # fmt: skip
    save_paper(file, network, spec)
    loss_curves(log.read(), out / "loss.png")
    said = f"{file} and its loss curves are in {out}. To judge with it: noiselens-train evaluate --table paper"
    Console(stderr=True).print(said)


def print_table(model: Path | None, data: Path, out: Path, device: str, as_json: bool) -> None:
    """Print accuracy and average precision a generator and write generators.csv and generators.md."""
    from ..layouts import read_data
    from .evaluate import generator_table, load_judge, write_table

    name, judge = load_judge(model, device)
    with reporter(as_json) as report:
        text = write_table(generator_table(judge, read_data(data), report), out)
    Console().print(f"{name} on {data.name}, ACC at .5 and AP in percent\n\n{text}", highlight=False, markup=False)


def shards(
    data: Data,
    out: Annotated[Path, typer.Option(help="Empty folder for the shards.")],
    megabytes: Annotated[int, typer.Option(min=1, help="Size of a shard.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the random order.")] = 0,
    as_json: Json = False,
) -> None:
    """Write images as tar shards, for runs of the paper recipe on data that no folder holds."""
    from ..layouts import read_data
    from .shards import write_shards

    with reporter(as_json) as report:
        written = write_shards(read_data(data), out, megabytes * 10**6, seed, report)
    Console(stderr=True).print(f"{written} images in {len(list(out.glob('*.tar')))} shards in {out}")
