"""Targets on disk: what was put is found, within the limit, and never mixed with another teacher's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from noiselens_trainer.paper.cache import TargetCache, TargetReader
from noiselens_trainer.state import RunError

FILE_BYTES = 128 + 2 * 3 * 8 * 8  # header and float16 values


def _target(value: float) -> torch.Tensor:
    return torch.full((3, 8, 8), value)


def test_a_target_comes_back_as_float16_from_another_process_too(tmp_path: Path) -> None:
    cache = TargetCache(tmp_path, 10**6, {})
    cache.put("a/ö#0", _target(0.1))
    found = TargetReader(tmp_path).get("a/ö#0")
    assert found is not None
    assert torch.equal(found, _target(0.1).half())
    assert TargetReader(tmp_path).get("a/ö#1") is None


def test_the_oldest_go_when_the_limit_is_reached(tmp_path: Path) -> None:
    cache = TargetCache(tmp_path, 3 * FILE_BYTES, {})
    for i in range(5):
        cache.put(str(i), _target(i))
    assert [cache.get(str(i)) is not None for i in range(5)] == [False, False, True, True, True]
    assert cache.bytes == sum(p.stat().st_size for p in tmp_path.glob("??/*.npy")) == 3 * FILE_BYTES


def test_a_cache_found_on_disk_keeps_its_order_and_its_limit(tmp_path: Path) -> None:
    first = TargetCache(tmp_path, 10**6, {})
    for i in range(4):
        first.put(str(i), _target(i))
        os.utime(first.path(str(i)), (i, i))
    again = TargetCache(tmp_path, 2 * FILE_BYTES, {})
    assert [again.get(str(i)) is not None for i in range(4)] == [False, False, True, True]
    again.put("3", _target(9))  # written anew: counted once, and the youngest
    assert again.bytes == 2 * FILE_BYTES


def test_half_a_file_is_no_target(tmp_path: Path) -> None:
    cache = TargetCache(tmp_path, 10**6, {})
    cache.put("a", _target(1))
    path = cache.path("a")
    path.write_bytes(path.read_bytes()[:-10])
    assert cache.get("a") is None


def test_targets_of_another_teacher_are_refused(tmp_path: Path) -> None:
    TargetCache(tmp_path, 10**6, {"teacher": "one"})
    with pytest.raises(RunError, match="another teacher or other settings"):
        TargetCache(tmp_path, 10**6, {"teacher": "two"})
