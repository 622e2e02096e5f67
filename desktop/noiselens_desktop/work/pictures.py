"""What the image view paints, made from decoded pixels off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from noiselens_core.verdict import Verdict

Pixels = NDArray[np.uint8]

LARGEST_LEVEL = 2560  # px, the longer side; beyond, the view cuts what is visible out of the full picture
SMALLEST_LEVEL = 320  # px; no level is made below
HEAT_SIDE = 1024  # px; the maps are smooth


@dataclass(frozen=True)
class Pictures:
    """One image, ready to be painted at any zoom.

    Attributes:
        full: (H, W, 3) RGB.
        levels: the image at ever half the size, largest first; the first is `full` unless that is too large.
        heat: overlay name ("attention", "noise") -> colours (h, w, 3) RGB that cover the whole image.
        complete: False when only a thumbnail is left of it.
    """

    full: Pixels
    levels: tuple[Pixels, ...]
    heat: dict[str, Pixels] = field(default_factory=dict)
    complete: bool = True


def make_pictures(pixels: Pixels, verdict: Verdict | None = None) -> Pictures:
    """Return an image (H, W, 3) RGB with its overlays, ready to be painted; without a verdict there are none."""
    if verdict is None:
        return Pictures(pixels, _levels(pixels))
    from noiselens_core.overlay import heat_map

    height, width = pixels.shape[:2]
    scale = min(1.0, HEAT_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    maps = {"attention": verdict.attention, "noise": verdict.noise}
    return Pictures(
        pixels, _levels(pixels), {name: heat_map(map_, *size) for name, map_ in maps.items() if map_ is not None}
    )


def thumbnail_only(pixels: Pixels) -> Pictures:
    """Return what can be painted of an image whose thumbnail (h, w, 3) RGB is all that is left."""
    return Pictures(pixels, (pixels,), complete=False)


def _levels(pixels: Pixels) -> tuple[Pixels, ...]:
    side = max(pixels.shape[:2])
    level = pixels if side <= LARGEST_LEVEL else _shrink(pixels, LARGEST_LEVEL / side)
    levels = [level]
    while max(level.shape[:2]) >= 2 * SMALLEST_LEVEL:
        level = _shrink(level, 0.5)
        levels.append(level)
    return tuple(levels)


def _shrink(pixels: Pixels, scale: float) -> Pixels:
    import cv2

    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
