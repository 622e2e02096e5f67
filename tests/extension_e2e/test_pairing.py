"""Pairing by code in a real Chromium, with the real app on a terminal and with the real bridge alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from tests.bridge.test_serve import NOISELENS, serving

from noiselens_core.verdict import Verdict
from noiselens_desktop.bridge.exchange import Phase
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.bridge.server import BridgeServer

from .conftest import Browser, wait_until
from .test_failures import sentence

pytestmark = pytest.mark.browser


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "browsers.json")


@pytest.fixture
def bridge(keys: KeyStore) -> Iterator[BridgeServer]:
    def judge(_data: bytes, _name: str, _page: str) -> Future[Verdict]:
        raise AssertionError("no image is sent while a browser is being paired")

    server = BridgeServer(judge, lambda _digest, _label: None, keys, app="0.1.0", model=lambda: None)
    server.start()
    yield server
    server.stop()


def test_both_sides_show_the_same_code_and_pair_when_both_confirm(
    fresh_browser: Browser, bridge: BridgeServer, keys: KeyStore
) -> None:
    options = fresh_browser.extension_page("options/options.html")
    options.get_by_role("button", name="Show the code").click()
    options.get_by_text("The app is not waiting for a browser.").wait_for()
    bridge.open_pairing()
    options.get_by_role("button", name="Show the code").click()
    options.locator("#code-compare").wait_for()
    wait_until(lambda: bridge.pairing().phase is Phase.COMPARING or None, 10)
    assert options.locator("#code").inner_text().replace(" ", "") == bridge.pairing().code
    assert bridge.pairing().browser.startswith("Chromium on ")
    options.get_by_role("button", name="The codes are the same").click()
    options.get_by_text("Waiting for you to confirm in the app").wait_for()
    assert keys.paired() == []
    bridge.confirm_pairing()
    options.get_by_text("Connected to NoiseLens 0.1.0").wait_for()
    (key,) = keys.paired()
    assert key.name == bridge.pairing().browser


@pytest.mark.alone  # the app is where every other browser would look for one
def test_a_code_pairs_it_with_the_real_app_until_that_revokes_it(fresh_browser: Browser, tmp_path: Path) -> None:
    """While the browser's connection is open."""
    with serving(tmp_path, "--code") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdout.readline()
        options = fresh_browser.extension_page("options/options.html")
        options.get_by_role("button", name="Show the code").click()
        options.locator("#code-compare").wait_for()
        code = options.locator("#code").inner_text()
        assert f"The code here is {code}." in process.stdout.readline()
        process.stdin.write("y\n")
        process.stdin.flush()
        options.get_by_role("button", name="The codes are the same").click()
        options.get_by_text("Connected to NoiseLens").wait_for()
        (key,) = KeyStore(tmp_path / "config/browsers.json").paired()
        assert key.name.startswith("Chromium on ")
        revoke = [NOISELENS, "browsers", "revoke", key.id]
        subprocess.run(revoke, check=True, env=os.environ | {"NOISELENS_HOME": str(tmp_path)})
        options.get_by_role("button", name="Test the connection").click()
        options.get_by_text(sentence("key_refused")).wait_for()


def test_a_paired_browser_is_offered_no_way_of_pairing_until_it_asks(paired_browser: Browser) -> None:
    options = paired_browser.extension_page("options/options.html")
    options.get_by_text("This browser is paired.").wait_for()
    ways = options.locator(".way")
    assert not any(way.is_visible() for way in ways.all())
    options.get_by_role("button", name="Pair again").click()
    assert all(way.is_visible() for way in ways.all())
    options.get_by_role("button", name="Pair again").click()
    assert not any(way.is_visible() for way in ways.all())
    options.get_by_role("button", name="Forget this pairing").click()
    options.get_by_text("The pairing is forgotten.").wait_for()
    assert all(way.is_visible() for way in ways.all())


def test_a_code_goes_with_the_window_it_was_for(fresh_browser: Browser, bridge: BridgeServer) -> None:
    bridge.open_pairing()
    options = fresh_browser.extension_page("options/options.html")
    options.get_by_role("button", name="Show the code").click()
    options.locator("#code-compare").wait_for()
    bridge.close_pairing()
    options.get_by_text(sentence("pairing_refused")).wait_for()
    assert not options.locator("#code-compare").is_visible()
    assert options.get_by_role("button", name="Show the code").is_visible()


def test_codes_that_differ_pair_nothing(fresh_browser: Browser, bridge: BridgeServer, keys: KeyStore) -> None:
    bridge.open_pairing()
    options = fresh_browser.extension_page("options/options.html")
    options.get_by_role("button", name="Show the code").click()
    options.get_by_role("button", name="They differ").click()
    options.get_by_text("Nothing was paired.").wait_for()
    wait_until(lambda: bridge.pairing().phase is not Phase.COMPARING or None, 10)
    assert keys.paired() == []
    options.get_by_role("button", name="Test the connection").click()
    options.get_by_text("This browser is not paired with the NoiseLens app.").wait_for()
