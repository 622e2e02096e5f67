"""Why a verdict is what it is, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .calibration import LEAN, MAX_COPY_SHIFT, MIN_AGREEMENT, Calibration, Stability
from .images import DecodedImage
from .verdict import Band, Verdict

MIN_SIDE_PX = 128  # below, an image is not judged
EMPTY_DEVIATION = 4.0  # grey levels; less variation than this is a near-empty image
FLAT_SHARE = 0.5  # share of pixels equal to their right neighbour that screenshots and drawings exceed
HEAVY_BYTES_PER_PIXEL = 0.09  # below, a photograph has lost most of its fine structure
LOSSY = frozenset({"JPEG", "WEBP", "AVIF", "HEIC"})
LOOK_PX = 1024  # the flatness of a large image is read off its middle

TOO_SMALL = f"The image is under {MIN_SIDE_PX} px on a side: too small to judge."
ALMOST_EMPTY = "The image is almost empty: there is too little in it to judge."
HEAVILY_COMPRESSED = "The file is heavily compressed: fine structure that tells the two apart may be lost."
CONTRADICTING = "The places contradict each other, so no side is taken."
ANOTHER_ANSWER = "A re-encoded copy of the same picture gets another answer, so no side is taken."
OVERLAP = "The score lies where real and generated images overlap."
SAME_ANSWER = "A re-encoded copy gets the same answer."
WITHHOLDING = frozenset({TOO_SMALL, ALMOST_EMPTY, CONTRADICTING, ANOTHER_ANSWER})  # whatever the score

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
        sentences.append(TOO_SMALL)
        undecidable = True
    if float(middle.std(axis=(0, 1)).max()) < EMPTY_DEVIATION:
        sentences.append(ALMOST_EMPTY)
        undecidable = True
    elif middle.shape[1] > 1 and float((middle[:, 1:] == middle[:, :-1]).all(axis=2).mean()) > FLAT_SHARE:
        sentences.append("Large areas are perfectly flat, as in screenshots and drawings: judged with less certainty.")
    if facts.format in LOSSY and facts.byte_size < HEAVY_BYTES_PER_PIXEL * facts.width * facts.height:
        sentences.append(HEAVILY_COMPRESSED)
    return Limits(tuple(sentences), undecidable)


def summary(score: Band, probability: float, steady: Stability) -> tuple[str, ...]:
    """Say what the places and the re-encoded copy say; score: the band of the probability alone."""
    lean = "generated" if probability >= LEAN else "real"
    sentences = [f"{steady.agreeing} of {steady.places} places looked at lean towards {lean}."]
    if steady.agreeing < MIN_AGREEMENT * steady.places:
        sentences.append(CONTRADICTING)
    sentences.append(ANOTHER_ANSWER if steady.shift > MAX_COPY_SHIFT else _of_score(score))
    return tuple(sentences)


def under(calibration: Calibration, verdict: Verdict) -> Verdict:
    """Return a verdict of the calibration's detector as its thresholds of now give it.

    The probability stays, and so does what asked for restraint: an image that was too small or contradicted itself
    is uncertain under any thresholds.
    """
    score = calibration.band(verdict.probability)
    reasons = tuple(_of_score(score) if reason in (OVERLAP, SAME_ANSWER) else reason for reason in verdict.reasons)
    return replace(verdict, band=Band.UNCERTAIN if WITHHOLDING.intersection(reasons) else score, reasons=reasons)


def _of_score(score: Band) -> str:
    return OVERLAP if score is Band.UNCERTAIN else SAME_ANSWER
