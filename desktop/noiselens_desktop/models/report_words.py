"""The HTML report in the language of the window; core writes it, in English alone unless it is told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

from .facts import fact_value
from .formats import count, decimal, file_size, moment, percent
from .sentences import core_words

if TYPE_CHECKING:
    from noiselens_core.report import Language

_MARKED = (
    QT_TRANSLATE_NOOP("Report", "1 image checked"),
    QT_TRANSLATE_NOOP("Report", "{0} images checked"),
    QT_TRANSLATE_NOOP("Report", "Cut short after {0} of {1}: the rest was not looked at"),
    QT_TRANSLATE_NOOP("Report", "Model {0}"),
    QT_TRANSLATE_NOOP("Report", "On this machine; nothing was sent anywhere"),
    QT_TRANSLATE_NOOP("Report", "Show only"),
    QT_TRANSLATE_NOOP("Report", "All"),
    QT_TRANSLATE_NOOP("Report", "Likely generated"),
    QT_TRANSLATE_NOOP("Report", "Uncertain"),
    QT_TRANSLATE_NOOP("Report", "Likely real"),
    QT_TRANSLATE_NOOP("Report", "Not judged"),
    QT_TRANSLATE_NOOP("Report", "The image"),
    QT_TRANSLATE_NOOP("Report", "Image"),
    QT_TRANSLATE_NOOP("Report", "The image under a map of where the detector looked"),
    QT_TRANSLATE_NOOP("Report", "Where it looked"),
    QT_TRANSLATE_NOOP("Report", "probability of being generated"),
    QT_TRANSLATE_NOOP("Report", "Real"),
    QT_TRANSLATE_NOOP("Report", "uncertain from {0} to {1} %"),
    QT_TRANSLATE_NOOP("Report", "Generated"),
    QT_TRANSLATE_NOOP("Report", "Provenance"),
    QT_TRANSLATE_NOOP("Report", "Stability"),
    QT_TRANSLATE_NOOP("Report", "{0} of 1"),
    QT_TRANSLATE_NOOP("Report", "Size"),
    QT_TRANSLATE_NOOP("Report", "File"),
    QT_TRANSLATE_NOOP("Report", "Judged by"),
    QT_TRANSLATE_NOOP("Report", "{0} in {1} ms"),
    QT_TRANSLATE_NOOP("Report", "How to read this"),
    QT_TRANSLATE_NOOP("Report", "What the detector cannot see"),
    QT_TRANSLATE_NOOP("Report", "Made by {0}"),
    QT_TRANSLATE_NOOP(
        "Report",
        "The probability is calibrated on image sources the model never saw in training. Between the two bands it does "
        "not take a side, and an unstable answer is called uncertain whatever its probability. Stability says how far "
        "the places looked at, and a re-encoded copy, agree: 1 is full agreement.",
    ),
    QT_TRANSLATE_NOOP(
        "Report",
        "A verdict is a measured likelihood and can be wrong in both directions. Do not accuse anyone on it alone.",
    ),
    QT_TRANSLATE_NOOP("Report", "Small local edits, swapped faces and retouching: the picture is judged as a whole."),
    QT_TRANSLATE_NOOP("Report", "Generators unlike any the model was trained with may pass as real."),
    QT_TRANSLATE_NOOP(
        "Report", "Strong compression, heavy resizing and screenshots remove the fine structure the verdict rests on."
    ),
    QT_TRANSLATE_NOOP(
        "Report", "Who made an image, when, or why. Metadata and watermarks play no part in the verdict."
    ),
)
TEXTS = tuple(map(str, _MARKED))


def report_language() -> Language:
    """Return the language of the window as the report takes it."""
    from noiselens_core.report import Language

    return Language(
        name=QLocale().bcp47Name(),
        text=lambda text: QCoreApplication.translate("Report", text),
        sentence=core_words,
        value=fact_value,
        percent=percent,
        number=count,
        decimal=decimal,
        size=file_size,
        moment=moment,
    )
