"""Further real images: they go through the pool's steps whatever they were, and nothing is kept twice."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core.errors import NoiseLensError
from noiselens_core.images import Decoder
from noiselens_trainer import collect
from noiselens_trainer.collect import COLLECTIONS, CROP_PX, LONGEST_PX, Collection, prepared
from noiselens_trainer.layouts import read_more


def _picture(seed: int, width: int, height: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def test_half_of_the_pictures_are_native_crops_and_the_rest_is_made_smaller() -> None:
    pixels = np.asarray(_picture(0, 1200, 800))
    shapes = [kept.shape[:2] for seed in range(40) if (kept := prepared(pixels, True, seed)) is not None]
    assert set(shapes) == {(CROP_PX, CROP_PX), (LONGEST_PX * 800 // 1200, LONGEST_PX)}
    assert 10 < shapes.count((CROP_PX, CROP_PX)) < 30


def test_small_and_flat_pictures_are_left_out() -> None:
    assert prepared(np.asarray(_picture(0, 199, 600)), True, 0) is None
    assert prepared(np.full((300, 300, 3), 90, np.uint8), True, 0) is None


def test_a_collection_becomes_a_manifest_and_is_not_fetched_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched = []

    def fetch(collection: Collection, into: Path) -> None:
        fetched.append(collection.source)
        (into / "package/art").mkdir(parents=True)
        _picture(1, 300, 300).save(into / "package/art/one.png")
        _picture(1, 500, 500).save(into / "package/art/the same, larger.png")
        _picture(2, 300, 240).save(into / "package/art/two.jpg")
        _picture(3, 300, 240).save(into / "package/elsewhere.jpg")
        (into / "package/art/broken.png").write_bytes(b"no image")

    monkeypatch.setattr(collect, "_fetch", fetch)
    monkeypatch.setattr(collect, "COLLECTIONS", (Collection("painted", ("package",), parts=("art",)),))
    assert [collect.collect(tmp_path, lambda _: None) for _ in range(2)] == [2, 2]
    assert fetched == ["painted"]
    samples = read_more([tmp_path / "manifest.csv"])
    assert {(s.label, s.source, s.family) for s in samples} == {(0, "painted", "painted")}
    with Decoder() as decoder:
        assert all(decoder.decode_file(s.path).facts.format == "JPEG" for s in samples)
    with (tmp_path / "manifest.csv").open(newline="") as file:
        assert {row["file"] for row in csv.DictReader(file)} < {"one.png", "the same, larger.png", "two.jpg"}


def test_without_the_tools_it_says_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoiseLensError, match="needs apt-get"):
        collect.collect(tmp_path, lambda _: None)
    assert len({c.source for c in COLLECTIONS}) == len(COLLECTIONS)
