"""Pairing with nothing typed, and starting the app from the popup: a real Chromium starts the app's real helper."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.bridge.protocol import EXTENSION_ORIGIN

from .conftest import App, Browser
from .test_failures import sentence

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def allowed_extension(shipped_extension: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension once the user has allowed it to call programs: no test can press the browser's own button."""
    target = shutil.copytree(shipped_extension, tmp_path_factory.mktemp("allowed") / "noiselens")
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    manifest["permissions"] += manifest.pop("optional_permissions")
    (target / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return target


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """An app that does not run; whatever of it the helper starts is ended."""
    app = App(tmp_path / "home")
    yield app
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("NOISELENS_HOME") == str(app.home):
            process.kill()
            process.wait(30)


def test_a_browser_that_finds_no_helper_says_what_to_do(
    launch: Callable[..., Browser], allowed_extension: Path, tmp_path: Path
) -> None:
    browser = launch(tmp_path / "profile", extension=allowed_extension)
    options = browser.extension_page("options/options.html")
    options.get_by_role("button", name="Pair with the app on this computer").click()
    options.get_by_text(sentence("no_helper")).wait_for()
    # Paired by a line instead, it does not offer to start what it cannot start.
    browser.pair(f"noiselens1:48211:ab12cd34:{'A' * 43}")
    popup = browser.extension_page("popup/popup.html")
    popup.get_by_text(sentence("app_not_running")).wait_for()
    popup.locator("#again").wait_for()
    popup.wait_for_timeout(500)
    assert popup.locator("#start").is_hidden()
    browser.context.close()


def test_a_browser_is_paired_with_nothing_typed_and_starts_the_app(
    launch: Callable[..., Browser], allowed_extension: Path, app: App, tmp_path: Path
) -> None:
    noiselens, profile = str(Path(sys.executable).with_name("noiselens")), tmp_path / "profile"
    folder = str(profile / "NativeMessagingHosts")
    install = [noiselens, "browsers", "install", "chromium", "--folder", folder]
    subprocess.run(install, check=True, env=app.environment, stdout=subprocess.DEVNULL)
    browser = launch(profile, extension=allowed_extension, env=app.environment)
    options = browser.extension_page("options/options.html")
    options.get_by_role("button", name="Pair with the app on this computer").click()
    options.get_by_text(f"The pairing is stored. {sentence('app_not_running')}").wait_for()
    (key,) = KeyStore(app.home / "config" / "browsers.json").paired()
    assert (key.name.split()[0], key.origin) == ("Chromium", EXTENSION_ORIGIN)

    popup = browser.extension_page("popup/popup.html")
    popup.get_by_role("button", name="Start the app").click()
    popup.get_by_text("Connected to NoiseLens").wait_for(timeout=60_000)
    browser.context.close()
