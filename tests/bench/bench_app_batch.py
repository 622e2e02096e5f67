"""A folder on the Batch page of the whole app, next to the detector alone in a loop: pace, memory, longest stall.

Run: python tests/bench/bench_app_batch.py [--images N] [--unlike M]. The files are the samples with a few bytes after
their end, so that no two are alike, or only M of the N: the others are copies of those, which are judged once. The pace
is that of what is judged, between the first and the last report of the run; memory is that of the app and its decoders,
sampled; the longest stall is the longest time the GUI thread did not come round to its event loop, other programs'
share included. Goals: pace at least 0.9 of the loop, stall under 50 ms, memory that does not grow with N.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bench_batch import resident, run_loop  # type: ignore[import-not-found]  # beside this program
from psutil import Process
from PySide6.QtCore import Qt, QTimer

from noiselens_core.batch import find_images
from noiselens_core.cli import SAMPLES
from noiselens_core.places import HOME
from noiselens_desktop.app import App, make_qt
from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.settings import Settings
from noiselens_desktop.work.batch_run import BatchProgress

BEAT_MS, SAMPLE_MS = 5, 200


def fill(folder: Path, count: int, unlike: int) -> None:
    """Put `count` images into the folder, `unlike` of them unlike all before."""
    kinds = [(path.suffix, path.read_bytes()) for path in islice(cycle(find_images([SAMPLES])), unlike)]
    for i in range(count):
        kind = i * unlike // count
        suffix, data = kinds[kind]
        (folder / f"{i:06}{suffix}").write_bytes(data + kind.to_bytes(4, "big"))


def run_loop_apart(count: int) -> float:
    """Return images a second of the detector alone, in a process of its own.

    In this one it would leave OpenMP threads behind, and with more of them than processors they sleep between two
    operations: the app would be a quarter slower than people have it.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pace: float = pool.submit(run_loop, count).result()
    return pace


def run_app(folder: Path, count: int) -> tuple[float, float, float, float]:
    """Return images a second, the longest stall in ms, and the memory in MiB at a tenth of the run and at its peak."""
    qt = make_qt()
    app = App(qt, Settings(theme="light", welcomed=True), bridge=False)
    reports: list[tuple[float, int]] = []
    memory: list[float] = []
    longest, last, process = 0.0, time.perf_counter(), Process()

    def beat() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        if reports:
            longest = max(longest, 1000 * (now - last) - BEAT_MS)
        last = now

    def note(progress: BatchProgress) -> None:
        reports.append((time.perf_counter(), progress.batch.judged))

    def end() -> None:
        if app.batch.phase is Phase.ENDED:
            qt.quit()

    pulse, watch = QTimer(), QTimer()
    pulse.setTimerType(Qt.TimerType.PreciseTimer)
    pulse.timeout.connect(beat)
    pulse.start(BEAT_MS)
    watch.timeout.connect(lambda: memory.append(resident(process) / 2**20))
    watch.start(SAMPLE_MS)
    app.batch.progressed.connect(note)
    app.batch.changed.connect(end)
    app.session.loaded.connect(lambda _: app.window.check_folders([folder]))
    app.window.show()
    qt.exec()
    pulse.stop()
    watch.stop()
    app.close()
    (begun, first), (ended, all_) = reports[0], reports[-1]
    if all_ != count:
        raise SystemExit(f"{all_} of {count} images were judged")
    return (all_ - first) / (ended - begun), longest, memory[len(memory) // 10], max(memory)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--unlike", type=int, help="images unlike all others; default: all")
    options = parser.parse_args()
    count, unlike = options.images, options.unlike or options.images
    before = run_loop_apart(min(unlike, 200))
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        os.environ[HOME] = home
        fill(Path(folder), count, unlike)
        pace, longest, early, peak = run_app(Path(folder), count)
    loop, judged = (before + run_loop_apart(min(unlike, 200))) / 2, pace * unlike / count
    print(f"detector alone     {loop:6.2f} images/s (mean of before and after)")
    print(
        f"Batch page, {count:6} {pace:6.2f} files/s, {judged:.2f} judged ({judged / loop:.2f} of the loop; goal 0.90)"
    )
    print(f"longest stall      {longest:6.1f} ms (goal 50 ms)")
    print(f"memory             {early:6.0f} MiB at a tenth, {peak:.0f} MiB at the peak")


if __name__ == "__main__":
    main()
