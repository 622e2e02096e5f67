"""The doors to this package that the command line `noiselens` finds by name."""

from __future__ import annotations

import sys
from pathlib import Path


def run_app(files: list[Path]) -> int:
    """Open the window on these files and return the exit status."""
    from .app import run

    return run(files)


def run_serve(pair: str | None = None) -> int:
    """Answer the browser extension without a window and return the exit status; see `serve.run_serve`."""
    from .serve import run_serve

    return run_serve(pair)


def run_browsers(arguments: list[str]) -> int:
    """Manage the browsers NoiseLens is paired with and return the exit status; see `browsers.run_browsers`."""
    from .browsers import run_browsers

    return run_browsers(arguments)


if __name__ == "__main__":
    sys.exit(run_app([Path(argument) for argument in sys.argv[1:]]))
