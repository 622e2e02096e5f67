"""The trained network as an ONNX graph, held against the product's own on real pictures."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from noiselens_core.checkpoint import load_detector, read_spec
from noiselens_core.crops import WINDOW_PX
from noiselens_core.detector import Detector
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.model import AnlDetector, ModelOutput
from noiselens_core.progress import Progress

from .data import DataError

OPSET = 20
OUTPUTS = ("logit", "places", "evidence", "noise")


@dataclass(frozen=True)
class Difference:
    """How far the graph's verdicts are from the product's.

    Attributes:
        images: judged by both.
        probability: largest difference of a calibrated probability.
        bands: images whose band differs.
    """

    images: int
    probability: float
    bands: int


class _Plain(nn.Module):
    """The network with its output as a tuple, which is what a graph can give."""

    def __init__(self, network: AnlDetector):
        super().__init__()
        self.network = network

    def forward(self, window: Tensor) -> tuple[Tensor, ...]:
        output = self.network(window)
        return tuple(getattr(output, name) for name in OUTPUTS)


def export_onnx(model: Path, out: Path) -> None:
    """Write a detector file as one ONNX graph: window (1, 3, WINDOW_PX, WINDOW_PX) float32 in, OUTPUTS out.

    The detector's description with its calibration stands in the graph's metadata under "noiselens". Raises ModelError.
    """
    network, _ = load_detector(model, torch.device("cpu"))
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision, which the graph does not need
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside the exporter
        program = torch.onnx.export(
            _Plain(network).eval(),
            (torch.zeros(1, 3, WINDOW_PX, WINDOW_PX),),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=["window"],
            output_names=list(OUTPUTS),
        )
    if program is None:  # only when it writes the file itself
        raise RuntimeError("torch.onnx.export returned no graph")
    program.model.metadata_props["noiselens"] = json.dumps(asdict(read_spec(model)), sort_keys=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    program.save(part)
    part.replace(out)


class OnnxNetwork(nn.Module):
    """An exported graph in the network's place: windows (B, 3, WINDOW_PX, WINDOW_PX) in, ModelOutput out."""

    def __init__(self, path: Path, threads: int):
        super().__init__()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def forward(self, x: Tensor) -> ModelOutput:
        """Judge windows one after another."""
        found = [self._session.run(list(OUTPUTS), {"window": window[None].numpy()}) for window in x]
        logit, places, evidence, noise = (torch.from_numpy(np.concatenate(part)) for part in zip(*found, strict=True))
        return ModelOutput(logit, places, evidence, noise, attention=None)


def difference(model: Path, graph: Path, images: Iterable[Path], report: Callable[[Progress], None]) -> Difference:
    """Judge images with a detector file and with its graph, through the product's whole road, and compare.

    A refused image is said and left out.
    """
    ours = Detector.load(model, "cpu")
    network = cast(AnlDetector, OnnxNetwork(graph, torch.get_num_threads()))
    theirs = Detector(network, ours.model_id, ours.calibration, torch.device("cpu"))
    gaps, bands, paths = [], 0, list(images)
    with Decoder() as decoder:
        for number, path in enumerate(paths, start=1):
            try:
                image = decoder.decode_file(path)
            except ImageRefusedError as error:
                report(Progress("export", number, len(paths), message=f"{path.name} left out: {error}"))
                continue
            scores = (d.score(image.pixels, image.facts.was_jpeg) for d in (ours, theirs))
            one, other = (ours.calibration.probability(found.logit) for found in scores)
            gaps.append(abs(one - other))
            bands += ours.detect(image).band is not theirs.detect(image).band
            report(Progress("export", number, len(paths), values={"largest_difference": max(gaps)}))
    if not gaps:
        raise DataError("None of the images could be judged, so the graph was not compared. Name others.")
    return Difference(len(gaps), max(gaps), bands)
