"""From process start to the first paint of the window, and to the detector being ready.

Run: python tests/bench/bench_startup.py [--rounds N]. Each round is a process of its own in a home of its
own; the first is left out, since it fills the disk cache. Goal: the first paint within 1 s, before torch is imported.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median

GOAL_S = 1.0
CHILD = """
import json, os, sys, time
from noiselens_desktop.app import App, make_qt
from noiselens_desktop.settings import Settings
import psutil
qt = make_qt()
app = App(qt, Settings())
facts = {}
def painted():
    facts["paint"], facts["torch"] = time.time(), "torch" in sys.modules
    facts["rss"] = psutil.Process().memory_info().rss
def loaded(_):
    facts["ready"] = time.time()
    qt.quit()
app.window.painted.connect(painted)
app.session.loaded.connect(loaded)
app.session.not_loaded.connect(lambda sentence: (print(sentence, file=sys.stderr), qt.quit()))
app.window.show()
qt.exec()
app.close()
print(json.dumps(facts))
"""


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    found = [_start() for _ in range(rounds + 1)][1:]
    paint = sorted(one["paint"] for one in found)
    print(f"first paint      {median(paint):.2f} s (worst of {rounds}: {paint[-1]:.2f} s; goal {GOAL_S:.2f} s)")
    print(f"detector ready   {median(one['ready'] for one in found):.2f} s")
    print(f"memory at paint  {median(one['rss'] for one in found) / 2**20:.0f} MB")
    print(f"torch at paint   {'imported' if any(one['torch'] for one in found) else 'not imported'}")


def _start() -> dict[str, float]:
    """Start the app once; return seconds since the start of the process, and bytes."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"QT_QPA_PLATFORM": "offscreen"} | dict(os.environ) | {"NOISELENS_HOME": home}
        started = time.time()
        done = subprocess.run(
            [sys.executable, "-c", CHILD], env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
    facts: dict[str, float] = json.loads(done.stdout)
    return facts | {name: facts[name] - started for name in ("paint", "ready")}


if __name__ == "__main__":
    main()
