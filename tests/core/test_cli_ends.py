"""How a check ends when something stands in its way: what was found is kept, and the exit status tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from noiselens_core.outputs import OutputError, OverlayFolder

from .program import Program, save_image


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
