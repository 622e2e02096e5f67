"""What the tests of the command line share: runs of it, images and detectors for them, and somebody without rights."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import DetectorSpec, save_detector
from noiselens_core.model import AnlDetector, ModelConfig

PROGRAM = [sys.executable, "-c", "from noiselens_core.cli import main; main()"]


@dataclass
class Run:
    """What one run of the program left."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Program = Callable[..., Run]


def save_model(path: Path, bias: float) -> Path:
    """Save a detector of random weights whose calibration ignores them: sigmoid(bias) for every image."""
    torch.manual_seed(0)
    spec = DetectorSpec(path.stem, ModelConfig(taps=(0,)), Calibration(temperature=1e9, bias=bias), "none", "CC0-1.0")
    save_detector(path, AnlDetector(spec.model), spec)
    return path


def save_image(path: Path | bytes, side: int = 160, seed: int = 0) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    Path(os.fsdecode(path)).write_bytes(buffer.getvalue())


@contextmanager
def unprivileged() -> Iterator[None]:
    """Act as nobody if we are root, whom no right is denied."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
