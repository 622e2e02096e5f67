"""What ANL costs in a run of the paper recipe: its step over a plain classifier's, and the share of waiting for data.

Run: python tests/bench/bench_paper_step.py [--rounds N] [--batch N] [--crop PX] [--threads N] [--scale].

    step      noise head, attention and three losses with cached targets, over the same backbone with BCE alone; the two
              take turns. Printed: median ratio with its 95 % interval, wall and processor time. Goal: at most 1.15.
    waiting   share of the time the model stands still for data, loaded by one process beside it. Goal: under 5 %.
    --scale   operations at full size and the time of loading a crop, from which docs/PAPER_SCALE.md counts hours.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from noiselens_trainer import pace
from noiselens_trainer.data import Sample
from noiselens_trainer.paper.adm import ADM_256
from noiselens_trainer.paper.backbones import Backbone, load_backbone
from noiselens_trainer.paper.cache import TargetReader
from noiselens_trainer.paper.config import NetworkConfig, PaperConfig, TargetConfig
from noiselens_trainer.paper.diffusion import load_noise_model
from noiselens_trainer.paper.network import PaperNetwork, PaperOutput
from noiselens_trainer.paper.stream import FolderStream, Share
from noiselens_trainer.paper.targets import NoiseModel
from noiselens_trainer.paper.train import objective, train_paper
from noiselens_trainer.teacher import SHIPPED_TEACHER_FILE

RESAMPLES = 2000  # of the bootstrap
WARM_UP = 2
START_UP = 4  # steps until the loading process is there and ahead


class Plain(nn.Module):
    """The classifier without ANL: the same backbone, one linear layer on the mean of F4."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone, self.classifier = backbone, nn.Linear(backbone.channels[-1], 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, H, W) -> (B,)."""
        logit: Tensor = self.classifier(self.backbone(x)[-1].mean((2, 3))).squeeze(1)
        return logit


def steps(batch: int, crop: int, config: PaperConfig) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return one optimiser step of ANL, its target at hand, and one of the plain classifier."""
    x, label = torch.rand(batch, 3, crop, crop) * 2 - 1, torch.arange(batch).remainder(2).float()
    target = torch.randn(batch, 3, crop, crop).half()
    ours = PaperNetwork(config.network, load_backbone("resnet", "")).train()
    theirs = Plain(load_backbone("resnet", "")).train()
    for module in theirs.modules():  # as ours
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    optimisers = [torch.optim.AdamW(model.parameters(), 1e-5) for model in (ours, theirs)]

    def take(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    def anl() -> None:
        output: PaperOutput = ours(x)
        take(optimisers[0], objective(output, target.float(), label, config.noise_only_steps + 1, config)[0])

    def plain() -> None:
        take(optimisers[1], F.binary_cross_entropy_with_logits(theirs(x), label))

    return anl, plain


def cost(work: Callable[[], None]) -> tuple[float, float]:
    """Return wall and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def ratio(times: NDArray[np.float64]) -> str:
    """Return the median ratio of the two columns with its bootstrap 95 % interval."""
    ratios = times[:, 0] / times[:, 1]
    medians = np.median(np.random.default_rng(0).choice(ratios, (RESAMPLES, len(ratios))), axis=1)
    low, high = np.percentile(medians, (2.5, 97.5))
    return f"{np.median(ratios):.3f} [{low:.3f}, {high:.3f}]"


def photographs(folder: Path, count: int) -> list[Sample]:
    """Write smooth pictures of 512 x 512 as JPEG, half of them labelled generated."""
    rng, samples = np.random.default_rng(0), []
    for i in range(count):
        small = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
        path = folder / f"{i}.jpg"
        Image.fromarray(small).resize((512, 512), Image.Resampling.BICUBIC).save(path, quality=90)
        samples.append(Sample(path, i % 2, "s", "f"))
    return samples


def loading(count: int) -> float:
    """Return the seconds from a file to a crop of 224 px, decoding child and delivery chain included."""
    with tempfile.TemporaryDirectory() as folder:
        samples = photographs(Path(folder), count + 2)
        stream = FolderStream(samples, PaperConfig(), Share(), TargetReader(Path(folder) / "none"))
        for i in range(2):  # the decoding child starts
            stream[i]
        begun = time.perf_counter()
        for i in range(2, count + 2):
            stream[i]
        return (time.perf_counter() - begun) / count


def waiting(images: int, batch: int, crop: int, count: int) -> list[float]:
    """Return the share of every step that a short run of ResNet-50 on JPEG photographs waits for its data."""
    shares: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        samples = photographs(Path(folder), images)
        config = PaperConfig(crop_px=crop, batch_size=batch, steps=count, workers=1, save_every=10**9)
        teacher = NoiseModel("nothing", lambda x, t: x, torch.ones(1000), lambda x: x)
        train_paper(samples, teacher, config, Path(folder) / "run", lambda p: shares.append(p.values["waiting"]), True)
    return shares[START_UP:]


def operations(work: Callable[[], object]) -> float:
    """Return the floating point operations of a call, multiplications and additions both counted."""
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


def trained(network: nn.Module, x: Tensor) -> None:
    """Run a network forwards and backwards."""
    output = network(x)
    total = output.logit.sum() + output.noise.sum() if isinstance(output, PaperOutput) else output.sum()
    total.backward()


def scale() -> None:
    """Print what one crop costs at full size: training the backbones, asking the teachers."""
    from diffusers import AutoencoderKL, UNet2DConditionModel, UNet2DModel

    with torch.device("meta"):
        x = torch.empty(2, 3, 224, 224)
        for family, shape in (("resnet", "ResNet-50"), ("dinov2", "DINOv2 ViT-B/14"), ("clip", "CLIP ViT-B/32")):
            backbone = load_backbone(family, "")
            networks = PaperNetwork(NetworkConfig(family), backbone), Plain(backbone)
            ours, theirs = (operations(partial(trained, network, x)) / 2e9 for network in networks)
            print(f"{shape:16} one step, one crop of 224 px: ANL {ours:6.1f} GFLOP, plain {theirs:6.1f}")
        adm = UNet2DModel(**ADM_256.diffusers_config())
        spent = operations(partial(adm, torch.empty(1, 3, 224, 224), torch.tensor([50])))
        print(f"ADM 256, one pass on 224 px: {spent / 1e9:.0f} GFLOP")
        sd, words = UNet2DConditionModel(cross_attention_dim=768), torch.empty(1, 77, 768)
        spent = operations(partial(sd, torch.empty(1, 4, 32, 32), torch.tensor([50]), words))
        print(f"SD 1.x, U-Net alone, one pass on 256 px: {spent / 1e9:.0f} GFLOP")
        blocks = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4
        vae = AutoencoderKL(3, 3, *blocks, block_out_channels=(128, 256, 512, 512), layers_per_block=2)
        spent = operations(partial(vae.encode, torch.empty(1, 3, 256, 256)))
        print(f"SD 1.x, VAE encoder, 256 px: {spent / 1e9:.0f} GFLOP")
    own = load_noise_model(SHIPPED_TEACHER_FILE)
    spent = operations(partial(own.predict, torch.zeros(1, 3, 224, 224), 50))
    print(f"{own.name}, one pass on 224 px: {spent / 1e9:.1f} GFLOP")
    print(f"one crop from a JPEG of 512 x 512: {loading(100) * 1e3:.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--crop", type=int, default=224)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scale", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.scale:
        scale()
        return
    config = PaperConfig(target=TargetConfig())
    pair = steps(options.batch, options.crop, config)
    for work in pair * WARM_UP:
        work()
    times = np.array([[cost(work) for work in pair] for _ in range(options.rounds)])  # (rounds, 2, 2)
    print(f"ResNet-50, {options.batch} crops of {options.crop} px, {options.threads} threads, {options.rounds} rounds")
    for name, column in (("wall", 0), ("processor", 1)):
        ours, theirs = np.median(times[:, :, column], axis=0)
        print(f"step, {name:9}  ANL {ours:6.2f} s over plain {theirs:6.2f} s   ratio {ratio(times[:, :, column])}")
    pace.REPORT_EVERY_S = 0.0  # a share for every step
    shares = waiting(16, options.batch, options.crop, START_UP + options.rounds)
    print(f"waiting for data, one loading process beside it: {np.mean(shares):.1%} of the time")


if __name__ == "__main__":
    main()
