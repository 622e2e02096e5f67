"""Throughput and memory of `noiselens check` on many files, next to the detector alone in a loop.

Run: python tests/bench/bench_batch.py [--images N]. The files are copies of the samples. The rate of the command is
taken between its first and its last line of JSON, so start-up stands apart; memory is the sum over the command and
its decoders, sampled, once for N and once for 4 N images: flat means the two are alike.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import psutil

from noiselens_core.batch import find_images
from noiselens_core.cli import SAMPLES
from noiselens_core.detector import Detector
from noiselens_core.images import Decoder

SAMPLE_S = 0.05  # pause between two looks at the memory


@dataclass
class Measured:
    """start_s: until the first result. rate: images a second after it. peak_mib: resident memory."""

    start_s: float
    rate: float
    peak_mib: float


def resident(process: psutil.Process) -> int:
    """Return the bytes resident in a process and its children, 0 once it is gone."""
    try:
        return sum(p.memory_info().rss for p in (process, *process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def run_command(folder: Path) -> Measured:
    """Check the folder with every output that grows with the number of images."""
    program_text = "from noiselens_core.cli import main; main()"
    options = ["check", str(folder), "--json", "--report", str(folder / "report.html")]
    begun = time.perf_counter()
    program = subprocess.Popen([sys.executable, "-c", program_text, *options], stdout=subprocess.PIPE)
    peak, over = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        process = psutil.Process(program.pid)
        while not over.wait(SAMPLE_S):
            peak = max(peak, resident(process))

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert program.stdout is not None
    times = [time.perf_counter() for _ in program.stdout]
    program.wait()
    over.set()
    watcher.join()
    return Measured(times[0] - begun, (len(times) - 1) / (times[-1] - times[0]), peak / 2**20)


def run_loop(count: int) -> float:
    """Return images a second of the detector alone, on samples decoded beforehand."""
    with Decoder() as decoder:
        images = [decoder.decode_file(path) for path in find_images([SAMPLES])]
    detector = Detector.load()
    detector.warm_up()
    begun = time.perf_counter()
    for image in islice(cycle(images), count):
        detector.detect(image)
    return count / (time.perf_counter() - begun)


def fill(folder: Path, count: int) -> None:
    """Put `count` copies of the samples into the folder."""
    for i, path in enumerate(islice(cycle(find_images([SAMPLES])), count)):
        shutil.copy(path, folder / f"{i:06}{path.suffix}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=60)
    count = parser.parse_args().images
    runs = {}
    for size in (count, 4 * count):
        with tempfile.TemporaryDirectory() as name:
            fill(Path(name), size)
            runs[size] = run_command(Path(name))
    loop = run_loop(count)
    print(f"detector alone, loop of {count:5}   {loop:6.2f} images/s")
    for size, run in runs.items():
        print(
            f"noiselens check, {size:5} images   {run.rate:6.2f} images/s ({run.rate / loop:.2f} of the loop), "
            f"first result after {run.start_s:.1f} s, peak {run.peak_mib:.0f} MiB"
        )


if __name__ == "__main__":
    main()
