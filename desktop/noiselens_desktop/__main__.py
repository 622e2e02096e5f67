"""The doors to this package that the command line `noiselens` finds by name."""

from __future__ import annotations

import sys
from pathlib import Path

from .integration import BACKGROUND


def run_app(files: list[Path], background: bool = False) -> int:
    """Open the window on these files and return the exit status; in the background it stays in the tray."""
    from .app import run

    return run(files, background=background)


def run_serve(pair: str | None = None, code: bool = False) -> int:
    """Answer the browser extension without a window and return the exit status; see `serve.run_serve`."""
    from .serve import run_serve

    return run_serve(pair, code)


def run_browsers(arguments: list[str]) -> int:
    """Manage the browsers NoiseLens is paired with and return the exit status; see `browsers.run_browsers`."""
    from .browsers import run_browsers

    return run_browsers(arguments)


if __name__ == "__main__":
    names = [argument for argument in sys.argv[1:] if argument != BACKGROUND]
    sys.exit(run_app([Path(name) for name in names], background=BACKGROUND in sys.argv))
