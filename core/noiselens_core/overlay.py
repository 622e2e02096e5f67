"""From the maps of windows to one map of the image, and from a map to colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .crops import Window

MAX_MAP_SIDE = 512  # px; a map is smooth, more would only cost memory
SMOOTH_PX = 24  # image pixels; how far a window's reading reaches into what none covered


def assemble(maps: NDArray[np.float32], places: list[Window], width: int, height: int) -> NDArray[np.float32]:
    """Lay the maps (N, h, w) of windows at their places and return one map (H', W') in [0, 1] of the image.

    What several windows saw is averaged; what none saw takes its neighbours' value, fading to 0.
    """
    stride = max(4, -(-max(width, height) // MAX_MAP_SIDE))
    rows, columns = max(1, -(-height // stride)), max(1, -(-width // stride))
    margin = max(1, *(round(p.side / stride) for p in places))
    total = np.zeros((rows + margin, columns + margin), np.float32)
    weight = np.zeros_like(total)
    for map_, place in zip(maps, places, strict=True):
        top, left, side = (max(0, round(v / stride)) for v in (place.top, place.left, place.side))
        side = max(1, side)
        total[top : top + side, left : left + side] += cv2.resize(map_, (side, side), interpolation=cv2.INTER_LINEAR)
        weight[top : top + side, left : left + side] += 1
    sigma = SMOOTH_PX / stride
    total, weight = (cv2.GaussianBlur(a, (0, 0), sigma)[:rows, :columns] for a in (total, weight))
    seen = weight > 1e-3
    map_ = np.where(seen, total / np.maximum(weight, 1e-3), 0).astype(np.float32)
    if not seen.any():
        return map_
    low, high = np.percentile(map_[seen], (1, 99))
    scaled: NDArray[np.float32] = np.clip((map_ - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)
    faded: NDArray[np.float32] = scaled * np.minimum(weight, 1).astype(np.float32)
    return faded


def heat_map(map_: NDArray[np.float32], width: int, height: int) -> NDArray[np.uint8]:
    """Return a map in [0, 1] as colours (height, width, 3) RGB uint8 at the image's size."""
    levels = cv2.resize(np.rint(map_ * 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    colours = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2RGB), np.uint8)


def blend(pixels: NDArray[np.uint8], map_: NDArray[np.float32], opacity: float = 0.5) -> NDArray[np.uint8]:
    """Return the image (H, W, 3) under its heat map; opacity in [0, 1]."""
    height, width = pixels.shape[:2]
    return np.asarray(cv2.addWeighted(pixels, 1 - opacity, heat_map(map_, width, height), opacity, 0), np.uint8)
