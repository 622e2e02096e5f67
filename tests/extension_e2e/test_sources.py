"""Where a page's pictures come from: every kind of source, its largest copy, and what a site is told of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import Browser, Site

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
