"""The library's front door: decoded images in, verdicts out."""

from __future__ import annotations

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
from .crops import WINDOW_PX, Window, cut, jpeg_copy, learned_form, magnified, to_unit, windows
from .device import choose_device
from .images import DecodedImage
from .model import PLACES, AnlDetector
from .overlay import assemble
from .reasons import limits, summary
from .verdict import Band, CropScore, Verdict

COPY_SCALE = 0.75  # side of the re-encoded copy over the original's
COPY_MAX_PX = 512  # and its side at most: what a preview has
COPY_QUALITY = 75  # JPEG quality of that copy, the web's most common


@dataclass(frozen=True)
class Scores:
    """Raw output for one image.

    Attributes:
        windows: places of the N windows, in pixels of the image as it came.
        logits: (N,) float64, before calibration.
        places: (N, PLACES, PLACES) float64, a logit for every part of every window.
        original, copy: logit of the middle window before and after shrinking and one more JPEG encoding.
        attention: (N, h, w) float32, what speaks for the side the image leans to; 0 where nothing does.
        noise: (N, h, w) float32, mean magnitude of the predicted noise.
    """

    windows: list[Window]
    logits: NDArray[np.float64]
    places: NDArray[np.float64]
    original: float
    copy: float
    attention: NDArray[np.float32]
    noise: NDArray[np.float32]

    @property
    def logit(self) -> float:
        """The image's logit: the mean over its windows."""
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
        model, spec = load_detector(path or SHIPPED_DETECTOR, where, looking=True)
        return cls(model, spec.id, spec.calibration, where)

    def warm_up(self) -> None:
        """Run once on nothing, so that the first image is not slower than the next."""
        self.score(np.zeros((WINDOW_PX, WINDOW_PX, 3), np.uint8))

    def _autocast(self) -> AbstractContextManager[object]:
        return torch.autocast("cuda") if self._device.type == "cuda" else nullcontext()

    def score(self, pixels: NDArray[np.uint8], was_jpeg: bool = True) -> Scores:
        """Return the network's raw output for an image (H, W, 3) uint8 sRGB; `was_jpeg`: out of a JPEG file.

        One image is one batch: a score never depends on what else is being judged.
        """
        height, width = pixels.shape[:2]
        seen = learned_form(pixels, was_jpeg)
        places = windows(seen.shape[1], seen.shape[0])
        middle, n = len(places) // 2, len(places)
        cuts = np.concatenate((cut(seen, places), _smaller_copy(seen, places[middle])))
        x = torch.from_numpy(to_unit(cuts))
        if self._device.type == "cuda":
            x = x.pin_memory()
        x = x.to(self._device, non_blocking=True)
        with torch.inference_mode(), self._autocast():
            output = self._model(x)
        logits = output.logit.double().cpu().numpy()
        lean = torch.where(output.logit[:n].mean() >= 0, 1.0, -1.0)
        attention = (lean * output.evidence[:n].float()).clamp_min(0)
        noise = torch.nn.functional.avg_pool2d(output.noise[:n].float().abs().mean(1, keepdim=True), 4)
        return Scores(
            [magnified(place, width / seen.shape[1], width, height) for place in places],
            logits[:n],
            output.places[:n].double().cpu().numpy(),
            float(logits[middle]),
            float(logits[n]),
            attention.cpu().numpy(),
            noise.squeeze(1).cpu().numpy(),
        )

    def detect(self, image: DecodedImage) -> Verdict:
        """Judge one image; attention and noise maps are filled."""
        start = time.perf_counter()
        scores = self.score(image.pixels, image.facts.was_jpeg)
        calibration = self.calibration
        probability = round(calibration.probability(scores.logit), 4)  # what is shown is what the band rests on
        each = calibration.probabilities(scores.places.ravel())
        steady = stability(
            probability, each, calibration.probability(scores.original), calibration.probability(scores.copy)
        )
        height, width = image.pixels.shape[:2]
        attention, noise = (assemble(maps, scores.windows, width, height) for maps in (scores.attention, scores.noise))
        band, reasons = self._conclude(image, probability, steady)
        return Verdict(
            sha256=image.facts.sha256,
            probability=probability,
            band=band,
            stability=steady.value,
            reasons=reasons,
            model=self.model_id,
            ms=round((time.perf_counter() - start) * 1000, 1),
            width=width,
            height=height,
            crops=tuple(
                CropScore(*place, round(float(p), 4)) for place, p in zip(_parts(scores.windows), each, strict=True)
            ),
            provenance=image.facts.provenance,
            attention=attention,
            noise=noise,
        )

    def _conclude(self, image: DecodedImage, probability: float, steady: Stability) -> tuple[Band, tuple[str, ...]]:
        """Return the band, after everything that asks for restraint, and the reasons for it."""
        found = limits(image)
        score = self.calibration.band(probability)
        band = Band.UNCERTAIN if found.undecidable or not steady.stable else score
        return band, (*summary(score, probability, steady), *found.sentences, *image.facts.notes)

    def detect_many(self, images: Iterable[DecodedImage]) -> Iterator[Verdict]:
        """Judge images one after another, lazily."""
        return map(self.detect, images)


def _parts(places: list[Window]) -> list[tuple[int, int, int]]:
    """Return left, top and side of the PLACES x PLACES parts of every window, in the order of `Scores.places`."""
    steps = range(PLACES)
    return [
        (w.left + column * w.side // PLACES, w.top + row * w.side // PLACES, max(1, w.side // PLACES))
        for w in places
        for row in steps
        for column in steps
    ]


def _smaller_copy(pixels: NDArray[np.uint8], place: Window) -> NDArray[np.uint8]:
    """Return one window (1, WINDOW_PX, WINDOW_PX, 3) as it comes out of a smaller, re-encoded copy of the image."""
    side = max(8, min(COPY_MAX_PX, round(COPY_SCALE * place.side)))
    box = (place.left, place.top, place.left + place.side, place.top + place.side)
    copy = Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    return cut(jpeg_copy(copy, COPY_QUALITY), [Window(0, 0, side)])
