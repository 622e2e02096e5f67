"""A published detector, the Python package sahu65 (a linear probe on frozen CLIP), and ours on the same images.

Run: python tests/bench/bench_rival.py MANIFEST.csv --python PYTHON [--images N] [--features FOLDER], PYTHON being that
of an environment of its own in which the package is installed, MANIFEST what our detector was trained on. A part of the
images is drawn, of every source in proportion. The rival judges as it is shipped; ours by the head of each image's
fold, which saw no image of its families. Printed under every delivery tier: AUC with 95 % intervals, their difference
over the same draws, and how often each calls real and generated images generated (ours by its shipped thresholds).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from noiselens_core.checkpoint import SHIPPED_DETECTOR, read_spec
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.verdict import Band
from noiselens_trainer.bars import reporter
from noiselens_trainer.data import Sample
from noiselens_trainer.layouts import read_data
from noiselens_trainer.left_out import judge_left_out
from noiselens_trainer.metrics import BOOTSTRAP_ROUNDS, Judged, auc, interval
from noiselens_trainer.tiers import TIERS

JUDGE = """
import sys, sahu65
for line in sys.stdin:
    found = sahu65.detect(line.strip())
    print(found.ai_probability, int(found.is_ai), flush=True)
"""


def write_tiers(samples: list[Sample], folder: Path) -> list[Sample]:
    """Write every sample under every tier, as JPEG of that tier's quality; return those that could be read."""
    kept = []
    with Decoder() as decoder:
        for number, sample in enumerate(samples):
            try:
                pixels = decoder.decode_file(sample.path).pixels
            except ImageRefusedError:
                continue
            for tier in TIERS:
                # The tier's one JPEG is in the pixels; quality 100 adds next to nothing to it.
                delivered = Image.fromarray(tier.deliver(pixels))
                delivered.save(folder / f"{number}-{tier.name}.jpg", quality=100, subsampling=0)
            kept.append((number, sample))
            print(f"\rprepared {len(kept)} of {len(samples)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    (folder / "names.txt").write_text("\n".join(str(number) for number, _ in kept), encoding="utf-8")
    return [sample for _, sample in kept]


def judge(python: str, paths: list[Path]) -> np.ndarray:
    """Return (N, 2): probability, called generated."""
    rows = []
    with subprocess.Popen([python, "-c", JUDGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin and child.stdout
        for done, path in enumerate(paths, start=1):
            print(path, file=child.stdin, flush=True)
            rows.append([float(v) for v in child.stdout.readline().split()])
            print(f"\rjudged {done} of {len(paths)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return np.array(rows)


def drawn(samples: list[Sample], count: int) -> list[Sample]:
    """Return about `count` samples in the manifest's order, evenly over every source."""
    order = sorted(range(len(samples)), key=lambda i: (samples[i].label, samples[i].source, samples[i].path.name))
    step = max(1.0, len(order) / count)
    return [samples[i] for i in sorted(order[int(k * step)] for k in range(min(count, len(order))))]


def difference(label: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> str:
    """Return our AUC minus theirs with its 95 % bootstrap interval, the same images drawn for both."""
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(label == c) for c in (0, 1)]
    picks = [np.concatenate([rng.choice(g, len(g)) for g in groups]) for _ in range(BOOTSTRAP_ROUNDS)]
    low, high = np.percentile([auc(label[p], ours[p]) - auc(label[p], theirs[p]) for p in picks], (2.5, 97.5))
    return f"{auc(label, ours) - auc(label, theirs):+.3f} [{low:+.3f}, {high:+.3f}]"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--features", type=Path, help="kept, so that a killed run goes on")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = write_tiers(drawn(read_data(asked.manifest), asked.images), Path(folder))
        numbers = (Path(folder) / "names.txt").read_text(encoding="utf-8").split()
        place = asked.features or Path(folder) / "ours"
        with reporter(False) as report:
            left = judge_left_out(SHIPPED_DETECTOR, kept, place, "auto", report)
        calibration = read_spec(SHIPPED_DETECTOR).calibration
        label = np.array([s.label for s in kept])
        sources = [[getattr(s, name) for s in kept] for name in ("source", "family", "origin")]
        print(f"{len(label)} images, {label.sum()} generated, of {len(set(sources[0]))} sources")
        for tier in TIERS:
            found = judge(asked.python, [Path(folder) / f"{n}-{tier.name}.jpg" for n in numbers])
            probability = calibration.probabilities(left.logits[tier.name])
            verdicts = {
                "sahu65": (found[:, 0], found[:, 1] > 0),
                "ours": (probability, probability >= calibration.generated_at),
            }
            for name, (score, accused) in verdicts.items():
                bands = [Band.LIKELY_GENERATED if one else Band.UNCERTAIN for one in accused]
                low, high = interval(Judged(label, score, bands, *sources), auc)
                print(
                    f"{tier.name:9} {name:7} AUC {auc(label, score):.3f} [{low:.3f}, {high:.3f}]  "
                    f"real called generated {accused[label == 0].mean():.3f}  "
                    f"generated called generated {accused[label == 1].mean():.3f}",
                    flush=True,
                )
            print(f"{tier.name:9} ours minus sahu65 {difference(label, probability, found[:, 0])}", flush=True)


if __name__ == "__main__":
    main()
