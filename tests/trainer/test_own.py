"""The user's own pictures: which are left out, and which are held out together."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import torch

from noiselens_core.checkpoint import load_detector
from noiselens_core.progress import Progress
from noiselens_trainer.data import Sample
from noiselens_trainer.own import OwnFeatures, OwnSample, Seen, deal, read_folder


def test_a_picture_with_both_labels_teaches_neither_and_is_told(
    samples: list[Sample], base: Path, tmp_path: Path
) -> None:
    data, told = tmp_path / "data", list[Progress]()
    for place, sample in (("real/0.png", 0), ("real/1.png", 1), ("real/1 too.png", 1), ("generated/other.png", 0)):
        (data / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(samples[sample].path, data / place)
    model, _ = load_detector(base, torch.device("cpu"))
    seen, unread = OwnFeatures(tmp_path / "kept", "key", model).see(read_folder(data), told.append)
    assert [one.sample.name for one in seen] == ["real/1 too.png"]  # the same one under one label counts once
    assert [(one.sample.name, one.both_labels) for one in unread] == [("real/0.png", True)]
    sentence = "The same picture, generated/other.png, is there as real and as generated; leave one out."
    assert unread[0].sentence == sentence
    assert f"real/0.png left out: {sentence}" in [line.message for line in told]


def _seen(looks: list[int], labels: list[int], groups: list[str]) -> list[Seen]:
    rows = zip(looks, labels, groups, strict=True)
    return [
        Seen(
            OwnSample(Path(str(i)), label, str(i), group),
            f"{i:064x}",
            np.zeros((3, 2), np.float16),
            look.to_bytes(8),
            b"",
        )
        for i, (look, label, group) in enumerate(rows)
    ]


def test_versions_of_a_picture_are_held_out_together() -> None:
    rng = random.Random(0)
    looks = [rng.getrandbits(64) for _ in range(20)]
    twins = [look ^ 0b111 for look in looks[:6]]
    fold = deal(_seen(looks + twins, [i % 2 for i in range(20)] + [i % 2 for i in range(6)], [""] * 26), 5)
    assert fold[20:].tolist() == fold[:6].tolist()
    assert set(fold.tolist()) == set(range(5))


def test_folders_are_held_out_together_where_there_are_enough_of_them() -> None:
    rng = random.Random(0)
    looks, labels = [rng.getrandbits(64) for _ in range(48)], [i % 2 for i in range(48)]
    many = deal(_seen(looks, labels, [f"{i % 12}" for i in range(48)]), 5)
    assert all(len({int(many[i]) for i in range(48) if i % 12 == g}) == 1 for g in range(12))
    few = deal(_seen(looks, labels, [f"{i % 2}" for i in range(48)]), 5)
    assert len(set(few[::2].tolist())) == 5
