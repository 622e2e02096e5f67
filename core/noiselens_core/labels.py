"""What the user says images are, and the images themselves: what a detector of their own learns from."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self, cast

import numpy as np

from .errors import ImageRefusedError, LibraryError
from .images import DecodedImage, Decoder, read_bytes
from .library import Library, storable
from .likeness import ALIKE, as_numbers, distances, look
from .thumbnails import SIDE, make_thumbnail, shrink

Kind = Literal["real", "generated"]
PART = ".part-"
PART_KEPT_S = 3600.0  # a file half written is somebody's who still writes, or, so old, of a process that was killed
COLUMNS = "rowid, sha256, label, file, name, origin, labelled_at, width, height, byte_size, look"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LabelledSample:
    """An image the user labelled.

    Attributes:
        id: stays the same as long as the library is open.
        sha256: hex digest of its bytes.
        path: the file that holds its bytes, as they came; None while they are not at hand.
        name: what the image was called; untrusted text.
        origin: where it came from ("file", "browser", "clipboard", "drop", "screen", "folder", "archive"), or "".
        labelled_at: UTC.
        width, height, byte_size: 0 while its bytes are not at hand.
        copy_of: digest of an older sample with this label that shows the same picture, or "".
    """

    id: int
    sha256: str
    label: Kind
    path: Path | None
    name: str
    origin: str
    labelled_at: datetime
    width: int = 0
    height: int = 0
    byte_size: int = 0
    copy_of: str = ""


@dataclass(frozen=True)
class Conflict:
    """Two samples that show the same picture and have different labels; the older first."""

    first: LabelledSample
    second: LabelledSample


@dataclass(frozen=True)
class Counts:
    """How many pictures there are to learn from.

    Attributes:
        real, generated: pictures whose bytes are at hand, versions of the same picture counted once.
        copies: further versions of those.
        absent: labels of images whose bytes are not at hand.
        conflicts: pairs that show the same picture and have different labels.
    """

    real: int = 0
    generated: int = 0
    copies: int = 0
    absent: int = 0
    conflicts: int = 0


class Added(StrEnum):
    """What became of an image that was given to the store."""

    NEW = "new"
    KNOWN = "known"  # it was there with this label
    RELABELLED = "relabelled"
    CONTRADICTED = "contradicted"  # it is there with the other label, which stays


class LabelStore:
    """The labels of a library, and the folder of the images they are about. Thread-safe, as the library is.

    An image's bytes are on the disk before its row is; a file without a row is swept away by the next `purge`.
    Every method raises LibraryError when the disk does not play along. Close it: decoding happens in a child process.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        self._library, self._folder = library, folder
        self._decoder = Decoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child that decodes."""
        self._decoder.close()

    def add(
        self,
        data: bytes,
        label: Kind,
        name: str = "",
        origin: str = "",
        *,
        image: DecodedImage | None = None,
        replace: bool = True,
    ) -> Added:
        """Keep an image and its label. Raises ImageRefusedError.

        image: these bytes decoded, if that was done already. replace: a label it has already gives way.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        before = self._label_of(sha256)
        if before is not None and before != label and not replace:
            return Added.CONTRADICTED
        if self._has_bytes(sha256):
            self.say(sha256, label, name, origin)
            return Added.KNOWN if before == label else Added.RELABELLED if before else Added.NEW
        self._keep(data, image or self._decoder.decode(data), (label, name, origin))
        return Added.NEW if before in (None, label) else Added.RELABELLED

    def say(self, sha256: str, label: Kind, name: str = "", origin: str = "") -> None:
        """Keep a label alone; a later one replaces an earlier one. Bytes that are at hand stay so."""
        with self._library.writing() as connection:
            _say(connection, sha256, label, name, origin)

    def offer(self, data: bytes, image: DecodedImage) -> bool:
        """Keep an image that was seen, if it has a label and its bytes were not at hand; tell whether that is so."""
        sha256 = image.facts.sha256
        if self._label_of(sha256) is None or self._has_bytes(sha256):
            return False
        self._keep(data, image)
        return True

    def fetch_all(self) -> None:
        """Take the bytes of every labelled image that are not at hand, as far as the history knows their files."""
        for entry in self.entries():
            if entry.path is None:
                self.fetch(entry.sha256)

    def fetch(self, sha256: str) -> bool:
        """Take the bytes of a labelled image from the file the history knows; tell whether they are at hand now."""
        if self._has_bytes(sha256):
            return True
        with self._library.working() as connection:
            rows = connection.execute(
                "SELECT DISTINCT path FROM history WHERE sha256 = ? AND path IS NOT NULL AND NOT deleted", (sha256,)
            ).fetchall()
        for (path,) in rows:
            try:
                data = read_bytes(Path(os.fsdecode(path)))
                if hashlib.sha256(data).hexdigest() == sha256:  # the file may have been changed since
                    return self.offer(data, self._decoder.decode(data))
            except ImageRefusedError:  # moved or deleted: the label stays without it
                continue
        return False

    def entries(self) -> list[LabelledSample]:
        """Return everything that has a label, in the order they came."""
        with self._library.working() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM label WHERE NOT deleted ORDER BY rowid"  # noqa: S608  # our own columns
            ).fetchall()
        there = self._files()
        looks = {row[1]: bytes(row[-1]) for row in rows if row[3] in there}
        copies = _copies([(sha256, row[2], looks[sha256]) for row in rows if (sha256 := row[1]) in looks])
        return [self._sample(row, there, copies) for row in rows]

    def samples(self) -> list[LabelledSample]:
        """Return what can be learned from: every picture once whose bytes are at hand, in the order they came."""
        return [sample for sample in self.entries() if sample.path is not None and not sample.copy_of]

    def labels(self) -> dict[str, Kind]:
        """Return every label: SHA-256 (hex) -> what the user says."""
        with self._library.working() as connection:
            return dict(connection.execute("SELECT sha256, label FROM label WHERE NOT deleted").fetchall())

    def conflicts(self) -> list[Conflict]:
        """Return the pairs that show the same picture with different labels, but those the user confirmed."""
        samples = self.samples()
        with self._library.working() as connection:
            confirmed = {frozenset(row) for row in connection.execute("SELECT first, second FROM label_pair")}
            looks = dict(connection.execute("SELECT sha256, look FROM label WHERE look IS NOT NULL").fetchall())
        others: dict[str, list[LabelledSample]] = {
            kind: [sample for sample in samples if sample.label != kind] for kind in ("real", "generated")
        }
        numbers = {kind: as_numbers([looks[s.sha256] for s in found]) for kind, found in others.items()}
        pairs = []
        for sample in samples:
            near = distances(looks[sample.sha256], numbers[sample.label]) <= ALIKE
            for index in np.flatnonzero(near):
                other = others[sample.label][index]
                if sample.id < other.id and frozenset((sample.sha256, other.sha256)) not in confirmed:
                    pairs.append(Conflict(sample, other))
        return pairs

    def confirm(self, conflict: Conflict) -> None:
        """Take the user's word that both labels are right, as for a photograph and what was made of it."""
        with self._library.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO label_pair (first, second) VALUES (?, ?)",
                (conflict.first.sha256, conflict.second.sha256),
            )

    def counts(self) -> Counts:
        """Return how many pictures there are to learn from."""
        entries = self.entries()
        whole = [entry for entry in entries if entry.path is not None]
        single = [entry for entry in whole if not entry.copy_of]
        real = sum(entry.label == "real" for entry in single)
        return Counts(
            real, len(single) - real, len(whole) - len(single), len(entries) - len(whole), len(self.conflicts())
        )

    def thumbnail(self, sha256: str) -> bytes | None:
        """Return a small JPEG of a sample; None while its bytes are not at hand."""
        with self._library.working() as connection:
            row = connection.execute("SELECT thumbnail FROM label WHERE sha256 = ?", (sha256,)).fetchone()
        return bytes(row[0]) if row and row[0] is not None else None

    def relabel(self, digests: Iterable[str], label: Kind) -> None:
        """Give samples another label; unknown ones are passed over."""
        with self._library.writing() as connection:
            connection.executemany(
                "UPDATE label SET label = ?, labelled_at = ? WHERE sha256 = ?",
                [(label, datetime.now(UTC).isoformat(), sha256) for sha256 in digests],
            )

    def remove(self, digests: Iterable[str]) -> None:
        """Delete samples; until the next deletion, or `purge`, they can be restored. Unknown ones are passed over."""
        self.purge()
        with self._library.writing() as connection:
            connection.executemany("UPDATE label SET deleted = 1 WHERE sha256 = ?", [(sha256,) for sha256 in digests])

    def restore(self) -> None:
        """Undo the last deletion."""
        with self._library.writing() as connection:
            connection.execute("UPDATE label SET deleted = 0 WHERE deleted")

    def purge(self) -> None:
        """Make the last deletion final: its bytes go too, and so does every file that belongs to no label."""
        with self._library.writing() as connection:  # nobody adds meanwhile
            connection.execute("DELETE FROM label WHERE deleted")
            connection.execute(
                "DELETE FROM label_pair WHERE first NOT IN (SELECT sha256 FROM label)"
                " OR second NOT IN (SELECT sha256 FROM label)"
            )
            kept = {file for (file,) in connection.execute("SELECT file FROM label WHERE file IS NOT NULL")}
            for file in self._files() - kept:
                path = self._folder / file
                try:
                    if not file.startswith(PART) or path.stat().st_mtime < time.time() - PART_KEPT_S:
                        path.unlink(missing_ok=True)
                except OSError as error:
                    log.warning("a sample could not be deleted in %s: %s", self._folder, error.strerror)

    def _keep(self, data: bytes, image: DecodedImage, said: tuple[Kind, str, str] | None = None) -> None:
        """Write the bytes, then their row; said: label, name and origin, None when the row is there."""
        sha256, facts = image.facts.sha256, image.facts
        file = f"{sha256}.{facts.format.lower()}"
        small = shrink(image.pixels, SIDE)
        thumbnail, seen = make_thumbnail(small), look(small)
        part = self._write_part(data)
        try:
            with self._library.writing() as connection:
                part.replace(self._folder / file)
                if said is not None:
                    _say(connection, sha256, *said)
                connection.execute(
                    "UPDATE label SET file = ?, width = ?, height = ?, byte_size = ?, look = ?, thumbnail = ?"
                    " WHERE sha256 = ?",
                    (file, facts.width, facts.height, len(data), seen, thumbnail, sha256),
                )
        except OSError as error:
            raise self._disk(error) from error
        finally:
            part.unlink(missing_ok=True)

    def _write_part(self, data: bytes) -> Path:
        """Write bytes under a name of the moment, readable by the user alone, and wait for the disk."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=PART)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._disk(error) from error
        return Path(name)

    def _label_of(self, sha256: str) -> Kind | None:
        with self._library.working() as connection:
            row = connection.execute("SELECT label FROM label WHERE sha256 = ? AND NOT deleted", (sha256,)).fetchone()
        return cast(Kind, row[0]) if row else None

    def _has_bytes(self, sha256: str) -> bool:
        with self._library.working() as connection:
            row = connection.execute("SELECT file FROM label WHERE sha256 = ?", (sha256,)).fetchone()
        return row is not None and row[0] is not None and (self._folder / row[0]).is_file()

    def _files(self) -> set[str]:
        try:
            return {path.name for path in self._folder.iterdir()}
        except FileNotFoundError:
            return set()
        except OSError as error:
            raise self._disk(error) from error

    def _sample(self, row: tuple[Any, ...], there: set[str], copies: dict[str, str]) -> LabelledSample:
        id_, sha256, label, file, name, origin, at, width, height, byte_size, _ = row
        when = datetime.fromisoformat(at)
        if file not in there:
            return LabelledSample(id_, sha256, label, None, name, origin, when)
        return LabelledSample(
            id_, sha256, label, self._folder / file, name, origin, when, width, height, byte_size,
            copies.get(sha256, ""),
        )  # fmt: skip

    def _disk(self, error: OSError) -> LibraryError:
        return LibraryError(
            f"The samples in {self._folder} cannot be used ({error.strerror or error}). "
            "Check that the disk is not full and that you may write there."
        )


def _say(connection: sqlite3.Connection, sha256: str, label: Kind, name: str, origin: str) -> None:
    connection.execute(
        "INSERT INTO label (sha256, label, note, labelled_at, name, origin) VALUES (?, ?, '', ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET label = excluded.label, labelled_at = excluded.labelled_at,"
        " name = CASE name WHEN '' THEN excluded.name ELSE name END,"
        " origin = CASE origin WHEN '' THEN excluded.origin ELSE origin END, deleted = 0",
        (sha256, label, datetime.now(UTC).isoformat(), storable(name), storable(origin)),
    )


def _copies(rows: list[tuple[str, str, bytes]]) -> dict[str, str]:
    """Return for each sample (digest, label, look) that shows the same picture as an older one the digest of that."""
    copies: dict[str, str] = {}
    for kind in ("real", "generated"):
        mine = [(sha256, seen) for sha256, label, seen in rows if label == kind]
        numbers = as_numbers([seen for _, seen in mine])
        for index, (sha256, seen) in enumerate(mine):
            for near in np.flatnonzero(distances(seen, numbers[:index]) <= ALIKE):
                older = mine[near][0]
                if older not in copies:
                    copies[sha256] = older
                    break
    return copies
