"""From a right click in Chromium to the verdict on the image, through the real app."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import App, Browser, wait_until
from .site import Site
from .test_failures import sentence, stop_worker

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()


def page_with(site: Site, content: bytes, mime: str = "image/png", name: str = "/picture.png") -> tuple[str, str]:
    """Serve a page with one image; return the page's and the image's address."""
    src = site.put(name, content, mime)
    return site.put_page("/", f'<h1>A page</h1><img src="{src}" width=400 alt="">'), src


@pytest.mark.parametrize("name", ["chelsea.png", "rocket.jpg", "camera.png"])
def test_badge_and_popup_say_what_the_command_line_says(
    paired_browser: Browser, running_app: App, site: Site, name: str
) -> None:
    path = SAMPLES / name
    url, src = page_with(site, path.read_bytes(), "application/octet-stream", f"/{name}")
    page = paired_browser.open(url)
    paired_browser.right_click(page, src)
    badge = paired_browser.answer_on(page)
    popup = paired_browser.newest_in_popup()

    expected = running_app.check(path)
    percent = f"{expected['probability'] * 100:.2f} %"
    assert badge["pill"] == Band(expected["band"]).words
    assert percent in badge["panel"]
    assert all(reason in badge["panel"] for reason in expected["reasons"])
    assert expected["model"] in badge["panel"]
    assert popup["headline"] == Band(expected["band"]).words
    assert popup["percent"] == percent
    assert popup["name"] == name
    assert all(reason in popup["body"] for reason in expected["reasons"])


def test_the_largest_copy_of_the_page_is_judged(
    paired_browser: Browser, running_app: App, site: Site, tmp_path: Path
) -> None:
    small = site.put("/small.png", PNG, "image/png")
    large = tmp_path / "large.png"
    shutil.copy(SAMPLES / "coffee.png", large)
    site.put("/large.png", large.read_bytes(), "image/png")
    url = site.put_page("/", '<img src="/small.png" srcset="/small.png 300w, /large.png 600w" sizes="300px">')
    page = paired_browser.open(url)
    paired_browser.right_click(page, small)
    badge = paired_browser.answer_on(page)
    assert f"{running_app.check(large)['probability'] * 100:.2f} %" in badge["panel"]
    assert "larger copy" in badge["panel"]


def test_the_copy_on_screen_is_judged_when_the_larger_one_is_gone(paired_browser: Browser, site: Site) -> None:
    small = site.put("/small.png", PNG, "image/png")
    url = site.put_page("/", '<img src="/small.png" srcset="/small.png 300w, /gone.png 600w" sizes="300px">')
    page = paired_browser.open(url)
    paired_browser.right_click(page, small)
    badge = paired_browser.answer_on(page)
    assert badge["pill"] in {band.words for band in Band}
    assert "/gone.png" in site.asked


def test_an_image_of_another_site_without_cors_is_read_by_the_extension(paired_browser: Browser, site: Site) -> None:
    other = Site()
    try:
        src = other.put("/picture.png", PNG, "image/png")
        page = paired_browser.open(site.put_page("/", f'<img src="{src}">'))
        paired_browser.right_click(page, src)
        assert paired_browser.answer_on(page)["pill"] in {band.words for band in Band}
    finally:
        other.close()


def test_data_and_blob_addresses_and_images_in_their_own_tab_are_judged(paired_browser: Browser, site: Site) -> None:
    words = {band.words for band in Band}
    src = site.put("/picture.png", PNG, "image/png")
    page = paired_browser.open(src)
    paired_browser.right_click(page, src)
    assert paired_browser.answer_on(page)["pill"] in words

    for maker in ("URL.createObjectURL(blob)", "await new Promise((done) => { const r = new FileReader(); "
                  "r.onload = () => done(r.result); r.readAsDataURL(blob); })"):  # fmt: skip
        page = paired_browser.open(site.put_page("/maker", "<img>"))
        page.evaluate(f"async () => {{ const blob = await (await fetch('/picture.png')).blob();"
                      f" document.images[0].src = {maker}; await document.images[0].decode(); }}")  # fmt: skip
        paired_browser.right_click(page, page.evaluate("document.images[0].src"))
        assert paired_browser.answer_on(page)["pill"] in words


def test_the_page_neither_moves_nor_learns_the_verdict(paired_browser: Browser, site: Site) -> None:
    src = site.put("/picture.png", PNG, "image/png")
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src *; script-src 'none'\">"
    body = f'{policy}<body><p>Above</p><img src="{src}" width=300><p>Below</p>'
    page = paired_browser.open(site.put_page("/", body))
    layout = """() => [...document.body.querySelectorAll("*")].map((e) => JSON.stringify(e.getBoundingClientRect()))
        .concat([document.documentElement.scrollWidth, document.documentElement.scrollHeight].map(String))"""
    before = page.evaluate(layout)
    paired_browser.right_click(page, src)
    badge = paired_browser.answer_on(page)
    box = page.locator("img").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.wait_for_timeout(300)
    assert page.evaluate(layout) == before
    assert badge["pill"] not in page.evaluate("document.documentElement.outerHTML")
    assert page.evaluate("[...document.querySelectorAll('*')].every((e) => e.shadowRoot === null)")


def test_hover_and_keyboard_open_the_panel_and_escape_closes_it(paired_browser: Browser, site: Site) -> None:
    url, src = page_with(site, PNG)
    page = paired_browser.open(url)
    paired_browser.right_click(page, src)
    verdict = paired_browser.answer_on(page)["pill"]
    box = page.locator("img").bounding_box()
    assert box is not None

    def panel_is_open() -> bool:
        # The top layer lies over the page: below the pill the page's own image is no longer what a click would hit.
        x, y = box["x"] + 60, box["y"] + 100
        return bool(page.evaluate(f"document.elementFromPoint({x}, {y})?.localName !== 'img'"))

    assert not panel_is_open()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    wait_until(lambda: panel_is_open() or None, 5)
    page.mouse.move(box["x"] + 390, box["y"] - 20)
    wait_until(lambda: not panel_is_open() or None, 5)
    page.keyboard.press("Tab")
    wait_until(lambda: panel_is_open() or None, 5)
    assert paired_browser.panel_name(page) == f"NoiseLens: {verdict}"
    page.keyboard.press("Escape")
    wait_until(lambda: not panel_is_open() or None, 5)


@pytest.mark.parametrize("goes_on", [False, True])
def test_the_toolbar_says_nothing_of_a_page_that_its_tab_has_left(
    paired_browser: Browser, running_app: App, site: Site, goes_on: bool
) -> None:
    url, src = page_with(site, PNG + b"on the toolbar" + bytes([goes_on]))
    next_url = site.put_page("/next", "<h1>Another page</h1>")
    page = paired_browser.open(url)
    sign = """async () => {
        const [{ id: tabId }] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
        return chrome.action.getBadgeText({ tabId });
    }"""
    with running_app.held():
        paired_browser.right_click(page, src)
        wait_until(lambda: paired_browser.worker.evaluate(sign) == "…" or None, 10)
        if goes_on:
            page.goto(next_url)
    paired_browser.newest_in_popup()
    page.bring_to_front()
    assert (paired_browser.worker.evaluate(sign) == "") == goes_on


def test_bytes_judged_before_are_answered_from_the_library(
    paired_browser: Browser, running_app: App, site: Site
) -> None:
    content = PNG + b"told apart by these"
    url, src = page_with(site, content)
    page = paired_browser.open(url)
    for _ in range(2):
        paired_browser.right_click(page, src)
        paired_browser.answer_on(page)
        paired_browser.newest_in_popup()
    assert len(running_app.judged(content)) == 1


@pytest.mark.parametrize("still_there", [True, False])
def test_a_stopped_worker_asks_the_page_again_for_an_address_too_long_to_store(
    paired_browser: Browser, running_app: App, site: Site, still_there: bool
) -> None:
    content = PNG + b"in the address" + bytes([still_there])
    address = "data:image/png;base64," + base64.b64encode(content).decode()
    other = "data:image/png;base64," + base64.b64encode(PNG + b"in another one" + bytes([still_there])).decode()
    assert len(address) == len(other) > 20_000
    body = f'<img src="{other}" width=200><p><img src="{address}" width=300>'
    page = paired_browser.open(site.put_page("/", body))
    with running_app.held():
        paired_browser.right_click(page, address)
        state = (
            "async () => Object.values(await chrome.storage.session.get(null)).some((job) => job.state === 'asking')"
        )
        wait_until(lambda: paired_browser.worker.evaluate(state) or None)
        if not still_there:  # before the worker stops: whatever wakes it has it ask at once
            page.evaluate("document.querySelector('p').remove()")
        stop_worker(paired_browser)
    popup = paired_browser.newest_in_popup()
    if still_there:
        assert popup["headline"] == paired_browser.answer_on(page)["pill"]
        assert popup["headline"] in {band.words for band in Band}
        assert len(running_app.judged(content)) == 1
    else:
        assert sentence("left_page") in popup["body"]
        assert paired_browser.badge(page) is None
