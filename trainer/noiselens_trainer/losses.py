"""One small callable an equation of docs/METHOD.md 1."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def cosine(eps_hat: Tensor, target: Tensor) -> Tensor:
    """Return the cosine between predicted and target noise of each crop, (B,)."""
    return F.cosine_similarity(eps_hat.flatten(1), target.flatten(1), dim=1)


def noise_loss(eps_hat: Tensor, target: Tensor) -> Tensor:
    """Return L_n = SmoothL1(eps_hat, N*) + 1 - cos(eps_hat, N*), the mean over crops (1.5).

    eps_hat, target: (B, 3, H, W); the target is already in units of the teacher's root mean square, one constant
    for all crops, so that the magnitude which the attention reads stays comparable between crops.
    """
    return F.smooth_l1_loss(eps_hat, target) + (1 - cosine(eps_hat, target)).mean()


def globality_loss(attention: Tensor) -> Tensor:
    """Return L_a = 1 - H(a) / log N, the mean over windows and heads (1.7); 0 when attention is uniform.

    attention: (B, heads, h, w), each head summing to 1.
    """
    a = attention.flatten(2)
    entropy = -(a * torch.log(a.clamp_min(1e-8))).sum(-1)
    return (1 - entropy / math.log(a.shape[-1])).mean()
