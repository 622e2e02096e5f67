"""What a few labels teach: domains left out of a base detector whole, then learned from 10 to 100 labels a class.

Run: python tests/bench/bench_finetune.py --data POOL.csv --run RUN --detector RUN/NAME.safetensors
with RUN a folder of `noiselens-train detector`, whose features are used; --seconds times 50 + 50 from the files on.

A domain is a family of generated pictures and some sources of real ones. The base is fitted without them and without
every family that was published together with them. Then, as fine-tuning does, its head is moved towards n pictures a
class and calibrated; it is judged on pictures of the domain that were held back (mean of the three delivery tiers) and
on the base's pool, every fold by heads that never saw it. Goal: at least 10 points more at 20 + 20 where the base is
under 75 %, at most 0.5 points lost on the pool, at most 180 s on two cores for 50 + 50.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import SHIPPED_DETECTOR, DetectorSpec, load_detector
from noiselens_core.model import AnlDetector
from noiselens_core.progress import Progress
from noiselens_trainer.config import BALANCED, PRESETS, DetectorConfig, SplitConfig
from noiselens_trainer.crossfit import leave_families_out
from noiselens_trainer.data import Sample, linked_families, sample_weights
from noiselens_trainer.evaluate import calibrate
from noiselens_trainer.features import Features, FeatureStore, view_names
from noiselens_trainer.finetune import fine_tune, measure, move
from noiselens_trainer.head import Labelled, fit_head
from noiselens_trainer.layouts import read_data, read_more
from noiselens_trainer.memory import Memory, make_memory, picture_features
from noiselens_trainer.own import VIEWS, OwnSample
from noiselens_trainer.refit import FOLDS, Own
from noiselens_trainer.tiers import TIERS

WEAK = 0.75  # balanced accuracy; domains below are those that fine-tuning is for
HELD_BACK = 40  # pictures a class, a third of them where there are fewer
# Generated family, real sources. The last three pairs show the same content on both sides.
DOMAINS = (
    ("gpt-image", ("camera_exif", "clothing")),
    ("sd3", ("bsds", "imagenet_sample")),
    ("dalle2", ("wesnoth_portraits", "wesnoth_other")),
    ("stylegan2", ("cdiaconu_ffhq", "realorfake_ffhq")),
    ("flux", ("ecuador_real", "simswap_src")),
    ("faceswap", ("sdfvd_pool_real",)),
)
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def quiet(_: Progress) -> None:
    """Say nothing."""


def part(view: Features, chosen: Bools) -> Features:
    """Return a view's windows of the chosen samples, which are counted anew."""
    rows, place = view.of(chosen), np.cumsum(chosen) - 1
    return Features(place[view.owner[rows]], view.summary[rows], view.energy[rows])


@dataclass(frozen=True)
class Base:
    """A detector that saw nothing of a domain."""

    model: AnlDetector
    memory: Memory
    calibration: Calibration

    @property
    def head(self) -> NDArray[np.float64]:
        """(D + 1,) on standardised features."""
        return np.append(self.model.linear.weight[0].detach().double().numpy(), self.model.linear.bias.item())

    def standard(self, view: Features, chosen: Ints, count: int) -> NDArray[np.float32]:
        """Return the standardised features of chosen pictures under a view, (n, D)."""
        pooled, _ = picture_features(view, count)
        mean, scale = self.model.feature_mean.numpy(), self.model.feature_scale.numpy()
        return np.asarray((pooled[chosen] - mean) * scale, np.float32)


def without(
    model: AnlDetector, spec: DetectorSpec, samples: list[Sample], views: dict[str, Features], kept: Bools
) -> Base:
    """Fit, measure and calibrate a detector on the kept samples, as `noiselens-train detector` does."""
    config, chosen = DetectorConfig(), [s for s, keep in zip(samples, kept, strict=True) if keep]
    inside = {name: part(view, kept) for name, view in views.items()}
    tiers = {tier.name: inside[tier.name] for tier in TIERS}
    training = list(inside.values())
    left = leave_families_out(model, chosen, training, tiers, SplitConfig(folds=4), config.head, quiet)
    fitted = copy.deepcopy(model)
    label = np.array([s.label for s in chosen])
    data = Labelled(training, label, sample_weights(chosen, config.head.source_power))
    fit_head(fitted, data, np.ones(len(chosen), bool), config.head)
    memory = make_memory(fitted, spec, left, tiers, config.head.source_power, seed=0)
    return Base(fitted, memory, calibrate(left, PRESETS[BALANCED]))


def balanced(
    head: NDArray[np.float64], calibration: Calibration, x: dict[str, NDArray[np.float32]], label: Ints
) -> float:
    """Return the balanced accuracy at probability 0.5, the mean over the tiers; x: tier -> (n, D)."""
    found = []
    for rows in x.values():
        right = (calibration.probabilities(rows @ head[:-1] + head[-1]) >= 0.5) == (label == 1)
        found += [right[label == c].mean() for c in (0, 1)]
    return float(np.mean(found))


def compare(data: Path, more: list[Path] | None, run: Path, file: Path, counts: list[int], draws: int) -> None:
    """Print one row a domain and number of labels, and what they come to."""
    samples, config = [*read_data(data), *read_more(more)], DetectorConfig()
    model, spec = load_detector(file, torch.device("cpu"))
    store = FeatureStore(run / "features", samples, model, config.head.seed)
    views = {name: store.load(name) for name in view_names(config.head)}
    groups = {key: i for i, keys in enumerate(linked_families(samples)) for key in keys}
    group = np.array([groups[s.label, s.family] for s in samples])
    rows = []
    print(
        "| domain | labels | domain before | after | points | reference before | after | points | strength | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for family, sources in DOMAINS:
        members = [
            np.array([i for i, s in enumerate(samples) if s.label == 1 and s.family == family]),
            np.array([i for i, s in enumerate(samples) if s.label == 0 and s.source in sources]),
        ]
        base = without(model, spec, samples, views, ~np.isin(group, group[np.concatenate(members)]))
        for n in counts:
            found = []
            for draw in range(draws):
                rng = np.random.default_rng(draw)
                mixed = [rng.permutation(one) for one in members]
                back = [min(HELD_BACK, len(one) // 3) for one in members]
                test = np.concatenate([one[:b] for one, b in zip(mixed, back, strict=True)])
                learn = [one[b : b + n] for one, b in zip(mixed, back, strict=True)]
                found.append(_learn(base, samples, views, np.concatenate(learn), test))
            row = np.mean(found, axis=0)
            rows.append((family, n, *row))
            before, after, reference_before, reference_after, strength, seconds = row
            labels = " + ".join(str(len(one)) for one in learn)
            print(
                f"| {family} / {', '.join(sources)} | {labels} | {before:.1%} | {after:.1%} | "
                f"{100 * (after - before):+.1f} | {reference_before:.1%} | {reference_after:.1%} | "
                f"{100 * (reference_after - reference_before):+.2f} | {strength:g} | {seconds:.0f} |",
                flush=True,
            )
    for words, chosen in (("all domains", rows), (f"base under {WEAK:.0%}", [r for r in rows if r[2] < WEAK])):
        for n in counts:
            part_ = np.array([row[2:] for row in chosen if row[1] == n])
            if len(part_):
                gain, reference = 100 * (part_[:, 1] - part_[:, 0]), 100 * (part_[:, 3] - part_[:, 2])
                print(
                    f"{words}, up to {n} a class: {gain.mean():+.1f} points on the domain (worst {gain.min():+.1f}), "
                    f"{reference.mean():+.2f} on the reference (worst {reference.min():+.2f})"
                )


def _learn(
    base: Base, samples: list[Sample], views: dict[str, Features], learn: Ints, test: Ints
) -> tuple[float, float, float, float, float, float]:
    """Return balanced accuracy on the domain before and after, on the reference before and after, strength, seconds."""
    begun, count = time.perf_counter(), len(samples)
    label = np.array([s.label for s in samples])
    training = np.stack([base.standard(views[name], learn, count) for name in VIEWS[1:]], axis=1)
    judged = base.standard(views["web"], learn, count)
    fold = np.zeros(len(learn), np.int64)
    for c in (0, 1):  # pool pictures are not near duplicates, so any deal is one
        here = np.flatnonzero(label[learn] == c)
        fold[here] = np.arange(len(here)) % FOLDS
    own = Own(training, judged, label[learn], fold)
    moved = move(base.memory, base.head, base.model.config.class_width, own, quiet)
    calibration, _, reference = measure(base.memory, own, moved, base.calibration)
    seconds = time.perf_counter() - begun
    x = {tier.name: base.standard(views[tier.name], test, count) for tier in TIERS}
    return (
        balanced(base.head, base.calibration, x, label[test]),
        balanced(moved.head, calibration, x, label[test]),
        reference.before.balanced_accuracy,
        reference.after.balanced_accuracy,
        moved.strength,
        seconds,
    )


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
    parser.add_argument("--data", type=Path, required=True, help="manifest of the run")
    parser.add_argument("--more", type=Path, action="append", help="further training data of the run")
    parser.add_argument("--run", type=Path, help="folder of `noiselens-train detector`")
    parser.add_argument("--detector", type=Path, default=SHIPPED_DETECTOR, help="detector of that run")
    parser.add_argument("--labels", type=int, nargs="+", default=[10, 20, 50, 100], help="a class")
    parser.add_argument("--draws", type=int, default=1, help="random draws of the labelled pictures")
    parser.add_argument("--seconds", action="store_true", help="time 50 + 50 from the files on")
    options = parser.parse_args()
    if options.run:
        compare(options.data, options.more, options.run, options.detector, options.labels, options.draws)
    if options.seconds:
        time_it(options.data, options.detector)


if __name__ == "__main__":
    main()
