"""Configuration of training: frozen dataclasses, one line a field with its unit, saved beside the weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from noiselens_core.model import ModelConfig


@dataclass(frozen=True)
class SplitConfig:
    """Which families of a manifest train, calibrate and test; never by image."""

    folds: int = 8  # families are dealt into so many folds, balanced by images for each label
    test_fold: int = 5  # left out: figures are quoted on it, nothing is chosen by it
    calibration_fold: int = 4  # left out of training; the probability is calibrated on it
    seed: int = 0


@dataclass(frozen=True)
class TeacherConfig:
    """A small pixel DDPM (Ho et al. 2020) on native crops of real photographs."""

    crop_px: int = 64  # side of a training crop, native pixels
    channels: tuple[int, ...] = (16, 32, 64)  # U-Net width a level
    train_timesteps: int = 1000  # T of the linear beta schedule
    batch_size: int = 32  # crops
    steps: int = 1400  # optimiser steps
    learning_rate: float = 4e-4
    ema_decay: float = 0.999
    seed: int = 0
    save_every: int = 250  # steps


@dataclass(frozen=True)
class DetectorConfig:
    """ANL training (docs/METHOD.md 1)."""

    model: ModelConfig = field(default_factory=ModelConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    teacher_timestep: int = 50  # t of target T0, out of the teacher's train_timesteps
    noise_weight: float = 0.3  # lambda_n
    noise_crops: int = 8  # crops of a batch that the teacher sees; it costs more than the detector
    attention_weight: float = 0.05  # lambda_a
    noise_warmup: int = 300  # first steps, in which the encoder is frozen and the new layers learn
    batch_size: int = 32  # crops, both classes equally likely
    steps: int = 2000  # optimiser steps
    learning_rate: float = 1e-3  # of the new layers, cosine to zero
    encoder_rate: float = 0.25  # the warm-started encoder's share of learning_rate
    weight_decay: float = 0.05
    ema_decay: float = 0.998
    label_smoothing: float = 0.05
    source_power: float = 0.5  # a source of n images is drawn in proportion to n ** power
    seed: int = 0
    save_every: int = 100  # steps
    workers: int = 1  # data-loading processes


@dataclass(frozen=True)
class CalibrationConfig:
    """How the two thresholds are set on left-out families."""

    # Share of real images that may be called likely_generated, a tier; the worst tier sets the threshold.
    false_accusations: dict[str, float] = field(default_factory=lambda: {"clean-eq": 0.01, "web": 0.01, "hard": 0.02})
    missed: float = 0.05  # share of generated images that may be called likely_real, in every tier
