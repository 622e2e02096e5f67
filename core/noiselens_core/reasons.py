"""Why a verdict is what it is, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .calibration import LEAN, MAX_COPY_SHIFT, MIN_AGREEMENT, Stability
from .images import DecodedImage
from .verdict import Band

MIN_SIDE_PX = 128  # below, an image is not judged
EMPTY_DEVIATION = 4.0  # grey levels; less variation than this is a near-empty image
FLAT_SHARE = 0.5  # share of pixels equal to their right neighbour that screenshots and drawings exceed
HEAVY_BYTES_PER_PIXEL = 0.09  # below, a photograph has lost most of its fine structure
LOOK_PX = 1024  # the flatness of a large image is read off its middle

CANNOT_SEE = "NoiseLens judges the picture as a whole; it is not made to find small local edits or swapped faces."


@dataclass(frozen=True)
class Limits:
    """What about an image limits any verdict: sentences, and whether none should be given at all."""

    sentences: tuple[str, ...]
    undecidable: bool


def _middle(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    top, left = max(0, (height - LOOK_PX) // 2), max(0, (width - LOOK_PX) // 2)
    return pixels[top : top + LOOK_PX, left : left + LOOK_PX]


def limits(image: DecodedImage) -> Limits:
    """Look for what makes a verdict unsure: size, emptiness, flatness, compression."""
    facts, middle = image.facts, _middle(image.pixels)
    sentences, undecidable = [], False
    if min(facts.width, facts.height) < MIN_SIDE_PX:
        sentences.append(f"The image is under {MIN_SIDE_PX} px on a side: too small to judge.")
        undecidable = True
    if float(middle.std(axis=(0, 1)).max()) < EMPTY_DEVIATION:
        sentences.append("The image is almost empty: there is too little in it to judge.")
        undecidable = True
    elif middle.shape[1] > 1 and float((middle[:, 1:] == middle[:, :-1]).all(axis=2).mean()) > FLAT_SHARE:
        sentences.append("Large areas are perfectly flat, as in screenshots and drawings: judged with less certainty.")
    lossy = facts.format in {"JPEG", "WEBP", "AVIF", "HEIF"}
    if lossy and facts.byte_size < HEAVY_BYTES_PER_PIXEL * facts.width * facts.height:
        sentences.append("The file is heavily compressed: fine structure that tells the two apart may be lost.")
    return Limits(tuple(sentences), undecidable)


def summary(band: Band, probability: float, steady: Stability) -> tuple[str, ...]:
    """Say what the places and the re-encoded copy say."""
    lean = "generated" if probability >= LEAN else "real"
    sentences = [f"{steady.agreeing} of {steady.places} places looked at lean towards {lean}."]
    if steady.agreeing < MIN_AGREEMENT * steady.places:
        sentences.append("The places contradict each other, so no side is taken.")
    if steady.shift > MAX_COPY_SHIFT:
        sentences.append("A re-encoded copy of the same picture gets another answer, so no side is taken.")
    elif band is Band.UNCERTAIN:
        sentences.append("The score lies where real and generated images overlap.")
    else:
        sentences.append("A re-encoded copy gets the same answer.")
    return tuple(sentences)
