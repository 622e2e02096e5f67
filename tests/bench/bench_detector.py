"""Cost of the detector over a bare encoder with a linear head, in one run with both measured alternately.

Run: python tests/bench/bench_detector.py [FILE] [--rounds N] [--threads N]. Without FILE a 640 x 427 sample is used.
What is compared, from the inside out (goal for the first: at most 1.10):

    network   the whole network's forward pass over the same encoder and one linear layer, on the image's windows
    image     Detector.score (cutting, network, re-encoded copy) over cutting, that encoder and that layer
    verdict   Detector.detect (calibration and maps as well) over the same
    products  that encoder with its products as the product computes them, over torch's own
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from noiselens_core.checkpoint import SHIPPED_DETECTOR, load_detector
from noiselens_core.cli import SAMPLES
from noiselens_core.crops import cut, to_unit, windows
from noiselens_core.detector import Detector
from noiselens_core.images import Decoder
from noiselens_core.model import WIDTH

WARM_UP = 3
RESAMPLES = 2000  # of the bootstrap


class Bare(nn.Module):
    """What any detector with this encoder costs: RGB in, mean of the last tokens, one linear layer."""

    def __init__(self, *, quick: bool) -> None:
        super().__init__()
        detector, spec = load_detector(SHIPPED_DETECTOR, torch.device("cpu"), looking=quick)
        self.depth, self.encoder = spec.model.depth, detector.encoder
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B, 1)."""
        logit: Tensor = self.head(self.encoder(x, (self.depth - 1,))[0].mean(1))
        return logit


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def interval(ratios: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bootstrap 95 % interval of the median of per-round ratios."""
    rng = np.random.default_rng(0)
    medians = np.median(rng.choice(ratios, (RESAMPLES, len(ratios))), axis=1)
    low, high = np.percentile(medians, (2.5, 97.5))
    return float(low), float(high)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=SAMPLES / "rocket.jpg")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    with Decoder() as decoder:
        image = decoder.decode_file(options.file)
    detector = Detector.load(device="cpu")
    bare, plain = Bare(quick=True).eval(), Bare(quick=False).eval()
    places = windows(image.facts.width, image.facts.height)

    def as_input() -> Tensor:
        return torch.from_numpy(to_unit(cut(image.pixels, places)))

    x = as_input()
    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "network": (lambda: detector._model(x), lambda: bare(x)),
        "image": (lambda: detector.score(image.pixels), lambda: bare(as_input())),
        "verdict": (lambda: detector.detect(image), lambda: bare(as_input())),
        "products": (lambda: bare(x), lambda: plain(x)),
    }
    print(f"{len(places)} window(s), {options.threads} threads, {options.rounds} rounds, medians")
    with torch.inference_mode():
        for name, (ours, theirs) in pairs.items():
            for _ in range(WARM_UP):
                ours(), theirs()
            times = np.array([(seconds(ours), seconds(theirs)) for _ in range(options.rounds)])
            ratios = times[:, 0] / times[:, 1]
            low, high = interval(ratios)
            ms = np.median(times, axis=0) * 1e3
            ratio = f"ratio {np.median(ratios):.2f}  [{low:.2f}, {high:.2f}]"
            print(f"{name:9} {ms[0]:7.1f} ms over {ms[1]:7.1f} ms   {ratio}")


if __name__ == "__main__":
    main()
