"""Cost of decoding in the limited child: our time for a 1 MB photograph-like JPEG over bare Pillow in-process.

Run: python tests/bench/bench_decode.py [FILE.jpg]. Prints medians of one run, both measured alternately.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from noiselens_core.images import Decoder

ROUNDS = 31


def jpeg_of_about(size_bytes: int) -> bytes:
    """Return a noisy 3:2 JPEG of quality 88 of about that many bytes."""
    rng = np.random.default_rng(1)
    width = 600
    while True:
        smooth = Image.fromarray(rng.integers(0, 255, (12, 18, 3), dtype=np.uint8))
        pixels = np.asarray(smooth.resize((width, width * 2 // 3), Image.Resampling.BICUBIC), np.float64)
        pixels = pixels + rng.normal(0, 6, pixels.shape)
        out = io.BytesIO()
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=88)
        if out.tell() >= size_bytes:
            return out.getvalue()
        width += 100


def bare(data: bytes) -> NDArray[np.uint8]:
    """Decode in this process without any limit."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def main() -> None:
    """Measure and print."""
    data = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else jpeg_of_about(1_000_000)
    with Decoder() as decoder:
        begun = time.perf_counter()
        image = decoder.decode(data)
        first = time.perf_counter() - begun
        assert np.array_equal(image.pixels, bare(data))
        ours, theirs = [], []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            decoder.decode(data)
            middle = time.perf_counter()
            bare(data)
            ours.append(middle - begun)
            theirs.append(time.perf_counter() - middle)
    facts = image.facts
    print(f"{facts.format} {facts.width} x {facts.height}, {len(data):,} bytes, {ROUNDS} rounds, medians")
    print(f"bare Pillow in process  {median(theirs) * 1e3:6.1f} ms")
    print(f"NoiseLens decoder       {median(ours) * 1e3:6.1f} ms")
    print(f"ratio                   {median(ours) / median(theirs):6.2f}")
    print(f"first image, with start {first * 1e3:6.1f} ms")


if __name__ == "__main__":
    main()
