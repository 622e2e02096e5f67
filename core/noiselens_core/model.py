"""The whole ANL network: residual front end, encoder, noise head, noise-guided attention, classifier.

The equations are those of docs/METHOD.md. The encoder follows EfficientNet-Lite0 (Tan & Le 2019, the Lite variant:
no squeeze-and-excitation, ReLU6) up to stride 16, so that its ImageNet weights can be a warm start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

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


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the network; saved beside the weights."""

    residual: bool = True  # front end r = [x, x - median(x)]; without it r = x
    attention: bool = True  # noise-guided attention; without it s = w . mean F4
    stage_statistics: bool = True  # means and deviations of F1..F4 beside z in the classifier
    heads: int = 4  # attention heads over the tokens of F4
    temperature: float = 1.0  # tau of the attention's softmax
    noise_channels: int = 64  # width of the noise head at stride 4
    dropout: float = 0.2  # on the classifier's input, training only


@dataclass(frozen=True)
class ModelOutput:
    """What one forward pass gives for B crops.

    Attributes:
        logit: (B,) before calibration; larger means more likely generated.
        noise: (B, 3, H, W) predicted noise eps_hat in units of the teacher's root mean square.
        attention: (B, heads, H/16, W/16), each head summing to 1.
    """

    logit: Tensor
    noise: Tensor
    attention: Tensor


def median_of_neighbours(x: Tensor) -> Tensor:
    """Return each pixel's median over its upper, lower, left and right neighbour (mean of the middle two).

    x: (B, C, H, W). Four neighbours instead of eight: the same high-pass role at a fifth of the time.
    """
    p = F.pad(x, (1, 1, 1, 1), mode="replicate")
    up, down = p[..., :-2, 1:-1], p[..., 2:, 1:-1]
    left, right = p[..., 1:-1, :-2], p[..., 1:-1, 2:]
    low = torch.maximum(torch.minimum(up, down), torch.minimum(left, right))
    high = torch.minimum(torch.maximum(up, down), torch.maximum(left, right))
    return (low + high) * 0.5


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


class Encoder(nn.Module):
    """EfficientNet-Lite0 truncated at stride 16, giving one feature map a stride."""

    def __init__(self, c_in: int):
        super().__init__()
        self.stem = ConvNorm(c_in, STEM_CHANNELS, 3, stride=2)
        blocks, c = [], STEM_CHANNELS
        for kernel, stride, expansion, c_out in LITE0_BLOCKS:
            blocks.append(MBConv(c, c_out, kernel, stride, expansion))
            c = c_out
        self.blocks = nn.ModuleList(blocks)

    def forward(self, r: Tensor) -> list[Tensor]:
        """Return F1..F4 for r (B, c_in, H, W): channels 16, 24, 40, 112 at strides 2, 4, 8, 16."""
        features, x = [], self.stem(r)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in STAGE_ENDS:
                features.append(x)
        return features


class NoiseHead(nn.Module):
    """Predict the teacher's noise from the front end's pixels and the encoder's features.

    The pixels reach the head whole, as 4 x 4 blocks: the target is close to a local high-pass of x, which deep
    features alone cannot give back.
    """

    def __init__(self, c_pixels: int, width: int):
        super().__init__()
        self.pixels = nn.Conv2d(c_pixels, width, 4, stride=4)
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in STAGE_CHANNELS[1:])
        self.mix = nn.Conv2d(width, width, 3, padding=1, groups=4)
        self.out = nn.Conv2d(width, 3 * 16, 1)

    def forward(self, r: Tensor, features: list[Tensor]) -> Tensor:
        """Return eps_hat as 4 x 4 blocks (B, 48, H/4, W/4); `pixel_shuffle(., 4)` lays it out (METHOD 1.3)."""
        g: Tensor = self.lateral[-1](features[-1])
        for conv, feature in zip(self.lateral[-2::-1], features[-2:0:-1], strict=True):
            g = conv(feature) + F.interpolate(g, size=feature.shape[-2:], mode="nearest")
        g = g + self.pixels(r)  # (B, width, H/4, W/4)
        g = g + F.relu(self.mix(F.relu(g)))
        return self.out(g)  # type: ignore[no-any-return]


class NoiseAttention(nn.Module):
    """Attention over F4's tokens, biased by the predicted noise (docs/METHOD.md 1.6)."""

    def __init__(self, channels: int, heads: int, temperature: float):
        super().__init__()
        self.heads, self.dim, self.temperature = heads, channels // heads, temperature
        self.query = nn.Parameter(torch.randn(heads, self.dim) * 0.02)
        self.key = nn.Conv2d(channels, channels, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.noise_bias = nn.Conv2d(2, heads, 1)

    def forward(self, feature: Tensor, blocks: Tensor) -> tuple[Tensor, Tensor]:
        """Return z (B, C) and a (B, heads, h, w) for F4 (B, C, h, w) and eps_hat's blocks (B, 48, 4h, 4w)."""
        b, c, h, w = feature.shape
        energy = torch.stack((blocks.abs().mean(1), blocks.square().mean(1)), dim=1)
        energy = F.avg_pool2d(energy, 4)  # (B, 2, h, w)
        bias = self.noise_bias(torch.log1p(energy)).flatten(2)  # (B, heads, N)
        k = self.key(feature).reshape(b, self.heads, self.dim, h * w)
        v = self.value(feature).reshape(b, self.heads, self.dim, h * w)
        score = torch.einsum("nd,bndt->bnt", self.query, k) / math.sqrt(self.dim) + bias
        a = torch.softmax(score / self.temperature, dim=-1)  # (B, heads, N)
        z = torch.einsum("bnt,bndt->bnd", a, v).reshape(b, c)
        return z, a.view(b, self.heads, h, w)


def _deviation(feature: Tensor, mean: Tensor) -> Tensor:
    """Return the standard deviation over H and W, (B, C); much faster than torch.var on channels_last."""
    return (feature.square().mean((2, 3)) - mean.square()).clamp_min(1e-6).sqrt()


class AnlDetector(nn.Module):
    """The ANL detector: image crops in, one logit a crop, with its predicted noise and attention."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        c_pixels = 6 if config.residual else 3
        c_last = STAGE_CHANNELS[-1]
        self.encoder = Encoder(c_pixels)
        self.noise_head = NoiseHead(c_pixels, config.noise_channels)
        self.attention = NoiseAttention(c_last, config.heads, config.temperature)
        width = c_last + (c_last if config.attention else 0)
        if config.stage_statistics:
            width += 2 * sum(STAGE_CHANNELS) - c_last  # F4's mean is there already
        self.norm = nn.BatchNorm1d(width, affine=False)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> ModelOutput:
        """Judge crops x (B, 3, H, W) in [-1, 1], RGB, native resolution, sides multiples of 16."""
        r = torch.cat((x, x - median_of_neighbours(x)), dim=1) if self.config.residual else x
        features = self.encoder(r)
        blocks = self.noise_head(r, features)
        z, attention = self.attention(features[-1], blocks)
        means = [f.mean((2, 3)) for f in features]
        parts = [means[-1]]
        if self.config.attention:
            parts.append(z)
        if self.config.stage_statistics:
            parts += means[:-1]
            parts += [_deviation(f, mean) for f, mean in zip(features, means, strict=True)]
        s = self.classifier(self.dropout(self.norm(torch.cat(parts, dim=1))))  # (B, 1)
        return ModelOutput(s.squeeze(1), F.pixel_shuffle(blocks, 4), attention)


def channels_last(model: AnlDetector) -> AnlDetector:
    """Return the network with its weights laid out channels last, about 1.5 times as fast on CPU."""
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]
