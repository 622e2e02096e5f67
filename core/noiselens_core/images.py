"""The only decoder: bytes or a path in, upright sRGB pixels and facts out.

Formats are told by magic bytes before any library sees the data; the decoding itself happens in one child
process under limits (decode_worker.py), so a hostile image costs a refusal and never the program.

Alpha rule, everywhere the same: transparent pixels are composited on white.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .decode_worker import LENGTH, READY, REQUEST
from .errors import ImageRefusedError, RefusalCode
from .files import read_file
from .provenance import UNREADABLE, Fact, Mark, facts_from_marks
from .sniff import MAX_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE, header_size, image_format, max_pixels, size_refusal

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "MIN_SIDE",
    "DecodedImage",
    "Decoder",
    "ImageFacts",
    "Origin",
    "read_bytes",
]

TIMEOUT_S = 10.0  # wall clock for one image, from its first byte to its last pixel
# Then for what the file says of its origin; late, it is left out and the picture stands. A first load of the
# credentials library from a cold disk takes seconds.
PROVENANCE_TIMEOUT_S = 8.0
START_TIMEOUT_S = 60.0  # for the child itself, on a machine that is busy with something else
MAX_REPLY_BYTES = 4096
MAX_MARKS_BYTES = 2**20
NO_CHILD = "The part that decodes images cannot work now; memory may be short. Close programs and try again."

# The child names these by key; it cannot make us show a sentence of its own.
NOTES = {
    "animated": "Animated: only the first frame was looked at.",
    "pages": "Several pages or pictures: only the first was looked at.",
    "transparent": "Transparent areas were placed on white.",
    "cmyk": "Made for print: the CMYK colours were converted to RGB.",
    "profile": "The colour profile could not be used: the colours were taken as sRGB.",
}

OPENED_FILES_ONLY = frozenset({"TIFF", "HEIC"})  # larger attack surface, and no web page shows them


class Origin(StrEnum):
    """Where an image came from; TIFF and HEIC are read only from files the user opened."""

    FILE = "file"
    BRIDGE = "bridge"
    CLIPBOARD = "clipboard"


@dataclass(frozen=True)
class ImageFacts:
    """What is known of an image beside its pixels.

    Attributes:
        format: "PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF", "TIFF" or "HEIC", by magic bytes.
        width, height: of the upright image, pixels.
        byte_size: length of the original file.
        sha256: hex digest of the original bytes.
        orientation: EXIF orientation that was undone, 1 to 8; 1 when the file declares none that is valid.
        animated: there are more frames than the one decoded.
        transparent: some pixel is not opaque.
        notes: plain sentences on what was done to the picture or left out.
        provenance: what the file says of its own origin.
    """

    format: str
    width: int
    height: int
    byte_size: int
    sha256: str
    orientation: int
    animated: bool
    transparent: bool
    notes: tuple[str, ...]
    provenance: tuple[Fact, ...] = ()

    @property
    def was_jpeg(self) -> bool:
        """Whether the pixels come out of a JPEG file."""
        return self.format == "JPEG"


@dataclass(frozen=True)
class DecodedImage:
    """pixels: (H, W, 3) uint8 sRGB, C-contiguous, upright, on white where the image was transparent."""

    pixels: NDArray[np.uint8]
    facts: ImageFacts


class Decoder:
    """Decodes untrusted images in one limited child process.

    Safe to use from several threads, which then wait for each other. The child starts with the first image
    and is replaced when it dies; an image that kills it or takes too long is refused, the next one is served.

    timeout_s: wall clock for one image. provenance_timeout_s: for its metadata after that.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, provenance_timeout_s: float = PROVENANCE_TIMEOUT_S) -> None:
        self._timeout_s, self._provenance_timeout_s = timeout_s, provenance_timeout_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child; None before the first image and after `close`."""
        return self._child.pid if self._child else None

    def decode(self, data: bytes, origin: Origin = Origin.FILE) -> DecodedImage:
        """Return the first frame of an encoded image. Raises ImageRefusedError."""
        name = _admit(data, origin)
        with self._lock:
            return self._ask(name, data)

    def decode_file(self, path: Path) -> DecodedImage:
        """Return the first frame of an image file the user opened. Raises ImageRefusedError."""
        return self.decode(read_bytes(path), Origin.FILE)

    def close(self) -> None:
        """End the child. A later `decode` starts a new one."""
        with self._lock:
            self._discard()

    def _ask(self, name: str, data: bytes) -> DecodedImage:
        child = self._running_child()
        in_step = False  # the child has answered this request to its end and waits for the next
        try:
            with _deadline(child, self._timeout_s) as expired:
                try:
                    image = _exchange(child, name, data)
                except ImageRefusedError:
                    in_step = not expired.is_set()
                    raise
                except MemoryError as error:  # ours: the pixels do not fit beside what the program already holds
                    raise _refusal(RefusalCode.TOO_MANY_PIXELS) from error
                except Exception as error:  # the child died, or what it says makes no sense
                    raise _refusal_of_death(child, expired.is_set()) from error
            with _deadline(child, self._provenance_timeout_s) as expired:
                try:
                    facts = facts_from_marks(_receive_marks(child))
                    in_step = not expired.is_set()
                except Exception:  # noqa: BLE001 - metadata killed the child: the picture was whole before that
                    facts = UNREADABLE
            return replace(image, facts=replace(image.facts, provenance=facts))
        finally:
            if not in_step:  # also when the user interrupts: no answer may meet the next image
                self._discard()

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._discard()
        if self._child is None:
            try:
                self._child = _start_child()
                with _deadline(self._child, START_TIMEOUT_S):
                    _receive_into(self._child, memoryview(bytearray(len(READY))))
            except (OSError, EOFError) as error:  # such as a machine without memory to spare: not the image's fault
                self._discard()
                raise ImageRefusedError(RefusalCode.UNREADABLE, NO_CHILD) from error
        return self._child

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            pipe.close()


def read_bytes(path: Path) -> bytes:
    """Return the file's bytes. Raises ImageRefusedError: unreadable, empty, over MAX_BYTES or no file at all."""
    data = read_file(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _refusal(RefusalCode.TOO_MANY_BYTES)
    if not data:
        raise _refusal(RefusalCode.EMPTY)
    return data


def _admit(data: bytes, origin: Origin) -> str:
    """Return the format of data that may be decoded. Raises ImageRefusedError."""
    if not data:
        raise _refusal(RefusalCode.EMPTY)
    if len(data) > MAX_BYTES:
        raise _refusal(RefusalCode.TOO_MANY_BYTES)
    name = image_format(data)
    if name is None:
        raise _refusal(RefusalCode.FORMAT)
    if name in OPENED_FILES_ONLY and origin is not Origin.FILE:
        raise ImageRefusedError(
            RefusalCode.FORMAT,
            f"{name} images are read from files only. Save the image and open it in NoiseLens.",
        )
    size = header_size(name, data)
    if size and (code := size_refusal(name, *size)):
        raise _refusal(code, size, name)
    return name


@contextmanager
def _deadline(child: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kill the child after so many seconds, and set the event: that ends every wait for it, even for a stopped one."""
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        child.kill()

    clock = threading.Timer(seconds, expire)
    clock.daemon = True
    clock.start()
    try:
        yield expired
    finally:
        clock.cancel()
        clock.join()


def _start_child() -> subprocess.Popen[bytes]:
    # The child imports from where we import, and -P keeps the current folder out of that.
    places = os.pathsep.join(place for place in sys.path if place)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "noiselens_core.decode_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": places, "MALLOC_ARENA_MAX": "2"},  # arenas count as address space
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _exchange(child: subprocess.Popen[bytes], name: str, data: bytes) -> DecodedImage:
    """Send one image and receive its pixels, straight into the array that is returned.

    Raises ImageRefusedError when the child refuses; anything else when it dies or its answer is nonsense.
    """
    _send(child, REQUEST.pack(name.encode(), len(data)))
    _send(child, data)
    sha256 = hashlib.sha256(data).hexdigest()  # while the child decodes
    reply = _receive_json(child)
    if "refused" in reply:
        size = (int(reply["size"][0]), int(reply["size"][1])) if reply["size"] else None
        raise _refusal(RefusalCode(reply["refused"]), size, name)
    width, height = int(reply["width"]), int(reply["height"])
    if size_refusal(name, width, height):
        raise ValueError(f"the child announces {width} x {height}")
    pixels = np.empty((height, width, 3), np.uint8)
    _receive_into(child, pixels.data.cast("B"))
    reply |= _receive_json(child)
    facts = ImageFacts(
        format=name,
        width=width,
        height=height,
        byte_size=len(data),
        sha256=sha256,
        orientation=int(reply["orientation"]),
        animated=bool(reply["animated"]),
        transparent=bool(reply["transparent"]),
        notes=tuple(NOTES[key] for key in reply["notes"]),
    )
    return DecodedImage(pixels, facts)


def _send(child: subprocess.Popen[bytes], data: bytes) -> None:
    assert child.stdin is not None
    left = memoryview(data)
    while left:
        left = left[child.stdin.write(left) :]


def _receive_into(child: subprocess.Popen[bytes], target: memoryview) -> None:
    assert child.stdout is not None
    while target:
        count = child.stdout.readinto(target)  # type: ignore[attr-defined]  # unbuffered, so a FileIO
        if not count:
            raise EOFError("the decoder ended")
        target = target[count:]


def _receive_message(child: subprocess.Popen[bytes], at_most: int) -> Any:
    head = bytearray(LENGTH.size)
    _receive_into(child, memoryview(head))
    (length,) = LENGTH.unpack(head)
    if length > at_most:
        raise ValueError(f"the child announces a reply of {length} bytes")
    text = bytearray(length)
    _receive_into(child, memoryview(text))
    return json.loads(text)


def _receive_json(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    fields: dict[str, Any] = _receive_message(child, MAX_REPLY_BYTES)
    return fields


def _receive_marks(child: subprocess.Popen[bytes]) -> list[Mark]:
    return [(key, place, value) for key, place, value in _receive_message(child, MAX_MARKS_BYTES)]


def _refusal_of_death(child: subprocess.Popen[bytes], expired: bool) -> ImageRefusedError:
    """Return what to say of an image whose child died or talks nonsense: it is not always the image's fault."""
    if expired:
        return _refusal(RefusalCode.TIMEOUT)
    if sys.platform != "win32":
        try:
            ended_by = -child.wait(timeout=1)
        except subprocess.TimeoutExpired:  # alive and talking nonsense
            return _refusal(RefusalCode.DAMAGED)
        if ended_by == signal.SIGXCPU:
            return _refusal(RefusalCode.TIMEOUT)
        if ended_by == signal.SIGKILL:  # not by us: the kernel, for want of memory
            return ImageRefusedError(RefusalCode.UNREADABLE, NO_CHILD)
    return _refusal(RefusalCode.DAMAGED)


def _refusal(code: RefusalCode, size: tuple[int, int] | None = None, name: str = "") -> ImageRefusedError:
    megabytes, megapixels = MAX_BYTES // 2**20, max_pixels(name) // 1_000_000
    if code is RefusalCode.TOO_MANY_PIXELS and size:
        text = (
            f"The image is {size[0]} x {size[1]} px, {size[0] * size[1] / 1e6:,.0f} Mpx; "
            f"NoiseLens decodes {name or 'images'} up to {megapixels} Mpx. Resize it first."
        )
    elif code is RefusalCode.BAD_SHAPE and size:
        text = (
            f"The image is {size[0]} x {size[1]} px; sides from {MIN_SIDE} to {MAX_SIDE:,} px are read. "
            "Use another version of it."
        )
    else:
        text = {
            RefusalCode.EMPTY: "The file is empty. Save or download the image again.",
            RefusalCode.TOO_MANY_BYTES: f"The file is over {megabytes} MiB. Use a smaller version.",
            RefusalCode.FORMAT: "NoiseLens does not read this kind of file. Save it as PNG, JPEG or WebP first.",
            RefusalCode.TOO_MANY_PIXELS: "Decoding takes more memory than NoiseLens allows. Resize the image first.",
            RefusalCode.TIMEOUT: "Decoding took too long and was stopped. Save the image again as PNG or JPEG.",
        }.get(code, "The image is damaged or cut short. Save or download it again.")
    return ImageRefusedError(code, text)
