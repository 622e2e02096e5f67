"""The ONNX graph judges as the network does, and says what it is."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import torch

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import WEIGHTS, DetectorSpec, read_spec, save_detector
from noiselens_core.cli import SAMPLES
from noiselens_core.encoder_weights import load_encoder
from noiselens_core.model import AnlDetector, ModelConfig
from noiselens_trainer.data import DataError
from noiselens_trainer.export import OnnxNetwork, difference, export_onnx


@pytest.fixture(scope="module")
def detector_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector of one encoder block with attention and a random head, so that every output says something."""
    torch.manual_seed(0)
    model = AnlDetector(ModelConfig(taps=(0,), attention=True, noise_channels=16, heads=2, head_width=8))
    model.encoder.load_state_dict(load_encoder(WEIGHTS, 1))
    torch.nn.init.normal_(model.attention.classifier.weight)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_detector(
        path, model, DetectorSpec("tiny", model.config, Calibration(temperature=2.0), "nothing", "Apache-2.0")
    )
    return path


@pytest.fixture(scope="module")
def graph(detector_file: Path) -> Path:
    path = detector_file.with_suffix(".onnx")
    export_onnx(detector_file, path)
    return path


def test_verdicts_of_the_graph_are_those_of_the_network(detector_file: Path, graph: Path) -> None:
    images = [SAMPLES / "rocket.jpg", SAMPLES / "coffee.png", SAMPLES / "ORIGINS.md"]
    said: list[str] = []
    found = difference(detector_file, graph, images, lambda p: said.append(p.message))
    assert found.images == 2
    assert found.bands == 0
    assert found.probability < 1e-4
    assert said[-1].startswith("ORIGINS.md left out")


def test_the_graph_depends_on_its_input_and_on_every_window(graph: Path) -> None:
    x = torch.rand(2, 3, 224, 224) * 2 - 1
    network = OnnxNetwork(graph, 1)
    both, second = network(x), network(x[1:])
    assert both.logit[0] != both.logit[1]
    assert torch.equal(both.noise[1], second.noise[0])


def test_another_detector_is_told_apart(detector_file: Path, graph: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = AnlDetector(read_spec(detector_file).model)
    other = tmp_path / "other.safetensors"
    save_detector(other, model, read_spec(detector_file))
    assert difference(other, graph, [SAMPLES / "coffee.png"], lambda _: None).probability > 1e-3


def test_the_graph_carries_the_detectors_description(detector_file: Path, graph: Path) -> None:
    metadata = {entry.key: entry.value for entry in onnx.load(graph).metadata_props}
    described = json.loads(metadata["noiselens"])
    assert described["id"] == "tiny"
    assert described["calibration"]["temperature"] == 2
    assert described["weights_sha256"] == read_spec(detector_file).weights_sha256


def test_nothing_to_compare_on_is_said(detector_file: Path, graph: Path) -> None:
    with pytest.raises(DataError, match="None of the images"):
        difference(detector_file, graph, [SAMPLES / "ORIGINS.md"], lambda _: None)
