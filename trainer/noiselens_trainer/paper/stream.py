"""Crops for one of many training processes: labels alternate, views repeat, and any step can be the first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from noiselens_core.crops import to_unit
from noiselens_core.errors import ImageRefusedError

from ..augment import Pixels, deliver
from ..data import DataError, ImageCache, Sample, random_crop
from .cache import TargetReader
from .config import PaperConfig

DECODED_BYTES = 2**28  # images one loading process keeps: there are dozens, and large sets seldom ask twice


class Item(TypedDict):
    """One crop: x (3, P, P) in [-1, 1], its label, the key of its target, and that target when it was at hand."""

    x: Tensor
    label: float
    key: str
    target: Tensor | None


class Batch(TypedDict):
    """Items put together; `known` says which targets are there, the others are zeros."""

    x: Tensor
    label: Tensor
    keys: list[str]
    target: Tensor
    known: Tensor


@dataclass(frozen=True)
class Share:
    """Which part of every batch a process makes.

    Attributes:
        rank, world: this process, out of how many.
        first_step: steps that are done.
    """

    rank: int = 0
    world: int = 1
    first_step: int = 0


@dataclass(frozen=True)
class Collate:
    """Puts items together; target_shape is that of one target."""

    target_shape: tuple[int, ...]

    def __call__(self, items: list[Item]) -> Batch:
        """Return one batch."""
        missing = torch.zeros(self.target_shape, dtype=torch.float16)
        targets = [item["target"] for item in items]
        return {
            "x": torch.stack([item["x"] for item in items]),
            "label": torch.tensor([item["label"] for item in items]),
            "keys": [item["key"] for item in items],
            "target": torch.stack([missing if t is None else t for t in targets]),
            "known": torch.tensor([t is not None for t in targets]),
        }


def make_item(pixels: Pixels, label: int, name: str, view: int, config: PaperConfig, targets: TargetReader) -> Item:
    """Return a view of an image; it depends on (seed, name, view) alone, so that its target can be kept."""
    drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    rng = np.random.default_rng((config.seed, drawn, view))
    delivered = deliver(rng, pixels) if config.delivery else pixels
    x = torch.from_numpy(to_unit(random_crop(rng, delivered, config.crop_px)[None])[0])
    key = f"{name}#{view}"
    return {"x": x, "label": float(label), "key": key, "target": targets.get(key)}


class FolderStream(Dataset[Item]):
    """Item i of this process out of the batches of all processes: real and generated images alternate in them.

    Every image of a label is seen once before any is seen twice, in an order that is drawn anew each time round; the
    view changes each time round too, until `views` are through. A refused image gives its place to the next.
    """

    def __init__(self, samples: list[Sample], config: PaperConfig, share: Share, targets: TargetReader):
        self._config, self._share, self._targets = config, share, targets
        self._by_label = [[s for s in samples if s.label == label] for label in (0, 1)]
        self._own = config.batch_size // share.world
        self._orders: dict[tuple[int, int], list[int]] = {}
        self._cache: ImageCache | None = None  # made in the loading process: a child process cannot be inherited

    def __len__(self) -> int:
        return (self._config.steps - self._share.first_step) * self._own

    def number(self, index: int) -> int:
        """Return the place of item `index` in the run of all processes together."""
        step, slot = divmod(index, self._own)
        return (self._share.first_step + step) * self._config.batch_size + self._share.rank * self._own + slot

    def place(self, number: int) -> tuple[Sample, int]:
        """Return the sample at a place of the run and how often its label has been gone round before."""
        label = number % 2
        images = self._by_label[label]
        turn, position = divmod(number // 2, len(images))
        if (label, turn) not in self._orders:
            self._orders = {key: order for key, order in self._orders.items() if key[0] != label}
            rng = np.random.default_rng((self._config.seed, label, turn))
            self._orders[label, turn] = rng.permutation(len(images)).tolist()
        return images[self._orders[label, turn][position]], turn

    def __getitem__(self, index: int) -> Item:
        self._cache = self._cache or ImageCache(DECODED_BYTES)
        number = self.number(index)
        for _ in self._by_label[number % 2]:
            sample, turn = self.place(number)
            try:
                pixels = self._cache.get(sample.path)
            except ImageRefusedError:
                number += 2  # the next of the same label
                continue
            view = turn % self._config.target.views
            return make_item(pixels, sample.label, str(sample.path), view, self._config, self._targets)
        label = ("real", "generated")[number % 2]
        raise DataError(f"None of the {label} images can be read. Look at the files, or name another folder.")
