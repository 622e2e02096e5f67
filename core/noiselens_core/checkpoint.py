"""Detector files: safetensors with a typed description; anything that does not fit is refused.

The frozen encoder is not in them: it is shared (encoder_weights.py), so a detector file is small.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .calibration import Calibration, Thresholds
from .crops import WINDOW_PX
from .encoder_weights import ENCODER, digest, load_encoder, load_integers
from .errors import ModelError
from .files import is_file
from .model import AnlDetector, Encoder, ModelConfig
from .products import expect_integers, multiplies_integers, quicken

ARCHITECTURE = f"anl-{ENCODER}"  # raised when model.py's layers change their meaning
PREPROCESSING = f"windows-{WINDOW_PX}"
WEIGHTS = Path(__file__).parent / "weights"
SHIPPED_DETECTOR = WEIGHTS / "noiselens-anl-4.safetensors"
_KEY = "noiselens"


@dataclass(frozen=True)
class DetectorSpec:
    """What a detector file says of itself.

    Attributes:
        id: name on every verdict.
        model: shape of the network.
        calibration: fitted on left-out families.
        data: what it was trained on, in words.
        figures: measured on left-out families, name -> value.
        licence: SPDX id of the weights.
        weights_sha256: digest over all tensors; checked on loading.
    """

    id: str
    model: ModelConfig
    calibration: Calibration
    data: str
    licence: str
    figures: dict[str, float] = field(default_factory=dict)
    architecture: str = ARCHITECTURE
    preprocessing: str = PREPROCESSING
    weights_sha256: str = ""


def _own(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Leave out the encoder, which is frozen and lies beside every detector file once."""
    return {k: v for k, v in tensors.items() if not k.startswith("encoder.")}


def save_detector(path: Path, model: AnlDetector, spec: DetectorSpec) -> None:
    """Write all weights but the encoder's, and the description, replacing the file whole."""
    tensors = {k: v.detach().cpu().contiguous() for k, v in _own(model.state_dict()).items()}
    described = asdict(spec) | {"model": asdict(model.config), "weights_sha256": digest(tensors)}
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={_KEY: json.dumps(described, sort_keys=True)})
    part.replace(path)


def _calibration(data: dict[str, Any]) -> Calibration:
    presets = {name: Thresholds(**values) for name, values in data.get("presets", {}).items()}
    return Calibration(**{**data, "presets": presets})


def read_spec(path: Path) -> DetectorSpec:
    """Read a file's description without its weights. Raises ModelError."""
    if not is_file(path):
        raise ModelError(f"There is no model file at {path}. Choose a .safetensors file made by NoiseLens.")
    try:
        with safe_open(path, "pt") as file:
            data = json.loads((file.metadata() or {})[_KEY])
        spec = DetectorSpec(
            **{
                **data,
                "model": ModelConfig(**{**data["model"], "taps": tuple(data["model"]["taps"])}),
                "calibration": _calibration(data["calibration"]),
            }
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path.name} is not a NoiseLens model. Choose a file made by noiselens-train.") from error
    if (spec.architecture, spec.preprocessing) != (ARCHITECTURE, PREPROCESSING):
        raise ModelError(
            f"{path.name} was made for {spec.architecture} / {spec.preprocessing}; this version runs "
            f"{ARCHITECTURE} / {PREPROCESSING}. Train it anew or use the NoiseLens it came with."
        )
    return spec


def make_encoder(depth: int, device: torch.device, *, looking: bool) -> Encoder:
    """Return the frozen encoder of `depth` blocks with its weights. Raises ModelError.

    looking: it will do nothing but look at images, so it may compute in the fastest way there is on the device
    (products.py). Such an encoder can be neither moved nor exported.
    """
    integers = looking and multiplies_integers(device)
    with torch.device("meta"):  # drawing 70 million numbers only to replace them takes time and memory
        encoder = Encoder(depth)
        if integers:
            expect_integers(encoder)
    encoder.load_state_dict((load_integers if integers else load_encoder)(WEIGHTS, depth), assign=True)
    encoder = encoder.to(device).eval()
    if looking and not integers:
        quicken(encoder)
    return encoder


def load_detector(path: Path, device: torch.device, *, looking: bool = False) -> tuple[AnlDetector, DetectorSpec]:
    """Load a detector in evaluation mode. Raises ModelError when file and description disagree.

    looking: as in `make_encoder`.
    """
    spec = read_spec(path)
    with torch.device("meta"):
        model = AnlDetector(spec.model)
    del model.encoder  # it is in no detector file
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        model.load_state_dict(tensors, assign=True)
        model.encoder = make_encoder(spec.model.depth, device, looking=looking)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelError(f"The weights in {path.name} do not fit their description. Get the file again.") from error
    if digest(tensors) != spec.weights_sha256:
        raise ModelError(f"The weights in {path.name} were changed after they were saved. Get the file again.")
    return model.to(device).eval(), spec
