"""Pictures of the screen beside kept ones: alike in what stands where and in its colours, whatever the font.

The kept ones are small, in tests/desktop/screens/. NOISELENS_NEW_SCREENS=1 makes them anew; look at them then.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

KEPT = Path(__file__).with_name("screens")
SMALL = (75, 40)  # px, one for 20 x 20 of the screen; of a text only its weight is left
OTHER = 12  # of 255; from here on a pixel is another one
SHARE = 0.04  # of the pixels that may be others: a time of day, another font; two pages differ by over 0.05


def small(picture: Image.Image) -> NDArray[np.int16]:
    """Return a picture as it is compared."""
    return np.asarray(picture.convert("RGB").resize(SMALL, Image.Resampling.BOX), np.int16)


def difference(picture: Image.Image, name: str) -> float:
    """Return the share of pixels in which a picture is another than the kept one of that name."""
    kept = KEPT / f"{name}.png"
    with Image.open(kept) as known:
        away = np.abs(small(picture) - np.asarray(known.convert("RGB"), np.int16)).max(axis=2)
    return float((away > OTHER).mean())


def keep(picture: Image.Image, name: str) -> None:
    """Make a kept picture anew."""
    KEPT.mkdir(exist_ok=True)
    Image.fromarray(small(picture).astype(np.uint8)).save(KEPT / f"{name}.png", optimize=True)


def wanted_anew() -> bool:
    """Return whether the kept pictures are to be made anew."""
    return bool(os.environ.get("NOISELENS_NEW_SCREENS"))
