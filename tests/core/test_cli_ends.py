"""How a check ends when something stands in its way: what was found is kept, and the exit status tells."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from noiselens_core.outputs import OutputError, OverlayFolder

from .program import PROGRAM, Program, save_image


def test_an_error_in_the_middle_keeps_the_report_and_says_so(
    run: Program, folder: Path, says_generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OutputError("overlays could not be written (No space left on device). Make room there.")

    save_image(folder / "c.png")
    monkeypatch.setattr(OverlayFolder, "add", fail)
    places = ("--overlay", tmp_path / "overlays", "--report", tmp_path / "report.html")
    result = run("check", folder, "--json", "--model", says_generated, *places)
    assert result.code == 2
    assert [Path(row["path"]).name for row in result.rows] == ["b.png"]
    assert result.err.splitlines()[-2:] == [
        "Stopped after 1 of 3: the results so far are kept, the rest was not looked at.",
        "overlays could not be written (No space left on device). Make room there.",
    ]
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "b.png" in page
    assert "Cut short after 1 of 3" in page


def test_an_error_before_anything_was_found_leaves_the_report_before(
    run: Program, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_text("the report before")
    result = run("check", folder, "--model", tmp_path / "no model", "--report", tmp_path / "report.html")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert (tmp_path / "report.html").read_text() == "the report before"


@pytest.mark.parametrize("form", [["--json"], ["--csv"], []], ids=["json", "csv", "table"])
def test_a_pipe_nobody_reads_ends_quietly_and_keeps_the_report(
    tmp_path: Path, says_real: Path, form: list[str]
) -> None:
    for i in range(6):
        save_image(tmp_path / f"{i}.png", seed=i)
    program = subprocess.Popen(
        [*PROGRAM, "check", tmp_path, *form, "--model", says_real, "--report", tmp_path / "r.html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.readline()
    program.stdout.close()
    assert program.stderr.read() == ""
    program.stderr.close()
    assert program.wait(timeout=60) == 141
    assert "Cut short after" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="nothing is always full here")
@pytest.mark.parametrize(
    "arguments", [["check", "--json", "none.png"], ["check", "--csv", "none.png"], ["check", "none.png"], ["samples"]]
)
def test_results_that_find_no_room_are_one_sentence(arguments: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False
        )
    assert ended.returncode == 2
    sentence = "The results could not be written (No space left on device). Make room there, then try again."
    assert ended.stderr.splitlines()[-1] == sentence
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no shell closes it there")
@pytest.mark.parametrize("form", ["", "--json", "--csv"])
def test_a_closed_standard_output_is_no_error(form: str, tmp_path: Path) -> None:
    command = shlex.join([*PROGRAM, "check", "none.png", *filter(None, [form])])
    ended = subprocess.run(["sh", "-c", f"{command} >&-"], stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert (ended.returncode, ended.stderr) == (2, "")
