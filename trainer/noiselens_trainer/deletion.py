"""Whether the overlay means something: blur what it marks, and see whether the verdict leans less (deletion curve).

After Petsiuk, Das and Saenko 2018 (RISE), with random places of the same size as the control.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from noiselens_core.crops import to_unit
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.model import GRID, PATCH_PX, AnlDetector
from noiselens_core.progress import Progress

from .augment import Pixels
from .data import Sample
from .metrics import BOOTSTRAP_ROUNDS
from .pace import Pace
from .tiers import BY_NAME, windows_of

SHARES = (0.1, 0.2, 0.3, 0.5)  # of a window's tokens that are blurred
BLUR_PX = 8.0  # standard deviation: fine structure goes, colour and layout stay

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DeletionCurve:
    """How far the logit moves away from the side an image leans to, for M images.

    Attributes:
        shares: (S,) of the window's tokens that were blurred.
        attended: (M, S), when the tokens that speak most for that side go.
        random: (M, S), when as many random ones go.
    """

    shares: tuple[float, ...]
    attended: Floats
    random: Floats

    def difference(self) -> tuple[float, float, float]:
        """Return the mean of attended minus random over shares and images, with its 95 % bootstrap interval."""
        each = (self.attended - self.random).mean(1)
        rng = np.random.default_rng(0)
        means = [rng.choice(each, len(each)).mean() for _ in range(BOOTSTRAP_ROUNDS)]
        low, high = np.percentile(means, (2.5, 97.5))
        return float(each.mean()), float(low), float(high)


def _blurred(window: Pixels, soft: Pixels, tokens: NDArray[np.int64]) -> Pixels:
    """Return the window with the tokens' squares taken from its soft copy."""
    gone = np.zeros(GRID * GRID, bool)
    gone[tokens] = True
    mask = np.kron(gone.reshape(GRID, GRID), np.ones((PATCH_PX, PATCH_PX), bool))
    return np.where(mask[..., None], soft, window)


def deletion_curve(
    model: AnlDetector, samples: list[Sample], count: int, seed: int, report: Callable[[Progress], None]
) -> DeletionCurve:
    """Measure the curve on `count` random samples under the web tier, one window each. Raises nothing on a refusal."""
    rng = np.random.default_rng(seed)
    device = next(model.parameters()).device

    def judge(batch: list[Pixels]) -> tuple[Floats, NDArray[np.float32]]:
        with torch.inference_mode():
            output = model(torch.from_numpy(to_unit(np.stack(batch))).to(device))
        return output.logit.double().cpu().numpy(), output.evidence.float().cpu().numpy()

    falls: list[tuple[Floats, Floats]] = []
    order = rng.permutation(len(samples))[:count]
    pace = Pace(0, len(order), 1)
    with Decoder() as decoder:
        for done, index in enumerate(order, start=1):
            try:
                pixels = decoder.decode_file(samples[index].path).pixels
            except ImageRefusedError:
                continue
            cuts = windows_of(BY_NAME["web"].deliver(pixels))
            window = cuts[len(cuts) // 2]
            logits, evidence = judge([window])
            lean = 1.0 if logits[0] >= 0 else -1.0
            ranked = np.argsort(-lean * evidence[0].ravel())
            soft = cv2.GaussianBlur(window, (0, 0), BLUR_PX)
            counts = [round(share * GRID * GRID) for share in SHARES]
            marked = [_blurred(window, np.asarray(soft), ranked[:n]) for n in counts]
            drawn = [_blurred(window, np.asarray(soft), rng.permutation(GRID * GRID)[:n]) for n in counts]
            after, _ = judge(marked + drawn)
            fall = lean * (logits[0] - after)
            falls.append((fall[: len(SHARES)], fall[len(SHARES) :]))
            if line := pace.tick(done, {}):
                report(Progress("deletion", done, len(order), *line))
    return DeletionCurve(SHARES, np.stack([a for a, _ in falls]), np.stack([r for _, r in falls]))
