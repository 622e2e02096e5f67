"""Whether the overlay means something: blur what it marks, or leave only that sharp, and see how the verdict moves.

The deletion and insertion curves of Petsiuk, Das and Saenko 2018 (RISE), with random places of the same size as the
control.
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

SHARES = (0.1, 0.2, 0.3, 0.5)  # of a window's tokens that are blurred, or left sharp
BLUR_PX = 8.0  # standard deviation: fine structure goes, colour and layout stay

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """How far the logit of M images moves when a share of their tokens goes or comes.

    Deletion: away from the side the image leans to, from the sharp window. Insertion: towards it, from the blurred one.

    Attributes:
        shares: (S,) of the window's tokens.
        attended: (M, S), with the tokens that speak most for that side.
        random: (M, S), with as many random ones.
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


def _with(window: Pixels, other: Pixels, tokens: NDArray[np.int64]) -> Pixels:
    """Return the window with the tokens' squares taken from its other copy."""
    taken = np.zeros(GRID * GRID, bool)
    taken[tokens] = True
    mask = np.kron(taken.reshape(GRID, GRID), np.ones((PATCH_PX, PATCH_PX), bool))
    return np.where(mask[..., None], other, window)


def deletion_and_insertion(
    model: AnlDetector, samples: list[Sample], count: int, seed: int, report: Callable[[Progress], None]
) -> tuple[Curve, Curve]:
    """Measure both curves on `count` random samples under the web tier, one window each, without refused ones."""
    rng = np.random.default_rng(seed)
    device = next(model.parameters()).device

    def judge(batch: list[Pixels]) -> tuple[Floats, NDArray[np.float32]]:
        with torch.inference_mode():
            output = model(torch.from_numpy(to_unit(np.stack(batch))).to(device))
        return output.logit.double().cpu().numpy(), output.evidence.float().cpu().numpy()

    moves: list[Floats] = []  # (4, S): deletion of marked and of random tokens, insertion of marked and of random ones
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
            soft = np.asarray(cv2.GaussianBlur(window, (0, 0), BLUR_PX))
            counts = [round(share * GRID * GRID) for share in SHARES]
            chosen = [ranked[:n] for n in counts] + [rng.permutation(GRID * GRID)[:n] for n in counts]
            gone, come = [_with(window, soft, t) for t in chosen], [_with(soft, window, t) for t in chosen]
            after, _ = judge([soft, *gone, *come])
            fall, rise = logits[0] - after[1 : 1 + len(chosen)], after[1 + len(chosen) :] - after[0]
            moves.append(lean * np.concatenate((fall, rise)).reshape(4, len(SHARES)))
            if line := pace.tick(done, {}):
                report(Progress("deletion", done, len(order), *line))
    each = np.stack(moves, axis=1)  # (4, M, S)
    return Curve(SHARES, each[0], each[1]), Curve(SHARES, each[2], each[3])
