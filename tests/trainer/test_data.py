"""Manifests, family-wise folds and the resumable stream of windows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from noiselens_trainer.augment import STEPS, _resize, _screenshot, degrade, deliver
from noiselens_trainer.config import SplitConfig
from noiselens_trainer.data import (
    DataError,
    Sample,
    WindowStream,
    family_folds,
    linked_families,
    random_window,
    read_manifest,
    sample_weights,
)


def test_folds_hold_every_family_once_and_both_labels(samples: list[Sample]) -> None:
    folds = family_folds(samples, SplitConfig(folds=4))
    assert folds.keys() == {(s.label, s.family) for s in samples}
    assert {(label, fold) for (label, _), fold in folds.items()} == {(c, f) for c in (0, 1) for f in range(4)}


def test_folds_are_the_same_whatever_the_manifest_order(samples: list[Sample]) -> None:
    config = SplitConfig(folds=4)
    assert family_folds(samples, config) == family_folds(samples[::-1], config)


def test_families_out_of_one_collection_stay_in_one_fold() -> None:
    made = [Sample(Path("x"), i % 2, "s", f"family{i}", origin=f"place{i // 2}") for i in range(12)]
    made += [Sample(Path("x"), 1, "s", "family0", origin="place5")]  # links two pairs into a group of four
    folds = family_folds(made, SplitConfig(folds=3))
    assert all(folds[0, f"family{i}"] == folds[1, f"family{i + 1}"] for i in range(0, 12, 2))
    assert max(map(len, linked_families(made))) == 3


def test_what_else_is_trained_on_does_not_move_the_folds(samples: list[Sample]) -> None:
    config, alone = SplitConfig(folds=4), family_folds(samples, SplitConfig(folds=4))
    further = [Sample(Path("x"), i % 2, "s", f"further{i % 5}") for i in range(3 * len(samples))]
    further += [replace(sample, source="previews") for sample in samples if sample.label == 0]
    folds = family_folds([*samples, *further], config, measured=len(samples))
    assert {key: folds[key] for key in alone} == alone
    assert folds.keys() - alone.keys() == {(s.label, s.family) for s in further} - alone.keys()
    assert family_folds([*samples, *further], config) != folds  # else the test shows nothing


@pytest.mark.parametrize(
    "families",
    [
        {(0, "real"): "", (1, "one"): "", (1, "two"): ""},  # one family of real images
        {(0, "real"): "sd14", (1, "sd14"): "sd14"},  # one collection: a single group, and nothing beside it
    ],
)
def test_families_that_leave_nothing_to_learn_from_are_refused(families: dict[tuple[int, str], str]) -> None:
    made = [Sample(Path("x"), label, "s", family, at) for (label, family), at in families.items() for _ in range(9)]
    with pytest.raises(DataError, match="Every image of one label is of one family or collection"):
        family_folds(made, SplitConfig())
    further = [Sample(Path("x"), label, "s", f"more{label}{i}") for label in (0, 1) for i in range(3)]
    with pytest.raises(DataError, match="Every image of one label"):
        family_folds([*made, *further], SplitConfig(), measured=len(made))
    assert family_folds([*made, *further], SplitConfig())


def test_labels_weigh_the_same_and_sources_by_the_root_of_their_size() -> None:
    made = [Sample(Path("x"), 0, "large", "f")] * 9 + [
        Sample(Path("x"), 0, "small", "f"),
        Sample(Path("x"), 1, "g", "g"),
    ]
    weight = sample_weights(made, 0.5)
    assert weight[:10].sum() == pytest.approx(weight[10])
    assert weight[:9].sum() == pytest.approx(3 * weight[9])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("path,label\na.png,maybe\n", "Line 2"),
        ("path,label\n,real\n", "Line 2"),
        ("path,label\na\0.png,real\n", "Line 2"),
        ("path,label\na.png,real\n\n,real\n", "Line 4"),
        ("path,label\na.png,real\n", "both labels"),
        ("", "no column path and no column label"),
        ("path;label\na.png;real\n", "no column path and no column label.*with commas between them"),
        ("label,source\nreal,x\n", r"no column path\."),
        (f"path,label\n{'x' * 200_000},real\n", r"cannot be read \(field larger than field limit"),
    ],
)
def test_a_manifest_at_fault_says_where(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "pool.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=sentence):
        read_manifest(path)


def test_a_manifest_that_a_spreadsheet_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pool.csv"
    path.write_text("path,label\na.png,real\nb.png,generated\n", encoding="utf-8-sig")
    assert [(s.path.name, s.label) for s in read_manifest(path)] == [("a.png", 0), ("b.png", 1)]


def test_a_missing_manifest_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv")


def test_the_stream_goes_on_where_it_stopped(samples: list[Sample]) -> None:
    whole = WindowStream(samples, 8, seed=3, source_power=0.5)
    rest = WindowStream(samples, 8, seed=3, source_power=0.5, first=5)
    assert len(rest) == 3
    assert all(torch.equal(whole[5 + index], rest[index]) for index in range(3))


def test_windows_have_the_network_s_size_and_range(samples: list[Sample]) -> None:
    stream = WindowStream(samples, 20, seed=0, source_power=0.5)
    assert all(stream[i].shape == (3, 224, 224) and stream[i].abs().max() <= 1 for i in range(20))


def test_a_refused_image_is_passed_over(samples: list[Sample], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    mixed = [*samples, *(Sample(broken, 0, f"broken{i}", "broken") for i in range(20))]
    stream = WindowStream(mixed, 10, seed=0, source_power=0.5)
    assert all(stream[i].shape == (3, 224, 224) for i in range(10))


def test_images_of_which_none_can_be_read_are_no_endless_search(tmp_path: Path) -> None:
    gone = [Sample(tmp_path / f"{i}.png", i % 2, "gone", "gone") for i in range(3)]
    with pytest.raises(DataError, match="None of the images can be read"):
        WindowStream(gone, 10, seed=0, source_power=0.5)[0]


@pytest.mark.parametrize("shape", [(8, 8), (9, 700), (700, 300)])
def test_a_window_is_cut_from_any_picture(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert random_window(np.random.default_rng(1), picture).shape == (224, 224, 3)


def test_a_screenshot_shows_the_whole_picture_amid_one_tone_or_between_bars() -> None:
    picture = np.full((120, 200, 3), (200, 40, 90), np.uint8)
    bars = pages = 0
    for seed in range(60):
        shown = _screenshot(np.random.default_rng(seed), picture)
        inside = (shown == picture[0, 0]).all(2)
        rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
        assert inside.sum() == len(rows) * len(columns)
        assert len(columns) / len(rows) == pytest.approx(200 / 120, abs=0.05)
        around = np.unique(shown[~inside])
        assert len(around) <= 1
        middle = (
            abs((rows[0] + rows[-1] + 1) - shown.shape[0]) <= 1
            and abs((columns[0] + columns[-1] + 1) - shown.shape[1]) <= 1
        )
        bars += middle
        pages += not middle
    assert min(bars, pages) >= 15


def test_pictures_are_made_as_small_as_a_quarter_but_never_tiny() -> None:
    large, small = np.zeros((800, 1000, 3), np.uint8), np.zeros((100, 80, 3), np.uint8)
    sides = [min(_resize(np.random.default_rng(seed), large).shape[:2]) for seed in range(200)]
    assert 200 <= min(sides) < 240
    assert 1100 < max(sides) <= 1200
    assert min(min(_resize(np.random.default_rng(seed), small).shape[:2]) for seed in range(100)) == 64
    assert sum(share for _, share in STEPS) == pytest.approx(1)


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
