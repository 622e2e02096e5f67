"""Judging the history again: the same bytes or none."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer
from PIL import Image

from noiselens_core import models_cli
from noiselens_core.checkpoint import SHIPPED_DETECTOR
from noiselens_core.images import DecodedImage
from noiselens_core.library import HistoryEntry, Library
from noiselens_core.places import library_path, models_dir
from noiselens_core.registry import Registry
from noiselens_core.rejudge import judge_again
from noiselens_core.verdict import Band, Verdict

OLD = Verdict("0" * 64, 0.9, Band.LIKELY_GENERATED, 1.0, (), "old", 1.0, 20, 20)


class Other:
    """A detector that calls everything real."""

    def detect(self, image: DecodedImage) -> Verdict:
        return replace(OLD, sha256=image.facts.sha256, probability=0.1, band=Band.LIKELY_REAL, model="other")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(path)
    return path


def _entry(picture: Path, folder: Path, path: Path | None) -> HistoryEntry:
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    with Library(folder / "library.sqlite3") as library:
        entry = library.entry(library.add(replace(OLD, sha256=sha256), "picture.png", "file", path=path))
    assert entry is not None
    return entry


def test_an_entry_is_judged_again_from_its_file(picture: Path, tmp_path: Path) -> None:
    (again,) = judge_again([_entry(picture, tmp_path, picture)], Other(), [])
    assert again.flipped
    assert again.verdict is not None
    assert again.verdict.model == "other"


def test_a_file_that_was_changed_is_another_image(picture: Path, tmp_path: Path) -> None:
    entry = _entry(picture, tmp_path, picture)
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(picture)
    (again,) = judge_again([entry], Other(), [tmp_path / "none"])
    assert again.verdict is None
    assert not again.flipped


def test_an_image_that_is_refused_now_is_told_and_the_rest_is_judged(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture.read_bytes()[:60])
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path / "home"))
    with Library(library_path()) as library:
        for path in (broken, picture):
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            library.add(replace(OLD, sha256=sha256), path.name, "file", path=path)
        first, second = judge_again(reversed(library.history()), Other(), [])
    assert (first.verdict, first.flipped) == (None, False)
    assert first.refusal is not None
    assert second.flipped
    monkeypatch.setattr(models_cli, "_load", lambda *_: SimpleNamespace(model_id="other", detect=Other().detect))
    with pytest.raises(typer.Exit) as end:
        models_cli.rejudge("cpu")
    assert end.value.exit_code == 2
    said = capsys.readouterr()
    assert said.out.startswith("picture.png  Likely generated")
    assert said.err.splitlines() == [
        f"broken.png: {first.refusal}",
        "1 of 1 verdicts of other detectors change their band under other; 1 were not read.",
    ]


def test_a_comparison_that_could_not_read_all_says_so_when_it_ends(
    picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NOISELENS_HOME", str(picture.parent / "home"))
    monkeypatch.setattr(models_cli, "_load", lambda *_: Other())
    Registry(models_dir()).take(SHIPPED_DETECTOR)
    second = Registry(models_dir()).models()[1].key
    for broken in (False, True):
        if broken:
            (picture.parent / "broken.png").write_bytes(b"x")
        with pytest.raises(typer.Exit) as end:
            models_cli.compare(picture.parent, second=second)
        assert end.value.exit_code == (2 if broken else 0)
    assert "1 were not read." in capsys.readouterr().err


def test_a_kept_copy_stands_in_for_the_file(picture: Path, tmp_path: Path) -> None:
    entry = _entry(picture, tmp_path, None)
    kept = tmp_path / "originals"
    kept.mkdir()
    picture.rename(kept / f"{entry.verdict.sha256}.png")
    (again,) = judge_again([entry], Other(), [kept])
    assert again.verdict is not None
