"""Public benchmark layouts, each as its authors lay it out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from noiselens_trainer.data import DataError, linked_families
from noiselens_trainer.layouts import read_data

LAYOUTS: dict[str, dict[str, tuple[int, str] | None]] = {
    "GenImage": {
        "Midjourney/train/ai/a.png": (1, "Midjourney"),
        "Midjourney/val/nature/b.png": (0, "Midjourney"),
        "sdv4/train/ai/c.png": (1, "sdv4"),
        "sdv4/train/nature/d.png": (0, "sdv4"),
    },
    "CNNDetection": {
        "progan/cat/0_real/a.png": (0, "progan"),
        "progan/cat/1_fake/b.png": (1, "progan"),
        "biggan/1_fake/c.png": (1, "biggan"),
    },
    "DiffusionForensics": {
        "train/imagenet/real/a.png": (0, "imagenet"),
        "train/imagenet/adm/b.png": (1, "adm"),
        "test/lsun_bedroom/real/c.png": (0, "lsun_bedroom"),
        "test/lsun_bedroom/stylegan/deeper/ignored.txt": None,
        "test/lsun_bedroom/ldm/d.png": (1, "ldm"),
    },
    "plain": {"real/a.png": (0, "real"), "fake/b.png": (1, "fake"), "notes/c.png": None},
    "plain, with sources": {
        "real/holiday/a.png": (0, "holiday"),
        "real/images/b.png": (0, "real"),
        "generated/flux/c.png": (1, "flux"),
        "generated/sdxl/train/d.png": (1, "sdxl"),
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_as_it_comes(tmp_path: Path, layout: str) -> None:
    expected = {}
    for name, what in LAYOUTS[layout].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".png"):
            Image.new("RGB", (8, 8)).save(path)
        else:
            path.write_text("no image")
        if what is not None:
            expected[name] = what
    found = {s.path.relative_to(tmp_path).as_posix(): (s.label, s.family) for s in read_data(tmp_path)}
    assert found == expected


def test_real_and_generated_of_one_benchmark_folder_stay_together(tmp_path: Path) -> None:
    for name in ("progan/0_real/a.png", "progan/1_fake/b.png", "biggan/0_real/c.png", "biggan/1_fake/d.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    assert sorted(map(len, linked_families(read_data(tmp_path)))) == [2, 2]


def test_sources_of_one_name_stay_together_whatever_their_label(tmp_path: Path) -> None:
    for name in ("real/cats/a.png", "generated/cats/b.png", "real/dogs/c.png", "generated/flux/d.png"):
        (tmp_path / name).parent.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    samples = read_data(tmp_path)
    assert sorted(map(len, linked_families(samples))) == [1, 1, 2]
    assert {s.source for s in samples} == {"real/cats", "generated/cats", "real/dogs", "generated/flux"}


def test_a_folder_without_labels_says_what_to_do(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="folders named real and generated"):
        read_data(tmp_path)
