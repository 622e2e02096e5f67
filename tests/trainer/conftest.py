"""A tiny labelled data set of synthetic photographs, and configurations that train in seconds."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core.model import ModelConfig
from noiselens_trainer.build import build_detector
from noiselens_trainer.config import DetectorConfig, HeadConfig, NoiseConfig, SplitConfig, TeacherConfig
from noiselens_trainer.data import Sample, read_manifest
from noiselens_trainer.teacher import PixelTeacher, train_teacher

SIDE = 160  # px

TINY_TEACHER = TeacherConfig(crop_px=32, channels=(8, 16), batch_size=2, steps=4, save_every=2)
TINY_NOISE = NoiseConfig(crop_px=32, batch_size=2, steps=6, save_every=2, workers=0)
TINY_DETECTOR = DetectorConfig(
    model=ModelConfig(taps=(0,), attention=True, noise_channels=16, heads=2, head_width=8),
    split=SplitConfig(folds=4),
    noise=TINY_NOISE,
    head=HeadConfig(steps=3, batch_size=4),
)


def _picture(rng: np.random.Generator, smooth: bool) -> Image.Image:
    small = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(float)
    if not smooth:
        picture = picture + rng.normal(0, 12, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of 4 real (noisy) and 4 generated (smooth) families of 3 images each."""
    folder = tmp_path_factory.mktemp("pool")
    rng = np.random.default_rng(0)
    rows = []
    for label in ("real", "generated"):
        for family in range(4):
            for number in range(3):
                name = f"{label}_{family}_{number}.png"
                _picture(rng, smooth=label == "generated").save(folder / name)
                rows.append({"path": name, "label": label, "source": f"{label}{family}", "family": f"family{family}"})
    path = folder / "pool.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def samples(manifest: Path) -> list[Sample]:
    """The manifest's samples."""
    return read_manifest(manifest)


@pytest.fixture(scope="session")
def base(samples: list[Sample], teacher: PixelTeacher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small detector without attention, its replay memory beside it: what fine-tuning starts from."""
    config = replace(TINY_DETECTOR, model=replace(TINY_DETECTOR.model, attention=False))
    folder = tmp_path_factory.mktemp("base")
    return build_detector(samples, "pool.csv", teacher, config, "tiny-base", folder, "cpu", lambda _: None).file


@pytest.fixture(scope="session")
def teacher(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> PixelTeacher:
    """A teacher trained for four steps: enough to have a shape, not to know anything."""
    import torch

    config = replace(TINY_TEACHER, seed=1)
    folder = tmp_path_factory.mktemp("teacher")
    return train_teacher(samples, config, folder, lambda _: None, torch.device("cpu"))
