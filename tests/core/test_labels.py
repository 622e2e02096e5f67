"""Labelled images are kept as they came, once each, through relabelling, deletion and the end of the process."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from noiselens_core.cli import SAMPLES
from noiselens_core.errors import ImageRefusedError, LibraryError
from noiselens_core.images import Decoder
from noiselens_core.labels import PART, Added, Counts, LabelStore
from noiselens_core.library import MIGRATIONS, Library
from noiselens_core.verdict import Band, Verdict

CAT, ROCKET, CUP = ((SAMPLES / name).read_bytes() for name in ("chelsea.png", "rocket.jpg", "coffee.png"))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def version(data: bytes, scale: float = 0.7, quality: int = 60) -> bytes:
    """Another file of the same picture."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize((int(image.width * scale), int(image.height * scale)))
    small.save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.sqlite3") as library:
        yield library


@pytest.fixture
def store(library: Library, tmp_path: Path) -> Iterator[LabelStore]:
    with LabelStore(library, tmp_path / "samples") as store:
        yield store


def test_a_sample_is_kept_as_it_came_for_the_user_alone(store: LabelStore) -> None:
    assert store.add(ROCKET, "real", "rocket.jpg", "file") is Added.NEW
    (sample,) = store.samples()
    assert sample.path is not None
    assert sample.path.read_bytes() == ROCKET
    assert sample.path.name == f"{digest(ROCKET)}.jpeg"
    assert stat.S_IMODE(sample.path.stat().st_mode) == 0o600
    assert (sample.sha256, sample.label, sample.name, sample.origin) == (digest(ROCKET), "real", "rocket.jpg", "file")
    assert (sample.width, sample.height, sample.byte_size) == (640, 427, len(ROCKET))
    thumbnail = store.thumbnail(sample.sha256)
    assert thumbnail is not None
    assert Image.open(io.BytesIO(thumbnail)).size == (256, 171)


def test_the_same_bytes_are_one_sample_whose_later_label_counts(store: LabelStore) -> None:
    assert store.add(CAT, "real", "a.png") is Added.NEW
    assert store.add(CAT, "real", "b.png") is Added.KNOWN
    assert store.add(CAT, "generated") is Added.RELABELLED
    assert store.add(CAT, "real", replace=False) is Added.CONTRADICTED
    assert [(sample.label, sample.name) for sample in store.samples()] == [("generated", "a.png")]


def test_what_is_no_image_is_refused_and_leaves_nothing(store: LabelStore, tmp_path: Path) -> None:
    with pytest.raises(ImageRefusedError):
        store.add(b"no image", "real")
    with pytest.raises(ImageRefusedError):
        store.add(CAT[:2000], "real")
    assert store.entries() == []
    assert not list(tmp_path.glob("samples/*"))


def test_a_label_of_another_kind_is_refused(store: LabelStore) -> None:
    with pytest.raises(LibraryError):
        store.say("ab" * 32, "maybe")  # type: ignore[arg-type]
    store.say("ab" * 32, "real")  # the refusal left no transaction open
    assert store.labels() == {"ab" * 32: "real"}


def test_versions_of_one_picture_count_once(store: LabelStore) -> None:
    store.add(CAT, "real")
    store.add(ROCKET, "real")
    store.add(version(CAT), "real")
    store.add(version(CAT, 0.5, 40), "real")
    assert store.counts() == Counts(real=2, copies=2)
    assert [sample.sha256 for sample in store.samples()] == [digest(CAT), digest(ROCKET)]
    assert {entry.copy_of for entry in store.entries()} == {"", digest(CAT)}
    store.remove([digest(CAT)])  # the next version takes its place
    assert store.counts() == Counts(real=2, copies=1)


def test_versions_with_different_labels_are_a_conflict_until_that_is_settled(store: LabelStore) -> None:
    edited = version(CUP)
    store.add(CAT, "generated")
    store.add(CUP, "real")
    store.add(edited, "generated")
    (conflict,) = store.conflicts()
    assert (conflict.first.sha256, conflict.second.sha256) == (digest(CUP), digest(edited))
    assert store.counts() == Counts(real=1, generated=2, conflicts=1)
    store.relabel([digest(edited)], "real")
    assert store.counts() == Counts(real=1, generated=1, copies=1)
    store.relabel([digest(edited)], "generated")
    store.confirm(store.conflicts()[0])
    assert store.counts() == Counts(real=1, generated=2)


def test_a_label_alone_gets_its_image_once_that_is_seen(store: LabelStore) -> None:
    store.say(digest(CAT), "generated", "cat.png", "browser")
    assert store.counts() == Counts(absent=1)
    assert store.samples() == []
    with Decoder() as decoder:
        assert not store.offer(ROCKET, decoder.decode(ROCKET))  # nobody said anything of it
        assert store.offer(CAT, decoder.decode(CAT))
        assert not store.offer(CAT, decoder.decode(CAT))
    (sample,) = store.samples()
    assert (sample.label, sample.name, sample.origin) == ("generated", "cat.png", "browser")
    assert store.counts() == Counts(generated=1)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no place among files there")
@pytest.mark.timeout(20)
def test_a_pipe_where_the_image_was_is_not_waited_for(library: Library, store: LabelStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cat.png")
    verdict = Verdict(digest(CAT), 0.1, Band.LIKELY_REAL, 1.0, (), "m", 1.0, 451, 300)
    library.add(verdict, "cat.png", "file", path=tmp_path / "cat.png")
    store.say(digest(CAT), "real")
    assert not store.fetch(digest(CAT))


def test_an_image_is_fetched_from_where_the_history_knows_it(
    store: LabelStore, library: Library, tmp_path: Path
) -> None:
    moved, changed, there = (tmp_path / name for name in ("moved.png", "changed.png", "there.png"))
    changed.write_bytes(ROCKET)
    there.write_bytes(CAT)
    verdict = Verdict(digest(CAT), 0.5, Band.UNCERTAIN, 1.0, (), "model-1", 1.0, 451, 300)
    for path in (moved, changed):
        library.add(verdict, path.name, "file", path=path)
    store.say(digest(CAT), "real")
    assert not store.fetch(digest(CAT))
    library.add(verdict, there.name, "file", path=there)
    store.fetch_all()
    assert store.counts() == Counts(real=1)
    assert store.fetch(digest(CAT))


def test_a_deleted_sample_comes_back_until_the_deletion_is_final(store: LabelStore, tmp_path: Path) -> None:
    for data in (CAT, ROCKET):
        store.add(data, "real")
    store.remove([digest(CAT)])
    assert store.counts() == Counts(real=1)
    store.restore()
    assert store.counts() == Counts(real=2)
    store.remove([digest(CAT)])
    assert store.add(CAT, "generated") is Added.NEW  # said again: as if it had never been deleted
    store.remove([digest(CAT)])
    store.remove([digest(ROCKET)])  # makes the one before final
    store.restore()
    assert store.labels() == {digest(ROCKET): "real"}
    store.remove([digest(ROCKET)])
    store.purge()
    assert store.entries() == []
    assert not list((tmp_path / "samples").iterdir())


def test_a_purge_sweeps_what_a_kill_left_and_nothing_else(store: LabelStore, tmp_path: Path) -> None:
    store.add(CAT, "real")
    folder = tmp_path / "samples"
    orphan, old, young = folder / f"{'ab' * 32}.png", folder / f"{PART}old", folder / f"{PART}young"
    for path in (orphan, old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 7200,) * 2)
    store.purge()
    assert {path.name for path in folder.iterdir()} == {f"{digest(CAT)}.png", young.name}


def test_a_file_that_somebody_deleted_makes_its_label_bare_and_can_come_back(store: LabelStore) -> None:
    store.add(CAT, "real")
    (sample,) = store.samples()
    assert sample.path is not None
    sample.path.unlink()
    assert store.counts() == Counts(absent=1)
    store.add(CAT, "real")
    assert store.counts() == Counts(real=1)


def test_labels_of_older_libraries_stay_valid(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    old = sqlite3.connect(path)
    with old:
        for statements in MIGRATIONS[:3]:
            for statement in statements:
                old.execute(statement)
        old.execute("INSERT INTO label VALUES (?, 'real', 'a note', '2026-01-02T03:04:05+00:00')", (digest(CAT),))
        old.execute("PRAGMA user_version = 3")
    old.close()
    with Library(path) as library, LabelStore(library, tmp_path / "samples") as store:
        assert store.counts() == Counts(absent=1)
        store.add(CAT, "real")
        assert store.counts() == Counts(real=1)


def test_a_full_disk_is_one_sentence_and_loses_nothing(store: LabelStore, tmp_path: Path) -> None:
    store.add(CAT, "real")
    (tmp_path / "samples").rename(tmp_path / "elsewhere")
    (tmp_path / "samples").write_text("in the way")
    with pytest.raises(LibraryError, match="cannot be used"):
        store.add(ROCKET, "real")
    (tmp_path / "samples").unlink()
    (tmp_path / "elsewhere").rename(tmp_path / "samples")
    assert store.labels() == {digest(CAT): "real"}


def test_counting_thousands_takes_no_pairs_of_them_all(store: LabelStore, library: Library, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "samples").mkdir()
    for i in range(1000):
        (tmp_path / "samples" / f"{i}").touch()
    with library.writing() as connection:
        connection.executemany(
            "INSERT INTO label (sha256, label, note, labelled_at, file, width, height, byte_size, look)"
            " VALUES (?, ?, '', '2026-01-02T03:04:05+00:00', ?, 1, 1, 1, ?)",
            [(f"{i:064x}", ("real", "generated")[i % 2], f"{i}", rng.bytes(8)) for i in range(1000)],
        )
    assert store.counts() == Counts(real=500, generated=500)


KILLED = """
import sys
from pathlib import Path
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
home = Path(sys.argv[1])
with Library(home / "library.sqlite3") as library, LabelStore(library, home / "samples") as store:
    for path in sorted(Path(sys.argv[2]).iterdir()):
        store.add(path.read_bytes(), "real", path.name)
        print(path.name, flush=True)
"""


def test_a_kill_at_any_moment_loses_no_sample_that_was_acknowledged(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    rng, random = np.random.default_rng(1), Random(1)
    for i in range(40):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).save(pictures / f"{i:02}.png")
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), str(pictures)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(random.randrange(1, 30))]
        time.sleep(random.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().split()
        process.stdout.close()
        process.wait()
        with Library(tmp_path / "library.sqlite3") as library, LabelStore(library, tmp_path / "samples") as store:
            kept = {entry.name: entry for entry in store.entries()}
            assert set(told) <= set(kept)
            for entry in kept.values():
                assert entry.path is not None
                assert digest(entry.path.read_bytes()) == entry.sha256
