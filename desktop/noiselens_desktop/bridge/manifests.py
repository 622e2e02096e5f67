"""Tells browsers where our native messaging host is, so that pairing needs nothing typed (extension/PROTOCOL.md 6).

Linux and macOS: a manifest in a folder of each browser's own. Windows: a manifest among our files, and its path in the
registry of this user. Each manifest names our extension alone.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from noiselens_core import places
from noiselens_core.errors import NoiseLensError

from . import protocol as p

HOST = "noiselens.bridge"
MODULE = "noiselens_desktop.bridge.native_host"


class BrowserSetupError(NoiseLensError):
    """A browser cannot be told of NoiseLens."""


@dataclass(frozen=True)
class Browser:
    """Where one browser looks for native messaging hosts.

    Attributes:
        name, title: for the command line, and for people.
        linux: folder; relative ones are below the configuration folder, "~" is the home folder.
        macos: folder below ~/Library/Application Support.
        windows: key below HKEY_CURRENT_USER\\Software.
        programs: its names on the PATH.
        firefox: whether it is of Firefox's kind.
    """

    name: str
    title: str
    linux: str
    macos: str
    windows: str
    programs: tuple[str, ...]
    firefox: bool = False

    def manifest(self, launcher: Path) -> str:
        """Return the manifest's text."""
        content = {
            "name": HOST,
            "description": "Pairs the browser with NoiseLens",
            "path": str(launcher),
            "type": "stdio",
        }
        if self.firefox:
            return json.dumps(content | {"allowed_extensions": [p.GECKO_ID]}, indent=1)
        return json.dumps(content | {"allowed_origins": [f"{p.EXTENSION_ORIGIN}/"]}, indent=1)

    def place(self, platform: str, home: Path, config: Path, data: Path) -> Path:
        """Return where the manifest goes; platform is `sys.platform`, data the folder of our own files."""
        file = f"{HOST}.json"
        match platform:
            case "win32":
                return data / "native" / ("firefox" if self.firefox else "chromium") / file
            case "darwin":
                return home / "Library" / "Application Support" / self.macos / file
            case _:
                folder = home / self.linux[2:] if self.linux.startswith("~/") else config / self.linux
                return folder / file

    @property
    def registry_key(self) -> str:
        """The key below HKEY_CURRENT_USER whose default value is the manifest's path."""
        return f"Software\\{self.windows}\\NativeMessagingHosts\\{HOST}"


_SUB = "NativeMessagingHosts"
BROWSERS = (
    Browser(
        "chromium", "Chromium", f"chromium/{_SUB}", f"Chromium/{_SUB}", "Chromium", ("chromium", "chromium-browser")
    ),
    Browser(
        "chrome",
        "Google Chrome",
        f"google-chrome/{_SUB}",
        f"Google/Chrome/{_SUB}",
        "Google\\Chrome",
        ("google-chrome", "google-chrome-stable"),
    ),
    Browser(
        "edge",
        "Microsoft Edge",
        f"microsoft-edge/{_SUB}",
        f"Microsoft Edge/{_SUB}",
        "Microsoft\\Edge",
        ("microsoft-edge", "microsoft-edge-stable"),
    ),
    Browser(
        "brave",
        "Brave",
        f"BraveSoftware/Brave-Browser/{_SUB}",
        f"BraveSoftware/Brave-Browser/{_SUB}",
        "Google\\Chrome",  # on Windows Brave reads Chrome's
        ("brave-browser", "brave"),
    ),
    Browser(
        "firefox",
        "Firefox",
        "~/.mozilla/native-messaging-hosts",
        f"Mozilla/{_SUB}",
        "Mozilla",
        ("firefox", "firefox-esr"),
        firefox=True,
    ),
)


def place(browser: Browser) -> Path:
    """Return where this browser's manifest is on this machine."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return browser.place(sys.platform, Path.home(), config, places.data_dir())


def found() -> list[Browser]:
    """Return the browsers this user seems to have; on Windows, where an entry disturbs nobody, all of them."""
    if sys.platform == "win32":
        return list(BROWSERS)
    return [
        browser
        for browser in BROWSERS
        if place(browser).parents[1].is_dir() or any(shutil.which(program) for program in browser.programs)
    ]


def is_installed(browser: Browser) -> bool:
    """Return whether this browser knows of NoiseLens."""
    if sys.platform == "win32":
        return _is_registered(browser)
    return place(browser).is_file()


def install(browsers: Iterable[Browser], folder: Path | None = None) -> list[Path]:
    """Tell browsers of NoiseLens; return the manifests written. Raises BrowserSetupError.

    folder: where to put the manifest instead, for a browser that looks elsewhere.
    """
    launcher = _write_launcher()
    written = []
    for browser in browsers:
        manifest = folder / f"{HOST}.json" if folder else place(browser)
        _write(manifest, browser.manifest(launcher))
        if sys.platform == "win32" and folder is None:
            _register(browser, manifest)
        written.append(manifest)
    if folder is not None:
        _write(_elsewhere(), "".join(f"{path}\n" for path in {*_noted(), *(path.absolute() for path in written)}))
    return written


def remove(browsers: Iterable[Browser], folder: Path | None = None) -> list[Path]:
    """Take it back; return the manifests that were there. Raises BrowserSetupError.

    With the last browser goes what the browsers start.
    """
    removed = []
    for browser in browsers:
        manifest = folder / f"{HOST}.json" if folder else place(browser)
        if sys.platform == "win32" and folder is None:
            if not _unregister(browser):
                continue
            if not any(is_installed(other) for other in BROWSERS if other.firefox is browser.firefox):
                _delete(manifest)  # it is shared by all of a kind
        elif not _delete(manifest):
            continue
        removed.append(manifest)
    if not any(is_installed(browser) for browser in BROWSERS) and not any(path.is_file() for path in _noted()):
        _delete(_elsewhere())
        _delete(_launcher())
    return removed


def launcher_text(platform: str, python: str, home: str | None) -> str:
    """Return the small program a browser starts; home: value of NOISELENS_HOME, which browsers do not pass on."""
    arguments = [python, "-P", "-m", MODULE]
    if platform == "win32":
        setting = f'@set "{places.HOME}={home}"\r\n' if home else ""
        return f"{setting}@{subprocess.list2cmdline(arguments)} %*\r\n"
    setting = f"export {places.HOME}={shlex.quote(home)}\n" if home else ""
    return f'#!/bin/sh\n{setting}exec {shlex.join(arguments)} "$@"\n'


def _launcher() -> Path:
    return places.data_dir() / "native" / ("noiselens-host.bat" if sys.platform == "win32" else "noiselens-host")


def _elsewhere() -> Path:
    """Return the file that names the manifests in folders a person chose; their browsers start the launcher too."""
    return places.data_dir() / "native" / "elsewhere.txt"


def _noted() -> list[Path]:
    try:
        return [Path(line) for line in _elsewhere().read_text("utf-8", errors="replace").splitlines()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _cannot(_elsewhere(), error) from error


def _write_launcher() -> Path:
    launcher = _launcher()
    home = os.environ.get(places.HOME)
    _write(launcher, launcher_text(sys.platform, sys.executable, str(Path(home).absolute()) if home else None))
    launcher.chmod(0o700)
    return launcher.absolute()


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")
    except OSError as error:
        raise _cannot(file, error) from error


def _delete(file: Path) -> bool:
    """Return whether the file was there; the folder goes with the last one in it."""
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _cannot(file, error) from error
    if file.is_relative_to(places.data_dir()):
        with suppress(OSError):
            file.parent.rmdir()
    return True


def _cannot(file: Path, error: OSError) -> BrowserSetupError:
    return BrowserSetupError(f"{file} cannot be changed ({error.strerror}). Check that you may write there.")


if sys.platform == "win32":
    import winreg

    def _register(browser: Browser, manifest: Path) -> None:
        try:
            winreg.SetValue(winreg.HKEY_CURRENT_USER, browser.registry_key, winreg.REG_SZ, str(manifest))
        except OSError as error:
            raise _cannot(manifest, error) from error

    def _unregister(browser: Browser) -> bool:
        try:
            winreg.DeleteKey(winreg.HKEY_CURRENT_USER, browser.registry_key)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _cannot(place(browser), error) from error
        return True

    def _is_registered(browser: Browser) -> bool:
        try:
            winreg.QueryValue(winreg.HKEY_CURRENT_USER, browser.registry_key)
        except FileNotFoundError:
            return False
        return True
