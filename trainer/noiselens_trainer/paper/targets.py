"""What a frozen diffusion model says of an image: the targets T0, T1 and T2 behind one interface."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .config import TargetConfig


@dataclass(frozen=True)
class NoiseModel:
    """A frozen diffusion model, of pixels or of latents.

    Attributes:
        name: what the cache and the trained file call it.
        predict: eps_phi(x_t, t) for x_t in the model's own space.
        alpha_bar: (T,) cumulative products of its schedule.
        encode: pixels (B, 3, H, W) in [-1, 1] to that space; the identity for a model of pixels.
        channels, stride: of that space, 3 and 1 for pixels, 4 and 8 for the latents of SD 1.x.
    """

    name: str
    predict: Callable[[Tensor, int], Tensor]
    alpha_bar: Tensor
    encode: Callable[[Tensor], Tensor]
    channels: int = 3
    stride: int = 1

    def shape(self, crop_px: int) -> tuple[int, int, int]:
        """Return the shape of the target of one crop."""
        return self.channels, crop_px // self.stride, crop_px // self.stride


@torch.no_grad()
def noise_target(model: NoiseModel, x: Tensor, config: TargetConfig) -> Tensor:
    """Return N*(x) for crops (B, 3, H, W) in [-1, 1], (B, *model.shape(H)) float32, no gradient.

    T0: eps_phi(x, t). T1: `inversion_steps` steps of DDIM inversion from x to x_t, then eps_phi(x_t, t).
    T2: mean_k[eps_phi(sqrt(a) x + sqrt(1 - a) e_k, t) - e_k] with the same e_k for every crop.
    """
    z, t = model.encode(x), config.timestep
    if config.kind == "T0":
        return model.predict(z, t).float()
    if config.kind == "T1":
        return model.predict(invert(model, z, t, config.inversion_steps), t).float()
    a = model.alpha_bar[t]
    error = torch.zeros_like(z)
    for k in range(config.draws):
        e = torch.randn(z.shape[1:], generator=torch.Generator().manual_seed(k)).to(z)
        error += model.predict(a.sqrt() * z + (1 - a).sqrt() * e, t) - e
    return (error / config.draws).float()


def invert(model: NoiseModel, z: Tensor, t: int, steps: int) -> Tensor:
    """Run DDIM backwards (eta = 0, Song et al. 2021) from a clean z to z_t in `steps` steps."""
    for now, after in itertools.pairwise(torch.linspace(0, t, steps + 1).round().long().tolist()):
        a, b = model.alpha_bar[now], model.alpha_bar[after]
        eps = model.predict(z, now)
        z = b.sqrt() * (z - (1 - a).sqrt() * eps) / a.sqrt() + (1 - b).sqrt() * eps
    return z
