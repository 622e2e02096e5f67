"""How long something still takes, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale


def time_left(seconds: float) -> str:
    """Return an estimate of so many seconds as a person reads it."""
    if seconds < 60:
        return QCoreApplication.translate("Words", "less than a minute left")
    if seconds < 5400:
        return QCoreApplication.translate("Words", "about {0} min left").format(round(seconds / 60))
    return QCoreApplication.translate("Words", "about {0} h left").format(QLocale().toString(seconds / 3600, "f", 1))
