"""A zoo of small, deliberately different image autoencoders: what a real picture passes through to become a fake.

Every generator of today ends in a decoder, and its traces are what aligned fakes teach (docs/METHOD.md 3). The zoo
needs nothing but real photographs; zoo_training.py trains it.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from .data import DataError

_KEY = "noiselens-zoo"
KINDS = ("plain", "kl", "vq")
FACTORS = (4, 8)
ENLARGER = "sr"  # the kind of a member that learned to enlarge a picture by 2 (super-resolution)
UPS = ("nearest", "bilinear", "transposed", "shuffle")
NORMS = ("group", "batch", "none")
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "silu": nn.SiLU, "gelu": nn.GELU}
LOSSES = ("l1", "perceptual", "adversarial")
WIDTHS = (24, 32)
CHANNELS = {2: 3, 4: 8, 8: 24}  # of the latent, by factor; at 2 it is the picture at half its sides
LAST_WIDTH = 16  # channels at the picture's own sides, where they cost most
LEVELS = 8  # a channel of a quantised latent takes so many values
MIN_PSNR_DB = 22.0  # on left-out crops; a member below has not learned to hand a picture on, and is not used


@dataclass(frozen=True)
class Recipe:
    """What one member of the zoo is made of.

    Attributes:
        kind: of the latent; vq is finite scalar quantisation (Mentzer et al. 2024), whose fixed grid cannot collapse in
            a training of minutes; sr has no encoder, its latent is the picture at half its sides.
        factor: of the latent's sides, 4 or 8; 2 for sr.
        up: how the decoder enlarges.
        loss: l1; perceptual, which adds differences of gradients at three scales; adversarial, which adds a small
            discriminator of patches.
        width: channels at half the picture's sides.
        seed: of weights and crops.
    """

    kind: str
    factor: int
    up: str
    norm: str
    activation: str
    loss: str
    width: int
    seed: int

    @property
    def name(self) -> str:
        """Its family: every setting in a word, the seed first."""
        parts = (self.kind, f"f{self.factor}", self.up, self.norm, self.activation, self.loss, f"w{self.width}")
        return f"zoo{self.seed:02d}-{'-'.join(parts)}"


def recipes(count: int, kinds: tuple[str, ...] = KINDS, factors: tuple[int, ...] = FACTORS) -> list[Recipe]:
    """Return `count` recipes, each as different as can be from those before it; a longer list begins with a shorter.

    Among equally different ones the one is taken whose settings were used least so far, then one by a fixed shuffle.
    """
    options = list(itertools.product(kinds, factors, UPS, NORMS, ACTIVATIONS, LOSSES, WIDTHS))
    order = np.random.default_rng(0).permutation(len(options))
    options = [options[i] for i in order]
    if not 0 < count <= len(options):
        raise DataError(f"A zoo has 1 to {len(options)} members. Ask for as many.")
    nearest = [len(options[0])] * len(options)  # settings that differ from the most alike recipe taken
    used: Counter[tuple[int, object]] = Counter()
    taken: list[Recipe] = []
    for seed in range(count):
        best = min(range(len(options)), key=lambda i: (-nearest[i], sum(used[item] for item in enumerate(options[i]))))
        found = options[best]
        taken.append(Recipe(*found, seed))
        used.update(enumerate(found))
        nearest = [
            min(near, sum(a != b for a, b in zip(option, found, strict=True)))
            for near, option in zip(nearest, options, strict=True)
        ]
    return taken


def enlargers(count: int) -> list[Recipe]:
    """Return `count` recipes of super-resolution networks, which restore what halving the sides took."""
    return recipes(count, (ENLARGER,), (2,)) if count else []


def _norm(recipe: Recipe, channels: int) -> nn.Module:
    if recipe.norm == "group":
        return nn.GroupNorm(8, channels)
    return nn.BatchNorm2d(channels) if recipe.norm == "batch" else nn.Identity()


def _unit(recipe: Recipe, entering: int, leaving: int, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(entering, leaving, 3, stride, 1)
    return nn.Sequential(conv, _norm(recipe, leaving), ACTIVATIONS[recipe.activation]())


class _Residual(nn.Module):
    """x + conv(unit(x)); the last convolution starts at zero, which spares members without a norm."""

    def __init__(self, recipe: Recipe, channels: int):
        super().__init__()
        self.unit, self.conv = _unit(recipe, channels, channels), nn.Conv2d(channels, channels, 3, 1, 1)
        nn.init.zeros_(self.conv.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(self.unit(x))  # type: ignore[no-any-return]


def _enlarge(recipe: Recipe, entering: int, leaving: int) -> nn.Sequential:
    """Return what doubles the sides, in one of the four ways that leave different traces."""
    if recipe.up == "transposed":
        layers: list[nn.Module] = [nn.ConvTranspose2d(entering, leaving, 3, 2, 1, output_padding=1)]
    elif recipe.up == "shuffle":
        layers = [nn.Conv2d(entering, 4 * leaving, 3, 1, 1), nn.PixelShuffle(2)]
    else:
        layers = [nn.Upsample(scale_factor=2, mode=recipe.up), nn.Conv2d(entering, leaving, 3, 1, 1)]
    return nn.Sequential(*layers, _norm(recipe, leaving), ACTIVATIONS[recipe.activation]())


class Autoencoder(nn.Module):
    """One member of the zoo: pictures (B, 3, H, W) in [-1, 1] to pictures of the same size; sides multiples of 8."""

    def __init__(self, recipe: Recipe):
        super().__init__()
        self.recipe = recipe
        levels = {2: 1, 4: 2, 8: 3}[recipe.factor]
        widths = [recipe.width * n for n in (1, 2, 2)][:levels]
        latent = CHANNELS[recipe.factor]
        self.encoder = nn.Sequential(nn.AvgPool2d(2))
        self.patches: nn.Module | None = None
        if recipe.kind != ENLARGER:
            self._learn_to_encode(recipe, widths, latent)
        up: list[nn.Module] = [nn.Conv2d(latent, widths[-1], 3, 1, 1), _Residual(recipe, widths[-1])]
        for entering, leaving in itertools.pairwise([*reversed(widths), LAST_WIDTH]):
            up.append(_enlarge(recipe, entering, leaving))
        self.decoder = nn.Sequential(*up, nn.Conv2d(LAST_WIDTH, 3, 3, 1, 1))

    def _learn_to_encode(self, recipe: Recipe, widths: list[int], latent: int) -> None:
        down: list[nn.Module] = []
        for entering, leaving in zip([3, *widths], widths, strict=False):
            down.append(_unit(recipe, entering, leaving, stride=2))
        down.append(_Residual(recipe, widths[-1]))
        leaving = latent * (2 if recipe.kind == "kl" else 1)
        self.encoder = nn.Sequential(*down, nn.Conv2d(widths[-1], leaving, 1))
        # A linear way beside it: the decoder has something to learn from in the first minute.
        self.patches = nn.Conv2d(3, leaving, recipe.factor, recipe.factor)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the latent (B, C, H / factor, W / factor) and the loss it adds, a scalar.

        kl: a draw while training and the mean otherwise; vq: quantised, with straight-through gradients.
        """
        zero = x.new_zeros(())
        if self.patches is None:
            return self.encoder(x), zero
        z = self.encoder(x) + self.patches(x)  # (B, C or 2 C, H / factor, W / factor)
        if self.recipe.kind == "vq":
            scaled = torch.tanh(z) * (LEVELS - 1) / 2
            rounded = (scaled - 0.5).round() + 0.5  # an even number of levels: -3.5 ... 3.5
            return (scaled + (rounded - scaled).detach()) * 2 / (LEVELS - 1), zero
        if self.recipe.kind == "plain":
            return z, zero
        mean, log_variance = z.chunk(2, dim=1)
        log_variance = log_variance.clamp(-20, 4)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean()
        if not self.training:
            return mean, divergence
        return mean + (0.5 * log_variance).exp() * torch.randn_like(mean), divergence

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the picture as the decoder gives it back, and what the latent adds to the loss."""
        z, added = self.encode(x)
        y = self.decoder(z)
        if self.patches is None:  # it learns what plain enlarging lacks
            y = y + F.interpolate(z, scale_factor=2, mode="bilinear")
        return y, added

    @torch.no_grad()
    def remake(self, x: Tensor) -> Tensor:
        """Return pictures (B, 3, H, W) in [-1, 1] after a pass through the member, clamped."""
        return self(x)[0].clamp(-1, 1)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Member:
    """A trained member.

    Attributes:
        psnr_db: on crops of photographs that no member was trained on.
        trained: its training as canonical JSON; two members with equal texts are the same.
    """

    recipe: Recipe
    psnr_db: float
    trained: str

    @property
    def learned(self) -> bool:
        """Whether it hands pictures on well enough to be used."""
        return self.psnr_db >= MIN_PSNR_DB


def save_member(path: Path, network: Autoencoder, member: Member) -> None:
    """Write a member as float16 safetensors with its recipe and figure, replacing the file whole."""
    tensors = {k: v.detach().cpu() for k, v in network.state_dict().items()}
    tensors = {k: (v.half() if v.is_floating_point() else v).contiguous() for k, v in tensors.items()}
    part = path.with_suffix(".part")
    save_file(tensors, part, metadata={_KEY: json.dumps(asdict(member))})
    part.replace(path)


def read_member(path: Path) -> Member:
    """Read what a member's file says of it. Raises DataError."""
    try:
        with safe_open(path, "pt") as file:
            data = json.loads(file.metadata()[_KEY])
        return Member(Recipe(**data["recipe"]), float(data["psnr_db"]), str(data["trained"]))
    except Exception as error:
        raise DataError(f"{path} is no member of a zoo ({error}). Train some with: noiselens-train zoo") from error


def load_member(path: Path) -> Autoencoder:
    """Load a member, frozen. Raises DataError."""
    member = read_member(path)
    network = Autoencoder(member.recipe)
    try:
        with safe_open(path, "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in tensors.items()})
    except RuntimeError as error:
        raise DataError(
            f"{path} does not hold the weights of its recipe. Train it with: noiselens-train zoo"
        ) from error
    return network.eval().requires_grad_(False)


def find_members(folder: Path) -> dict[Path, Member]:
    """Return the members in a folder that learned, in the order of their names. Raises DataError when there is none."""
    found = {path: read_member(path) for path in sorted(folder.glob("zoo*.safetensors"))}
    learned = {path: member for path, member in found.items() if member.learned}
    if not learned:
        raise DataError(f"{folder} holds no member that learned. Train some with: noiselens-train zoo --out {folder}")
    return learned
