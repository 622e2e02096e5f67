"""The same extension in a real Firefox: pairing, checking, the page scan, and why the CSP key is there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band
from noiselens_desktop.bridge.pairing import KeyStore

from .conftest import App, Site, wait_until
from .firefox import ORIGIN, Firefox

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()
BANDS = {band.words for band in Band}


@pytest.fixture(scope="module")
def program() -> str:
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        reason = "no Firefox on this machine"
        if os.environ.get("NOISELENS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def firefox(program: str, shipped_extension: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    browser = Firefox(program, tmp_path_factory.mktemp("firefox"), shipped_extension)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pairing(running_app: App) -> str:
    """A key bound to this Firefox's origin, as pairing by native messaging or by code makes it."""
    keys = KeyStore(running_app.home / "config" / "browsers.json")
    return keys.create("Firefox", ORIGIN).pairing_string(int(running_app.pairing.split(":")[1]))


def paste(firefox: Firefox, pairing: str) -> str:
    """Pair through the options page; return what it says then."""
    tab = firefox.open(f"{ORIGIN}/options/options.html")
    firefox.evaluate(
        tab,
        f"document.getElementById('pairing').value = {json.dumps(pairing)},"
        " document.querySelector('#pairing-form button').click()",
    )
    state = "document.querySelector('#pairing-state:is([data-state=good], [data-state=bad])')?.textContent"
    words: str = wait_until(lambda: firefox.evaluate(tab, state))
    firefox.close_tab(tab)
    return words


def newest(firefox: Firefox, tab: str, src: str) -> dict[str, str] | None:
    """Return how the check of this address ended, None while it runs; `tab` shows a page of the extension."""
    jobs: list[dict[str, str]] = firefox.evaluate(
        tab, "chrome.storage.session.get(null).then((all) => Object.values(all).filter((job) => job.state))"
    )
    ended = [job for job in jobs if job["srcUrl"] == src and job["state"] in ("done", "failed")]
    return ended[0] if ended else None


def test_a_page_is_checked_in_firefox(firefox: Firefox, pairing: str, site: Site) -> None:
    assert paste(firefox, pairing).startswith("Connected to NoiseLens")
    src = site.put("/picture.png", PNG, "image/png")
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src *\">"
    page = firefox.open(site.put_page("/", f'{policy}<img src="{src}" width=300>'))
    own = firefox.open(f"{ORIGIN}/popup/popup.html")
    firefox.evaluate(
        own,
        f"chrome.tabs.query({{}}).then((tabs) => tabs.find(({{ url }}) => url === {json.dumps(site.url('/'))}))"
        ".then((tab) => chrome.runtime.sendMessage({ type: 'check_page', tabId: tab.id }))",
    )
    job = wait_until(lambda: newest(firefox, own, src))
    assert job["state"] == "done", job
    words = wait_until(lambda: firefox.evaluate(own, "document.querySelector('.jobs > li .headline')?.textContent"), 10)
    assert words in BANDS
    assert firefox.evaluate(page, "document.images[0].width") == 300
    firefox.close_tab(page)
    firefox.close_tab(own)


def test_without_the_policy_key_firefox_never_reaches_the_app(
    program: str, shipped_extension: Path, pairing: str, tmp_path: Path
) -> None:
    crippled = shutil.copytree(shipped_extension, tmp_path / "crippled")
    manifest = json.loads((crippled / "manifest.json").read_text("utf-8"))
    del manifest["content_security_policy"]
    (crippled / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    browser = Firefox(program, tmp_path / "profile", crippled)
    try:
        # The browser upgrades ws: to wss: on its own, which the app does not answer.
        words = paste(browser, pairing)
        assert words.startswith("The pairing is stored.")
        assert "Connected" not in words
    finally:
        browser.close()
