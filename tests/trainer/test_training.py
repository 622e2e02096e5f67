"""Training runs: they resume exactly, refuse another run's folder, and what they write can be used."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score
from tests.trainer.conftest import TINY_DETECTOR, TINY_NOISE

from noiselens_core.checkpoint import load_detector, read_spec
from noiselens_core.detector import Detector
from noiselens_core.images import Decoder
from noiselens_core.progress import Progress
from noiselens_trainer.ablate import NOISES, SHIPPED, VARIANTS, ablate, other_noises
from noiselens_trainer.augment import degrade
from noiselens_trainer.baseline import frozen_probe
from noiselens_trainer.build import Built, Report, build_detector, frozen_parts
from noiselens_trainer.card import write_card
from noiselens_trainer.config import CalibrationConfig
from noiselens_trainer.crossfit import leave_families_out
from noiselens_trainer.data import DataError, Sample, family_folds
from noiselens_trainer.deletion import deletion_and_insertion
from noiselens_trainer.evaluate import honest_figures
from noiselens_trainer.features import FeatureStore, view_names
from noiselens_trainer.head import judge
from noiselens_trainer.leaks import probe_leaks
from noiselens_trainer.memory import load_memory, memory_of
from noiselens_trainer.noise import train_noise_head
from noiselens_trainer.report import left_out_plots
from noiselens_trainer.runlog import RunLog
from noiselens_trainer.state import RunError
from noiselens_trainer.teacher import PixelTeacher


class _KillError(Exception):
    """Stands for a kill: raised from inside the run."""


def _until(step: int):  # type: ignore[no-untyped-def]
    def report(progress: Progress) -> None:
        if progress.step >= step:
            raise _KillError

    return report


def _weights(model: torch.nn.Module) -> torch.Tensor:
    return torch.cat([v.flatten().double() for v in model.state_dict().values()])


@pytest.fixture(autouse=True)
def _report_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noiselens_trainer.pace.REPORT_EVERY_S", 0.0)


def test_a_killed_noise_run_ends_as_if_it_had_not_been(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    model = TINY_DETECTOR.model
    whole = train_noise_head(samples, teacher, model, TINY_NOISE, tmp_path / "whole", lambda _: None)
    with pytest.raises(_KillError):
        train_noise_head(samples, teacher, model, TINY_NOISE, tmp_path / "killed", _until(5))
    resumed_steps: list[int] = []
    resumed = train_noise_head(
        samples, teacher, model, TINY_NOISE, tmp_path / "killed", lambda p: resumed_steps.append(p.step)
    )
    assert resumed_steps[0] == 5  # the state of step 4 was kept
    assert torch.allclose(_weights(whole), _weights(resumed), rtol=0, atol=1e-5)


def _build(samples: list[Sample], teacher: PixelTeacher, folder: Path, report: Report) -> Built:
    return build_detector(samples, "pool.csv", teacher, TINY_DETECTOR, "tiny", folder, "cpu", report)


@pytest.fixture(scope="module")
def whole(samples: list[Sample], teacher: PixelTeacher, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A detector built without an interruption."""
    return _build(samples, teacher, tmp_path_factory.mktemp("whole"), lambda _: None)


def test_a_run_killed_amid_its_features_ends_with_the_same_detector(
    samples: list[Sample], teacher: PixelTeacher, whole: Built, tmp_path: Path
) -> None:
    seen: list[Progress] = []

    def note(progress: Progress) -> None:
        if progress.stage == "features":
            seen.append(progress)
            if len(seen) == 3:
                raise _KillError

    with pytest.raises(_KillError):
        _build(samples, teacher, tmp_path, note)
    resumed = _build(samples, teacher, tmp_path, note)
    # Two batches of the first view and one of the second were kept; the rest followed.
    assert [(p.message, p.step) for p in seen[2:5]] == [("web", 12), ("web", 24), ("hard", 12)]
    for tier, logits in whole.left.logits.items():
        assert resumed.left.logits[tier] == pytest.approx(logits, abs=1e-4)


def test_a_built_detector_judges_as_its_features_did(samples: list[Sample], whole: Built) -> None:
    assert set(whole.figures) == {"clean-eq", "web", "hard"}
    assert all(not np.isnan(logits).any() for logits in whole.left.logits.values())
    detector = Detector.load(whole.file, "cpu")
    assert detector.model_id == "tiny"
    store = FeatureStore(whole.file.parent / "features", samples, detector._model, TINY_DETECTOR.head.seed)
    expected = judge(detector._model, store.load("hard"), np.ones(len(samples), bool))
    with Decoder() as decoder:
        pixels = decoder.decode_file(samples[0].path).pixels
    assert detector.score(degrade(pixels, 512, 40)).logit == pytest.approx(expected[0], abs=2e-2)  # float16 features


def test_further_images_train_and_are_not_measured(
    samples: list[Sample], teacher: PixelTeacher, whole: Built, tmp_path: Path
) -> None:
    folder = shutil.copytree(whole.file.parent, tmp_path / "run")  # the same images, so their features are there
    count = len(samples) - 4
    built = build_detector(
        samples[:count], "pool.csv", teacher, TINY_DETECTOR, "tiny", folder, "cpu", lambda _: None, samples[count:]
    )
    assert len(built.left.samples) == built.figures["web"]["images"] == count
    assert [s.path for s in built.left.samples] == [s.path for s in samples[:count]]
    assert built.further["web"].source == [s.source for s in samples[count:]]
    write_card(tmp_path / "card.md", read_spec(built.file), TINY_DETECTOR, samples, "tiny-teacher", built)
    text = (tmp_path / "card.md").read_text()
    assert "Further images" in text
    assert all(f"| {('real', 'generated')[s.label]} | {s.source} |" in text for s in samples[count:])
    assert load_memory(memory_of(built.file), read_spec(built.file)).label.tolist() == [s.label for s in samples]


def test_what_cannot_be_measured_is_said_before_the_long_work(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    one = [replace(sample, family="all") if sample.label else sample for sample in samples]
    with pytest.raises(DataError, match="is of one family"):
        _build(one, teacher, tmp_path / "run", lambda _: None)
    assert not (tmp_path / "run").exists()
    with pytest.raises(DataError, match="is of one family"):
        frozen_probe(one, TINY_DETECTOR.split, TINY_DETECTOR.head, lambda _: pytest.fail("it began"))


def test_a_label_of_which_nothing_can_be_read_is_told(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    gone = [replace(sample, path=tmp_path / sample.path.name) if sample.label else sample for sample in samples]
    with pytest.raises(DataError, match="both labels that can be read"):
        _build(gone, teacher, tmp_path, lambda _: None)


def test_the_card_carries_the_figures(samples: list[Sample], whole: Built, tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    write_card(card, read_spec(whole.file), TINY_DETECTOR, samples, "tiny-teacher", whole)
    text = card.read_text()
    assert f"{whole.figures['web']['auc']:.3f}" in text
    assert f"{whole.figures['hard']['coverage']:.3f}" in text
    left_out_plots(whole.judged, tmp_path / "figures.png")
    with Image.open(tmp_path / "figures.png") as plot:
        assert plot.width > 800


def test_every_image_is_judged_by_a_head_that_never_saw_its_family(
    samples: list[Sample], whole: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted: list[set[tuple[int, str]]] = []
    judged: list[set[tuple[int, str]]] = []

    def families(chosen: np.ndarray) -> set[tuple[int, str]]:
        return {(samples[i].label, samples[i].family) for i in np.flatnonzero(chosen)}

    def fit(model, data, chosen, config, linear):  # type: ignore[no-untyped-def]
        fitted.append(families(chosen))

    def judge_and_note(model, view, chosen):  # type: ignore[no-untyped-def]
        judged.append(families(chosen))
        assert not judged[-1] & fitted[-1]
        return np.zeros(len(chosen))

    monkeypatch.setattr("noiselens_trainer.crossfit.fit_head", fit)
    monkeypatch.setattr("noiselens_trainer.crossfit.judge", judge_and_note)
    model, _ = load_detector(whole.file, torch.device("cpu"))
    store = FeatureStore(whole.file.parent / "features", samples, model, TINY_DETECTOR.head.seed)
    web = store.load("web")
    config = TINY_DETECTOR
    leave_families_out(model, samples, [web], {"web": web}, config.split, config.head, lambda _: None)
    assert set().union(*judged) == families(np.ones(len(samples), bool))


def test_an_ablation_compares_every_part_and_is_not_done_twice(
    samples: list[Sample], whole: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = load_detector(whole.file, torch.device("cpu"))
    store = FeatureStore(whole.file.parent / "features", samples, model, TINY_DETECTOR.head.seed)
    views = {name: store.load(name) for name in ("clean-eq", "web", "hard")}
    noises = dict.fromkeys((SHIPPED, *NOISES), views)
    rows = ablate(model, samples, noises, TINY_DETECTOR, tmp_path, lambda _: None)
    assert {row.variant for row in rows} == {variant.name for variant in VARIANTS}
    first = [row for row in rows if row.variant == VARIANTS[0].name]
    assert all(row.difference == 0 == row.low == row.high for row in first)
    monkeypatch.setattr("noiselens_trainer.ablate.leave_families_out", None)  # a second fit would fail
    assert ablate(model, samples, noises, TINY_DETECTOR, tmp_path, lambda _: None) == rows


def test_an_ablation_s_attention_is_shown_the_noise_of_other_teachers(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    model, views, _ = frozen_parts(samples, teacher, TINY_DETECTOR, tmp_path, "cpu", lambda _: None)
    noises = other_noises(model, samples, views, teacher, TINY_DETECTOR, tmp_path, "cpu", lambda _: None)
    assert set(noises) == set(NOISES)
    for name, seen in noises.items():
        for view, known in views.items():
            assert seen[view].energy.shape == known.energy.shape, name
            assert not np.array_equal(seen[view].energy, known.energy), name
            assert seen[view].summary is known.summary
    again = other_noises(model, samples, views, teacher, TINY_DETECTOR, tmp_path, "cpu", lambda _: None)
    assert all(np.array_equal(again[n][v].energy, noises[n][v].energy) for n in NOISES for v in views)


def test_the_yardstick_goes_through_the_same_folds(samples: list[Sample]) -> None:
    left = frozen_probe(samples, TINY_DETECTOR.split, TINY_DETECTOR.head, lambda _: None)
    folds = family_folds(samples, TINY_DETECTOR.split)
    assert [folds[s.label, s.family] for s in left.samples] == left.fold.tolist()
    figures = {name: judged.label.size for name, judged in honest_figures(left, CalibrationConfig()).items()}
    assert figures == {"clean-eq": 24, "web": 24, "hard": 24}
    # Noisy 'photographs' against smooth 'drawings': even left-out families are easily told apart.
    assert roc_auc_score([s.label for s in samples], left.logits["clean-eq"]) > 0.9


def test_a_leak_is_found_where_there_is_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    made = []
    for i in range(80):
        label, family = i % 2, f"family{i % 8}"
        picture = rng.integers(0, 256, (96 + 32 * label, 96, 3), dtype=np.uint8)  # generated ones are taller
        path = tmp_path / f"{i}.png"
        Image.fromarray(picture).save(path)
        made.append(Sample(path, label, family, family))
    told: list[str] = []
    gone = Sample(tmp_path / "gone.png", 0, "family0", "family0")
    found = probe_leaks([*made, gone], TINY_DETECTOR.split, lambda progress: told.append(progress.message))
    assert any(message.startswith("gone.png left out: ") for message in told)
    assert len(found.samples) == len(made)
    assert found.area["web: width, height"] == 1
    assert 0.2 < found.area["web: mean colour and its spread"] < 0.8


def test_features_of_another_data_set_are_not_mixed_in(samples: list[Sample], whole: Built) -> None:
    model, _ = load_detector(whole.file, torch.device("cpu"))
    with pytest.raises(RunError, match="another data set"):
        FeatureStore(whole.file.parent / "features", samples[:-1], model, TINY_DETECTOR.head.seed)


def test_images_added_behind_cost_only_themselves(samples: list[Sample], whole: Built, tmp_path: Path) -> None:
    model, _ = load_detector(whole.file, torch.device("cpu"))
    folder, seed = tmp_path / "features", TINY_DETECTOR.head.seed
    shutil.copytree(whole.file.parent / "features", folder)
    before = {name: FeatureStore(folder, samples, model, seed).load(name) for name in view_names(TINY_DETECTOR.head)}
    kept = {name: (view.owner.copy(), view.summary.copy()) for name, view in before.items()}
    added = [replace(sample, source="added") for sample in samples[:3]]
    begun: list[int] = []
    store = FeatureStore(folder, [*samples, *added], model, seed)
    for name, (owner, summary) in kept.items():
        with pytest.raises(DataError, match="not complete"):
            store.load(name)
        store.fill(name, lambda progress: begun.append(progress.step))
        grown = store.load(name)
        assert set(grown.owner[len(owner) :]) == set(range(len(samples), len(samples) + 3))
        assert np.array_equal(grown.owner[: len(owner)], owner)
        assert np.array_equal(grown.summary[: len(owner)], summary)
        if not name.startswith("train-"):  # the same pictures under the same tier
            again = grown.summary[len(owner) :]
            assert np.allclose(again, summary[owner < 3], atol=2e-2)
    assert min(begun) > len(samples)


def test_a_run_with_other_settings_is_not_continued(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    model = TINY_DETECTOR.model
    train_noise_head(samples, teacher, model, replace(TINY_NOISE, steps=2), tmp_path, lambda _: None)
    with pytest.raises(RunError, match="other settings"):
        train_noise_head(samples, teacher, model, replace(TINY_NOISE, steps=4), tmp_path, lambda _: None)


def test_a_teacher_survives_its_file(teacher: PixelTeacher, tmp_path: Path) -> None:
    path = tmp_path / "teacher.safetensors"
    teacher.save(path, {"id": "tiny"})
    x = torch.zeros(1, 3, 32, 32)
    assert torch.allclose(PixelTeacher.load(path).predict(x, 100), teacher.predict(x, 100), atol=2e-2)


def test_regeneration_keeps_the_picture_at_low_strength(teacher: PixelTeacher) -> None:
    x = torch.linspace(-1, 1, 3 * 32 * 32).view(1, 3, 32, 32)
    faint, strong = (teacher.regenerate(x, strength, seed=0, steps=4) for strength in (0.01, 0.9))
    assert faint.shape == x.shape
    assert (faint - x).abs().mean() < (strong - x).abs().mean()


def test_the_log_of_a_resumed_run_has_each_step_once(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.jsonl")
    for step in (1, 2, 3, 2, 3, 4):
        log.write(Progress("detector", step, 4, values={"loss": float(step)}))
    assert [p.step for p in log.read()] == [1, 2, 3, 4]


def test_a_drawn_picture_depends_on_its_seed_alone(teacher: PixelTeacher) -> None:
    one, same, other = (teacher.draw(1, 32, seed, steps=3) for seed in (1, 1, 2))
    assert one.shape == (1, 3, 32, 32)
    assert one.abs().max() <= 1
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_blurring_what_the_overlay_marks_moves_the_verdict_most(samples: list[Sample], whole: Built) -> None:
    model, _ = load_detector(whole.file, torch.device("cpu"))
    deletion, insertion = deletion_and_insertion(model, samples, 8, seed=0, report=lambda _: None)
    for curve in (deletion, insertion):
        assert curve.attended.shape == curve.random.shape == (8, len(curve.shares))
        mean, low, high = curve.difference()
        assert low <= mean <= high
    assert deletion.difference()[0] > 0
