"""Numbers, dates and times as the language of the window writes them; the core writes English alone."""

from __future__ import annotations

import re
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

# With a decimal point, or commas between thousands; any other number is written alike in every language.
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+"


def percent(share: float, decimals: int = 2) -> str:
    """Return a share in [0, 1] in percent; a probability has two decimals everywhere. Number and sign stay together."""
    return f"{decimal(100 * share, decimals)}\u00a0%"


def count(number: int) -> str:
    """Return a whole number."""
    return QLocale().toString(number)


def decimal(value: float, decimals: int) -> str:
    """Return a number with so many decimals."""
    return QLocale().toString(value, "f", decimals)


def file_size(size: int) -> str:
    """Return a length in bytes."""
    return QLocale().formattedDataSize(size, 0 if size < 1e6 else 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def pixels(width: int, height: int) -> str:
    """Return the size of an image."""
    return f"{count(width)} × {count(height)} px"


def number(text: str) -> str:
    """Return a text of the core, if it is a number in the English form, in that of the language; else as it stands."""
    if re.fullmatch(NUMBER, text) is None:
        return text
    plain = text.replace(",", "")
    return decimal(float(plain), len(plain.partition(".")[2]))


def numbers(text: str) -> str:
    """Return a text of the core with every number in it as `number` writes it."""
    return re.sub(NUMBER, lambda found: number(found[0]), text)


def day(at: datetime, *, with_year: bool = True) -> str:
    """Return a day of the local calendar: 24 Nov 2026."""
    form = (
        QCoreApplication.translate("Words", "d MMM yyyy") if with_year else QCoreApplication.translate("Words", "d MMM")
    )
    return QLocale().toString(_local(at).date(), form)


def stated_day(text: str) -> str:
    """Return the day of an ISO 8601 time that stands in a file; what is no time stays as it is."""
    try:
        return day(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return text


def hour(at: datetime) -> str:
    """Return a local time of day, to the minute."""
    return QLocale().toString(_local(at).time(), QLocale.FormatType.ShortFormat)


def moment(at: datetime) -> str:
    """Return a day and its time."""
    return f"{day(at)}, {hour(at)}"


def short_moment(at: datetime) -> str:
    """Return a time as a narrow list shows it: the hour today, the day before, with its year once that is over."""
    local, now = at.astimezone(), datetime.now().astimezone()
    return hour(at) if local.date() == now.date() else day(at, with_year=local.year != now.year)


def _local(at: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
