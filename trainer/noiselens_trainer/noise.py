"""Noise distillation: the head learns what the frozen diffusion model sees; a kill at any step cannot spoil it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from noiselens_core.model import ModelConfig, NoiseHead
from noiselens_core.progress import Progress

from .config import NoiseConfig
from .data import Sample, WindowStream
from .losses import cosine, noise_loss
from .pace import Pace
from .state import load_state, save_state, update_ema
from .teacher import PixelTeacher

AGREEMENT_WINDOWS = 96  # windows on which the learned noise is compared with the teacher's
SCALE_WINDOWS = 32  # windows from which the teacher's root mean square is read


def _middle(x: Tensor, side: int) -> Tensor:
    """Return the middle (B, 3, side, side) of windows: which part is random already, since windows are."""
    first = (x.shape[-1] - side) // 2
    return x[..., first : first + side, first : first + side]


def noise_scale(teacher: PixelTeacher, stream: WindowStream, config: NoiseConfig, device: torch.device) -> float:
    """Return the teacher's root mean square over the stream's first windows, the unit of the noise target."""
    x = torch.stack([stream[i] for i in range(SCALE_WINDOWS)]).to(device)
    target = teacher.noise_target(_middle(x, config.crop_px), config.teacher_timestep)
    return float(target.square().mean().sqrt())


def train_noise_head(
    samples: list[Sample],
    teacher: PixelTeacher,
    model: ModelConfig,
    config: NoiseConfig,
    folder: Path,
    report: Callable[[Progress], None],
) -> nn.Module:
    """Fit a noise head to the teacher's noise (docs/METHOD.md 1.5) and return its average; resumes from `folder`."""
    accelerator = Accelerator()
    device = accelerator.device
    torch.manual_seed(config.seed)
    head = NoiseHead(model.residual, model.noise_channels).to(device)
    ema = copy.deepcopy(head).requires_grad_(False)
    optimizer = torch.optim.AdamW(head.parameters(), weight_decay=config.weight_decay)
    start = load_state(folder / "state.safetensors", head, ema, optimizer, config)

    def stream(first: int) -> WindowStream:
        length = config.steps * config.batch_size
        return WindowStream(samples, length, seed=config.seed, source_power=config.source_power, first=first)

    unit = noise_scale(teacher, stream(0), config, device)
    loader: DataLoader[Tensor] = DataLoader(
        stream(start * config.batch_size),
        config.batch_size,
        num_workers=config.workers,
        pin_memory=device.type == "cuda",
        drop_last=True,
    )
    prepared, optimizer, loader = accelerator.prepare(head, optimizer, loader)
    pace = Pace(start, config.steps, config.batch_size)
    for step, x in enumerate(loader, start=start + 1):
        share = min(1.0, step / 50) * 0.5 * (1 + math.cos(math.pi * step / (config.steps + 1)))
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * share
        crops = _middle(x.to(device, non_blocking=True), config.crop_px)
        target = teacher.noise_target(crops, config.teacher_timestep) / unit
        with accelerator.autocast():
            predicted = F.pixel_shuffle(prepared(crops), 4)
            loss = noise_loss(predicted, target)
        optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(prepared.parameters(), 5.0)
        optimizer.step()
        update_ema(ema, head, min(config.ema_decay, step / (step + 10)))
        values = {"noise_loss": float(loss.detach()), "noise_cosine": float(cosine(predicted, target).mean().detach())}
        if line := pace.tick(step, values):
            report(Progress("noise", step, config.steps, *line))
        if accelerator.is_main_process and (step % config.save_every == 0 or step == config.steps):
            save_state(folder / "state.safetensors", step, head, ema, optimizer, config)
    return ema


def noise_agreement(head: nn.Module, teacher: PixelTeacher, samples: list[Sample], config: NoiseConfig) -> float:
    """Return the mean cosine between predicted and teacher's noise on windows of samples never trained on."""
    device = next(head.parameters()).device
    stream = WindowStream(samples, AGREEMENT_WINDOWS, seed=config.seed + 1, source_power=config.source_power)
    cosines = []
    for first in range(0, AGREEMENT_WINDOWS, config.batch_size):
        batch = [stream[i] for i in range(first, min(first + config.batch_size, AGREEMENT_WINDOWS))]
        x = _middle(torch.stack(batch).to(device), config.crop_px)
        with torch.inference_mode():
            cosines.append(cosine(F.pixel_shuffle(head(x), 4), teacher.noise_target(x, config.teacher_timestep)))
    return float(torch.cat(cosines).mean())
