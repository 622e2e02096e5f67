"""The app as a process: what is loaded when, what it says without a display, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from noiselens_core.library import Library
from noiselens_desktop.app import NO_DISPLAY

ENVIRONMENT = {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
TIMEOUT_S = 60

AT_FIRST_PAINT = """
import sys
from noiselens_desktop import app
qt = app.make_qt()
made = app.App(qt, app.Settings())
heavy, unneeded = [], {"torch", "websockets.asyncio", "cv2", "jinja2", "rich"}
made.window.painted.disconnect()
made.window.painted.connect(lambda: (heavy.extend(unneeded & set(sys.modules)), qt.quit()))
made.window.show()
qt.exec()
made.close()
print(heavy)
"""


def run(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | ENVIRONMENT | {"NOISELENS_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )


def test_the_window_is_on_screen_before_anything_heavy_is_imported(home: Path) -> None:
    assert run(AT_FIRST_PAINT, home).stdout.splitlines()[-1] == "[]"


def test_without_a_display_one_sentence_is_said(home: Path, cat: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-m", "noiselens_desktop", str(cat)],
        env=environment | {"NOISELENS_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{NO_DISPLAY}\n", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of X11 only")
def test_a_display_that_does_not_answer_is_the_same_sentence(home: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-m", "noiselens_desktop"],
        env=environment | {"NOISELENS_HOME": str(home), "DISPLAY": ":4711"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{NO_DISPLAY}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_app_in_order_with_its_files_judged(home: Path, cat: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "noiselens_desktop", str(cat)],
        env=os.environ | ENVIRONMENT | {"NOISELENS_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline and not history(home):
            time.sleep(0.2)
        process.send_signal(number)
        said, _ = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "Traceback" not in said
    assert history(home) == ["chelsea.png"]
    assert (home / "config" / "settings.toml").exists()


def history(home: Path) -> list[str]:
    path = home / "data" / "library.sqlite3"
    if not path.exists():
        return []
    with Library(path) as library:
        return [entry.name for entry in library.history()]
