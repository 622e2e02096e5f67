"""Settings of a run at paper scale: frozen dataclasses, one line a field with its unit, saved beside the weights."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from ..data import DataError

T = TypeVar("T")
SIDE_STEP_PX = 32  # the deepest teacher and the deepest backbone halve a crop five times


@dataclass(frozen=True)
class NetworkConfig:
    """The trainable network (docs/METHOD.md 1.1-1.3, 1.6 with a backbone of one's own)."""

    backbone: str = "resnet"  # resnet, dinov2 or clip: which of transformers' classes
    weights: str = ""  # folder of its pretrained weights; empty starts from nothing
    lora: int = 0  # rank of adapters on the attention of a frozen dinov2 or clip; 0 trains the backbone whole
    freeze_batch_norm: bool = True  # pretrained statistics stay; without it they are shared between processes on GPUs
    residual: bool = True  # the noise head's pixel path sees r = [x, x - median(x)]; without it r = x
    pixel_path: bool = True  # the noise head reads pixels as well as the backbone's maps
    noise_channels: int = 64  # width of the noise head at stride 4
    attention: bool = True  # noise-guided attention; without it s = w . mean F4
    noise_bias: bool = True  # the attention is biased by the predicted noise
    heads: int = 4  # of the attention
    head_width: int = 32  # channels a head
    temperature: float = 1.0  # tau of its softmax


@dataclass(frozen=True)
class TargetConfig:
    """What the frozen diffusion model is asked (docs/PAPER_SCALE.md 3)."""

    kind: str = "T0"  # T0 one pass, T1 after DDIM inversion, T2 noise error averaged over fixed draws
    timestep: int = 50  # t, out of the teacher's schedule
    inversion_steps: int = 5  # k of T1
    draws: int = 4  # k of T2
    views: int = 4  # fixed crops of every image; with the cache a teacher's pass is paid once each
    cache_gib: float = 200.0  # of cached targets, all processes together; the oldest go first


@dataclass(frozen=True)
class PaperConfig:
    """An end-to-end run: L = BCE + lambda_n L_n + lambda_a L_a."""

    network: NetworkConfig = field(default_factory=NetworkConfig)
    target: TargetConfig = field(default_factory=TargetConfig)
    crop_px: int = 224  # side of a crop, native pixels
    delivery: bool = True  # a random delivery chain before the crop, the same for both classes
    batch_size: int = 256  # crops of all processes together
    steps: int = 50_000  # optimiser steps
    noise_only_steps: int = 0  # first steps with L_n alone: noise prediction as pre-training
    warm_up_steps: int = 1000  # the learning rate rises from 0, then falls along a cosine to 0
    learning_rate: float = 1e-4
    weight_decay: float = 0.05
    clip_norm: float = 1.0  # largest norm of the gradient
    noise_weight: float = 0.3  # lambda_n
    attention_weight: float = 0.05  # lambda_a
    ema_decay: float = 0.9995
    mixed_precision: str = "no"  # no, fp16 or bf16
    workers: int = 4  # data-loading processes of every process
    save_every: int = 500  # steps
    seed: int = 0

    def __post_init__(self) -> None:
        if self.crop_px % SIDE_STEP_PX:
            raise DataError(f"crop_px is {self.crop_px}; teacher and backbone need a multiple of {SIDE_STEP_PX}.")
        if self.target.kind not in {"T0", "T1", "T2"}:
            raise DataError(f"There is no target {self.target.kind}. Use T0, T1 or T2.")
        if self.mixed_precision not in {"no", "fp16", "bf16"}:
            raise DataError(f"There is no mixed_precision {self.mixed_precision}. Use no, fp16 or bf16.")


def read_settings(path: Path | None) -> PaperConfig:
    """Read a TOML file whose keys are the fields above, in tables [network] and [target]; None means all defaults.

    Raises DataError naming the key at fault.
    """
    if path is None:
        return PaperConfig()
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except OSError as error:
        raise DataError(f"The settings {path} cannot be read ({(error.strerror or 'read error').lower()}).") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"The settings {path} are not TOML: {error}. Correct them.") from error
    parts = {"network": NetworkConfig, "target": TargetConfig}
    for name, kind in parts.items():
        if name in values:
            values[name] = _checked(kind, values[name], path)
    return _checked(PaperConfig, values, path)


def _checked(kind: type[T], values: Any, path: Path) -> T:
    """Return the dataclass with these values when every key is a field and of its type."""
    defaults = {f.name: getattr(kind(), f.name) for f in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(values, dict):
        raise DataError(f"{path}: {values!r} stands where a table of settings belongs. Correct it.")
    for key, value in values.items():
        if key not in defaults:
            raise DataError(f"{path}: there is no setting '{key}'. Use one of: {', '.join(defaults)}.")
        wanted = type(defaults[key])
        whole = wanted is float and type(value) is int
        if type(value) is not wanted and not whole:
            raise DataError(
                f"{path}: '{key}' has to be of the kind {wanted.__name__}, as in {key} = {defaults[key]!r}."
            )
    return kind(**values)
