"""Fine-tuning: what it makes, what it measures, and that nothing is ever half done."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import load_detector, read_spec
from noiselens_core.detector import Detector
from noiselens_core.errors import ModelError
from noiselens_core.images import Decoder
from noiselens_core.progress import Progress
from noiselens_core.registry import Registry
from noiselens_core.verdict import Band
from noiselens_trainer.comparison import Change, Comparison, Flip, write_html
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.finetune import Tuned, fine_tune
from noiselens_trainer.memory import load_memory, memory_of
from noiselens_trainer.own import OwnFeatures, OwnSample, Seen, read_folder
from noiselens_trainer.recalibrate import Figures, HeldOut, recalibrate
from noiselens_trainer.refit import LARGEST_SHARE, PULL, Rows, move_head, own_weights
from noiselens_trainer.state import RunError

MOMENTS = 20  # at which a run is killed
FORGOTTEN = 3  # pictures such a run has to look at


@pytest.fixture(scope="module")
def own(samples: list[Sample]) -> list[OwnSample]:
    """Twelve pictures a label, the pool's own with the labels turned round: plainly new to the base."""
    return [OwnSample(s.path, 1 - s.label, s.path.name) for s in samples]


@pytest.fixture(scope="module")
def run(
    own: list[OwnSample], base: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Tuned, list[Progress]]:
    """A folder with a finished run: run/ and models/ in it, what it made, and what it reported."""
    folder = tmp_path_factory.mktemp("tuned")
    lines: list[Progress] = []
    tuned = fine_tune(own, base, folder / "run", folder / "models", "own", "cpu", lines.append)
    return folder, tuned, lines


def test_the_memory_gives_back_what_the_encoder_said_and_belongs_to_one_detector(
    base: Path, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = read_spec(base)
    memory = load_memory(memory_of(base), spec)
    assert len(memory.label) == len(samples)
    assert set(memory.heads) == set(memory.fold.tolist())
    model, _ = load_detector(base, torch.device("cpu"))
    file = np.load(base.parent / "features" / "web.summary.npy", mmap_mode="r")
    at = int(np.flatnonzero(memory.tier == 1)[0])
    expected = (file[at].astype(np.float32) - model.feature_mean.numpy()) * model.feature_scale.numpy()
    assert memory.rows()[at] == pytest.approx(expected, abs=float(memory.scale.max()) / 2 + 0.01)
    with pytest.raises(ModelError, match="belongs to tiny-base, not to this build"):
        load_memory(memory_of(base), replace(spec, weights_sha256="0" * 64))
    with pytest.raises(ModelError, match=r"tiny-base has no training memory none beside it, .* detector that came"):
        load_memory(base.with_name("none"), spec)
    monkeypatch.setattr("noiselens_trainer.memory.SHIPPED_DETECTOR", base.with_name("gone.safetensors"))
    with pytest.raises(ModelError, match="is missing"):
        load_memory(memory_of(base.with_name("gone.safetensors")), spec)
    with pytest.raises(ModelError, match="is not a training memory"):
        load_memory(base, spec)


def test_a_run_leaves_a_detector_that_judges_as_its_samples_are_labelled(
    run: tuple[Path, Tuned, list[Progress]], own: list[OwnSample], base: Path
) -> None:
    folder, tuned, lines = run
    assert {p.suffix for p in (folder / "models").iterdir()} == {".safetensors", ".md", ".html", ".json"}
    before, after = Detector.load(base, "cpu"), Detector.load(tuned.file, "cpu")
    some = own[::3]
    with Decoder() as decoder:
        pixels = [decoder.decode_file(s.path).pixels for s in some]
    right = [
        sum(
            (d.calibration.probability(d.score(x).logit) >= 0.5) == bool(s.label)
            for x, s in zip(pixels, some, strict=True)
        )
        for d in (before, after)
    ]
    assert right[1] > right[0]
    assert read_spec(tuned.file).id == after.model_id != before.model_id
    assert [line.stage for line in lines if line.stage in ("load", "measure", "done")] == ["load", "measure", "done"]
    assert lines[-1].message == str(tuned.file)
    assert any("validation" in line.values for line in lines)
    assert {"reference_before", "reference_after"} <= {name for line in lines for name in line.values}


def test_the_report_says_what_the_run_measured(run: tuple[Path, Tuned, list[Progress]], own: list[OwnSample]) -> None:
    _, tuned, lines = run
    data = json.loads(tuned.file.with_suffix(".json").read_text())
    assert data["model"] == tuned.comparison.model
    assert data["own"]["before"]["images"] == len(own)
    assert data["own"]["after"]["balanced_accuracy"] == lines[-1].values["own_after"]
    assert data["worth_offering"] is tuned.comparison.worth_offering
    page = tuned.file.with_suffix(".html").read_text()
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("data:image/jpeg;base64,") == len(data["flips"]) > 0
    assert all(sentence in tuned.file.with_suffix(".md").read_text() for sentence in data["warnings"])


def test_the_registry_takes_it_for_the_users_own_and_shows_its_report(run: tuple[Path, Tuned, list[Progress]]) -> None:
    folder, tuned, _ = run
    found = Registry(folder / "models").find(tuned.comparison.model)
    assert (found.kind, found.chosen) == ("own", False)
    assert found.report == tuned.file.with_suffix(".html")


def test_a_second_run_computes_nothing_twice_and_ends_the_same(
    run: tuple[Path, Tuned, list[Progress]],
    own: list[OwnSample],
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, tuned, _ = run
    monkeypatch.setattr(OwnFeatures, "_encode", None)  # the encoder would be asked through it
    again = fine_tune(own, base, folder / "run", tmp_path, "own", "cpu", lambda _: None)
    assert again.comparison.model == tuned.comparison.model
    assert again.file.read_bytes() == tuned.file.read_bytes()


def test_one_label_is_enough(
    own: list[OwnSample], run: tuple[Path, Tuned, list[Progress]], base: Path, tmp_path: Path
) -> None:
    shutil.copytree(run[0] / "run", tmp_path / "run")
    real = [s for s in own if not s.label]
    tuned = fine_tune(real, base, tmp_path / "run", tmp_path / "models", "own", "cpu", lambda _: None)
    figures = tuned.comparison.own.after
    assert (figures.images, figures.auc, figures.found) == (len(real), None, None)
    assert figures.balanced_accuracy >= tuned.comparison.own.before.balanced_accuracy
    assert json.loads(tuned.file.with_suffix(".json").read_text())["own"]["after"]["auc"] is None


def test_what_cannot_be_read_is_named_and_left_out(
    own: list[OwnSample], run: tuple[Path, Tuned, list[Progress]], base: Path, tmp_path: Path
) -> None:
    shutil.copytree(run[0] / "run", tmp_path / "run")
    torn = tmp_path / "torn.png"
    torn.write_bytes(own[0].path.read_bytes()[:200])
    lines: list[Progress] = []
    wrong = [OwnSample(torn, 1, "torn.png"), OwnSample(tmp_path / "gone.png", 0, "gone.png")]
    tuned = fine_tune([*own, *wrong], base, tmp_path / "run", tmp_path / "models", "own", "cpu", lines.append)
    assert [one.sample.name for one in tuned.comparison.unread] == ["torn.png", "gone.png"]
    assert sum("left out" in line.message for line in lines) == 2
    assert "gone.png" in tuned.file.with_suffix(".html").read_text()
    assert tuned.comparison.own.before.images == len(own)


def test_what_is_missing_is_said_in_one_sentence(
    own: list[OwnSample], base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tune(samples: list[OwnSample], models: Path = tmp_path / "models") -> None:
        fine_tune(samples, base, tmp_path / "run", models, "own", "cpu", lambda _: None)

    with pytest.raises(DataError, match="no labelled images yet"):
        tune([])
    with pytest.raises(DataError, match="4 real and 5 generated images"):
        tune([s for s in own if s.label][:5] + [s for s in own if not s.label][:4])
    with pytest.raises(DataError, match=r"None of the 12 labelled images can be used\. The first: 0\.png cannot be"):
        tune([OwnSample(tmp_path / f"{i}.png", int(i > 9), "gone") for i in range(12)])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no labelled images were found"):
        read_folder(tmp_path / "empty")
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    with pytest.raises(RunError, match=f"{blocked / 'models'} cannot be used"):
        tune(own, blocked / "models")
    monkeypatch.setattr("noiselens_trainer.finetune.shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 2**20))
    with pytest.raises(RunError, match=r"1 MB free .* Make room"):
        tune(own)
    monkeypatch.undo()
    monkeypatch.setattr(OwnFeatures, "see", _out_of_memory)
    with pytest.raises(RunError, match="ran out of memory"):
        tune(own)
    assert not list((tmp_path / "models").glob("*"))


def _out_of_memory(*_: object) -> None:
    torch.empty(2**50, dtype=torch.uint8)  # what the allocator really raises


def test_a_detector_that_costs_elsewhere_is_not_offered(own: list[OwnSample], tmp_path: Path) -> None:
    def comparison(before: Figures, after: Figures, own: float = 0.9, flips: Sequence[Flip] = ()) -> Comparison:
        mine = Change(Figures(20, 0.8, 0.8, 0.1, 0.5, 0.8), Figures(20, 0.9, own, 0.0, 0.8, 0.9))
        return Comparison("own", "base", mine, Change(before, after), list(flips), [], 10, 1)

    whole = Figures(2000, 0.85, 0.80, 0.01, 0.4, 0.6)
    assert comparison(whole, Figures(2000, 0.85, 0.791, 0.01, 0.4, 0.6)).worth_offering
    lost = comparison(whole, Figures(2000, 0.85, 0.789, 0.01, 0.4, 0.6))
    assert "right less often than before: 78.9 % instead of 80.0 %" in lost.sentences[0]
    accusing = comparison(whole, Figures(2000, 0.86, 0.81, 0.012, 0.4, 0.6))
    assert "more photographs that are not yours likely generated: 1.2 % instead of 1.0 %" in accusing.sentences[0]
    assert "no better on your own samples" in comparison(whole, whole, own=0.8).sentences[0]
    assert not comparison(whole, replace(whole, found=0.38)).sentences
    blind = comparison(whole, replace(whole, found=0.36))
    assert blind.sentences == ["Of generated pictures that are not yours it finds 36.0 % instead of 40.0 %."]
    assert blind.worth_offering  # a caution: the user weighs it
    write_html(tmp_path / "page.html", blind)
    page = (tmp_path / "page.html").read_text()
    assert blind.sentences[0] in page
    assert "at a price elsewhere" in page
    assert "no worse elsewhere" not in page
    write_html(tmp_path / "page.html", lost)
    assert "Think twice" in (tmp_path / "page.html").read_text()
    generated = Seen(next(one for one in own if one.label), "0" * 64, np.zeros(0, np.float32), b"", b"")
    surer = Flip(generated, (0.8, Band.UNCERTAIN), (0.95, Band.LIKELY_GENERATED))
    assert comparison(whole, whole, own=0.8, flips=[surer]).worth_offering
    assert "no better on your own samples" in comparison(whole, whole, own=0.79, flips=[surer]).sentences[0]


def test_thresholds_accuse_no_more_than_those_before() -> None:
    rng = np.random.default_rng(0)
    n, label = 900, np.arange(900) % 2
    before = rng.normal(3.0 * label - 1.5, 1.5)
    data = HeldOut(
        before, before + rng.normal(0.7, 1, n), label, np.arange(n) % 4, np.arange(n) % 4 // 3 * -1, np.ones(n)
    )
    base = recalibrate(HeldOut(before, before, label, data.part, data.fold, data.weight), Calibration())
    found = recalibrate(data, base)
    for part in range(3):
        real, generated = ((data.part == part) & (label == c) for c in (0, 1))
        old, new = base.probabilities(before), found.probabilities(data.after)
        assert (new[real] >= found.generated_at).sum() <= (old[real] >= base.generated_at).sum()
        assert (new[generated] <= found.real_at).sum() <= (old[generated] <= base.real_at).sum()


def test_a_head_stays_where_nothing_speaks_against_it_and_moves_to_what_is_labelled() -> None:
    rng = np.random.default_rng(0)
    x, still = rng.normal(size=(40, 8)).astype(np.float32), rng.normal(0, 0.1, 40).astype(np.float32)
    start = np.append(rng.normal(size=8), 0.1)
    logit = Rows(x, still, np.zeros(40, np.float32)).logits(start)
    assert logit == pytest.approx(x @ start[:-1] + still + start[-1], abs=1e-4)
    agreed = np.asarray(1 / (1 + np.exp(-logit)), np.float32)  # labels as the head says them: the gradient is nil
    soft = Rows(x, still, agreed)
    assert move_head(soft, np.full(40, 10.0), start) == pytest.approx(start, abs=1e-3)
    hard = Rows(x, still, (logit < 0).astype(np.float32))
    moved = move_head(hard, np.full(40, 1000.0), start)
    right = ((hard.logits(moved) >= 0) == hard.y).mean()
    assert right > 0.9
    assert np.abs(moved - start).sum() * PULL > 1


def test_only_the_weights_of_class_tokens_move(run: tuple[Path, Tuned, list[Progress]], base: Path) -> None:
    (before, spec), (after, _) = (load_detector(file, torch.device("cpu")) for file in (base, run[1].file))
    away = (after.linear.weight - before.linear.weight)[0].detach().abs()
    assert away[: spec.model.class_width].max() > 0
    assert away[spec.model.class_width :].max() == 0


def test_weights_hear_the_rarer_label_and_never_outweigh_the_memory() -> None:
    label = np.repeat([0, 1], [100, 10])
    weight = own_weights(label, 3.0, 10_000)
    assert weight.mean() == pytest.approx(3)
    assert weight[label == 1].sum() / weight[label == 0].sum() == pytest.approx(10**-0.5)
    assert own_weights(label, 10.0, 500).sum() == pytest.approx(LARGEST_SHARE * 500)


def test_a_flip_is_better_or_worse_by_its_label(run: tuple[Path, Tuned, list[Progress]]) -> None:
    for flip in run[1].comparison.flips:
        (_, old), (q, new) = flip.before, flip.after
        if old is Band.UNCERTAIN and new is not Band.UNCERTAIN:
            assert flip.gain == (1 if (new is Band.LIKELY_GENERATED) == bool(flip.seen.sample.label) else -1)
        elif old is new:
            assert flip.gain == (1 if (q >= 0.5) == bool(flip.seen.sample.label) else -1)


def _command(data: Path, base: Path, folder: Path) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "noiselens_trainer",
        "finetune",
        "--json",
        "--data",
        str(data),
        "--base",
        str(base),
    ]
    return [*command, "--out", str(folder / "run"), "--models", str(folder / "models")]


@pytest.fixture(scope="module")
def labelled(own: list[OwnSample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as a folder with real/ and generated/."""
    folder = tmp_path_factory.mktemp("labelled")
    for s in own:
        place = folder / ("generated" if s.label else "real") / s.name
        place.parent.mkdir(exist_ok=True)
        shutil.copy(s.path, place)
    return folder


def test_a_run_killed_at_any_moment_leaves_nothing_half_done_and_ends_when_started_again(
    run: tuple[Path, Tuned, list[Progress]], own: list[OwnSample], base: Path, tmp_path: Path
) -> None:
    """Each killed run is a process made by forking once all is imported, so that its moments lie in the run itself.

    It finds some pictures not looked at yet. What stands in models after a kill is nothing or the whole detector.
    """
    source, tuned, _ = run
    program = f"""
import hashlib, os, signal, sys, time, random
from pathlib import Path
import torch
torch.set_num_threads(1)
from noiselens_trainer.finetune import fine_tune
from noiselens_trainer.own import OwnSample
own = [OwnSample(Path(p), l, Path(p).name) for p, l in {[(str(s.path), s.label) for s in own]!r}]
folder, models = Path({str(tmp_path / "run")!r}), Path({str(tmp_path / "models")!r})
def tune():
    fine_tune(own, Path({str(base)!r}), folder, models, "own", "cpu", lambda _: None)
def child():
    for path in [*models.glob("*"), *sorted(folder.rglob("*.npz"))[:{FORGOTTEN}]]: path.unlink()
    pid = os.fork()
    if not pid:
        tune()
        os._exit(0)
    return pid
began = time.monotonic(); os.waitpid(child(), 0); whole = time.monotonic() - began
moments = random.Random(0)
killed = 0
for _ in range({MOMENTS}):
    pid = child()
    time.sleep(moments.uniform(0, whole))
    os.kill(pid, signal.SIGKILL)
    killed += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    print(killed, *(hashlib.sha256(p.read_bytes()).hexdigest() for p in models.glob("*.safetensors")), flush=True)
tune()
"""
    shutil.copytree(source / "run", tmp_path / "run")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert len(rows) == MOMENTS
    assert int(rows[-1][0]) > MOMENTS / 2
    whole = tuned.file.read_bytes()
    assert {digest for row in rows for digest in row[1:]} <= {hashlib.sha256(whole).hexdigest()}
    assert (tmp_path / "models" / tuned.file.name).read_bytes() == whole


def test_a_stopped_run_says_so_and_goes_on(labelled: Path, base: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        _command(labelled, base, tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stderr is not None
        assert first.stdout.readline()
        os.kill(first.pid, signal.SIGTERM)
        assert first.wait(60) == 130
        assert "start it again to go on" in first.stderr.read()
    assert not list((tmp_path / "models").glob("*.safetensors"))
    began = time.monotonic()
    done = subprocess.run(_command(labelled, base, tmp_path), capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    last = Progress.from_line(done.stdout.splitlines()[-1])
    assert last is not None
    assert last.stage == "done"
    assert last.values["seconds"] <= time.monotonic() - began
    assert Path(last.message).is_file()
