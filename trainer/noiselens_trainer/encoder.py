"""The frozen encoder out of an ONNX export of CLIP ViT-B/16's image tower, plain or 8-bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from noiselens_core.model import Encoder

from .data import DataError

SOURCE = "CLIP ViT-B/16 image tower (OpenAI, MIT licence)"
_TOWER = "vision_model."
_LINEARS = {"out": "self_attn.out_proj", "up": "mlp.fc1", "down": "mlp.fc2"}
_NORMS = {"norm_1": "layer_norm1", "norm_2": "layer_norm2"}


def read_clip(path: Path, depth: int) -> dict[str, Tensor]:
    """Return the state dict of `model.Encoder(depth)` read from an ONNX file with the names of the CLIP release.

    Matrices of a dynamically quantised export are brought back to floats. Raises DataError.
    """
    import onnx
    from onnx import numpy_helper

    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf has errors of its own
        raise DataError(f"{path} is no ONNX file ({error}). Give an export of CLIP ViT-B/16's image tower.") from error
    values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    matrices = dict(_matrix(node, values) for node in graph.node if node.op_type in {"MatMul", "MatMulInteger"})

    def value(name: str) -> Tensor:
        return torch.from_numpy(np.array(values[_TOWER + name], np.float32))

    def matrix(layer: str) -> Tensor:
        found = [m for name, m in matrices.items() if m is not None and f"/{layer}/" in name]
        if len(found) != 1:
            raise KeyError(layer)
        return torch.from_numpy(np.ascontiguousarray(found[0].T))

    try:
        weights = {
            "patches.weight": value("embeddings.patch_embedding.weight"),
            "class_token": value("embeddings.class_embedding"),
            "positions": value("embeddings.position_embedding.weight"),
            "norm.weight": value("pre_layrnorm.weight"),
            "norm.bias": value("pre_layrnorm.bias"),
        }
        for i in range(depth):
            theirs, slashed, ours = f"encoder.layers.{i}.", f"encoder/layers.{i}/", f"blocks.{i}."
            parts = [f"self_attn.{p}_proj" for p in "qkv"]
            weights[ours + "qkv.weight"] = torch.cat([matrix(slashed + p.replace(".", "/")) for p in parts])
            weights[ours + "qkv.bias"] = torch.cat([value(f"{theirs}{p}.bias") for p in parts])
            for name, part in _LINEARS.items():
                weights[f"{ours}{name}.weight"] = matrix(slashed + part.replace(".", "/"))
                weights[f"{ours}{name}.bias"] = value(f"{theirs}{part}.bias")
            for name, part in _NORMS.items():
                weights[f"{ours}{name}.weight"] = value(f"{theirs}{part}.weight")
                weights[f"{ours}{name}.bias"] = value(f"{theirs}{part}.bias")
        Encoder(depth).load_state_dict(weights)
    except (KeyError, RuntimeError) as error:
        raise DataError(f"{path} is no export of CLIP ViT-B/16's image tower: {error} does not fit.") from error
    return weights


def _matrix(node: Any, values: dict[str, np.ndarray[Any, Any]]) -> tuple[str, np.ndarray[Any, Any] | None]:
    """Return a product's name and its constant right side (in, out) as floats; None when it has none."""
    name = node.input[1]
    if name not in values:
        return node.name, None
    if node.op_type == "MatMul":
        return node.name, values[name].astype(np.float32)
    base = name.removesuffix("_quantized")
    zero = values[base + "_zero_point"].astype(np.float32)
    return node.name, (values[name].astype(np.float32) - zero) * values[base + "_scale"]
