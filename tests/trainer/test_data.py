"""Manifests, family-wise splits and the resumable stream of crops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from noiselens_trainer.augment import degrade, deliver
from noiselens_trainer.config import SplitConfig
from noiselens_trainer.data import CropStream, DataError, Sample, read_manifest, split_by_family


def test_no_family_of_a_label_is_in_two_parts(samples: list[Sample]) -> None:
    split = split_by_family(samples, SplitConfig(folds=4, test_fold=0, calibration_fold=1))
    parts = [{(s.label, s.family) for s in part} for part in (split.train, split.calibration, split.test)]
    assert all(parts)
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert sum(map(len, (split.train, split.calibration, split.test))) == len(samples)


def test_a_split_is_the_same_whatever_the_manifest_order(samples: list[Sample]) -> None:
    config = SplitConfig(folds=4, test_fold=0, calibration_fold=1)
    assert {s.path for s in split_by_family(samples, config).test} == {
        s.path for s in split_by_family(samples[::-1], config).test
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,label\na.png,maybe\n", "Line 2"),
        ("path,label\n,real\n", "Line 2"),
        ("path,label\na.png,real\n", "both labels"),
        ("", "both labels"),
    ],
)
def test_a_manifest_at_fault_says_where(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "pool.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=sentence):
        read_manifest(path)


def test_a_missing_manifest_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")


def test_the_stream_goes_on_where_it_stopped(samples: list[Sample]) -> None:
    whole = CropStream(samples, 8, seed=3, source_power=0.5)
    rest = CropStream(samples, 8, seed=3, source_power=0.5, first=5)
    assert len(rest) == 3
    for index in range(3):
        crop, label = whole[5 + index]
        again, same = rest[index]
        assert label == same
        assert torch.equal(crop, again)


def test_the_stream_gives_both_labels_alike_and_crops_in_range(samples: list[Sample]) -> None:
    stream = CropStream(samples, 60, seed=0, source_power=0.5)
    drawn = [stream[i] for i in range(60)]
    assert 18 <= sum(label for _, label in drawn) <= 42
    assert all(crop.shape == (3, 128, 128) and crop.abs().max() <= 1 for crop, _ in drawn)


def test_a_refused_image_is_passed_over(samples: list[Sample], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    mixed = [*samples, *(Sample(broken, 0, f"broken{i}", "broken") for i in range(20))]
    stream = CropStream(mixed, 10, seed=0, source_power=0.5)
    assert all(stream[i][0].shape == (3, 128, 128) for i in range(10))


def test_the_delivery_chain_does_not_know_the_label() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (200, 180, 3), dtype=np.uint8)
    for seed in range(30):
        one, other = (deliver(np.random.default_rng(seed), picture) for _ in range(2))
        assert np.array_equal(one, other)
        assert one.dtype == np.uint8
        assert one.ndim == 3


def test_a_tier_bounds_the_longest_side_and_never_enlarges() -> None:
    picture = np.zeros((300, 1200, 3), np.uint8)
    assert degrade(picture, 768, 60).shape == (192, 768, 3)
    assert degrade(picture[:100, :200], 768, 60).shape == (100, 200, 3)
    assert degrade(picture, None, 92).shape == picture.shape
