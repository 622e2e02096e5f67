"""Copies of images that came without a file of their own, kept only while the user asks for that."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

from noiselens_core.sniff import image_format

log = logging.getLogger(__name__)


class Originals:
    """The folder of the copies; a copy is called by its SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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

    def forget_all_but(self, digests: Collection[str]) -> None:
        """Delete every copy whose SHA-256 (hex) is not among these."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.stem not in digests:
                path.unlink(missing_ok=True)
