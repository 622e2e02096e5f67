"""ANL training: one flat loop that a kill at any step cannot spoil."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.utils.data import DataLoader

from noiselens_core.model import AnlDetector, channels_last
from noiselens_core.progress import Progress

from .config import DetectorConfig
from .data import CropStream, Sample
from .losses import cosine, globality_loss, noise_loss, verdict_loss
from .pace import Pace
from .state import load_state, save_state, update_ema
from .teacher import PixelTeacher
from .warmstart import load_imagenet

AGREEMENT_CROPS = 256  # crops on which the learned noise is compared with the teacher's
SCALE_CROPS = 32  # crops from which the teacher's root mean square is read


def _set_encoder(model: AnlDetector, trainable: bool) -> None:
    """Freeze or free the encoder; its batch-norm statistics stay ImageNet's either way: batches are small."""
    model.train()
    model.encoder.eval()
    model.encoder.requires_grad_(trainable)


def _learning_rate(step: int, first: int, last: int) -> float:
    """Return the rate's share at a step: a short ramp from `first`, then a cosine to zero at `last`."""
    done = (step - first) / max(1, last - first)
    return min(1.0, (step - first) / 50) * 0.5 * (1 + math.cos(math.pi * done))


def noise_scale(teacher: PixelTeacher, stream: CropStream, config: DetectorConfig, device: torch.device) -> float:
    """Return the teacher's root mean square over the stream's first crops, the unit of the noise target."""
    x = torch.stack([stream[i][0] for i in range(SCALE_CROPS)]).to(device)
    return float(teacher.noise_target(x, config.teacher_timestep).square().mean().sqrt())


def train_detector(
    samples: list[Sample],
    teacher: PixelTeacher,
    config: DetectorConfig,
    folder: Path,
    report: Callable[[Progress], None],
) -> AnlDetector:
    """Train an ANL detector (docs/METHOD.md 1.8) and return its moving average; resumes from `folder`.

    First `noise_warmup` steps fit the noise head, the attention and the classifier on the frozen encoder; then
    everything trains. The teacher sees the first `noise_crops` crops of each batch.
    """
    accelerator = Accelerator()
    device = accelerator.device
    torch.manual_seed(config.seed)
    model = AnlDetector(config.model)
    load_imagenet(model.encoder)
    model = channels_last(model.to(device))
    ema = copy.deepcopy(model).requires_grad_(False)
    encoder = list(model.encoder.parameters())
    inside = {id(p) for p in encoder}
    new = [p for p in model.parameters() if id(p) not in inside]
    optimizer = torch.optim.AdamW([{"params": encoder}, {"params": new}], weight_decay=config.weight_decay)
    start = load_state(folder / "state.safetensors", model, ema, optimizer, config)

    def stream(first: int) -> CropStream:
        length = config.steps * config.batch_size
        return CropStream(samples, length, seed=config.seed, source_power=config.source_power, first=first)

    unit = noise_scale(teacher, stream(0), config, device)
    loader: DataLoader[tuple[Tensor, int]] = DataLoader(
        stream(start * config.batch_size),
        config.batch_size,
        num_workers=config.workers,
        pin_memory=device.type == "cuda",
        drop_last=True,
    )
    prepared, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    pace = Pace(start, config.steps, config.batch_size)
    for step, (x, label) in enumerate(loader, start=start + 1):
        torch.manual_seed(config.seed * 1_000_003 + step)  # dropout draws alike in a resumed run
        warming = step <= config.noise_warmup
        _set_encoder(model, trainable=not warming)
        span = (0, config.noise_warmup + 1) if warming else (config.noise_warmup, config.steps + 1)
        share = _learning_rate(step, *span)
        for group, factor in zip(optimizer.param_groups, (config.encoder_rate, 1.0), strict=True):
            group["lr"] = config.learning_rate * factor * share
        crops = x.to(device, memory_format=torch.channels_last, non_blocking=True)
        target = teacher.noise_target(crops[: config.noise_crops], config.teacher_timestep) / unit
        with accelerator.autocast():
            output = prepared(crops)
            predicted = output.noise[: config.noise_crops]
            l_n = noise_loss(predicted, target)
            l_a = globality_loss(output.attention)
            bce = verdict_loss(output.logit, label.to(output.logit), config.label_smoothing)
            loss = bce + config.noise_weight * l_n + config.attention_weight * l_a
        optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(prepared.parameters(), 5.0)
        optimizer.step()
        update_ema(ema, model, min(config.ema_decay, step / (step + 10)))
        values = {"loss": loss, "verdict_loss": bce, "noise_loss": l_n, "globality_loss": l_a}
        values |= _by_class(cosine(predicted, target), label[: config.noise_crops].to(device))
        values["train_accuracy"] = ((output.logit > 0) == (label.to(device) > 0)).float().mean()
        if line := pace.tick(step, {k: float(v.detach()) for k, v in values.items()}):
            report(Progress("detector", step, config.steps, *line))
        if accelerator.is_main_process and (step % config.save_every == 0 or step == config.steps):
            save_state(folder / "state.safetensors", step, model, ema, optimizer, config)
    return ema


def _by_class(cosines: Tensor, label: Tensor) -> dict[str, Tensor]:
    """Return the mean noise cosine of each class that is present."""
    names = ((0, "noise_cosine_real"), (1, "noise_cosine_generated"))
    return {name: cosines[label == value].mean() for value, name in names if bool((label == value).any())}


def noise_agreement(
    model: AnlDetector, teacher: PixelTeacher, samples: list[Sample], config: DetectorConfig, device: torch.device
) -> float:
    """Return the mean cosine between predicted and teacher's noise on crops of samples never trained on."""
    crops = CropStream(samples, AGREEMENT_CROPS, seed=config.seed, source_power=config.source_power)
    cosines = []
    for first in range(0, AGREEMENT_CROPS, config.batch_size):
        batch = [crops[i][0] for i in range(first, min(first + config.batch_size, AGREEMENT_CROPS))]
        x = torch.stack(batch).to(device)
        with torch.inference_mode():
            cosines.append(cosine(model(x).noise, teacher.noise_target(x, config.teacher_timestep)))
    return float(torch.cat(cosines).mean())
