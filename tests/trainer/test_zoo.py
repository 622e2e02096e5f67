"""The decoder zoo: recipes that differ, members that learn, runs that go on after a kill."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from noiselens_core.progress import Progress
from noiselens_trainer import zoo_training
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.state import RunError, save_state
from noiselens_trainer.zoo import (
    ACTIVATIONS,
    FACTORS,
    KINDS,
    LEVELS,
    LOSSES,
    MIN_PSNR_DB,
    NORMS,
    UPS,
    Autoencoder,
    Member,
    Recipe,
    enlargers,
    find_members,
    load_member,
    read_member,
    recipes,
    save_member,
)
from noiselens_trainer.zoo_training import ZooConfig, gradient_distance, psnr_db, read_photographs, train_zoo

TINY = ZooConfig(crop_px=32, batch_size=2, steps=6, measured_crops=4, save_every=2)
PLAIN = Recipe("plain", 4, "nearest", "group", "silu", "l1", 24, 0)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Twelve small smooth pictures in a folder without labels."""
    folder = tmp_path_factory.mktemp("photographs")
    for i in range(12):
        small = np.random.default_rng(i).integers(0, 256, (5, 5, 3), dtype=np.uint8)
        Image.fromarray(small).resize((72, 64), Image.Resampling.BICUBIC).save(folder / f"{i}.png")
    return read_photographs(folder)


def test_recipes_differ_and_a_larger_zoo_holds_the_smaller() -> None:
    many = recipes(24)
    assert many[:7] == recipes(7)
    assert len({recipe.name for recipe in many}) == 24
    settings = [{getattr(r, name) for r in many} for name in ("kind", "factor", "up", "norm", "activation", "loss")]
    assert settings == [set(KINDS), set(FACTORS), set(UPS), set(NORMS), set(ACTIVATIONS), set(LOSSES)]
    # Each of four ways to enlarge and three of everything else is used about as often as the others.
    assert all(4 <= sum(r.up == up for r in many) <= 8 for up in UPS)
    assert all(6 <= sum(r.kind == kind for r in many) <= 10 for kind in KINDS)


def test_a_zoo_has_an_end() -> None:
    with pytest.raises(DataError, match="1 to"):
        recipes(0)
    with pytest.raises(DataError, match="1 to"):
        recipes(100_000)


@pytest.mark.parametrize("recipe", recipes(16), ids=lambda recipe: recipe.name)
def test_a_member_keeps_a_pictures_size_and_is_small(recipe: Recipe) -> None:
    network = Autoencoder(recipe).eval()
    assert 100_000 < sum(p.numel() for p in network.parameters()) < 500_000  # under 1 MB in half precision
    x = torch.rand(1, 3, 40, 64) * 2 - 1
    assert network.remake(x).shape == x.shape
    assert network.encode(x)[0].shape[2:] == (40 // recipe.factor, 64 // recipe.factor)


@pytest.mark.parametrize("recipe", enlargers(4), ids=lambda recipe: recipe.name)
def test_an_enlarger_sees_half_the_sides_and_adds_to_plain_enlarging(recipe: Recipe) -> None:
    assert {r.up for r in enlargers(4)} == set(UPS)
    network = Autoencoder(recipe).eval()
    assert sum(p.numel() for p in network.parameters()) < 200_000
    x = torch.rand(1, 3, 40, 64) * 2 - 1
    z, _ = network.encode(x)
    assert z.shape == (1, 3, 20, 32)
    assert torch.allclose(z[0, :, 0, 0], x[0, :, :2, :2].mean((1, 2)))
    for parameter in network.decoder[-1].parameters():
        torch.nn.init.zeros_(parameter)
    plain = torch.nn.functional.interpolate(z, scale_factor=2, mode="bilinear")
    assert torch.equal(network.remake(x), plain)


def test_an_enlarger_is_trained_beside_the_members_and_becomes_a_maker(
    photographs: list[Sample], tmp_path: Path
) -> None:
    config = replace(TINY, steps=30, batch_size=4)
    (_, enlarger) = train_zoo(photographs, 1, config, tmp_path, lambda _: None, enlarging=1)
    assert enlarger.recipe == enlargers(1)[0]
    assert enlarger.learned  # plain enlarging is a good start
    assert enlarger in find_members(tmp_path).values()
    x = torch.rand(1, 3, 32, 48) * 2 - 1
    assert load_member(tmp_path / f"{enlarger.recipe.name}.safetensors").remake(x).shape == x.shape


def test_a_quantised_latent_takes_few_values_and_passes_gradients() -> None:
    network = Autoencoder(replace(PLAIN, kind="vq"))
    z, added = network.encode(torch.rand(2, 3, 64, 64) * 8 - 4)
    places = (z + 1) / 2 * (LEVELS - 1)
    assert torch.allclose(places, places.round(), atol=1e-4)
    assert float(z.detach().abs().max()) <= 1
    assert float(added) == 0
    z.sum().backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.encoder[-1].parameters())


def test_a_kl_latent_is_drawn_while_training_only_and_costs_its_divergence() -> None:
    network, x = Autoencoder(replace(PLAIN, kind="kl")), torch.rand(1, 3, 32, 32)
    assert not torch.equal(network.encode(x)[0], network.encode(x)[0])
    network.eval()
    assert torch.equal(network.encode(x)[0], network.encode(x)[0])
    assert float(network.encode(x)[1].detach()) > 0


def test_lost_sharpness_costs_and_a_shift_of_brightness_does_not() -> None:
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert float(gradient_distance(x + 0.3, x)) == pytest.approx(0, abs=1e-6)
    assert float(gradient_distance(torch.full_like(x, 0.5), x)) > 0.05


def test_a_member_learns_to_hand_pictures_on(photographs: list[Sample], tmp_path: Path) -> None:
    config = replace(TINY, steps=40, batch_size=4)
    seen: list[Progress] = []
    (member,) = train_zoo(photographs, 1, config, tmp_path, seen.append)
    torch.manual_seed(0)
    x = torch.rand(2, 3, 32, 32)
    assert member.psnr_db > psnr_db(Autoencoder(member.recipe).eval(), x) + 3
    assert (seen[-1].stage, seen[-1].step, seen[-1].total) == ("zoo", 40, 40)
    assert seen[-1].values["psnr_db"] == member.psnr_db
    with Image.open(tmp_path / "zoo.png") as sheet:  # the left-out crops in a column, then the member's
        assert sheet.size == (2 * 2 * 32, 2 * 4 * 32)


def test_the_ratio_of_noise_is_that_of_the_mean_square_error() -> None:
    class Brighter(Autoencoder):
        def remake(self, x: torch.Tensor) -> torch.Tensor:
            return x + 0.2

    assert psnr_db(Brighter(PLAIN), torch.zeros(1, 3, 8, 8)) == pytest.approx(10 * math.log10(4 / 0.04), abs=1e-4)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_killed_run_goes_on_and_ends_with_the_same_weights(
    loss: str, photographs: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(PLAIN, kind="kl", norm="batch", loss=loss)
    monkeypatch.setattr(zoo_training, "recipes", lambda count: [recipe])
    (whole,) = train_zoo(photographs, 1, TINY, tmp_path / "whole", lambda _: None)

    def kill(path: Path, step: int, *rest: object) -> None:
        save_state(path, step, *rest)  # type: ignore[arg-type]
        if step == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(zoo_training, "save_state", kill)
    with pytest.raises(KeyboardInterrupt):
        train_zoo(photographs, 1, TINY, tmp_path / "killed", lambda _: None)
    monkeypatch.setattr(zoo_training, "save_state", save_state)
    (resumed,) = train_zoo(photographs, 1, TINY, tmp_path / "killed", lambda _: None)
    assert resumed == whole
    one, two = (
        load_member(tmp_path / part / f"{recipe.name}.safetensors").state_dict() for part in ("whole", "killed")
    )
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not list((tmp_path / "killed" / "state").iterdir())


def test_what_is_there_is_not_trained_again_and_a_zoo_grows(
    photographs: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train_zoo(photographs, 1, TINY, tmp_path, lambda _: None)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("zoo00*.safetensors")}
    both = train_zoo(photographs, 2, TINY, tmp_path, lambda _: None)
    assert both[:1] == first
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    with pytest.raises(RunError, match="other settings"):
        train_zoo(photographs, 2, replace(TINY, steps=7), tmp_path, lambda _: None)


def test_a_member_that_did_not_learn_is_said_and_not_used(photographs: list[Sample], tmp_path: Path) -> None:
    seen: list[Progress] = []
    (member,) = train_zoo(photographs, 1, replace(TINY, steps=2), tmp_path, seen.append)
    assert not member.learned
    assert "did not learn" in seen[-1].message
    with pytest.raises(DataError, match="no member that learned"):
        find_members(tmp_path)
    good = Member(replace(PLAIN, seed=7), MIN_PSNR_DB, "")
    save_member(tmp_path / f"{good.recipe.name}.safetensors", Autoencoder(good.recipe), good)
    assert list(find_members(tmp_path).values()) == [good]


def test_a_member_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "zoo.safetensors"
    network = Autoencoder(PLAIN).eval()
    save_member(path, network, Member(PLAIN, 30.0, "how"))
    assert read_member(path) == Member(PLAIN, 30.0, "how")
    x = torch.rand(1, 3, 32, 32)
    assert torch.allclose(load_member(path).remake(x), network.remake(x), atol=5e-3)


def test_a_file_that_is_no_member_is_one_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "zoo00.safetensors"
    wrong.write_bytes(b"nothing")
    with pytest.raises(DataError, match="no member of a zoo"):
        find_members(tmp_path)
    save_member(wrong, Autoencoder(PLAIN), Member(replace(PLAIN, factor=8), 30.0, ""))
    with pytest.raises(DataError, match="weights of its recipe"):
        load_member(wrong)


def test_photographs_are_the_real_images_or_all_of_a_folder_without_labels(
    photographs: list[Sample], manifest: Path, tmp_path: Path
) -> None:
    assert len(photographs) == 12
    assert {s.label for s in photographs} == {0}
    assert len(read_photographs(manifest)) == 12
    with pytest.raises(DataError, match="no real photographs"):
        read_photographs(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_photographs(tmp_path / "none.csv")


def test_too_few_or_unreadable_photographs_are_one_sentence(photographs: list[Sample], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 10"):
        train_zoo(photographs[:9], 1, TINY, tmp_path, lambda _: None)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    with pytest.raises(DataError, match="can be read"):
        train_zoo([replace(s, path=broken) for s in photographs], 1, TINY, tmp_path, lambda _: None)
    train_zoo([replace(photographs[0], path=broken), *photographs], 1, TINY, tmp_path, lambda _: None)
