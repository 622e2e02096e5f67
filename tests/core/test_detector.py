"""The detector's road from pixels to a verdict."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from noiselens_core.calibration import Calibration, stability
from noiselens_core.checkpoint import DetectorSpec, load_detector, read_spec, save_detector
from noiselens_core.crops import CROP_PX, crop_grid, cut, pad_to_crop, to_unit
from noiselens_core.detector import Detector
from noiselens_core.device import choose_device
from noiselens_core.errors import ModelError
from noiselens_core.images import DecodedImage, Decoder, ImageFacts
from noiselens_core.model import AnlDetector, ModelConfig, median_of_neighbours
from noiselens_core.overlay import assemble, blend, heat_map
from noiselens_core.reasons import limits
from noiselens_core.verdict import Band, Verdict

SAMPLES = sorted((Path(__file__).parents[2] / "core/noiselens_core/samples").glob("*.jpg"))


@pytest.fixture(scope="module")
def detector() -> Detector:
    """The shipped default."""
    return Detector.load(device="cpu")


def _image(pixels: np.ndarray) -> DecodedImage:
    height, width = pixels.shape[:2]
    facts = ImageFacts(
        "PNG", width, height, pixels.nbytes, hashlib.sha256(pixels.tobytes()).hexdigest(), 1, False, False, ()
    )
    return DecodedImage(pixels, facts)


def _noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("width", "height", "count"), [(448, 448, 9), (128, 128, 1), (128, 500, 3), (4000, 3000, 25)])
def test_the_grid_covers_the_corners_and_is_bounded(width: int, height: int, count: int) -> None:
    grid = crop_grid(width, height)
    assert len(grid) == count
    assert (grid[0].left, grid[0].top) == (0, 0)
    assert (grid[-1].left, grid[-1].top) == (width - CROP_PX, height - CROP_PX)


def test_crops_are_the_image_s_own_pixels() -> None:
    pixels = _noise(300, 400)
    for crop, piece in zip(crop_grid(400, 300), cut(pixels, crop_grid(400, 300)), strict=True):
        assert np.array_equal(piece, pixels[crop.top : crop.top + CROP_PX, crop.left : crop.left + CROP_PX])


def test_a_small_image_is_mirrored_up_to_one_crop() -> None:
    padded = pad_to_crop(_noise(100, 90))
    assert padded.shape == (CROP_PX, CROP_PX, 3)
    assert np.array_equal(padded[100], padded[99])
    assert pad_to_crop(_noise(9, 8)).shape == (CROP_PX, CROP_PX, 3)


def test_the_network_s_input_spans_minus_one_to_one() -> None:
    unit = to_unit(np.array([[[[0, 127, 255]]]], np.uint8))
    assert unit.shape == (1, 3, 1, 1)
    assert unit.ravel() == pytest.approx([-1, -1 / 255, 1])


def test_the_median_takes_the_middle_two_of_four_neighbours() -> None:
    x = torch.tensor([[0.0, 1, 0], [8, 100, 2], [0, 4, 0]]).view(1, 1, 3, 3)
    assert median_of_neighbours(x)[0, 0, 1, 1].item() == 3  # of 1, 2, 4, 8


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("attention", [True, False])
def test_every_configuration_runs_and_attention_sums_to_one(residual: bool, attention: bool) -> None:
    model = AnlDetector(ModelConfig(residual=residual, attention=attention)).eval()
    with torch.no_grad():
        output = model(torch.rand(2, 3, 128, 160) * 2 - 1)
    assert output.logit.shape == (2,)
    assert output.noise.shape == (2, 3, 128, 160)
    assert output.attention.shape == (2, 4, 8, 10)
    assert output.attention.sum((2, 3)).numpy() == pytest.approx(1, abs=1e-5)


def test_attention_follows_the_predicted_noise() -> None:
    model = AnlDetector(ModelConfig()).eval()
    with torch.no_grad():
        model.attention.noise_bias.weight.fill_(5.0)
        feature, blocks = torch.zeros(1, 112, 8, 8), torch.zeros(1, 48, 32, 32)
        blocks[..., :4, :4] = 3  # noise in the first token only
        _, a = model.attention(feature, blocks)
    assert a[0, :, 0, 0].min() > 0.9


def test_the_same_image_gets_the_same_verdict_alone_or_among_others(detector: Detector) -> None:
    images = [_image(_noise(200 + 40 * i, 300, i)) for i in range(3)]
    alone = [detector.detect(image) for image in images]
    together = list(detector.detect_many(images[::-1]))[::-1]
    assert [replace(v, ms=0) for v in alone] == [replace(v, ms=0) for v in together]


def test_a_verdict_is_complete_and_survives_json(detector: Detector) -> None:
    with Decoder() as decoder:
        image = decoder.decode_file(SAMPLES[0])
    verdict = detector.detect(image)
    assert 0 <= verdict.probability <= 1
    assert 0 <= verdict.stability <= 1
    assert verdict.reasons
    assert verdict.sha256 == hashlib.sha256(SAMPLES[0].read_bytes()).hexdigest()
    assert verdict.attention is not None
    assert verdict.attention.shape == verdict.noise.shape  # type: ignore[union-attr]
    assert 0 <= verdict.attention.min() <= verdict.attention.max() <= 1
    assert len(verdict.crops) == len(crop_grid(verdict.width, verdict.height))
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_verdict_of_another_schema_is_not_misread() -> None:
    with pytest.raises(ValueError, match="schema 99"):
        Verdict.from_json({"schema": 99})


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (_noise(100, 300), "too small"),
        (np.full((300, 300, 3), 200, np.uint8), "almost empty"),
    ],
)
def test_what_cannot_be_judged_is_uncertain_and_says_why(
    detector: Detector,
    pixels: np.ndarray,
    words: str,
) -> None:
    verdict = detector.detect(_image(pixels))
    assert verdict.band is Band.UNCERTAIN
    assert any(words in reason for reason in verdict.reasons)


def test_flat_and_heavily_compressed_images_are_named() -> None:
    drawing = np.kron(_noise(10, 10), np.ones((40, 40, 1), np.uint8))
    assert "flat" in limits(_image(drawing)).sentences[0]
    photo = _image(_noise(300, 300))
    heavy = DecodedImage(photo.pixels, replace(photo.facts, format="JPEG", byte_size=3000))
    assert "compressed" in limits(heavy).sentences[0]
    assert limits(photo).sentences == ()


def test_bands_and_probabilities_of_a_calibration() -> None:
    calibration = Calibration(temperature=2, bias=0.5, generated_at=0.9, real_at=0.2)
    assert calibration.probability(-1) == pytest.approx(0.5)
    assert calibration.probability(1e6) == 1
    assert calibration.probability(-1e6) == 0
    assert [calibration.band(p) for p in (0.2, 0.5, 0.9)] == [
        Band.LIKELY_REAL,
        Band.UNCERTAIN,
        Band.LIKELY_GENERATED,
    ]


def test_contradicting_crops_or_a_flipping_copy_are_unstable() -> None:
    agreed = np.full(9, 0.9)
    assert stability(0.9, agreed, 0.9, 0.88).stable
    assert not stability(0.9, agreed, 0.9, 0.4).stable
    assert not stability(0.6, np.array([0.9] * 4 + [0.1] * 5), 0.6, 0.6).stable


def test_maps_lie_where_their_crops_lie() -> None:
    maps = np.stack([np.full((8, 8), v, np.float32) for v in (0, 0, 0, 1)])
    grid = [c for c in crop_grid(512, 512) if c.left in (0, 384) and c.top in (0, 384)]
    map_ = assemble(maps, grid, 512, 512)
    assert map_.shape == (128, 128)
    assert map_[112, 112] > 0.9
    assert map_[16, 16] < 0.1


@pytest.mark.parametrize(("width", "height"), [(40, 20), (3000, 17), (5000, 4000)])
def test_a_heat_map_has_the_image_s_size(width: int, height: int) -> None:
    grid = crop_grid(width, height)
    map_ = assemble(np.random.default_rng(0).random((len(grid), 8, 8), np.float32), grid, width, height)
    assert max(map_.shape) <= 512
    assert heat_map(map_, width, height).shape == (height, width, 3)
    pixels = np.full((height, width, 3), 7, np.uint8)
    assert np.array_equal(blend(pixels, map_, opacity=0), pixels)


def _saved(path: Path) -> Path:
    model = AnlDetector(ModelConfig())
    save_detector(path, model, DetectorSpec("tiny", model.config, Calibration(), "nothing", "Apache-2.0"))
    return path


def test_a_model_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    cpu = torch.device("cpu")
    good = _saved(tmp_path / "good.safetensors")
    assert read_spec(good).id == "tiny"
    with pytest.raises(ModelError, match="no model file"):
        load_detector(tmp_path / "none.safetensors", cpu)
    text = tmp_path / "text.safetensors"
    text.write_bytes(b"hello")
    with pytest.raises(ModelError, match="not a NoiseLens model"):
        load_detector(text, cpu)
    data = bytearray(good.read_bytes())
    data[-1] ^= 1
    changed = tmp_path / "changed.safetensors"
    changed.write_bytes(data)
    with pytest.raises(ModelError, match="changed"):
        load_detector(changed, cpu)
    other = tmp_path / "other.safetensors"
    other.write_bytes(good.read_bytes().replace(b"anl-lite0-s16", b"anl-lite9-s16"))
    with pytest.raises(ModelError, match="made for"):
        load_detector(other, cpu)


def test_a_device_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match="no device 'abacus'"):
        choose_device("abacus")
    assert choose_device("cpu").type == "cpu"


def test_nothing_of_the_teacher_is_loaded_when_judging() -> None:
    import subprocess
    import sys

    code = (
        "import sys, numpy as np; from noiselens_core.detector import Detector;"
        "Detector.load(device='cpu').warm_up();"
        "print([m for m in sys.modules if m.startswith(('diffusers', 'accelerate', 'noiselens_trainer'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
