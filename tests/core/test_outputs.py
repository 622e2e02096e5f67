"""A result replaces a file whole, or leaves what was there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from noiselens_core.outputs import OutputError, replacing

from .program import Program


def test_a_file_is_replaced_whole_with_the_rights_a_new_one_has(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.txt") as part:
        part.write_text("whole")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"
    (tmp_path / "usual").touch()
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_error_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(OutputError, match="could not be written"), replacing(tmp_path / "a.txt") as part:
        part.write_text("half")
        raise OSError(28, "No space left on device")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "before"


def test_two_that_write_to_one_path_do_not_meet(tmp_path: Path) -> None:
    place = tmp_path / ("n" * 250)  # nor is the name of the moment longer than the system takes
    with replacing(place) as first:
        first.write_text("first")
        with replacing(place) as second:
            second.write_text("second")
        assert place.read_text() == "second"
    assert place.read_text() == "first"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are others there")
def test_what_is_no_file_is_refused_at_once_and_a_link_stays_one(
    run: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("to pipe").symlink_to("pipe")
    Path("folder").mkdir()
    for place in (".", "folder", "pipe", "to pipe", "/dev/null"):
        result = run("check", "no image", "--report", place)
        assert (result.code, result.out) == (2, "")
        assert result.err == f"{place} is not a file. Name the file to write.\n"
    Path("link").symlink_to("target")
    for text in ("made", "replaced"):
        with replacing(Path("link")) as part:
            part.write_text(text)
        assert Path("link").is_symlink()
        assert Path("target").read_text() == text
