"""Replay memory: what a detector's training pool looked like to its encoder, as numbers and not as pictures.

Fine-tuning fits the head to the user's samples and to these rows together, so that nothing is forgotten, and measures
on them what it does to pictures that are not the user's (docs/FINETUNING.md).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from noiselens_core.checkpoint import SHIPPED_DETECTOR, DetectorSpec
from noiselens_core.errors import ModelError
from noiselens_core.model import AnlDetector

from .crossfit import LeftOut
from .data import sample_weights
from .features import Features
from .tiers import TIERS

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
_KEY = "noiselens-memory"
_LEVELS = 127  # of int8 on either side of 0


@dataclass(frozen=True)
class Memory:
    """N pictures of the training pool, each under one delivery tier, and a head a fold that never saw that fold.

    Attributes:
        detector: id of the detector it belongs to.
        weights_sha256: that of the detector's description.
        features: (N, D) int8; times `scale` they are the standardised pooled features, the mean of a picture's windows.
        scale: (D,) float32.
        label: (N,) 1 generated, 0 real.
        weight: (N,) of the training, mean 1.
        fold: (N,) of the family.
        tier: (N,) index into TIERS.
        source, family: N names.
        heads: fold -> (D + 1,) weights and bias on standardised features, fitted without that fold.
    """

    detector: str
    weights_sha256: str
    features: NDArray[np.int8]
    scale: Singles
    label: NDArray[np.int64]
    weight: Floats
    fold: NDArray[np.int64]
    tier: NDArray[np.int64]
    source: list[str]
    family: list[str]
    heads: dict[int, Floats]

    def rows(self) -> Singles:
        """Return the standardised features (N, D)."""
        return self.features * self.scale


def memory_of(detector: Path) -> Path:
    """Return where the memory of a detector file lies: beside it."""
    return detector.with_name(f"{detector.stem}-memory.safetensors")


def make_memory(
    model: AnlDetector, spec: DetectorSpec, left: LeftOut, tiers: dict[str, Features], power: float, seed: int
) -> Memory:
    """Make the memory of a finished detector from what it was fitted to and measured on.

    tiers: tier name -> features of left.samples; a picture is remembered under one of them, drawn by `seed`.
    power: as in HeadConfig.source_power. Pictures without a window are left out.
    """
    count = len(left.samples)
    mean, scale = model.feature_mean.double().numpy(), model.feature_scale.double().numpy()
    drawn = np.random.default_rng(seed).integers(len(TIERS), size=count)
    standard, seen = np.zeros((count, len(mean)), np.float32), np.zeros(count, bool)
    for index, tier in enumerate(TIERS):
        pooled, windows = picture_features(tiers[tier.name], count)
        here = (drawn == index) & (windows > 0)
        standard[here], seen[here] = (pooled[here] - mean) * scale, True
    kept = np.flatnonzero(seen)
    samples = [left.samples[i] for i in kept]
    step = np.abs(standard).max(0) / _LEVELS + 1e-12
    return Memory(
        detector=spec.id,
        weights_sha256=spec.weights_sha256,
        features=np.round(standard[kept] / step).astype(np.int8),
        scale=step.astype(np.float32),
        label=np.array([s.label for s in samples]),
        weight=sample_weights(samples, power),
        fold=left.fold[kept],
        tier=drawn[kept],
        source=[s.source for s in samples],
        family=[s.family for s in samples],
        heads={f: np.append(raw[:-1] / scale, raw[-1] + raw[:-1] @ mean) for f, raw in left.heads.items()},
    )


def picture_features(view: Features, count: int) -> tuple[Singles, NDArray[np.int64]]:
    """Return the mean features over the windows of each of `count` pictures, (count, D), and the windows, (count,).

    The head is linear, so the logit of the mean is the mean of the windows' logits.
    """
    total = np.zeros((count, view.summary.shape[1]), np.float32)
    np.add.at(total, view.owner, view.summary.astype(np.float32))
    windows = np.bincount(view.owner, minlength=count)
    return np.asarray(total / np.maximum(windows, 1)[:, None], np.float32), windows


def save_memory(path: Path, memory: Memory) -> None:
    """Write the memory as safetensors, replacing the file whole."""
    sources = sorted(set(zip(memory.source, memory.family, strict=True)))
    at = [sources.index(pair) for pair in zip(memory.source, memory.family, strict=True)]
    folds = sorted(memory.heads)
    tensors = {
        "features": torch.from_numpy(memory.features),
        "scale": torch.from_numpy(memory.scale),
        "label": torch.from_numpy(memory.label.astype(np.uint8)),
        "weight": torch.from_numpy(memory.weight.astype(np.float32)),
        "fold": torch.from_numpy(memory.fold.astype(np.uint8)),
        "tier": torch.from_numpy(memory.tier.astype(np.uint8)),
        "source": torch.tensor(at, dtype=torch.int16),
        "heads": torch.from_numpy(np.stack([memory.heads[f] for f in folds]).astype(np.float32)),
    }
    described = {
        "schema": 1,
        "detector": memory.detector,
        "weights_sha256": memory.weights_sha256,
        "tiers": [tier.name for tier in TIERS],
        "folds": folds,
        "sources": sources,
    }
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={_KEY: json.dumps(described, sort_keys=True)})
    part.replace(path)


def load_memory(path: Path, spec: DetectorSpec) -> Memory:
    """Load the memory of the detector that `spec` describes. Raises ModelError."""
    if not path.is_file() and path == memory_of(SHIPPED_DETECTOR):
        raise ModelError(
            f"The training memory {path.name} of {spec.id} is missing. Install NoiseLens again to get it back."
        )
    if not path.is_file():  # a fine-tuned detector never has one
        raise ModelError(
            f"{spec.id} has no training memory {path.name} beside it, which learning starts from. "
            "Start from the detector that came with NoiseLens."
        )
    try:
        with safe_open(path, "np") as file:
            data = json.loads((file.metadata() or {})[_KEY])
            t = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        pairs = [data["sources"][i] for i in t["source"]]
        memory = Memory(
            detector=data["detector"],
            weights_sha256=data["weights_sha256"],
            features=t["features"],
            scale=t["scale"],
            label=t["label"].astype(np.int64),
            weight=t["weight"].astype(np.float64),
            fold=t["fold"].astype(np.int64),
            tier=t["tier"].astype(np.int64),
            source=[source for source, _ in pairs],
            family=[family for _, family in pairs],
            heads={f: head.astype(np.float64) for f, head in zip(data["folds"], t["heads"], strict=True)},
        )
        fits = data["tiers"] == [tier.name for tier in TIERS] and memory.scale.size == spec.model.summary_width
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ModelError(f"{path.name} is not a training memory of NoiseLens. Install NoiseLens again.") from error
    if not fits or (memory.detector, memory.weights_sha256) != (spec.id, spec.weights_sha256):
        raise ModelError(
            f"The training memory {path.name} belongs to {memory.detector}, not to this build of {spec.id}. "
            "Install NoiseLens again."
        )
    return memory
