"""The equations of docs/METHOD.md 1 on cases worked out by hand."""

from __future__ import annotations

import pytest
import torch

from noiselens_trainer.losses import cosine, globality_loss, noise_loss


def test_noise_loss_is_zero_only_when_the_prediction_is_the_target() -> None:
    target = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert noise_loss(target, target).item() == pytest.approx(0, abs=1e-6)
    assert noise_loss(2 * target, target).item() > 0.1  # right direction, wrong magnitude


def test_noise_loss_of_the_opposite_direction_costs_two_for_the_cosine() -> None:
    target = torch.full((1, 3, 2, 2), 0.5)
    assert cosine(-target, target).item() == pytest.approx(-1)
    # SmoothL1 of a distance of 1 is 0.5, and 1 - cos is 2.
    assert noise_loss(-target, target).item() == pytest.approx(2.5)


def test_globality_loss_is_zero_for_uniform_and_one_for_a_single_token() -> None:
    uniform = torch.full((1, 2, 4, 4), 1 / 16)
    single = torch.zeros(1, 2, 4, 4)
    single[..., 0, 0] = 1
    assert globality_loss(uniform).item() == pytest.approx(0, abs=1e-6)
    assert globality_loss(single).item() == pytest.approx(1, abs=1e-6)
