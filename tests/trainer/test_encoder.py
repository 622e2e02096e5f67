"""The frozen encoder out of an ONNX export, plain and 8-bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from noiselens_core.model import Encoder
from noiselens_trainer.data import DataError
from noiselens_trainer.encoder import read_clip

DEPTH = 1
NAMES = {
    "patches.weight": "embeddings.patch_embedding.weight",
    "class_token": "embeddings.class_embedding",
    "positions": "embeddings.position_embedding.weight",
    "norm.weight": "pre_layrnorm.weight",
    "norm.bias": "pre_layrnorm.bias",
    "blocks.0.out.bias": "encoder.layers.0.self_attn.out_proj.bias",
    "blocks.0.up.bias": "encoder.layers.0.mlp.fc1.bias",
    "blocks.0.down.bias": "encoder.layers.0.mlp.fc2.bias",
    "blocks.0.norm_1.weight": "encoder.layers.0.layer_norm1.weight",
    "blocks.0.norm_1.bias": "encoder.layers.0.layer_norm1.bias",
    "blocks.0.norm_2.weight": "encoder.layers.0.layer_norm2.weight",
    "blocks.0.norm_2.bias": "encoder.layers.0.layer_norm2.bias",
}
MATRICES = {"out": "self_attn/out_proj", "up": "mlp/fc1", "down": "mlp/fc2"}


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    """An encoder of one block with weights that 8 bits can hold exactly: multiples of 1/64."""
    torch.manual_seed(0)
    state = Encoder(DEPTH).state_dict()
    return {k: torch.randint(-127, 128, v.shape) / 64 for k, v in state.items()}


def _export(path: Path, weights: dict[str, torch.Tensor], eight_bit: bool) -> Path:
    """Write what an exporter of the CLIP release writes, as far as weights go: names, constants, products."""
    initializers = [numpy_helper.from_array(weights[k].numpy(), f"vision_model.{v}") for k, v in NAMES.items()]
    matrices = {MATRICES[k]: weights[f"blocks.0.{k}.weight"] for k in MATRICES}
    for part, matrix, bias in zip(
        "qkv", weights["blocks.0.qkv.weight"].chunk(3), weights["blocks.0.qkv.bias"].chunk(3), strict=True
    ):
        matrices[f"self_attn/{part}_proj"] = matrix
        name = f"vision_model.encoder.layers.0.self_attn.{part}_proj.bias"
        initializers.append(numpy_helper.from_array(bias.numpy(), name))
    nodes = []
    for i, (layer, matrix) in enumerate(matrices.items()):
        node, constant = f"/vision_model/encoder/layers.0/{layer}/MatMul", f"onnx::MatMul_{i}"
        columns = np.ascontiguousarray(matrix.numpy().T)
        if eight_bit:
            initializers += [
                numpy_helper.from_array((columns * 64 + 3).astype(np.int16).astype(np.int32), f"{constant}_quantized"),
                numpy_helper.from_array(np.full(columns.shape[1], 1 / 64, np.float32), f"{constant}_scale"),
                numpy_helper.from_array(np.full(columns.shape[1], 3, np.int32), f"{constant}_zero_point"),
            ]
            inputs = ["x", f"{constant}_quantized", "zero", f"{constant}_zero_point"]
            nodes.append(helper.make_node("MatMulInteger", inputs, [f"y{i}"], name=f"{node}_quant"))
        else:
            initializers.append(numpy_helper.from_array(columns, constant))
            nodes.append(helper.make_node("MatMul", ["x", constant], [f"y{i}"], name=node))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 224, 224])
    graph = helper.make_graph(nodes, "tower", [x], [x], initializers)
    onnx.save(helper.make_model(graph), path)
    return path


@pytest.mark.parametrize("eight_bit", [False, True])
def test_an_export_gives_the_encoder_its_weights(
    tmp_path: Path, weights: dict[str, torch.Tensor], eight_bit: bool
) -> None:
    read = read_clip(_export(tmp_path / "clip.onnx", weights, eight_bit), DEPTH)
    assert read.keys() == weights.keys()
    for name, value in weights.items():
        assert torch.equal(read[name], value), name


def test_what_is_no_export_is_one_sentence(tmp_path: Path, weights: dict[str, torch.Tensor]) -> None:
    text = tmp_path / "text.onnx"
    text.write_bytes(b"not a model")
    with pytest.raises(DataError, match="no ONNX file"):
        read_clip(text, DEPTH)
    with pytest.raises(DataError, match="does not fit"):
        read_clip(_export(tmp_path / "short.onnx", weights, eight_bit=False), DEPTH + 1)
