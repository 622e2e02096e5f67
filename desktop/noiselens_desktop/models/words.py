"""The words of bands and sources in the language of the window; the core speaks English alone."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from noiselens_core.verdict import Band


def band_words(band: Band | None) -> str:
    """Return a band as a person reads it; None is an image that was not judged."""
    if band is Band.LIKELY_REAL:
        return QCoreApplication.translate("Words", "Likely real")
    if band is Band.LIKELY_GENERATED:
        return QCoreApplication.translate("Words", "Likely generated")
    if band is Band.UNCERTAIN:
        return QCoreApplication.translate("Words", "Uncertain")
    return QCoreApplication.translate("Words", "Not judged")


def source_words(source: str) -> str:
    """Return where an image of the history came from."""
    words = {
        "file": QCoreApplication.translate("Words", "opened"),
        "browser": QCoreApplication.translate("Words", "from a browser"),
        "clipboard": QCoreApplication.translate("Words", "pasted"),
    }
    return words.get(source, source)
