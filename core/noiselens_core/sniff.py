"""What a file says it is, read from its own first bytes: format and size, before any decoder is asked.

Pure functions over bytes; no library looks at the data here. The size is a first hurdle, not the truth: the
decoder's own answer is checked by the same rule again.
"""

from __future__ import annotations

import struct

from .errors import RefusalCode

MAX_BYTES = 32 * 2**20
MAX_PIXELS = 64_000_000
# Decoders that hold several copies of the picture: 13 and 8 further bytes a pixel were measured. With these limits all
# that a decoder takes beside the picture's own pixels stays near 300 MiB, whatever the format.
MAX_PIXELS_OF = {"WEBP": 18_000_000, "AVIF": 32_000_000}
MIN_SIDE = 8
MAX_SIDE = 20_000

# A header of a real picture is far below these; a hostile one must not keep the program busy.
MAX_PARTS = 4096
MAX_META_BYTES = 2**20

_PNG = b"\x89PNG\r\n\x1a\n"
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_SOF_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # DHT, JPG and DAC share the range
_JPEG_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM, RST0..7: no length follows


def image_format(data: bytes) -> str | None:
    """Return PNG, JPEG, WEBP, GIF, BMP, AVIF, TIFF or HEIC by the magic bytes alone, or None."""
    if data.startswith(_PNG):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _iso_format(data)
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if data.startswith(b"BM"):
        return "BMP"
    return None


def header_size(name: str, data: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels as the header of a `name` file states them, or None."""
    readers = {
        "PNG": _png_size,
        "JPEG": _jpeg_size,
        "GIF": _gif_size,
        "WEBP": _webp_size,
        "BMP": _bmp_size,
        "AVIF": _iso_size,
        "HEIC": _iso_size,
        "TIFF": _tiff_size,
    }
    try:
        return readers[name](data)
    except (struct.error, IndexError):  # the header is cut short
        return None


def max_pixels(name: str) -> int:
    """Return how many pixels an image of this format may have."""
    return MAX_PIXELS_OF.get(name, MAX_PIXELS)


def size_refusal(name: str, width: int, height: int) -> RefusalCode | None:
    """Return why an image of this format and size is not decoded, or None when it is."""
    if width < 1 or height < 1:
        return RefusalCode.DAMAGED
    if width * height > max_pixels(name):
        return RefusalCode.TOO_MANY_PIXELS
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
        return RefusalCode.BAD_SHAPE
    return None


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(MAX_PARTS):
        at = data.find(b"\xff", at)
        if at < 0:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker == 0 or marker in _JPEG_BARE_MARKERS:
            at += 2
        elif marker in _SOF_MARKERS:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        elif marker in {0xD9, 0xDA}:  # pixels or the end before any size
            return None
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _gif_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp_size(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        if len(data) < 30:
            return None
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF  # the two high bits are a scaling hint
    return None


def _bmp_size(data: bytes) -> tuple[int, int]:
    (header,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<Ii", data, 18)
    return width, abs(height)  # a negative height means rows run downwards


def _tiff_size(data: bytes) -> tuple[int, int] | None:
    order = "<" if data[:2] == b"II" else ">"
    version, offset = struct.unpack_from(order + "HI", data, 2)
    if version != 42:  # BigTIFF: left to the decoder
        return None
    (count,) = struct.unpack_from(order + "H", data, offset)
    sizes = {}
    for entry in range(count):
        tag, kind = struct.unpack_from(order + "HH", data, offset + 2 + 12 * entry)
        if tag in {256, 257} and kind in {3, 4}:  # ImageWidth, ImageLength as SHORT or LONG
            layout = order + ("H" if kind == 3 else "I")
            (sizes[tag],) = struct.unpack_from(layout, data, offset + 10 + 12 * entry)
    return (sizes[256], sizes[257]) if len(sizes) == 2 else None


def _iso_format(data: bytes) -> str | None:
    """AVIF and HEIC are told apart by the brands of the first box (ISO/IEC 14496-12)."""
    length = int.from_bytes(data[:4], "big")
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(length, len(data), 256), 4))]
    if not _AVIF_BRANDS.isdisjoint(brands):
        return "AVIF"
    return None if _HEIC_BRANDS.isdisjoint(brands) else "HEIC"


def _iso_size(data: bytes) -> tuple[int, int] | None:
    """The largest size any item of the `meta` box declares: a grid's canvas, not its tiles.

    It is what the decoder will reserve; a small HEIC is stored padded to 64 px and cropped after decoding.
    """
    at = 0
    for _ in range(MAX_PARTS):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"meta":
            meta = data[at : at + min(length, MAX_META_BYTES)]
            sizes = []
            found = meta.find(b"ispe")
            while found >= 0:
                width, height = struct.unpack_from(">II", meta, found + 8)
                sizes.append((width, height))
                found = meta.find(b"ispe", found + 16)
            return max(sizes, key=lambda size: size[0] * size[1], default=None)
        if length < 8:  # 0: to the end of the file, 1: a 64-bit length; neither comes before `meta` in a picture
            return None
        at += length
    return None
