"""The whole ANL network: frozen token encoder, noise head, noise-guided attention, classifier.

The equations are those of docs/METHOD.md. The encoder is the lower part of CLIP ViT-B/16's image tower (Radford et al.
2021), whose middle layers carry what tells generated pictures apart better than its last one does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .crops import WINDOW_PX

PATCH_PX = 16
WIDTH = 768  # channels of a token
ENCODER_HEADS = 12
GRID = WINDOW_PX // PATCH_PX  # tokens a side
PLACES = 3  # places a side of a window that get a score of their own
_MEAN = (0.48145466, 0.4578275, 0.40821073)  # of CLIP's training images, in [0, 1]
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the network; saved beside the weights."""

    taps: tuple[int, ...] = (4, 6, 9)  # encoder blocks whose tokens are read; the last one is the encoder's depth - 1
    residual: bool = True  # the noise head sees r = [x, x - median(x)]; without it r = x
    attention: bool = False  # noise-guided attention over the last tap's tokens; off because it does not pay (docs)
    noise_bias: bool = True  # the attention is biased by the predicted noise; without it by the tokens alone
    heads: int = 4  # of that attention
    head_width: int = 32  # channels a head
    temperature: float = 1.0  # tau of its softmax
    noise_channels: int = 96  # width of the noise head at stride 4

    @property
    def depth(self) -> int:
        """Blocks of the encoder that are needed."""
        return self.taps[-1] + 1

    @property
    def summary_width(self) -> int:
        """Length of the pooled features: class token and mean of the tokens at every tap."""
        return 2 * self.class_width

    @property
    def class_width(self) -> int:
        """Length of the part of the pooled features that class tokens make; it comes first."""
        return WIDTH * len(self.taps)


@dataclass(frozen=True)
class ModelOutput:
    """What one forward pass gives for B windows.

    Attributes:
        logit: (B,) before calibration; larger means more likely generated.
        places: (B, PLACES, PLACES), the logit if the whole window looked as that part of it does.
        evidence: (B, GRID, GRID), how far each token moves the logit, the window's own mean at 0 without attention.
        noise: (B, 3, H, W) predicted noise eps_hat in units of the teacher's root mean square.
        attention: (B, heads, GRID, GRID), each head summing to 1; None without attention.
    """

    logit: Tensor
    places: Tensor
    evidence: Tensor
    noise: Tensor
    attention: Tensor | None


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


class Block(nn.Module):
    """One pre-norm transformer block of CLIP's image tower."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, WIDTH) -> (B, N, WIDTH)."""
        b, n, _ = x.shape
        q, k, v = self.qkv(self.norm_1(x)).view(b, n, 3, ENCODER_HEADS, -1).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, WIDTH))
        y = self.up(self.norm_2(x))
        gate = torch.sigmoid(1.702 * y)  # CLIP's quick GELU
        return x + self.down(gate.mul_(y))  # type: ignore[no-any-return]  # in place: the encoder is never trained


class Encoder(nn.Module):
    """The lower blocks of CLIP ViT-B/16's image tower; frozen in training."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, depth: int):
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, PATCH_PX, PATCH_PX, bias=False)
        self.class_token = nn.Parameter(torch.zeros(WIDTH))
        self.positions = nn.Parameter(torch.zeros(GRID * GRID + 1, WIDTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(depth))
        # On the CPU by name: they are in no file, so a network made without memory for its weights needs them still.
        mean, deviation = torch.tensor(_MEAN, device="cpu"), torch.tensor(_DEVIATION, device="cpu")
        self.register_buffer("mean", mean.view(3, 1, 1), persistent=False)
        self.register_buffer("deviation", deviation.view(3, 1, 1), persistent=False)

    def forward(self, x: Tensor, taps: tuple[int, ...]) -> list[Tensor]:
        """Return the tokens (B, 1 + GRID^2, WIDTH) after the blocks `taps`, for x (B, 3, H, W) in [-1, 1]."""
        y = self.patches(((x + 1) / 2 - self.mean) / self.deviation).flatten(2).transpose(1, 2)
        y = self.norm(torch.cat((self.class_token.expand(len(y), 1, -1), y), 1) + self.positions)
        tokens = []
        for i, block in enumerate(self.blocks):
            y = block(y)
            if i in taps:
                tokens.append(y)
        return tokens


class NoiseHead(nn.Module):
    """Predict the teacher's noise from pixels: it is close to a local high-pass of x, which tokens cannot give back."""

    def __init__(self, residual: bool, width: int):
        super().__init__()
        self.residual = residual
        self.pixels = nn.Conv2d(6 if residual else 3, width, 8, stride=4, padding=2)
        self.mix = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1, groups=4) for _ in range(2))
        self.join = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(2))
        self.out = nn.Conv2d(width, 3 * 16, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return eps_hat as 4 x 4 blocks (B, 48, H/4, W/4) for x (B, 3, H, W); `pixel_shuffle(., 4)` lays it out."""
        g: Tensor = self.pixels(torch.cat((x, x - median_of_neighbours(x)), 1) if self.residual else x)
        for mix, join in zip(self.mix, self.join, strict=True):
            g = g + join(F.relu(mix(F.relu(g))))
        return self.out(g)  # type: ignore[no-any-return]


def noise_energy(blocks: Tensor) -> Tensor:
    """Return m = log1p of the mean magnitude and mean square of eps_hat over every token, (B, 2, GRID, GRID).

    blocks: (B, 48, 4 GRID, 4 GRID) as the noise head gives them.
    """
    energy = torch.stack((blocks.abs().mean(1), blocks.square().mean(1)), dim=1)
    return torch.log1p(F.avg_pool2d(energy, PATCH_PX // 4))


class NoiseAttention(nn.Module):
    """Attention over the last tap's tokens, biased by the predicted noise (docs/METHOD.md 1.6)."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.heads, self.temperature, self.noise_bias = config.heads, config.temperature, config.noise_bias
        self.norm = nn.LayerNorm(WIDTH)
        # Named: on the meta device, where a detector is made to be loaded, torch would import sympy and its compiler.
        self.query = nn.Parameter(torch.randn(config.heads, config.head_width, device="cpu") * 0.02)
        self.key = nn.Linear(WIDTH, config.heads * config.head_width)
        self.value = nn.Linear(WIDTH, config.heads * config.head_width)
        self.energy_bias = nn.Conv2d(2, config.heads, 1)
        self.classifier = nn.Linear(config.heads * config.head_width, 1)
        nn.init.zeros_(self.classifier.weight)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, tokens: Tensor, energy: Tensor) -> tuple[Tensor, Tensor]:
        """Return every token's evidence w_z . V_i (B, heads, N) and the attention a (B, heads, N).

        tokens: (B, N, WIDTH) without the class token; energy: (B, 2, GRID, GRID). z's logit is (a * evidence).sum().
        """
        b, n, _ = tokens.shape
        t = self.norm(tokens)
        k = self.key(t).view(b, n, self.heads, -1)
        v = torch.tanh(self.value(t)).view(b, n, self.heads, -1)
        score = torch.einsum("hd,bnhd->bhn", self.query, k) / math.sqrt(self.query.shape[1])
        if self.noise_bias:
            score = score + self.energy_bias(energy).flatten(2)
        a = torch.softmax(score / self.temperature, dim=-1)
        w = self.classifier.weight.view(self.heads, -1)
        return torch.einsum("hd,bnhd->bhn", w, v), a


def _by_place(map_: Tensor) -> Tensor:
    """Average a map (B, C, GRID, GRID) over the PLACES x PLACES parts of its window."""
    return F.adaptive_avg_pool2d(map_, PLACES)


class AnlDetector(nn.Module):
    """The ANL detector: windows in, one logit a window, with its predicted noise and attention."""

    feature_mean: Tensor
    feature_scale: Tensor

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config.depth)
        self.noise_head = NoiseHead(config.residual, config.noise_channels)
        self.attention = NoiseAttention(config)
        self.linear = nn.Linear(config.summary_width, 1)
        self.register_buffer("feature_mean", torch.zeros(config.summary_width))
        self.register_buffer("feature_scale", torch.ones(config.summary_width))

    def linear_logit(self, summary: Tensor) -> Tensor:
        """Return the linear part of s, (B,), from pooled features (B, summary_width)."""
        return self.linear((summary - self.feature_mean) * self.feature_scale).squeeze(1)  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> ModelOutput:
        """Judge windows x (B, 3, WINDOW_PX, WINDOW_PX) in [-1, 1], RGB."""
        taps = self.encoder(x, self.config.taps)
        blocks = self.noise_head(x)
        noise = F.pixel_shuffle(blocks, 4)
        logit, evidence = self.linear_logit(summarise(taps)), self._mean_part(taps)
        places = logit[:, None, None] + _by_place(evidence[:, None]).squeeze(1)
        if not self.config.attention:
            return ModelOutput(logit, places, evidence, noise, None)
        token_evidence, weight = self.attention(taps[-1][:, 1:], noise_energy(blocks))
        shape = (len(x), -1, GRID, GRID)
        a, moved = weight.view(shape), (weight * token_evidence).view(shape)
        here = (_by_place(moved) / _by_place(a).clamp_min(1e-8)).sum(1)
        bias = self.attention.classifier.bias
        # A token's share of a mean over GRID^2 tokens and its share of the attention's sum are put on one scale.
        evidence = evidence + moved.sum(1) * GRID * GRID
        return ModelOutput(logit + moved.sum((1, 2, 3)) + bias, places + here + bias, evidence, noise, a)

    def _mean_part(self, taps: list[Tensor]) -> Tensor:
        """Return how far the linear part of s would move if all tokens were as each one is, (B, GRID, GRID)."""
        weight = (self.linear.weight[0] * self.feature_scale).view(2 * len(taps), WIDTH)[len(taps) :]
        map_ = torch.stack([t[:, 1:] @ w for t, w in zip(taps, weight, strict=True)]).sum(0)
        return (map_ - map_.mean(1, keepdim=True)).view(-1, GRID, GRID)


def summarise(taps: list[Tensor]) -> Tensor:
    """Return the pooled features (B, summary_width): class tokens of all taps, then means of their other tokens."""
    return torch.cat([t[:, 0] for t in taps] + [t[:, 1:].mean(1) for t in taps], dim=1)
