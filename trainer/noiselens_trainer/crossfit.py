"""Leave-families-out judging: every image is judged by a head that saw no image of its families."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from noiselens_core.model import AnlDetector
from noiselens_core.progress import Progress

from .config import HeadConfig, SplitConfig
from .data import Sample, family_folds, sample_weights
from .features import Features
from .head import Labelled, fit_head, judge, linear_part

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LeftOut:
    """Logits of N samples by heads that saw none of their families.

    Attributes:
        logits: tier name -> (N,), NaN where refused.
        heads: fold -> (D + 1,), the linear part on pooled features, its bias last; empty for judges of another form.
    """

    samples: list[Sample]
    fold: NDArray[np.int64]
    logits: dict[str, Floats]
    heads: dict[int, Floats] = field(default_factory=dict)


def leave_families_out(
    model: AnlDetector,
    samples: list[Sample],
    training: list[Features],
    tiers: dict[str, Features],
    split: SplitConfig,
    config: HeadConfig,
    report: Callable[[Progress], None],
    linear: dict[int, Floats] | None = None,
    measured: int | None = None,
) -> LeftOut:
    """Fit one head a fold on the other folds and judge the fold under every tier.

    The encoder is frozen and the noise head saw no labels, so only the head has to be fitted anew.
    linear: the heads of an earlier call with the same data, whose linear parts are taken over.
    measured: as in `family_folds`.
    """
    folds = family_folds(samples, split, measured)
    fold = np.array([folds[s.label, s.family] for s in samples])
    label = np.array([s.label for s in samples])
    data = Labelled(training, label, sample_weights(samples, config.source_power))
    logits = {name: np.full(len(samples), np.nan) for name in tiers}
    heads = {}
    for f in range(split.folds):
        out = fold == f
        if not out.any():
            continue
        head = copy.deepcopy(model)
        fit_head(head, data, ~out, config, linear[f] if linear else None)
        heads[f] = linear_part(head)
        for name, view in tiers.items():
            logits[name][out] = judge(head, view, out)[out]
        report(Progress("leave families out", f + 1, split.folds))
    return LeftOut(samples, fold, logits, heads)
