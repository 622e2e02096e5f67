"""What a finished detector says of its own training images when it has not seen their families.

Its memory (memory.py) holds the head of every fold, so nothing is fitted again; only the encoder has to look.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from noiselens_core.checkpoint import load_detector
from noiselens_core.device import choose_device
from noiselens_core.products import quicken

from .crossfit import LeftOut
from .data import DataError, Sample
from .features import FeatureStore, Report
from .memory import load_memory, memory_of, picture_features
from .tiers import TIERS


def judge_left_out(detector: Path, samples: list[Sample], folder: Path, device: str, report: Report) -> LeftOut:
    """Judge samples under every tier by the heads that were fitted without their families; resumes from `folder`.

    Every sample has to be of a family the detector was trained on. Raises DataError, or ModelError without a memory.
    """
    model, spec = load_detector(detector, choose_device(device))
    memory = load_memory(memory_of(detector), spec)
    if spec.model.attention:
        raise DataError(f"{spec.id} has attention, which its memory does not hold. Give a detector without.")
    folds = dict(zip(zip(memory.label.tolist(), memory.family, strict=True), memory.fold.tolist(), strict=True))
    for sample in samples:
        if (sample.label, sample.family) not in folds:
            raise DataError(
                f"{spec.id} was not trained on the family {sample.family} of {sample.path.name}, so no head is known "
                "that left it out. Give the images it was trained on."
            )
    fold = np.array([folds[s.label, s.family] for s in samples])
    mean, scale = (v.double().cpu().numpy() for v in (model.feature_mean, model.feature_scale))
    quicken(model.encoder)
    store = FeatureStore(folder / "features", samples, model, seed=0)
    logits = {}
    for tier in TIERS:
        store.fill(tier.name, report)
        pooled, windows = picture_features(store.load(tier.name), len(samples))
        heads = np.stack([memory.heads[f] for f in fold])  # (N, D + 1)
        logit = (((pooled - mean) * scale) * heads[:, :-1]).sum(1) + heads[:, -1]
        logits[tier.name] = np.where(windows > 0, logit, np.nan)
    return LeftOut(samples, fold, logits, memory.heads)
