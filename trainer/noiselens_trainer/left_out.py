"""What a finished detector says of its own training images when it has not seen their families.

Its memory (memory.py) holds the head of every fold, so nothing is fitted again, and every image's features under one
tier, so that for that tier nothing has to be looked at again either.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noiselens_core.checkpoint import DetectorSpec, load_detector, read_spec
from noiselens_core.device import choose_device

from .crossfit import LeftOut
from .data import DataError, Sample
from .features import FeatureStore, Report
from .memory import Memory, load_memory, memory_of, picture_features
from .tiers import TIERS


def remembered_left_out(detector: Path, samples: list[Sample]) -> LeftOut:
    """Judge the first images a detector was trained on, each under the one tier of its memory; NaN under the others.

    samples: all of `detector --data`, in that order. Raises DataError, or ModelError without a memory.
    """
    spec = read_spec(detector)
    memory, count = _memory(detector, spec), len(samples)
    known = list(zip(memory.label.tolist(), memory.source, memory.family, strict=True))[:count]
    if known != [(s.label, s.source, s.family) for s in samples]:
        raise DataError(f"These are not the images {spec.id} was trained on. Give the same --data, all of it readable.")
    fold = memory.fold[:count]
    logit = _logits(memory, fold, memory.rows()[:count])
    logits = {tier.name: np.where(memory.tier[:count] == index, logit, np.nan) for index, tier in enumerate(TIERS)}
    return LeftOut(samples, fold, logits, memory.heads)


def judge_left_out(detector: Path, samples: list[Sample], folder: Path, device: str, report: Report) -> LeftOut:
    """Judge some of the images a detector was trained on under every tier; resumes from `folder`.

    Raises DataError, or ModelError without a memory.
    """
    model, spec = load_detector(detector, choose_device(device), looking=True)
    memory = _memory(detector, spec)
    folds = dict(zip(zip(memory.label.tolist(), memory.family, strict=True), memory.fold.tolist(), strict=True))
    for sample in samples:
        if (sample.label, sample.family) not in folds:
            raise DataError(
                f"{spec.id} was not trained on the family {sample.family} of {sample.path.name}, so no head is known "
                "that left it out. Give the images it was trained on."
            )
    fold = np.array([folds[s.label, s.family] for s in samples])
    mean, scale = (v.double().cpu().numpy() for v in (model.feature_mean, model.feature_scale))
    store = FeatureStore(folder / "features", samples, model, seed=0)
    logits = {}
    for tier in TIERS:
        store.fill(tier.name, report)
        pooled, windows = picture_features(store.load(tier.name), len(samples))
        logits[tier.name] = np.where(windows > 0, _logits(memory, fold, (pooled - mean) * scale), np.nan)
    return LeftOut(samples, fold, logits, memory.heads)


def _memory(detector: Path, spec: DetectorSpec) -> Memory:
    if spec.model.attention:
        raise DataError(f"{spec.id} has attention, which its memory does not hold. Give a detector without.")
    return load_memory(memory_of(detector), spec)


def _logits(memory: Memory, fold: NDArray[np.int64], standard: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what the head of each image's fold says of its standardised features (N, D), (N,)."""
    heads = np.stack([memory.heads[int(f)] for f in fold])  # (N, D + 1)
    return np.asarray((standard * heads[:, :-1]).sum(1) + heads[:, -1], np.float64)
