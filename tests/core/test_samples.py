"""The sample images that ship: known origins only."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import skimage

from noiselens_core.cli import SAMPLES

PHOTOGRAPHS = ["astronaut.png", "camera.png", "chelsea.png", "clock_motion.png", "coffee.png", "rocket.jpg"]
ORIGINS = (SAMPLES / "ORIGINS.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_are_the_files_whose_licence_is_cited(name: str) -> None:
    original = Path(str(files(skimage) / "data" / name)).read_bytes()
    assert (SAMPLES / name).read_bytes() == original


def test_every_sample_has_its_origin_stated() -> None:
    images = {path.name for path in SAMPLES.iterdir()} - {"ORIGINS.md"}
    unnamed = {name for name in images if f"| {name} |" not in ORIGINS}
    assert images >= set(PHOTOGRAPHS)
    assert not {name for name in unnamed if not name.startswith("drawn_") and not name.endswith("_regenerated.png")}


def test_samples_stay_small_enough_for_a_wheel() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 5 * 2**20
