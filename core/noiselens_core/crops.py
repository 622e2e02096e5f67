"""The only preprocessing: an image becomes native-resolution crops; nothing is ever resized."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CROP_PX = 128  # side of a crop, native pixels; a multiple of the encoder's stride 16
MIN_GRID = 3  # crops a side, at least
MAX_GRID = 5  # crops a side, at most: 25 crops bound the time of a large image
GRID_STEP_PX = 320  # a side longer than MIN_GRID of these gets more crops


@dataclass(frozen=True)
class Crop:
    """Place of one crop in the image: left and top in pixels; its side is CROP_PX."""

    left: int
    top: int


def pad_to_crop(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W, 3) with both sides at least CROP_PX; what is missing is mirrored at the right and bottom."""
    height, width = pixels.shape[:2]
    bottom, right = max(0, CROP_PX - height), max(0, CROP_PX - width)
    if not bottom and not right:
        return pixels
    return np.pad(pixels, ((0, bottom), (0, right), (0, 0)), mode="symmetric")


def _places(length: int) -> list[int]:
    """Return evenly spread starts along one side of `length` px; fewer when they would coincide."""
    room = length - CROP_PX
    count = min(MAX_GRID, max(MIN_GRID, math.ceil(length / GRID_STEP_PX)))
    return sorted({round(i * room / (count - 1)) for i in range(count)})


def crop_grid(width: int, height: int) -> list[Crop]:
    """Return the crops of an image of that size in reading order: 1 to MAX_GRID^2, usually 9."""
    xs, ys = _places(max(width, CROP_PX)), _places(max(height, CROP_PX))
    return [Crop(x, y) for y in ys for x in xs]


def cut(pixels: NDArray[np.uint8], crops: list[Crop]) -> NDArray[np.uint8]:
    """Return the crops (N, CROP_PX, CROP_PX, 3) of an image (H, W, 3)."""
    padded = pad_to_crop(pixels)
    return np.stack([padded[c.top : c.top + CROP_PX, c.left : c.left + CROP_PX] for c in crops])


def to_unit(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return crops (N, H, W, 3) uint8 as the network's input (N, 3, H, W) float32 in [-1, 1]."""
    unit: NDArray[np.float32] = crops.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(unit)
