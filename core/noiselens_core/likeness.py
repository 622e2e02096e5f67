"""How alike two pictures look: a 64-bit hash of decoded pixels that recompression and resizing hardly change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 32  # a picture is averaged down to this square first
KEPT = 8  # lowest frequencies each way, 64 in all
ALIKE = 6  # of 64 bits: no more differ between two versions of one picture; two pictures hardly ever come so near


def _cosines() -> NDArray[np.float64]:
    """Return the first KEPT rows of the SIDE-point DCT-II, (KEPT, SIDE)."""
    k, n = np.arange(KEPT)[:, None], np.arange(SIDE)[None]
    return np.cos(np.pi * k * (2 * n + 1) / (2 * SIDE))


COSINES = _cosines()
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def look(pixels: NDArray[np.uint8]) -> bytes:
    """Return the hash of a picture (H, W, 3) sRGB: 8 bytes, the signs of its lowest frequencies about their median."""
    small = _averaged(_averaged(pixels, 0), 1) @ LUMA  # (SIDE, SIDE)
    low = COSINES @ small @ COSINES.T  # (KEPT, KEPT)
    flat = low.ravel()
    return np.packbits(flat > np.median(flat[1:])).tobytes()  # the first is mere brightness


def distances(one: bytes, others: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return how many of 64 bits differ between a hash and each of many (N,), as `as_numbers` gives them."""
    differing = (others ^ as_numbers([one])[0]).view(np.uint8).reshape(-1, 8)
    return np.asarray(np.unpackbits(differing, axis=1).sum(1), np.uint8)


def as_numbers(hashes: list[bytes]) -> NDArray[np.uint64]:
    """Return hashes as numbers (N,)."""
    return np.frombuffer(b"".join(hashes), np.uint64)


def _averaged(pixels: NDArray[np.generic], axis: int) -> NDArray[np.float32]:
    """Average an axis down to SIDE parts; one shorter than that repeats its pixels."""
    length = pixels.shape[axis]
    edges = np.arange(SIDE + 1) * length // SIDE
    counts = np.maximum(np.diff(edges), 1)
    sums = np.add.reduceat(pixels, edges[:-1], axis=axis, dtype=np.float32)
    shape = [1] * pixels.ndim
    shape[axis] = SIDE
    return np.asarray(sums / counts.reshape(shape).astype(np.float32), np.float32)
