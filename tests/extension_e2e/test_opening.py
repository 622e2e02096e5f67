"""From a verdict in the browser to the app's window, and what the app learns of the page: nothing unless it is let."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page

from noiselens_core.cli import SAMPLES
from noiselens_core.library import HistoryEntry, Library
from noiselens_desktop.bridge.finder import find_app
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.bridge.protocol import PORTS

from .conftest import ROOT, App, Browser, wait_until
from .site import Site

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()
NO_WINDOW = "NoiseLens runs here without a window. Start the NoiseLens app to see the image there."


@pytest.fixture
def window(tmp_path: Path, running_app: App) -> Iterator[App]:
    """The app with its window, on a screen that nobody sees, beside the one without."""
    free = [port for port in PORTS if f":{port}:" not in running_app.pairing]  # a strange key would lock us out there
    app = App(tmp_path / "home")
    key = KeyStore(app.home / "config" / "browsers.json").create("Chromium")
    command = [sys.executable, "-m", "noiselens_desktop"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=app.environment, cwd=ROOT)
    app.pairing = key.pairing_string(wait_until(lambda: find_app(key, free) or None, 60))
    yield app
    process.terminate()
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told


def check(browser: Browser, site: Site, content: bytes) -> Page:
    """Have an image judged; return its page."""
    src = site.put("/picture.png", content, "image/png")
    page = browser.open(site.put_page("/article?id=7", f'<img src="{src}" width=300 height=300>') + "#place")
    browser.right_click(page, src)
    browser.answer_on(page)
    return page


def press_open(browser: Browser, page: Page) -> None:
    """Press the panel's link with the keyboard, which reaches what the page cannot."""
    page.bring_to_front()
    page.keyboard.press("Tab")  # to the pill, which opens the panel
    page.keyboard.press("Tab")  # This is wrong
    page.keyboard.press("Tab")  # Open in NoiseLens
    page.keyboard.press("Enter")


def told_on(browser: Browser, page: Page, words: str) -> None:
    """Wait until the panel says these words."""
    wait_until(lambda: words in (browser.badge(page) or {"panel": ""})["panel"] or None, 10)


def newest(app: App, content: bytes) -> HistoryEntry:
    with Library(app.home / "data" / "library.sqlite3") as library:
        entry = library.latest(sha256(content).hexdigest())
    assert entry is not None
    return entry


def test_an_app_without_a_window_says_so_on_the_image_and_in_the_popup(paired_browser: Browser, site: Site) -> None:
    page = check(paired_browser, site, PNG)
    press_open(paired_browser, page)
    told_on(paired_browser, page, NO_WINDOW)
    popup = paired_browser.extension_page("popup/popup.html")
    popup.get_by_role("button", name="Open in NoiseLens").first.click()
    popup.get_by_text(NO_WINDOW).wait_for()


def test_the_window_comes_forward_for_a_person_and_not_twice_at_once(
    fresh_browser: Browser, window: App, site: Site
) -> None:
    assert fresh_browser.pair(window.pairing).startswith("Connected to NoiseLens")
    page = check(fresh_browser, site, PNG)
    press_open(fresh_browser, page)
    page.keyboard.press("Enter")
    told_on(fresh_browser, page, "NoiseLens has just come to the front.")
    assert NO_WINDOW not in (fresh_browser.badge(page) or {})["panel"]


def test_the_page_is_named_only_once_the_user_lets_it(paired_browser: Browser, running_app: App, site: Site) -> None:
    check(paired_browser, site, PNG + b"before")
    assert newest(running_app, PNG + b"before").page == ""
    options = paired_browser.extension_page("options/options.html")
    assert not options.get_by_role("checkbox", name="Tell the app on which page").is_checked()
    options.get_by_role("checkbox", name="Tell the app on which page").check()
    check(paired_browser, site, PNG + b"after")
    assert newest(running_app, PNG + b"after").page == site.url("/article?id=7")


def test_a_private_window_is_refused_and_once_allowed_still_names_no_page(
    paired_browser: Browser, running_app: App, site: Site
) -> None:
    content = PNG + b"private"
    src = site.put("/picture.png", content, "image/png")
    page = paired_browser.open(site.put_page("/", f'<img src="{src}" width=300 height=300>'))
    options = paired_browser.extension_page("options/options.html")
    options.get_by_role("checkbox", name="Tell the app on which page").check()
    paired_browser.right_click(page, src, incognito=True)
    assert "In private windows nothing is checked" in paired_browser.answer_on(page)["panel"]
    assert running_app.judged(content) == []
    options.get_by_role("checkbox", name="Check images in private windows").check()
    paired_browser.right_click(page, src, incognito=True)
    wait_until(lambda: running_app.judged(content) or None)
    assert newest(running_app, content).page == ""
