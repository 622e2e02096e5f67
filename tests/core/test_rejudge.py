"""Judging the history again: the same bytes or none."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core.images import DecodedImage
from noiselens_core.library import HistoryEntry, Library
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


def test_a_kept_copy_stands_in_for_the_file(picture: Path, tmp_path: Path) -> None:
    entry = _entry(picture, tmp_path, None)
    kept = tmp_path / "originals"
    kept.mkdir()
    picture.rename(kept / f"{entry.verdict.sha256}.png")
    (again,) = judge_again([entry], Other(), [kept])
    assert again.verdict is not None
