"""Whole pages: every kind of picture, the check of a page, the scan of a site, the user's own word, the keyboard."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import App, Browser, wait_until
from .site import Site

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()
BANDS = {band.words for band in Band}


def jobs(browser: Browser) -> list[dict[str, Any]]:
    """Every check of this browser session."""
    stored: dict[str, Any] = browser.worker.evaluate("() => chrome.storage.session.get(null)")
    return [value for key, value in stored.items() if key.startswith("job:")]


def ended(browser: Browser, count: int) -> list[dict[str, Any]]:
    def enough() -> list[dict[str, Any]] | None:
        done = [job for job in jobs(browser) if job["state"] in ("done", "failed")]
        return done if len(done) >= count else None

    return wait_until(enough)


def check_page(browser: Browser, url: str) -> None:
    popup = browser.extension_page("popup/popup.html")
    popup.evaluate(
        """async (url) => {
            const [tab] = await chrome.tabs.query({ url });
            await chrome.runtime.sendMessage({ type: "check_page", tabId: tab.id });
        }""",
        url,
    )
    popup.close()


def test_every_kind_of_picture_of_a_page_is_found(paired_browser: Browser, site: Site) -> None:
    names = ["image", "poster", "background", "input", "shadow", "frame", "svg"]
    for number, name in enumerate(names):
        site.put(f"/{name}.png", PNG + bytes([number]), "image/png")
    site.put("/small.png", PNG, "image/png")
    site.put_page("/inner", '<img src="/frame.png" width=200 height=200>')
    url = site.put_page(
        "/",
        """<style>body { margin: 0 } .b { width: 200px; height: 200px; background: url(/background.png) }</style>
        <img src="/image.png" width=200 height=200><img src="/small.png" width=90 height=90>
        <video poster="/poster.png" width=200 height=200></video><div class=b></div>
        <input type=image src="/input.png" width=200 height=200><div id=host></div>
        <svg width=200 height=200><image href="/svg.png" width=200 height=200 /></svg>
        <iframe src="/inner" width=250 height=250></iframe>
        <script>host.attachShadow({ mode: "open" }).innerHTML = '<img src="/shadow.png" width=200 height=200>'</script>
        """,
    )
    paired_browser.open(url)
    check_page(paired_browser, url)
    found = {job["srcUrl"]: (job["failure"] or {"code": "done"})["code"] for job in ended(paired_browser, len(names))}
    assert found == {site.url(f"/{name}.png"): "done" for name in names}


def test_the_target_of_a_link_is_judged_when_it_is_the_larger_copy(
    paired_browser: Browser, running_app: App, site: Site, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    shutil.copy(SAMPLES / "coffee.png", large)
    site.put("/large.png", large.read_bytes(), "image/png")
    # A small copy of the same picture, as a gallery has it.
    site.put("/thumb.png", thumbnail(large), "image/png")
    src = site.url("/thumb.png")
    page = paired_browser.open(site.put_page("/", '<a href="/large.png"><img src="/thumb.png"></a>'))
    paired_browser.right_click(page, src)
    badge = paired_browser.answer_on(page)
    assert f"{running_app.check(large)['probability'] * 100:.2f} %" in badge["panel"]
    assert "larger copy" in badge["panel"]


def thumbnail(path: Path) -> bytes:
    """A picture of half the size, as PNG."""
    with Image.open(path) as image:
        small = image.resize((image.width // 2, image.height // 2))
    out = BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def test_a_site_that_is_turned_on_is_checked_by_itself_and_nothing_twice(
    paired_browser: Browser, running_app: App, site: Site
) -> None:
    for number in range(4):
        site.put(f"/{number}.png", PNG + b"scan" + bytes([number]), "image/png")
    images = "".join(f'<p><img src="/{n}.png" width=200 height=200></p>' for n in (0, 1, 1))
    url = site.put_page("/", images)
    options = paired_browser.extension_page("options/options.html")
    ask = "(on) => chrome.runtime.sendMessage({ type: 'set_site', site: 'http://127.0.0.1/*', on })"
    options.evaluate(ask, True)
    page = paired_browser.open(url)
    page.bring_to_front()
    assert {job["srcUrl"] for job in ended(paired_browser, 2)} == {site.url("/0.png"), site.url("/1.png")}
    # A single-page app swaps a picture.
    page.evaluate("document.images[0].src = '/2.png'")
    assert len(ended(paired_browser, 3)) == 3
    assert paired_browser.badge(page) is not None
    assert len(running_app.judged(PNG + b"scan\x01")) == 1
    options.evaluate(ask, False)
    later = paired_browser.open(site.put_page("/later", '<img src="/3.png" width=200 height=200>'))
    later.bring_to_front()
    later.wait_for_timeout(1500)
    assert len(jobs(paired_browser)) == 3


def test_the_users_own_word_is_filed_by_the_app(paired_browser: Browser, running_app: App, site: Site) -> None:
    content = PNG + b"wrong"
    src = site.put("/picture.png", content, "image/png")
    page = paired_browser.open(site.put_page("/", f'<img src="{src}" width=300>'))
    paired_browser.right_click(page, src)
    paired_browser.answer_on(page)
    popup = paired_browser.extension_page("popup/popup.html")
    popup.get_by_role("button", name="This is wrong").first.click()
    popup.get_by_role("button", name="It is real").click()
    popup.get_by_text("You said: it is real. The app has filed it.").wait_for()
    popup.close()


def test_what_is_begun_in_the_popup_stays_while_other_checks_come_in(paired_browser: Browser, site: Site) -> None:
    sources = [site.put(f"/{number}.png", PNG + b"begun" + bytes([number]), "image/png") for number in range(2)]
    page = paired_browser.open(site.put_page("/", "".join(f'<img src="{src}" width=200>' for src in sources)))
    paired_browser.right_click(page, sources[0])
    paired_browser.answer_on(page)
    popup = paired_browser.extension_page("popup/popup.html")
    popup.get_by_role("button", name="This is wrong").click()
    real = popup.get_by_role("button", name="It is real")
    assert real.evaluate("(button) => button === document.activeElement")
    paired_browser.right_click(page, sources[1])
    popup.locator(".jobs > li .percent").nth(1).wait_for()
    assert real.evaluate("(button) => button === document.activeElement")


def test_the_key_checks_the_picture_under_the_pointer(paired_browser: Browser, site: Site) -> None:
    src = site.put("/picture.png", PNG, "image/png")
    site.put("/other.png", PNG + b"o", "image/png")
    page = paired_browser.open(
        site.put_page(
            "/", f'<img src="/other.png" width=400 height=400><div><img src="{src}" width=150 height=150></div>'
        )
    )
    page.bring_to_front()
    box = page.locator("img").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    press_key(paired_browser)
    (job,) = ended(paired_browser, 1)
    assert job["srcUrl"] == src


@pytest.mark.parametrize("where", ["frame", "shadow", "veil"])
def test_the_key_reaches_into_frames_and_shadow_roots_and_under_veils(
    paired_browser: Browser, site: Site, where: str
) -> None:
    src = site.put("/picture.png", PNG, "image/png")
    site.put("/other.png", PNG + b"o", "image/png")
    inner = f'<img src="{src}" width=150 height=150>'
    frame = f'<iframe src="{site.put_page("/inner", inner)}" width=200 height=200></iframe>'
    shadow = f'<div><template shadowrootmode="open">{inner}</template></div>'
    over = "<b style='position: absolute; inset: 0'></b>"
    veil = f"<div style='position: relative; width: 150px'>{inner}{over}</div>"
    held = {"frame": frame, "shadow": shadow, "veil": veil}[where]
    page = paired_browser.open(site.put_page("/", f'<img src="/other.png" width=400 height=400><br>{held}'))
    page.bring_to_front()
    box = page.locator("iframe" if where == "frame" else "div").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    press_key(paired_browser)
    (job,) = ended(paired_browser, 1)
    assert job["srcUrl"] == src


def press_key(browser: Browser) -> None:
    """Do what the browser does when the key for the picture under the pointer is pressed."""
    browser.worker.evaluate(
        """async () => {
            const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
            chrome.commands.onCommand.dispatch("check-image", tab);
        }"""
    )
