"""Labelled images in and out: folders of images, and zip archives with a manifest."""

from __future__ import annotations

import hashlib
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from .batch import find_images
from .errors import ImageRefusedError, NoiseLensError, RefusalCode
from .files import is_file, is_folder
from .images import MAX_BYTES, read_bytes
from .labels import Added, Kind, LabelStore
from .outputs import replacing

MANIFEST = "manifest.json"
FORMAT = "noiselens-samples"
MAX_MANIFEST_BYTES = 64 * 2**20
MAX_SAMPLES = 100_000
MAX_EXPANSION = 50  # an archive may hold so many times its own size: images are compressed already
FOLDERS: dict[str, Kind] = {"real": "real", "generated": "generated"}


# What zipfile and its decompressors raise on archives that are none.
DAMAGE = (
    OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, UnicodeError,
    struct.error,
)  # fmt: skip


class TransferError(NoiseLensError):
    """Samples that cannot be taken in or given out."""


@dataclass(frozen=True)
class Taken:
    """What became of one image that was to be taken in.

    Attributes:
        name: as it was called; untrusted text.
        added: None when it was refused.
        sentence: why it was refused, or "".
    """

    name: str
    added: Added | None
    sentence: str = ""


def labelled_files(paths: Iterable[Path], label: Kind | None = None) -> list[tuple[Path, Kind]]:
    """Return the images in files and folders, each with its label.

    label None: every path is a folder with real/ or generated/ in it, or is called so itself. Raises TransferError.
    """
    found: list[tuple[Path, Kind]] = []
    for path in paths:
        places = [(path, label)] if label is not None else _labelled_folders(path)
        if not places:
            raise TransferError(
                f"{_name(path)} does not say what its images are. "
                "Say it, or name a folder that holds real and generated."
            )
        found += [(image, kind) for place, kind in places if kind is not None for image in find_images([place])]
    return found


def says_labels(path: Path) -> bool:
    """Return whether a path is a folder whose parts say what the images in them are."""
    return bool(_labelled_folders(path))


def take_files(store: LabelStore, files: Iterable[tuple[Path, Kind]], *, replace: bool = True) -> Iterator[Taken]:
    """Keep images of files with their labels, and yield what became of each.

    replace: a label an image has already gives way. Raises LibraryError.
    """
    for path, label in files:
        try:
            yield Taken(path.name, store.add(read_bytes(path), label, path.name, "folder", replace=replace))
        except ImageRefusedError as error:
            yield Taken(path.name, None, str(error))


def export_zip(store: LabelStore, path: Path) -> int:
    """Write every label, with its image where that is at hand, and return how many; the file is replaced whole."""
    rows: list[dict[str, Any]] = []
    with (
        replacing(path) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive,  # images do not get smaller
    ):
        for entry in store.entries():
            name = f"{entry.label}/{entry.path.name}" if entry.path else ""
            if entry.path:
                archive.write(entry.path, name)
            rows.append({
                "file": name,
                "sha256": entry.sha256,
                "label": entry.label,
                "name": entry.name,
                "origin": entry.origin,
                "labelled_at": entry.labelled_at.isoformat(),
            })  # fmt: skip
        archive.writestr(MANIFEST, json.dumps({"format": FORMAT, "version": 1, "samples": rows}, indent=1))
    return len(rows)


def take_zip(store: LabelStore, path: Path) -> Iterator[Taken]:
    """Take in an archive that `export_zip` wrote, and yield what became of each sample.

    A label that an image has here stays. Nothing is unpacked by the names in the archive: each image is read up to
    MAX_BYTES, compared with its digest, decoded and kept under that digest. Raises TransferError, LibraryError.
    """
    if not is_file(path):  # a pipe would be waited for
        raise _closed(path)
    try:
        with zipfile.ZipFile(path) as archive:
            left = MAX_EXPANSION * path.stat().st_size + MAX_BYTES
            for row in _manifest(archive, path):
                name = str(row.get("name", ""))
                try:
                    data, left = _image(archive, row, left)
                    yield Taken(name, _take(store, row, data, name))
                except ImageRefusedError as error:
                    yield Taken(name, None, str(error))
    except PermissionError as error:
        raise _closed(path) from error
    except DAMAGE as error:
        raise _damaged(path) from error


def _take(store: LabelStore, row: dict[str, Any], data: bytes, name: str) -> Added:
    label, origin = cast(Kind, row["label"]), str(row.get("origin", ""))
    if data:
        return store.add(data, label, name, origin, replace=False)
    before = store.labels().get(row["sha256"])
    if before is not None:
        return Added.KNOWN if before == label else Added.CONTRADICTED
    store.say(row["sha256"], label, name, origin)
    return Added.NEW


def _manifest(archive: zipfile.ZipFile, path: Path) -> list[dict[str, Any]]:
    try:
        with archive.open(MANIFEST) as file:
            text = file.read(MAX_MANIFEST_BYTES + 1)
        read = json.loads(text) if len(text) <= MAX_MANIFEST_BYTES else None
    except (KeyError, ValueError, RecursionError):
        read = None
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise TransferError(f"{path.name} holds no NoiseLens samples. Choose an archive that NoiseLens exported.")
    if read.get("version") != 1:
        raise TransferError(f"{path.name} was written by a newer NoiseLens. Update NoiseLens to import it.")
    rows = read.get("samples")
    if not isinstance(rows, list) or len(rows) > MAX_SAMPLES or not all(map(_is_row, rows)):
        raise _damaged(path)
    return rows


def _is_row(row: object) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(label := row.get("label"), str)
        and label in FOLDERS
        and isinstance(row.get("file"), str)
        and isinstance(sha256 := row.get("sha256"), str)
        and len(sha256) == 64
        and set(sha256) <= set("0123456789abcdef")
    )


def _image(archive: zipfile.ZipFile, row: dict[str, Any], left: int) -> tuple[bytes, int]:
    """Return the bytes of a sample, none for a label alone, and how many more the archive may still unfold to."""
    if not row["file"]:
        return b"", left
    try:
        with archive.open(row["file"]) as file:
            data = file.read(MAX_BYTES + 1)
    except KeyError:
        data = b""
    if len(data) > left:
        raise zipfile.BadZipFile
    if hashlib.sha256(data).hexdigest() != row["sha256"]:  # also what is too long
        raise ImageRefusedError(
            RefusalCode.DAMAGED, "It is not the image the archive says it is. Export the samples again."
        )
    return data, left - len(data)


def _damaged(path: Path) -> TransferError:
    return TransferError(f"{path.name} is damaged. Export the samples again, or copy the file once more.")


def _closed(path: Path) -> TransferError:
    return TransferError(f"{path.name} cannot be opened. Check that the file exists and that you may read it.")


def _name(path: Path) -> str:
    """Return what a path is called, also where it says . or .. alone."""
    return path.name if path.name not in ("", "..") else path.resolve().name


def _labelled_folders(path: Path) -> list[tuple[Path, Kind]]:
    if not is_folder(path):
        return []
    own = FOLDERS.get(_name(path).casefold())
    try:
        inside = sorted(path.iterdir())
    except OSError:  # it may not be read; finding its images says so
        inside = []
    below = [(p, kind) for p in inside if is_folder(p) and (kind := FOLDERS.get(p.name.casefold()))]
    return below or ([(path, own)] if own else [])
