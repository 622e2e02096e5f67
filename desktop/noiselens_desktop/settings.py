"""Where the app keeps its files, and what the user has chosen."""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import appdirs
import tomli_w

from noiselens_core.errors import NoiseLensError
from noiselens_core.places import APP, data_dir, place


class SettingsError(NoiseLensError):
    """The settings cannot be written."""


def config_dir() -> Path:
    """Return the folder of the settings and the paired browsers' keys."""
    return place(appdirs.user_config_dir(APP, appauthor=False), "config")


def log_dir() -> Path:
    """Return the folder of the log."""
    return place(appdirs.user_log_dir(APP, appauthor=False), "log")


def keys_path() -> Path:
    """Return where the paired browsers' keys are kept; readable by the user alone."""
    return config_dir() / "browsers.json"


def originals_dir() -> Path:
    """Return where images that came without a file are kept, if the user asks for that."""
    return data_dir() / "originals"


def settings_path() -> Path:
    """Return where the settings are kept."""
    return config_dir() / "settings.toml"


@dataclass(frozen=True)
class Settings:
    """What the user has chosen; one key of settings.toml a field."""

    theme: str = "system"  # system, light or dark
    overlay: str = "attention"  # attention, noise or none
    overlay_opacity: float = 0.55  # in [0, 1]
    device: str = "auto"  # auto, cpu, cuda or mps
    window_width: int = 1280  # logical pixels
    window_height: int = 780  # logical pixels
    window_maximized: bool = False
    window_placed: bool = False  # whether the next two say where it stands
    window_x: int = 0  # logical pixels, of what is inside the frame
    window_y: int = 0
    batch_table: str = ""  # columns and order; see LineView.arrange
    history_table: str = ""
    page: str = "check"  # the page that was open
    preset: str = "balanced"  # cautious, balanced or sensitive
    history_days: int = 0  # entries older are deleted; 0 keeps all
    keep_originals: bool = False  # of images that came without a file of their own
    language: str = "system"  # system, en or de
    close_to_tray: bool = False
    welcomed: bool = False  # the first steps were shown

    def __post_init__(self) -> None:
        """Check every value. Raises ValueError."""
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is one of {', '.join(choices)}")
        if not 0 <= self.overlay_opacity <= 1:
            raise ValueError("overlay_opacity is between 0 and 1")
        if self.history_days < 0:
            raise ValueError("history_days is 0 or more")
        if not (400 <= self.window_width <= 20_000 and 300 <= self.window_height <= 20_000):
            raise ValueError("the window is at least 400 x 300")


CHOICES = {
    "theme": ("system", "light", "dark"),
    "overlay": ("attention", "noise", "none"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "preset": ("cautious", "balanced", "sensitive"),
    "language": ("system", "en", "de"),
    "page": ("check", "batch", "history", "training", "settings"),
}


def load_settings(path: Path) -> tuple[Settings, str | None]:
    """Return the settings, and a sentence when the file could not be used as it is.

    A missing file is the defaults; so is a broken one. Keys of other versions are ignored.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings(), None
    except (OSError, ValueError):
        return Settings(), f"The settings in {path} could not be read, so the defaults are used."
    settings = Settings()
    wrong = []
    for field in fields(Settings):
        if field.name not in content:
            continue
        value, default = content[field.name], getattr(settings, field.name)
        if isinstance(default, float) and type(value) is int:
            value = float(value)
        try:
            if type(value) is not type(default):
                raise ValueError(f"{field.name} is of another type")
            settings = replace(settings, **{field.name: value})
        except ValueError:
            wrong.append(field.name)
    if wrong:
        return settings, f"In {path} the default is used for: {', '.join(wrong)}."
    return settings, None


def save_settings(settings: Settings, path: Path) -> None:
    """Write the settings; the file is whole at every moment. Raises SettingsError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
        try:
            with os.fdopen(handle, "wb") as file:
                tomli_w.dump(asdict(settings), file)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(f"The settings could not be saved in {path} ({error.strerror}).") from error
