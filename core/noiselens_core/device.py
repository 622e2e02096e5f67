"""Which processor torch uses."""

from __future__ import annotations

import torch

from .errors import ModelError


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of that name; auto takes cuda, then mps, then cpu.

    Raises ModelError when the named device is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, present in there.items() if present))
    if not there.get(name):
        raise ModelError(
            f"There is no device '{name}' here. Use one of: auto, {', '.join(k for k in there if there[k])}."
        )
    return torch.device(name)
