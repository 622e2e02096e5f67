"""C2PA Content Credentials, verified without a network; runs in the decoding child only.

The library that verifies them is native code fed with bytes from outside. It is loaded only when a manifest lies where
the format puts one: bytes after the end of a picture are no part of it. While it works, this process may open no
further file, and so no socket either, on top of the settings that forbid it to fetch.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .provenance import Mark
from .sniff import MAX_PARTS

OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False}

MIME = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
    "HEIC": "image/heic",
}
TIFF_TAG = 0xCD41
BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # the `uuid` of C2PA in ISO files
CHANGED = frozenset(
    {"assertion.dataHash.mismatch", "assertion.boxesHash.mismatch", "assertion.bmffHash.mismatch"}
    | {"assertion.hashedURI.mismatch"}
)


def read_credentials(name: str, data: bytes) -> list[Mark]:
    """Return what the manifest in a `name` file says; nothing when there is none in its place."""
    if not has_manifest(name, data):
        return []
    import c2pa

    from .signers import read_signers

    settings: dict[str, Any] = {"verify": OFFLINE}
    if anchors := read_signers():
        settings["trust"] = {"user_anchors": anchors}
    try:
        with (
            _no_new_file(),
            c2pa.Settings.from_dict(settings) as made,
            c2pa.Context(made) as context,
            c2pa.Reader(MIME[name], io.BytesIO(data), context=context) as reader,
        ):
            report = json.loads(reader.json())
    except c2pa.C2paError:
        return [("c2pa_unreadable", "c2pa", "")]
    return [(key, "c2pa", value) for key, value in _marks(report)]


def has_manifest(name: str, data: bytes) -> bool:
    """Return whether a C2PA manifest lies where a `name` file holds one."""
    finders = {
        "PNG": _in_png,
        "JPEG": _in_jpeg,
        "WEBP": _in_webp,
        "GIF": _in_gif,
        "TIFF": _in_tiff,
        "AVIF": _in_boxes,
        "HEIC": _in_boxes,
    }
    try:
        return name in finders and finders[name](data)
    except (struct.error, IndexError):  # cut short
        return False


def _marks(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield key and value of what a report of the library says."""
    state = report.get("validation_state")
    active = (report.get("validation_results") or {}).get("activeManifest") or {}
    failures = {failure.get("code") for failure in active.get("failure") or ()}
    if state not in {"Valid", "Trusted"}:
        yield "c2pa_changed" if failures & CHANGED else "c2pa_invalid", ""
        return
    yield "c2pa_trusted" if state == "Trusted" else "c2pa_unknown", ""
    manifest = report["manifests"][report["active_manifest"]]
    signature = manifest.get("signature_info") or {}
    yield "c2pa_signer", ", ".join(dict.fromkeys(_texts(signature.get("common_name"), signature.get("issuer"))))
    yield from (("c2pa_time", time) for time in _texts(signature.get("time")))
    for made_by in manifest.get("claim_generator_info") or ({"name": manifest.get("claim_generator")},):
        yield "c2pa_generator", " ".join(_texts(made_by.get("name"), made_by.get("version")))
    for assertion in manifest.get("assertions") or ():
        if str(assertion.get("label")).startswith("c2pa.actions"):
            for action in (assertion.get("data") or {}).get("actions") or ():
                yield from (("c2pa_origin", origin) for origin in _texts(action.get("digitalSourceType")))


def _texts(*values: object) -> list[str]:
    return [value for value in values if isinstance(value, str) and value]


@contextmanager
def _no_new_file() -> Iterator[None]:
    """Let the process open nothing meanwhile; where the system has no such limit the settings alone forbid it."""
    if sys.platform == "win32":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    first_free = os.dup(0)
    os.close(first_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _in_png(data: bytes) -> bool:
    at = 8
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"caBX":
            return True
        if kind in {b"IDAT", b"IEND"}:
            return False
        at += 12 + length
    return False


def _in_jpeg(data: bytes) -> bool:
    at = 2
    for _ in range(MAX_PARTS):
        lead, marker = data[at], data[at + 1]
        if lead != 0xFF or marker in {0xD9, 0xDA}:  # the pixels follow
            return False
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xEB and data[at + 4 : at + 6] == b"JP":  # APP11 with a JUMBF box
            return True
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return False


def _in_webp(data: bytes) -> bool:
    end, at = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0]), 12
    for _ in range(MAX_PARTS):
        if at + 8 > end:
            return False
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind == b"C2PA":
            return True
        at += 8 + length + length % 2
    return False


def _in_gif(data: bytes) -> bool:
    at = 13 + _table_bytes(data[10])
    begins = True
    for _ in range(MAX_PARTS):
        if begins:
            if data[at] != 0x21:  # an image or the end: manifests stand before them
                return False
            if data[at + 1] == 0xFF and data[at + 2 : at + 11] == b"\x0bC2PA_GIF":
                return True
            at += 2
        begins = data[at] == 0  # the last of an extension's blocks, each of which has its length before it
        at += 1 + data[at]
    return False


def _table_bytes(flags: int) -> int:
    """Return the length of the colour table that a GIF's flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _in_tiff(data: bytes) -> bool:
    order = "<" if data[:2] == b"II" else ">"
    version, offset = struct.unpack_from(order + "HI", data, 2)
    if version != 42:
        return False
    (count,) = struct.unpack_from(order + "H", data, offset)
    return any(
        struct.unpack_from(order + "H", data, offset + 2 + 12 * entry)[0] == TIFF_TAG
        for entry in range(min(count, MAX_PARTS))
    )


def _in_boxes(data: bytes) -> bool:
    at = 0
    for _ in range(MAX_PARTS):
        if at + 8 > len(data):
            return False
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"uuid" and data[at + 8 : at + 24] == BOX:
            return True
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
        if length < 8:
            return False
        at += length
    return False
