"""Small pictures for lists, made from decoded pixels and read back as pixels."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 256  # px, the longer side; sharp in the list at 200 % and good enough to recognise in the view
QUALITY = 85


def make_thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    """Return a JPEG of an image (H, W, 3) RGB, at most SIDE px a side and never enlarged."""
    out = io.BytesIO()
    Image.fromarray(shrink(pixels, SIDE)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def shrink(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return an image (H, W, 3) whose longer side is at most `side` px."""
    height, width = pixels.shape[:2]
    size = shrunk(width, height, side)
    if size == (width, height):
        return pixels
    import cv2  # not where a list only shows thumbnails: it takes a tenth of the window's start

    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def shrunk(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the width and height that `shrink` gives an image."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def thumbnail_pixels(data: bytes) -> NDArray[np.uint8] | None:
    """Return a thumbnail's pixels (h, w, 3) RGB; None when the bytes are none of ours."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            if max(image.size) > SIDE or image.mode != "RGB":
                return None
            return np.array(image, np.uint8)
    except (OSError, ValueError, SyntaxError):
        return None
