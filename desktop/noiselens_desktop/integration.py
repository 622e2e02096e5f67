"""NoiseLens in the user's own desktop: the applications menu, 'open with', and starting with the system."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

from noiselens_core.errors import NoiseLensError

RESOURCES = Path(__file__).parent / "resources"
BACKGROUND = "--background"
KINDS = "image/png;image/jpeg;image/webp;image/gif;image/bmp;image/avif;image/tiff;image/heic;image/heif;"
AGENT = "org.noiselens.app"
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)  # px; small ones are asked for by docks that draw no SVG


class IntegrationError(NoiseLensError):
    """The desktop's own folders cannot be written."""


def command() -> list[str]:
    """Return how this NoiseLens is started."""
    beside = Path(sys.executable).with_name("noiselens")
    program = str(beside) if beside.exists() else shutil.which("noiselens")
    return [program] if program else [sys.executable, "-m", "noiselens_desktop"]


def starts_with_system() -> bool:
    """Return whether NoiseLens starts when the user logs in."""
    return _autostart_place().exists()


def start_with_system(wanted: bool) -> None:
    """Start NoiseLens in the background when the user logs in, or do not. Raises IntegrationError."""
    place = _autostart_place()
    try:
        if not wanted:
            place.unlink(missing_ok=True)
            return
        arguments = [*command(), "app", BACKGROUND]
        if len(command()) > 1:  # the package itself takes no command's name
            arguments = [*command(), BACKGROUND]
        place.parent.mkdir(parents=True, exist_ok=True)
        if sys.platform == "darwin":
            place.write_bytes(plistlib.dumps({"Label": AGENT, "ProgramArguments": arguments, "RunAtLoad": True}))
        elif sys.platform == "win32":
            place.write_text(f'@start "" {subprocess.list2cmdline(arguments)}\r\n', "utf-8")
        else:
            place.write_text(_entry(arguments, "X-GNOME-Autostart-enabled=true\n"), "utf-8")
    except OSError as error:
        raise IntegrationError(
            f"{place} could not be changed ({error.strerror}). Check that you may write there."
        ) from error


def has_menu_entry() -> bool:
    """Return whether NoiseLens stands in the applications menu; None of this is needed on Windows and macOS."""
    return _menu_place().exists()


def add_menu_entry() -> None:
    """Put NoiseLens into the applications menu and among the programs images open with. Raises IntegrationError."""
    place, theme = _menu_place(), _share() / "icons" / "hicolor"
    icons = {
        "scalable/apps/noiselens.svg": "noiselens.svg",
        "symbolic/apps/noiselens-symbolic.svg": "noiselens-symbolic.svg",
    }
    icons |= {f"{size}x{size}/apps/noiselens.png": f"icons/{size}.png" for size in ICON_SIZES}
    try:
        for name, source in icons.items():
            (theme / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(RESOURCES / source, theme / name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_entry([*command(), "%F"], f"MimeType={KINDS}\n"), "utf-8")
    except OSError as error:
        raise IntegrationError(
            f"{place} could not be written ({error.strerror}). Check that you may write there."
        ) from error


def _entry(arguments: list[str], more: str) -> str:
    """Return a desktop entry (freedesktop.org, version 1.0)."""
    return (
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName=NoiseLens\n"
        "GenericName=AI image check\nGenericName[de]=KI-Bildprüfung\n"
        "Comment=Tells on your own machine whether an image looks AI-generated\n"
        "Comment[de]=Prüft auf dem eigenen Rechner, ob ein Bild nach KI aussieht\n"
        f"Exec={' '.join(map(_quoted, arguments))}\nIcon=noiselens\nTerminal=false\n"
        f"Categories=Graphics;Viewer;\nStartupWMClass=noiselens\n{more}"
    )


def _quoted(argument: str) -> str:
    """Quote an argument of Exec; %F is a field code and stays bare."""
    if argument == "%F":
        return argument
    escaped = "".join(f"\\{c}" if c in '"`$\\' else c for c in argument).replace("%", "%%")
    return f'"{escaped}"' if escaped != argument or any(c in " \t\n'><~|&;*?#()" for c in argument) else argument


def _share() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _menu_place() -> Path:
    return _share() / "applications" / "noiselens.desktop"


def _autostart_place() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"{AGENT}.plist"
    if sys.platform == "win32":
        return Path(os.environ["APPDATA"], "Microsoft", "Windows", "Start Menu", "Programs", "Startup", "NoiseLens.cmd")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "autostart" / "noiselens.desktop"
