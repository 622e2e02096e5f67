"""Delivery chains: what happens to a picture between its maker and a browser, the same for both classes."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Generator = np.random.Generator

SMALLEST_PX = 64  # short side; nobody hands on a picture that was made smaller
_KERNELS = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)


def encode_copy(pixels: Pixels, format_: str, quality: int, subsampling: int = 2) -> Pixels:
    """Return the picture after one lossy encoding of our own (JPEG, WEBP or AVIF) at `quality`.

    subsampling: Pillow's JPEG code, 0 for 4:4:4 and 2 for 4:2:0.
    """
    buffer = io.BytesIO()
    options = {"subsampling": subsampling} if format_ == "JPEG" else {}
    if format_ == "WEBP":
        options = {"method": 0}
    if format_ == "AVIF":
        options = {"speed": 10}
    Image.fromarray(pixels).save(buffer, format_, quality=quality, **options)
    return np.asarray(Image.open(buffer, formats=[format_]).convert("RGB"))


def resize(pixels: Pixels, scale: float, kernel: int) -> Pixels:
    """Return the picture resized by `scale` with one of OpenCV's kernels; no side falls under 8 px."""
    height, width = pixels.shape[:2]
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=kernel), np.uint8)


def _jpeg(rng: Generator, pixels: Pixels) -> Pixels:
    return encode_copy(pixels, "JPEG", int(rng.integers(30, 99)), int(rng.choice((0, 2, 2))))


def _webp(rng: Generator, pixels: Pixels) -> Pixels:
    return encode_copy(pixels, "WEBP", int(rng.integers(40, 96)))


def _avif(rng: Generator, pixels: Pixels) -> Pixels:
    return encode_copy(pixels, "AVIF", int(rng.integers(40, 91)))


def _resize(rng: Generator, pixels: Pixels) -> Pixels:
    scale = float(np.exp(rng.uniform(np.log(0.25), np.log(1.5))))
    scale = max(scale, min(1.0, SMALLEST_PX / min(pixels.shape[:2])))
    return resize(pixels, scale, int(rng.choice(_KERNELS)))


def _blur(rng: Generator, pixels: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.3, 1.2))), np.uint8)


def _noise(rng: Generator, pixels: Pixels) -> Pixels:
    noise = rng.normal(0, rng.uniform(0.5, 6), pixels.shape)
    return np.clip(pixels + noise + 0.5, 0, 255).astype(np.uint8)


def _sharpen(rng: Generator, pixels: Pixels) -> Pixels:
    soft = cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.6, 1.5)))
    amount = float(rng.uniform(0.2, 1.0))
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0), np.uint8)


def _screenshot(rng: Generator, pixels: Pixels) -> Pixels:
    """Show the picture on a screen: amid a page of one tone, or between two black bars (letterbox)."""
    shown = resize(pixels, float(rng.uniform(0.6, 1.2)), int(rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR))))
    top, bottom, left, right = (rng.uniform(0, 0.2, 4) * np.repeat(shown.shape[:2], 2)).astype(int).tolist()
    tone = int(rng.integers(0, 256))
    if rng.random() < 0.5:
        tone, (bottom, right) = 0, (top, left)
        top, bottom, left, right = (top, bottom, 0, 0) if rng.random() < 0.7 else (0, 0, left, right)
    return np.asarray(
        cv2.copyMakeBorder(shown, top, bottom, left, right, cv2.BORDER_CONSTANT, value=[tone] * 3), np.uint8
    )


# Each step with its share; JPEG leads because it does on the web.
STEPS: tuple[tuple[Callable[[Generator, Pixels], Pixels], float], ...] = (
    (_jpeg, 0.44),
    (_resize, 0.23),
    (_webp, 0.10),
    (_avif, 0.03),
    (_blur, 0.06),
    (_noise, 0.05),
    (_sharpen, 0.05),
    (_screenshot, 0.04),
)
UNTOUCHED = 0.15  # share of pictures that arrive as they were made


def deliver(rng: Generator, pixels: Pixels) -> Pixels:
    """Return the picture (H, W, 3) after a random delivery chain of 0 to 3 steps; its size may change.

    The draw depends on `rng` alone and never on the label.
    """
    if rng.random() < UNTOUCHED:
        return pixels
    functions, shares = zip(*STEPS, strict=True)
    for index in rng.choice(len(functions), size=int(rng.integers(1, 4)), p=shares):
        pixels = functions[index](rng, pixels)
    return pixels


def degrade(pixels: Pixels, longest_side: int | None, quality: int) -> Pixels:
    """Return the picture under an evaluation tier: LANCZOS down to `longest_side` px, then one Pillow JPEG."""
    height, width = pixels.shape[:2]
    if longest_side and max(height, width) > longest_side:
        scale = longest_side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
    return encode_copy(pixels, "JPEG", quality)
