"""Runs of the paper recipe: they learn, resume exactly, keep to the formula and come out alike on two processes."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import multiprocessing

from noiselens_core.progress import Progress
from noiselens_trainer import pace
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.losses import globality_loss, noise_loss
from noiselens_trainer.paper.backbones import load_backbone
from noiselens_trainer.paper.checkpoint import PaperSpec, load_paper, save_paper
from noiselens_trainer.paper.config import PaperConfig
from noiselens_trainer.paper.network import PaperOutput
from noiselens_trainer.paper.shards import write_shards
from noiselens_trainer.paper.targets import NoiseModel, noise_target
from noiselens_trainer.paper.train import objective, share_of_rate, train_paper
from noiselens_trainer.runlog import RunLog
from noiselens_trainer.state import RunError


class _KillError(Exception):
    """Stands for a kill: raised from inside the run."""


def _until(step: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.step >= step:
            raise _KillError

    return report


@pytest.fixture(autouse=True)
def _report_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noiselens_trainer.pace.REPORT_EVERY_S", 0.0)


def _losses(folder: Path) -> list[float]:
    return [p.values["loss"] for p in RunLog(folder / "log.jsonl").read()]


def _same(one: Path, other: Path) -> bool:
    a, b = load_file(one / "state.safetensors"), load_file(other / "state.safetensors")
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


@pytest.fixture(scope="module")
def whole(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a run that nobody stopped."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("noiselens_trainer.pace.REPORT_EVERY_S", 0.0)
        train_paper(samples, noise_model, config, folder, RunLog(folder / "log.jsonl").write)
    return folder


@pytest.mark.parametrize("step", [1, 5])
def test_a_killed_run_ends_as_if_it_had_not_been(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, whole: Path, tmp_path: Path, step: int
) -> None:
    with pytest.raises(_KillError):
        train_paper(samples, noise_model, config, tmp_path, _until(step))
    train_paper(samples, noise_model, config, tmp_path, lambda _: None)
    assert _same(tmp_path, whole)


def test_a_run_with_other_settings_is_not_continued(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, whole: Path
) -> None:
    with pytest.raises(RunError, match="other settings"):
        train_paper(samples, noise_model, replace(config, learning_rate=1.0), whole, lambda _: None)


def test_cached_targets_are_those_the_teacher_gave(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, whole: Path, tmp_path: Path
) -> None:
    asked: list[int] = []

    def counted(x: torch.Tensor, t: int) -> torch.Tensor:
        asked.append(len(x))
        return noise_model.predict(x, t)

    teacher = replace(noise_model, predict=counted)
    (tmp_path / "targets").symlink_to(whole / "targets")
    train_paper(samples, teacher, config, tmp_path, lambda _: None)
    assert sum(asked) == 24  # the crops the unit is read from; every target was on disk
    assert _same(tmp_path, whole)


def test_the_detector_and_its_noise_head_learn(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, tmp_path: Path
) -> None:
    long = replace(config, steps=60, batch_size=8, learning_rate=5e-3, delivery=False, save_every=1000)
    log = RunLog(tmp_path / "log.jsonl")
    train_paper(samples, noise_model, long, tmp_path, log.write)
    records = log.read()

    def mean(name: str, part: slice) -> float:
        values = [r.values[name] for r in records[part]]
        return sum(values) / len(values)

    assert mean("bce", slice(-10, None)) < 0.6 * mean("bce", slice(0, 10))
    assert mean("noise_cosine_real", slice(-10, None)) > mean("noise_cosine_real", slice(0, 10)) + 0.1


def _one_of_two(rank: int, port: int, samples: list[Sample], config: PaperConfig, folder: Path) -> None:
    """Run in a process of its own: one of two that train together."""
    import os

    from tests.trainer.paper.conftest import high_pass

    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "ACCELERATE_USE_CPU": "true",
    }  # fmt: skip
    torch.set_num_threads(1)
    pace.REPORT_EVERY_S = 0.0
    alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
    teacher = NoiseModel("high-pass", high_pass, alpha_bar, _itself)
    train_paper(samples, teacher, config, folder, RunLog(folder / "log.jsonl").write)


def _itself(x: torch.Tensor) -> torch.Tensor:
    return x


def test_two_processes_come_to_the_same_loss_as_one(
    samples: list[Sample], config: PaperConfig, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[3])  # the processes import this file by its name
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = (port, samples, config, tmp_path)
    multiprocessing.spawn(_one_of_two, arguments, nprocs=2)  # type: ignore[no-untyped-call,attr-defined]
    assert len(_losses(whole)) == config.steps
    assert _losses(tmp_path) == pytest.approx(_losses(whole), rel=1e-4)
    assert {p.name for p in (tmp_path / "targets").iterdir()} == {"rank-0", "rank-1"}


def test_a_run_from_shards_resumes_exactly_with_loading_processes(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, tmp_path: Path
) -> None:
    write_shards(samples, tmp_path / "shards", 100_000, 0, lambda _: None)
    shards = sorted((tmp_path / "shards").glob("*.tar"))
    assert len(shards) >= 2
    parallel = replace(config, workers=2, steps=5)
    train_paper(shards, noise_model, parallel, tmp_path / "whole", lambda _: None)
    with pytest.raises(_KillError):
        train_paper(shards, noise_model, parallel, tmp_path / "killed", _until(4))
    train_paper(shards, noise_model, parallel, tmp_path / "killed", lambda _: None)
    assert _same(tmp_path / "killed", tmp_path / "whole")


def test_the_loss_is_the_sum_of_its_three_parts(config: PaperConfig) -> None:
    generator = torch.Generator().manual_seed(0)
    logit = torch.tensor([0.3, -2.0], requires_grad=True)
    noise = torch.randn(2, 3, 8, 8, generator=generator)
    target = torch.randn(2, 3, 8, 8, generator=generator)
    attention = torch.softmax(torch.randn(2, 2, 16, generator=generator), -1).view(2, 2, 4, 4)
    label = torch.tensor([1.0, 0.0])
    output = PaperOutput(logit, noise, attention)
    loss, parts = objective(output, target, label, 1, replace(config, noise_weight=0.7, attention_weight=0.2))
    bce = (math.log(1 + math.exp(-0.3)) + math.log(1 + math.exp(-2))) / 2
    assert float(parts["bce"].detach()) == pytest.approx(bce, abs=1e-6)
    expected = bce + 0.7 * float(noise_loss(noise, target)) + 0.2 * float(globality_loss(attention))
    assert float(loss.detach()) == pytest.approx(expected, abs=1e-5)
    early, _ = objective(output, target, label, 1, replace(config, noise_only_steps=1))
    assert torch.autograd.grad(early, logit)[0].abs().max() == 0


def test_the_rate_rises_and_falls(config: PaperConfig) -> None:
    shares = [share_of_rate(step, replace(config, steps=100, warm_up_steps=10)) for step in (1, 5, 10, 55, 100)]
    assert shares[0] < shares[1] < shares[2] > shares[3] > shares[4] > 0
    assert shares[2] > 0.95


def test_a_batch_that_two_processes_cannot_share_is_refused(
    samples: list[Sample], noise_model: NoiseModel, config: PaperConfig, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="need a multiple of 2"):
        train_paper(samples, noise_model, replace(config, batch_size=3), tmp_path, lambda _: None)


def test_the_three_targets_follow_their_formulas(noise_model: NoiseModel, config: PaperConfig) -> None:
    x = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    target = replace(config.target, timestep=60)
    assert torch.equal(noise_target(noise_model, x, target), noise_model.predict(x, 60))
    # A model that always says "no noise": inversion only scales x, and the noise error is the draws' negative mean.
    silent = replace(noise_model, predict=lambda z, t: torch.zeros_like(z))
    draws = [torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(k)) for k in range(3)]
    error = noise_target(silent, x, replace(target, kind="T2", draws=3))
    assert torch.allclose(error, -torch.stack(draws).mean(0).expand_as(x), atol=1e-6)
    seen: list[tuple[int, float]] = []

    def watching(z: torch.Tensor, t: int) -> torch.Tensor:
        seen.append((t, float((z / x).mean())))
        return torch.zeros_like(z)

    noise_target(replace(noise_model, predict=watching), x, replace(target, kind="T1", inversion_steps=2))
    a = noise_model.alpha_bar
    assert [t for t, _ in seen] == [0, 30, 60]
    assert [scale for _, scale in seen] == pytest.approx([float((a[t] / a[0]).sqrt()) for t in (0, 30, 60)], abs=1e-4)


def test_a_run_with_adapters_is_saved_and_judges_as_it_did(
    samples: list[Sample], noise_model: NoiseModel, backbone_folder: Callable[[str], Path], config: PaperConfig,
    tmp_path: Path,
) -> None:  # fmt: skip
    network = replace(config.network, backbone="clip", weights=str(backbone_folder("clip")), lora=2)
    small = replace(config, network=network, steps=2)
    trained = train_paper(samples, noise_model, small, tmp_path, lambda _: None, on_cpu=True)
    spec = PaperSpec(
        "small", network, trained.backbone.config, small.crop_px, noise_model.name, {}, noise_model.channels,
        noise_model.stride, small.steps,
    )  # fmt: skip
    save_paper(tmp_path / "small.safetensors", trained, spec)
    again, _ = load_paper(tmp_path / "small.safetensors", torch.device("cpu"))
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        assert torch.equal(again(x).logit, trained(x).logit)
    pretrained = load_backbone("clip", network.weights).state_dict()
    kept = {k.replace(".layer.", "."): v for k, v in again.backbone.state_dict().items()}
    assert all(torch.equal(kept[k], v) for k, v in pretrained.items())
