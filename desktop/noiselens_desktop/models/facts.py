"""What a file says of its own origin, in the language of the window; the file's own words stay as they are."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from noiselens_core.provenance import KINDS, Fact, Kind

from .formats import moment, numbers
from .sentences import core_words

MEASURED = frozenset({"comfyui", "thumbnail", "thumbnail_differs"})  # values we count or measure ourselves
CAMERA_CLOCK = "%Y:%m:%d %H:%M:%S"  # EXIF 2.32, DateTimeOriginal; it names no zone


def fact_value(fact: Fact) -> str:
    """Return what a fact says."""
    if KINDS.get(fact.key, Kind("", "")).value or fact.key in MEASURED:
        return core_words(fact.value)
    if fact.key.endswith("origin"):
        words, bracket, term = fact.value.partition(" (")
        return f"{core_words(words)}{bracket}{term}" if bracket else fact.value  # else no term of the standard
    if fact.key == "exposure":
        return numbers(fact.value)
    with suppress(ValueError, OverflowError):
        if fact.key == "taken":
            return moment(datetime.strptime(fact.value, CAMERA_CLOCK))
        if fact.key == "c2pa_time":
            return moment(datetime.fromisoformat(fact.value))
    return fact.value
