"""A guided-diffusion checkpoint under its own names gives the same numbers after it was renamed."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from tests.trainer.paper.adm_reference import forward, random_state

from noiselens_trainer.data import DataError
from noiselens_trainer.paper.adm import ADM_256, AdmLayout, read_adm
from noiselens_trainer.paper.diffusion import adm_model, load_noise_model

TINY = AdmLayout((16, 16, 32), (False, True, True), layers=2, head_channels=8, side=32, groups=8)


@pytest.mark.parametrize("t", [0, 37, 999])
def test_the_renamed_model_computes_what_the_original_does(tmp_path: Path, t: int) -> None:
    torch.save(random_state(TINY), tmp_path / "tiny.pt")
    state = read_adm(tmp_path / "tiny.pt")
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(t))
    with torch.no_grad():
        expected = forward(state, TINY, x, t)
        found = adm_model(state, TINY, "tiny", "cpu").predict(x, t)
    assert expected.shape[1] == 6
    assert found.shape == x.shape  # noise alone, without what the variance is made of
    assert expected.std() > 0.1
    assert torch.allclose(found, expected[:, :3], atol=1e-4)


def test_its_schedule_is_the_linear_one() -> None:
    alpha_bar = adm_model(random_state(TINY), TINY, "tiny", "cpu").alpha_bar
    beta = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    assert torch.allclose(alpha_bar.double(), torch.cumprod(1 - beta, 0), atol=1e-6)


def test_the_published_model_has_the_layout_that_is_expected() -> None:
    from diffusers import UNet2DModel

    with torch.device("meta"):
        parameters = sum(p.numel() for p in UNet2DModel(**ADM_256.diffusers_config()).parameters())
    classes = 1000 * 4 * ADM_256.channels[0]  # the table counts the class-conditional model, which embeds them
    assert round((parameters + classes) / 1e6) == 554  # Dhariwal and Nichol 2021, table 4


def test_weights_of_another_shape_are_one_sentence() -> None:
    with pytest.raises(DataError, match="is not the 256 x 256 unconditional model"):
        adm_model(random_state(TINY), AdmLayout((16, 16), (True, True), 1, 8, 32, 8), "other", "cpu")


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pt"
    path.write_bytes(pickle.dumps(print, protocol=2))
    with pytest.raises(DataError, match="no checkpoint of weights alone"):
        load_noise_model(path)
    torch.save({"weights": [1, 2]}, path)
    with pytest.raises(DataError, match="something else than named weights"):
        load_noise_model(path)
