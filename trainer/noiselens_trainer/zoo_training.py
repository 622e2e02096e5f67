"""Training the zoo: one member after another on the same real photographs; a kill costs at most `save_every` steps."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from noiselens_core.batch import find_images
from noiselens_core.crops import to_unit
from noiselens_core.errors import ImageRefusedError
from noiselens_core.progress import Progress

from .data import DataError, ImageCache, Sample, random_crop
from .layouts import read_data
from .pace import Pace
from .report import picture_sheet
from .state import RunError, config_text, load_state, save_state, update_ema
from .zoo import Autoencoder, Member, Recipe, enlargers, load_member, read_member, recipes, save_member

Report = Callable[[Progress], None]

LEFT_OUT = 10  # one photograph in so many is kept for the measurement
FEWEST = 10  # photographs


@dataclass(frozen=True)
class ZooConfig:
    """How every member is trained."""

    crop_px: int = 64  # side of a training crop, native pixels
    batch_size: int = 12  # crops
    steps: int = 3000  # optimiser steps a member, some minutes on one core
    learning_rate: float = 1.5e-3  # cosine to a twentieth
    ema_decay: float = 0.99
    kl_weight: float = 1e-3  # of the divergence, a latent value
    gradient_weight: float = 1.0  # of the perceptual loss beside L1
    adversary_weight: float = 0.02  # of the discriminator's say beside L1
    adversary_from: float = 0.4  # share of the steps after which it has one
    measured_crops: int = 96  # left out
    save_every: int = 250  # steps


@dataclass(frozen=True)
class _Training:
    """What a member's state belongs to."""

    recipe: Recipe
    config: ZooConfig = field(default_factory=ZooConfig)


def read_photographs(path: Path) -> list[Sample]:
    """Return the real images of a manifest or labelled folder; in a folder without labels every image is one.

    Raises DataError when there are too few.
    """
    samples: list[Sample] = []
    try:
        samples = [s for s in read_data(path, labels=1) if s.label == 0]
    except DataError:
        if not path.is_dir():
            raise
        samples = [Sample(p, 0, p.parent.name, p.parent.name) for p in find_images([path]) if p.is_file()]
    if not samples:
        raise DataError(f"{path} holds no real photographs. Give a folder or a manifest with some.")
    return samples


class _Crops:
    """Native crops of photographs; batch i depends on (seed, i) alone. A refused photograph is passed over."""

    def __init__(self, samples: list[Sample], cache: ImageCache, config: ZooConfig):
        self._samples, self._cache, self._config = samples, cache, config

    def batch(self, seed: int, step: int, size: int) -> Tensor:
        """Return (size, 3, crop_px, crop_px) in [-1, 1]. Raises DataError when hardly any photograph can be read."""
        rng = np.random.default_rng((seed, step))
        crops: list[np.ndarray] = []
        for _ in range(20 * size):
            try:
                pixels = self._cache.get(self._samples[int(rng.integers(len(self._samples)))].path)
            except ImageRefusedError:
                continue
            crops.append(random_crop(rng, pixels, self._config.crop_px))
            if len(crops) == size:
                return torch.from_numpy(to_unit(np.stack(crops)))
        raise DataError("Hardly any of these photographs can be read. Give others.")


def _critic() -> nn.Sequential:
    """Return a discriminator of overlapping patches, without a norm."""
    return nn.Sequential(
        nn.Conv2d(3, 24, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(24, 48, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(48, 1, 3, 1, 1),
    )  # fmt: skip


def gradient_distance(y: Tensor, x: Tensor) -> Tensor:
    """Return the mean difference of horizontal and vertical gradients at three scales: how much sharpness is lost."""
    total = x.new_zeros(())
    for _ in range(3):
        for axis in (2, 3):
            total = total + (y.diff(dim=axis) - x.diff(dim=axis)).abs().mean()
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    return total / 6


def train_zoo(
    samples: list[Sample], count: int, config: ZooConfig, folder: Path, report: Report, enlarging: int = 0
) -> list[Member]:
    """Train `count` members and write each to `folder` under its name; what is there already is not trained again.

    samples: real photographs; enlarging: how many super-resolution networks beside the members.
    Raises DataError when they are too few, RunError when `folder` holds other members.
    """
    if len(samples) < FEWEST:
        raise DataError(f"A zoo learns from at least {FEWEST} real photographs; here are {len(samples)}. Add some.")
    cache, chosen = ImageCache(), [*recipes(count), *enlargers(enlarging)]
    crops = _Crops([s for i, s in enumerate(samples) if i % LEFT_OUT], cache, config)
    left_out = _Crops(samples[::LEFT_OUT], cache, config).batch(0, 0, config.measured_crops)
    finished = sum((folder / f"{recipe.name}.safetensors").exists() for recipe in chosen)
    pace = Pace(finished * config.steps, len(chosen) * config.steps, config.batch_size)
    members = []
    for number, recipe in enumerate(chosen):
        path = folder / f"{recipe.name}.safetensors"
        trained = config_text(_Training(recipe, config))
        if path.exists():
            member = read_member(path)
            if member.trained != trained:
                raise RunError(f"{folder} holds a zoo with other settings. Choose another folder or remove it.")
        else:

            def watch(
                step: int, values: dict[str, float], done: int = number * config.steps, of: Recipe = recipe
            ) -> None:
                if line := pace.tick(done + step, values):
                    report(Progress("zoo", done + step, len(chosen) * config.steps, *line, message=of.name))

            state = folder / "state" / f"{recipe.name}.safetensors"
            network = _train(_Training(recipe, config), crops, state, watch)
            member = Member(recipe, psnr_db(network, left_out), trained)
            save_member(path, network, member)
            state.unlink()
        members.append(member)
        report(
            Progress(
                "zoo", (number + 1) * config.steps, len(chosen) * config.steps, values={"psnr_db": member.psnr_db},
                message=recipe.name if member.learned else f"{recipe.name} did not learn and is not used",
            )
        )  # fmt: skip
    rows = [left_out[:8], *(load_member(folder / f"{r.name}.safetensors").remake(left_out[:8]) for r in chosen)]
    picture_sheet(torch.stack([torch.cat(list(row), dim=1) for row in rows]), folder / "zoo.png")
    return members


def _train(
    training: _Training, crops: _Crops, state: Path, watch: Callable[[int, dict[str, float]], None]
) -> Autoencoder:
    """Train one member from where its state stands."""
    recipe, config = training.recipe, training.config
    torch.manual_seed(recipe.seed)
    adversarial = recipe.loss == "adversarial"
    model = nn.ModuleDict({"member": Autoencoder(recipe), "critic": _critic() if adversarial else nn.Identity()})
    ema = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.learning_rate, betas=(0.9, 0.99), weight_decay=0.0)
    start = load_state(state, model, ema, optimizer, training)
    member, critic = model["member"].train(), model["critic"]
    for step in range(start + 1, config.steps + 1):
        torch.manual_seed(recipe.seed * 1_000_003 + step)  # of the latent's draw, so that a resumed run draws the same
        x = crops.batch(recipe.seed, step, config.batch_size)
        y, added = member(x)
        distance = F.l1_loss(y, x)
        loss = distance + config.kl_weight * added
        if recipe.loss == "perceptual":
            loss = loss + config.gradient_weight * gradient_distance(y, x)
        for group in optimizer.param_groups:
            warm = min(1.0, step / 50)
            group["lr"] = config.learning_rate * warm * (0.525 + 0.475 * math.cos(math.pi * step / config.steps))
        optimizer.zero_grad(set_to_none=True)
        if adversarial:
            critic.requires_grad_(False)
            if step > config.adversary_from * config.steps:
                loss = loss - config.adversary_weight * critic(y).mean()
        loss.backward()
        if adversarial:  # hinge loss, on the same pictures
            critic.requires_grad_(True)
            doubt = F.relu(1 - critic(x)).mean() + F.relu(1 + critic(y.detach())).mean()
            doubt.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(member.parameters(), 1.0)
        optimizer.step()
        update_ema(ema, model, min(config.ema_decay, step / (step + 10)))
        if step % config.save_every == 0 or step == config.steps:
            save_state(state, step, model, ema, optimizer, training)
        watch(step, {"l1": float(distance.detach())})
    found = ema["member"]
    assert isinstance(found, Autoencoder)
    return found.eval()


def psnr_db(network: Autoencoder, x: Tensor) -> float:
    """Return the peak signal-to-noise ratio of pictures (B, 3, H, W) in [-1, 1] after a pass, over all together."""
    return 10 * math.log10(4 / max(1e-12, float(F.mse_loss(network.remake(x), x))))
