"""The words of bands and sources in the language of the window; the core speaks English alone."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import Qt

from noiselens_core.text import printable
from noiselens_core.verdict import Band


def as_tip(text: str) -> str:
    """Return a text for a tooltip, which has no plain-text mode: what Qt would read as markup is shown as it stands."""
    return f"<qt>{escape(text)}</qt>" if Qt.mightBeRichText(text) else text


def band_words(band: Band | None) -> str:
    """Return a band as a person reads it; None is an image that was not judged."""
    if band is Band.LIKELY_REAL:
        return QCoreApplication.translate("Words", "Likely real")
    if band is Band.LIKELY_GENERATED:
        return QCoreApplication.translate("Words", "Likely generated")
    if band is Band.UNCERTAIN:
        return QCoreApplication.translate("Words", "Uncertain")
    return QCoreApplication.translate("Words", "Not judged")


def short_band_words(band: Band | None) -> str:
    """Return a band for a place too narrow for `band_words`."""
    if band is Band.LIKELY_REAL:
        return QCoreApplication.translate("ShortWords", "Likely real")
    if band is Band.LIKELY_GENERATED:
        return QCoreApplication.translate("ShortWords", "Likely generated")
    return band_words(band) if band is Band.UNCERTAIN else QCoreApplication.translate("ShortWords", "Not judged")


def source_words(source: str, page: str = "") -> str:
    """Return where an image came from; page: address of the web page it stood in, when that is known."""
    if page:
        site = page.partition("://")[2].partition("/")[0]
        return QCoreApplication.translate("Words", "from {0}").format(printable(site))
    words = {
        "file": QCoreApplication.translate("Words", "opened"),
        "browser": QCoreApplication.translate("Words", "from a browser"),
        "clipboard": QCoreApplication.translate("Words", "pasted"),
        "drop": QCoreApplication.translate("Words", "dropped"),
        "screen": QCoreApplication.translate("Words", "from the screen"),
        "folder": QCoreApplication.translate("Words", "from a folder"),
    }
    return words.get(source, printable(source))


def stability_level(stability: float) -> int:
    """Return a stability in [0, 1] as one of four levels, 4 where all agree.

    Of nine places all agree, or at most two do not, or three; below 0.6 no side is taken.
    """
    return 1 + sum(stability >= least for least in (0.6, 0.75, 0.9))


def stability_words(level: int) -> str:
    """Return a level of stability in words that promise no more than it does."""
    return (
        QCoreApplication.translate("Words", "Unsteady"),
        QCoreApplication.translate("Words", "Mixed"),
        QCoreApplication.translate("Words", "Mostly steady"),
        QCoreApplication.translate("Words", "Steady"),
    )[level - 1]
