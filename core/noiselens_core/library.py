"""The store on the user's disk: what was judged. No image but small thumbnails."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from .errors import LibraryError
from .lines import Line
from .places import keep_private
from .reasons import WITHHOLDING
from .verdict import VERDICT_SCHEMA, Band, Verdict

BUSY_TIMEOUT_S = 10.0  # another process of ours (window, `noiselens serve`) may be writing

MAX_ID = 2**63 - 1
ENTRY_COLUMNS = "id, name, source, judged_at, verdict, thumbnail, path, page"
# Whether no side is taken whatever the thresholds; takes WITHHELD_BY.
WITHHELD = "EXISTS (SELECT 1 FROM json_each(verdict, '$.reasons') WHERE value IN (SELECT value FROM json_each(?)))"
WITHHELD_BY = json.dumps(sorted(WITHHOLDING))

# Migration i takes a library from user_version i to i + 1. A migration that was released is never edited.
MIGRATIONS = (
    (
        """CREATE TABLE history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            judged_at TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            model TEXT NOT NULL,
            verdict TEXT NOT NULL,
            thumbnail BLOB
        )""",
        "CREATE INDEX history_by_bytes ON history (sha256, model)",
        """CREATE TABLE label (
            sha256 TEXT PRIMARY KEY,
            label TEXT NOT NULL CHECK (label IN ('real', 'generated')),
            note TEXT NOT NULL,
            labelled_at TEXT NOT NULL
        )""",
    ),
    ("ALTER TABLE history ADD COLUMN path BLOB",),  # as the system writes it: a path need not be text
    (
        """CREATE TABLE batch (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            folder BLOB NOT NULL,
            begun_at TEXT NOT NULL,
            done INTEGER NOT NULL DEFAULT 0
        )""",
        """CREATE TABLE batch_result (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL,
            judge TEXT NOT NULL,
            verdict TEXT NOT NULL,
            format TEXT NOT NULL,
            byte_size INTEGER NOT NULL,
            thumbnail BLOB NOT NULL,
            UNIQUE (sha256, judge)
        )""",
        """CREATE TABLE batch_file (
            batch INTEGER NOT NULL,
            position INTEGER NOT NULL,
            path BLOB NOT NULL,
            modified REAL NOT NULL,
            result INTEGER,
            code TEXT,
            sentence TEXT,
            PRIMARY KEY (batch, position)
        ) WITHOUT ROWID""",
        "CREATE INDEX batch_file_by_result ON batch_file (result)",
        "ALTER TABLE history ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0",
    ),
    (
        "ALTER TABLE label ADD COLUMN name TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE label ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE label ADD COLUMN file TEXT",  # this and what follows: NULL while the bytes are not at hand
        "ALTER TABLE label ADD COLUMN width INTEGER",
        "ALTER TABLE label ADD COLUMN height INTEGER",
        "ALTER TABLE label ADD COLUMN byte_size INTEGER",
        "ALTER TABLE label ADD COLUMN look BLOB",
        "ALTER TABLE label ADD COLUMN thumbnail BLOB",
        "ALTER TABLE label ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE label_pair (first TEXT NOT NULL, second TEXT NOT NULL, PRIMARY KEY (first, second))",
    ),
    ("ALTER TABLE history ADD COLUMN page TEXT NOT NULL DEFAULT ''",),
    ("ALTER TABLE batch ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0",),
)


@dataclass(frozen=True)
class HistoryEntry:
    """One judgement that was kept.

    Attributes:
        id: never used again, also not after a deletion.
        name: what the image was called; untrusted text.
        source: "file", "browser", "clipboard", "drop" or "screen".
        judged_at: UTC.
        verdict: as it was given, without its maps.
        thumbnail: a small JPEG made from decoded pixels, or None.
        path: the file it was read from, or None.
        page: address of the web page it stood in, "" when that is not known; untrusted text.
    """

    id: int
    name: str
    source: str
    judged_at: datetime
    verdict: Verdict
    thumbnail: bytes | None
    path: Path | None = None
    page: str = ""


class Library:
    """The library in one SQLite file. Thread-safe; several processes may have it open.

    A write that returned is on the disk: it survives the end of the process and a loss of power.
    Every method raises LibraryError when the disk or the file does not play along.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        try:
            keep_private(path)
            self._connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error
        try:
            with self.working():
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
                self._migrate()
        except LibraryError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            self._connection.close()

    def add(
        self,
        verdict: Verdict,
        name: str,
        source: str,
        thumbnail: bytes | None = None,
        path: Path | None = None,
        page: str = "",
    ) -> int:
        """Keep a verdict and return the id of its entry."""
        with self.writing():
            row = self._connection.execute(
                "INSERT INTO history (name, source, judged_at, sha256, model, verdict, thumbnail, path, page)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    storable(name),
                    source,
                    _now(),
                    verdict.sha256,
                    verdict.model,
                    _text(verdict),
                    thumbnail,
                    _bytes(path),
                    storable(page),
                ),
            ).fetchone()
        return int(row[0])

    def history(self, limit: int = 200, text: str = "") -> list[HistoryEntry]:
        """Return the newest entries first; text narrows them to names that contain it, ASCII case ignored."""
        pattern = "%" + storable(text).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        with self.working():
            rows = self._connection.execute(
                f"SELECT {ENTRY_COLUMNS} FROM history"  # noqa: S608  # our own columns
                r" WHERE NOT deleted AND name LIKE ? ESCAPE '\' ORDER BY id DESC LIMIT ?",
                (pattern, limit),
            ).fetchall()
        return [entry for row in rows if (entry := _entry(row)) is not None]

    def entry(self, id_: int) -> HistoryEntry | None:
        """Return one entry."""
        with self.working():
            row = self._connection.execute(
                f"SELECT {ENTRY_COLUMNS} FROM history WHERE NOT deleted AND id = ?",  # noqa: S608  # our own columns
                (id_,),
            ).fetchone()
        return _entry(row) if row else None

    def latest(self, sha256: str) -> HistoryEntry | None:
        """Return the newest entry of these bytes."""
        with self.working():
            row = self._connection.execute(
                f"SELECT {ENTRY_COLUMNS} FROM history"  # noqa: S608  # our own columns
                " WHERE NOT deleted AND sha256 = ? ORDER BY id DESC LIMIT 1",
                (sha256,),
            ).fetchone()
        return _entry(row) if row else None

    def lines(self, above: int = 0, below: int = MAX_ID, limit: int = 1000) -> list[Line]:
        """Return entries between two ids, neither included, as lines; the newest first."""
        with self.working():
            rows = self._connection.execute(
                "SELECT id, thumbnail IS NOT NULL, name, source, judged_at, path,"  # noqa: S608  # our own columns
                " json_extract(verdict, '$.band'), json_extract(verdict, '$.probability'),"
                f" json_extract(verdict, '$.width'), json_extract(verdict, '$.height'), page, model, {WITHHELD}"
                " FROM history WHERE NOT deleted AND id > ? AND id < ? AND json_extract(verdict, '$.schema') = ?"
                " ORDER BY id DESC LIMIT ?",
                (WITHHELD_BY, above, below, VERDICT_SCHEMA, limit),
            ).fetchall()
        return [
            Line(
                id_, id_ if pictured else 0, name, source, datetime.fromisoformat(at).timestamp(), Band(band),
                probability, width, height, path=Path(os.fsdecode(path)) if path else None, page=page,
                model=model, withheld=bool(withheld),
            )
            for id_, pictured, name, source, at, path, band, probability, width, height, page, model, withheld in rows
        ]  # fmt: skip

    def thumbnail(self, id_: int) -> bytes | None:
        """Return the thumbnail of an entry, a JPEG."""
        with self.working():
            row = self._connection.execute("SELECT thumbnail FROM history WHERE id = ?", (id_,)).fetchone()
        return bytes(row[0]) if row and row[0] is not None else None

    def find(self, sha256: str, model: str) -> Verdict | None:
        """Return the latest verdict of that model on the same bytes."""
        with self.working():
            row = self._connection.execute(
                "SELECT verdict FROM history WHERE NOT deleted AND sha256 = ? AND model = ? ORDER BY id DESC LIMIT 1",
                (sha256, model),
            ).fetchone()
        return _verdict(row[0]) if row else None

    def delete(self, ids: Iterable[int]) -> None:
        """Delete entries; until the next deletion, or `purge`, they can be restored. Unknown ids are ignored."""
        with self.writing() as connection:
            connection.execute("DELETE FROM history WHERE deleted")
            connection.executemany("UPDATE history SET deleted = 1 WHERE id = ?", ((id_,) for id_ in ids))

    def clear(self) -> None:
        """Delete the whole history in the same way; labels and samples stay."""
        with self.writing() as connection:
            connection.execute("DELETE FROM history WHERE deleted")
            connection.execute("UPDATE history SET deleted = 1")

    def restore(self) -> None:
        """Undo the last deletion: everything stands in its place again, under its own id."""
        with self.writing() as connection:
            connection.execute("UPDATE history SET deleted = 0 WHERE deleted")

    def purge(self) -> None:
        """Make the last deletion final."""
        with self.writing() as connection:
            connection.execute("DELETE FROM history WHERE deleted")

    def older(self, than: datetime) -> list[int]:
        """Return the ids of what was judged before a time and is not deleted."""
        time = than.astimezone(UTC).isoformat()
        with self.working() as connection:
            rows = connection.execute("SELECT id FROM history WHERE judged_at < ? AND NOT deleted", (time,)).fetchall()
        return [id_ for (id_,) in rows]

    def expire(self, before: datetime) -> list[int]:
        """Delete for good what was judged before a time, and return the ids of that."""
        time = before.astimezone(UTC).isoformat()
        with self.writing() as connection:
            rows = connection.execute("DELETE FROM history WHERE judged_at < ? RETURNING id", (time,)).fetchall()
        return [id_ for (id_,) in rows]

    def digests(self) -> set[str]:
        """Return the SHA-256 (hex) of every image in the history."""
        with self.working():
            rows = self._connection.execute("SELECT sha256 FROM history").fetchall()
        return {sha256 for (sha256,) in rows}

    def _migrate(self) -> None:
        """Bring the file to the newest form, or refuse one that is newer still."""
        with self._transaction():
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if version > len(MIGRATIONS):
                raise LibraryError(
                    f"The library {self._path} was written by a newer NoiseLens. Update NoiseLens to open it."
                )
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    self._connection.execute(statement)
            if version < len(MIGRATIONS):
                self._connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextmanager
    def working(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection, and turn what SQLite raises into one sentence."""
        with self._lock:
            try:
                yield self._connection
            except (sqlite3.Error, OverflowError) as error:
                raise self._error(error) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # SQLite ends it by itself when the disk is full
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection in a transaction that is on the disk when this returns."""
        with self.working() as connection, self._transaction():
            yield connection

    def _error(self, error: Exception) -> LibraryError:
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError | sqlite3.ProgrammingError | sqlite3.IntegrityError
        ):
            return LibraryError(
                f"The library {self._path} is damaged. Move it away and start NoiseLens again: it makes a new one."
            )
        return LibraryError(
            f"The library {self._path} cannot be used ({error}). "
            "Check that the disk is not full and that you may write there."
        )


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _bytes(path: Path | None) -> bytes | None:
    return os.fsencode(path) if path else None


def _entry(row: tuple[Any, ...]) -> HistoryEntry | None:
    id_, name, source, judged_at, verdict, thumbnail, path, page = row
    read = _verdict(verdict)
    if read is None:
        return None
    file = Path(os.fsdecode(path)) if path else None
    return HistoryEntry(id_, name, source, datetime.fromisoformat(judged_at), read, thumbnail, file, page)


def _text(verdict: Verdict) -> str:
    return json.dumps(verdict.to_json(), separators=(",", ":"))


def _verdict(text: str) -> Verdict | None:
    """Read a kept verdict; None for one of another schema, which this version cannot show."""
    try:
        return Verdict.from_json(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return None


def storable(text: str) -> str:
    """Return a name as SQLite can hold it: a file name may carry bytes that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8")
