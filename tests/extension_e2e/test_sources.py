"""Where a page's pictures come from: every kind of source, its largest copy, and what a site is told of the page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import Browser
from .site import Site
from .test_pages import ended, jobs

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()
BANDS = {band.words for band in Band}


@pytest.fixture
def other() -> Iterator[Site]:
    """A second site, which lets no page's scripts read its images."""
    other = Site()
    yield other
    other.close()


REFERRERS = {
    "by default": ("", "", {}, True),
    "where the image asks for more": ("", "referrerpolicy=unsafe-url", {}, True),
    "not where the image forbids it": ("", "referrerpolicy=no-referrer", {}, False),
    "not where the page forbids it": ("<meta name=referrer content=no-referrer>", "", {}, False),
    "not where the page keeps it to its own site": ("<meta name=Referrer content=same-origin>", "", {}, False),
    "not where the site forbids it": (
        "",
        "",
        {"Referrer_Policy": "unsafe-url, no-referrer", "Cache_Control": "max-age=60"},
        False,
    ),
}


@pytest.mark.parametrize("case", REFERRERS)
def test_the_extensions_own_request_tells_the_pages_origin_as_the_page_allows(
    paired_browser: Browser, site: Site, other: Site, case: str
) -> None:
    head, attributes, headers, told = REFERRERS[case]
    src = other.put("/picture.png", PNG, "image/png")
    url = site.put_page("/folder/page?secret", f"{head}<img {attributes} src={src}>", **headers)
    page = paired_browser.open(url)
    paired_browser.right_click(page, src)
    assert paired_browser.answer_on(page)["pill"] in BANDS
    by_extension = [referer for referer, by_page in zip(other.referers, other.by_pages, strict=True) if not by_page]
    assert by_extension == [site.url("/") if told else ""]


def test_an_image_for_its_own_pages_alone_is_read(paired_browser: Browser, site: Site, other: Site) -> None:
    other.guests = site.url("/")
    src = other.put("/picture.png", PNG, "image/png")
    page = paired_browser.open(site.put_page("/", f"<img src={src}>"))
    paired_browser.right_click(page, src)
    assert paired_browser.answer_on(page)["pill"] in BANDS
    rules = paired_browser.worker.evaluate("() => chrome.declarativeNetRequest.getSessionRules()")
    assert rules == [], "nothing stays behind"


STRICT = "default-src 'none'; img-src 'self'; frame-src 'self'; style-src 'unsafe-inline'"
# Each kind of source beside the name of the copy that is to be judged; the other one is half as large.
KINDS = {
    "a picture's source": "<picture><source srcset='{small} 200w, {large} 400w' sizes=200px><img width=200></picture>",
    "a srcset of widths": "<img src={small} srcset='{small} 200w, {large} 400w' sizes=200px>",
    "a srcset of densities": "<img src={small} srcset='{large} 2x' width=200>",
    "a data-src": "<img src={small} data-src={large} width=200>",
    "a data-srcset": "<img src={small} data-srcset='/none.png 80w, {large} 400w' width=200>",
    "a source's data-srcset": "<picture><source data-srcset='{large} 2x'><img src={small} width=200></picture>",
    "a link": "<a href={large}><img src={small} width=200></a>",
    "a background": "<div style='width: 200px; height: 150px; background: url({large})'></div>",
    "a background of densities": (
        "<div style='width: 200px; height: 150px; background: image-set(url({small}) 1x, url({large}) 2x)'></div>"
    ),
    "a frame": "<iframe src='/frame?{large}' height=180></iframe>",
    "a frame written by its page": '<iframe srcdoc="<img src={large} width=200>" height=180></iframe>',
}


def half(content: bytes) -> bytes:
    with Image.open(BytesIO(content)) as image:
        small = image.resize((image.width // 2, image.height // 2))
    out = BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("policy", ["", STRICT])
def test_of_every_kind_of_source_the_largest_copy_is_judged(paired_browser: Browser, site: Site, policy: str) -> None:
    small = half(PNG)
    wanted = {}
    body = ""
    for number, (kind, pattern) in enumerate(KINDS.items()):
        paths = {"small": f"/small{number}.png", "large": f"/large{number}.png"}
        site.put(paths["small"], small + bytes([number]), "image/png")
        site.put(paths["large"], PNG + bytes([number]), "image/png")
        site.put_page(f"/frame?{paths['large']}", f"<img src={paths['large']} width=200>")
        wanted[hashlib.sha256(PNG + bytes([number])).hexdigest()] = kind
        body += pattern.format(**paths)
    headers = {"Content_Security_Policy": policy} if policy else {}
    page = paired_browser.open(site.put_page("/", body, **headers))
    page.bring_to_front()
    choose_page_check(paired_browser)
    done = ended(paired_browser, len(KINDS))
    assert {job["failure"] and job["failure"]["code"] for job in done} == {None}
    judged = {wanted.get(job["sha256"], job["srcUrl"]) for job in done}
    assert judged == set(KINDS)
    assert len(done) == len(KINDS)


def choose_page_check(browser: Browser) -> None:
    """Choose the menu's entry for the whole page, which a right click on a background gives."""
    browser.worker.evaluate(
        """async () => {
            const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
            chrome.contextMenus.onClicked.dispatch({ menuItemId: "check-page", pageUrl: tab.url, frameId: 0 }, tab);
        }"""
    )


def test_a_right_click_on_a_video_checks_its_poster(paired_browser: Browser, site: Site) -> None:
    site.put("/film.mp4", b"no film", "video/mp4")
    site.put("/poster.png", PNG, "image/png")
    page = paired_browser.open(site.put_page("/", "<video src=/film.mp4 poster=/poster.png width=300 height=300>"))
    paired_browser.right_click(page, site.url("/film.mp4"))
    assert paired_browser.answer_on(page)["pill"] in BANDS
    (job,) = jobs(paired_browser)
    assert job["sha256"] == hashlib.sha256(PNG).hexdigest()


def test_a_page_s_unreadable_address_does_not_hide_its_other_images(paired_browser: Browser, site: Site) -> None:
    site.put("/picture.png", PNG, "image/png")
    body = "<img src='http://[' width=200 height=200><video poster='http://[' width=200 height=200></video>"
    page = paired_browser.open(site.put_page("/", f"{body}<img src=/picture.png width=200>"))
    page.bring_to_front()
    choose_page_check(paired_browser)
    (job,) = ended(paired_browser, 1)
    assert job["state"] == "done"
