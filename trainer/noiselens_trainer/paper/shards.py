"""Images in tar shards, written once and read from front to back: for data sets that no folder holds."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import Decoder
from noiselens_core.progress import Progress

from ..data import DataError, Sample
from ..pace import Pace
from .cache import TargetReader
from .config import PaperConfig
from .stream import Batch, Collate, Item, Share, make_item

IMAGE, ABOUT = "image", "json"  # a sample's two members: KEY.image, the original bytes, and KEY.json


def write_shards(
    samples: list[Sample], folder: Path, shard_bytes: int, seed: int, report: Callable[[Progress], None]
) -> int:
    """Write samples in random order as shards of about `shard_bytes`; return how many images are in them.

    Every image is decoded once: a refused one is said and left out, so that no later run meets it.
    """
    import webdataset

    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("*.tar")):
        raise DataError(f"{folder} holds shards already. Choose an empty folder.")
    pace, written = Pace(0, len(samples), 1), 0
    pattern = str(folder / "shard-%06d.tar")
    with Decoder() as decoder, webdataset.ShardWriter(pattern, maxcount=10**9, maxsize=shard_bytes, verbose=0) as out:
        for done, i in enumerate(np.random.default_rng(seed).permutation(len(samples)), start=1):
            sample = samples[i]
            try:
                decoder.decode_file(sample.path)
            except ImageRefusedError as error:
                report(Progress("shards", done, len(samples), message=f"{sample.path.name} left out: {error}"))
                continue
            about = {"label": sample.label, "source": sample.source, "family": sample.family}
            out.write({"__key__": f"{written:09d}", IMAGE: sample.path.read_bytes(), ABOUT: json.dumps(about).encode()})
            written += 1
            if line := pace.tick(done, {}):
                report(Progress("shards", done, len(samples), *line))
    return written


def find_shards(data: Path) -> list[Path]:
    """Return the shards of a folder; empty when it holds none and so is another kind of data."""
    return sorted(data.glob("*.tar")) if data.is_dir() else []


def read_shard(path: Path) -> Iterator[dict[str, Any]]:
    """Yield a shard's samples as members by name. Raises DataError when it is cut or no tar file."""
    import tarfile

    from webdataset.tariterators import group_by_keys, tar_file_iterator

    try:
        with path.open("rb") as file:
            yield from group_by_keys({**member, "__url__": path.name} for member in tar_file_iterator(file))
    except (OSError, ValueError, tarfile.TarError) as error:
        raise DataError(f"The shard {path} cannot be read to its end. Write it anew.") from error


class ShardStream(IterableDataset[Batch]):
    """Whole batches of one process. Every loading process reads shards of its own, in an order drawn anew each turn.

    A resumed run passes over what was used, unread by the decoder, so that it goes on with the batch it would have had.
    """

    def __init__(self, shards: list[Path], config: PaperConfig, share: Share, targets: TargetReader, collate: Collate):
        streams = share.world * max(1, config.workers)
        if len(shards) < streams:
            raise DataError(
                f"{len(shards)} shards cannot feed {streams} loading processes. Write smaller shards or lower workers."
            )
        self._shards, self._config, self._share = shards, config, share
        self._targets, self._collate = targets, collate
        self._own = config.batch_size // share.world

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        # The loader asks its processes in turn, from the first: after n batches that is another part of the stream.
        first = self._share.first_step
        part = (first + worker) % workers
        passed = len(range(part, first, workers)) * self._own
        samples = self._samples(self._share.rank * workers + part, self._share.world * workers)
        decoder = Decoder()
        weakref.finalize(self, decoder.close)  # streams are dropped, not closed, by their loader
        items: list[Item] = []
        for number, (name, member, turn) in enumerate(samples):
            if number < passed:
                continue
            try:
                pixels = decoder.decode(member[IMAGE]).pixels
            except ImageRefusedError as error:
                raise DataError(f"{name} is no image that can be read ({error}). Write the shards anew.") from error
            view = turn % self._config.target.views
            label = json.loads(member[ABOUT])["label"]
            items.append(make_item(pixels, label, name, view, self._config, self._targets))
            if len(items) == self._own:
                yield self._collate(items)
                items = []

    def _samples(self, stream: int, streams: int) -> Iterator[tuple[str, dict[str, Any], int]]:
        """Yield (name, members, turn) of one stream's own shards for ever."""
        own, turn = self._shards[stream::streams], 0
        while True:
            for i in np.random.default_rng((self._config.seed, stream, turn)).permutation(len(own)):
                for member in read_shard(own[i]):
                    yield f"{own[i].name}/{member['__key__']}", member, turn
            turn += 1
