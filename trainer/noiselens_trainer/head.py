"""What judges: a linear part on pooled features, then noise-guided attention trained on top of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F

from noiselens_core.model import AnlDetector

from .config import HeadConfig
from .data import ask_for_both
from .features import Features
from .losses import globality_loss
from .state import RunError

Floats = NDArray[np.float64]
_CHUNK = 256  # windows judged at once


@dataclass(frozen=True)
class Labelled:
    """What a head is fitted to: the views' features, and a label and a weight for each of N samples.

    label, weight: (N,) over the samples that the views' `owner` counts; label 1 is generated, 0 is real.
    """

    views: list[Features]
    label: NDArray[np.int64]
    weight: Floats


def fit_head(
    model: AnlDetector, data: Labelled, chosen: NDArray[np.bool_], config: HeadConfig, linear: Floats | None = None
) -> None:
    """Fit the model's head to the chosen samples, in place (docs/METHOD.md 1.6 to 1.8). chosen: (N,).

    Raises DataError when the chosen that could be read are of one label.
    linear: the linear part, as `linear_part` returns it, where it was fitted to the same before: it is convex.
    """
    if linear is None:
        _fit_linear(model, data, chosen, config)
    else:
        _set_linear(model, linear)
    if model.config.attention:
        _fit_attention(model, data, chosen, config)


def _fit_linear(model: AnlDetector, data: Labelled, chosen: NDArray[np.bool_], config: HeadConfig) -> None:
    """Ridge logistic regression on standardised pooled features: convex, so the same data give the same detector."""
    rows = [(view, view.of(chosen)) for view in data.views]
    x = np.concatenate([np.asarray(view.summary[r], np.float32) for view, r in rows])
    owner = np.concatenate([view.owner[r] for view, r in rows])
    ask_for_both(data.label[owner])
    mean, scale = x.mean(0), 1 / (x.std(0) + 1e-6)
    x = (x - mean) * scale
    found = LogisticRegression(C=config.inverse_ridge, max_iter=500)
    found.fit(x, data.label[owner], sample_weight=data.weight[owner] / len(rows))
    with torch.no_grad():
        model.feature_mean.copy_(torch.from_numpy(mean))
        model.feature_scale.copy_(torch.from_numpy(scale))
        model.linear.weight.copy_(torch.from_numpy(found.coef_))
        model.linear.bias.copy_(torch.from_numpy(found.intercept_))


def _set_linear(model: AnlDetector, linear: Floats) -> None:
    with torch.no_grad():
        model.feature_mean.zero_()
        model.feature_scale.fill_(1.0)
        model.linear.weight.copy_(torch.from_numpy(linear[None, :-1]))
        model.linear.bias.copy_(torch.from_numpy(linear[-1:]))


def linear_part(model: AnlDetector) -> Floats:
    """Return the linear part on pooled features as they come, (D + 1,): weights with the standardisation, then bias."""
    weight, bias = model.linear.weight[0].detach().double(), model.linear.bias.detach().double()
    weight = weight * model.feature_scale
    return torch.cat((weight, bias - weight @ model.feature_mean.double())).numpy()


def _fit_attention(model: AnlDetector, data: Labelled, chosen: NDArray[np.bool_], config: HeadConfig) -> None:
    """Train the attention on what the linear part leaves: BCE(linear + z's logit, y) + lambda_a L_a."""
    torch.manual_seed(config.seed)
    attention = model.attention.train()
    optimizer = torch.optim.AdamW(attention.parameters(), weight_decay=config.weight_decay)
    rng = np.random.default_rng(config.seed)
    rows = [(view, view.of(chosen)) for view in data.views]
    shares = [data.weight[view.owner[r]] / data.weight[view.owner[r]].sum() for view, r in rows]
    for step in range(1, config.steps + 1):
        at = int(rng.integers(len(rows)))
        view, choice = rows[at]
        picked = np.sort(rng.choice(choice, config.batch_size, p=shares[at]))
        y = torch.from_numpy(data.label[view.owner[picked]]).float()
        offset = _linear(model, view, picked)
        evidence, a = attention(*_attended(view, picked))
        logit = offset + (a * evidence).sum((1, 2)) + attention.classifier.bias
        loss = F.binary_cross_entropy_with_logits(logit, y) + config.attention_weight * globality_loss(a)
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * 0.5 * (1 + math.cos(math.pi * step / config.steps))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    attention.eval()


def _attended(view: Features, rows: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
    if view.tokens is None:
        raise RunError("These features were kept without tokens, which the attention needs. Choose another folder.")
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
