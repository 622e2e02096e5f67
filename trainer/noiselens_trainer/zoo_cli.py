"""`noiselens-train zoo`, `align` and `draw`: decoders, what they make of photographs, and pictures from nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from .bars import Json, reporter

Photographs = Annotated[
    Path,
    typer.Option("--data", help="Folder of photographs, or a manifest or labelled folder, whose real images count."),
]
TeacherFile = Annotated[Path | None, typer.Option("--teacher", help="Teacher; default: the shipped one.")]


def zoo(
    data: Photographs,
    out: Annotated[Path, typer.Option(help="Folder of the zoo; an interrupted run in it goes on.")] = Path("runs/zoo"),
    members: Annotated[int, typer.Option(min=1, help="How many; a larger zoo holds the smaller one.")] = 24,
    enlargers: Annotated[int, typer.Option(min=0, help="Super-resolution networks beside them.")] = 0,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps a member.")] = None,
    as_json: Json = False,
) -> None:
    """Train small, deliberately different image decoders on real photographs, for `align`; resumes where it stopped."""
    from .runlog import RunLog
    from .zoo_training import ZooConfig, read_photographs, train_zoo

    config = ZooConfig() if steps is None else replace(ZooConfig(), steps=steps)
    photographs = read_photographs(data)
    log = RunLog(out / "log.jsonl")
    with reporter(as_json) as report:
        trained = train_zoo(photographs, members, config, out, log.tee(report), enlargers)
    shown = Table("member", "PSNR", "", title="on crops of photographs that no member was trained on")
    for member in trained:
        shown.add_row(
            member.recipe.name, f"{member.psnr_db:.1f} dB", "" if member.learned else "did not learn: not used"
        )
    console = Console(stderr=True)
    console.print(shown)
    console.print(f"{sum(m.learned for m in trained)} of {len(trained)} members can be used; they are in {out}")


def align(
    data: Photographs,
    out: Annotated[Path, typer.Option(help="Folder for the pairs and manifest.csv.")] = Path("runs/aligned"),
    zoo_folder: Annotated[Path | None, typer.Option("--zoo", help="Zoo whose members are used.")] = None,
    strength: Annotated[
        list[float] | None, typer.Option(min=0.01, max=0.99, help="Diffusion model: noise put in and out; repeatable.")
    ] = None,
    teacher_file: TeacherFile = None,
    denoising_steps: Annotated[int, typer.Option(min=1, help="Of the diffusion model, at most.")] = 40,
    autoencoder: Annotated[
        list[Path] | None, typer.Option(help="Autoencoder of others: diffusers' or taesd's folder; repeatable.")
    ] = None,
    up_down: Annotated[list[int] | None, typer.Option(min=2, max=8, help="Shrink and enlarge; repeatable.")] = None,
    copies: Annotated[int, typer.Option(min=1, help="Fakes a photograph, each by another decoder.")] = 1,
    crop: Annotated[int, typer.Option(min=64, help="Longest side; of larger photographs the middle, native.")] = 512,
    as_source: Annotated[
        bool, typer.Option("--as-source/--png", help="A JPEG's pair as JPEG of its quality, or everything as PNG.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the choice of decoders, and of the noise.")] = 0,
    as_json: Json = False,
) -> None:
    """Pass photographs through decoders: pairs of a real picture and an aligned fake, for `detector --more`."""
    from .align import AlignConfig, Maker, autoencoder_maker, teacher_maker, up_down_maker, zoo_makers
    from .align import align as make
    from .teacher import SHIPPED_TEACHER_FILE, PixelTeacher
    from .zoo_training import read_photographs

    makers: list[Maker] = zoo_makers(zoo_folder) if zoo_folder else []
    if strength:
        teacher = PixelTeacher.load(teacher_file or SHIPPED_TEACHER_FILE)
        makers += [teacher_maker(teacher, one, denoising_steps, seed) for one in strength]
    makers += [autoencoder_maker(folder) for folder in autoencoder or ()]
    makers += [up_down_maker(factor) for factor in up_down or ()]
    with reporter(as_json) as report:
        count = make(read_photographs(data), makers, AlignConfig(crop, copies, as_source, seed), out, report)
    Console(stderr=True).print(f"{count} aligned fakes and their photographs are listed in {out / 'manifest.csv'}")


def draw(
    out: Annotated[Path, typer.Option(help="Folder for the pictures.")],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 2,
    teacher_file: TeacherFile = None,
    seed: Annotated[int, typer.Option(help="Of the first; each further one has the next.")] = 0,
) -> None:
    """Draw pictures from nothing with the diffusion model."""
    from PIL import Image

    from .report import to_pixels
    from .teacher import DRAWN_PX, SHIPPED_TEACHER_FILE, PixelTeacher

    frozen = PixelTeacher.load(teacher_file or SHIPPED_TEACHER_FILE)
    out.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        picture = frozen.draw(1, DRAWN_PX, seed + index)
        Image.fromarray(to_pixels(picture)[0]).save(out / f"drawn_{index + 1}.png")
