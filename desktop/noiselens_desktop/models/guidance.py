"""What a verdict comes to and what to do with it, so that 'uncertain' tells something, too."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from noiselens_core.reasons import CONTRADICTING, HEAVILY_COMPRESSED, WITHHOLDING
from noiselens_core.verdict import Band, Verdict

from .formats import count, pixels

EVEN = (0.4, 0.6)  # probabilities between which there is no lean worth a word
SMALL_PX = 1024  # shorter side; below, a larger copy is worth looking for


def meaning(verdict: Verdict) -> str:
    """Return what a verdict means; without a side, where it leans and how much that is worth."""
    if verdict.band is Band.LIKELY_REAL:
        return QCoreApplication.translate("Words", "NoiseLens found little in it that generated images have.")
    if verdict.band is Band.LIKELY_GENERATED:
        return QCoreApplication.translate("Words", "It resembles generated images far more than photographs.")
    if WITHHOLDING.intersection(verdict.reasons):
        return QCoreApplication.translate("Words", "NoiseLens takes no side here, whatever the probability. See why.")
    if EVEN[0] <= verdict.probability <= EVEN[1]:
        return QCoreApplication.translate(
            "Words", "It can be either: in tests, about half of the images with such a probability were generated."
        )
    tenths = count(round(10 * verdict.probability))
    if verdict.probability > EVEN[1]:
        told = QCoreApplication.translate(
            "Words",
            "It leans towards generated, not clearly enough to take a side: in tests, about {0} of 10 images with such "
            "a probability were generated.",
        )
    else:
        told = QCoreApplication.translate(
            "Words",
            "It leans towards real, not clearly enough to take a side: in tests, about {0} of 10 images with such "
            "a probability were generated.",
        )
    return told.format(tenths)


def next_steps(verdict: Verdict) -> list[str]:
    """Return what can be done about a verdict without a side, most worthwhile first; nothing for another."""
    if verdict.band is not Band.UNCERTAIN:
        return []
    steps = []
    if min(verdict.width, verdict.height) < SMALL_PX:
        told = QCoreApplication.translate("Words", "Check the largest copy you can find; this one has {0}.")
        steps.append(told.format(pixels(verdict.width, verdict.height)))
    elif HEAVILY_COMPRESSED in verdict.reasons:
        steps.append(QCoreApplication.translate("Words", "Check the original, or a copy that is less compressed."))
    if CONTRADICTING in verdict.reasons:
        steps.append(
            QCoreApplication.translate(
                "Words", "Show the grid (Ctrl+L): which places lean which way, and what is there?"
            )
        )
    steps.append(
        QCoreApplication.translate("Words", "Weigh what the file says of its origin, below, and who showed it first.")
        if verdict.provenance
        else QCoreApplication.translate("Words", "The file says nothing of its origin: find out who showed it first.")
    )
    return steps


def sample_words(path: Path) -> str:
    """Return what one of the images that came with NoiseLens is in truth, which its name tells."""
    if path.stem.endswith("_regenerated"):
        return QCoreApplication.translate(
            "Words", "A sample. In truth: generated, a photograph redrawn by a diffusion model of ours."
        )
    if path.stem.startswith("drawn_"):
        return QCoreApplication.translate("Words", "A sample. In truth: generated, by a small diffusion model of ours.")
    return QCoreApplication.translate("Words", "A sample. In truth: a real photograph.")
