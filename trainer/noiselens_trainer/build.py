"""From a manifest to a calibrated, measured detector file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from noiselens_core.calibration import Thresholds
from noiselens_core.checkpoint import DetectorSpec, make_encoder, read_spec, save_detector
from noiselens_core.device import choose_device
from noiselens_core.model import AnlDetector
from noiselens_core.progress import Progress

from .config import BALANCED, PRESETS, DetectorConfig
from .crossfit import LeftOut, leave_families_out
from .data import Sample, family_folds, sample_weights
from .encoder import SOURCE
from .evaluate import calibrate, honest_figures, left_out_figures, part_of, write_figures
from .features import Features, FeatureStore, view_names
from .head import Labelled, fit_head
from .memory import make_memory, memory_of, save_memory
from .metrics import Judged, false_accusations
from .noise import noise_agreement, train_noise_head
from .teacher import PixelTeacher
from .tiers import TIERS

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Built:
    """A finished detector and how it was measured.

    Attributes:
        file: safetensors with its description.
        left: logits of every image by a head that saw none of its families.
        judged: those under calibrations that saw none of them either, tier -> verdicts.
        figures: tier -> name -> value.
        cosine: between predicted and teacher's noise on fresh windows.
        further: of the images that only train, tier -> verdicts under the final calibration; empty without any.
    """

    file: Path
    left: LeftOut
    judged: dict[str, Judged]
    figures: dict[str, dict[str, float]]
    cosine: float
    further: dict[str, Judged]


def frozen_parts(
    samples: list[Sample], teacher: PixelTeacher, config: DetectorConfig, folder: Path, device: str, report: Report
) -> tuple[AnlDetector, dict[str, Features], float]:
    """Return the model without a head yet, every view's features, and the noise head's agreement; resumes.

    The model has no encoder any more: features are all that heads learn from, and the folds' copies stay small.
    """
    head = train_noise_head(samples, teacher, config.model, config.noise, folder / "noise", report)
    cosine = noise_agreement(head, teacher, samples, config.noise)
    model = AnlDetector(config.model).eval().requires_grad_(False)
    model.noise_head.load_state_dict(head.state_dict())
    where = choose_device(device)
    model.encoder = make_encoder(config.model.depth, where, looking=True)
    store = FeatureStore(folder / "features", samples, model.to(where), config.head.seed)
    for view in view_names(config.head):
        store.fill(view, report)
    del model.encoder
    model.cpu()
    for part in (model.attention, model.linear):
        part.requires_grad_(True)
    return model, {view: store.load(view) for view in view_names(config.head)}, cosine


def build_detector(
    samples: list[Sample],
    data_name: str,
    teacher: PixelTeacher,
    config: DetectorConfig,
    name: str,
    folder: Path,
    device: str,
    report: Report,
    further: Sequence[Sample] = (),
) -> Built:
    """Train, measure by leaving families out, calibrate, and fit the head that ships on every family.

    further: samples that train and are left out by family too, but neither calibrate nor count in the figures, so that
    figures of runs with and without them can be held against each other.
    """
    count, samples = len(samples), [*samples, *further]
    family_folds(samples, config.split, count)  # says what cannot be measured before the long work
    measured = np.arange(len(samples)) < count
    model, views, cosine = frozen_parts(samples, teacher, config, folder, device, report)
    training = list(views.values())
    tiers = {t.name: views[t.name] for t in TIERS}
    everyone = leave_families_out(model, samples, training, tiers, config.split, config.head, report, measured=count)
    left = part_of(everyone, measured)
    judged = {preset: honest_figures(left, settings) for preset, settings in PRESETS.items()}
    figures = write_figures(judged[BALANCED], folder)
    fitted = {preset: calibrate(left, settings) for preset, settings in PRESETS.items()}
    thresholds = {
        preset: Thresholds(one.generated_at, one.real_at, false_accusations(judged[preset]))
        for preset, one in fitted.items()
    }
    label = np.array([s.label for s in samples])
    data = Labelled(training, label, sample_weights(samples, config.head.source_power))
    fit_head(model, data, np.ones(len(samples), bool), config.head)
    flat = {f"{tier}.{key}": round(value, 4) for tier, values in figures.items() for key, value in values.items()}
    calibration = replace(fitted[BALANCED], presets=thresholds)
    spec = DetectorSpec(name, config.model, calibration, _data_words(samples, data_name), "Apache-2.0", flat)
    file = folder / f"{name}.safetensors"
    save_detector(file, model, spec)
    save_memory(memory_of(file), make_memory(model, read_spec(file), everyone, tiers, config.head.source_power, seed=0))
    others = left_out_figures(part_of(everyone, ~measured), calibration) if further else {}
    return Built(file, left, judged[BALANCED], figures, cosine, others)


def _data_words(samples: list[Sample], data_name: str) -> str:
    """Say in words what a detector was trained on."""
    reals = sum(s.label == 0 for s in samples)
    sources = len({s.source for s in samples})
    listed = hashlib.sha256("\n".join(sorted(s.path.name for s in samples)).encode()).hexdigest()[:12]
    return (
        f"{reals} real and {len(samples) - reals} generated images of {sources} sources ({data_name}, list {listed}); "
        f"frozen encoder: {SOURCE}"
    )
