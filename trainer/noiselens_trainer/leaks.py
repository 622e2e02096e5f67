"""Leak probes: how well the label can be told from what a detector should never need."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.ensemble import HistGradientBoostingClassifier

from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder, ImageFacts
from noiselens_core.progress import Progress

from .augment import Pixels
from .config import SplitConfig
from .data import Sample, family_folds, sample_weights
from .metrics import auc
from .pace import Pace
from .tiers import TIERS, Tier

Report = Callable[[Progress], None]
Features = NDArray[np.float64]
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "HEIC")


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
    }


def probe_leaks(samples: list[Sample], split: SplitConfig, report: Report) -> dict[str, float]:
    """Return the AUC of each probe, boosted trees on a handful of numbers, every image judged without its families.

    About .5 says that the probe's numbers do not give the label away on families that were left out.
    """
    rows: dict[str, list[list[float]]] = {}
    kept: list[Sample] = []
    pace = Pace(0, len(samples), 1)
    with Decoder() as decoder:
        for i, sample in enumerate(samples):
            try:
                image = decoder.decode_file(sample.path)
            except ImageRefusedError:
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
    return {name: auc(label, _left_out(np.array(values), label, weight, fold)) for name, values in rows.items()}


def _left_out(x: Features, label: NDArray[np.int64], weight: Features, fold: NDArray[np.int64]) -> Features:
    score = np.zeros(len(x))
    for f in np.unique(fold):
        rest, out = fold != f, fold == f
        trees = HistGradientBoostingClassifier(max_iter=60, random_state=0)
        trees.fit(x[rest], label[rest], sample_weight=weight[rest])
        score[out] = trees.predict_proba(x[out])[:, 1]
    return score
