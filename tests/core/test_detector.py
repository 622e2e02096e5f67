"""The detector's road from pixels to a verdict."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from noiselens_core.calibration import Calibration, stability
from noiselens_core.checkpoint import DetectorSpec, load_detector, read_spec, save_detector
from noiselens_core.crops import WINDOW_PX, Window, cut, learned_form, magnified, to_unit, windows
from noiselens_core.detector import Detector
from noiselens_core.device import choose_device
from noiselens_core.encoder_weights import load_encoder, part_path, save_encoder
from noiselens_core.errors import ModelError
from noiselens_core.images import DecodedImage, Decoder, ImageFacts
from noiselens_core.model import GRID, PLACES, WIDTH, AnlDetector, ModelConfig, median_of_neighbours, noise_energy
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


SMALL = ModelConfig(taps=(0, 1), noise_channels=16)  # two blocks of the encoder: quick, and every part is there


@pytest.mark.parametrize(
    ("width", "height", "count"), [(448, 448, 1), (600, 400, 1), (1000, 500, 2), (300, 900, 3), (9000, 300, 3)]
)
def test_the_windows_are_inside_and_reach_both_ends(width: int, height: int, count: int) -> None:
    places = windows(width, height)
    assert len(places) == count
    assert {p.side for p in places} == {min(width, height)}
    first, last = places[0], places[-1]
    assert first.left + first.top == width - last.left - last.side + height - last.top - last.side
    if count > 1:
        assert first.left + first.top == 0


def test_a_window_of_the_network_s_size_is_the_image_s_own_pixels() -> None:
    pixels = _noise(WINDOW_PX, WINDOW_PX)
    assert np.array_equal(cut(pixels, windows(WINDOW_PX, WINDOW_PX))[0], pixels)


def test_a_window_shows_its_own_part_of_the_image() -> None:
    pixels = np.zeros((300, 600, 3), np.uint8)
    pixels[:, 300:] = 200
    left, right = cut(pixels, [Window(0, 0, 300), Window(300, 0, 300)])
    assert left.shape == (WINDOW_PX, WINDOW_PX, 3)
    assert left[:, :-4].max() == 0  # the filter reaches a little over the edge
    assert right[:, 4:].min() == 200


@pytest.mark.parametrize(
    ("before", "after"),
    [((4000, 3000), (576, 432)), ((3000, 4000), (432, 576)), ((9000, 1000), (3456, 384)), ((1000, 2400), (384, 922))],
)
def test_a_large_image_gets_the_size_and_the_jpeg_of_those_learned_from(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    large = np.repeat(np.repeat(_noise(before[1] // 100, before[0] // 100), 100, 0), 100, 1)
    seen = learned_form(large, was_jpeg=True)
    assert seen.shape == (after[1], after[0], 3)
    assert learned_form(seen, was_jpeg=True) is seen
    plain = np.asarray(Image.fromarray(large).resize(after, Image.Resampling.LANCZOS, reducing_gap=3.0))
    assert 0 < np.abs(seen.astype(int) - plain).mean() < 12  # the JPEG's doing


@pytest.mark.parametrize(("width", "height"), [(576, 576), (576, 432), (1000, 300), (200, 5000)])
def test_a_small_jpeg_is_seen_as_it_is_and_another_file_as_a_jpeg_of_it(width: int, height: int) -> None:
    pixels = _noise(height, width)
    assert learned_form(pixels, was_jpeg=True) is pixels
    seen = learned_form(pixels, was_jpeg=False)
    assert seen.shape == pixels.shape
    assert not np.array_equal(seen, pixels)


def test_how_a_file_is_seen_follows_its_format(detector: Detector) -> None:
    pixels = np.asarray(Image.open(SAMPLES[0]).convert("RGB").resize((300, 300)))
    as_png = _image(pixels)
    as_jpeg = replace(as_png, facts=replace(as_png.facts, format="JPEG"))
    found = [detector.detect(image).probability for image in (as_png, as_jpeg)]
    logits = [detector.score(pixels, was_jpeg).logit for was_jpeg in (False, True)]
    assert logits[0] != logits[1]
    assert found == [round(detector.calibration.probability(logit), 4) for logit in logits]


def test_the_windows_of_a_large_image_cover_it(detector: Detector) -> None:
    assert magnified(Window(72, 0, 432), 4000 / 576, 4000, 3000) == Window(500, 0, 3000)
    wide = detector.score(np.repeat(np.repeat(_noise(10, 20), 100, 0), 100, 1))
    assert wide.windows == windows(2000, 1000)


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
    model = AnlDetector(replace(SMALL, residual=residual, attention=attention)).eval()
    with torch.no_grad():
        output = model(torch.rand(2, 3, WINDOW_PX, WINDOW_PX) * 2 - 1)
    assert output.logit.shape == (2,)
    assert output.places.shape == (2, PLACES, PLACES)
    assert output.noise.shape == (2, 3, WINDOW_PX, WINDOW_PX)
    assert output.evidence.shape == (2, GRID, GRID)
    if attention:
        assert output.attention.shape == (2, 4, GRID, GRID)
        assert output.attention.sum((2, 3)).numpy() == pytest.approx(1, abs=1e-5)
    else:
        assert output.attention is None


def test_attention_follows_the_predicted_noise() -> None:
    model = AnlDetector(SMALL).eval()
    with torch.no_grad():
        model.attention.energy_bias.weight.fill_(5.0)
        tokens, blocks = torch.zeros(1, GRID * GRID, WIDTH), torch.zeros(1, 48, 4 * GRID, 4 * GRID)
        blocks[..., :4, :4] = 30  # noise in the first token only
        _, a = model.attention(tokens, noise_energy(blocks))
    assert a[0, :, 0].min() > 0.9


def test_a_place_says_what_the_window_would_if_it_were_like_that_everywhere() -> None:
    torch.manual_seed(0)
    model = AnlDetector(replace(SMALL, attention=False)).eval()
    x = torch.rand(1, 3, WINDOW_PX, WINDOW_PX) * 2 - 1
    with torch.no_grad():
        output = model(x)
        tap = model.encoder(x, SMALL.taps)
        corner = [t[:, 1:].view(1, GRID, GRID, WIDTH)[:, :5, :5].mean((1, 2)) for t in tap]
        expected = model.linear_logit(torch.cat([t[:, 0] for t in tap] + corner, 1))
    assert output.places[0, 0, 0].item() == pytest.approx(expected.item(), abs=1e-4)


def test_encoder_files_give_back_the_weights_and_refuse_changes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    encoder = AnlDetector(SMALL).encoder
    weights = encoder.state_dict()
    (path,) = save_encoder(tmp_path, weights, "MIT")
    assert path == part_path(tmp_path, 0)
    again = load_encoder(tmp_path, SMALL.depth)
    assert again.keys() == weights.keys()
    for name, value in weights.items():
        step = value.abs().max().item() / 127
        assert torch.allclose(again[name], value, atol=step), name
    assert "blocks.1.up.weight" not in load_encoder(tmp_path, 1)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="changed"):
        load_encoder(tmp_path, SMALL.depth)
    with pytest.raises(ModelError, match="cannot be read"):
        load_encoder(tmp_path / "nowhere", SMALL.depth)


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
    assert len(verdict.crops) == PLACES**2 * len(windows(verdict.width, verdict.height))
    assert all(0 <= c.left < c.left + c.side <= verdict.width for c in verdict.crops)
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


def test_contradicting_places_or_a_flipping_copy_are_unstable() -> None:
    agreed = np.full(9, 0.9)
    assert stability(0.9, agreed, 0.9, 0.88).stable
    assert not stability(0.9, agreed, 0.9, 0.4).stable
    assert not stability(0.6, np.array([0.9] * 4 + [0.1] * 5), 0.6, 0.6).stable


def test_maps_lie_where_their_windows_lie() -> None:
    maps = np.stack([np.full((GRID, GRID), v, np.float32) for v in (0, 1)])
    map_ = assemble(maps, [Window(0, 0, 256), Window(256, 0, 256)], 512, 256)
    assert map_.shape == (64, 128)
    assert map_[32, 112] > 0.9
    assert map_[32, 16] < 0.1


@pytest.mark.parametrize(("width", "height"), [(40, 20), (3000, 17), (5000, 4000)])
def test_a_heat_map_has_the_image_s_size(width: int, height: int) -> None:
    places = windows(width, height)
    map_ = assemble(np.random.default_rng(0).random((len(places), 8, 8), np.float32), places, width, height)
    assert max(map_.shape) <= 512
    assert heat_map(map_, width, height).shape == (height, width, 3)
    pixels = np.full((height, width, 3), 7, np.uint8)
    assert np.array_equal(blend(pixels, map_, opacity=0), pixels)


def _saved(path: Path) -> Path:
    model = AnlDetector(SMALL)
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
    other.write_bytes(good.read_bytes().replace(b"anl-clip-vit-b16", b"anl-clip-vit-b19"))
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
