"""Leak probes: how well the label can be told from what no detector should need, and how one does without it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder, ImageFacts
from noiselens_core.progress import Progress

from .augment import Pixels
from .config import SplitConfig
from .crossfit import LeftOut
from .data import Sample, family_folds, sample_weights
from .metrics import BOOTSTRAP_ROUNDS, auc
from .pace import Pace
from .tiers import TIERS, Tier, windows_of

Report = Callable[[Progress], None]
Features = NDArray[np.float64]
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "HEIC")
RINGS = 16  # of a window's spectrum, from the lowest frequencies to the highest
TREES = 60
STRATA = 10  # by what the size probe says


def _file(facts: ImageFacts) -> dict[str, list[float]]:
    """Return what the file as it lies on disk gives away."""
    width, height = facts.width, facts.height
    return {
        "size and container of the file": [
            width,
            height,
            width / height,
            facts.byte_size / (width * height),
            FORMATS.index(facts.format),
        ]
    }


def _tier(pixels: Pixels, tier: Tier) -> dict[str, list[float]]:
    """Return what is left of it under a tier."""
    delivered = tier.deliver(pixels)
    height, width = delivered.shape[:2]
    buffer = io.BytesIO()
    Image.fromarray(delivered).save(buffer, "JPEG", quality=tier.quality)
    colour = [*delivered.mean((0, 1)), *delivered.std((0, 1))]
    return {
        f"{tier.name}: width, height": [width, height, width / height],
        f"{tier.name}: bytes a pixel": [buffer.tell() / (width * height)],
        f"{tier.name}: mean colour and its spread": [float(v) for v in colour],
        f"{tier.name}: spectrum of the windows": [float(v) for v in falloff(windows_of(delivered))],
    }


def falloff(windows: Pixels) -> Features:
    """Return how a picture's windows (n, S, S, 3) fall off from low to high frequencies, (RINGS,).

    Log power of rings of their spectra, less its mean, so that contrast has no say: an enlarged picture lacks the outer
    rings, a reduced one has them full.
    """
    side = windows.shape[1]
    taper = np.hanning(side)[:, None] * np.hanning(side)
    grey = windows.astype(np.float64).mean(3)
    power = np.abs(np.fft.rfft2((grey - grey.mean((1, 2), keepdims=True)) * taper)) ** 2
    radius = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)) * 2  # 1 is the highest along an axis
    ring = np.minimum((radius * RINGS).astype(int), RINGS - 1).ravel()
    sums = np.bincount(ring, power.mean(0).ravel(), RINGS) / np.bincount(ring, minlength=RINGS)
    logs = np.log(sums + 1e-3)
    return np.asarray(logs - logs.mean())


@dataclass(frozen=True)
class Leaks:
    """What N images give away.

    Attributes:
        samples: those that could be read.
        area: probe -> AUC of the label, every image judged without its families.
        explained: tier -> share of the variance of log short side that the windows' spectrum tells, left out.
        size: tier -> (N, 2) width and height, px.
        size_score: tier -> (N,) the probability of being generated that the sizes alone give, left out; one for all
            images of one width and height, whatever their folds.
    """

    samples: list[Sample]
    area: dict[str, float]
    explained: dict[str, float]
    size: dict[str, Features]
    size_score: dict[str, Features]


def probe_leaks(samples: list[Sample], split: SplitConfig, report: Report) -> Leaks:
    """Ask boosted trees on a handful of numbers for the label.

    About .5 says that the probe's numbers do not give the label away on families that were left out. The spectrum of
    the windows may tell it because generators have spectra of their own; what it tells by way of the size is the AUC of
    the size that was guessed from it.
    """
    family_folds(samples, split)  # says what cannot be measured before the long work
    rows: dict[str, list[list[float]]] = {}
    kept: list[Sample] = []
    pace = Pace(0, len(samples), 1)
    with Decoder() as decoder:
        for i, sample in enumerate(samples):
            try:
                image = decoder.decode_file(sample.path)
            except ImageRefusedError as error:
                message = f"{sample.path.name} left out: {error}"
                report(Progress("leak probes", i + 1, len(samples), message=message))
                continue
            kept.append(sample)
            numbers = _file(image.facts)
            for tier in TIERS:
                numbers |= _tier(image.pixels, tier)
            for name, values in numbers.items():
                rows.setdefault(name, []).append(values)
            if line := pace.tick(i + 1, {}):
                report(Progress("leak probes", i + 1, len(samples), *line))
    folds = family_folds(kept, split)
    fold = np.array([folds[s.label, s.family] for s in kept])
    label, weight = np.array([s.label for s in kept]), sample_weights(kept, 0.5)
    x = {name: np.array(values) for name, values in rows.items()}
    scores = {name: _label_left_out(values, label, weight, fold) for name, values in x.items()}
    explained, size, size_score = {}, {}, {}
    for tier in TIERS:
        numbers_of_size = x[f"{tier.name}: width, height"]
        size[tier.name] = numbers_of_size[:, :2]
        size_score[tier.name] = _mean_of_equals(size[tier.name], scores[f"{tier.name}: width, height"])
        short = np.log(size[tier.name].min(1))
        guessed = _number_left_out(x[f"{tier.name}: spectrum of the windows"], short, weight, fold)
        explained[tier.name] = float(1 - ((short - guessed) ** 2).mean() / short.var()) if short.var() else 0.0
        name = f"{tier.name}: size as guessed from that spectrum"
        scores[name] = _label_left_out(guessed[:, None], label, weight, fold)
    return Leaks(kept, {name: auc(label, score) for name, score in scores.items()}, explained, size, size_score)


def _mean_of_equals(size: Features, score: Features) -> Features:
    same = np.unique(size, axis=0, return_inverse=True)[1].ravel()
    return np.asarray((np.bincount(same, score) / np.bincount(same))[same])


def _label_left_out(x: Features, label: NDArray[np.int64], weight: Features, fold: NDArray[np.int64]) -> Features:
    score = np.zeros(len(x))
    for f in np.unique(fold):
        rest, out = fold != f, fold == f
        trees = HistGradientBoostingClassifier(max_iter=TREES, random_state=0)
        trees.fit(x[rest], label[rest], sample_weight=weight[rest])
        score[out] = trees.predict_proba(x[out])[:, 1]
    return score


def _number_left_out(x: Features, number: Features, weight: Features, fold: NDArray[np.int64]) -> Features:
    guessed = np.zeros(len(x))
    for f in np.unique(fold):
        rest, out = fold != f, fold == f
        trees = HistGradientBoostingRegressor(max_iter=TREES, random_state=0)
        guessed[out] = trees.fit(x[rest], number[rest], sample_weight=weight[rest]).predict(x[out])
    return guessed


@dataclass(frozen=True)
class Matched:
    """A detector's AUC over pairs that are alike in size, and over all pairs of the same images, with 95 % intervals.

    Attributes:
        images: in groups that hold both labels.
        matched, every: AUC, low, high.
        size_alone: AUC of the size probe over the matched pairs; .5 says that sizes tell nothing any more.
    """

    tier: str
    alike: str
    images: int
    matched: tuple[float, float, float]
    every: tuple[float, float, float]
    size_alone: float


def size_matched(left: LeftOut, leaks: Leaks) -> list[Matched]:
    """Return what remains of a detector's AUC where the size tells nothing, a way of matching and a tier.

    Pairs of one width and height exactly, and pairs of one tenth of what the size probe says, which are more images.
    The last row of each way is of all tiers together; no pair is of two tiers.
    """
    at = {sample.path: i for i, sample in enumerate(left.samples)}
    order = [at[sample.path] for sample in leaks.samples]
    label = np.array([s.label for s in leaks.samples])
    found = []
    for alike in ("width and height", "what the size probe says"):
        parts = []
        for number, (tier, logits) in enumerate(left.logits.items()):
            logit, chance = logits[order], leaks.size_score[tier]
            judged = ~np.isnan(logit)
            if alike == "width and height":
                group = np.unique(leaks.size[tier], axis=0, return_inverse=True)[1].ravel()
            else:
                group = np.searchsorted(np.quantile(chance, np.linspace(0, 1, STRATA + 1)[1:-1]), chance)
            both = np.intersect1d(group[judged & (label == 0)], group[judged & (label == 1)])
            kept = judged & np.isin(group, both)
            parts.append((label[kept], logit[kept], chance[kept], group[kept], np.full(kept.sum(), number)))
            found.append(_matched(tier, alike, *parts[-1]))
        found.append(_matched("all", alike, *(np.concatenate(columns) for columns in zip(*parts, strict=True))))
    return found


def _matched(
    tier: str,
    alike: str,
    label: NDArray[np.int64],
    logit: Features,
    chance: Features,
    group: NDArray[np.int64],
    number: NDArray[np.int64],
) -> Matched:
    within = group + number * (group.max(initial=0) + 1)
    return Matched(
        tier, alike, len(label), _interval(label, logit, within), _interval(label, logit, number),
        matched_auc(label, chance, within),
    )  # fmt: skip


def matched_auc(label: NDArray[np.int64], score: Features, group: NDArray[np.int64]) -> float:
    """Return the share of (real, generated) pairs within a group that are in the right order, over all groups."""
    right = total = 0.0
    for g in np.unique(group):
        here = group == g
        pairs = int(label[here].sum()) * int((1 - label[here]).sum())
        if pairs:
            right, total = right + pairs * auc(label[here], score[here]), total + pairs
    return right / total if total else float("nan")


def _interval(label: NDArray[np.int64], score: Features, group: NDArray[np.int64]) -> tuple[float, float, float]:
    """Return the AUC within groups and its 95 % bootstrap interval; images are drawn anew within class and group."""
    rng = np.random.default_rng(0)
    cells = [np.flatnonzero((group == g) & (label == c)) for g in np.unique(group) for c in (0, 1)]
    drawn = [
        np.concatenate([rng.choice(cell, len(cell)) for cell in cells if len(cell)]) for _ in range(BOOTSTRAP_ROUNDS)
    ]
    values = [matched_auc(label[pick], score[pick], group[pick]) for pick in drawn]
    low, high = np.nanpercentile(values, (2.5, 97.5)) if len(label) else (float("nan"),) * 2
    return matched_auc(label, score, group), float(low), float(high)
