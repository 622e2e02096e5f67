"""The library's front door: decoded images in, verdicts out."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from .calibration import Calibration, Stability, stability
from .checkpoint import SHIPPED_DETECTOR, load_detector
from .crops import CROP_PX, Crop, crop_grid, cut, to_unit
from .device import choose_device
from .images import DecodedImage
from .model import AnlDetector
from .overlay import assemble
from .reasons import limits, summary
from .verdict import Band, CropScore, Verdict

COPY_CROPS = 4  # crops judged again in a re-encoded copy, the outermost ones
COPY_QUALITY = 75  # JPEG quality of that copy, the web's most common


@dataclass(frozen=True)
class Scores:
    """Raw output for one image.

    Attributes:
        crops: places of the N crops.
        logits: (N,) float64, before calibration.
        original, copy: mean logit of the same few crops before and after one more JPEG encoding.
        attention: (N, h, w) float32, mean over heads, 1 where attention is uniform.
        noise: (N, h, w) float32, mean magnitude of the predicted noise.
    """

    crops: list[Crop]
    logits: NDArray[np.float64]
    original: float
    copy: float
    attention: NDArray[np.float32]
    noise: NDArray[np.float32]

    @property
    def logit(self) -> float:
        """The image's logit: the mean over its crops."""
        return float(self.logits.mean())


class Detector:
    """Judges images with one model on one device; not thread-safe, meant for one worker.

    Attributes:
        model_id: name of the model, on every verdict.
        calibration: of the model's probabilities.
    """

    def __init__(self, model: AnlDetector, model_id: str, calibration: Calibration, device: torch.device):
        self._model, self._device = model, device
        self.model_id, self.calibration = model_id, calibration

    @classmethod
    def load(cls, path: Path | None = None, device: str = "auto") -> Detector:
        """Load a detector file; None is the shipped default. Raises ModelError."""
        where = choose_device(device)
        model, spec = load_detector(path or SHIPPED_DETECTOR, where)
        return cls(model, spec.id, spec.calibration, where)

    def warm_up(self) -> None:
        """Run once on nothing, so that the first image is not slower than the next."""
        self.score(np.zeros((CROP_PX * 3, CROP_PX * 3, 3), np.uint8))

    def _autocast(self) -> AbstractContextManager[object]:
        return torch.autocast("cuda") if self._device.type == "cuda" else nullcontext()

    def score(self, pixels: NDArray[np.uint8]) -> Scores:
        """Return the network's raw output for an image (H, W, 3) uint8 sRGB.

        One image is one batch: a score never depends on what else is being judged.
        """
        height, width = pixels.shape[:2]
        crops = crop_grid(width, height)
        cuts = cut(pixels, crops)
        again = sorted({round(i * (len(crops) - 1) / (COPY_CROPS - 1)) for i in range(COPY_CROPS)})
        copies = np.stack([_jpeg_copy(cuts[i]) for i in again])
        x = torch.from_numpy(to_unit(np.concatenate((cuts, copies))))
        if self._device.type == "cuda":
            x = x.pin_memory()
        x = x.to(self._device, memory_format=torch.channels_last, non_blocking=True)
        with torch.inference_mode(), self._autocast():
            output = self._model(x)
        n = len(crops)
        logits = output.logit.double().cpu().numpy()
        attention = output.attention[:n].float().mean(1)
        attention = attention * attention[0].numel()
        noise = torch.nn.functional.avg_pool2d(output.noise[:n].float().abs().mean(1, keepdim=True), 4)
        return Scores(
            crops,
            logits[:n],
            float(logits[again].mean()),
            float(logits[n:].mean()),
            attention.cpu().numpy(),
            noise.squeeze(1).cpu().numpy(),
        )

    def detect(self, image: DecodedImage) -> Verdict:
        """Judge one image; attention and noise maps are filled."""
        start = time.perf_counter()
        scores = self.score(image.pixels)
        calibration = self.calibration
        probability = calibration.probability(scores.logit)
        each = calibration.probabilities(scores.logits)
        steady = stability(
            probability, each, calibration.probability(scores.original), calibration.probability(scores.copy)
        )
        height, width = image.pixels.shape[:2]
        attention, noise = (assemble(maps, scores.crops, width, height) for maps in (scores.attention, scores.noise))
        band, reasons = self._conclude(image, probability, steady)
        return Verdict(
            sha256=image.facts.sha256,
            probability=round(probability, 4),
            band=band,
            stability=steady.value,
            reasons=reasons,
            model=self.model_id,
            ms=round((time.perf_counter() - start) * 1000, 1),
            width=width,
            height=height,
            crops=tuple(
                CropScore(c.left, c.top, CROP_PX, round(float(p), 4)) for c, p in zip(scores.crops, each, strict=True)
            ),
            provenance=image.facts.provenance,
            attention=attention,
            noise=noise,
        )

    def _conclude(self, image: DecodedImage, probability: float, steady: Stability) -> tuple[Band, tuple[str, ...]]:
        """Return the band, after everything that asks for restraint, and the reasons for it."""
        found = limits(image)
        band = self.calibration.band(probability)
        if found.undecidable or not steady.stable:
            band = Band.UNCERTAIN
        return band, (*summary(band, probability, steady), *found.sentences, *image.facts.notes)

    def detect_many(self, images: Iterable[DecodedImage]) -> Iterator[Verdict]:
        """Judge images one after another, lazily."""
        return map(self.detect, images)


def _jpeg_copy(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a crop (CROP_PX, CROP_PX, 3) after one JPEG encoding of our own."""
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=COPY_QUALITY)
    return np.asarray(Image.open(buffer, formats=["JPEG"]))
