"""The library keeps what it acknowledged, through crashes, threads and versions."""

from __future__ import annotations

import json
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from noiselens_core.errors import LibraryError
from noiselens_core.library import MIGRATIONS, Library
from noiselens_core.verdict import Band, CropScore, Verdict

SHA = "ab" * 32


def verdict(probability: float = 0.25, sha256: str = SHA, model: str = "model-1") -> Verdict:
    return Verdict(
        sha256, probability, Band.UNCERTAIN, 0.5, ("Because.",), model, 12.5, 640, 480, (CropScore(0, 0, 128, 0.3),)
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "library.sqlite3"


def test_a_verdict_survives_reopening(path: Path) -> None:
    before = datetime.now(UTC)
    with Library(path) as library:
        id_ = library.add(verdict(), "photo.jpg", "file", b"jpeg")
    with Library(path) as library:
        (entry,) = library.history()
    assert (entry.id, entry.name, entry.source, entry.thumbnail) == (id_, "photo.jpg", "file", b"jpeg")
    assert entry.verdict == verdict()
    assert before <= entry.judged_at <= datetime.now(UTC)
    assert entry.judged_at.tzinfo == UTC


def test_the_page_an_image_stood_in_is_kept_with_it(path: Path) -> None:
    page = "https://example.org/a?b=c"
    with Library(path) as library:
        library.add(verdict(), "old.png", "browser", page="https://example.org/before")
        library.add(verdict(), "photo.jpg", "browser", page=page)
        library.add(verdict(sha256="cd" * 32), "none.png", "file")
        latest = library.latest(SHA)
        assert latest is not None
        assert (latest.name, latest.page) == ("photo.jpg", page)
        assert [line.page for line in library.lines()] == ["", page, "https://example.org/before"]
        library.clear()
        assert library.latest(SHA) is None


def test_the_newest_entry_comes_first_and_the_limit_holds(path: Path) -> None:
    with Library(path) as library:
        ids = [library.add(verdict(), f"{i}.png", "file") for i in range(5)]
        assert [entry.id for entry in library.history(limit=3)] == ids[:1:-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 3), ("CAT", 1), ("50%", 1), ("%", 1), ("_", 1), ("\\", 0), ("' OR 1=1 --", 0)],
)
def test_a_search_is_plain_text_and_never_a_pattern(path: Path, text: str, found: int) -> None:
    with Library(path) as library:
        for name in ("cat.png", "50%.png", "a_b.png"):
            library.add(verdict(), name, "file")
        assert len(library.history(text=text)) == found


def test_a_file_name_that_is_no_text_is_kept(path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(), "bad\udcff.png", "file")
        assert library.history()[0].name == "bad?.png"


def test_find_answers_for_the_same_bytes_and_model_only(path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(0.1), "a", "browser")
        library.add(verdict(0.2), "a", "browser")
        assert library.find(SHA, "model-1") == verdict(0.2)
        assert library.find(SHA, "model-2") is None
        assert library.find("cd" * 32, "model-1") is None


def test_deleted_entries_are_restored_in_their_places(path: Path) -> None:
    with Library(path) as library:
        ids = [library.add(verdict(), name, "file", b"t") for name in "abcd"]
        before = library.history()
        library.delete([ids[1], ids[2]])
        assert [e.id for e in library.history()] == [ids[3], ids[0]]
        assert [line.key for line in library.lines()] == [ids[3], ids[0]]
        assert library.entry(ids[1]) is None
        library.restore()
        assert library.history() == before


def test_only_the_last_deletion_can_be_undone(path: Path) -> None:
    with Library(path) as library:
        ids = [library.add(verdict(), name, "file") for name in "abc"]
        library.delete([ids[0]])
        library.delete([ids[1]])
        library.restore()
        assert [e.id for e in library.history()] == [ids[2], ids[1]]
        library.clear()
        library.restore()
        assert len(library.history()) == 2


def test_a_purge_leaves_nothing_of_what_was_deleted_in_the_file(path: Path) -> None:
    with Library(path) as library:
        kept, gone = library.add(verdict(), "kept", "file"), library.add(verdict(), "a very secret name", "file")
        library.delete([gone])
        assert library.find(SHA, "model-1") is not None
        library.purge()
        library.restore()
        assert [e.id for e in library.history()] == [kept]
    assert b"a very secret name" not in path.read_bytes()


def test_what_is_older_than_the_user_wants_is_purged(path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(), "old", "file")
        between = datetime.now(UTC)
        young = library.add(verdict(), "young", "file")
        library.expire(between)
        assert [e.id for e in library.history()] == [young]


def test_a_deleted_entry_answers_no_longer_for_its_bytes(path: Path) -> None:
    with Library(path) as library:
        library.delete([library.add(verdict(), "a", "browser")])
        assert library.find(SHA, "model-1") is None


def test_lines_come_in_pages_the_newest_first(path: Path) -> None:
    with Library(path) as library:
        ids = [library.add(verdict(i / 10), f"{i}.png", "browser", b"t" if i else None) for i in range(5)]
        first = library.lines(limit=2)
        assert [line.key for line in first] == [ids[4], ids[3]]
        rest = library.lines(below=ids[3])
        assert [line.key for line in rest] == [ids[2], ids[1], ids[0]]
        assert [line.key for line in library.lines(above=ids[3])] == [ids[4]]
        oldest = rest[-1]
        assert (oldest.name, oldest.source, oldest.probability, oldest.band) == ("0.png", "browser", 0, Band.UNCERTAIN)
        assert (oldest.width, oldest.height, oldest.picture, first[0].picture) == (640, 480, 0, ids[4])
        assert abs(oldest.at - datetime.now(UTC).timestamp()) < 60
        assert library.thumbnail(ids[4]) == b"t"
        assert library.thumbnail(ids[0]) is None


def test_digests_are_those_of_the_history(path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(), "a", "file")
        assert library.digests() == {SHA}


def test_an_id_is_never_used_twice(path: Path) -> None:
    with Library(path) as library:
        first = library.add(verdict(), "a", "file")
        library.delete([first])
        library.purge()
        assert library.add(verdict(), "b", "file") > first


def test_threads_lose_nothing(path: Path) -> None:
    with Library(path) as library:

        def write(worker: int) -> None:
            for i in range(20):
                library.add(verdict(), f"{worker}-{i}", "file")
                library.history(limit=5)

        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        names = {entry.name for entry in library.history(limit=1000)}
    assert names == {f"{worker}-{i}" for worker in range(4) for i in range(20)}


def test_two_processes_worth_of_connections_share_a_file(path: Path) -> None:
    with Library(path) as one, Library(path) as other:
        one.add(verdict(), "from one", "file")
        other.add(verdict(), "from the other", "browser")
        assert [entry.name for entry in one.history()] == ["from the other", "from one"]


WRITER = """
import sys
from pathlib import Path
from noiselens_core.library import Library
from noiselens_core.verdict import Band, Verdict
library = Library(Path(sys.argv[1]))
verdict = Verdict("ab" * 32, 0.5, Band.UNCERTAIN, 1.0, (), "m", 1.0, 10, 10)
while True:
    print(library.add(verdict, "x" * 500, "file", bytes(20_000)), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_a_writer_killed_fifty_times_loses_nothing_it_acknowledged(path: Path) -> None:
    acknowledged, random = 0, Random(1)
    for _ in range(50):
        kill_after = random.randrange(1, 20)
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(kill_after):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest = [line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        acknowledged = int(rest[-1]) if rest else acknowledged
        with Library(path) as library:
            ids = {entry.id for entry in library.history(limit=100_000)}
        assert set(range(1, acknowledged + 1)) <= ids
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_writes_reach_the_disk_before_they_return(path: Path) -> None:
    with Library(path) as library:
        connection = library._connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_library_of_a_newer_version_is_left_alone(path: Path) -> None:
    Library(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryError, match="Update NoiseLens"):
        Library(path)


def test_a_file_that_is_no_library_is_refused_with_a_sentence(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, " * 100)
    with pytest.raises(LibraryError, match="is damaged"):
        Library(path)


def test_a_place_that_cannot_be_written_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LibraryError, match="cannot be used"):
        Library(tmp_path / "file" / "library.sqlite3")


@pytest.mark.skipif(sys.platform == "win32", reason="rights are set otherwise there")
@pytest.mark.parametrize("open_before", [False, True], ids=["new", "open to others before"])
def test_the_library_is_for_the_user_alone(path: Path, open_before: bool) -> None:
    if open_before:
        path.parent.mkdir()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        path.chmod(0o644)
        path.parent.chmod(0o755)
    with Library(path) as library:
        library.add(verdict(), "photo.jpg", "file")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (path.parent, *path.parent.iterdir())}
    assert modes == {path.parent.name: 0o700, path.name: 0o600, f"{path.name}-wal": 0o600, f"{path.name}-shm": 0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="rights are set otherwise there")
def test_what_a_killed_process_left_open_to_others_beside_the_library_is_mended(path: Path, tmp_path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(), "photo.jpg", "file")
        for file in (path, *path.parent.glob("*-*")):
            file.chmod(0o644)
        with Library(path) as again:
            assert again.history()
            assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_use_after_closing_is_refused(path: Path) -> None:
    library = Library(path)
    library.close()
    library.close()
    with pytest.raises(LibraryError):
        library.history()


def test_an_entry_of_another_schema_is_passed_over(path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(), "old", "file")
        library._connection.execute("UPDATE history SET verdict = '{\"schema\": 0}'")
        kept = library.add(verdict(), "new", "file")
        assert [entry.id for entry in library.history()] == [kept]


def test_a_path_is_kept_as_the_system_writes_it(path: Path) -> None:
    with Library(path) as library:
        library.add(verdict(), "a", "file", None, Path("/pictures/caf\udce9.png"))
        library.add(verdict(), "b", "browser")
        newest, oldest = library.history()
        assert (newest.path, oldest.path) == (None, Path("/pictures/caf\udce9.png"))
        library.delete([oldest.id])
        library.restore()
        assert library.history() == [newest, oldest]


def test_a_library_of_the_first_form_is_brought_to_the_newest(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    with old:
        for statement in MIGRATIONS[0]:
            old.execute(statement)
        text = json.dumps(verdict().to_json())
        old.execute(
            "INSERT INTO history (name, source, judged_at, sha256, model, verdict, thumbnail)"
            " VALUES ('old', 'file', '2026-01-02T03:04:05+00:00', ?, 'model-1', ?, x'00')",
            (SHA, text),
        )
        old.execute("PRAGMA user_version = 1")
    old.close()
    with Library(path) as library:
        (entry,) = library.history()
        assert (entry.name, entry.thumbnail, entry.path) == ("old", b"\0", None)
