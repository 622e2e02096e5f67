"""Measure a detector under the delivery tiers of docs/METHOD.md 4, and calibrate it on left-out families."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from noiselens_core.calibration import Calibration
from noiselens_core.detector import Detector
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import DecodedImage, Decoder
from noiselens_core.progress import Progress
from noiselens_core.verdict import Band

from .config import CalibrationConfig
from .crossfit import LeftOut
from .data import Sample, ask_for_both
from .metrics import Floats, Ints, Judged, Pair, by_group, join, pairs, table
from .pace import Pace
from .tiers import TIERS, Tier

Report = Callable[[Progress], None]


def under(image: DecodedImage, tier: Tier) -> DecodedImage:
    """Return an image as it arrives under a tier."""
    pixels = tier.deliver(image.pixels)
    height, width = pixels.shape[:2]
    return DecodedImage(pixels, replace(image.facts, width=width, height=height))


def _images(samples: list[Sample], report: Report) -> list[tuple[Sample, DecodedImage]]:
    """Decode every sample; one that is refused is said and left out."""
    kept = []
    with Decoder() as decoder:
        for number, sample in enumerate(samples, start=1):
            try:
                kept.append((sample, decoder.decode_file(sample.path)))
            except ImageRefusedError as error:
                report(Progress("evaluate", number, len(samples), message=f"{sample.path.name} left out: {error}"))
    return kept


def judge(detector: Detector, samples: list[Sample], report: Report) -> dict[str, Judged]:
    """Return the verdicts of all samples that can be read under every tier, tier name -> Judged.

    Raises DataError when they are not of both labels.
    """
    images = _images(samples, report)
    ask_for_both([sample.label for sample, _ in images])
    total = len(images) * len(TIERS)
    pace, done = Pace(0, total, 1), 0
    judged = {}
    for tier in TIERS:
        verdicts = []
        for _, image in images:
            verdicts.append(detector.detect(under(image, tier)))
            done += 1
            if line := pace.tick(done, {}):
                report(Progress("evaluate", done, total, *line, message=tier.name))
        probability = np.array([v.probability for v in verdicts])
        judged[tier.name] = _judged([s for s, _ in images], probability, [v.band for v in verdicts])
    return judged


def _judged(samples: list[Sample], probability: Floats, bands: list[Band]) -> Judged:
    return Judged(
        np.array([s.label for s in samples]),
        probability,
        bands,
        [s.source for s in samples],
        [s.family for s in samples],
        [s.origin for s in samples],
    )


def fit_probability(logits: Floats, label: Floats, weight: Floats) -> Calibration:
    """Return the temperature and bias of the least weighted cross-entropy; all (N,), the weights summing to 1."""

    def cross_entropy(theta: Floats) -> float:
        z = logits * np.exp(theta[0]) + theta[1]
        return float((weight * (np.logaddexp(0, z) - label * z)).sum())

    scale, bias = minimize(cross_entropy, np.zeros(2), method="Nelder-Mead").x
    return Calibration(temperature=float(np.exp(-scale)), bias=float(bias))


def fit_calibration(logits: dict[str, Floats], label: Ints, config: CalibrationConfig) -> Calibration:
    """Fit temperature and bias on all tiers together, then the two thresholds on the worst of them.

    logits: tier name -> (N,) mean logits of left-out images; label: (N,). Both classes weigh the same.
    """
    s = np.concatenate(list(logits.values()))
    y = np.tile(label, len(logits)).astype(float)
    fitted = fit_probability(s, y, np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean())) / len(y))
    generated_at, real_at = 0.5, 0.5
    for name, values in logits.items():
        probability = fitted.probabilities(values)
        real = np.sort(probability[label == 0])[::-1]
        allowed = int(config.false_accusations.get(name, 0.01) * len(real))  # accusations that may happen here
        generated_at = max(generated_at, float(real[allowed]) + 1e-4)
        generated = np.sort(probability[label == 1])
        real_at = min(real_at, float(generated[int(config.missed * len(generated))]) - 1e-4)
    return replace(fitted, generated_at=round(min(generated_at, 1.0), 4), real_at=round(max(real_at, 0.0), 4))


def left_out_figures(left: LeftOut, calibration: Calibration) -> dict[str, Judged]:
    """Return what the left-out logits come to under a calibration, tier name -> Judged.

    The bands are those of the probability alone: stability is the product's, which judges files, not features.
    """
    judged = {}
    for name, logits in left.logits.items():
        kept = np.flatnonzero(~np.isnan(logits))
        probability = calibration.probabilities(logits[kept])
        bands = [calibration.band(float(p)) for p in probability]
        judged[name] = _judged([left.samples[i] for i in kept], probability, bands)
    return judged


def calibrate(left: LeftOut, config: CalibrationConfig) -> Calibration:
    """Calibrate on logits of images whose families the judging head never saw. Raises DataError without both labels."""
    kept = ~np.isnan(np.stack(list(left.logits.values()))).any(0)
    label = np.array([s.label for s in left.samples])[kept]
    ask_for_both(label)
    return fit_calibration({name: logits[kept] for name, logits in left.logits.items()}, label, config)


def honest_figures(left: LeftOut, config: CalibrationConfig) -> dict[str, Judged]:
    """Judge every fold under a calibration fitted on the other folds: no threshold saw what it is measured on."""
    parts: dict[str, list[Judged]] = {name: [] for name in left.logits}
    for f in np.unique(left.fold):
        here = left.fold == f
        calibration = calibrate(part_of(left, ~here), config)
        for name, judged in left_out_figures(part_of(left, here), calibration).items():
            parts[name].append(judged)
    return {name: join(judged) for name, judged in parts.items()}


def part_of(left: LeftOut, chosen: NDArray[np.bool_]) -> LeftOut:
    """Return what is known of the chosen samples; chosen: (N,)."""
    samples = [s for s, c in zip(left.samples, chosen, strict=True) if c]
    return LeftOut(samples, left.fold[chosen], {name: v[chosen] for name, v in left.logits.items()})


def write_figures(judged: dict[str, Judged], out: Path) -> dict[str, dict[str, float]]:
    """Write evaluation.json, sources.csv and pairs.csv to `out`; return the pooled figures, tier -> name -> value.

    A figure of which there is nothing, as of decided images where none is, is NaN; in the file it is null.
    """
    figures = {tier: table(part) for tier, part in judged.items()}
    out.mkdir(parents=True, exist_ok=True)
    known = {
        tier: {name: None if math.isnan(value) else value for name, value in values.items()}
        for tier, values in figures.items()
    }
    (out / "evaluation.json").write_text(json.dumps(known, indent=1, allow_nan=False), encoding="utf-8")
    rows = [{"tier": tier, **row} for tier, part in judged.items() for row in by_group(part)]
    _write_rows(out / "sources.csv", list(rows[0]), rows)
    same = [{"tier": tier, **asdict(pair)} for tier, part in judged.items() for pair in pairs(part)]
    _write_rows(out / "pairs.csv", ["tier", *(field.name for field in fields(Pair))], same)
    return figures


def _write_rows(path: Path, names: list[str], rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)
