"""Standard output and error as the command line has them: never missing, and what they raise says what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from .errors import NoiseLensError


class UnreadError(NoiseLensError):
    """Nobody reads the results any more, as behind `| head`."""


class Results:
    """Standard output whose failures are NoiseLensErrors, so that no library takes them for its own.

    After one, every write fails likewise, for libraries try a stream and keep silent of what it raises; and what is
    held back goes nowhere, or it would fail again at the end of the process.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._failure: NoiseLensError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text. Raises UnreadError or another NoiseLensError."""
        with self._telling():
            return self._stream.write(text)

    def flush(self) -> None:
        """Hand on what is held back. Raises as `write` does."""
        with self._telling():
            self._stream.flush()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        if self._failure:
            raise self._failure
        try:
            yield
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            self._failure = (
                UnreadError("Nobody reads the results any more.")
                if isinstance(error, BrokenPipeError)
                else NoiseLensError(
                    f"The results could not be written ({error.strerror or error}). Make room there, then try again."
                )
            )
            raise self._failure from error


@contextmanager
def prepared_streams() -> Iterator[None]:
    """Make standard output and error fit to be written to; one that who called has closed takes all and keeps none."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for as long as we run
        getattr(sys, name).reconfigure(errors="backslashreplace")  # a terminal that lacks a sign gets an escape
    stream, sys.stdout = sys.stdout, cast(TextIO, Results(sys.stdout))
    try:
        yield
    finally:
        sys.stdout = stream
