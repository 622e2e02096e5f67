"""The only preprocessing: an image becomes square windows of one size that together cover it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WINDOW_PX = 224  # side of the network's input; a multiple of its patches' 16 px
ONE_WINDOW_ASPECT = 1.5  # up to this ratio of sides the middle square stands for the whole image
MAX_WINDOWS = 3  # along the long side; a panorama is sampled, not covered
# The form of every image the detector learned from (docs/METHOD.md 2): no larger, and saved once as JPEG at that size.
LEARNED_PX = 576
LEARNED_QUALITY = 88


@dataclass(frozen=True)
class Window:
    """A square of the image: left, top and side in image pixels."""

    left: int
    top: int
    side: int


def learned_form(pixels: NDArray[np.uint8], was_jpeg: bool) -> NDArray[np.uint8]:
    """Return an image (H, W, 3) in the form of those the detector learned from; a small one that `was_jpeg` as it is.

    The long side becomes at most LEARNED_PX, of a panorama the short side what it is in the longest image that is one
    window.
    """
    height, width = pixels.shape[:2]
    short, long = sorted((width, height))
    scale = max(LEARNED_PX / long, LEARNED_PX / ONE_WINDOW_ASPECT / short)
    if scale >= 1 and was_jpeg:
        return pixels
    image = Image.fromarray(pixels)
    if scale < 1:
        size = (round(width * scale), round(height * scale))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return jpeg_copy(image, LEARNED_QUALITY)


def jpeg_copy(image: Image.Image, quality: int) -> NDArray[np.uint8]:
    """Return an image's pixels (H, W, 3) as they come back out of a JPEG of it."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer, formats=["JPEG"]))


def windows(width: int, height: int) -> list[Window]:
    """Return the 1 to MAX_WINDOWS squares of an image of that size, as large as its short side, evenly spread."""
    short, long = sorted((width, height))
    count = 1 if long <= ONE_WINDOW_ASPECT * short else min(MAX_WINDOWS, -(-long // short))
    room = long - short
    starts = [room // 2] if count == 1 else [round(i * room / (count - 1)) for i in range(count)]
    return [Window(s, 0, short) if width >= height else Window(0, s, short) for s in starts]


def cut(pixels: NDArray[np.uint8], places: list[Window]) -> NDArray[np.uint8]:
    """Return the windows of an image (H, W, 3) as (N, WINDOW_PX, WINDOW_PX, 3), resized with one bicubic filter."""
    image = Image.fromarray(pixels)
    size = (WINDOW_PX, WINDOW_PX)
    pieces = []
    for w in places:
        box = (w.left, w.top, w.left + w.side, w.top + w.side)
        pieces.append(np.asarray(image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)))
    return np.stack(pieces)


def magnified(place: Window, scale: float, width: int, height: int) -> Window:
    """Return where a window lies in the `scale` times larger image (width x height) its own was made from."""
    side = min(round(place.side * scale), width, height)
    return Window(min(round(place.left * scale), width - side), min(round(place.top * scale), height - side), side)


def to_unit(cuts: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return windows (N, H, W, 3) uint8 as the network's input (N, 3, H, W) float32 in [-1, 1]."""
    unit: NDArray[np.float32] = cuts.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(unit)
