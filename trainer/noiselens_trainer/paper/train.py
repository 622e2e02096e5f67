"""End-to-end ANL training on one processor or many; a kill at any step costs what was done since the last save."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from noiselens_core.progress import Progress

from ..data import DataError, Sample
from ..losses import cosine, globality_loss, noise_loss
from ..pace import Pace
from ..state import load_state, save_state, update_ema
from .backbones import load_backbone
from .cache import TargetCache
from .config import PaperConfig
from .network import PaperNetwork, PaperOutput
from .shards import ShardStream
from .stream import Batch, Collate, FolderStream, Share
from .targets import NoiseModel, noise_target

SCALE_CROPS = 32  # crops from which the teacher's root mean square is read
Report = Callable[[Progress], None]


def share_of_rate(step: int, config: PaperConfig) -> float:
    """Return the learning rate at a step, 1-based, over its largest: a linear rise, then a cosine to 0."""
    rise = min(1.0, step / max(1, config.warm_up_steps))
    return rise * 0.5 * (1 + math.cos(math.pi * step / (config.steps + 1)))


def objective(
    output: PaperOutput, target: Tensor, label: Tensor, step: int, config: PaperConfig
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return L = BCE + lambda_n L_n + lambda_a L_a and its parts (docs/METHOD.md 1.5, 1.7, 1.8).

    target: (B, C, h, w) in units of the teacher's root mean square; label: (B,). During the first `noise_only_steps`
    the other parts weigh nothing, but stay in the graph: every process waits for every gradient.
    """
    judged = float(step > config.noise_only_steps)
    bce = F.binary_cross_entropy_with_logits(output.logit, label)
    l_n = noise_loss(output.noise, target)
    l_a = output.logit.new_zeros(()) if output.attention is None else globality_loss(output.attention)
    loss = judged * bce + config.noise_weight * l_n + judged * config.attention_weight * l_a
    return loss, {"loss": loss, "bce": bce, "noise_loss": l_n, "globality_loss": l_a}


def _per_class(output: PaperOutput, target: Tensor, label: Tensor) -> Tensor:
    """Return sums and counts of the noise's cosine a class, and how many crops are judged right: (5,)."""
    c = cosine(output.noise.float(), target)
    right = ((output.logit > 0) == (label > 0.5)).float().sum()
    real, generated = label < 0.5, label > 0.5
    return torch.stack((c[real].sum(), real.sum().float(), c[generated].sum(), generated.sum().float(), right))


class Targets:
    """Targets of batches: what the cache holds, and the teacher's word for the rest, in one unit for the whole run."""

    def __init__(self, teacher: NoiseModel, config: PaperConfig, folder: Path, accelerator: Accelerator):
        self._teacher, self._config, self._device = teacher, config, accelerator.device
        self._autocast = accelerator.autocast
        identity: dict[str, object] = {
            "teacher": teacher.name,
            "target": asdict(config.target) | {"cache_gib": None},
            "crop": [config.crop_px, config.delivery, config.seed],
        }
        limit = int(config.target.cache_gib * 2**30 / accelerator.num_processes)
        self.cache = TargetCache(folder / f"rank-{accelerator.process_index}", limit, identity)
        self.unit = 1.0

    def measure_unit(self, x: Tensor, path: Path, accelerator: Accelerator) -> None:
        """Read the teacher's root mean square from `path`, or take it from crops x and write it there."""
        if accelerator.is_main_process and not path.exists():
            target = noise_target(self._teacher, x.to(self._device), self._config.target)
            part = path.with_suffix(".part")
            part.write_text(json.dumps(float(target.square().mean().sqrt())), encoding="utf-8")
            part.replace(path)
        accelerator.wait_for_everyone()
        self.unit = float(json.loads(path.read_text(encoding="utf-8")))

    def of(self, batch: Batch, x: Tensor) -> Tensor:
        """Return the targets of a batch (B, C, h, w) float32, in units of the teacher's root mean square."""
        target = batch["target"].to(self._device, non_blocking=True)
        missing = (~batch["known"]).nonzero().flatten()
        if len(missing):
            # Through float16 either way: a run that was killed and finds its targets on disk goes on as it would have.
            with self._autocast():
                found = noise_target(self._teacher, x[missing.to(x.device)], self._config.target).half()
            target[missing.to(target.device)] = found
            for i, one in zip(missing.tolist(), found, strict=True):
                self.cache.put(batch["keys"][i], one)
        return target.float() / self.unit


def _loader(
    data: list[Sample] | list[Path], config: PaperConfig, share: Share, targets: Targets, collate: Collate, pin: bool
) -> tuple[DataLoader[Any], Tensor]:
    """Return the batches of this process from its first step on, and a few crops of the very beginning."""
    options: dict[str, Any] = {
        "num_workers": config.workers, "pin_memory": pin, "persistent_workers": False,
        "prefetch_factor": 4 if config.workers else None,
    }  # fmt: skip
    if isinstance(data[0], Path):
        shards = [p for p in data if isinstance(p, Path)]
        start = Share(share.rank, share.world, 0)
        first = next(iter(ShardStream(shards, config, start, targets.cache, collate)))["x"]
        return DataLoader(ShardStream(shards, config, share, targets.cache, collate), None, **options), first
    samples = [s for s in data if isinstance(s, Sample)]
    stream = FolderStream(samples, config, Share(), targets.cache)
    crops = torch.stack([stream[i]["x"] for i in range(min(SCALE_CROPS, len(stream)))])
    own = config.batch_size // share.world
    stream = FolderStream(samples, config, share, targets.cache)
    return DataLoader(stream, own, collate_fn=collate, drop_last=True, **options), crops


def train_paper(
    data: list[Sample] | list[Path],
    teacher: NoiseModel,
    config: PaperConfig,
    folder: Path,
    report: Report,
    on_cpu: bool = False,
) -> PaperNetwork:
    """Train on samples or on shards and return the averaged network; resumes from what `folder` holds.

    Every process of an `accelerate launch` calls it; the first one writes and reports.
    """
    accelerator = Accelerator(mixed_precision=config.mixed_precision, cpu=on_cpu)
    world = accelerator.num_processes
    if config.batch_size % (2 * world):
        raise DataError(f"batch_size is {config.batch_size}; {world} processes need a multiple of {2 * world}.")
    torch.manual_seed(config.seed)
    network = PaperNetwork(
        config.network, load_backbone(config.network.backbone, config.network.weights), teacher.channels, teacher.stride
    )
    if world > 1 and accelerator.device.type == "cuda" and not config.network.freeze_batch_norm:
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
    network.to(accelerator.device)
    ema = copy.deepcopy(network).eval().requires_grad_(False)
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, config.learning_rate, weight_decay=config.weight_decay)
    start = load_state(folder / "state.safetensors", network, ema, optimizer, config)
    targets = Targets(teacher, config, folder / "targets", accelerator)
    collate = Collate(teacher.shape(config.crop_px))
    share = Share(accelerator.process_index, world, start)
    loader, first = _loader(data, config, share, targets, collate, accelerator.device.type == "cuda")
    targets.measure_unit(first, folder / "unit.json", accelerator)
    prepared, optimizer = accelerator.prepare(network, optimizer)
    prepared.train()
    pace, batches = Pace(start, config.steps, config.batch_size), iter(loader)
    for step in range(start + 1, config.steps + 1):
        begun = time.perf_counter()
        batch: Batch = next(batches)
        waited = time.perf_counter() - begun
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * share_of_rate(step, config)
        x = batch["x"].to(accelerator.device, non_blocking=True)
        label = batch["label"].to(accelerator.device, torch.float32, non_blocking=True)
        target = targets.of(batch, x)
        with accelerator.autocast():
            output: PaperOutput = prepared(x)
        output = PaperOutput(output.logit.float(), output.noise.float(), output.attention)
        loss, parts = objective(output, target, label, step, config)
        optimizer.zero_grad(set_to_none=True)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(prepared.parameters(), config.clip_norm)
        optimizer.step()
        update_ema(ema, network, min(config.ema_decay, step / (step + 10)))
        values = _figures(accelerator, parts, output, target, label)
        values["waiting"] = waited / max(1e-9, time.perf_counter() - begun)
        if accelerator.is_main_process:
            if line := pace.tick(step, values):
                report(Progress("paper", step, config.steps, *line))
            if step % config.save_every == 0 or step == config.steps:
                save_state(folder / "state.safetensors", step, network, ema, optimizer, config)
    accelerator.wait_for_everyone()
    accelerator.end_training()
    return ema


def _figures(
    accelerator: Accelerator, parts: dict[str, Tensor], output: PaperOutput, target: Tensor, label: Tensor
) -> dict[str, float]:
    """Return a step's figures over all processes; the noise's cosine a class, as far as the class is there."""
    with torch.no_grad():
        own = torch.cat((torch.stack(list(parts.values())), _per_class(output, target, label)))
        means = accelerator.reduce(own, "mean").tolist()
    real, reals, generated, generateds, right = means[len(parts) :]
    values = dict(zip(parts, means, strict=False))
    if reals:
        values["noise_cosine_real"] = real / reals
    if generateds:
        values["noise_cosine_generated"] = generated / generateds
    return values | {"accuracy": right / (reals + generateds)}
