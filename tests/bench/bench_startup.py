"""From the start of the command `noiselens` to the first paint of its window, to a ready detector, and the idle memory.

Run: python tests/bench/bench_startup.py [--rounds N]. Each round is the real command on an X server (Xvfb where it is
installed), in a home of its own; the first round is left out, since it fills the disk cache. The first paint is what
the screen shows, not what the app says. Goal: within 1 s, before torch is imported.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil
from PIL import Image, ImageGrab, ImageStat

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.xvfb import display

GOAL_S = 1.0
PATIENCE_S = 180.0  # a busy machine is slow, not wrong
LOOK_S = 0.02  # between two looks at the screen
QUIET_S = 3.0  # without work before the memory is read
SCREEN = (1280, 800)
SETTINGS = 'theme = "light"\nwelcomed = true\n'
TORCH = "libtorch"  # a library that is mapped once torch is imported


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with display(*SCREEN) as environment:
        found = [_start(environment) for _ in range(rounds + 1)][1:]
    paint = sorted(one["paint"] for one in found)
    print(f"first paint      {median(paint):.2f} s (worst of {rounds}: {paint[-1]:.2f} s; goal {GOAL_S:.2f} s)")
    print(f"detector ready   {median(one['ready'] for one in found):.2f} s")
    print(f"memory at paint  {median(one['at_paint'] for one in found) / 2**20:.0f} MB")
    print(f"memory idle      {median(one['idle'] for one in found) / 2**20:.0f} MB, before the first check")
    print(f"torch at paint   {'imported' if any(one['torch'] for one in found) else 'not imported'}")


def _start(environment: dict[str, str]) -> dict[str, float]:
    """Start the command once; return seconds since its start, and bytes."""
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config" / "settings.toml"
        config.parent.mkdir()
        config.write_text(SETTINGS)
        program = Path(sys.executable).with_name("noiselens")
        started = time.monotonic()
        app = subprocess.Popen([program], env=environment | {"NOISELENS_HOME": home})
        try:
            return _watch(app, environment["DISPLAY"], started)
        finally:
            app.terminate()
            app.wait()


def _watch(app: subprocess.Popen[bytes], display: str, started: float) -> dict[str, float]:
    process = psutil.Process(app.pid)
    facts: dict[str, float] = {}
    quiet_since = None
    while "idle" not in facts:
        time.sleep(LOOK_S)
        now = time.monotonic()
        if now - started > PATIENCE_S or app.poll() is not None:
            sys.exit("The window did not come; start noiselens by hand and see what it says.")
        if "paint" not in facts:
            if not _is_painted(ImageGrab.grab(xdisplay=display)):
                continue
            facts["paint"], facts["at_paint"] = now - started, process.memory_info().rss
            facts["torch"] = any(TORCH in part.path for part in process.memory_maps())
            continue
        if process.cpu_percent(interval=0.2) > 5:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = now
        elif now - quiet_since > QUIET_S:
            facts["ready"], facts["idle"] = quiet_since - started, process.memory_info().rss
    return facts


def _is_painted(picture: Image.Image) -> bool:
    """Return whether there is more on the screen than one colour."""
    return max(ImageStat.Stat(picture.convert("RGB")).stddev) > 2


if __name__ == "__main__":
    main()
