"""Where NoiseLens keeps its files on the user's machine, for the user alone; every program of ours asks here."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

import appdirs

APP = "noiselens"
HOME = "NOISELENS_HOME"  # environment variable: one folder for everything, instead of the system's places


def place(system_place: str, name: str) -> Path:
    """Return a place of the system, or the folder of that name in the one home that the environment names."""
    home = os.environ.get(HOME)
    return Path(home) / name if home else Path(system_place)


def data_dir() -> Path:
    """Return the folder of the library."""
    return place(appdirs.user_data_dir(APP, appauthor=False), "data")


def library_path() -> Path:
    """Return where the history and the labels are kept."""
    return data_dir() / "library.sqlite3"


def samples_dir() -> Path:
    """Return where labelled images are kept, as they came."""
    return data_dir() / "samples"


def models_dir() -> Path:
    """Return where the user's own and imported detectors are kept."""
    return data_dir() / "models"


def signers_path() -> Path:
    """Return where the list of signers is kept whose Content Credentials are trusted."""
    return data_dir() / "trusted-signers.pem"


def keep_private(database: Path) -> None:
    """Let the user alone into a database and its folder: new ones are made so, and those that let others in are mended.

    SQLite gives the files beside it the rights of the database. Windows keeps a user's folders private by itself.
    """
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "nt":
        return
    if not database.exists():
        database.touch(mode=0o600)
    for place in (database.parent, database, *database.parent.glob(f"{database.name}-*")):
        with suppress(FileNotFoundError):  # another process of ours has closed the database meanwhile
            found = place.stat()
            if found.st_uid == os.getuid() and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                place.chmod(stat.S_IMODE(found.st_mode) & stat.S_IRWXU)
