"""From real photographs alone to a detector: pairs are made, no fold parts one, and a killed run goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.trainer.conftest import TINY_DETECTOR
from typer.testing import CliRunner

from noiselens_core.checkpoint import read_spec
from noiselens_core.errors import NoiseLensError
from noiselens_trainer import __main__ as commands
from noiselens_trainer import config as settings
from noiselens_trainer import photographs as made
from noiselens_trainer.align import AlignConfig
from noiselens_trainer.data import DataError, family_folds, read_manifest
from noiselens_trainer.photographs import PhotographsConfig, pairs_of_photographs
from noiselens_trainer.teacher import PixelTeacher
from noiselens_trainer.zoo_training import ZooConfig, read_photographs

SMALL = PhotographsConfig(
    members=1,
    zoo=ZooConfig(crop_px=32, batch_size=2, steps=4, measured_crops=4, save_every=2),
    strengths=(0.05, 0.9),
    denoising_steps=2,
    align=AlignConfig(crop_px=96, copies=1),
    groups=4,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve photographs in one folder without labels."""
    place = tmp_path / "photographs"
    place.mkdir()
    for i in range(12):
        small = np.random.default_rng(i).integers(0, 256, (9, 9, 3), dtype=np.uint8)
        Image.fromarray(small).resize((144, 136), Image.Resampling.BICUBIC).save(place / f"{i:02d}.png")
    return place


def test_a_photograph_its_fakes_and_its_series_stay_in_one_fold(
    folder: Path, teacher: PixelTeacher, tmp_path: Path
) -> None:
    manifest = pairs_of_photographs(read_photographs(folder), teacher, SMALL, tmp_path / "run", lambda _: None)
    pairs = read_manifest(manifest)
    assert sorted(s.label for s in pairs) == [0] * 12 + [1] * 12
    folds = family_folds(pairs, TINY_DETECTOR.split)
    of_photograph: dict[str, set[int]] = {}
    for sample in pairs:
        of_photograph.setdefault(sample.path.name[:16], set()).add(folds[sample.label, sample.family])
    assert all(len(found) == 1 for found in of_photograph.values())
    groups = [s.family for s in pairs if not s.label]
    assert groups == sorted(groups)  # in the order of their paths: a series stays together
    assert {groups.count(group) for group in groups} == {3}
    assert len({folds[0, group] for group in groups}) == 4


def test_too_few_photographs_are_one_sentence(folder: Path, teacher: PixelTeacher, tmp_path: Path) -> None:
    few = read_photographs(folder)
    with pytest.raises(DataError, match="at least 16 photographs; here are 12"):
        pairs_of_photographs(few, teacher, replace(SMALL, groups=16), tmp_path, lambda _: None)


def test_one_command_makes_a_detector_of_photographs_alone_and_goes_on_after_a_kill(
    folder: Path, teacher: PixelTeacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(TINY_DETECTOR, model=replace(TINY_DETECTOR.model, attention=False))
    monkeypatch.setattr(settings, "DetectorConfig", lambda: plain)
    monkeypatch.setattr(made, "PhotographsConfig", lambda: SMALL)
    teacher.save(tmp_path / "teacher.safetensors", {"id": "tiny"})
    words = ["detector", "--photographs", str(folder), "--out", str(tmp_path / "run"), "--name", "mine", "--json"]
    words += ["--teacher", str(tmp_path / "teacher.safetensors"), "--device", "cpu", "--members", "1"]

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr("noiselens_trainer.build.leave_families_out", kill)
        assert CliRunner().invoke(commands.app, words).exit_code != 0
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "pairs" / "images").iterdir()}
    assert len(times) == 24
    done = CliRunner().invoke(commands.app, words)
    assert done.exit_code == 0, done.output
    assert "not of generators" in " ".join(done.stderr.split())
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    spec = read_spec(tmp_path / "run" / "mine.safetensors")
    assert spec.data.startswith("12 real and 12 generated images")
    assert "photographs" in spec.data
    assert (tmp_path / "run" / "mine.md").is_file()


def test_labelled_images_or_photographs_have_to_be_given_and_not_both(folder: Path) -> None:
    for words in ([], ["--data", str(folder), "--photographs", str(folder)]):
        done = CliRunner().invoke(commands.app, ["detector", *words])
        assert isinstance(done.exception, NoiseLensError)
        assert "Give either --data" in str(done.exception)
    done = CliRunner().invoke(commands.app, ["detector", "--data", str(folder), "--members", "3"])
    assert "belongs to --photographs" in str(done.exception)
