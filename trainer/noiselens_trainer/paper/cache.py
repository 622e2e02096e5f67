"""Targets on disk, one small file a view, within a limit of bytes: the oldest go first."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..state import RunError


class TargetReader:
    """Reads what a TargetCache wrote; may live in any process, while the cache goes on."""

    def __init__(self, folder: Path):
        self._folder = folder

    def path(self, key: str) -> Path:
        """Return the file of a view's key, which may be any text."""
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        return self._folder / name[:2] / f"{name}.npy"

    def get(self, key: str) -> Tensor | None:
        """Return a target float16, or None when it was never written or had to go."""
        try:
            return torch.from_numpy(np.load(self.path(key)))
        except (OSError, ValueError, EOFError):
            return None


class TargetCache(TargetReader):
    """The writing side: one a training process, in a folder of its own.

    identity: what the targets depend on beside their keys; targets of another identity are not mixed in.
    Raises RunError when the folder holds another one.
    """

    def __init__(self, folder: Path, limit_bytes: int, identity: dict[str, object]):
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        mark, text = folder / "targets.json", json.dumps(identity, sort_keys=True)
        if mark.exists() and mark.read_text(encoding="utf-8") != text:
            raise RunError(f"{folder} holds targets of another teacher or other settings. Remove it or choose another.")
        mark.write_text(text, encoding="utf-8")
        self._limit, self.bytes = limit_bytes, 0
        self._sizes: OrderedDict[Path, int] = OrderedDict()  # oldest first
        for path in sorted(folder.glob("??/*.npy"), key=lambda p: p.stat().st_mtime_ns):
            self._note(path)
        self._make_room()

    def put(self, key: str, target: Tensor) -> None:
        """Write a target as float16, whole or not at all, and drop the oldest beyond the limit."""
        path = self.path(key)
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, target.detach().half().cpu().numpy())
        part.replace(path)
        self._note(path)
        self._make_room()

    def _note(self, path: Path) -> None:
        self.bytes -= self._sizes.pop(path, 0)
        self._sizes[path] = path.stat().st_size
        self.bytes += self._sizes[path]

    def _make_room(self) -> None:
        while self.bytes > self._limit and len(self._sizes) > 1:
            path, size = self._sizes.popitem(last=False)
            path.unlink(missing_ok=True)
            self.bytes -= size
