"""The papers' table and the trained file, by hand-made figures and through the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from noiselens_core.checkpoint import read_spec
from noiselens_core.errors import ModelError
from noiselens_core.images import Decoder
from noiselens_core.progress import Progress
from noiselens_trainer.__main__ import app
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.paper.checkpoint import is_paper, load_paper
from noiselens_trainer.paper.config import PaperConfig
from noiselens_trainer.paper.evaluate import grid_crops, load_judge, rows_of, write_table


def _sample(label: int, origin: str, family: str) -> Sample:
    return Sample(Path("x"), label, family, family, origin)


def test_a_generator_is_held_against_the_real_images_beside_it() -> None:
    samples = [
        _sample(0, "sdv4", "sdv4"), _sample(1, "sdv4", "sdv4"),
        _sample(0, "BigGAN", "BigGAN"), _sample(0, "BigGAN", "BigGAN"), _sample(1, "BigGAN", "BigGAN"),
        _sample(1, "lonely", "lonely"),
    ]  # fmt: skip
    rows = rows_of(samples, np.array([0.1, 0.9, 0.2, 0.8, 0.7, 0.15]), "files")
    assert [r.generator for r in rows] == ["sdv4", "BigGAN", "lonely", "mean"]
    assert [(r.real, r.generated) for r in rows] == [(1, 1), (2, 1), (3, 1), (6, 3)]
    # BigGAN: one of two real accused, the generated found; it ranks second of three. lonely: all real images.
    assert [r.accuracy for r in rows] == pytest.approx([1, 2 / 3, 2 / 4, (1 + 2 / 3 + 2 / 4) / 3])
    assert [r.average_precision for r in rows] == pytest.approx([1, 1 / 2, 1 / 3, (1 + 1 / 2 + 1 / 3) / 3])


def test_the_rows_come_in_the_papers_order() -> None:
    names = ["zeta", "dalle", "progan", "BigGAN", "stable_diffusion_v_1_4", "ADM", "Midjourney", "alpha"]
    samples = [_sample(0, "", "photos"), *(_sample(1, name, name) for name in names)]
    ordered = [r.generator for r in rows_of(samples, np.zeros(9), "files")]
    assert ordered == [
        "Midjourney", "stable_diffusion_v_1_4", "ADM", "BigGAN", "progan", "dalle", "alpha", "zeta", "mean",
    ]  # fmt: skip


def test_one_label_makes_no_table() -> None:
    with pytest.raises(DataError, match="both labels"):
        rows_of([_sample(1, "a", "a")], np.zeros(1), "files")


def test_the_table_is_written_for_people_and_for_programs(tmp_path: Path) -> None:
    samples = [_sample(0, "a", "a"), _sample(1, "a", "a")]
    rows = [row for c in ("files", "clean-eq") for row in rows_of(samples, np.array([0.2, 0.8]), c)]
    text = write_table(rows, tmp_path)
    assert text.splitlines()[0] == "| generator | ACC files | AP files | ACC clean-eq | AP clean-eq |"
    assert text.splitlines()[-1] == "| mean | 100.0 | 100.0 | 100.0 | 100.0 |"
    assert (tmp_path / "generators.md").read_text() == text
    with (tmp_path / "generators.csv").open() as file:
        assert [row["generator"] for row in csv.DictReader(file)] == ["a", "mean", "a", "mean"]


def test_native_crops_cover_an_image_evenly_and_small_ones_are_mirrored() -> None:
    wide = np.arange(300 * 700 * 3, dtype=np.uint32).reshape(300, 700, 3).astype(np.uint8)
    crops = grid_crops(wide, 224)
    assert crops.shape == (6, 224, 224, 3)
    assert np.array_equal(crops[0], wide[:224, :224])
    assert np.array_equal(crops[-1], wide[-224:, -224:])
    small = grid_crops(wide[:100, :224], 224)
    assert small.shape == (1, 224, 224, 3)
    assert np.array_equal(small[0, 100:200], wide[:100, :224][::-1])


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "noiselens_trainer", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)


@pytest.fixture(scope="module")
def trained(manifest: Path, config: PaperConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command leaves after four steps with the shipped teacher."""
    out = tmp_path_factory.mktemp("run")
    settings = out / "run.toml"
    settings.write_text(
        "steps = 4\nbatch_size = 4\ncrop_px = 64\nworkers = 0\n[network]\nnoise_channels = 16\nheads = 2\n"
        f"head_width = 8\nweights = {json.dumps(config.network.weights)}\n"
    )
    done = _run(
        "detector", "--recipe", "paper", "--data", manifest, "--settings", settings, "--out", out, "--name", "tiny",
        "--device", "cpu", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    last = Progress.from_line(done.stdout.splitlines()[-1])
    assert last is not None
    assert (last.stage, last.step, last.total) == ("paper", 4, 4)
    assert {"loss", "bce", "noise_loss", "globality_loss", "accuracy", "waiting"} <= last.values.keys()
    assert (out / "loss.png").stat().st_size > 0
    return out / "tiny.safetensors"


def test_the_trained_file_says_what_it_is_and_the_product_refuses_it(trained: Path) -> None:
    network, spec = load_paper(trained, torch.device("cpu"))
    assert is_paper(trained)
    assert (spec.id, spec.crop_px, spec.teacher, spec.target["kind"]) == ("tiny", 64, "noiselens-teacher-1", "T0")
    assert not network.training
    with pytest.raises(ModelError, match="is not a NoiseLens model"):
        read_spec(trained)


def test_a_changed_weight_is_noticed(trained: Path, tmp_path: Path) -> None:
    data = bytearray(trained.read_bytes())
    data[-3] ^= 1
    (tmp_path / "changed.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match="were changed"):
        load_paper(tmp_path / "changed.safetensors", torch.device("cpu"))


def test_it_judges_images_by_their_native_crops(trained: Path, samples: list[Sample]) -> None:
    name, judge = load_judge(trained, "cpu")
    network, spec = load_paper(trained, torch.device("cpu"))
    with Decoder() as decoder:
        image = decoder.decode_file(samples[0].path)
    x = torch.from_numpy(grid_crops(image.pixels, spec.crop_px)).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad():
        expected = torch.sigmoid(network(x).logit.mean())
    assert name == "tiny"
    assert judge(image) == pytest.approx(float(expected), abs=1e-5)
    assert judge(replace(image, pixels=255 - image.pixels)) != judge(image)


def test_evaluate_prints_the_papers_table(trained: Path, samples: list[Sample], tmp_path: Path) -> None:
    rows = [f"{samples[i].path},{'generated' if samples[i].label else 'real'}" for i in (0, 1, -2, -1)]
    (tmp_path / "few.csv").write_text("\n".join(["path,label", *rows]))
    arguments = ["--data", tmp_path / "few.csv", "--model", trained, "--out", tmp_path, "--device", "cpu", "--json"]
    done = CliRunner().invoke(app, ["evaluate", "--table", "paper", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    assert "| generator | ACC files | AP files | ACC clean-eq | AP clean-eq |" in done.stdout
    assert "| mean |" in done.stdout
    assert (tmp_path / "generators.csv").exists()
