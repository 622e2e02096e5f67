"""The network of the paper recipe: trainable backbone, noise head, noise-guided attention (docs/PAPER_SCALE.md 2)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from noiselens_core.model import NoiseHead

from .backbones import Backbone
from .config import NetworkConfig

HEAD_STRIDE = 4  # of the noise head's blocks
BLOCK = 3 * HEAD_STRIDE**2  # channels of a block


@dataclass(frozen=True)
class PaperOutput:
    """What one forward pass gives for B crops.

    Attributes:
        logit: (B,), larger means more likely generated.
        noise: (B, C, H/s, W/s) predicted noise in units of the teacher's root mean square; C and s are the teacher's.
        attention: (B, heads, h, w), each head summing to 1; None without attention.
    """

    logit: Tensor
    noise: Tensor
    attention: Tensor | None


class NoiseDecoder(nn.Module):
    """eps_hat from G = sum_i up(conv1x1(F_i)) at stride 4 and, beside it, from the pixels (docs/METHOD.md 1.3)."""

    def __init__(self, config: NetworkConfig, channels: tuple[int, ...], target_channels: int, target_stride: int):
        super().__init__()
        self.reduce = nn.ModuleList(nn.Conv2d(c, config.noise_channels, 1) for c in channels)
        self.mix = nn.Conv2d(config.noise_channels, BLOCK, 3, padding=1)
        self.pixels = NoiseHead(config.residual, config.noise_channels) if config.pixel_path else None
        self.latent: nn.Module | None = None
        if target_stride != 1:  # a teacher of latents: the blocks become its channels at its stride
            step = target_stride // HEAD_STRIDE
            self.latent = nn.Conv2d(BLOCK, target_channels, step + 1, stride=step, padding=step // 2)

    def forward(self, x: Tensor, maps: list[Tensor]) -> Tensor:
        """Return eps_hat in the teacher's space for x (B, 3, H, W) and its feature maps."""
        size = (x.shape[-2] // HEAD_STRIDE, x.shape[-1] // HEAD_STRIDE)
        g = torch.stack(
            [F.interpolate(r(f), size, mode="bilinear") for r, f in zip(self.reduce, maps, strict=True)]
        ).sum(0)
        blocks = self.mix(F.relu(g))  # (B, 48, H/4, W/4)
        if self.pixels is not None:
            blocks = blocks + self.pixels(x)
        return F.pixel_shuffle(blocks, HEAD_STRIDE) if self.latent is None else self.latent(blocks)


def noise_energy(noise: Tensor, size: tuple[int, int]) -> Tensor:
    """Return m = log1p([pool |eps_hat|, pool eps_hat^2]) over a grid of tokens, (B, 2, *size)."""
    energy = torch.stack((noise.abs().mean(1), noise.square().mean(1)), 1)
    return torch.log1p(F.adaptive_avg_pool2d(energy, size))


class NoiseAttention(nn.Module):
    """a = softmax((q k^T / sqrt(d) + b) / tau) over the tokens of F4, b = conv1x1(m); z = a V (docs/METHOD.md 1.6)."""

    def __init__(self, config: NetworkConfig, width: int):
        super().__init__()
        self.heads, self.temperature = config.heads, config.temperature
        self.norm = nn.LayerNorm(width)
        self.query = nn.Parameter(torch.randn(config.heads, config.head_width) * 0.02)
        self.key_value = nn.Linear(width, 2 * config.heads * config.head_width)
        self.energy_bias = nn.Conv2d(2, config.heads, 1) if config.noise_bias else None

    def forward(self, map_: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return z (B, heads * d) and a (B, heads, h, w) for F4 (B, C, h, w) and eps_hat."""
        h, w = map_.shape[-2:]
        tokens = self.norm(map_.flatten(2).transpose(1, 2))  # (B, N, C)
        k, v = (
            self.key_value(tokens).view(len(map_), h * w, 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        )  # (B, heads, N, d)
        score = torch.einsum("hd,bhnd->bhn", self.query, k) / math.sqrt(self.query.shape[1])
        if self.energy_bias is not None:
            score = score + self.energy_bias(noise_energy(noise, (h, w))).flatten(2)
        a = torch.softmax(score / self.temperature, dim=-1)
        z = torch.einsum("bhn,bhnd->bhd", a, v).flatten(1)
        return z, a.view(-1, self.heads, h, w)


class PaperNetwork(nn.Module):
    """Crops in, one logit a crop, with its predicted noise and attention."""

    def __init__(self, config: NetworkConfig, backbone: Backbone, target_channels: int = 3, target_stride: int = 1):
        super().__init__()
        self.config, self.target_channels, self.target_stride = config, target_channels, target_stride
        if config.lora:
            backbone.adapt(config.lora)
        self.backbone = backbone
        self.noise = NoiseDecoder(config, backbone.channels, target_channels, target_stride)
        width = backbone.channels[-1]
        self.attention = NoiseAttention(config, width) if config.attention else None
        self.classifier = nn.Linear(width + (config.heads * config.head_width if config.attention else 0), 1)

    def train(self, mode: bool = True) -> PaperNetwork:
        """Set training mode; frozen batch norms keep their pretrained statistics."""
        super().train(mode)
        if self.config.freeze_batch_norm:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def forward(self, x: Tensor) -> PaperOutput:
        """Judge crops x (B, 3, H, W) in [-1, 1], RGB; sides multiples of 32."""
        maps = self.backbone(x)
        noise = self.noise(x, maps)
        summary = maps[-1].mean((2, 3))
        if self.attention is None:
            return PaperOutput(self.classifier(summary).squeeze(1), noise, None)
        z, a = self.attention(maps[-1], noise)
        return PaperOutput(self.classifier(torch.cat((z, summary), 1)).squeeze(1), noise, a)
