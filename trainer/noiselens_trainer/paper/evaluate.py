"""Accuracy and average precision a generator, laid out as the papers of the field do."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from noiselens_core.crops import to_unit
from noiselens_core.detector import Detector
from noiselens_core.device import choose_device
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import DecodedImage, Decoder
from noiselens_core.progress import Progress

from ..augment import Pixels
from ..data import Sample, ask_for_both
from ..evaluate import under
from ..metrics import Floats, Ints
from ..pace import Pace
from ..tiers import TIERS
from .checkpoint import is_paper, load_paper

MOST_CROPS = 9  # of one image, evenly spread
AS_FILES = "files"  # the condition of the papers: images as they were published
# Order of the rows in GenImage (Zhu et al. 2023) and in CNNDetection / UniversalFakeDetect (Wang 2020, Ojha 2023).
ROWS = (
    "midjourney", "sdv14", "sdv15", "adm", "glide", "wukong", "vqdm", "biggan",
    "progan", "cyclegan", "stylegan", "stylegan2", "gaugan", "stargan", "deepfake", "seeingdark", "san", "crn", "imle",
    "guided", "ldm200", "ldm200cfg", "ldm100", "glide10027", "glide5027", "glide10010", "dalle",
)  # fmt: skip
ALIASES = {"stablediffusionv14": "sdv14", "stablediffusionv15": "sdv15", "sdv4": "sdv14", "sdv5": "sdv15"}
Mask = NDArray[np.bool_]
Judge = Callable[[DecodedImage], float]


@dataclass(frozen=True)
class Row:
    """One generator under one condition: its images against the real ones published with them.

    Attributes:
        accuracy: share of all its images judged right at probability .5.
        average_precision: of ranking generated before real.
    """

    generator: str
    condition: str
    real: int
    generated: int
    accuracy: float
    average_precision: float


def grid_crops(pixels: Pixels, side: int) -> Pixels:
    """Return up to MOST_CROPS native crops (N, side, side, 3) that spread evenly; small images are mirrored to size."""
    short = [max(0, side - extent) for extent in pixels.shape[:2]]
    if any(short):
        pixels = np.pad(pixels, ((0, short[0]), (0, short[1]), (0, 0)), mode="symmetric")
    most = int(MOST_CROPS**0.5)
    starts = [
        np.linspace(0, extent - side, min(most, -(-extent // side))).round().astype(int) for extent in pixels.shape[:2]
    ]
    return np.stack([pixels[top : top + side, left : left + side] for top in starts[0] for left in starts[1]])


def load_judge(path: Path | None, device: str) -> tuple[str, Judge]:
    """Return the name of a detector file, of the product or of the paper recipe, and what gives probabilities."""
    if path is None or not is_paper(path):
        detector = Detector.load(path, device)
        return detector.model_id, lambda image: detector.detect(image).probability
    where = choose_device(device)
    network, spec = load_paper(path, where)

    def judge(image: DecodedImage) -> float:
        x = torch.from_numpy(to_unit(grid_crops(image.pixels, spec.crop_px))).to(where)
        with torch.inference_mode():
            return float(torch.sigmoid(network(x).logit.mean()))

    return spec.id, judge


def generator_table(judge: Judge, samples: list[Sample], report: Callable[[Progress], None]) -> list[Row]:
    """Judge samples as files and under the first tier, which gives both classes one container and one quality."""
    equal = TIERS[0]
    kept: list[Sample] = []
    found: dict[str, list[float]] = {AS_FILES: [], equal.name: []}
    pace = Pace(0, len(samples), 1)
    with Decoder() as decoder:
        for done, sample in enumerate(samples, start=1):
            try:
                image = decoder.decode_file(sample.path)
            except ImageRefusedError as error:
                report(Progress("evaluate", done, len(samples), message=f"{sample.path.name} left out: {error}"))
                continue
            kept.append(sample)
            found[AS_FILES].append(judge(image))
            found[equal.name].append(judge(under(image, equal)))
            if line := pace.tick(done, {}):
                report(Progress("evaluate", done, len(samples), *line))
    return [row for condition, values in found.items() for row in rows_of(kept, np.array(values), condition)]


def rows_of(samples: list[Sample], probability: Floats, condition: str) -> list[Row]:
    """Return one row a generator in the papers' order, then their mean.

    A generator's real images are those of its own folder; where that holds none, all. Raises DataError without both
    labels.
    """
    label = np.array([s.label for s in samples])
    ask_for_both(label)
    rows = []
    for origin, family in sorted({(s.origin, s.family) for s in samples if s.label == 1}, key=_place):
        generated = np.array([s.label == 1 and (s.origin, s.family) == (origin, family) for s in samples])
        beside = np.array([s.label == 0 and s.origin == origin for s in samples])
        real = beside if beside.any() else label == 0
        name = family if origin in {"", family} else f"{origin}/{family}"
        rows.append(_row(name, condition, label, probability, real, generated))
    mean = [float(np.mean([getattr(r, key) for r in rows])) for key in ("accuracy", "average_precision")]
    images = [sum(getattr(r, key) for r in rows) for key in ("real", "generated")]
    return [*rows, Row("mean", condition, images[0], images[1], *mean)]


def _place(key: tuple[str, str]) -> tuple[int, str, str]:
    """Return where a generator stands: the papers' order first, then the alphabet."""
    plain = "".join(c for c in key[1].lower() if c.isalnum())
    plain = ALIASES.get(plain, plain)
    return (ROWS.index(plain) if plain in ROWS else len(ROWS), *key)


def _row(name: str, condition: str, label: Ints, probability: Floats, real: Mask, generated: Mask) -> Row:
    at = np.flatnonzero(real | generated)
    right = (probability[at] >= 0.5) == (label[at] == 1)
    precision = float(average_precision_score(label[at], probability[at]))
    return Row(name, condition, int(real.sum()), int(generated.sum()), float(right.mean()), precision)


def write_table(rows: list[Row], out: Path) -> str:
    """Write generators.csv and generators.md to `out`; return the second's text."""
    out.mkdir(parents=True, exist_ok=True)
    with (out / "generators.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Row.__dataclass_fields__)
        writer.writerows([getattr(row, key) for key in Row.__dataclass_fields__] for row in rows)
    conditions = list(dict.fromkeys(row.condition for row in rows))
    by_name: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_name.setdefault(row.generator, {})[row.condition] = row
    head = " | ".join(f"ACC {c} | AP {c}" for c in conditions)
    lines = [f"| generator | {head} |", "|---|" + "---:|---:|" * len(conditions)]
    for name, cells in by_name.items():
        values = [f"{100 * cells[c].accuracy:.1f} | {100 * cells[c].average_precision:.1f}" for c in conditions]
        lines.append(f"| {name} | {' | '.join(values)} |")
    text = "\n".join(lines) + "\n"
    (out / "generators.md").write_text(text, encoding="utf-8")
    return text
