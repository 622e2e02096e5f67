"""Files that a person named: read and looked at so that none of them can hold up or end a run of many."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import ImageRefusedError, RefusalCode


def is_folder(path: Path) -> bool:
    """Return whether a path leads to a folder; Path.is_dir raises for what may not be looked at."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """Return whether a path leads to a regular file; Path.is_file raises likewise."""
    return os.path.isfile(path)  # noqa: PTH113


def may_be_file(path: Path) -> bool:
    """Return whether a path leads to a regular file, or to what may not be looked at: opening that says why."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def read_file(path: Path, at_most: int) -> bytes:
    """Return the first bytes of a regular file. Raises ImageRefusedError for all else; no pipe is waited for."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(at_most)
    except (OSError, ValueError) as error:
        if not is_folder(path):
            raise ImageRefusedError(
                RefusalCode.UNREADABLE,
                f"{path.name} cannot be opened. Check that the file exists and that you may read it.",
            ) from error
    if is_folder(path):
        raise _nothing_in(path)
    raise ImageRefusedError(RefusalCode.UNREADABLE, "It is not a file. Save the image as a file first.")


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for whoever writes into a pipe; on regular files the flag does nothing."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _nothing_in(folder: Path) -> ImageRefusedError:
    """Return what to say of a folder that was to be read as an image: finding its images found none."""
    try:
        os.scandir(folder).close()
    except OSError:
        return ImageRefusedError(
            RefusalCode.UNREADABLE, "The folder may not be read. Give yourself the right to read it, then try again."
        )
    return ImageRefusedError(
        RefusalCode.EMPTY, "The folder holds no image NoiseLens reads. Name the files themselves to try them anyway."
    )
