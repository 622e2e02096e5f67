"""Calibrate a moved head: probabilities on all that was held out, thresholds that accuse no more than those before."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from noiselens_core.calibration import Calibration, Thresholds
from noiselens_core.verdict import Band

from .config import BALANCED
from .evaluate import fit_probability
from .memory import Memory
from .metrics import auc
from .tiers import TIERS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OWN_ACCUSED = 0.05  # share of the user's held-out photographs that may be accused, if not more were before
OWN_MISSED = 0.05  # and of their generated pictures that may be called real


@dataclass(frozen=True)
class HeldOut:
    """Logits of pictures by heads that did not see them, before and after, with what the thresholds are matched on.

    Attributes:
        before, after: (M,).
        label: (M,).
        part: (M,) index into TIERS for the memory's pictures, len(TIERS) for the user's.
        fold: (M,) of the memory's pictures, -1 for the user's.
        weight: (M,) in the fit of temperature and bias.
    """

    before: Floats
    after: Floats
    label: Ints
    part: Ints
    fold: Ints
    weight: Floats

    @property
    def own(self) -> Bools:
        """Which are the user's, (M,)."""
        return self.fold < 0

    def where(self, chosen: Bools) -> HeldOut:
        """Return the chosen pictures alone; chosen: (M,)."""
        columns = (self.before, self.after, self.label, self.part, self.fold, self.weight)
        return HeldOut(*(column[chosen] for column in columns))  # type: ignore[arg-type]


def held_out(
    memory: Memory, reference: tuple[Floats, Floats], own_label: Ints, own: tuple[Floats, Floats], own_weight: Floats
) -> HeldOut:
    """Put the memory's and the user's held-out logits (before, after) behind one another."""
    n = len(own_label)
    return HeldOut(
        before=np.concatenate((reference[0], own[0])),
        after=np.concatenate((reference[1], own[1])),
        label=np.concatenate((memory.label, own_label)),
        part=np.concatenate((memory.tier, np.full(n, len(TIERS)))),
        fold=np.concatenate((memory.fold, np.full(n, -1))),
        weight=np.concatenate((memory.weight, own_weight)),
    )


def recalibrate(data: HeldOut, base: Calibration) -> Calibration:
    """Return the calibration of a moved head; base: the one before, whose error rates its thresholds keep.

    Temperature and bias: cross-entropy over all pictures, both labels weighing the same. Each pair of thresholds is
    the least strict one that accuses no more real and misses no more generated pictures of any part than the same
    preset did before; of the user's own, no more than that or OWN_ACCUSED and OWN_MISSED.
    """
    fitted = _fit(data)
    probability = fitted.probabilities(data.after)
    presets = {}
    for name in base.presets:
        presets[name] = Thresholds(*_match(data, probability, with_preset(base, name)))
    generated_at, real_at = _match(data, probability, base)
    return replace(fitted, generated_at=generated_at, real_at=real_at, presets=presets)


def _fit(data: HeldOut) -> Calibration:
    y = data.label.astype(float)
    weight = data.weight.copy()
    for c in (0, 1):
        weight[data.label == c] /= 2 * weight[data.label == c].sum()

    return fit_probability(data.after, y, weight)


def _match(data: HeldOut, probability: Floats, base: Calibration) -> tuple[float, float]:
    """Return the two thresholds; probability: (M,) after, base: calibration and thresholds before."""
    before = base.probabilities(data.before)
    generated_at, real_at = 0.5, 0.5
    for part in np.unique(data.part):
        for label in (0, 1):
            here = (data.part == part) & (data.label == label)
            if not here.any():
                continue
            wrong = before[here] >= base.generated_at if label == 0 else before[here] <= base.real_at
            allowed = int(wrong.sum())
            if part == len(TIERS):
                allowed = max(allowed, int((OWN_ACCUSED, OWN_MISSED)[label] * here.sum()))
            if allowed >= here.sum():
                continue
            if label == 0:
                generated_at = max(generated_at, float(np.sort(probability[here])[::-1][allowed]) + 1e-4)
            else:
                real_at = min(real_at, float(np.sort(probability[here])[allowed]) - 1e-4)
    return round(min(generated_at, 1.0), 4), round(max(real_at, 0.0), 4)


@dataclass(frozen=True)
class Figures:
    """How well pictures were judged; None where a label is missing for it.

    Attributes:
        images: how many, real and generated ones.
        auc: in [0, 1].
        balanced_accuracy: mean share of the labels' pictures on the right side of probability 0.5.
        false_accusations: share of real pictures called likely generated.
        found: share of generated pictures called likely generated.
        decided: share given a side.
    """

    images: int
    auc: float | None
    balanced_accuracy: float
    false_accusations: float | None
    found: float | None
    decided: float


def figures(label: Ints, probability: Floats, bands: list[Band]) -> Figures:
    """Return the figures of M > 0 judged pictures."""
    right = (probability >= 0.5) == (label == 1)
    accused = np.array([band is Band.LIKELY_GENERATED for band in bands])
    both = 0 < label.sum() < len(label)
    return Figures(
        images=len(label),
        auc=auc(label, probability) if both else None,
        balanced_accuracy=float(np.mean([right[label == c].mean() for c in np.unique(label)])),
        false_accusations=float(accused[label == 0].mean()) if (label == 0).any() else None,
        found=float(accused[label == 1].mean()) if (label == 1).any() else None,
        decided=float(np.mean([band is not Band.UNCERTAIN for band in bands])),
    )


def judge(logits: Floats, calibration: Calibration) -> tuple[Floats, list[Band]]:
    """Return probabilities (M,) and bands of logits; the bands are those of the probability alone."""
    probability = calibration.probabilities(logits)
    return probability, [calibration.band(float(p)) for p in probability]


def honest_reference(data: HeldOut, base: Calibration) -> dict[str, tuple[Floats, list[Band]]]:
    """Judge every fold of the memory, after, under a calibration that was matched without it; preset -> verdicts.

    BALANCED is the calibration's own pair of thresholds.
    """
    names = [BALANCED, *(name for name in base.presets if name != BALANCED)]
    probability = np.empty(len(data.label))
    bands = {name: np.empty(len(data.label), object) for name in names}
    for f in np.unique(data.fold[~data.own]):
        here = data.fold == f
        matched = recalibrate(data.where(~here), base)
        for name in names:
            probability[here], bands[name][here] = judge(data.after[here], with_preset(matched, name))
    return {name: (probability[~data.own], list(found[~data.own])) for name, found in bands.items()}


def with_preset(calibration: Calibration, name: str) -> Calibration:
    """Return the calibration under a preset's thresholds; one it does not bring leaves it as it is."""
    one = calibration.presets.get(name)
    return replace(calibration, generated_at=one.generated_at, real_at=one.real_at) if one else calibration
