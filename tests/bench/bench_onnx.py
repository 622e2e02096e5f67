"""One window through the shipped detector: torch as in the product, ONNX Runtime, and that with 8-bit products.

Run: python tests/bench/bench_onnx.py [--rounds N] [--threads N]. The three take turns on the sample images; printed are
medians, the ratio to torch with its 95 % interval, and the largest difference of a logit. Wall time and processor time:
on a busy machine only the second says something. Goal for another engine in the product: 1.3 times as fast as torch,
with the same verdicts.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from noiselens_core.checkpoint import SHIPPED_DETECTOR, load_detector
from noiselens_core.cli import SAMPLES
from noiselens_core.crops import cut, to_unit, windows
from noiselens_core.images import Decoder
from noiselens_trainer.export import OnnxNetwork, export_onnx

RESAMPLES = 2000  # of the bootstrap


def sample_windows() -> list[Tensor]:
    """Return the first window (1, 3, WINDOW_PX, WINDOW_PX) of every sample."""
    found = []
    with Decoder() as decoder:
        for path in sorted(SAMPLES.glob("*.[jp][pn]g")):
            image = decoder.decode_file(path)
            places = windows(image.facts.width, image.facts.height)[:1]
            found.append(torch.from_numpy(to_unit(cut(image.pixels, places))))
    return found


def eight_bit(plain: Path, out: Path) -> None:
    """Write a graph whose large products with constants run on 8-bit integers."""
    graph = onnx.load(plain).graph
    matrices = {t.name for t in graph.initializer if len(t.dims) == 2 and min(t.dims) >= 64}
    nodes = [n.name for n in graph.node if n.op_type in {"MatMul", "Gemm"} and matrices & set(n.input)]
    logging.disable(logging.WARNING)
    quantize_dynamic(plain, out, weight_type=QuantType.QInt8, nodes_to_quantize=nodes)


def cost(judge: nn.Module, x: Tensor) -> tuple[float, float]:
    """Return wall and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    judge(x)
    return time.perf_counter() - wall, time.process_time() - processor


def ratio(theirs: NDArray[np.float64], ours: NDArray[np.float64]) -> str:
    """Return the median of per-round ratios with its bootstrap 95 % interval."""
    ratios = theirs / ours
    medians = np.median(np.random.default_rng(0).choice(ratios, (RESAMPLES, len(ratios))), axis=1)
    low, high = np.percentile(medians, (2.5, 97.5))
    return f"{np.median(ratios):.2f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    network, spec = load_detector(SHIPPED_DETECTOR, torch.device("cpu"), looking=True)  # as the product runs it
    xs = sample_windows()
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        plain, small = Path(folder) / "plain.onnx", Path(folder) / "small.onnx"
        with torch.inference_mode(False):
            export_onnx(SHIPPED_DETECTOR, plain)
        eight_bit(plain, small)
        graphs = {"onnx": OnnxNetwork(plain, options.threads), "onnx 8-bit": OnnxNetwork(small, options.threads)}
        judges: dict[str, nn.Module] = {"torch": network, **graphs}
        logits = {name: np.array([float(judge(x).logit) for x in xs]) for name, judge in judges.items()}
        times: dict[str, NDArray[np.float64]] = {name: np.empty((options.rounds, 2)) for name in judges}
        for i in range(options.rounds):
            for name, judge in judges.items():
                times[name][i] = cost(judge, xs[i % len(xs)])
    print(f"{spec.id}, one window, {options.threads} threads, {options.rounds} rounds; times as fast as torch")
    for name, seconds in times.items():
        wall, processor = np.median(seconds, axis=0) * 1e3
        print(
            f"{name:10} wall {wall:6.0f} ms  {ratio(times['torch'][:, 0], seconds[:, 0])}   "
            f"processor {processor:6.0f} ms  {ratio(times['torch'][:, 1], seconds[:, 1])}   "
            f"largest difference of a logit {np.abs(logits[name] - logits['torch']).max():.1e}"
        )


if __name__ == "__main__":
    main()
