"""Leak probes find a leak where there is one, and nothing where there is none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.trainer.conftest import TINY_DETECTOR
from typer.testing import CliRunner

from noiselens_core.checkpoint import SHIPPED_DETECTOR
from noiselens_core.errors import ModelError
from noiselens_trainer.__main__ import app
from noiselens_trainer.build import build_detector
from noiselens_trainer.crossfit import LeftOut
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.leaks import Leaks, falloff, matched_auc, probe_leaks, size_matched
from noiselens_trainer.left_out import judge_left_out, remembered_left_out
from noiselens_trainer.memory import memory_of
from noiselens_trainer.teacher import PixelTeacher
from noiselens_trainer.tiers import TIERS, windows_of


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noiselens_trainer.leaks.BOOTSTRAP_ROUNDS", 100)


def _pool(folder: Path, sides: tuple[int, int], count: int = 80) -> list[Sample]:
    """Noise of one fineness at 224 px, resized to squares of sides[label]."""
    rng = np.random.default_rng(0)
    made = []
    for i in range(count):
        label, family = i % 2, f"family{i % 8}"
        side = sides[label] + 8 * int(rng.integers(0, 3))
        picture = Image.fromarray(rng.integers(0, 256, (96, 96, 3), dtype=np.uint8))
        picture.resize((side, side), Image.Resampling.BICUBIC).save(folder / f"{i}.png")
        made.append(Sample(folder / f"{i}.png", label, family, family))
    return made


@pytest.mark.parametrize(("sides", "low", "high"), [((96, 400), 0.85, 1.0), ((96, 96), 0.2, 0.8)])
def test_the_windows_give_the_size_away_only_where_sizes_differ(
    sides: tuple[int, int], low: float, high: float, tmp_path: Path
) -> None:
    found = probe_leaks(_pool(tmp_path, sides), TINY_DETECTOR.split, lambda _: None)
    for tier in TIERS:
        assert low <= found.area[f"{tier.name}: width, height"] <= high
        assert low <= found.area[f"{tier.name}: size as guessed from that spectrum"] <= high
        assert found.explained[tier.name] > 0.8


def test_an_enlarged_window_falls_off_and_contrast_has_no_say() -> None:
    rng = np.random.default_rng(0)
    fine = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    coarse = fine[:80, :80]
    sharp, soft = (falloff(windows_of(pixels)) for pixels in (fine, coarse))
    assert soft[-1] - soft[0] < sharp[-1] - sharp[0] - 3
    faint = falloff(windows_of(fine // 4))
    assert np.abs(faint - sharp).max() < 0.1


def test_pairs_alike_leave_nothing_to_what_they_were_matched_by() -> None:
    rng = np.random.default_rng(0)
    label = np.arange(400) % 2
    size = 100 + 20 * label * rng.integers(0, 2, 400) + 10 * rng.integers(0, 3, 400)
    scores = size.astype(np.float64)
    assert matched_auc(label, scores, size) == 0.5
    assert matched_auc(label, label.astype(np.float64), size) == 1
    assert np.isnan(matched_auc(label, scores, np.arange(400)))


def test_a_detector_that_sees_nothing_but_sizes_is_found_out() -> None:
    rng = np.random.default_rng(0)
    label = np.arange(300) % 2
    width = np.where(rng.random(300) < 0.3, 448.0, np.where(label == 1, 512.0, 300.0))
    samples = [Sample(Path(f"{i}"), int(y), "a", "a") for i, y in enumerate(label)]
    size, by_tier = np.stack([width, width], 1), [tier.name for tier in TIERS]
    leaks = Leaks(samples, {}, {}, dict.fromkeys(by_tier, size), dict.fromkeys(by_tier, width / 600))
    honest = label + rng.normal(0, 0.6, 300)
    order = rng.permutation(300)  # the detector may have judged them in another order

    def rows(logit: np.ndarray) -> list[tuple[float, float]]:
        left = LeftOut([samples[i] for i in order], label[order], dict.fromkeys(by_tier, logit[order]))
        return [(row.matched[0], row.every[0]) for row in size_matched(left, leaks)]

    assert all(matched == 0.5 for matched, _ in rows(width))
    for matched, every in rows(honest):
        assert matched == pytest.approx(every, abs=0.06)
        assert matched > 0.8
    exact, together = size_matched(LeftOut(samples, label, {"web": honest}), leaks)[:2]
    assert replace(together, tier="web") == exact
    assert (exact.images, exact.size_alone) == (int((width == 448).sum()), 0.5)
    assert exact.matched[1] < exact.matched[0] < exact.matched[2]


def test_a_detector_judges_its_own_training_images_as_they_were_measured(
    samples: list[Sample], base: Path, teacher: PixelTeacher, tmp_path: Path
) -> None:
    config = replace(TINY_DETECTOR, model=replace(TINY_DETECTOR.model, attention=False))
    run = shutil.copytree(base.parent, tmp_path / "run")  # its features are there
    built = build_detector(samples, "pool.csv", teacher, config, "tiny", run, "cpu", lambda _: None)
    left = judge_left_out(built.file, samples, tmp_path, "cpu", lambda _: None)
    assert left.fold.tolist() == built.left.fold.tolist()
    for tier, logits in built.left.logits.items():
        assert left.logits[tier] == pytest.approx(logits, abs=1e-3)
    known = remembered_left_out(built.file, samples)
    assert known.fold.tolist() == left.fold.tolist()
    seen = {tier: ~np.isnan(logits) for tier, logits in known.logits.items()}
    assert (np.sum(list(seen.values()), axis=0) == 1).all()
    for tier, logits in known.logits.items():  # its features have 8 bits
        assert logits[seen[tier]] == pytest.approx(left.logits[tier][seen[tier]], abs=0.1)
    with pytest.raises(DataError, match="not the images tiny was trained on"):
        remembered_left_out(built.file, samples[1:])
    with pytest.raises(DataError, match="not trained on the family other"):
        judge_left_out(built.file, [replace(samples[0], family="other")], tmp_path, "cpu", lambda _: None)
    memory_of(built.file).unlink()
    with pytest.raises(ModelError, match="has no training memory"):
        judge_left_out(built.file, samples, tmp_path, "cpu", lambda _: None)


def test_the_command_probes_any_images_and_a_detector_on_its_own(manifest: Path, base: Path) -> None:
    told = CliRunner().invoke(app, ["leaks", "--data", str(manifest), "--json"])
    assert told.exit_code == 0, told.output
    assert "size as guessed from that spectrum" in told.stdout
    assert "not the images noiselens-anl" in " ".join(told.stderr.split())
    assert "│ all " not in told.stdout
    told = CliRunner().invoke(app, ["leaks", "--data", str(manifest), "--model", str(base), "--json"])
    assert told.exit_code == 0, told.output
    assert told.stdout.count("│ all ") == 2  # one way of matching and the other
    told = CliRunner().invoke(app, ["leaks", "--data", str(manifest), "--model", str(SHIPPED_DETECTOR)])
    assert isinstance(told.exception, DataError)
