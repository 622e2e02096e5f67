"""Format and size from the first bytes alone, for good and for hostile headers."""

from __future__ import annotations

import io
import struct
import time

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from noiselens_core.errors import RefusalCode
from noiselens_core.sniff import header_size, image_format, size_refusal

pillow_heif.register_heif_opener()


def encoded(kind: str, mode: str = "RGB", **options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 72, 4), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)
    return out.getvalue()


def os2_bitmap() -> bytes:
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 26) + struct.pack("<IHHHH", 12, 72, 64, 1, 24) + bytes(72 * 64 * 3)


def top_down_bitmap() -> bytes:
    data = bytearray(encoded("BMP"))
    data[22:26] = struct.pack("<i", -64)
    return bytes(data)


GOOD = {
    "png": ("PNG", encoded("PNG")),
    "jpeg": ("JPEG", encoded("JPEG")),
    "progressive jpeg": ("JPEG", encoded("JPEG", progressive=True)),
    "jpeg with long segments": ("JPEG", encoded("JPEG", comment=b"\xff\xc0" * 9000, icc_profile=bytes(100_000))),
    "gif": ("GIF", encoded("GIF")),
    "webp": ("WEBP", encoded("WEBP")),
    "lossless webp": ("WEBP", encoded("WEBP", lossless=True)),
    "webp with alpha": ("WEBP", encoded("WEBP", "RGBA")),
    "bmp": ("BMP", encoded("BMP")),
    "bmp of os/2": ("BMP", os2_bitmap()),
    "bmp from the top": ("BMP", top_down_bitmap()),
    "avif": ("AVIF", encoded("AVIF")),
    "heic": ("HEIC", encoded("HEIF")),
    "tiff": ("TIFF", encoded("TIFF")),
    "tiff, compressed": ("TIFF", encoded("TIFF", compression="tiff_lzw")),
    "big-endian tiff": ("TIFF", encoded("TIFF", big_endian=True)),
}


@pytest.mark.parametrize(("name", "data"), GOOD.values(), ids=GOOD.keys())
def test_format_and_size_are_read_from_the_header(name: str, data: bytes) -> None:
    assert image_format(data) == name
    assert header_size(name, data) == (72, 64)


@pytest.mark.parametrize(("name", "data"), GOOD.values(), ids=GOOD.keys())
def test_a_header_cut_anywhere_gives_no_size_or_the_right_one(name: str, data: bytes) -> None:
    for length in range(min(len(data), 1200)):
        assert header_size(name, data[:length]) in {None, (72, 64)}
        assert image_format(data[:length]) in {None, name, "HEIC"}  # an AVIF without its last brands


HOSTILE = {
    "bare jpeg markers": ("JPEG", b"\xff\xd8" + b"\xff\x01" * 2**23),
    "jpeg fill bytes": ("JPEG", b"\xff\xd8" + b"\xff" * 2**24),
    "empty jpeg segments": ("JPEG", b"\xff\xd8" + b"\xff\xe1\0\0" * 2**22),
    "tiny boxes": ("AVIF", b"\0\0\0\x08free" * 2**21),
    "a box of length 0": ("AVIF", bytes(2**20)),
    "endless sizes": ("AVIF", b"\xff\xff\xff\xffmeta" + b"ispe" * 2**22),
    "tiff of 65535 entries": ("TIFF", b"II*\0\x08\0\0\0\xff\xff" + bytes(2**20)),
    "tiff beyond its end": ("TIFF", b"MM\0*\xff\xff\xff\xff"),
}


@pytest.mark.parametrize(("name", "data"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_header_costs_little(name: str, data: bytes) -> None:
    begun = time.process_time()
    header_size(name, data)
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("PNG", (8, 8), None),
        ("JPEG", (8000, 8000), None),
        ("PNG", (20_000, 3_200), None),
        ("PNG", (0, 64), RefusalCode.DAMAGED),
        ("PNG", (64, -1), RefusalCode.DAMAGED),
        ("JPEG", (8000, 8001), RefusalCode.TOO_MANY_PIXELS),
        ("PNG", (7, 8), RefusalCode.BAD_SHAPE),
        ("PNG", (20_001, 100), RefusalCode.BAD_SHAPE),
        ("WEBP", (6000, 3000), None),
        ("WEBP", (6000, 3001), RefusalCode.TOO_MANY_PIXELS),
        ("AVIF", (8000, 4000), None),
        ("AVIF", (8000, 4001), RefusalCode.TOO_MANY_PIXELS),
    ],
)
def test_sizes_are_judged_by_one_rule(name: str, size: tuple[int, int], code: RefusalCode | None) -> None:
    assert size_refusal(name, *size) is code
