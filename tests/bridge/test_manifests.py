"""Where each browser looks for the native messaging host, what stands there, and what becomes of it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

from noiselens_desktop.bridge import manifests
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.manifests import BROWSERS, BrowserSetupError

HOME, CONFIG, DATA = Path("/home/u"), Path("/home/u/.config"), Path("/data")
BY_NAME = {browser.name: browser for browser in BROWSERS}
GOLDEN = json.loads((Path(__file__).parents[1] / "protocol/messages.json").read_text("utf-8"))
MANIFEST = json.loads((Path(__file__).parents[2] / "extension/manifest.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("name", "linux", "macos", "windows"),
    [
        (
            "chromium",
            "/home/u/.config/chromium/NativeMessagingHosts",
            "Chromium/NativeMessagingHosts",
            r"Software\Chromium\NativeMessagingHosts\noiselens.bridge",
        ),
        (
            "chrome",
            "/home/u/.config/google-chrome/NativeMessagingHosts",
            "Google/Chrome/NativeMessagingHosts",
            r"Software\Google\Chrome\NativeMessagingHosts\noiselens.bridge",
        ),
        (
            "edge",
            "/home/u/.config/microsoft-edge/NativeMessagingHosts",
            "Microsoft Edge/NativeMessagingHosts",
            r"Software\Microsoft\Edge\NativeMessagingHosts\noiselens.bridge",
        ),
        (
            "brave",
            "/home/u/.config/BraveSoftware/Brave-Browser/NativeMessagingHosts",
            "BraveSoftware/Brave-Browser/NativeMessagingHosts",
            r"Software\Google\Chrome\NativeMessagingHosts\noiselens.bridge",
        ),
        (
            "firefox",
            "/home/u/.mozilla/native-messaging-hosts",
            "Mozilla/NativeMessagingHosts",
            r"Software\Mozilla\NativeMessagingHosts\noiselens.bridge",
        ),
    ],
)
def test_each_browser_is_told_where_it_looks(name: str, linux: str, macos: str, windows: str) -> None:
    browser = BY_NAME[name]
    file = "noiselens.bridge.json"
    assert browser.place("linux", HOME, CONFIG, DATA) == Path(linux) / file
    assert browser.place("darwin", HOME, CONFIG, DATA) == HOME / "Library/Application Support" / macos / file
    kind = "firefox" if name == "firefox" else "chromium"
    assert browser.place("win32", HOME, CONFIG, DATA) == DATA / "native" / kind / file
    assert browser.registry_key == windows


@pytest.mark.parametrize("browser", BROWSERS, ids=lambda browser: browser.name)
def test_the_manifest_names_our_extension_alone(browser: manifests.Browser) -> None:
    content = json.loads(browser.manifest(Path("/data/native/noiselens-host")))
    assert content.pop("name") == GOLDEN["native"]["name"]
    assert content.pop("type") == "stdio"
    assert PurePosixPath(content.pop("path")).is_absolute()
    assert content.pop("description")
    if browser.firefox:
        assert content == {"allowed_extensions": [MANIFEST["browser_specific_settings"]["gecko"]["id"]]}
    else:
        assert content == {"allowed_origins": [f"{GOLDEN['constants']['origin']}/"]}


def test_the_extensions_ids_are_those_of_its_manifest() -> None:
    assert MANIFEST["browser_specific_settings"]["gecko"]["id"] == p.GECKO_ID == GOLDEN["native"]["gecko_id"]


@pytest.mark.parametrize(
    ("platform", "python", "home", "text"),
    [
        (
            "linux",
            "/opt/my env/bin/python",
            None,
            "#!/bin/sh\nexec '/opt/my env/bin/python' -P -m noiselens_desktop.bridge.native_host \"$@\"\n",
        ),
        (
            "darwin",
            "/usr/bin/python3",
            "/tmp/it's here",
            "#!/bin/sh\nexport NOISELENS_HOME='/tmp/it'\"'\"'s here'\n"
            'exec /usr/bin/python3 -P -m noiselens_desktop.bridge.native_host "$@"\n',
        ),
        (
            "win32",
            r"C:\Program Files\py\python.exe",
            r"D:\lens",
            '@set "NOISELENS_HOME=D:\\lens"\r\n'
            '@"C:\\Program Files\\py\\python.exe" -P -m noiselens_desktop.bridge.native_host %*\r\n',
        ),
    ],
)
def test_what_the_browser_starts(platform: str, python: str, home: str | None, text: str) -> None:
    assert manifests.launcher_text(platform, python, home) == text


pytestmark_files = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps this in the registry")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it and no browser on the PATH."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path / "lens"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


@pytestmark_files
def test_installing_and_removing_leave_what_they_should(machine: Path) -> None:
    firefox, chrome = BY_NAME["firefox"], BY_NAME["chrome"]
    written = manifests.install([firefox, chrome])
    assert [path.is_file() for path in written] == [True, True]
    assert [manifests.is_installed(browser) for browser in BROWSERS] == [False, True, False, False, True]
    launcher = Path(json.loads(written[0].read_text("utf-8"))["path"])
    assert launcher.stat().st_mode & 0o777 == 0o700
    assert f"NOISELENS_HOME={machine / 'lens'}" in launcher.read_text("utf-8")
    assert manifests.install([firefox]) == written[:1]  # again: the same
    assert manifests.remove([firefox]) == written[:1]
    assert manifests.remove([firefox]) == []
    assert manifests.is_installed(chrome)
    assert launcher.is_file(), "another browser still starts it"
    assert manifests.remove(BROWSERS) == written[1:]
    assert not launcher.exists()
    assert not launcher.parent.exists()


@pytestmark_files
def test_what_browsers_start_stays_for_one_that_looks_elsewhere(machine: Path) -> None:
    firefox, folder = BY_NAME["firefox"], machine / "wolf"
    (elsewhere,) = manifests.install([firefox], folder)
    manifests.install([firefox])
    launcher = Path(json.loads(elsewhere.read_text("utf-8"))["path"])
    manifests.remove([firefox])
    assert launcher.is_file()
    manifests.remove([firefox], folder)
    assert not launcher.parent.exists()


@pytestmark_files
def test_browsers_are_found_by_their_folder_or_their_program(machine: Path) -> None:
    assert manifests.found() == []
    (machine / ".config/BraveSoftware/Brave-Browser").mkdir(parents=True)
    program = machine / "bin/firefox-esr"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert [browser.name for browser in manifests.found()] == ["brave", "firefox"]


@pytestmark_files
def test_a_folder_that_cannot_be_written_is_a_sentence(machine: Path) -> None:
    (machine / ".mozilla").write_text("a file, not a folder")
    with pytest.raises(BrowserSetupError, match=r"noiselens\.bridge\.json cannot be changed"):
        manifests.install([BY_NAME["firefox"]])


@pytestmark_files
def test_the_launcher_starts_the_host(machine: Path) -> None:
    (manifest,) = manifests.install([BY_NAME["chromium"]], machine / "elsewhere")
    assert manifest == machine / "elsewhere/noiselens.bridge.json"
    launcher = json.loads(manifest.read_text("utf-8"))["path"]
    text = b'{"type":"dance"}'
    ended = subprocess.run(
        [launcher, f"{p.EXTENSION_ORIGIN}/"],
        input=len(text).to_bytes(4, sys.byteorder) + text,
        capture_output=True,
        cwd=manifest.parent,
        check=True,
        timeout=60,
    )
    assert ended.stderr == b""
    assert json.loads(ended.stdout[4:])["code"] == "bad_message"


class Registry:
    """As much of `winreg` as is called, over one dictionary: what a key's default value is."""

    HKEY_CURRENT_USER, REG_SZ = object(), 1

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def SetValue(self, root: object, key: str, kind: int, value: str) -> None:
        assert (root, kind) == (self.HKEY_CURRENT_USER, self.REG_SZ)
        self.values[key] = value

    def QueryValue(self, root: object, key: str) -> str:
        assert root is self.HKEY_CURRENT_USER
        if key not in self.values:
            raise FileNotFoundError(2, "The system cannot find the file specified", key)
        return self.values[key]

    def DeleteKey(self, root: object, key: str) -> None:
        self.QueryValue(root, key)
        del self.values[key]


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def windows(machine: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as Windows loads it, with real files and a registry of its own."""
    monkeypatch.setitem(sys.modules, "winreg", registry)
    name = f"{manifests.__name__}_of_windows"
    spec = importlib.util.spec_from_file_location(name, manifests.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "platform", "win32")
    spec.loader.exec_module(module)
    return module


def test_windows_is_told_by_the_registry_of_files_that_are_there(
    windows: ModuleType, registry: Registry, machine: Path
) -> None:
    browsers = {browser.name: browser for browser in windows.BROWSERS}
    assert windows.found() == list(windows.BROWSERS)
    assert not any(windows.is_installed(browser) for browser in windows.BROWSERS)
    written = windows.install(windows.BROWSERS)
    assert set(registry.values) == {browser.registry_key for browser in BROWSERS}
    for browser, manifest in zip(windows.BROWSERS, written, strict=True):
        assert windows.is_installed(browser)
        assert Path(registry.values[browser.registry_key]) == manifest
        content = json.loads(manifest.read_text("utf-8"))
        assert ("allowed_extensions" in content) == browser.firefox
        launcher = Path(content["path"])
        assert launcher.name == "noiselens-host.bat"
        assert launcher.read_text("utf-8").endswith(" %*\n")
    assert windows.remove([browsers["edge"]]) == [written[2]]
    assert windows.remove([browsers["edge"]]) == []
    assert written[2].is_file(), "Chrome still reads it"
    assert windows.remove([browsers["firefox"]]) == [written[4]]
    assert not written[4].exists()
    windows.remove(windows.BROWSERS)
    assert registry.values == {}
    assert list((machine / "lens").rglob("*.*")) == []


def test_a_registry_that_may_not_be_written_is_a_sentence(
    windows: ModuleType, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Access is denied")

    for function, act in (("DeleteKey", windows.remove), ("SetValue", windows.install)):
        monkeypatch.setattr(registry, function, refuse)
        with pytest.raises(windows.BrowserSetupError, match=r"cannot be changed \(Access is denied\)"):
            act(windows.BROWSERS)
