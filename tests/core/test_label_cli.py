"""`noiselens label` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from noiselens_core.cli import SAMPLES, main

CAT, ROCKET, CUP = (SAMPLES / name for name in ("chelsea.png", "rocket.jpg", "coffee.png"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def label(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Return exit status, standard output and standard error."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["label", *map(str, arguments)])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_images_are_labelled_listed_and_removed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert label(capsys, "real", CAT, CUP) == (0, "", "2 kept\n")
    assert label(capsys, "generated", ROCKET, CUP) == (0, "", "1 kept; 1 with a new label\n")
    status, out, said = label(capsys, "list")
    assert (status, said) == (0, "1 real, 2 generated.\n")
    rows = [line.split() for line in out.splitlines()]
    assert [row[1:] for row in rows] == [
        ["real", "chelsea.png"],
        ["generated", "coffee.png"],
        ["generated", "rocket.jpg"],
    ]
    (first, *_) = (json.loads(line) for line in label(capsys, "list", "--json")[1].splitlines())
    assert Path(first["path"]).read_bytes() == CAT.read_bytes()
    assert first["sha256"].startswith(rows[0][0])
    assert label(capsys, "remove", rows[0][0], "rocket.jpg") == (0, "", "Removed 2 images.\n")
    assert not Path(first["path"]).exists()
    assert label(capsys, "remove", "--all") == (0, "", "Removed 1 image.\n")


def test_what_cannot_be_read_is_said_and_the_rest_is_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"x")
    status, _, said = label(capsys, "real", CAT, tmp_path / "broken.png", tmp_path / "missing.png")
    assert status == 2
    assert said.splitlines()[-1] == "1 kept; 2 not read"
    assert "Traceback" not in said


def test_conflicts_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    label(capsys, "real", CAT)
    assert label(capsys, "conflicts")[2] == "There are no conflicts.\n"
    label(capsys, "generated", SAMPLES / "chelsea_regenerated.png")
    _, out, said = label(capsys, "conflicts")
    assert "chelsea.png" in out
    assert "chelsea_regenerated.png" in out
    assert said == "Label one of each pair anew or remove it, or add --both-right to keep both labels.\n"
    words = "1 real, 1 generated; 1 picture has both labels (noiselens label conflicts).\n"
    assert label(capsys, "list")[2] == words
    assert label(capsys, "conflicts", "--both-right")[1:] == (out, "Both labels of these stay.\n")
    assert label(capsys, "conflicts")[2] == "There are no conflicts.\n"
    assert label(capsys, "list")[2] == "1 real, 1 generated.\n"


def test_samples_travel_in_an_archive(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(capsys, "real", CAT)
    assert label(capsys, "export", tmp_path / "out.zip")[2].startswith("Saved 1 image: ")
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path / "another"))
    assert label(capsys, "import", tmp_path / "out.zip") == (0, "", "1 kept\n")
    assert label(capsys, "list")[2] == "1 real, 0 generated.\n"


def test_the_folder_one_stands_in_goes_by_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "set" / "Generated" / "more").mkdir(parents=True)
    (tmp_path / "set" / "Generated" / "rocket.jpg").write_bytes(ROCKET.read_bytes())
    for place, path in (("set/Generated", "."), ("set/Generated/more", ".."), ("set", ".")):
        monkeypatch.chdir(tmp_path / place)
        assert label(capsys, "folder", path)[2] in ("1 kept\n", "1 known already\n")
    assert label(capsys, "list")[2] == "0 real, 1 generated.\n"
    monkeypatch.chdir(tmp_path / "set" / "Generated" / "more")
    assert label(capsys, "folder", ".")[2].startswith("more does not say what its images are.")
    assert label(capsys, "export", ".") == (2, "", ". is not a file. Name the file to write.\n")


@pytest.mark.parametrize(
    "arguments", [("remove", "abcd"), ("remove",), ("import", "missing.zip"), ("folder", "missing")]
)
def test_a_wrong_word_is_one_sentence(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, out, said = label(capsys, *arguments)
    assert (status, out) == (2, "")
    assert len(said.splitlines()) == 1
    assert said.rstrip().endswith((".", "list"))
