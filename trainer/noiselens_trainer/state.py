"""A training run's state in one safetensors file, replaced whole: a kill at any moment leaves the last one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from noiselens_core.errors import NoiseLensError


class RunError(NoiseLensError):
    """A training run that cannot go on."""


def config_text(config: Any) -> str:
    """Return a dataclass as canonical JSON; two runs with equal text are the same run."""
    return json.dumps(asdict(config), sort_keys=True)


def save_state(
    path: Path, step: int, model: nn.Module, ema: nn.Module, optimizer: torch.optim.Optimizer, config: Any
) -> None:
    """Write the run's state after `step` optimiser steps, atomically."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"ema.{k}": v for k, v in ema.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": torch.as_tensor(v) for k, v in state.items()}
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={"step": str(step), "config": config_text(config)})
    part.replace(path)


def load_state(path: Path, model: nn.Module, ema: nn.Module, optimizer: torch.optim.Optimizer, config: Any) -> int:
    """Load the run's state and return its step; 0 when there is none yet.

    Raises RunError when the state was written with another configuration.
    """
    if not path.exists():
        return 0
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
            tensors: dict[str, Tensor] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise RunError(f"The run's state {path} cannot be read ({error}). Remove it to start anew.") from error
    if metadata["config"] != config_text(config):
        raise RunError(f"{path.parent} holds a run with other settings. Choose another folder or remove it.")

    def part(name: str) -> dict[str, Tensor]:
        return {k.removeprefix(f"{name}."): v for k, v in tensors.items() if k.startswith(f"{name}.")}

    model.load_state_dict(part("model"))
    ema.load_state_dict(part("ema"))
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in part("optimizer").items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(metadata["step"])


@torch.no_grad()
def update_ema(ema: nn.Module, model: nn.Module, decay: float) -> None:
    """Move `ema` towards `model`: parameters by (1 - decay), buffers (batch-norm statistics) copied."""
    for target, source in zip(ema.parameters(), model.parameters(), strict=True):
        target.lerp_(source, 1 - decay)
    for kept, now in zip(ema.buffers(), model.buffers(), strict=True):
        kept.copy_(now)
