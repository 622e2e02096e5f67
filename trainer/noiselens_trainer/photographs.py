"""A detector from photographs alone: a zoo of decoders and our diffusion model make the other side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from noiselens_core.progress import Progress

from .align import AlignConfig, align, teacher_maker, zoo_makers
from .data import DataError, Sample
from .teacher import PixelTeacher
from .zoo_training import ZooConfig, train_zoo

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class PhotographsConfig:
    """What is made of photographs before a detector is trained on them."""

    members: int = 12  # of the zoo
    zoo: ZooConfig = field(default_factory=ZooConfig)
    strengths: tuple[float, ...] = (0.05, 0.15)  # of our diffusion model, in (0, 1) of its schedule
    denoising_steps: int = 6  # of the diffusion model
    align: AlignConfig = field(default_factory=lambda: AlignConfig(crop_px=384, copies=2))
    groups: int = 16  # families the photographs are dealt into, and folds are dealt by


def pairs_of_photographs(
    photographs: list[Sample], teacher: PixelTeacher, config: PhotographsConfig, out: Path, report: Report
) -> Path:
    """Train a zoo, make aligned fakes, and return the manifest of the pairs, all in `out`; resumes.

    Photographs are dealt into groups in the order of their paths, so that a series stays together; a photograph and its
    fakes are in one group, and no fold parts a group. Raises DataError when there are too few.
    """
    if len(photographs) < config.groups:
        raise DataError(f"A detector is made of at least {config.groups} photographs; here are {len(photographs)}.")
    order = sorted(photographs, key=lambda sample: sample.path)
    names = [f"photographs-{i * config.groups // len(order):02d}" for i in range(len(order))]
    grouped = [replace(s, source=name, family=name) for s, name in zip(order, names, strict=True)]
    members = train_zoo(grouped, config.members, config.zoo, out / "zoo", report)
    seed, steps = config.align.seed, config.denoising_steps
    makers = [teacher_maker(teacher, strength, steps, seed) for strength in config.strengths]
    if any(member.learned for member in members):
        makers += zoo_makers(out / "zoo")
    align(grouped, makers, config.align, out / "pairs", report)
    return out / "pairs" / "manifest.csv"
