"""Detector files: the one that came with NoiseLens, and those the user brings; which of its thresholds judge."""

from __future__ import annotations

import gc
import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from noiselens_core.errors import ModelError
from noiselens_core.places import models_dir
from noiselens_core.registry import Registry

if TYPE_CHECKING:
    from noiselens_core.calibration import Calibration
    from noiselens_core.detector import Detector

PRESETS = ("cautious", "balanced", "sensitive")
TIERS = ("clean-eq", "web", "hard")  # how the figures of a model were taken; docs/METHOD.md 4


@dataclass(frozen=True)
class Preset:
    """One pair of thresholds with what was measured for it on families left out of training and calibration.

    Attributes:
        generated_at, real_at: as in Calibration; None when the model brings none of that name.
        false_accusations: tier -> share of real images called likely generated, in [0, 1]; empty when not measured.
    """

    name: str
    generated_at: float | None
    real_at: float | None
    false_accusations: dict[str, float]


@dataclass(frozen=True)
class ModelFacts:
    """What a detector file says of itself.

    Attributes:
        sha256: hex digest of the whole file.
        shipped: it came with NoiseLens.
        card: the model card, Markdown; "" when there is none beside the file.
    """

    id: str
    path: Path
    sha256: str
    licence: str
    data: str
    shipped: bool
    presets: tuple[Preset, ...]
    card: str


def chosen_detector() -> Path | None:
    """Return the file of the detector the user chose; None is the one that came with NoiseLens."""
    return Registry(models_dir()).chosen()


def load_detector(device: str = "auto", path: Path | None = None, preset: str = "balanced") -> Detector:
    """Return a detector, warm; path None is the one that came with NoiseLens. Imports torch. Raises ModelError.

    A preset the model does not bring leaves its thresholds as they were fitted.
    """
    _import_torch()
    from noiselens_core.detector import Detector

    detector = Detector.load(path, device)
    wanted = next(one for one in _presets(detector.calibration, {}) if one.name == preset)
    if wanted.generated_at is not None and wanted.real_at is not None:
        detector.calibration = replace(detector.calibration, generated_at=wanted.generated_at, real_at=wanted.real_at)
    detector.warm_up()
    return detector


def devices() -> list[str]:
    """Return the names of the devices there are. Imports torch."""
    from noiselens_core.device import choose_device

    found = ["auto"]
    for name in ("cpu", "cuda", "mps"):
        try:
            choose_device(name)
        except ModelError:
            continue
        found.append(name)
    return found


def read_facts() -> ModelFacts:
    """Return what the detector in use says of itself. Raises ModelError."""
    from noiselens_core.checkpoint import SHIPPED_DETECTOR, read_spec

    place = chosen_detector() or SHIPPED_DETECTOR
    spec = read_spec(place)
    card = place.with_suffix(".md")
    return ModelFacts(
        id=spec.id,
        path=place,
        sha256=_digest(place),
        licence=spec.licence,
        data=spec.data,
        shipped=place == SHIPPED_DETECTOR,
        presets=_presets(spec.calibration, spec.figures),
        card=card.read_text("utf-8") if card.is_file() else "",
    )


@cache
def _import_torch() -> None:
    """Import what judges, and keep the garbage collector from walking through it, now and later.

    It brings hundreds of thousands of objects that live as long as the process, and a walk through them stops every
    thread, the window's too, for a fifth of a second.
    """
    gc.disable()
    try:
        import noiselens_core.detector  # noqa: F401
    finally:
        gc.freeze()
        gc.enable()


def _presets(calibration: Calibration, figures: dict[str, float]) -> tuple[Preset, ...]:
    """Return the presets by name; those the calibration does not bring have no thresholds and no rates.

    figures: of the model's description; hold the rates of the thresholds it was fitted with.
    """
    brought = calibration.presets
    made = []
    for name in PRESETS:
        one = brought.get(name)
        if one is not None:
            rates = {tier: one.false_accusations[tier] for tier in TIERS if tier in one.false_accusations}
            made.append(Preset(name, one.generated_at, one.real_at, rates))
        elif name == "balanced":
            rates = {
                tier: figures[f"{tier}.false_accusations"] for tier in TIERS if f"{tier}.false_accusations" in figures
            }
            made.append(Preset(name, calibration.generated_at, calibration.real_at, rates))
        else:
            made.append(Preset(name, None, None, {}))
    return tuple(made)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
