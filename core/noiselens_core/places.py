"""Where NoiseLens keeps its files on the user's machine; every program of ours asks here."""

from __future__ import annotations

import os
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
