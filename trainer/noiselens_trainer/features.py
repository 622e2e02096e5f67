"""What the frozen encoder says of every image, computed once and kept on disk; resumes where it was killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor, nn

from noiselens_core.crops import to_unit
from noiselens_core.errors import ImageRefusedError
from noiselens_core.model import GRID, WIDTH, AnlDetector, noise_energy, summarise
from noiselens_core.progress import Progress

from .augment import Pixels
from .config import HeadConfig
from .data import DataError, ImageCache, Sample, random_window
from .pace import Pace
from .state import RunError
from .tiers import BY_NAME, TIERS, windows_of

BATCH = 12  # windows
ROWS_A_SAMPLE = 3  # windows of the most elongated image
Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Features:
    """The frozen parts' output for M windows of one view.

    Attributes:
        owner: (M,) index of the sample a window belongs to.
        summary: (M, D) float16, pooled features of all taps.
        energy: (M, 2, GRID, GRID) float16, of the predicted noise.
        tokens: (M, GRID^2, WIDTH) float16, the last tap without its class token; None without attention, which alone
            needs them: they take nearly all of the space.
    """

    owner: NDArray[np.int64]
    summary: NDArray[np.float16]
    energy: NDArray[np.float16]
    tokens: NDArray[np.float16] | None = None

    def of(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the rows whose sample is chosen; chosen: (N,) over the samples."""
        return np.flatnonzero(chosen[self.owner])


def view_names(config: HeadConfig) -> list[str]:
    """Return the views of a run: the three tiers, whose windows are the product's, and the random training views."""
    return [tier.name for tier in TIERS] + [f"train-{i}" for i in range(config.views)]


def _view(name: str, pixels: Pixels, index: int, seed: int) -> Pixels:
    """Return a sample's windows (n, WINDOW_PX, WINDOW_PX, 3) under a view."""
    if name.startswith("train-"):
        rng = np.random.default_rng((seed, int(name.removeprefix("train-")), index))
        return random_window(rng, pixels)[None]
    return windows_of(BY_NAME[name].deliver(pixels))


class FeatureStore:
    """A folder of memory-mapped arrays, one set a view, filled sample by sample.

    Samples added behind those of an earlier run cost only themselves; a list that begins otherwise is refused.
    """

    def __init__(self, folder: Path, samples: list[Sample], model: AnlDetector, seed: int):
        self._folder, self._samples, self._model, self._seed = folder, samples, model, seed
        folder.mkdir(parents=True, exist_ok=True)
        identity = folder / "samples.json"
        parts = [[seed, *model.config.taps, model.config.attention]]
        listed = parts + [[str(s.path.name), s.label, s.source] for s in samples]
        known = json.loads(identity.read_text(encoding="utf-8")) if identity.exists() else parts
        if listed[: len(known)] != known:
            raise RunError(f"{folder} holds the features of another data set. Choose another folder or remove it.")
        part = identity.with_suffix(".part")
        part.write_text(json.dumps(listed), encoding="utf-8")
        part.replace(identity)

    def _arrays(self, view: str) -> tuple[dict[str, NDArray[np.generic]], Path]:
        rows = len(self._samples) * (1 if view.startswith("train-") else ROWS_A_SAMPLE)
        shapes: dict[str, tuple[tuple[int, ...], type]] = {
            "summary": ((rows, self._model.config.summary_width), np.float16),
            "energy": ((rows, 2, GRID, GRID), np.float16),
            "owner": ((rows,), np.int64),
        }
        if self._model.config.attention:
            shapes["tokens"] = ((rows, GRID * GRID, WIDTH), np.float16)
        mark, arrays = self._folder / f"{view}.done", {}
        begun = mark.exists()  # without it a kill may have left arrays that are not whole
        for name, (shape, kind) in shapes.items():
            path = self._folder / f"{view}.{name}.npy"
            arrays[name] = _grown(path, shape) if begun else open_memmap(path, "w+", kind, shape)
        return arrays, mark

    def fill(self, view: str, report: Report) -> None:
        """Compute what is missing of a view. A refused image has no windows."""
        arrays, mark = self._arrays(view)
        first, row = map(int, mark.read_text(encoding="utf-8").split()) if mark.exists() else (0, 0)
        total, cache = len(self._samples), ImageCache()
        pace = Pace(first, total, 1)
        while first < total:
            batch: list[Pixels] = []
            owners: list[int] = []
            while first < total and len(batch) < BATCH:
                try:
                    cuts = _view(view, cache.get(self._samples[first].path), first, self._seed)
                    batch += list(cuts)
                    owners += [first] * len(cuts)
                except ImageRefusedError as error:
                    name = self._samples[first].path.name
                    report(Progress("features", first, total, message=f"{name} left out: {error}"))
                first += 1
            if batch:
                self._write(arrays, row, np.stack(batch), owners)
            row += len(batch)
            for array in arrays.values():
                array.flush()  # type: ignore[attr-defined]  # a memmap
            part = mark.with_suffix(".part")
            part.write_text(f"{first} {row}", encoding="utf-8")
            part.replace(mark)
            if line := pace.tick(first, {}):
                report(Progress("features", first, total, *line, message=view))

    def _write(self, arrays: dict[str, NDArray[np.generic]], row: int, batch: Pixels, owners: list[int]) -> None:
        device = next(self._model.parameters()).device
        with torch.inference_mode():
            x = torch.from_numpy(to_unit(batch)).to(device)
            taps = self._model.encoder(x, self._model.config.taps)
            energy = noise_energy(self._model.noise_head(x))
        span = slice(row, row + len(batch))
        arrays["summary"][span] = _half(summarise(taps))
        if self._model.config.attention:
            arrays["tokens"][span] = _half(taps[-1][:, 1:])
        arrays["energy"][span] = _half(energy)
        arrays["owner"][span] = owners

    def energy(self, view: str, head: nn.Module, name: str, report: Report) -> NDArray[np.float16]:
        """Return m of another noise head for the windows of a filled view, (M, 2, GRID, GRID); computed once a name."""
        path, known = self._folder / f"{view}.energy-{name}.npy", self.load(view)
        if not path.exists():
            made, cache = np.empty_like(known.energy), ImageCache()
            device, pace = next(head.parameters()).device, Pace(0, len(self._samples), 1)
            for owner in np.unique(known.owner):
                cuts = _view(view, cache.get(self._samples[owner].path), int(owner), self._seed)
                with torch.inference_mode():
                    made[known.owner == owner] = _half(noise_energy(head(torch.from_numpy(to_unit(cuts)).to(device))))
                if line := pace.tick(int(owner) + 1, {}):
                    report(Progress("energy", int(owner) + 1, len(self._samples), *line, message=f"{view}, {name}"))
            part = path.with_suffix(".part.npy")
            np.save(part, made)
            part.replace(path)
        return np.load(path, mmap_mode="r")  # type: ignore[no-any-return]

    def load(self, view: str) -> Features:
        """Return a filled view, memory-mapped."""
        arrays, mark = self._arrays(view)
        if not mark.exists() or int(mark.read_text(encoding="utf-8").split()[0]) < len(self._samples):
            raise DataError(f"The features of the view {view} are not complete. Run the command again.")
        rows = int(mark.read_text(encoding="utf-8").split()[1])
        return Features(**{name: array[:rows] for name, array in arrays.items()})  # type: ignore[arg-type]


def _grown(path: Path, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Return a kept array, memory-mapped, with room for all rows; what it holds stays in front."""
    kept = np.load(path, mmap_mode="r+")
    if len(kept) >= shape[0]:
        return kept  # type: ignore[no-any-return]
    part = path.with_suffix(".part.npy")
    grown = open_memmap(part, "w+", kept.dtype, shape)
    grown[: len(kept)] = kept
    grown.flush()
    part.replace(path)
    return grown


def _half(values: Tensor) -> NDArray[np.float16]:
    return values.half().cpu().numpy()
