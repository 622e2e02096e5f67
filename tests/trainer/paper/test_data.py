"""What a process of many sees: its own part of every batch, from folders or from shards, from any step on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.paper.cache import TargetCache, TargetReader
from noiselens_trainer.paper.config import PaperConfig, read_settings
from noiselens_trainer.paper.shards import ShardStream, find_shards, read_shard, write_shards
from noiselens_trainer.paper.stream import Collate, FolderStream, Share

COLLATE = Collate((3, 64, 64))


def _keys(stream: FolderStream, count: int) -> list[str]:
    return [stream[i]["key"] for i in range(count)]


def test_processes_share_a_batch_without_overlap_and_labels_alternate(
    samples: list[Sample], config: PaperConfig, tmp_path: Path
) -> None:
    targets = TargetReader(tmp_path)
    one = FolderStream(samples, config, Share(), targets)
    two = [FolderStream(samples, config, Share(rank, 2), targets) for rank in (0, 1)]
    whole = _keys(one, 8)
    assert whole == _keys(two[0], 4)[:2] + _keys(two[1], 4)[:2] + _keys(two[0], 4)[2:] + _keys(two[1], 4)[2:]
    assert [one[i]["label"] for i in range(8)] == [0, 1] * 4
    assert len(set(_keys(one, 24))) == 24  # every image once before any twice


def test_a_later_first_step_goes_on_where_the_run_was(
    samples: list[Sample], config: PaperConfig, tmp_path: Path
) -> None:
    targets = TargetReader(tmp_path)
    later = FolderStream(samples, config, Share(first_step=2), targets)
    from_start = FolderStream(samples, config, Share(), targets)
    assert _keys(later, 4) == _keys(from_start, 12)[8:]
    assert torch.equal(later[3]["x"], from_start[11]["x"])


def test_a_view_is_the_same_crop_whenever_it_comes(samples: list[Sample], config: PaperConfig, tmp_path: Path) -> None:
    two_views = replace(config, steps=100)
    stream = FolderStream(samples, two_views, Share(), TargetReader(tmp_path))
    crops: dict[str, torch.Tensor] = {}
    for i in range(72):  # three times round, two views
        item = stream[i]
        assert torch.equal(crops.setdefault(item["key"], item["x"]), item["x"])
    assert len(crops) == 48


def test_a_refused_image_gives_its_place_to_the_next_of_its_label(
    samples: list[Sample], config: PaperConfig, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    few = [Sample(broken, 1, "s", "f"), next(s for s in samples if s.label), next(s for s in samples if not s.label)]
    stream = FolderStream(few, config, Share(), TargetReader(tmp_path))
    assert {stream[i]["label"] for i in (1, 3)} == {1.0}
    assert not any("broken" in stream[i]["key"] for i in range(4))
    with pytest.raises(DataError, match="None of the generated images can be read"):
        FolderStream([few[0], few[2]], config, Share(), TargetReader(tmp_path))[1]


def test_known_targets_travel_with_their_crops(samples: list[Sample], config: PaperConfig, tmp_path: Path) -> None:
    cache = TargetCache(tmp_path, 10**9, {})
    stream = FolderStream(samples, config, Share(), cache)
    cache.put(stream[1]["key"], torch.ones(3, 64, 64))
    batch = COLLATE([stream[0], stream[1]])
    assert batch["known"].tolist() == [False, True]
    assert batch["target"].flatten(1).sum(1).tolist() == [0, 3 * 64 * 64]


@pytest.fixture(scope="module")
def shards(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples in shards, with one file among them that is no image."""
    folder = tmp_path_factory.mktemp("shards")
    broken = tmp_path_factory.mktemp("broken") / "broken.png"
    broken.write_bytes(b"no image")
    said: list[str] = []
    written = write_shards(
        [*samples, Sample(broken, 1, "s", "f")], folder, 150_000, 0, lambda p: said.append(p.message)
    )
    assert written == len(samples)
    assert any("broken.png left out" in message for message in said)
    return folder


def test_shards_hold_every_image_as_it_was(shards: Path, samples: list[Sample]) -> None:
    found = find_shards(shards)
    assert len(found) >= 4
    members = [member for path in found for member in read_shard(path)]
    assert sorted(m["image"] for m in members) == sorted(s.path.read_bytes() for s in samples)
    with pytest.raises(DataError, match="holds shards already"):
        write_shards(samples, shards, 10**6, 0, lambda _: None)


def test_processes_read_shards_of_their_own(shards: Path, config: PaperConfig, tmp_path: Path) -> None:
    targets, found = TargetReader(tmp_path), find_shards(shards)

    def first_round(rank: int) -> set[str]:
        keys: list[str] = []
        for batch in ShardStream(found, config, Share(rank, 2), targets, COLLATE):
            if any(key in keys or key.endswith("#1") for key in batch["keys"]):
                break
            keys += batch["keys"]
        return {key.partition("/")[0] for key in keys}

    one, other = first_round(0), first_round(1)
    assert one
    assert other
    assert not one & other


def test_too_few_shards_for_the_processes_are_said(shards: Path, config: PaperConfig, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot feed 8 loading processes"):
        ShardStream(find_shards(shards)[:1], replace(config, workers=4), Share(0, 2), TargetReader(tmp_path), COLLATE)


def test_a_cut_shard_is_one_sentence(shards: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(find_shards(shards)[0].read_bytes()[:700])
    with pytest.raises(DataError, match="cannot be read to its end"):
        list(read_shard(cut))


def test_settings_are_read_and_every_mistake_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('steps = 7\nlearning_rate = 1\n[network]\nbackbone = "clip"\n[target]\nkind = "T2"\n')
    config = read_settings(path)
    assert (config.steps, config.learning_rate, config.network.backbone, config.target.kind) == (7, 1, "clip", "T2")
    assert read_settings(None) == PaperConfig()
    for text, said in {
        "step = 7": "there is no setting 'step'",
        'steps = "7"': "'steps' has to be of the kind int",
        "steps = 7.5": "'steps' has to be of the kind int",
        "network = 3": "where a table of settings belongs",
        "crop_px = 100": "need a multiple of 32",
        '[target]\nkind = "T9"': "no target T9",
        'mixed_precision = "fp8"': "no mixed_precision fp8",
        "steps =": "are not TOML",
    }.items():
        path.write_text(text)
        with pytest.raises(DataError, match=said):
            read_settings(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")
