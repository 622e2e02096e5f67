"""Labelled images as samples: manifests, family-wise folds, and crops drawn by a resumable random stream."""

from __future__ import annotations

import csv
import hashlib
import weakref
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from noiselens_core.crops import CROP_PX, to_unit
from noiselens_core.errors import ImageRefusedError, NoiseLensError
from noiselens_core.images import Decoder

from .augment import Pixels, deliver
from .config import SplitConfig

CACHE_BYTES = 3 * 2**30  # decoded images kept by one loading process
# The same family under two names in public manifests.
FAMILY_ALIASES = {"sd1/2": "sd1"}


class DataError(NoiseLensError):
    """A data set that cannot be used."""


@dataclass(frozen=True)
class Sample:
    """One labelled image; label 1 is generated, 0 is real."""

    path: Path
    label: int
    source: str
    family: str


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "read error").lower() if isinstance(error, OSError) else "not UTF-8 text"


def read_manifest(path: Path) -> list[Sample]:
    """Read a manifest CSV with columns path, label (real | generated), source, family.

    Paths are relative to the manifest. Raises DataError naming the line at fault.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The manifest {path} cannot be read ({_why(error)}). Give the path of a CSV file.") from error
    samples = []
    for number, row in enumerate(rows, start=2):
        label = {"real": 0, "generated": 1}.get(row.get("label") or "")
        if label is None or not row.get("path"):
            raise DataError(f"Line {number} of {path} needs a path and a label 'real' or 'generated'. Correct it.")
        source = row.get("source") or "unnamed"
        family = row.get("family") or source
        samples.append(Sample(path.parent / row["path"], label, source, FAMILY_ALIASES.get(family, family)))
    if {s.label for s in samples} != {0, 1}:
        raise DataError(f"The manifest {path} needs images of both labels; add some of the missing one.")
    return samples


def family_folds(samples: list[Sample], config: SplitConfig) -> dict[tuple[int, str], int]:
    """Deal families into folds: (label, family) -> fold.

    Largest first, each to the fold that has the fewest images of its label; ties fall by a hash of the seed.
    """
    sizes: dict[tuple[int, str], int] = defaultdict(int)
    for sample in samples:
        sizes[sample.label, sample.family] += 1

    def tie(*words: object) -> str:
        return hashlib.sha256(repr((config.seed, *words)).encode()).hexdigest()

    load = {(label, fold): 0 for label in (0, 1) for fold in range(config.folds)}
    folds = {}
    for key in sorted(sizes, key=lambda k: (-sizes[k], tie(*k))):
        label = key[0]
        fold = min(range(config.folds), key=lambda f: (load[label, f], tie(label, f)))
        folds[key] = fold
        load[label, fold] += sizes[key]
    return folds


@dataclass(frozen=True)
class Split:
    """A manifest dealt into three parts that share no family."""

    train: list[Sample]
    calibration: list[Sample]
    test: list[Sample]


def split_by_family(samples: list[Sample], config: SplitConfig) -> Split:
    """Return the parts of `samples` that `config` names."""
    folds = family_folds(samples, config)
    parts: dict[str, list[Sample]] = {"train": [], "calibration": [], "test": []}
    names = {config.test_fold: "test", config.calibration_fold: "calibration"}
    for sample in samples:
        parts[names.get(folds[sample.label, sample.family], "train")].append(sample)
    return Split(**parts)


class ImageCache:
    """Decodes samples through the core's one decoder and keeps the newest pixels up to a byte limit."""

    def __init__(self, limit_bytes: int = CACHE_BYTES):
        self._decoder = Decoder()
        weakref.finalize(self, self._decoder.close)  # streams are dropped, not closed, by their loader
        self._pixels: OrderedDict[Path, Pixels] = OrderedDict()
        self._bytes, self._limit = 0, limit_bytes

    def get(self, path: Path) -> Pixels:
        """Return (H, W, 3) uint8. Raises ImageRefusedError."""
        if path in self._pixels:
            self._pixels.move_to_end(path)
            return self._pixels[path]
        pixels = self._decoder.decode_file(path).pixels
        self._pixels[path] = pixels
        self._bytes += pixels.nbytes
        while self._bytes > self._limit and len(self._pixels) > 1:
            self._bytes -= self._pixels.popitem(last=False)[1].nbytes
        return pixels


def random_region(rng: np.random.Generator, pixels: Pixels, side: int) -> Pixels:
    """Return a random square of up to `side` px of an image, mirrored up to CROP_PX where it is smaller."""
    height, width = pixels.shape[:2]
    top = int(rng.integers(0, max(0, height - side) + 1))
    left = int(rng.integers(0, max(0, width - side) + 1))
    return pixels[top : top + side, left : left + side]


def random_crop(rng: np.random.Generator, pixels: Pixels, side: int) -> Pixels:
    """Return a random (side, side, 3) crop, mirrored where the image is smaller, flipped half of the time."""
    region = random_region(rng, pixels, side)
    height, width = region.shape[:2]
    if height < side or width < side:
        region = np.pad(region, ((0, side - height), (0, side - width), (0, 0)), mode="symmetric")
    return region[:, ::-1] if rng.random() < 0.5 else region


class CropStream(Dataset[tuple[Tensor, int]]):
    """An endless stream of labelled crops; item i depends on (seed, i) alone, so a killed run resumes exactly.

    Labels are equally likely; within a label a source of n images is drawn in proportion to n ** source_power,
    then one of its images uniformly. Real and generated crops go through the same delivery chain.
    """

    def __init__(self, samples: list[Sample], length: int, *, seed: int, source_power: float, first: int = 0):
        self.first, self.length, self.seed = first, length, seed
        self._by_label: list[list[list[Sample]]] = []
        self._shares: list[NDArray[np.float64]] = []
        for label in (0, 1):
            sources: dict[str, list[Sample]] = defaultdict(list)
            for sample in samples:
                if sample.label == label:
                    sources[sample.source].append(sample)
            groups = [sources[name] for name in sorted(sources)]
            share = np.array([len(g) for g in groups], float) ** source_power
            self._by_label.append(groups)
            self._shares.append(share / share.sum())
        self._cache: ImageCache | None = None  # made in the loading process: a child process cannot be inherited

    def __len__(self) -> int:
        return self.length - self.first

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one crop (3, CROP_PX, CROP_PX) in [-1, 1] and its label."""
        rng = np.random.default_rng((self.seed, self.first + index))
        if self._cache is None:
            self._cache = ImageCache()
        while True:  # a refused image is passed over; another draw of the same stream takes its place
            label = int(rng.integers(0, 2))
            groups = self._by_label[label]
            group = groups[int(rng.choice(len(groups), p=self._shares[label]))]
            try:
                pixels = self._cache.get(group[int(rng.integers(0, len(group)))].path)
            except ImageRefusedError:
                continue
            break
        region = random_region(rng, pixels, 2 * CROP_PX + 32)  # room for a shrink to half before the crop
        crop = random_crop(rng, deliver(rng, region), CROP_PX)
        return torch.from_numpy(to_unit(crop[None])[0]), label
