"""The figures of docs/METHOD.md 3, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

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


def table(judged: Judged, generated_at: float) -> dict[str, float]:
    """Return every pooled figure of one tier; names end in _low and _high for interval bounds."""
    label, probability = judged.label, judged.probability
    decided = np.array([band is not Band.UNCERTAIN for band in judged.band])
    accused = np.array([band is Band.LIKELY_GENERATED for band in judged.band])
    low, high = interval(judged, lambda y, p: float(roc_auc_score(y, p)))
    return {
        "images": float(len(label)),
        "auc": float(roc_auc_score(label, probability)),
        "auc_low": low,
        "auc_high": high,
        "average_precision": float(average_precision_score(label, probability)),
        "balanced_accuracy": balanced_accuracy(label, probability >= generated_at),
        "balanced_accuracy_at_half": balanced_accuracy(label, probability >= 0.5),
        "tpr_at_5_fpr": true_positive_rate(label, probability, 0.05),
        "tpr_at_1_fpr": true_positive_rate(label, probability, 0.01),
        "ece": expected_calibration_error(label, probability),
        "false_accusations": float(accused[label == 0].mean()),
        "flagged_generated": float(accused[label == 1].mean()),
        "coverage": float(decided.mean()),
        "balanced_accuracy_decided": balanced_accuracy(label[decided], accused[decided]),
    }


def by_group(judged: Judged) -> list[dict[str, str | float]]:
    """Return one row a source: how many images, how many accused, called real, left open, mean probability."""
    rows: list[dict[str, str | float]] = []
    for name in sorted(set(judged.source)):
        at = [i for i, s in enumerate(judged.source) if s == name]
        bands = [judged.band[i] for i in at]
        rows.append(
            {
                "source": name,
                "family": judged.family[at[0]],
                "label": "generated" if judged.label[at[0]] else "real",
                "images": len(at),
                "likely_generated": sum(b is Band.LIKELY_GENERATED for b in bands) / len(at),
                "likely_real": sum(b is Band.LIKELY_REAL for b in bands) / len(at),
                "mean_probability": float(judged.probability[at].mean()),
            }
        )
    return rows
