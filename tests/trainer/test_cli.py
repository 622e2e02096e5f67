"""`noiselens-train` as a person or the app starts it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from noiselens_core.cli import SAMPLES
from noiselens_core.errors import NoiseLensError
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.places import library_path, samples_dir
from noiselens_core.progress import Progress
from noiselens_trainer.__main__ import run_evaluate, run_train
from noiselens_trainer.bars import reporter
from noiselens_trainer.data import DataError


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "noiselens_trainer", *map(str, arguments)]


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    alone = os.environ | {"OMP_NUM_THREADS": "1"}  # two threads on cores that are busy are far slower than one
    return subprocess.run(_command(*arguments), env=alone, capture_output=True, text=True, timeout=200, check=False)


def test_a_missing_manifest_is_one_sentence_and_exit_code_two(tmp_path: Path) -> None:
    done = _run("detector", "--data", tmp_path / "none.csv", "--out", tmp_path)
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_teacher_that_is_none_is_one_sentence(manifest: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "teacher.safetensors"
    wrong.write_bytes(b"nothing")
    done = _run("detector", "--data", manifest, "--teacher", wrong, "--out", tmp_path)
    assert done.returncode == 2
    assert "is no teacher" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_made_is_one_sentence(manifest: Path) -> None:
    done = _run("teacher", "--data", manifest, "--out", manifest / "run")
    assert done.returncode == 2
    assert "Check that the disk is not full" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["", "a/b", "../x", ".hidden", "a b", "ä", "x" * 61])
def test_a_name_that_no_file_should_have_is_refused(name: str, manifest: Path) -> None:
    with pytest.raises(NoiseLensError, match="cannot be a detector's name"):
        run_train(["--data", str(manifest), "--name", name])


def test_a_folder_for_figures_that_cannot_be_made_is_told_before_the_work(manifest: Path, tmp_path: Path) -> None:
    with pytest.raises(NoiseLensError, match=r"File exists .*pool\.csv"):
        run_evaluate(["--data", str(tmp_path / "not looked at"), "--out", str(manifest)])


@pytest.mark.parametrize(
    ("fault", "debug", "sentence"),
    [
        ("1 / 0", False, "NoiseLens stopped on an error of its own (ZeroDivisionError). Set NOISELENS_DEBUG=1 and run"),
        ("import no_such_part", False, "No module named 'no_such_part'. Install it with: pip install"),
        ("1 / 0", True, "Traceback"),
    ],
)
def test_an_error_of_its_own_is_a_sentence_and_for_who_asks_a_traceback(fault: str, debug: bool, sentence: str) -> None:
    code = f"""
from noiselens_trainer import __main__ as program
@program.app.command()
def broken() -> None:
    {fault}
program.main()
"""
    asked = {key: value for key, value in os.environ.items() if key != "NOISELENS_DEBUG"}
    asked |= {"NOISELENS_DEBUG": "1"} if debug else {}
    command = [sys.executable, "-c", code, "broken"]
    done = subprocess.run(command, env=asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert ("Traceback" in done.stderr) is debug


def test_what_the_system_refuses_is_a_sentence_under_the_core_s_name_too(
    manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/a")

    monkeypatch.setattr("noiselens_trainer.layouts.read_data", refuse)
    with pytest.raises(NoiseLensError, match=r"Permission denied \(/a\)\. Check that the disk is not full"):
        run_evaluate(["--data", str(manifest)])


def test_evaluate_prints_the_table_and_writes_figures_a_source_and_a_pair(
    manifest: Path, base: Path, tmp_path: Path
) -> None:
    known = manifest.with_name("origins.csv")  # family 0, real and generated, out of one collection
    head, *rows = manifest.read_text(encoding="utf-8").splitlines()
    told = [f"{head},origin", *(f"{row},{'one' if 'family0' in row else ''}" for row in rows)]
    known.write_text("\n".join([*told, "gone.png,real,real0,family0,"]), encoding="utf-8")
    done = _run("evaluate", "--data", known, "--model", base, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 picture was left out:\ngone.png: gone.png cannot be opened." in done.stderr
    assert all(words in done.stdout for words in ("clean-eq", "web", "hard", "false accusations", "above chance"))
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert figures["web"]["images"] == 24
    assert 0 <= figures["web"]["auc_low"] <= figures["web"]["auc"] <= figures["web"]["auc_high"] <= 1
    with (tmp_path / "sources.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 3 * 8
    with (tmp_path / "pairs.csv").open(encoding="utf-8") as file:
        found = [(row["tier"], row["real"], row["generated"], row["images"]) for row in csv.DictReader(file)]
    assert found == [(tier, "real0", "generated0", "6") for tier in ("clean-eq", "web", "hard")]


def test_a_killed_teacher_run_can_be_started_again_and_leaves_a_teacher(manifest: Path, tmp_path: Path) -> None:
    arguments = ("teacher", "--data", manifest, "--out", tmp_path, "--steps", "4", "--json")
    # save_every is larger than this run, so the state a kill leaves is none: the run starts anew and still ends well.
    with subprocess.Popen(_command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:
        while not psutil.Process(first.pid).children():  # one reads the images once it trains
            assert first.poll() is None
            time.sleep(0.02)
        os.kill(first.pid, signal.SIGKILL)
    done = _run(*arguments)
    assert done.returncode == 0, done.stderr
    lines = [Progress.from_line(line) for line in done.stdout.splitlines()]
    assert lines[-1] is not None
    assert (lines[-1].stage, lines[-1].step, lines[-1].total) == ("teacher", 4, 4)
    made = {path.name for path in tmp_path.iterdir()}
    assert {"noiselens-teacher-1.safetensors", "loss.png", "samples.png", "log.jsonl"} <= made


def test_help_starts_without_diffusers() -> None:
    code = "import sys; from noiselens_trainer import __main__; print('diffusers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_training_on_labels_that_contradict_one_another_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path))
    with Library(library_path()) as library, LabelStore(library, samples_dir()) as store:
        store.add((SAMPLES / "chelsea.png").read_bytes(), "real")
    done = _run("finetune")
    assert "both labels" not in done.stderr
    with Library(library_path()) as library, LabelStore(library, samples_dir()) as store:
        store.add((SAMPLES / "chelsea_regenerated.png").read_bytes(), "generated")
    done = _run("finetune")
    assert "Pictures with both labels: 1." in done.stderr
    assert "Pictures with both labels" not in _run("finetune", "--json").stderr


def test_the_last_line_of_a_run_leaves_figures_to_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with reporter(as_json=False) as report:
        report(Progress("fit", 1, 2, values={"loss": 0.5}))
    assert "loss 0.500" in capsys.readouterr().err
    with reporter(as_json=False) as report:
        report(Progress("done", 1, 1, values={"worth_offering": 1.0}, message="own.safetensors"))
    said = capsys.readouterr().err
    assert "done" in said
    assert "worth_offering" not in said


def test_pictures_that_were_left_out_are_told_once_and_at_any_end(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError), reporter(as_json=False) as report:
        for _ in range(2):  # views
            for step in range(12):
                report(Progress("features", step, 12, message="a [b].png left out: It is damaged."))
        raise DataError("Too few.")
    said = capsys.readouterr().err
    assert said.endswith("12 pictures were left out:\n" + 10 * "a [b].png: It is damaged.\n" + "and 2 more\n")
