"""Aligned fakes: pairs of one format and size, in one fold, made once."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from typer.testing import CliRunner

from noiselens_core.images import Decoder
from noiselens_core.progress import Progress
from noiselens_trainer.__main__ import app
from noiselens_trainer.align import (
    AlignConfig,
    Maker,
    align,
    autoencoder_maker,
    jpeg_quality,
    teacher_maker,
    up_down_maker,
    zoo_makers,
)
from noiselens_trainer.config import SplitConfig
from noiselens_trainer.data import DataError, Sample, family_folds, read_manifest
from noiselens_trainer.layouts import read_more
from noiselens_trainer.state import RunError
from noiselens_trainer.taesd import load_taesd
from noiselens_trainer.teacher import PixelTeacher
from noiselens_trainer.zoo import Autoencoder, Member, recipes, save_member

DARKER = Maker("darker", lambda x: (x - 0.2).clamp(-1, 1), "")
LIGHTER = Maker("lighter", lambda x: (x + 0.2).clamp(-1, 1), "")


def _photograph(path: Path, seed: int, size: tuple[int, int] = (150, 100), quality: int = 71) -> Path:
    small = np.random.default_rng(seed).integers(40, 216, (6, 6, 3), dtype=np.uint8)
    Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(path, quality=quality)
    return path


@pytest.fixture
def photographs(tmp_path: Path) -> list[Sample]:
    """Four real photographs of two families: three JPEG files of quality 71 and a PNG file."""
    made = []
    for i in range(4):
        path = tmp_path / f"{i}.png" if i == 3 else tmp_path / f"{i}.jpg"
        _photograph(path, i)
        made.append(Sample(path, 0, f"camera{i % 2}", f"camera{i % 2}"))
    return made


def _pixels(path: Path) -> np.ndarray:
    with Decoder() as decoder:
        return decoder.decode_file(path).pixels.astype(int)


def test_a_pair_has_one_size_and_differs_by_the_maker_alone(photographs: list[Sample], tmp_path: Path) -> None:
    assert align(photographs, [DARKER], AlignConfig(), tmp_path / "out", lambda _: None) == 4
    samples = read_manifest(tmp_path / "out" / "manifest.csv")
    assert [s.label for s in samples] == [0, 1] * 4
    for real, fake, taken in zip(samples[::2], samples[1::2], photographs, strict=True):
        one, two = _pixels(real.path), _pixels(fake.path)
        assert one.shape == two.shape == (96, 144, 3)  # whole tiles of 8 px
        assert np.abs(one - _pixels(taken.path)[:96, :144]).max() == 0
        assert np.abs(two - np.clip(one - 0.2 * 127.5, 0, 255)).max() <= 1
        assert (fake.source, fake.family, real.family) == ("darker", f"darker of {taken.family}", taken.family)


def test_a_large_photograph_gives_its_middle_at_native_resolution(tmp_path: Path) -> None:
    path = _photograph(tmp_path / "large.png", 0, (200, 120))
    align([Sample(path, 0, "a", "a")], [DARKER], AlignConfig(crop_px=64), tmp_path / "out", lambda _: None)
    real = read_manifest(tmp_path / "out" / "manifest.csv")[0]
    assert np.array_equal(_pixels(real.path), _pixels(path)[28:92, 68:132])


def test_as_source_keeps_the_quality_of_a_jpeg_for_both_of_a_pair(photographs: list[Sample], tmp_path: Path) -> None:
    config = AlignConfig(as_source=True)
    align(photographs, [DARKER], config, tmp_path / "out", lambda _: None)
    samples = read_manifest(tmp_path / "out" / "manifest.csv")
    assert [jpeg_quality(s.path.read_bytes()) for s in samples] == [71] * 6 + [None] * 2
    assert samples[-1].path.suffix == ".png"


@pytest.mark.parametrize("quality", [5, 50, 88, 100])
def test_a_jpegs_quality_is_read_without_decoding(quality: int, tmp_path: Path) -> None:
    data = _photograph(tmp_path / "a.jpg", 0, quality=quality).read_bytes()
    assert jpeg_quality(data) == quality
    for end in range(0, 200, 7):  # cut anywhere: an answer or none, and no exception
        jpeg_quality(data[:end])
    assert jpeg_quality(b"\xff\xd8\xff\xe0\x00\x00" * 9) is None
    assert jpeg_quality(b"\xff\xd8\xff\xdb") is None


def test_folds_part_no_pair_and_a_maker_does_not_tie_all_photographs_together(
    photographs: list[Sample], samples: list[Sample], tmp_path: Path
) -> None:
    align(photographs, [DARKER, LIGHTER], AlignConfig(copies=2), tmp_path / "out", lambda _: None)
    pairs = read_more([tmp_path / "out" / "manifest.csv"])
    assert Counter(s.source for s in pairs if s.label) == {"darker": 4, "lighter": 4}
    folds = family_folds([*samples, *photographs, *pairs], SplitConfig(folds=4))
    at = {folds[0, f"camera{i}"] for i in range(2)}
    assert len(at) == 2
    for sample in pairs:
        assert folds[sample.label, sample.family] == folds[0, sample.family.partition(" of ")[2] or sample.family]


def test_a_photograph_meets_as_many_makers_as_asked_and_always_the_same(
    photographs: list[Sample], tmp_path: Path
) -> None:
    makers = [replace(DARKER, name=f"maker{i}") for i in range(3)]
    rows = []
    for out, order in (("one", photographs), ("two", photographs[::-1])):
        align(order, makers, AlignConfig(copies=2), tmp_path / out, lambda _: None)
        with (tmp_path / out / "manifest.csv").open(newline="") as file:
            rows.append({(row["sha256"], row["source"]) for row in csv.DictReader(file) if row["label"] == "generated"})
    assert rows[0] == rows[1]
    assert set(Counter(sha256 for sha256, _ in rows[0]).values()) == {2}
    assert {source for _, source in rows[0]} == {"maker0", "maker1", "maker2"}


def test_what_was_made_is_not_made_again_and_a_killed_run_goes_on(photographs: list[Sample], tmp_path: Path) -> None:
    out, calls = tmp_path / "out", []

    def once(x: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return x

    maker = Maker("once", once, "")
    with pytest.raises(KeyboardInterrupt):
        align(photographs, [maker], AlignConfig(), out, lambda _: None)
    assert not (out / "manifest.csv").exists()
    assert align(photographs, [maker], AlignConfig(), out, lambda _: None) == 4
    assert len(calls) == 5  # two before the kill, the killed one, the two that were missing
    first = (out / "manifest.csv").read_bytes()
    assert align([*photographs, photographs[0]], [maker], AlignConfig(), out, lambda _: None) == 4
    assert (len(calls), (out / "manifest.csv").read_bytes()) == (5, first)
    assert not list(out.rglob("*.part"))


def test_copies_of_other_settings_are_not_mixed_in(photographs: list[Sample], tmp_path: Path) -> None:
    align(photographs, [DARKER], AlignConfig(), tmp_path / "out", lambda _: None)
    for maker, config in ((LIGHTER, AlignConfig()), (DARKER, AlignConfig(crop_px=64))):
        with pytest.raises(RunError, match="other settings"):
            align(photographs, [maker], config, tmp_path / "out", lambda _: None)
    with pytest.raises(RunError, match="other settings"):
        align(photographs, [replace(DARKER, settings="trained anew")], AlignConfig(), tmp_path / "out", lambda _: None)


def test_what_cannot_be_used_is_left_out_and_said(photographs: list[Sample], tmp_path: Path) -> None:
    broken, tiny = tmp_path / "broken.jpg", _photograph(tmp_path / "tiny.png", 9, (40, 90))
    broken.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    bad = [replace(photographs[0], path=path) for path in (broken, tiny)]
    seen: list[Progress] = []
    assert align([*bad, *photographs], [DARKER], AlignConfig(), tmp_path / "out", seen.append) == 4
    assert any("broken.jpg left out" in progress.message for progress in seen)
    with pytest.raises(DataError, match="None of these photographs"):
        align(bad, [DARKER], AlignConfig(), tmp_path / "none", lambda _: None)


def test_no_maker_or_two_of_one_name_are_one_sentence(photographs: list[Sample], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Give --zoo"):
        align(photographs, [], AlignConfig(), tmp_path, lambda _: None)
    with pytest.raises(DataError, match="one name"):
        align(photographs, [DARKER, DARKER], AlignConfig(), tmp_path, lambda _: None)


def test_our_diffusion_model_moves_a_picture_the_more_the_stronger(teacher: PixelTeacher) -> None:
    x = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
    faint, strong = (teacher_maker(teacher, strength, steps=4, seed=0) for strength in (0.01, 0.9))
    assert {faint.name, strong.name} == {f"{teacher.name}-s0.01", f"{teacher.name}-s0.90"}
    assert (faint.remake(x) - x).abs().mean() < (strong.remake(x) - x).abs().mean()


def test_down_and_up_takes_what_is_fine_and_leaves_what_is_coarse() -> None:
    coarse = torch.linspace(-1, 1, 64).expand(1, 3, 64, 64)
    fine = torch.tensor([-0.5, 0.5]).repeat(32).expand(1, 3, 64, 64)
    remake = up_down_maker(2).remake
    assert float((remake(coarse) - coarse).abs().mean()) < 0.02
    assert float(remake(fine).abs().mean()) < 0.1


def test_members_that_learned_become_makers(tmp_path: Path) -> None:
    for recipe, psnr in zip(recipes(2), (30.0, 5.0), strict=True):
        save_member(tmp_path / f"{recipe.name}.safetensors", Autoencoder(recipe), Member(recipe, psnr, f"{psnr}"))
    (maker,) = zoo_makers(tmp_path)
    assert (maker.name, maker.settings) == (recipes(1)[0].name, "30.0")
    assert maker.remake(torch.zeros(1, 3, 32, 40)).shape == (1, 3, 32, 40)


def _tiny_states(pooled: bool) -> dict[str, dict[str, torch.Tensor]]:
    """Encoder and decoder of taesd's form, 4 channels wide, one halving; positive weights, so that no ReLU is dead."""
    torch.manual_seed(0)

    def conv(name: str, entering: int, leaving: int, biased: bool = True, side: int = 3) -> dict[str, torch.Tensor]:
        bias = {f"{name}.bias": torch.rand(leaving) * 0.02} if biased else {}
        return {f"{name}.weight": torch.rand(leaving, entering, side, side) * 0.04} | bias

    def block(name: str) -> dict[str, torch.Tensor]:
        convs = conv(f"{name}.conv.0", 4, 4) | conv(f"{name}.conv.2", 4, 4) | conv(f"{name}.conv.4", 4, 4)
        norm = {f"{name}.pool.1.weight": torch.rand(16), f"{name}.pool.1.bias": torch.rand(16)}
        pool = conv(f"{name}.pool.0", 4, 16, False, 1) | norm | conv(f"{name}.pool.3", 16, 4, False, 1)
        return convs | (pool if pooled else {})

    encoder = conv("0", 3, 4) | block("1") | conv("2", 4, 4, False) | block("3") | conv("4", 4, 2)
    decoder = conv("1", 2, 4) | block("3") | conv("5", 4, 4, False) | conv("6", 4, 3)
    return {"encoder": encoder, "decoder": decoder}


@pytest.mark.parametrize("pooled", [False, True])
def test_a_folder_of_taesds_form_is_read_with_every_weight(pooled: bool, tmp_path: Path) -> None:
    states = _tiny_states(pooled)
    save_file(states["encoder"], tmp_path / "tiny_encoder.safetensors")
    torch.save(states["decoder"], tmp_path / "tiny_decoder.pth")
    maker = autoencoder_maker(tmp_path)
    x = torch.rand(1, 3, 32, 48) * 2 - 1
    y = maker.remake(x)
    assert y.shape == x.shape
    assert float(y.abs().max()) < 1
    for part in states:  # every layer has its place: a change of any weight changes the picture
        for key in states[part]:
            changed = {name: dict(state) for name, state in states.items()}
            changed[part][key] = changed[part][key] * 1.5
            folder = tmp_path / part / key
            folder.mkdir(parents=True)
            for name, state in changed.items():
                save_file(state, folder / f"{name}.safetensors")
            assert not torch.equal(autoencoder_maker(folder).remake(x), y), (part, key)


def test_the_decoder_looks_at_a_clamped_latent(tmp_path: Path) -> None:
    # taesd keeps its latent within 3 by a tanh before the decoder.
    for part, state in _tiny_states(False).items():
        save_file(state, tmp_path / f"{part}.safetensors")
    decoder = load_taesd(tmp_path).decoder
    one, two, far = (decoder(torch.full((1, 2, 4, 4), value)) for value in (1.0, 50.0, 500.0))
    assert torch.allclose(two, far, atol=1e-5)
    assert not torch.allclose(one, two, atol=1e-3)


def test_a_folder_that_is_no_autoencoder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no encoder"):
        autoencoder_maker(tmp_path)
    (tmp_path / "encoder.pth").write_bytes(b"nothing")
    with pytest.raises(DataError, match="no autoencoder of taesd's form"):
        autoencoder_maker(tmp_path)
    (tmp_path / "config.json").write_text('{"_class_name": "UNet2DModel"}')
    with pytest.raises(DataError, match="no autoencoder saved by diffusers"):
        autoencoder_maker(tmp_path)
    (tmp_path / "config.json").write_text('{"_class_name": "AutoencoderTiny"}')
    with pytest.raises(DataError, match="cannot be loaded as AutoencoderTiny"):
        autoencoder_maker(tmp_path)


@pytest.mark.parametrize("kind", ["AutoencoderKL", "AutoencoderTiny"])
def test_a_folder_saved_by_diffusers_gives_its_pictures(kind: str, tmp_path: Path) -> None:
    import diffusers

    torch.manual_seed(0)
    if kind == "AutoencoderTiny":
        small = {"num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1)}
        made = diffusers.AutoencoderTiny(encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8), **small)
    else:
        made = diffusers.AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, sample_size=32)
    made.save_pretrained(tmp_path)
    x = torch.rand(1, 3, 32, 40) * 2 - 1
    with torch.no_grad():
        expected = made.eval()(x).sample.clamp(-1, 1)
    assert torch.allclose(autoencoder_maker(tmp_path).remake(x), expected, atol=1e-5)


def test_from_a_folder_of_photographs_to_pairs_on_the_command_line(tmp_path: Path) -> None:
    folder, zoo, out = (str(tmp_path / name) for name in ("photographs", "zoo", "pairs"))
    Path(folder).mkdir()
    for i in range(10):
        _photograph(Path(folder) / f"{i}.png", i, (80, 72))
    run = CliRunner()
    done = run.invoke(app, ["zoo", "--data", folder, "--out", zoo, "--members", "1", "--steps", "2", "--json"])
    assert (done.exit_code, "0 of 1 members can be used" in done.stderr) == (0, True)
    done = run.invoke(app, ["align", "--data", folder, "--zoo", zoo, "--out", out])
    assert isinstance(done.exception, DataError)
    assert "no member that learned" in str(done.exception)
    ways = ["--strength", "0.01", "--denoising-steps", "2", "--up-down", "2", "--copies", "2", "--json"]
    done = run.invoke(app, ["align", "--data", folder, "--out", out, *ways])
    assert (done.exit_code, "20 aligned fakes" in done.stderr) == (0, True)
    last = Progress.from_line(done.stdout.splitlines()[-1])
    assert last is not None
    assert (last.stage, last.step, last.total) == ("align", 10, 10)
    sources = Counter(s.source for s in read_manifest(Path(out) / "manifest.csv"))
    assert sources == {"photographs": 10, "noiselens-teacher-1-s0.01": 10, "updown2": 10}
