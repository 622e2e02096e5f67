"""A display of its own for a test or a benchmark that needs a real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHECKOUT = {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(str(ROOT / room) for room in ("core", "desktop"))}


def need(*programs: str) -> None:
    """Skip a test where these programs are missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing or sys.platform != "linux":
        pytest.skip(f"a display of its own needs {' and '.join(missing) or 'Linux'}")


@contextmanager
def display(width: int, height: int) -> Iterator[dict[str, str]]:
    """Yield the environment of a program that is to be shown on a new screen of this size, in px."""
    read, write = os.pipe()
    # without -noreset the server starts anew when its last client leaves, and refuses whoever comes meanwhile
    command = ["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as number:
        name = f":{number.readline().strip()}"
    try:
        yield {**os.environ, "DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()
