"""How a command ends when something goes wrong: with one sentence, and a traceback only for who asked for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from noiselens_core.cli import DEBUG, own_error
from noiselens_core.errors import NoiseLensError
from noiselens_core.text import printable

REFUSED = 2  # said in a sentence what to do; the window shows it
BROKEN = 1  # an error of our own; the window has its own words for that


def run_to_an_end(command: Callable[[], object]) -> None:
    """Run a command line; what goes wrong is one sentence and an exit status."""
    try:
        with system_refusals():
            command()
    except NoiseLensError as error:
        _end(str(error), REFUSED)
    except Exception as error:  # the last line of defence, as in the core's command line
        if os.environ.get(DEBUG):
            raise
        _end(_of_our_own(error), BROKEN)


@contextmanager
def system_refusals() -> Iterator[None]:
    """Turn what the system refuses, a full disk or a folder that may not be written, into a sentence."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise NoiseLensError(
            f"{error.strerror or error}{where}. Check that the disk is not full and that you may write there."
        ) from error


def _of_our_own(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"A part of the trainer is missing: {error}. Install it with: pip install 'noiselens[trainer]'"
    return own_error(error)


def _end(sentence: str, status: int) -> None:
    Console(stderr=True).print(printable(sentence), style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(status)
