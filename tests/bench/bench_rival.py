"""How a published detector, the Python package sahu65 (a linear probe on frozen CLIP), does on the same images.

Run: python tests/bench/bench_rival.py MANIFEST.csv --python PYTHON [--images N], PYTHON being that of an environment of
its own in which the package is installed. Prints its AUC under every delivery tier with a 95 % interval, how often it
calls real images generated, and generated ones. Ours on the same manifest, every image judged without its
family: `noiselens-train detector`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.verdict import Band
from noiselens_trainer.data import Sample
from noiselens_trainer.layouts import read_data
from noiselens_trainer.metrics import Judged, auc, interval
from noiselens_trainer.tiers import TIERS

JUDGE = """
import sys, sahu65
for line in sys.stdin:
    found = sahu65.detect(line.strip())
    print(found.ai_probability, int(found.is_ai), int(found.is_real), flush=True)
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
    """Return (N, 3): probability, called generated, called real."""
    rows = []
    with subprocess.Popen([python, "-c", JUDGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin and child.stdout
        for done, path in enumerate(paths, start=1):
            print(path, file=child.stdin, flush=True)
            rows.append([float(v) for v in child.stdout.readline().split()])
            print(f"\rjudged {done} of {len(paths)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--python", required=True)
    parser.add_argument("--images", type=int, default=600)
    asked = parser.parse_args()
    samples = read_data(asked.manifest)
    order = np.random.default_rng(0).permutation(len(samples))[: asked.images]
    with tempfile.TemporaryDirectory() as folder:
        kept = write_tiers([samples[i] for i in order], Path(folder))
        numbers = (Path(folder) / "names.txt").read_text(encoding="utf-8").split()
        label = np.array([s.label for s in kept])
        for tier in TIERS:
            found = judge(asked.python, [Path(folder) / f"{n}-{tier.name}.jpg" for n in numbers])
            bands = [Band.LIKELY_GENERATED if f[1] else Band.LIKELY_REAL if f[2] else Band.UNCERTAIN for f in found]
            sources = [[getattr(s, name) for s in kept] for name in ("source", "family", "origin")]
            low, high = interval(Judged(label, found[:, 0], bands, *sources), auc)
            accused = found[:, 1] > 0
            print(
                f"{tier.name:9} {len(label)} images  AUC {auc(label, found[:, 0]):.3f} [{low:.3f}, {high:.3f}]  "
                f"real called generated {accused[label == 0].mean():.3f}  "
                f"generated called generated {accused[label == 1].mean():.3f}"
            )


if __name__ == "__main__":
    main()
