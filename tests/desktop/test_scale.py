"""At 200 % on a Full HD screen, 960 x 540 logical pixels, everything fits and nothing is cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.xvfb import CHECKOUT, display, need

PROGRAM = Path(__file__).with_name("scaled_window.py")


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_cut_at_200_percent_on_a_full_hd_screen(home: Path, pictures: Path, language: str) -> None:
    need("Xvfb")
    with display(1920, 1080) as environment:
        done = subprocess.run(
            [sys.executable, str(PROGRAM), language, str(pictures)],
            env=environment | CHECKOUT | {"QT_SCALE_FACTOR": "2", "NOISELENS_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
