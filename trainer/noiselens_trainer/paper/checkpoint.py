"""Trained files of the paper recipe: safetensors with a typed description, of an architecture of their own.

The product's detector does not load them: it has one network, one preprocessing and one calibration, and these have
others. `noiselens-train evaluate --table paper` judges with them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from noiselens_core.encoder_weights import digest
from noiselens_core.errors import ModelError

from .backbones import build_backbone
from .config import NetworkConfig
from .network import PaperNetwork

ARCHITECTURE = "anl-paper-1"  # raised when network.py's layers change their meaning
_KEY = "noiselens"


@dataclass(frozen=True)
class PaperSpec:
    """What a trained file says of itself.

    Attributes:
        id: name in tables.
        network: shape of what is around the backbone.
        backbone: transformers' description of it.
        crop_px: side of a native crop.
        teacher, target: what its noise was.
        target_channels, target_stride: of the teacher's space.
        steps: optimiser steps it was trained for.
        weights_sha256: digest over all tensors; checked on loading.
    """

    id: str
    network: NetworkConfig
    backbone: dict[str, Any]
    crop_px: int
    teacher: str
    target: dict[str, Any]
    target_channels: int
    target_stride: int
    steps: int
    architecture: str = ARCHITECTURE
    weights_sha256: str = ""


def save_paper(path: Path, network: PaperNetwork, spec: PaperSpec) -> None:
    """Write weights and description, replacing the file whole."""
    tensors = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    described = json.dumps(asdict(spec) | {"weights_sha256": digest(tensors)}, sort_keys=True)
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={_KEY: described})
    part.replace(path)


def is_paper(path: Path) -> bool:
    """Return whether a file says that it is of this architecture."""
    try:
        with safe_open(path, "pt") as file:
            return str(json.loads((file.metadata() or {})[_KEY])["architecture"]) == ARCHITECTURE
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return False


def load_paper(path: Path, device: torch.device) -> tuple[PaperNetwork, PaperSpec]:
    """Load a trained file in evaluation mode. Raises ModelError when file and description disagree."""
    try:
        with safe_open(path, "pt") as file:
            data = json.loads(file.metadata()[_KEY])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        spec = PaperSpec(**{**data, "network": NetworkConfig(**data["network"])})
        backbone = build_backbone(spec.network.backbone, spec.backbone)
        network = PaperNetwork(spec.network, backbone, spec.target_channels, spec.target_stride)
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path.name} is no file of the paper recipe, or its weights do not fit it.") from error
    if spec.architecture != ARCHITECTURE:
        raise ModelError(f"{path.name} was made for {spec.architecture}; this version runs {ARCHITECTURE}.")
    if digest(tensors) != spec.weights_sha256:
        raise ModelError(f"The weights in {path.name} were changed after they were saved. Get the file again.")
    return network.to(device).eval(), spec
