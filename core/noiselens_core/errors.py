"""One error tree for the core; every message is a sentence that says what to do."""

from __future__ import annotations

from enum import StrEnum


class NoiseLensError(Exception):
    """Base of every error NoiseLens raises on purpose; `str(error)` may be shown to a person as it is."""


class RefusalCode(StrEnum):
    """Why an image was not judged; stable names, shared with the bridge protocol."""

    UNREADABLE = "unreadable"  # the file cannot be opened
    EMPTY = "empty"
    TOO_MANY_BYTES = "too_many_bytes"
    FORMAT = "format"  # not one of the formats we read
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    BAD_SHAPE = "bad_shape"  # a side under 8 px or over 20,000 px
    TIMEOUT = "timeout"


class ImageRefusedError(NoiseLensError):
    """An image that will not be judged.

    Attributes:
        code: the stable reason.
    """

    def __init__(self, code: RefusalCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class ModelError(NoiseLensError):
    """A model file that cannot be used."""


class LibraryError(NoiseLensError):
    """The library on disk cannot be opened or written."""
