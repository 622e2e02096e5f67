"""What judges: a linear part on pooled features, then noise-guided attention trained on top of it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F

from noiselens_core.model import AnlDetector

from .config import HeadConfig
from .features import Features
from .losses import globality_loss

Floats = NDArray[np.float64]
_CHUNK = 256  # windows judged at once


def fit_head(
    model: AnlDetector,
    views: list[Features],
    label: NDArray[np.int64],
    weight: Floats,
    chosen: NDArray[np.bool_],
    config: HeadConfig,
    tick: Callable[[int], None] = lambda _: None,
) -> None:
    """Fit the model's head to the chosen samples, in place (docs/METHOD.md 1.6 to 1.8).

    label, weight, chosen: (N,) over the samples that the views' `owner` counts.
    """
    _fit_linear(model, views, label, weight, chosen, config)
    if model.config.attention:
        _fit_attention(model, views, label, weight, chosen, config, tick)


def _fit_linear(
    model: AnlDetector,
    views: list[Features],
    label: NDArray[np.int64],
    weight: Floats,
    chosen: NDArray[np.bool_],
    config: HeadConfig,
) -> None:
    """Ridge logistic regression on standardised pooled features: convex, so the same data give the same detector."""
    rows = [view.of(chosen) for view in views]
    x = np.concatenate([np.asarray(view.summary[r], np.float32) for view, r in zip(views, rows, strict=True)])
    owner = np.concatenate([view.owner[r] for view, r in zip(views, rows, strict=True)])
    mean, scale = x.mean(0), 1 / (x.std(0) + 1e-6)
    x = (x - mean) * scale
    found = LogisticRegression(C=config.inverse_ridge, max_iter=500)
    found.fit(x, label[owner], sample_weight=weight[owner] / len(views))
    with torch.no_grad():
        model.feature_mean.copy_(torch.from_numpy(mean))
        model.feature_scale.copy_(torch.from_numpy(scale))
        model.linear.weight.copy_(torch.from_numpy(found.coef_))
        model.linear.bias.copy_(torch.from_numpy(found.intercept_))


def _fit_attention(
    model: AnlDetector,
    views: list[Features],
    label: NDArray[np.int64],
    weight: Floats,
    chosen: NDArray[np.bool_],
    config: HeadConfig,
    tick: Callable[[int], None],
) -> None:
    """Train the attention on what the linear part leaves: BCE(linear + z's logit, y) + lambda_a L_a."""
    torch.manual_seed(config.seed)
    attention = model.attention.train()
    optimizer = torch.optim.AdamW(attention.parameters(), weight_decay=config.weight_decay)
    rng = np.random.default_rng(config.seed)
    rows = [view.of(chosen) for view in views]
    shares = [weight[view.owner[r]] / weight[view.owner[r]].sum() for view, r in zip(views, rows, strict=True)]
    for step in range(1, config.steps + 1):
        at = int(rng.integers(len(views)))
        view, picked = views[at], np.sort(rng.choice(rows[at], config.batch_size, p=shares[at]))
        y = torch.from_numpy(label[view.owner[picked]]).float()
        offset = _linear(model, view, picked)
        evidence, a = attention(*_attended(view, picked))
        logit = offset + (a * evidence).sum((1, 2)) + attention.classifier.bias
        loss = F.binary_cross_entropy_with_logits(logit, y) + config.attention_weight * globality_loss(a)
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * 0.5 * (1 + math.cos(math.pi * step / config.steps))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        tick(step)
    attention.eval()


def _attended(view: Features, rows: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(view.tokens[rows]).float(), torch.from_numpy(view.energy[rows]).float()


def _linear(model: AnlDetector, view: Features, rows: NDArray[np.int64]) -> torch.Tensor:
    with torch.no_grad():
        return model.linear_logit(torch.from_numpy(view.summary[rows]).float())


def judge(model: AnlDetector, view: Features, chosen: NDArray[np.bool_]) -> Floats:
    """Return the mean logit over windows of every sample, (N,); NaN where it is not chosen or has no window."""
    rows = view.of(chosen)
    total, count = np.zeros(len(chosen)), np.zeros(len(chosen))
    for first in range(0, len(rows), _CHUNK):
        part = rows[first : first + _CHUNK]
        logit = _linear(model, view, part)
        if model.config.attention:
            with torch.inference_mode():
                evidence, a = model.attention(*_attended(view, part))
                logit = logit + (a * evidence).sum((1, 2)) + model.attention.classifier.bias
        np.add.at(total, view.owner[part], logit.double().numpy())
        np.add.at(count, view.owner[part], 1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
