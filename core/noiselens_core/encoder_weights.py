"""The frozen encoder's weights: 8-bit safetensors in parts, shared by every detector file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .errors import ModelError

ENCODER = "clip-vit-b16"
BLOCKS_PER_PART = 3  # keeps every part under 24 MB
_SCALE = ".scale"


def digest(tensors: dict[str, Tensor]) -> str:
    """Return the sha256 over all tensors' names and bytes, in hex."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode())
        found.update(tensors[name].detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def part_path(folder: Path, part: int) -> Path:
    """Return the file of a part: 0 holds the embeddings and the first blocks."""
    return folder / f"{ENCODER}-part{part + 1}.safetensors"


def _part_of(name: str) -> int:
    return int(name.split(".")[1]) // BLOCKS_PER_PART if name.startswith("blocks.") else 0


def save_encoder(folder: Path, weights: dict[str, Tensor], licence: str) -> list[Path]:
    """Write an encoder's parts to `folder` and return their paths.

    weights: a state dict of `model.Encoder`. Matrices of blocks are kept as 8-bit integers with one scale a row; the
    rest as 16-bit floats.
    """
    parts: dict[int, dict[str, Tensor]] = {}
    for name, value in weights.items():
        part = parts.setdefault(_part_of(name), {})
        if name.startswith("blocks.") and value.dim() == 2:
            scale = value.abs().amax(1) / 127
            part[name] = torch.round(value / scale[:, None]).to(torch.int8)
            part[name + _SCALE] = scale.float()
        else:
            part[name] = value.half().contiguous()
    paths = []
    for number, tensors in sorted(parts.items()):
        path = part_path(folder, number)
        save_file(tensors, path, metadata={"id": ENCODER, "licence": licence, "sha256": digest(tensors)})
        paths.append(path)
    return paths


def load_encoder(folder: Path, depth: int) -> dict[str, Tensor]:
    """Return the state dict of an encoder of `depth` blocks in float32. Raises ModelError."""
    weights = load_integers(folder, depth)
    for name in [name for name in weights if name.endswith(_SCALE)]:
        matrix = name.removesuffix(_SCALE) + ".weight"
        weights[matrix] = weights[matrix].float() * weights.pop(name)[:, None]
    return weights


def load_integers(folder: Path, depth: int) -> dict[str, Tensor]:
    """Return the state dict of an encoder of `depth` blocks whose layers are `products.IntegerLinear`.

    Matrices of blocks are int8, a layer's `scale` float32, one a row; the rest is float32. Raises ModelError.
    """
    weights: dict[str, Tensor] = {}
    for part in range(-(-depth // BLOCKS_PER_PART)):
        path = part_path(folder, part)
        try:
            with safe_open(path, "pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                expected = file.metadata()["sha256"]
        except (OSError, SafetensorError, KeyError, TypeError) as error:
            raise ModelError(f"The encoder's weights {path.name} cannot be read. Install NoiseLens again.") from error
        if digest(tensors) != expected:
            raise ModelError(f"The encoder's weights {path.name} were changed. Install NoiseLens again.")
        for name, value in tensors.items():
            if not name.startswith("blocks.") or int(name.split(".")[1]) < depth:
                weights[name.replace(".weight.scale", _SCALE)] = value if value.dtype == torch.int8 else value.float()
    return weights
