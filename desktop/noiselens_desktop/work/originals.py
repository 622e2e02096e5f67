"""Copies of images that came without a file of their own, kept only while the user asks for that."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from noiselens_core.sniff import image_format

log = logging.getLogger(__name__)


class Originals:
    """The folder of the copies; a copy is called by its SHA-256.

    Attributes:
        keeping: held from the writing of a copy until the history names it, so that it is not swept meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.keeping = threading.Lock()

    def keep(self, sha256: str, data: bytes) -> Path | None:
        """Keep an image's bytes and return their place; None, and a line in the log, when they cannot be written."""
        path = self._folder / f"{sha256}.{(image_format(data) or 'image').lower()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                handle, name = tempfile.mkstemp(
                    dir=self._folder, prefix=".part-"
                )  # the user's alone, and whole or absent
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                Path(name).replace(path)
        except OSError as error:
            log.warning("a copy could not be kept in %s: %s", self._folder, error.strerror)
            return None
        return path

    def forget_all_but(self, digests: Callable[[], Collection[str]]) -> None:
        """Delete every copy whose SHA-256 (hex) is not among those the history names."""
        with self.keeping:
            if not self._folder.is_dir():
                return
            named = digests()
            for path in self._folder.iterdir():
                if path.stem not in named:
                    path.unlink(missing_ok=True)
