"""Labelled images as samples: manifests, family-wise folds, and windows drawn by a resumable random stream."""

from __future__ import annotations

import csv
import hashlib
import weakref
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from noiselens_core.crops import Window, cut, to_unit
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
    origin: str = ""  # the collection it was published in; links families that show the same content


def _why(error: OSError | UnicodeDecodeError | csv.Error) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "read error").lower()
    return "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


def read_manifest(path: Path, labels: int = 2) -> list[Sample]:
    """Read a manifest CSV with columns path, label (real | generated), source, family, origin.

    Paths are relative to the manifest; source, family and origin may be missing. labels: how many of the two have to
    be there. Raises DataError naming the line at fault.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:  # spreadsheets begin it with a byte order mark
            reader = csv.DictReader(file)
            columns = list(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The manifest {path} cannot be read ({_why(error)}). Give the path of a CSV file.") from error
    if missing := [name for name in ("path", "label") if name not in columns]:
        raise DataError(
            f"The manifest {path} has no column {' and no column '.join(missing)}. "
            "Name its columns in the first line, with commas between them: path,label"
        )
    samples = []
    for number, row in rows:
        label = {"real": 0, "generated": 1}.get(row.get("label") or "")
        if label is None or not row.get("path") or "\0" in row["path"]:
            raise DataError(f"Line {number} of {path} needs a path and a label 'real' or 'generated'. Correct it.")
        source = row.get("source") or "unnamed"
        family = row.get("family") or source
        origin = (row.get("origin") or "").partition("@")[0]
        samples.append(Sample(path.parent / row["path"], label, source, FAMILY_ALIASES.get(family, family), origin))
    if len({s.label for s in samples}) < labels:
        wanted = " of both labels; add some of the missing one" if labels == 2 else "; it lists none"
        raise DataError(f"The manifest {path} needs images{wanted}.")
    return samples


def ask_for_both(label: Sequence[int] | NDArray[np.int64]) -> None:
    """Raise DataError unless images of both labels are left of those that could be read; label: (n,)."""
    if set(map(int, label)) != {0, 1}:
        raise DataError("Images of both labels that can be read are needed. Add some of the missing one.")


def linked_families(samples: list[Sample]) -> list[list[tuple[int, str]]]:
    """Group families (label, family) that may not be parted.

    A real and a generated family out of one collection show the same content: with one of them in training and the
    other left out, a detector would be measured on how well it remembers the content, with the label turned round.
    """
    leader: dict[tuple[int, str], tuple[int, str]] = {(s.label, s.family): (s.label, s.family) for s in samples}

    def find(key: tuple[int, str]) -> tuple[int, str]:
        while leader[key] != key:
            key = leader[key]
        return key

    by_origin: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for sample in samples:
        if sample.origin:
            by_origin[sample.origin].add((sample.label, sample.family))
    for keys in by_origin.values():
        if len({label for label, _ in keys}) == 2:
            first, *rest = sorted(keys)
            for key in rest:
                leader[find(key)] = find(first)
    groups: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for key in sorted(leader):
        groups[find(key)].append(key)
    return list(groups.values())


def family_folds(samples: list[Sample], config: SplitConfig, measured: int | None = None) -> dict[tuple[int, str], int]:
    """Deal families into folds: (label, family) -> fold; linked families stay together.

    Largest group first, each to the fold where it evens out the shares of both labels best; ties fall by a hash of
    the seed.
    measured: how many of the samples figures are made of, the first ones; the others' families are dealt after theirs,
    so that what else is trained on does not move the folds.
    Raises DataError where a measured fold leaves fewer than two labels outside it: no head can be fitted without it.
    """
    folds: dict[tuple[int, str], int] = {}
    groups = linked_families(samples)
    for part in (samples[:measured], samples[measured:] if measured is not None else []):
        sizes = Counter((s.label, s.family) for s in part)
        undealt = [g for g in groups if g[0] not in folds and any(key in sizes for key in g)]
        folds |= _dealt(undealt, sizes, config)
    held = {key: folds[key] for key in {(s.label, s.family) for s in samples[:measured]}}
    for fold in set(held.values()):
        if len({label for (label, _), at in held.items() if at != fold}) < 2:
            raise DataError(
                "Every image of one label is of one family or collection, so it cannot be measured. Put every source "
                "in a folder of its own inside real and generated, add another, or use a manifest with a family column."
            )
    return folds


def _dealt(
    groups: list[list[tuple[int, str]]], sizes: Counter[tuple[int, str]], config: SplitConfig
) -> dict[tuple[int, str], int]:
    totals = [sum(n for (label, _), n in sizes.items() if label == c) for c in (0, 1)]

    def shares(group: list[tuple[int, str]]) -> list[float]:
        return [sum(sizes[key] for key in group if key[0] == c) / max(1, totals[c]) for c in (0, 1)]

    def tie(*words: object) -> str:
        return hashlib.sha256(repr((config.seed, *words)).encode()).hexdigest()

    load = [[0.0, 0.0] for _ in range(config.folds)]
    folds: dict[tuple[int, str], int] = {}
    for group in sorted(groups, key=lambda g: (-sum(shares(g)), tie(*g))):
        added = shares(group)
        costs = [sum((at[c] + added[c]) ** 2 - at[c] ** 2 for c in (0, 1)) for at in load]
        fold = min(range(config.folds), key=lambda f: (round(costs[f], 9), tie(group, f)))
        folds |= dict.fromkeys(group, fold)
        load[fold] = [load[fold][c] + added[c] for c in (0, 1)]
    return folds


def sample_weights(samples: list[Sample], power: float) -> NDArray[np.float64]:
    """Return a weight a sample, mean 1: labels weigh the same, a source of n images in proportion to n ** power."""
    size: dict[tuple[int, str], int] = defaultdict(int)
    for s in samples:
        size[s.label, s.source] += 1
    weight = np.array([size[s.label, s.source] ** (power - 1) for s in samples])
    label = np.array([s.label for s in samples])
    for c in (0, 1):
        weight[label == c] *= len(samples) / (2 * weight[label == c].sum())
    return weight


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


def random_crop(rng: np.random.Generator, pixels: Pixels, side: int) -> Pixels:
    """Return a random native (side, side, 3) crop, mirrored where the image is smaller, flipped half of the time."""
    height, width = pixels.shape[:2]
    top = int(rng.integers(0, max(0, height - side) + 1))
    left = int(rng.integers(0, max(0, width - side) + 1))
    region = pixels[top : top + side, left : left + side]
    height, width = region.shape[:2]
    if height < side or width < side:
        region = np.pad(region, ((0, side - height), (0, side - width), (0, 0)), mode="symmetric")
    flipped: Pixels = region[:, ::-1] if rng.random() < 0.5 else region
    return flipped


MIN_WINDOW_SHARE = 0.6  # of the short side, the smallest window drawn in training


def random_window(rng: np.random.Generator, pixels: Pixels) -> Pixels:
    """Return a random window (WINDOW_PX, WINDOW_PX, 3) of a picture after a random delivery chain."""
    delivered = deliver(rng, pixels)
    height, width = delivered.shape[:2]
    side = max(1, int(min(height, width) * rng.uniform(MIN_WINDOW_SHARE, 1)))
    place = Window(int(rng.integers(0, width - side + 1)), int(rng.integers(0, height - side + 1)), side)
    window = cut(np.ascontiguousarray(delivered), [place])[0]
    flipped: Pixels = window[:, ::-1] if rng.random() < 0.5 else window
    return flipped


class WindowStream(Dataset[Tensor]):
    """An endless stream of windows; item i depends on (seed, i) alone, so a killed run resumes exactly.

    Labels are equally likely; within a label a source of n images is drawn in proportion to n ** source_power.
    """

    def __init__(self, samples: list[Sample], length: int, *, seed: int, source_power: float, first: int = 0):
        self.first, self.length, self.seed = first, length, seed
        self._samples = samples
        weight = sample_weights(samples, source_power)
        self._shares = weight / weight.sum()
        self._cache: ImageCache | None = None  # made in the loading process: a child process cannot be inherited

    def __len__(self) -> int:
        return self.length - self.first

    def __getitem__(self, index: int) -> Tensor:
        """Return one window (3, WINDOW_PX, WINDOW_PX) in [-1, 1]. Raises DataError when no image can be read."""
        rng = np.random.default_rng((self.seed, self.first + index))
        self._cache = self._cache or ImageCache()
        refused: set[int] = set()
        while len(refused) < len(self._samples):  # for a refused image another draw of the same stream takes its place
            at = int(rng.choice(len(self._samples), p=self._shares))
            try:
                pixels = self._cache.get(self._samples[at].path)
            except ImageRefusedError:
                refused.add(at)
                continue
            return torch.from_numpy(to_unit(random_window(rng, pixels)[None])[0])
        raise DataError("None of the images can be read. Check that they are where the manifest or folder says.")
