"""What a few labels teach: domains left out of a base detector whole, then learned from 10 to 100 labels a class.

Run: python tests/bench/bench_finetune.py [--labels 10 20 50 100] [--draws N] [--domains chosen]
     python tests/bench/bench_finetune.py --data POOL.csv --more MORE.csv --run RUN --detector RUN/NAME.safetensors
     python tests/bench/bench_finetune.py --data POOL.csv --seconds

A domain is a family of generated pictures and some sources of real ones. The base is fitted without them and without
every family that was published together with them. Then, as fine-tuning does, its head is moved towards n pictures a
class and calibrated; it is judged on pictures of the domain that were held back and on the base's pool, every fold by
heads that never saw it. Goal: at least 10 points more at 20 + 20 where the base is under 75 %, at most 0.5 points lost
on the pool, at most 180 s on two cores for 50 + 50.

The first form needs nothing but what ships: the memory, where every picture is there under one delivery tier, and the
base is fitted without the whole folds of the domain. The second uses the features of a run of `noiselens-train
detector`: every tier of every picture, two of them to learn from. The third times 50 + 50 from the files on.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import SHIPPED_DETECTOR, load_detector, read_spec
from noiselens_core.progress import Progress
from noiselens_trainer.config import BALANCED, PRESETS, DetectorConfig, SplitConfig
from noiselens_trainer.crossfit import leave_families_out
from noiselens_trainer.data import linked_families, sample_weights
from noiselens_trainer.evaluate import calibrate, fit_calibration
from noiselens_trainer.features import Features, FeatureStore, view_names
from noiselens_trainer.finetune import fine_tune, measure, move
from noiselens_trainer.head import Labelled, fit_head
from noiselens_trainer.layouts import read_data, read_more
from noiselens_trainer.memory import Memory, load_memory, make_memory, memory_of, picture_features
from noiselens_trainer.own import VIEWS, OwnSample
from noiselens_trainer.refit import FOLDS, Own
from noiselens_trainer.tiers import TIERS

WEAK = 0.75  # balanced accuracy of the base; the goal is for domains under it
HELD_BACK = 40  # pictures a class, a third of them where there are fewer
# Generated family, real sources. The first six measure; the last three of these pairs show the same content twice.
DOMAINS = (
    ("gpt-image", ("camera_exif", "clothing")),
    ("sd3", ("bsds", "imagenet_sample")),
    ("dalle2", ("wesnoth_portraits", "wesnoth_other")),
    ("stylegan2", ("cdiaconu_ffhq", "realorfake_ffhq")),
    ("flux", ("ecuador_real", "simswap_src")),
    ("faceswap", ("sdfvd_pool_real",)),
)
# Those that what moves and how far was chosen on.
CHOSEN_ON = (
    ("sd1", ("dhanush_coco",)),
    ("dalle-mini", ("raccoon",)),
    ("ldm", ("portraits_painted",)),
    ("midjourney-early", ("stock_photographs",)),
    ("midjourney-modern", ("endless_sky_land",)),
    ("sdxl", ("wallpapers",)),
    ("muse", ("stargan_real",)),
    ("pix2pix", ("pix2pixreal_facades_label2photo", "pix2pixreal_map2sat")),
    ("unknown-modern2", ("kaivalya_human",)),
)
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]
Floats = NDArray[np.float64]


def quiet(_: Progress) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Base:
    """A detector that saw nothing of a domain.

    Attributes:
        head: (D + 1,) on standardised features.
        moving: how many of its first weights fine-tuning moves.
        rows: view, pictures (n,) -> their standardised features (n, D).
    """

    head: Floats
    moving: int
    memory: Memory
    calibration: Calibration
    rows: Callable[[str, Ints], Singles]


class Ground(Protocol):
    """What the benchmark stands on.

    Attributes:
        label, family, source: (N,) of the pictures.
        teaching, judged, tested: names of views that teach, of the one that is judged as the user's, and of those that
            pictures held back are judged under.
    """

    label: Ints
    family: list[str]
    source: list[str]
    teaching: tuple[str, ...]
    judged: str
    tested: tuple[str, ...]

    def base(self, members: Ints) -> Base:
        """Return a detector that saw neither these pictures nor what was published with them."""


class MemoryGround:
    """The memory of a detector: every picture under the one tier it is remembered under."""

    teaching: tuple[str, ...] = ("memory",)
    judged = "memory"
    tested: tuple[str, ...] = ("memory",)

    def __init__(self, file: Path) -> None:
        spec = read_spec(file)
        self._memory, self._moving = load_memory(memory_of(file), spec), spec.model.class_width
        self._x = self._memory.rows()
        self.label, self.family, self.source = self._memory.label, self._memory.family, self._memory.source

    def base(self, members: Ints) -> Base:
        """Fit a head without the whole folds of the members, and one more a fold that is left."""
        whole = self._memory
        kept = ~np.isin(whole.fold, whole.fold[members])
        fold, label, at = whole.fold[kept], whole.label[kept], np.flatnonzero(kept)
        weight = whole.weight[kept] / whole.weight[kept].mean()
        heads, logits = {}, np.empty(len(at))
        for f in np.unique(fold):
            out = fold == f
            heads[int(f)] = self._fit(at[~out], weight[~out])
            logits[out] = self._x[at[out]] @ heads[int(f)][:-1] + heads[int(f)][-1]
        source, family = ([names[i] for i in at] for names in (whole.source, whole.family))
        memory = Memory(
            whole.detector, whole.weights_sha256, whole.features[kept], whole.scale, label, weight, fold,
            whole.tier[kept], source, family, heads,
        )  # fmt: skip
        calibration = fit_calibration({"web": logits}, label, PRESETS[BALANCED])
        return Base(self._fit(at, weight), self._moving, memory, calibration, lambda _, chosen: self._x[chosen])

    def _fit(self, chosen: Ints, weight: Floats) -> Floats:
        found = LogisticRegression(C=DetectorConfig().head.inverse_ridge, max_iter=500)
        found.fit(self._x[chosen], self.label[chosen], sample_weight=weight)
        return np.append(found.coef_[0], found.intercept_).astype(np.float64)


class RunGround:
    """The features of a training run."""

    teaching: tuple[str, ...] = VIEWS[1:]
    judged = "web"
    tested: tuple[str, ...] = tuple(tier.name for tier in TIERS)

    def __init__(self, data: Path, more: list[Path] | None, run: Path, file: Path) -> None:
        self._samples, config = [*read_data(data), *read_more(more)], DetectorConfig()
        self._model, self._spec = load_detector(file, torch.device("cpu"))
        store = FeatureStore(run / "features", self._samples, self._model, config.head.seed)
        self._views = {name: store.load(name) for name in view_names(config.head)}
        groups = {key: i for i, keys in enumerate(linked_families(self._samples)) for key in keys}
        self._group = np.array([groups[s.label, s.family] for s in self._samples])
        self.label = np.array([s.label for s in self._samples])
        self.family, self.source = [s.family for s in self._samples], [s.source for s in self._samples]

    def base(self, members: Ints) -> Base:
        """Fit, measure and calibrate a detector as `noiselens-train detector` does."""
        kept, config = ~np.isin(self._group, self._group[members]), DetectorConfig()
        chosen = [s for s, keep in zip(self._samples, kept, strict=True) if keep]
        inside = {name: part(view, kept) for name, view in self._views.items()}
        tiers, training = {tier.name: inside[tier.name] for tier in TIERS}, list(inside.values())
        left = leave_families_out(self._model, chosen, training, tiers, SplitConfig(folds=4), config.head, quiet)
        fitted = copy.deepcopy(self._model)
        data = Labelled(training, self.label[kept], sample_weights(chosen, config.head.source_power))
        fit_head(fitted, data, np.ones(len(chosen), bool), config.head)
        memory = make_memory(fitted, self._spec, left, tiers, config.head.source_power, seed=0)
        mean, scale = fitted.feature_mean.numpy(), fitted.feature_scale.numpy()

        def rows(view: str, pictures: Ints) -> Singles:
            pooled, _ = picture_features(self._views[view], len(self._samples))
            return np.asarray((pooled[pictures] - mean) * scale, np.float32)

        head = np.append(fitted.linear.weight[0].detach().double().numpy(), fitted.linear.bias.item())
        return Base(head, self._spec.model.class_width, memory, calibrate(left, PRESETS[BALANCED]), rows)


def part(view: Features, chosen: Bools) -> Features:
    """Return a view's windows of the chosen samples, which are counted anew."""
    rows, place = view.of(chosen), np.cumsum(chosen) - 1
    return Features(place[view.owner[rows]], view.summary[rows], view.energy[rows])


@dataclass(frozen=True)
class Learned:
    """Balanced accuracies at probability 0.5 before and after, what it was fitted with, and how long that took."""

    domain: tuple[float, float]
    reference: tuple[float, float]
    strength: float
    seconds: float

    @property
    def gain(self) -> tuple[float, float]:
        """Points on the domain and on the reference."""
        return 100 * (self.domain[1] - self.domain[0]), 100 * (self.reference[1] - self.reference[0])


def balanced(head: Floats, calibration: Calibration, x: list[Singles], label: Ints) -> float:
    """Return the balanced accuracy at probability 0.5, the mean over the views (n, D)."""
    found = []
    for rows in x:
        right = (calibration.probabilities(rows @ head[:-1] + head[-1]) >= 0.5) == (label == 1)
        found += [right[label == c].mean() for c in (0, 1)]
    return float(np.mean(found))


def compare(ground: Ground, domains: tuple[tuple[str, tuple[str, ...]], ...], counts: list[int], draws: int) -> None:
    """Print one row a domain and number of labels, and what they come to."""
    print(f"mean of {draws} draws of the labels; +- their standard deviation")
    print(
        "| domain | labels | domain before | after | points | reference before | after | points | strength | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    rows: list[tuple[int, float, float, float]] = []  # labels a class, domain before, points, points on the reference
    for family, sources in domains:
        members = [
            np.flatnonzero((ground.label == 1) & (np.array(ground.family) == family)),
            np.flatnonzero((ground.label == 0) & np.isin(ground.source, sources)),
        ]
        base = ground.base(np.concatenate(members))
        for n in counts:
            found = [learn(ground, base, *drawn) for drawn in deals(members, n, draws)]
            gains = np.array([one.gain for one in found])  # (draws, 2)
            (before, after), (ref_before, ref_after) = (
                np.mean([getattr(one, name) for one in found], axis=0) for name in ("domain", "reference")
            )
            rows.append((n, before, *gains.mean(0)))
            labels = " + ".join(str(min(n, len(one) - min(HELD_BACK, len(one) // 3))) for one in members)
            print(
                f"| {family} / {', '.join(sources)} | {labels} | {before:.1%} | {after:.1%} | "
                f"{gains[:, 0].mean():+.1f} +- {gains[:, 0].std():.1f} | {ref_before:.1%} | {ref_after:.1%} | "
                f"{gains[:, 1].mean():+.2f} +- {gains[:, 1].std():.2f} | "
                f"{' '.join(f'{one.strength:g}' for one in found)} | {np.mean([one.seconds for one in found]):.0f} |",
                flush=True,
            )
    for words, chosen in (("all domains", rows), (f"base under {WEAK:.0%}", [r for r in rows if r[1] < WEAK])):
        for n in counts:
            points = np.array([row[2:] for row in chosen if row[0] == n])
            if len(points):
                (gain, reference), worst = points.mean(0), points.min(0)
                print(
                    f"{words}, up to {n} a class: {gain:+.1f} points on the domain (worst {worst[0]:+.1f}), "
                    f"{reference:+.2f} on the reference (worst {worst[1]:+.2f})"
                )


def deals(members: list[Ints], n: int, draws: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield pictures that teach, n a class, and pictures held back, draw by draw."""
    back = [min(HELD_BACK, len(one) // 3) for one in members]
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        mixed = [rng.permutation(one) for one in members]
        test = np.concatenate([one[:b] for one, b in zip(mixed, back, strict=True)])
        yield np.concatenate([one[b : b + n] for one, b in zip(mixed, back, strict=True)]), test


def learn(ground: Ground, base: Base, chosen: Ints, test: Ints) -> Learned:
    """Teach the base the chosen pictures and judge those held back."""
    begun, label = time.perf_counter(), ground.label
    training = np.stack([base.rows(name, chosen) for name in ground.teaching], axis=1)
    fold = np.zeros(len(chosen), np.int64)
    for c in (0, 1):  # pool pictures are not near duplicates, so any deal is one
        here = np.flatnonzero(label[chosen] == c)
        fold[here] = np.arange(len(here)) % FOLDS
    own = Own(training, base.rows(ground.judged, chosen), label[chosen], fold)
    moved = move(base.memory, base.head, base.moving, own, quiet)
    calibration, _, reference = measure(base.memory, own, moved, base.calibration)
    seconds = time.perf_counter() - begun
    x = [base.rows(name, test) for name in ground.tested]
    before = balanced(base.head, base.calibration, x, label[test])
    after = balanced(moved.head, calibration, x, label[test])
    others = reference.before.balanced_accuracy, reference.after.balanced_accuracy
    return Learned((before, after), others, moved.strength, seconds)


def time_it(data: Path, detector: Path) -> None:
    """Print how long 50 + 50 take from the files on, encoder and report included."""
    samples = read_data(data)
    chosen = [s for c in (0, 1) for s in [s for s in samples if s.label == c][:: len(samples) // 150][:50]]
    own = [OwnSample(s.path, s.label, s.path.name) for s in chosen]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        fine_tune(own, detector, Path(folder) / "run", Path(folder) / "models", "own", "cpu", quiet)
        print(f"{len(own)} files: {time.perf_counter() - begun:.0f} s, {torch.get_num_threads()} threads")


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="manifest of the run, or of what --seconds takes")
    parser.add_argument("--more", type=Path, action="append", help="further training data of the run")
    parser.add_argument("--run", type=Path, help="folder of `noiselens-train detector`")
    parser.add_argument("--detector", type=Path, default=SHIPPED_DETECTOR, help="detector of that run")
    parser.add_argument("--labels", type=int, nargs="+", default=[10, 20, 50, 100], help="a class")
    parser.add_argument("--draws", type=int, default=3, help="random draws of the labelled pictures")
    parser.add_argument("--domains", choices=("measured", "chosen"), default="measured", help="those not chosen on")
    parser.add_argument("--seconds", action="store_true", help="time 50 + 50 from the files on")
    options = parser.parse_args()
    if (options.seconds or options.run) and not options.data:
        parser.error("--seconds and --run need --data")
    if options.seconds:
        time_it(options.data, options.detector)
        return
    run = options.run and RunGround(options.data, options.more, options.run, options.detector)
    domains = DOMAINS if options.domains == "measured" else CHOSEN_ON
    compare(run or MemoryGround(options.detector), domains, options.labels, options.draws)


if __name__ == "__main__":
    main()
