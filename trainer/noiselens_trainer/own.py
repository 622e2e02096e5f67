"""The user's labelled pictures: where they are, which belong together, and what the encoder says of them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from noiselens_core.crops import LEARNED_PX, LEARNED_QUALITY, to_unit
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import DecodedImage, Decoder, read_bytes
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.likeness import ALIKE, as_numbers, distances, look
from noiselens_core.model import AnlDetector, summarise
from noiselens_core.places import library_path, samples_dir
from noiselens_core.progress import Progress
from noiselens_core.thumbnails import make_thumbnail

from .augment import Pixels
from .data import DataError
from .layouts import read_data
from .pace import Pace
from .tiers import BY_NAME, windows_of

Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Report = Callable[[Progress], None]

AS_IS = "as-is"
VIEWS = (AS_IS, "clean-eq", "hard")  # the first is judged, the others teach; more add little, docs/FINETUNING.md


@dataclass(frozen=True)
class OwnSample:
    """A labelled picture of the user's; label 1 is generated, 0 is real.

    Attributes:
        name: what it is called; untrusted text.
        group: where it is from, as far as that is known; pictures of one group are held out together.
    """

    path: Path
    label: int
    name: str
    group: str = ""


@dataclass(frozen=True)
class Seen:
    """A sample that could be read.

    Attributes:
        features: (VIEWS, D), before standardisation.
        look: as likeness.look gives it.
        thumbnail: a small JPEG of our own.
    """

    sample: OwnSample
    sha256: str
    features: NDArray[np.float16]
    look: bytes
    thumbnail: bytes


@dataclass(frozen=True)
class Unread:
    """A sample that was left out, and the sentence why.

    Attributes:
        both_labels: it could be read, but the same bytes are labelled real and generated.
    """

    sample: OwnSample
    sentence: str
    both_labels: bool = False


def read_folder(path: Path) -> list[OwnSample]:
    """Return the samples of a manifest CSV or a labelled folder (layouts.py); one label is enough. Raises DataError."""
    samples = read_data(path, labels=1)
    whole = path.is_dir()
    return [
        OwnSample(
            s.path,
            s.label,
            str(s.path.relative_to(path)) if whole else s.path.name,
            str(s.path.parent) if whole else s.source,
        )
        for s in samples
    ]


def read_library() -> tuple[list[OwnSample], int]:
    """Return what the user labelled in this library and has at hand, and how many pictures of it have both labels.

    Raises LibraryError, or DataError when there is nothing.
    """
    with Library(library_path()) as library, LabelStore(library, samples_dir()) as store:
        found = [
            OwnSample(s.path, int(s.label == "generated"), s.name or s.sha256[:12]) for s in store.samples() if s.path
        ]
        conflicts = len(store.conflicts())
    if not found:
        raise DataError("There are no labelled images yet. Label some in the app, or with: noiselens label")
    return found, conflicts


class OwnFeatures:
    """A folder of one small file a picture, named by the digest of its bytes: what is there is not computed again.

    key: of the encoder; files of another one are removed, as are those of pictures that are no longer asked for.
    """

    def __init__(self, folder: Path, key: str, model: AnlDetector):
        seen_as = f"{key} {VIEWS} {LEARNED_PX} {LEARNED_QUALITY}"
        self._folder, self._key, self._model = folder, hashlib.sha256(seen_as.encode()).hexdigest()[:12], model

    def see(self, samples: list[OwnSample], report: Report) -> tuple[list[Seen], list[Unread]]:
        """Return what can be read of the samples, and what cannot.

        A picture that was given twice is seen once; one that was given under both labels teaches neither.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        seen: dict[str, Seen] = {}
        both: set[str] = set()
        unread: list[Unread] = []
        pace = Pace(0, len(samples), 1)
        with closing(Decoder()) as decoder:
            for number, sample in enumerate(samples, start=1):
                try:
                    data = read_bytes(sample.path)
                    sha256 = hashlib.sha256(data).hexdigest()
                    if sha256 not in seen:
                        seen[sha256] = self._read(sample, sha256) or self._compute(sample, sha256, data, decoder)
                    first = seen[sha256].sample
                    if first.label != sample.label and sha256 not in both:
                        both.add(sha256)
                        unread.append(Unread(sample, _both_labels(first), both_labels=True))
                except ImageRefusedError as error:
                    unread.append(Unread(sample, str(error)))
                if unread and unread[-1].sample is sample:
                    message = f"{sample.name} left out: {unread[-1].sentence}"
                    report(Progress("features", number, len(samples), message=message))
                if line := pace.tick(number, {}):
                    report(Progress("features", number, len(samples), *line))
        for path in self._folder.glob("*.npz*"):
            if not any(path.name.startswith(self._name(sha256)) for sha256 in seen):
                path.unlink(missing_ok=True)
        return [one for sha256, one in seen.items() if sha256 not in both], unread

    def _name(self, sha256: str) -> str:
        return f"{sha256}-{self._key}.npz"

    def _read(self, sample: OwnSample, sha256: str) -> Seen | None:
        try:
            with np.load(self._folder / self._name(sha256), allow_pickle=False) as file:
                return Seen(sample, sha256, file["features"], file["look"].tobytes(), file["thumbnail"].tobytes())
        except (OSError, ValueError, KeyError, EOFError):
            return None  # not there, or not one of ours: computed anew

    def _compute(self, sample: OwnSample, sha256: str, data: bytes, decoder: Decoder) -> Seen:
        image = decoder.decode(data)
        pixels = image.pixels
        features = self._encode([_cut(view, image) for view in VIEWS])
        seen = Seen(sample, sha256, features, look(pixels), make_thumbnail(pixels))
        part = self._folder / f"{self._name(sha256)}.part"
        with part.open("wb") as file:
            np.savez(
                file,
                features=features,
                look=np.frombuffer(seen.look, np.uint8),
                thumbnail=np.frombuffer(seen.thumbnail, np.uint8),
            )
        part.replace(self._folder / self._name(sha256))
        return seen

    def _encode(self, views: list[Pixels]) -> NDArray[np.float16]:
        """Return the mean features over the windows of every view (n, WINDOW_PX, WINDOW_PX, 3), (views, D)."""
        device = next(self._model.parameters()).device
        with torch.inference_mode():
            x = torch.from_numpy(to_unit(np.concatenate(views))).to(device)
            pooled = summarise(self._model.encoder(x, self._model.config.taps)).float().cpu()
        parts = torch.split(pooled, [len(view) for view in views])
        return torch.stack([part.mean(0) for part in parts]).half().numpy()


def _both_labels(first: OwnSample) -> str:
    return f"The same picture, {first.name}, is there as real and as generated; leave one out."


def _cut(view: str, image: DecodedImage) -> Pixels:
    """Return the windows of a picture under a view: as it is, or as a tier delivers it."""
    if view == AS_IS:
        return windows_of(image.pixels, image.facts.was_jpeg)
    return windows_of(BY_NAME[view].deliver(image.pixels))


def deal(seen: list[Seen], folds: int) -> Ints:
    """Return a fold a sample (n,), so that what shows the same picture, and what comes from one group, stays together.

    Groups count only where every label has more than `folds` of them; else a label's one folder would be one fold.
    The largest set first, each to the fold that has fewest of its labels.
    """
    leader = list(range(len(seen)))

    def find(i: int) -> int:
        while leader[i] != i:
            i = leader[i]
        return i

    looks = as_numbers([one.look for one in seen])
    for i, one in enumerate(seen):
        for j in np.flatnonzero(distances(one.look, looks[:i]) <= ALIKE):
            leader[find(i)] = find(int(j))
    groups = [{s.sample.group for s in seen if s.sample.label == c and s.sample.group} for c in (0, 1)]
    if all(len(found) > folds for found in groups if found):
        first: dict[tuple[int, str], int] = {}
        for i, one in enumerate(seen):
            if one.sample.group:
                leader[find(i)] = find(first.setdefault((one.sample.label, one.sample.group), i))
    sets: dict[int, list[int]] = defaultdict(list)
    for i in range(len(seen)):
        sets[find(i)].append(i)
    fold, load = np.zeros(len(seen), np.int64), np.zeros((folds, 2))
    for members in sorted(sets.values(), key=lambda m: (-len(m), seen[m[0]].sha256)):
        added = np.bincount([seen[i].sample.label for i in members], minlength=2)
        f = min(range(folds), key=lambda k: (float(load[k] @ added), float(load[k].sum()), k))
        fold[members], load[f] = f, load[f] + added
    return fold
