"""How long something still takes, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from .formats import count, decimal


def time_left(seconds: float) -> str:
    """Return an estimate of so many seconds as a person reads it."""
    if seconds < 60:
        return QCoreApplication.translate("Words", "less than a minute left")
    if seconds < 5400:
        return QCoreApplication.translate("Words", "about {0} min left").format(count(round(seconds / 60)))
    return QCoreApplication.translate("Words", "about {0} h left").format(decimal(seconds / 3600, 1))
