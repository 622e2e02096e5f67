"""Tiny autoencoders of others (taesd and its kin) out of their two state dicts, whose names tell every layer.

FOLDER/*encoder.pth and FOLDER/*decoder.pth, or .safetensors. The layers are numbered as in an nn.Sequential: plain
convolutions, residual blocks of three, blocks with a normed 1 x 1 branch; what has no weights is known by its place.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from .data import DataError

State = dict[str, Tensor]


class _Block(nn.Module):
    """Three convolutions beside a skip; with `pooled` a normed 1 x 1 branch is added first."""

    def __init__(self, width: int, pooled: bool):
        super().__init__()
        convs = [nn.Conv2d(width, width, 3, 1, 1) for _ in range(3)]
        self.conv = nn.Sequential(convs[0], nn.ReLU(), convs[1], nn.ReLU(), convs[2])
        wide = 4 * width
        self.pool = (
            nn.Sequential(
                nn.Conv2d(width, wide, 1, bias=False),
                nn.GroupNorm(4, wide),
                nn.ReLU(),
                nn.Conv2d(wide, width, 1, bias=False),
            )
            if pooled
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.pool is not None:
            x = x + self.pool(x)
        return torch.relu(self.conv(x) + x)


class _Clamp(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x / 3) * 3


def _network(state: State, decoder: bool) -> nn.Sequential:
    """Return the network a state dict belongs to, with its weights."""
    layers: list[nn.Module] = []
    last = max(int(key.partition(".")[0]) for key in state)
    for index in range(last + 1):
        weight = state.get(f"{index}.weight")
        if f"{index}.conv.0.weight" in state:
            layers.append(_Block(len(state[f"{index}.conv.0.weight"]), f"{index}.pool.0.weight" in state))
        elif weight is not None:
            biased = f"{index}.bias" in state
            stride = 1 if biased or decoder else 2
            layers.append(
                nn.Conv2d(weight.shape[1], len(weight), weight.shape[2], stride, weight.shape[2] // 2, bias=biased)
            )
        elif index == 0:
            layers.append(_Clamp())
        else:  # a ReLU follows the decoder's first convolution; the rest double the sides
            layers.append(nn.ReLU() if index == 2 else nn.Upsample(scale_factor=2))
    network = nn.Sequential(*layers)
    network.load_state_dict({key: value.float() for key, value in state.items()})
    return network


def _read(folder: Path, part: str) -> State:
    found = sorted([*folder.glob(f"*{part}.safetensors"), *folder.glob(f"*{part}.pth")])
    if not found:
        raise DataError(f"{folder} holds no {part}. Give a folder with an encoder and a decoder of taesd's form.")
    if found[0].suffix == ".safetensors":
        return load_file(found[0])
    state: State = torch.load(found[0], map_location="cpu", weights_only=True)
    return state


class TinyAutoencoder(nn.Module):
    """Encoder and decoder of taesd's form: pictures (B, 3, H, W) in [-1, 1] to the same; sides multiples of 8."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    @torch.no_grad()
    def remake(self, x: Tensor) -> Tensor:
        """Return the pictures after a pass, clamped."""
        return (self.decoder(self.encoder((x + 1) / 2)) * 2 - 1).clamp(-1, 1)  # type: ignore[no-any-return]


def load_taesd(folder: Path) -> TinyAutoencoder:
    """Load a folder of taesd's form, frozen. Raises DataError."""
    try:
        made = TinyAutoencoder(_network(_read(folder, "encoder"), False), _network(_read(folder, "decoder"), True))
    except (
        OSError,
        SafetensorError,
        pickle.UnpicklingError,
        RuntimeError,
        KeyError,
        ValueError,
        AttributeError,
    ) as error:
        raise DataError(
            f"{folder} is no autoencoder of taesd's form. Give its encoder and decoder as published."
        ) from error
    return made.eval().requires_grad_(False)
