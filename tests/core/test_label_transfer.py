"""Samples come in from folders and archives, hostile ones among them, and go out whole."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from noiselens_core.cli import SAMPLES
from noiselens_core.images import MAX_BYTES
from noiselens_core.label_transfer import (
    FORMAT,
    MANIFEST,
    TransferError,
    export_zip,
    labelled_files,
    says_labels,
    take_files,
    take_zip,
)
from noiselens_core.labels import Added, Counts, LabelStore
from noiselens_core.library import Library

CAT, ROCKET = ((SAMPLES / name).read_bytes() for name in ("chelsea.png", "rocket.jpg"))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[LabelStore, LabelStore]]:
    with (
        Library(tmp_path / "one.sqlite3") as one,
        Library(tmp_path / "two.sqlite3") as two,
        LabelStore(one, tmp_path / "one") as first,
        LabelStore(two, tmp_path / "two") as second,
    ):
        yield first, second


@pytest.fixture
def store(stores: tuple[LabelStore, LabelStore]) -> LabelStore:
    return stores[0]


def archive(path: Path, rows: list[dict[str, Any]], files: dict[str, bytes], **head: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in files.items():
            written.writestr(name, data)
        written.writestr(MANIFEST, json.dumps({"format": FORMAT, "version": 1, "samples": rows} | head))
    return path


def row(file: str, data: bytes, **changes: Any) -> dict[str, Any]:
    return {"file": file, "sha256": hashlib.sha256(data).hexdigest(), "label": "real", "name": "x"} | changes


def test_folders_that_say_what_they_hold_are_taken_whole(store: LabelStore, tmp_path: Path) -> None:
    for place, data in (("Real/a.png", CAT), ("Real/deep/broken.png", b"x"), ("generated/b.jpg", ROCKET)):
        (tmp_path / "set" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / place).write_bytes(data)
    assert says_labels(tmp_path / "set")
    taken = {one.name: one for one in take_files(store, labelled_files([tmp_path / "set"]))}
    assert taken["broken.png"].added is None
    assert taken["broken.png"].sentence.endswith(".")
    assert {sample.name: sample.label for sample in store.samples()} == {"a.png": "real", "b.jpg": "generated"}
    (one,) = take_files(store, labelled_files([tmp_path / "set" / "generated"]))  # one half alone says it too
    assert one.added is Added.KNOWN


def test_other_folders_need_a_label(store: LabelStore, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "a.png").write_bytes(CAT)
    assert not says_labels(tmp_path / "holiday")
    with pytest.raises(TransferError, match="holiday does not say"):
        labelled_files([tmp_path / "holiday"])
    (one,) = take_files(store, labelled_files([tmp_path / "holiday"], "real"))
    assert one.added is Added.NEW
    (two,) = take_files(store, labelled_files([tmp_path / "holiday"], "generated"), replace=False)
    assert two.added is Added.CONTRADICTED
    (tmp_path / "empty").mkdir()
    (none,) = take_files(store, labelled_files([tmp_path / "empty"], "real"))
    assert none.added is None


def test_an_archive_brings_everything_to_another_library(stores: tuple[LabelStore, LabelStore], tmp_path: Path) -> None:
    first, second = stores
    first.add(CAT, "real", "cat.png", "file")
    first.add(ROCKET, "generated", "rocket.jpg", "browser")
    first.say("ab" * 32, "real", "gone.png")
    path = tmp_path / "out.zip"
    assert export_zip(first, path) == 3
    second.add(ROCKET, "real")
    assert [one.added for one in take_zip(second, path)] == [Added.NEW, Added.CONTRADICTED, Added.NEW]
    assert [one.added for one in take_zip(second, path)] == [Added.KNOWN, Added.CONTRADICTED, Added.KNOWN]
    assert second.counts() == Counts(real=2, absent=1)
    cat = next(sample for sample in second.samples() if sample.name == "cat.png")
    assert cat.path is not None
    assert (cat.path.read_bytes(), cat.origin) == (CAT, "file")
    assert not list(tmp_path.glob("*.part"))


def test_nothing_is_written_where_an_archive_would_like_it(store: LabelStore, tmp_path: Path) -> None:
    names = ("../../escaped.png", str(tmp_path / "absolute.png"), "C:\\windows\\a.png")
    rows = [row(name, CAT, name=name) for name in names]
    path = archive(tmp_path / "in.zip", rows, dict.fromkeys(names, CAT))
    assert [one.added for one in take_zip(store, path)] == [Added.NEW, Added.KNOWN, Added.KNOWN]
    assert [file.name for file in (tmp_path / "one").iterdir()] == [f"{hashlib.sha256(CAT).hexdigest()}.png"]
    assert not (tmp_path / "absolute.png").exists()
    assert not list(tmp_path.parent.glob("escaped.png"))


def test_what_is_not_what_it_should_be_is_refused_one_by_one(store: LabelStore, tmp_path: Path) -> None:
    script, bomb = b"<script>alert(1)</script>", bytes(MAX_BYTES + 1)
    rows = [row("a", script), row("b", CAT), row("c", bomb), row("missing", ROCKET), row("d", CAT)]
    path = archive(tmp_path / "in.zip", rows, {"a": script, "b": ROCKET, "c": bomb, "d": CAT})
    taken = [one.added for one in take_zip(store, path)]
    assert taken == [None, None, None, None, Added.NEW]
    assert store.counts() == Counts(real=1)


def test_an_archive_that_unfolds_without_end_is_stopped(store: LabelStore, tmp_path: Path) -> None:
    bomb = bytes(20 * 2**20)
    names = [f"{i}" for i in range(12)]
    path = archive(tmp_path / "bomb.zip", [row(name, bomb) for name in names], dict.fromkeys(names, bomb))
    assert path.stat().st_size < 300_000
    with pytest.raises(TransferError, match="damaged"):
        list(take_zip(store, path))


@pytest.mark.parametrize(
    "changes",
    [
        {"samples": "all"},
        {"samples": [{"file": "a"}]},
        {"samples": [{"file": "a", "label": "maybe", "sha256": "ab" * 32}]},
        {"samples": [{"file": 7, "label": "real", "sha256": "ab" * 32}]},
        {"samples": [{"file": "a", "label": "real", "sha256": "../" * 21 + "a"}]},
        {"samples": [{"file": "", "label": "real", "sha256": "ab" * 32}] * 100_001},
        {"samples": [{"file": "a", "label": [], "sha256": "ab" * 32}]},
        {"samples": [{"file": "a", "label": {}, "sha256": "ab" * 32}]},
        {"format": "another"},
        {"version": 2},
    ],
    ids=range(10),
)
def test_a_manifest_that_is_none_is_refused_whole(store: LabelStore, tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(TransferError):
        list(take_zip(store, archive(tmp_path / "in.zip", [], {}, **changes)))
    assert store.entries() == []


def test_a_damaged_lzma_stream_is_one_sentence(store: LabelStore, tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as written:
        written.writestr(MANIFEST, json.dumps({"format": FORMAT, "version": 1, "samples": [row("a", CAT)]}))
        written.writestr("a", CAT)
    data = bytearray(path.read_bytes())
    start = zipfile.ZipFile(path).getinfo("a").header_offset + 40
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    with pytest.raises(TransferError, match="is damaged"):
        list(take_zip(store, path))


def test_a_name_that_is_no_text_is_one_sentence(store: LabelStore, tmp_path: Path) -> None:
    path = archive(tmp_path / "in.zip", [row("\xe4.png", CAT)], {"\xe4.png": CAT})
    path.write_bytes(path.read_bytes().replace("\xe4.png".encode(), b"\xff\xff.png"))
    with pytest.raises(TransferError, match="is damaged"):
        list(take_zip(store, path))


@pytest.mark.timeout(20)
@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no place among files there")
def test_an_archive_that_is_a_pipe_or_a_folder_is_one_sentence(store: LabelStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / ("n" * 300)):
        with pytest.raises(TransferError, match="cannot be opened"):
            list(take_zip(store, path))


def test_what_is_no_archive_is_one_sentence(store: LabelStore, tmp_path: Path) -> None:
    broken, cut = tmp_path / "broken.zip", tmp_path / "cut.zip"
    broken.write_bytes(b"PK no archive")
    store.add(CAT, "real")
    export_zip(store, cut)
    data = bytearray(cut.read_bytes())
    data[len(data) // 3] ^= 255  # an image inside
    cut.write_bytes(data)
    for path in (broken, tmp_path / "missing.zip", cut):
        with pytest.raises(TransferError):
            list(take_zip(store, path))
