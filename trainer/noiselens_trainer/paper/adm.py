"""Checkpoints of OpenAI's guided-diffusion (Dhariwal and Nichol 2021), renamed to a diffusers U-Net."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..data import DataError

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
}
_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


@dataclass(frozen=True)
class AdmLayout:
    """Shape of an ADM U-Net with residual up- and down-sampling, scale-shift norm and learned variance."""

    channels: tuple[int, ...]  # width a level
    attention: tuple[bool, ...]  # whether a level attends
    layers: int  # residual blocks a level, downwards
    head_channels: int  # channels an attention head
    side: int  # px of its training images
    groups: int = 32  # of every group norm

    def diffusers_config(self) -> dict[str, Any]:
        """Return the arguments of the UNet2DModel with the same forward pass."""
        down = ["AttnDownBlock2D" if a else "ResnetDownsampleBlock2D" for a in self.attention]
        up = ["AttnUpBlock2D" if a else "ResnetUpsampleBlock2D" for a in reversed(self.attention)]
        return {
            "sample_size": self.side,
            "in_channels": 3,
            "out_channels": 6,  # noise, then what its variance is made of
            "block_out_channels": self.channels,
            "layers_per_block": self.layers,
            "down_block_types": tuple(down),
            "up_block_types": tuple(up),
            "attention_head_dim": self.head_channels,
            "norm_num_groups": self.groups,
            "attn_norm_num_groups": self.groups,
            "resnet_time_scale_shift": "scale_shift",
            "downsample_type": "resnet",
            "upsample_type": "resnet",
            "flip_sin_to_cos": True,
            "freq_shift": 0,
        }


ADM_256 = AdmLayout(
    channels=(256, 256, 512, 512, 1024, 1024),
    attention=(False, False, False, True, True, True),
    layers=2,
    head_channels=64,
    side=256,
)


def read_adm(path: Path) -> dict[str, Tensor]:
    """Read a checkpoint's tensors, and nothing but tensors. Raises DataError."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError, EOFError, ValueError) as error:
        raise DataError(f"{path} is no checkpoint of weights alone. Get the file from its publisher again.") from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise DataError(f"{path} holds something else than named weights. Get the file from its publisher again.")
    return {k: v.float() for k, v in state.items()}


def to_diffusers(state: dict[str, Tensor], layout: AdmLayout) -> dict[str, Tensor]:
    """Return the state dict of UNet2DModel(**layout.diffusers_config()). Raises KeyError for a missing tensor."""
    made: dict[str, Tensor] = {}

    def copy(theirs: str, ours: str) -> None:
        for kind in ("weight", "bias"):
            made[f"{ours}.{kind}"] = state[f"{theirs}.{kind}"]

    def resnet(theirs: str, ours: str) -> None:
        for new, old in _RESNET.items():
            copy(f"{theirs}.{old}", f"{ours}.{new}")
        if f"{theirs}.skip_connection.weight" in state:
            copy(f"{theirs}.skip_connection", f"{ours}.conv_shortcut")

    def attention(theirs: str, ours: str) -> None:
        copy(f"{theirs}.norm", f"{ours}.group_norm")
        for kind in ("weight", "bias"):
            qkv, out = state[f"{theirs}.qkv.{kind}"], state[f"{theirs}.proj_out.{kind}"]
            # Channels lie head by head, each with its own q, k and v: (heads, 3, d); ours are all q, all k, all v.
            apart = qkv.flatten(1) if kind == "weight" else qkv
            apart = apart.view(-1, 3, layout.head_channels, *apart.shape[1:]).transpose(0, 1)
            for name, part in zip("qkv", apart, strict=True):
                made[f"{ours}.to_{name}.{kind}"] = part.reshape(-1, *part.shape[2:])
            made[f"{ours}.to_out.0.{kind}"] = out.flatten(1) if kind == "weight" else out

    for new, old in _ENDS.items():
        copy(old, new)
    last, block = len(layout.channels) - 1, 1
    for level, attends in enumerate(layout.attention):
        for layer in range(layout.layers):
            resnet(f"input_blocks.{block}.0", f"down_blocks.{level}.resnets.{layer}")
            if attends:
                attention(f"input_blocks.{block}.1", f"down_blocks.{level}.attentions.{layer}")
            block += 1
        if level < last:
            resnet(f"input_blocks.{block}.0", f"down_blocks.{level}.downsamplers.0")
            block += 1
    resnet("middle_block.0", "mid_block.resnets.0")
    attention("middle_block.1", "mid_block.attentions.0")
    resnet("middle_block.2", "mid_block.resnets.1")
    block = 0
    for level, attends in enumerate(reversed(layout.attention)):
        for layer in range(layout.layers + 1):
            resnet(f"output_blocks.{block}.0", f"up_blocks.{level}.resnets.{layer}")
            if attends:
                attention(f"output_blocks.{block}.1", f"up_blocks.{level}.attentions.{layer}")
            if level < last and layer == layout.layers:
                resnet(f"output_blocks.{block}.{2 if attends else 1}", f"up_blocks.{level}.upsamplers.0")
            block += 1
    return made
