"""Training runs: they resume exactly, refuse another run's folder, and what they write can be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.trainer.conftest import TINY_DETECTOR, TINY_TEACHER

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import DetectorSpec, load_detector, save_detector
from noiselens_core.model import AnlDetector, ModelConfig
from noiselens_core.progress import Progress
from noiselens_trainer.data import Sample
from noiselens_trainer.loop import train_detector
from noiselens_trainer.runlog import RunLog
from noiselens_trainer.state import RunError
from noiselens_trainer.teacher import PixelTeacher, train_teacher


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


def test_a_killed_detector_run_ends_as_if_it_had_not_been(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    whole = train_detector(samples, teacher, TINY_DETECTOR, tmp_path / "whole", lambda _: None)
    with pytest.raises(_KillError):
        train_detector(samples, teacher, TINY_DETECTOR, tmp_path / "killed", _until(5))
    resumed_steps: list[int] = []
    resumed = train_detector(
        samples, teacher, TINY_DETECTOR, tmp_path / "killed", lambda p: resumed_steps.append(p.step)
    )
    assert resumed_steps[0] == 5  # the state of step 4 was kept
    assert torch.allclose(_weights(whole), _weights(resumed), rtol=0, atol=1e-5)


def test_a_killed_teacher_run_ends_as_if_it_had_not_been(samples: list[Sample], tmp_path: Path) -> None:
    device = torch.device("cpu")
    whole = train_teacher(samples, TINY_TEACHER, tmp_path / "whole", lambda _: None, device)
    with pytest.raises(_KillError):
        train_teacher(samples, TINY_TEACHER, tmp_path / "killed", _until(3), device)
    resumed = train_teacher(samples, TINY_TEACHER, tmp_path / "killed", lambda _: None, device)
    x = torch.zeros(1, 3, 32, 32)
    assert torch.allclose(whole.predict(x, 500), resumed.predict(x, 500), atol=1e-5)


def test_a_run_with_other_settings_is_not_continued(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    train_detector(samples, teacher, replace(TINY_DETECTOR, steps=2), tmp_path, lambda _: None)
    with pytest.raises(RunError, match="other settings"):
        train_detector(samples, teacher, replace(TINY_DETECTOR, steps=4), tmp_path, lambda _: None)


def test_the_encoder_stays_as_it_is_while_the_new_layers_warm_up(
    samples: list[Sample], teacher: PixelTeacher, tmp_path: Path
) -> None:
    from noiselens_trainer.warmstart import load_imagenet

    start = AnlDetector(TINY_DETECTOR.model)
    load_imagenet(start.encoder)
    warm = train_detector(samples, teacher, replace(TINY_DETECTOR, steps=2), tmp_path / "warm", lambda _: None)
    assert torch.equal(_weights(start.encoder), _weights(warm.encoder))
    after = train_detector(samples, teacher, TINY_DETECTOR, tmp_path / "after", lambda _: None)
    assert not torch.equal(_weights(start.encoder), _weights(after.encoder))


def test_the_warm_start_ignores_the_residual_at_first() -> None:
    from noiselens_trainer.warmstart import load_imagenet

    encoder = AnlDetector(ModelConfig()).encoder.eval()
    load_imagenet(encoder)
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        one = encoder(torch.cat((x, torch.zeros_like(x)), 1))[-1]
        other = encoder(torch.cat((x, torch.ones_like(x)), 1))[-1]
    assert torch.equal(one, other)
    assert one.std() > 0.1


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


def test_a_detector_file_keeps_every_score(tmp_path: Path) -> None:
    model = AnlDetector(ModelConfig()).eval()
    path = tmp_path / "model.safetensors"
    save_detector(path, model, DetectorSpec("tiny", model.config, Calibration(), "nothing", "Apache-2.0"))
    loaded, spec = load_detector(path, torch.device("cpu"))
    x = torch.rand(2, 3, 128, 128) * 2 - 1
    with torch.no_grad():
        assert torch.allclose(model(x).logit, loaded(x).logit, atol=1e-5)
    assert spec.id == "tiny"


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
