"""What the parts of the head are worth: the same features and folds, with and without them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noiselens_core.device import choose_device
from noiselens_core.model import AnlDetector
from noiselens_core.progress import Progress

from .config import DetectorConfig
from .crossfit import leave_families_out
from .data import Sample
from .features import Features, FeatureStore
from .metrics import BOOTSTRAP_ROUNDS, auc
from .noise import noise_agreement, train_noise_head
from .teacher import PixelTeacher, train_teacher
from .tiers import TIERS

Floats = NDArray[np.float64]
Report = Callable[[Progress], None]
SHIPPED = "shipped"
NOISES = ("random", "denoiser", "plain")  # whose noise the attention is shown instead


@dataclass(frozen=True)
class Variant:
    """A head to compare: what is changed, how many seeds it takes to see its spread, and which noise it is shown.

    noise: one of NOISES, or SHIPPED.
    """

    name: str
    change: Callable[[DetectorConfig], DetectorConfig]
    seeds: int = 3
    noise: str = SHIPPED


def _attending(config: DetectorConfig) -> DetectorConfig:
    return replace(config, model=replace(config.model, attention=True))


VARIANTS = (  # the first is what the others are held against
    Variant("linear part alone", lambda c: replace(c, model=replace(c.model, attention=False)), seeds=1),  # convex
    Variant("with noise-guided attention", _attending),
    Variant(
        "with attention, noise left out",
        lambda c: replace(c, model=replace(c.model, attention=True, noise_bias=False)),
    ),
    Variant("with attention, random teacher", _attending, noise="random"),
    Variant("with attention, Gaussian denoiser as teacher", _attending, noise="denoiser"),
    Variant("with attention, noise head without residual", _attending, noise="plain"),
)


def other_noises(
    model: AnlDetector,
    samples: list[Sample],
    views: dict[str, Features],
    teacher: PixelTeacher,
    config: DetectorConfig,
    folder: Path,
    device: str,
    report: Report,
) -> dict[str, dict[str, Features]]:
    """Return the views as noise heads of each of NOISES see them: NOISES -> view -> features; resumes from `folder`.

    model, views: as `frozen_parts` gave them, for the same folder. Every head is trained as the shipped one is, to an
    untrained teacher, to a denoiser of the same size that knows one noise level, or without the residual front end.
    """
    where = choose_device(device)
    store = FeatureStore(folder / "features", samples, model, config.head.seed)
    plain = replace(config.model, residual=False)
    one_level = replace(teacher.config, timestep=config.noise.teacher_timestep)
    denoiser = train_teacher(samples, one_level, folder / "denoiser", report, where)
    makers = {
        "random": (PixelTeacher.untrained(teacher.config, where), config.model),
        "denoiser": (denoiser, config.model),
        "plain": (teacher, plain),
    }
    found: dict[str, dict[str, Features]] = {}
    for name, (taught_by, shape) in makers.items():
        head = train_noise_head(samples, taught_by, shape, config.noise, folder / f"noise-{name}", report)
        agreement = noise_agreement(head, taught_by, samples, config.noise)
        report(Progress("noise", 1, 1, values={"noise_cosine": agreement}, message=f"learned from: {name}"))
        found[name] = {
            view: replace(known, energy=store.energy(view, head, name, report)) for view, known in views.items()
        }
    return found


@dataclass(frozen=True)
class Row:
    """A variant's AUC in one tier: mean over seeds, and its difference from the first variant with a 95 % interval."""

    variant: str
    tier: str
    auc: float
    difference: float
    low: float
    high: float


def ablate(
    model: AnlDetector,
    samples: list[Sample],
    noises: dict[str, dict[str, Features]],
    config: DetectorConfig,
    out: Path,
    report: Report,
) -> list[Row]:
    """Judge every image without its family under every variant; a finished (variant, seed) in `out` is not redone.

    noises: SHIPPED and each of NOISES -> view -> features.
    """
    out.mkdir(parents=True, exist_ok=True)
    label = np.array([s.label for s in samples])
    logits: dict[str, list[dict[str, Floats]]] = {}
    runs = [(variant, seed) for variant in VARIANTS for seed in range(variant.seeds)]
    linear: dict[int, Floats] = {}  # the same in every variant, so it is fitted once
    for done, (variant, seed) in enumerate(runs):
        path = out / f"{variant.name.replace(', ', '-').replace(' ', '-')}-{seed}.json"
        if not path.exists():
            changed = variant.change(config)
            head, views = replace(changed.head, seed=seed), noises[variant.noise]
            bare = AnlDetector(changed.model)
            bare.load_state_dict(model.state_dict())
            left = leave_families_out(
                bare,
                samples,
                list(views.values()),
                {t.name: views[t.name] for t in TIERS},
                changed.split,
                head,
                lambda _: None,
                linear,
            )
            linear = left.heads
            part = path.with_suffix(".part")
            part.write_text(json.dumps({k: v.tolist() for k, v in left.logits.items()}), encoding="utf-8")
            part.replace(path)
        stored = json.loads(path.read_text(encoding="utf-8"))
        logits.setdefault(variant.name, []).append({k: np.array(v) for k, v in stored.items()})
        report(Progress("ablation", done + 1, len(runs), message=f"{variant.name}, seed {seed}"))
    return [_row(name, tier.name, label, logits) for name in logits for tier in TIERS]


def _row(name: str, tier: str, label: NDArray[np.int64], logits: dict[str, list[dict[str, Floats]]]) -> Row:
    """Compare the seeds' mean logits with the first variant's, drawing the same images for both."""
    ours, first = (np.mean([run[tier] for run in logits[key]], axis=0) for key in (name, VARIANTS[0].name))
    kept = ~np.isnan(ours)
    y, ours, first = label[kept], ours[kept], first[kept]
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(y == c) for c in (0, 1)]
    differences = []
    for _ in range(BOOTSTRAP_ROUNDS):
        pick = np.concatenate([rng.choice(g, len(g)) for g in groups])
        differences.append(auc(y[pick], ours[pick]) - auc(y[pick], first[pick]))
    low, high = np.percentile(differences, (2.5, 97.5))
    mean = float(np.mean([auc(y, run[tier][kept]) for run in logits[name]]))
    return Row(name, tier, mean, float(np.mean(differences)), float(low), float(high))
