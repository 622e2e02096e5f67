"""Batches in the library: which files, how far, and what was found, so that a batch outlives the end of its process."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .batch import Outcome, SmallImage
from .errors import ImageRefusedError, LibraryError, RefusalCode
from .images import ImageFacts
from .library import WITHHELD, WITHHELD_BY, Library
from .lines import Line
from .verdict import Band, Verdict

PAGE = 500  # rows read under one hold of the library's lock
GONE = "These results are no longer kept. Check the folder again to have them anew."
LINE_COLUMNS = (
    "f.position, r.id, f.path, f.modified, json_extract(r.verdict, '$.band'), json_extract(r.verdict, '$.probability'),"
    " json_extract(r.verdict, '$.width'), json_extract(r.verdict, '$.height'), r.byte_size, f.sentence,"
    f" json_extract(r.verdict, '$.model'), {WITHHELD}"
)


@dataclass(frozen=True)
class Batch:
    """One batch.

    Attributes:
        folder: that holds all its files.
        begun_at: UTC.
        total, judged: files in all, and those with a verdict or a refusal.
        done: it came to its end, or was cancelled; what is not judged then stays so.
    """

    id: int
    folder: Path
    begun_at: datetime
    total: int
    judged: int
    done: bool


@dataclass(frozen=True)
class Finding:
    """What became of one file of a batch.

    Attributes:
        position: of the file in its batch, from 0.
        verdict: None when the file was refused.
        judge: that gave the verdict; see Batches.
        picture: format, length in bytes and thumbnail (JPEG) of an image that was judged now; None when the verdict
            is kept already.
        refusal: why there is no verdict.
    """

    position: int
    verdict: Verdict | None = None
    judge: str = ""
    picture: tuple[str, int, bytes] | None = None
    refusal: ImageRefusedError | None = None


class Batches:
    """The batches of a library; the same bytes are kept once for each judge.

    A judge is a detector with its thresholds: a text that changes whenever the same bytes might get another verdict.
    Every method raises LibraryError when the disk or the file does not play along.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def begin(self, folder: Path, files: Iterable[tuple[Path, float]]) -> Batch:
        """Keep a new batch of files, each with the POSIX time of its last change, in place of every older batch."""
        with self._library.writing() as connection:
            _purge(connection)
            connection.execute("DELETE FROM batch_file")
            connection.execute("DELETE FROM batch")
            (id_,) = connection.execute(
                "INSERT INTO batch (folder, begun_at) VALUES (?, ?) RETURNING id",
                (os.fsencode(folder), datetime.now(UTC).isoformat()),
            ).fetchone()
            connection.executemany(
                "INSERT INTO batch_file (batch, position, path, modified) VALUES (?, ?, ?, ?)",
                ((id_, position, os.fsencode(path), at) for position, (path, at) in enumerate(files)),
            )
        batch = self.latest()
        assert batch is not None
        return batch

    def latest(self) -> Batch | None:
        """Return the batch that was begun last."""
        with self._library.working() as connection:
            row = connection.execute(
                "SELECT id, folder, begun_at, done, count(f.position), count(coalesce(f.result, f.code))"
                " FROM batch LEFT JOIN batch_file f ON f.batch = id WHERE NOT deleted"
                " GROUP BY id ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is None:
            return None
        id_, folder, begun_at, done, total, judged = row
        return Batch(id_, Path(os.fsdecode(folder)), datetime.fromisoformat(begun_at), total, judged, bool(done))

    def pending(self, batch: int) -> Iterator[tuple[int, Path]]:
        """Yield position and path of every file that is not judged, in order."""
        last = -1
        while True:
            with self._library.working() as connection:
                rows = connection.execute(
                    "SELECT position, path FROM batch_file WHERE batch = ? AND position > ? AND result IS NULL"
                    " AND code IS NULL ORDER BY position LIMIT ?",
                    (batch, last, PAGE),
                ).fetchall()
            if not rows:
                return
            for last, path in rows:
                yield last, Path(os.fsdecode(path))

    def known(self, sha256: str, judge: str) -> Verdict | None:
        """Return what this judge said of the same bytes."""
        with self._library.working() as connection:
            row = connection.execute(
                "SELECT verdict FROM batch_result WHERE sha256 = ? AND judge = ?", (sha256, judge)
            ).fetchone()
        return Verdict.from_json(json.loads(row[0])) if row else None

    def record(self, batch: int, findings: Sequence[Finding]) -> list[Line]:
        """Keep findings, all or none, and return them as lines.

        Raises LibraryError also when a verdict without its picture is not kept already.
        """
        with self._library.writing() as connection:
            for finding in findings:
                if finding.verdict is None:
                    assert finding.refusal is not None
                    connection.execute(
                        "UPDATE batch_file SET code = ?, sentence = ? WHERE batch = ? AND position = ?",
                        (finding.refusal.code.value, str(finding.refusal), batch, finding.position),
                    )
                    continue
                if not finding.judge:
                    raise ValueError("a verdict names its judge")
                if finding.picture is not None:
                    connection.execute(
                        "INSERT OR IGNORE INTO batch_result (sha256, judge, verdict, format, byte_size, thumbnail)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        (
                            finding.verdict.sha256,
                            finding.judge,
                            json.dumps(finding.verdict.to_json(), separators=(",", ":")),
                            *finding.picture,
                        ),
                    )
                result = connection.execute(
                    "SELECT id FROM batch_result WHERE sha256 = ? AND judge = ?",
                    (finding.verdict.sha256, finding.judge),
                ).fetchone()
                if result is None:
                    raise LibraryError(GONE)
                connection.execute(
                    "UPDATE batch_file SET result = ? WHERE batch = ? AND position = ?",
                    (*result, batch, finding.position),
                )
            places = ",".join(str(finding.position) for finding in findings)
            rows = connection.execute(
                f"SELECT {LINE_COLUMNS} FROM batch_file f LEFT JOIN batch_result r ON r.id = f.result"  # noqa: S608
                f" WHERE f.batch = ? AND f.position IN ({places}) ORDER BY f.position",
                (WITHHELD_BY, batch),
            ).fetchall()
        return [_line(row) for row in rows]

    def finish(self, batch: int) -> None:
        """Say that a batch goes no further, and forget the results that belong to none."""
        with self._library.writing() as connection:
            connection.execute("UPDATE batch SET done = 1 WHERE id = ?", (batch,))
            _sweep(connection)

    def forget(self) -> None:
        """Forget the batch with all its results; until the next one, or `purge`, it can be restored."""
        with self._library.writing() as connection:
            connection.execute("UPDATE batch SET deleted = 1")

    def restore(self) -> None:
        """Undo `forget`."""
        with self._library.writing() as connection:
            connection.execute("UPDATE batch SET deleted = 0")

    def purge(self) -> None:
        """Make forgetting final."""
        with self._library.writing() as connection:
            _purge(connection)

    def lines(self, batch: int) -> Iterator[list[Line]]:
        """Yield what was found, in order, some hundred lines at a time."""
        last = -1
        while True:
            with self._library.working() as connection:
                rows = connection.execute(
                    f"SELECT {LINE_COLUMNS} FROM batch_file f LEFT JOIN batch_result r ON r.id = f.result"  # noqa: S608
                    " WHERE f.batch = ? AND f.position > ? AND (f.result IS NOT NULL OR f.code IS NOT NULL)"
                    " ORDER BY f.position LIMIT ?",
                    (WITHHELD_BY, batch, last, PAGE),
                ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [_line(row) for row in rows]

    def thumbnail(self, result: int) -> bytes | None:
        """Return the thumbnail of a result, a JPEG."""
        with self._library.working() as connection:
            row = connection.execute("SELECT thumbnail FROM batch_result WHERE id = ?", (result,)).fetchone()
        return bytes(row[0]) if row else None

    def outcomes(self, batch: int, positions: Sequence[int]) -> Iterator[Outcome]:
        """Yield the outcome of each of these files, in this order; they are judged, and their images are small.

        Raises LibraryError when they are no longer kept.
        """
        for at in range(0, len(positions), PAGE):
            page = positions[at : at + PAGE]
            with self._library.working() as connection:
                rows = connection.execute(
                    "SELECT f.position, f.path, f.code, f.sentence, r.verdict, r.format, r.byte_size, r.thumbnail"
                    " FROM batch_file f LEFT JOIN batch_result r ON r.id = f.result WHERE f.batch = ?"
                    " AND f.position IN (SELECT value FROM json_each(?)) AND coalesce(r.id, f.code) IS NOT NULL",
                    (batch, json.dumps(page)),
                ).fetchall()
            found = {row[0]: row for row in rows}
            if len(found) < len(set(page)):
                raise LibraryError(GONE)
            for position in page:  # read one by one: a page of verdicts at once sets the collector off
                yield _outcome(*found[position][1:])


def _purge(connection: sqlite3.Connection) -> None:
    """Forget a batch that was cleared. Else results of none stay: a batch at hand may still meet their bytes."""
    connection.execute("DELETE FROM batch_file WHERE batch IN (SELECT id FROM batch WHERE deleted)")
    if connection.execute("DELETE FROM batch WHERE deleted").rowcount:
        _sweep(connection)


def _sweep(connection: sqlite3.Connection) -> None:
    """Forget the results that belong to no batch."""
    connection.execute(
        "DELETE FROM batch_result WHERE id NOT IN (SELECT result FROM batch_file WHERE result IS NOT NULL)"
    )


def _outcome(
    path: bytes, code: str | None, sentence: str, verdict: str, format_: str, byte_size: int, thumbnail: bytes
) -> Outcome:
    file = Path(os.fsdecode(path))
    if code is not None:
        return Outcome(file, refusal=ImageRefusedError(RefusalCode(code), sentence))
    judged = Verdict.from_json(json.loads(verdict))
    facts = ImageFacts(
        format=format_,
        width=judged.width,
        height=judged.height,
        byte_size=byte_size,
        sha256=judged.sha256,
        orientation=1,
        animated=False,
        transparent=False,
        notes=(),
    )
    return Outcome(file, verdict=judged, small=SmallImage(facts, thumbnail))


def _line(row: tuple[Any, ...]) -> Line:
    position, result, path_bytes, modified, band, probability, width, height, byte_size, sentence, model, withheld = row
    path = Path(os.fsdecode(path_bytes))
    return Line(
        key=int(position),
        picture=int(result or 0),
        name=path.name,
        source=str(path.parent),
        at=float(modified),
        band=Band(band) if band else None,
        probability=float(probability) if probability is not None else None,
        width=int(width or 0),
        height=int(height or 0),
        byte_size=int(byte_size or 0),
        sentence=str(sentence or ""),
        path=path,
        model=str(model or ""),
        withheld=bool(withheld),
    )
