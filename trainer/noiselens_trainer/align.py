"""Aligned fakes: a real photograph and the same one after a pass through a decoder, in the same format and size.

Content, size, format and quality are equal in a pair, so only the decoder's traces tell its label (docs/METHOD.md 3).
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder, read_bytes
from noiselens_core.progress import Progress

from .augment import Pixels
from .data import DataError, Sample
from .pace import Pace
from .report import to_pixels
from .state import RunError, config_text
from .taesd import load_taesd
from .teacher import PixelTeacher, whole_tiles
from .zoo import find_members, load_member

Report = Callable[[Progress], None]

SMALLEST_PX = 64  # side of a photograph; smaller ones are left out
COLUMNS = ("path", "label", "source", "family", "origin", "sha256")


@dataclass(frozen=True)
class Maker:
    """What turns a real picture into an aligned fake.

    Attributes:
        name: what the fakes' source is called; safe in a file name.
        remake: (1, 3, H, W) in [-1, 1] to the same; sides are multiples of 8.
        settings: what else its copies depend on, as text: copies of other settings are not mixed in.
    """

    name: str
    remake: Callable[[Tensor], Tensor]
    settings: str


@dataclass(frozen=True)
class AlignConfig:
    """How pairs are made."""

    crop_px: int = 512  # longest side; of larger photographs the middle is taken, at native resolution
    copies: int = 1  # fakes of every photograph, by different makers
    as_source: bool = False  # a JPEG's pair is stored as JPEG of its quality; otherwise everything is PNG
    seed: int = 0


def zoo_makers(folder: Path) -> list[Maker]:
    """Return one maker a member that learned. Raises DataError."""
    found = find_members(folder).items()
    return [Maker(member.recipe.name, load_member(path).remake, member.trained) for path, member in found]


def teacher_maker(teacher: PixelTeacher, strength: float, steps: int, seed: int) -> Maker:
    """Return our diffusion model as a re-generator after SDEdit; strength in (0, 1) of its schedule."""
    settings = f"{config_text(teacher.config)} {steps} {seed}"
    return Maker(f"{teacher.name}-s{strength:.2f}", lambda x: teacher.regenerate(x, strength, seed, steps), settings)


def autoencoder_maker(folder: Path) -> Maker:
    """Return an autoencoder of others: a folder saved by diffusers, or of taesd's form. Raises DataError."""
    if (folder / "config.json").is_file():
        from .paper.diffusion import load_autoencoder

        return Maker(folder.name, load_autoencoder(folder), str(folder))
    return Maker(folder.name, load_taesd(folder).remake, str(folder))


def up_down_maker(factor: int) -> Maker:
    """Return a pass down by `factor` with LANCZOS and up again with BICUBIC: what enlarging leaves and no more."""

    def remake(x: Tensor) -> Tensor:
        image = Image.fromarray(to_pixels(x)[0])
        small = image.resize((image.width // factor, image.height // factor), Image.Resampling.LANCZOS)
        return whole_tiles(np.asarray(small.resize(image.size, Image.Resampling.BICUBIC)))

    return Maker(f"updown{factor}", remake, "")


def align(photographs: list[Sample], makers: list[Maker], config: AlignConfig, out: Path, report: Report) -> int:
    """Write pairs to `out` and list them in its manifest.csv; return how many fakes there are. Resumes.

    A fake's source is its maker; its family is maker and family of its photograph, and both share an origin, so that
    folds never part them and a maker does not tie all photographs into one fold. Which makers a photograph meets
    depends on its bytes and the seed alone. Photographs that cannot be read or are too small are left out, and said.
    """
    if not makers:
        raise DataError("Nothing to pass the photographs through. Give --zoo, --strength, --autoencoder or --up-down.")
    if len({maker.name for maker in makers}) < len(makers):
        raise DataError("Two of these decoders have one name. Rename one's folder or leave one out.")
    images = out / "images"
    images.mkdir(parents=True, exist_ok=True)
    _same_settings(out / "align.json", makers, config)
    rows: dict[str, dict[str, str]] = {}
    pace = Pace(0, len(photographs), 1)
    with Decoder() as decoder:
        for number, sample in enumerate(photographs, start=1):
            try:
                for row in _pair(sample, makers, config, images, decoder):
                    rows.setdefault(row["path"], row)
            except ImageRefusedError as error:
                report(Progress("align", number, len(photographs), message=f"{sample.path.name} left out: {error}"))
            if line := pace.tick(number, {}):
                report(Progress("align", number, len(photographs), *line))
    fakes = sum(row["label"] == "generated" for row in rows.values())
    if not fakes:
        raise DataError("None of these photographs could be used. Give images of at least 64 px on a side.")
    part = out / "manifest.part"
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows.values())
    part.replace(out / "manifest.csv")
    return fakes


def _same_settings(path: Path, makers: list[Maker], config: AlignConfig) -> None:
    """Note what a folder's copies were made with; refuse to mix others in."""
    text = json.dumps([sorted((maker.name, maker.settings) for maker in makers), config_text(config)])
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise RunError(f"{path.parent} holds copies made with other settings. Choose another folder or remove it.")
    path.write_text(text, encoding="utf-8")


def _pair(
    sample: Sample, makers: list[Maker], config: AlignConfig, folder: Path, decoder: Decoder
) -> list[dict[str, str]]:
    """Make what is missing of a photograph's copies; return their rows of the manifest, the original first."""
    data = read_bytes(sample.path)
    sha256 = hashlib.sha256(data).hexdigest()
    rng = np.random.default_rng((config.seed, int(sha256[:12], 16)))
    picked = rng.permutation(len(makers))[: config.copies]
    quality = jpeg_quality(data) if config.as_source else None
    suffix = "png" if quality is None else "jpg"
    chosen: list[Maker | None] = [None, *(makers[i] for i in sorted(picked))]
    paths = [folder / f"{sha256[:16]}{f'-{maker.name}' if maker else ''}.{suffix}" for maker in chosen]
    if not all(path.exists() for path in paths):
        x = _middle(decoder.decode(data).pixels, config.crop_px)
        if x is None:
            return []
        for maker, path in zip(chosen, paths, strict=True):
            if not path.exists():
                _store(to_pixels(maker.remake(x) if maker else x)[0], path, quality)
    origin = f"aligned/{sample.family}"
    rows = []
    for maker, path in zip(chosen, paths, strict=True):
        label, source = ("generated", maker.name) if maker else ("real", sample.source)
        family = f"{maker.name} of {sample.family}" if maker else sample.family
        name = path.relative_to(folder.parent).as_posix()
        rows.append(dict(zip(COLUMNS, (name, label, source, family, origin, sha256), strict=True)))
    return rows


def _middle(pixels: Pixels, crop_px: int) -> Tensor | None:
    """Return the middle of a picture (H, W, 3), (1, 3, H', W'), sides multiples of 8 and at most crop_px."""
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_PX:
        return None
    top, left = max(0, height - crop_px) // 2, max(0, width - crop_px) // 2
    return whole_tiles(pixels[top : top + crop_px, left : left + crop_px])


def _store(pixels: Pixels, path: Path, quality: int | None) -> None:
    """Write a copy whole or not at all: as JPEG of a quality, or as PNG."""
    part = path.with_suffix(".part")
    image = Image.fromarray(pixels)
    image.save(part, "PNG") if quality is None else image.save(part, "JPEG", quality=quality)
    part.replace(path)


def jpeg_quality(data: bytes) -> int | None:
    """Return the quality in 1 to 100 whose luminance table comes nearest to a JPEG's; None for anything else."""
    wanted = _luminance(data)
    if wanted is None:
        return None
    sums = _standard_sums()
    return min(sums, key=lambda quality: abs(sums[quality] - wanted))


def _luminance(data: bytes) -> int | None:
    """Return the sum of a JPEG's first quantisation table, read from its markers without decoding anything."""
    at = 2
    while data[:2] == b"\xff\xd8" and at + 4 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDB:
            size = 2 if data[at + 4] >> 4 else 1  # bytes a value
            table = data[at + 5 : at + 5 + 64 * size]
            return sum(int.from_bytes(table[i : i + size], "big") for i in range(0, len(table), size))
        if length < 2:
            return None
        at += 2 + length
    return None


@functools.cache
def _standard_sums() -> dict[int, int]:
    """Return quality -> sum of its luminance table, as our encoder writes it."""
    sums = {}
    for quality in range(1, 101):
        buffer = io.BytesIO()
        Image.new("L", (8, 8)).save(buffer, "JPEG", quality=quality)
        sums[quality] = _luminance(buffer.getvalue()) or 0
    return sums
