"""The process that really decodes: `python -m noiselens_core.decode_worker`, started by images.Decoder.

It runs under limits, writes READY, reads one request after another from standard input and answers on standard output:

    request   >4sI   format name padded with NUL, length; then that many bytes of the image
    reply     >I     length; then that much JSON: {"refused": code, "size": [w, h] | null}
                     or {"width", "height", "orientation", "animated"}, the upright image's
    pixels    width * height * 3 bytes, sRGB rows from the top, only after the second kind of reply
    trailer   >I     length; then JSON: {"transparent", "notes": [keys of images.NOTES]}
    marks     >I     length; then JSON: what the file says of its origin, [[key, place, value]] of provenance.py

The child sends numbers, known keys and values out of the file, never a sentence: the parent does not believe it. The
marks come last, so that whatever reading them may do to this process, the picture is safe with the parent by then.
Nothing heavy is imported (no numpy): it starts in well under 200 ms.
"""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import sys
import warnings
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from PIL import Image, ImageChops

from .credentials import read_credentials
from .errors import RefusalCode
from .metadata import read_metadata
from .provenance import MAX_MARKS, MAX_VALUE, Mark
from .sniff import size_refusal

MEMORY_BYTES = 1500 * 2**20  # address space, so far more than what is ever resident
CPU_S = 10
STRIP_BYTES = 2**20
ANIMATED_FORMATS = frozenset({"PNG", "WEBP", "GIF", "AVIF"})  # further frames of the others are pages

# Not read: 32-bit integers, floating point (white is not defined) and LAB
MODES = frozenset(
    {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}
    | {"I;16", "I;16L", "I;16B", "I;16N"}
)
GREY_MODES = frozenset({"1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N"})

READY = b"\x01"  # without it the parent knows that this process, not the image, is at fault
REQUEST = struct.Struct(">4sI")
LENGTH = struct.Struct(">I")

# EXIF orientation -> how the stored picture is turned upright
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Colours to try a profile on: 256 that span the RGB cube, and all greys
PROBE_SIDE = 16
PROBE = {
    "RGB": bytes(v for i in range(256) for v in (i // 64 * 85, i // 8 % 8 * 255 // 7, i % 8 * 255 // 7)),
    "L": bytes(range(256)),
}

ToRgb = Callable[[Image.Image], Image.Image]


class RefusedError(Exception):
    """The image will not be decoded; `size` is its (width, height) where that is the reason."""

    def __init__(self, code: RefusalCode, size: tuple[int, int] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.size = size


class Picture:
    """A decoded image that is turned, colour-managed and flattened strip by strip.

    Only the decoder's own copy is ever whole in memory: a 64 Mpx image would otherwise be held three times.

    Attributes:
        image: as the decoder opened it.
        width, height: of the upright image.
        orientation: EXIF orientation the file declares, 1 when it declares none or an impossible one.
        animated: there are frames after the first.
        notes: keys of images.NOTES.
        transparent: True once a strip with a transparent pixel has been drawn.
    """

    def __init__(self, name: str, data: bytes) -> None:
        image = _open(name, data)
        if code := size_refusal(name, *image.size):
            raise RefusedError(code, image.size)
        more = _has_more_frames(image)
        # Pillow turns a TIFF while it loads. Of a PNG nothing but load() may be asked first: its getexif() loads
        # by itself, and the damage it meets would be taken for damaged EXIF.
        declared = _orientation(image) if name == "TIFF" else None
        image.load()
        if code := size_refusal(name, *image.size):  # a few decoders learn the size while they decode
            raise RefusedError(code, image.size)

        self.image = image
        self._turn = _orientation(image)
        self.orientation = declared or self._turn
        self.width, self.height = image.size if self._turn < 5 else image.size[::-1]
        self.animated = more and name in ANIMATED_FORMATS
        self.notes = ["animated"] if self.animated else ["pages"] if more and name != "JPEG" else []
        self.transparent = False
        if image.mode.startswith("I;16"):
            white = 4095 if name == "TIFF" and cast(Any, image).tag_v2.get(258) == (12,) else 65535
            self._deep_to_8 = [min(255, (v * 255 + white // 2) // white) for v in range(65536)]
            see_through = image.info.get("transparency")
            self._deep_alpha = [255 * (v != see_through) for v in range(65536)] if see_through is not None else []
        self._to_rgb = self._colour_conversion(image)

    def strip(self, top: int, bottom: int) -> Image.Image:
        """Return rows top to bottom (exclusive) of the upright image as sRGB on white."""
        w, h = self.image.size
        box = {
            1: (0, top, w, bottom),
            2: (0, top, w, bottom),
            3: (0, h - bottom, w, h - top),
            4: (0, h - bottom, w, h - top),
            5: (top, 0, bottom, h),
            6: (top, 0, bottom, h),
            7: (w - bottom, 0, w - top, h),
            8: (w - bottom, 0, w - top, h),
        }[self._turn]
        part = self.image.crop(box)
        if self._turn != 1:
            part = part.transpose(TURNS[self._turn])
        return self._flatten(part)

    def _flatten(self, part: Image.Image) -> Image.Image:
        if part.mode.startswith("I;16"):
            return self._flatten_deep_grey(part)
        if not part.has_transparency_data:
            return self._to_rgb(part)
        if part.mode == "La":  # premultiplied: Pillow goes no other way
            part = part.convert("LA")
        part = part.convert("RGBA")
        return self._on_white(self._to_rgb(part), part.getchannel("A"))

    def _flatten_deep_grey(self, part: Image.Image) -> Image.Image:
        """Scale 16-bit grey to 8: Pillow's own convert() clips, which turns nearly every picture white."""
        deep = part.convert("I")
        colour = self._to_rgb(deep.point(self._deep_to_8, "L"))
        if not self._deep_alpha:
            return colour
        return self._on_white(colour, deep.point(self._deep_alpha, "L"))

    def _on_white(self, colour: Image.Image, alpha: Image.Image) -> Image.Image:
        if alpha.getextrema() == (255, 255):
            return colour
        if not self.transparent:
            self.transparent = True
            self.notes.append("transparent")
        page = Image.new("RGB", colour.size, "white")
        page.paste(colour, mask=alpha)
        return page

    def _colour_conversion(self, image: Image.Image) -> ToRgb:
        """Return the way from the image's mode to sRGB. Raises RefusedError for modes not handled."""
        if image.mode not in MODES:
            raise RefusedError(RefusalCode.FORMAT)
        if image.mode == "CMYK":
            self.notes.append("cmyk")
        profile = image.info.get("icc_profile")
        if not profile:
            return _plain_rgb
        try:
            return _managed_rgb(image, profile)
        except Exception:  # noqa: BLE001 - whatever is wrong with a profile, the pixels are still good
            self.notes.append("profile")
            return _plain_rgb


def _open(name: str, data: bytes) -> Image.Image:
    """Open with the one plugin the magic bytes named, importing it now if Pillow does not by itself."""
    if name == "WEBP":
        from PIL import WebPImagePlugin  # noqa: F401
    elif name == "AVIF":
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 2  # each thread's stack and arena count as address space
    elif name == "TIFF":
        from PIL import TiffImagePlugin  # noqa: F401
    elif name == "HEIC":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 2
        pillow_heif.register_heif_opener()
        name = "HEIF"
    return Image.open(io.BytesIO(data), formats=[name])


def _has_more_frames(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:  # noqa: BLE001 - there is a second frame and it is damaged; only the first counts
        return True


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(0x0112)
    except Exception:  # noqa: BLE001 - damaged EXIF is common in good photographs
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _plain_rgb(part: Image.Image) -> Image.Image:
    return part if part.mode == "RGB" else part.convert("RGB")


def _managed_rgb(image: Image.Image, profile: bytes) -> ToRgb:
    """Return the conversion by the embedded ICC profile.

    Raises whatever ImageCms does for a profile that is damaged or describes another kind of picture.
    """
    from PIL import ImageCms

    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = source.profile.xcolor_space.strip()
    if (space == "CMYK") != (image.mode == "CMYK") or (space == "GRAY" and image.mode not in GREY_MODES):
        raise ValueError("the profile is for another kind of picture")
    mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[space]
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )

    def convert(part: Image.Image) -> Image.Image:
        converted = ImageCms.applyTransform(part if part.mode == mode else part.convert(mode), transform)
        assert converted is not None  # only an in-place transform returns None
        return converted

    # Most profiles are sRGB under one of many names. Where the transform changes nothing it is left out:
    # exact pixels, and twice as fast.
    if mode != "CMYK":
        probe = Image.frombytes(mode, (PROBE_SIDE, PROBE_SIDE), PROBE[mode])
        difference = ImageChops.difference(convert(probe), probe.convert("RGB"))
        if max(difference.tobytes()) <= 2:
            return _plain_rgb
    return convert


def _limit() -> None:
    """Give up what decoding does not need; where the system has no such limit the parent's clock remains."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our input
    Image.MAX_IMAGE_PIXELS = None  # our own rule is stricter and comes first
    warnings.simplefilter("ignore")  # odd metadata in good photographs; damage is an exception, never a warning
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":  # macOS knows the name and refuses the call
        import ctypes

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        no_new_privs = 38
        ctypes.CDLL(None).prctl(no_new_privs, 1, 0, 0, 0)


def _allow_cpu() -> None:
    """Let this image have CPU_S seconds more; the kernel ends the process after that."""
    if sys.platform == "win32":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + CPU_S, hard))


def _read(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:  # the parent is gone or has closed us
        sys.exit(0)
    return data


def _message(content: dict[str, Any] | list[Mark]) -> bytes:
    text = json.dumps(content).encode()
    return LENGTH.pack(len(text)) + text


def _decode(name: str, data: bytes, replies: BinaryIO) -> None:
    try:
        picture = Picture(name, data)
    except RefusedError as refused:
        replies.write(_message({"refused": refused.code, "size": refused.size}))
        return
    except MemoryError:
        replies.write(_message({"refused": RefusalCode.TOO_MANY_PIXELS, "size": None}))
        return
    except Exception:  # noqa: BLE001 - whatever a decoder raises on hostile bytes, the answer is the same
        replies.write(_message({"refused": RefusalCode.DAMAGED, "size": None}))
        return
    facts = {key: getattr(picture, key) for key in ("width", "height", "orientation", "animated")}
    replies.write(_message(facts))
    rows = max(1, STRIP_BYTES // (picture.width * 3))
    for top in range(0, picture.height, rows):
        replies.write(picture.strip(top, min(top + rows, picture.height)).tobytes())
    replies.write(_message({"transparent": picture.transparent, "notes": picture.notes}))
    replies.flush()
    metadata = read_metadata(picture.image)
    del picture  # room for a manifest to be verified in
    credentials = _credentials(name, data)
    if credentials:  # checked: where else they are kept does not matter
        metadata = [mark for mark in metadata if mark[0] != "c2pa_remote"]
    marks = (credentials + metadata)[:MAX_MARKS]
    replies.write(_message([(key, place, value[: 2 * MAX_VALUE]) for key, place, value in marks]))


def _credentials(name: str, data: bytes) -> list[Mark]:
    try:
        return read_credentials(name, data)
    except Exception:  # noqa: BLE001 - a manifest that is not built as they are
        return [("c2pa_unreadable", "c2pa", "")]


def main() -> None:
    """Serve requests until standard input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a decoder that prints must not write into our answers
    _limit()
    replies.write(READY)
    replies.flush()
    while True:
        name, length = REQUEST.unpack(_read(requests, REQUEST.size))
        data = _read(requests, length)
        _allow_cpu()
        _decode(name.rstrip(b"\0").decode(), data, replies)
        replies.flush()


if __name__ == "__main__":
    main()
