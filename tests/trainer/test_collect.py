"""Further real images: they go through the pool's steps whatever they were, and nothing is kept twice."""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core.errors import NoiseLensError
from noiselens_core.images import Decoder
from noiselens_trainer import collect, listed
from noiselens_trainer.collect import (
    COLLECTIONS,
    CROP_PX,
    LONGEST_PX,
    PREVIEW_PX,
    PREVIEWS_A_SOURCE,
    Collection,
    prepared,
    preview,
)
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.layouts import read_more
from noiselens_trainer.listed import Archive, Listed, listed_archives


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
    monkeypatch.setattr(collect, "listed_archives", dict)
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


def test_what_is_listed_can_be_told_apart_and_says_where_it_is_from() -> None:
    archives = listed_archives()
    pictures = [picture for listed in archives.values() for picture in listed]
    assert len({archive.file for archive in archives}) == len(archives)
    assert all(len(archive.sha256) == 64 and archives[archive] for archive in archives)
    assert {picture.label for picture in pictures} == {"real", "generated"}
    assert all(0 <= picture.cut_top < 0.5 and picture.family in picture.source for picture in pictures)


def _archives(tmp_path: Path) -> dict[str, bytes]:
    """Return a wheel and a tar archive, by their names, with a picture each."""
    wheel, tar = io.BytesIO(), io.BytesIO()
    picture = io.BytesIO()
    _picture(5, 400, 400).save(picture, "WEBP")
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("made/flux-1.webp", picture.getvalue())
    _picture(6, 900, 700).save(tmp_path / "photo.jpg")
    with tarfile.open(fileobj=tar, mode="w:gz") as packed_tar:
        packed_tar.add(tmp_path / "photo.jpg", "old-1.0/photo.jpg")
    return {"made-1-py3-none-any.whl": wheel.getvalue(), "old-1.0.tar.gz": tar.getvalue()}


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Archive, list[Listed]]:
    packed = _archives(tmp_path)
    wheel, tar = (Archive(name.split("-")[0], name, hashlib.sha256(data).hexdigest()) for name, data in packed.items())
    known = {
        wheel: [Listed("made/flux-1.webp", "generated", "templates_flux", "flux", cut_top=0.25)],
        tar: [Listed("old-1.0/photo.jpg", "real", "photographs", "photographs")],
    }
    monkeypatch.setattr(collect, "COLLECTIONS", ())
    monkeypatch.setattr(collect, "listed_archives", lambda: known)
    monkeypatch.setattr(listed, "_download", lambda archive: packed[archive.file])
    return known


def test_listed_pictures_and_previews_of_real_ones_join_the_manifest(
    archives: dict[Archive, list[Listed]], tmp_path: Path
) -> None:
    out, pool = tmp_path / "out", []
    for number in range(PREVIEWS_A_SOURCE + 2):
        _picture(10 + number, 500, 450).save(tmp_path / f"{number}.png")
        pool.append(Sample(tmp_path / f"{number}.png", 0, "camera", "phone", "collection"))
    pool.append(Sample(tmp_path / "photo.jpg", 1, "fakes", "flux", "collection"))
    out.mkdir()
    counts = [collect.collect(out, lambda _: None, pool) for _ in range(2)]
    samples = read_more([out / "manifest.csv"])
    assert counts == [len(samples)] * 2
    by_source = {source: [s for s in samples if s.source == source] for source in {s.source for s in samples}}
    assert {name: len(found) for name, found in by_source.items()} == {
        "templates_flux": 1,
        "photographs": 1,
        "previews_camera": PREVIEWS_A_SOURCE,
        "previews_photographs": 1,
    }
    assert [(s.label, s.family) for s in by_source["templates_flux"]] == [(1, "flux")]
    assert {(s.label, s.family, s.origin) for s in by_source["previews_camera"]} == {(0, "phone", "collection")}
    with Decoder() as decoder:
        assert decoder.decode_file(by_source["templates_flux"][0].path).pixels.shape[:2] == (300, 400)


def test_another_archive_under_the_name_is_refused(
    archives: dict[Archive, list[Listed]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed, "_download", lambda archive: b"something else")
    with pytest.raises(DataError, match="not the file"):
        collect.collect(tmp_path, lambda _: None)
    assert not (tmp_path / "manifest.csv").exists()


def test_a_preview_is_a_small_square_or_one_without_its_top() -> None:
    pixels = np.asarray(_picture(0, 900, 600))
    shapes = {shown.shape[:2] for seed in range(40) if (shown := preview(pixels, seed)) is not None}
    assert shapes == {(height, side) for side in PREVIEW_PX for height in (side, side - round(0.14 * side))}
    assert preview(pixels[:340], 0) is None
