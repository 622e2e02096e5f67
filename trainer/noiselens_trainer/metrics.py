"""The figures of docs/METHOD.md 3, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_curve

from noiselens_core.verdict import Band

BOOTSTRAP_ROUNDS = 1000
ECE_BINS = 10

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Verdicts of N images under one tier: labels, probabilities, bands, and where each image comes from."""

    label: Ints  # (N,) 1 generated, 0 real
    probability: Floats  # (N,) calibrated
    band: list[Band]
    source: list[str]
    family: list[str]
    origin: list[str]  # the collection an image was published in; "" where unknown

    def where(self, chosen: NDArray[np.bool_]) -> Judged:
        """Return the verdicts of the chosen images; chosen: (N,)."""
        at = np.flatnonzero(chosen)
        return Judged(
            self.label[at],
            self.probability[at],
            [self.band[i] for i in at],
            [self.source[i] for i in at],
            [self.family[i] for i in at],
            [self.origin[i] for i in at],
        )


def auc(label: Ints, score: Floats) -> float:
    """Return the share of (real, generated) pairs in the right order, ties counting half; NaN without both labels.

    By ranks, many times faster than a curve: the bootstrap asks for it thousands of times.
    """
    generated = int(label.sum())
    real = len(label) - generated
    if not generated or not real:
        return float("nan")
    ranks = rankdata(score)[label == 1].sum()
    return float((ranks - generated * (generated + 1) / 2) / (generated * real))


def join(parts: list[Judged]) -> Judged:
    """Put the verdicts of several parts behind one another."""
    return Judged(
        np.concatenate([p.label for p in parts]),
        np.concatenate([p.probability for p in parts]),
        [b for p in parts for b in p.band],
        [s for p in parts for s in p.source],
        [f for p in parts for f in p.family],
        [o for p in parts for o in p.origin],
    )


def false_accusations(judged: dict[str, Judged]) -> dict[str, float]:
    """Return the share of real images called likely generated, a tier."""
    return {
        tier: round(float(np.mean([b is Band.LIKELY_GENERATED for b in part.where(part.label == 0).band])), 4)
        for tier, part in judged.items()
    }


@dataclass(frozen=True)
class Copies:
    """How the verdicts on copies of the same images agree, one copy a tier: shares of the images."""

    images: int
    same: float  # the same band in every tier
    opposite: float  # likely real in one tier, likely generated in another
    spread: float  # mean distance from the lowest to the highest probability


def copies(judged: dict[str, Judged]) -> Copies:
    """Compare the tiers image by image; judged: tier name -> verdicts of the same images in the same order."""
    parts = list(judged.values())
    bands = [set(found) for found in zip(*(part.band for part in parts), strict=True)]
    both = {Band.LIKELY_REAL, Band.LIKELY_GENERATED}
    spread = np.ptp(np.stack([part.probability for part in parts]), axis=0)
    return Copies(
        len(bands),
        float(np.mean([len(found) == 1 for found in bands])),
        float(np.mean([both <= found for found in bands])),
        float(spread.mean()),
    )


def by_family(judged: Judged, smallest: int = 15) -> dict[str, float]:
    """Return the AUC of every generated family of at least `smallest` images against all real ones."""
    real = judged.label == 0
    found = {}
    for name in sorted({f for f, y in zip(judged.family, judged.label, strict=True) if y == 1}):
        generated = (judged.label == 1) & (np.array(judged.family) == name)
        if generated.sum() >= smallest and real.any():
            part = generated | real
            found[name] = auc(judged.label[part], judged.probability[part])
    return found


@dataclass(frozen=True)
class Pair:
    """A collection that holds the same content real and generated: its sources, images, AUC with 95 % interval."""

    real: str
    generated: str
    images: int
    auc: float
    low: float
    high: float

    @property
    def above_chance(self) -> bool:
        """Whether the whole interval lies above .5."""
        return self.low > 0.5


def pairs(judged: Judged) -> list[Pair]:
    """Return one row a collection that holds both labels."""
    rows = []
    for name in sorted({o for o in judged.origin if o}):
        at = np.array([o == name for o in judged.origin])
        if len(set(judged.label[at].tolist())) < 2:
            continue
        part = judged.where(at)
        real, generated = (
            " ".join(sorted({s for s, y in zip(part.source, part.label, strict=True) if y == c})) for c in (0, 1)
        )
        low, high = interval(part, auc)
        rows.append(Pair(real, generated, int(at.sum()), auc(part.label, part.probability), low, high))
    return rows


def true_positive_rate(label: Ints, probability: Floats, false_positive_rate: float) -> float:
    """Return the best recall of generated images with at most that share of real ones accused."""
    fpr, tpr, _ = roc_curve(label, probability)
    return float(tpr[fpr <= false_positive_rate].max())


def expected_calibration_error(label: Ints, probability: Floats) -> float:
    """Return the mean gap between probability and frequency over equal-width bins, weighted by images."""
    bins = np.minimum((probability * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [
        abs(float(probability[bins == b].mean() - label[bins == b].mean())) * float((bins == b).mean())
        for b in range(ECE_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def balanced_accuracy(label: Ints, flagged: NDArray[np.bool_]) -> float:
    """Return the mean of recall on generated and on real images; NaN where one class is absent."""
    recalls = [float((flagged[label == c] == bool(c)).mean()) if (label == c).any() else float("nan") for c in (0, 1)]
    return sum(recalls) / 2


def interval(
    judged: Judged, figure: Callable[[Ints, Floats], float], seed: int = 0, rounds: int = BOOTSTRAP_ROUNDS
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a figure; images are drawn anew within each class."""
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(judged.label == c) for c in (0, 1)]
    values = []
    for _ in range(rounds):
        pick = np.concatenate([rng.choice(g, len(g)) for g in groups])
        values.append(figure(judged.label[pick], judged.probability[pick]))
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def table(judged: Judged) -> dict[str, float]:
    """Return every pooled figure of one tier; names end in _low and _high for interval bounds."""
    label, probability = judged.label, judged.probability
    decided = np.array([band is not Band.UNCERTAIN for band in judged.band])
    accused = np.array([band is Band.LIKELY_GENERATED for band in judged.band])
    low, high = interval(judged, auc)
    return {
        "images": float(len(label)),
        "auc": auc(label, probability),
        "auc_low": low,
        "auc_high": high,
        **_families(judged),
        "average_precision": float(average_precision_score(label, probability)),
        "balanced_accuracy_at_half": balanced_accuracy(label, probability >= 0.5),
        "tpr_at_5_fpr": true_positive_rate(label, probability, 0.05),
        "tpr_at_1_fpr": true_positive_rate(label, probability, 0.01),
        "ece": expected_calibration_error(label, probability),
        "false_accusations": float(accused[label == 0].mean()),
        "flagged_generated": float(accused[label == 1].mean()),
        "coverage": float(decided.mean()),
        "balanced_accuracy_decided": balanced_accuracy(label[decided], accused[decided]),
    }


def _families(judged: Judged) -> dict[str, float]:
    aucs = by_family(judged)
    return (
        {"auc_mean_family": float(np.mean(list(aucs.values()))), "auc_worst_family": min(aucs.values())} if aucs else {}
    )


def by_group(judged: Judged) -> list[dict[str, str | float]]:
    """Return one row a source and label: images, shares accused and called real, mean probability."""
    rows: list[dict[str, str | float]] = []
    groups = list(zip(judged.source, judged.label.tolist(), strict=True))
    for name, label in sorted(set(groups)):
        at = [i for i, group in enumerate(groups) if group == (name, label)]
        bands = [judged.band[i] for i in at]
        rows.append(
            {
                "source": name,
                "family": judged.family[at[0]],
                "label": "generated" if label else "real",
                "images": len(at),
                "likely_generated": sum(b is Band.LIKELY_GENERATED for b in bands) / len(at),
                "likely_real": sum(b is Band.LIKELY_REAL for b in bands) / len(at),
                "mean_probability": float(judged.probability[at].mean()),
            }
        )
    return rows
