"""Tiny random backbones and teachers in their published formats, and settings that train in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from noiselens_trainer.paper.backbones import FAMILIES
from noiselens_trainer.paper.config import NetworkConfig, PaperConfig, TargetConfig
from noiselens_trainer.paper.targets import NoiseModel

SHAPES: dict[str, dict[str, object]] = {
    "resnet": {"embedding_size": 8, "hidden_sizes": [8, 16, 16, 24], "depths": [1, 1, 1, 1]},
    "dinov2": {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 2, "image_size": 56, "patch_size": 14},
    "clip": {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 4, "num_attention_heads": 2, "image_size": 64,
        "patch_size": 16,
    },
}  # fmt: skip
TINY_NETWORK = {"noise_channels": 16, "heads": 2, "head_width": 8}


@pytest.fixture(scope="session")
def backbone_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what saves a tiny random backbone of a family as transformers does, and its folder."""
    import transformers

    root = tmp_path_factory.mktemp("backbones")

    def folder(family: str) -> Path:
        path = root / family
        if not path.exists():
            torch.manual_seed(0)
            config = getattr(transformers, FAMILIES[family].config)(**SHAPES[family])
            getattr(transformers, FAMILIES[family].model)(config).save_pretrained(path)
        return path

    return folder


@pytest.fixture(scope="session")
def config(backbone_folder: Callable[[str], Path]) -> PaperConfig:
    """Settings of a run of six steps of four crops."""
    return PaperConfig(
        network=NetworkConfig(weights=str(backbone_folder("resnet")), **TINY_NETWORK),  # type: ignore[arg-type]
        target=TargetConfig(views=2),
        crop_px=64,
        batch_size=4,
        steps=6,
        warm_up_steps=2,
        learning_rate=1e-3,
        workers=0,
        save_every=2,
    )


def high_pass(x: torch.Tensor, t: int) -> torch.Tensor:
    """Stand for a diffusion model: what is left of x without its blur, which is close to what real ones see."""
    return x - torch.nn.functional.avg_pool2d(x, 3, 1, 1) * (1 - t / 1000)


@pytest.fixture(scope="session")
def noise_model() -> NoiseModel:
    """A teacher of pixels that costs nothing."""
    alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
    return NoiseModel("high-pass", high_pass, alpha_bar, lambda x: x)
