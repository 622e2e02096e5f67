"""Pictures chosen one by one out of Python packages; `listed/` names them, nothing of them is kept here."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .data import DataError

LISTS = Path(__file__).parent / "listed"
TIMEOUT_S = 180
LARGEST_BYTES = 200 << 20  # of an archive
_JSON = "application/vnd.pypi.simple.v1+json"  # PEP 691
# The index that pip asks here: what its settings name, else its own default.
_ASK_PIP = (
    "from pip._internal.commands import create_command as m; print(m('download').parser.get_default_values().index_url)"
)


@dataclass(frozen=True)
class Archive:
    """A package's archive as its index names it."""

    project: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Listed:
    """A picture: its path inside the archive and what the manifest says of it.

    Attributes:
        label: real or generated.
        cut_top: share of the height that is cut off, where a maker's badge lies.
    """

    member: str
    label: str
    source: str
    family: str
    cut_top: float = 0.0


def listed_archives() -> dict[Archive, list[Listed]]:
    """Return what `listed/` names: the pictures of every archive."""
    with (LISTS / "archives.csv").open(newline="", encoding="utf-8") as file:
        known = {row["file"]: Archive(**row) for row in csv.DictReader(file)}
    found: dict[Archive, list[Listed]] = {archive: [] for archive in known.values()}
    with (LISTS / "pictures.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            archive, cut = known[row.pop("archive")], float(row.pop("cut_top") or 0)
            found[archive].append(Listed(**row, cut_top=cut))
    return found


def unpack_listed(archive: Archive, listed: list[Listed], into: Path) -> Iterator[tuple[Listed, Path]]:
    """Download an archive and yield its listed pictures, each in a file in `into`. Nothing of it is run.

    Raises DataError when it cannot be fetched, is another one or lacks a picture.
    """
    data = _download(archive)
    if hashlib.sha256(data).hexdigest() != archive.sha256:
        raise DataError(f"{archive.file} is not the file that was chosen from. Remove its lines from {LISTS}.")
    for number, picture in enumerate(listed):
        path = into / f"{number}{Path(picture.member).suffix}"
        try:
            path.write_bytes(_member(archive, data, picture.member))
        except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise DataError(f"{archive.file} holds no {picture.member}. Remove its line from {LISTS}.") from error
        yield picture, path


def _member(archive: Archive, data: bytes, name: str) -> bytes:
    if archive.file.endswith((".whl", ".zip")):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return packed.read(name)
    with tarfile.open(fileobj=io.BytesIO(data)) as packed_tar:
        file = packed_tar.extractfile(name)
        if file is None:
            raise KeyError(name)
        return file.read()


def _download(archive: Archive) -> bytes:
    try:
        files = json.loads(_get(f"{_index()}/{archive.project}/"))["files"]
        return _get(next(file["url"] for file in files if file["filename"] == archive.file))
    except (OSError, ValueError, KeyError, StopIteration) as error:
        reason = str(error) or "the index does not list it any more"
        raise DataError(
            f"{archive.file} could not be fetched ({reason}). Try again when there is a network."
        ) from error


def _get(url: str) -> bytes:
    if not url.startswith("https://"):
        raise ValueError(f"{url} is not https")
    request = urllib.request.Request(url, headers={"Accept": f"{_JSON}, */*;q=.1"})  # noqa: S310  # https alone
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
        return bytes(answer.read(LARGEST_BYTES))


@cache
def _index() -> str:
    done = subprocess.run([sys.executable, "-c", _ASK_PIP], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError("pip does not say which index it asks")
    return done.stdout.strip().rstrip("/")
