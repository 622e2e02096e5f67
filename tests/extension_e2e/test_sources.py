"""Where a page's pictures come from: every kind of source, its largest copy, and what a site is told of the page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import Browser
from .site import Site
from .test_failures import sentence, stop_worker
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


KEPT = {"Cache_Control": "max-age=60"}
# What the page's head says, the image's attributes, the page's headers, and whether its origin may be told.
REFERRERS: dict[str, tuple[str, str, dict[str, str], bool]] = {
    "by default": ("", "", KEPT, True),
    "where the page's address was changed by a script": (
        "<script>history.pushState(0, '', '/else')</script>",
        "",
        KEPT,
        True,
    ),
    "where the image asks for more": ("", "referrerpolicy=unsafe-url", {}, True),
    "where the page asks for more": ("<meta name=referrer content=unsafe-url>", "", {}, True),
    "where an older word allows it": ("<meta name=referrer content=Default>", "", {}, True),
    "not where the image forbids it": ("", "referrerpolicy=no-referrer", KEPT, False),
    "not where the page forbids it": ("<meta name=referrer content=no-referrer>", "", KEPT, False),
    "not where an older word forbids it": ("<meta name=referrer content=never>", "", KEPT, False),
    "not where the page's word is no known one": ("<meta name=referrer content=nobody>", "", KEPT, False),
    "not where one of the page's words forbids it": (
        "<meta name=referrer content=no-referrer><meta name=referrer content=origin>",
        "",
        KEPT,
        False,
    ),
    "not where the page keeps it to its own site": ("<meta name=Referrer content=same-origin>", "", KEPT, False),
    "not where the site forbids it": ("", "", KEPT | {"Referrer_Policy": "unsafe-url, no-referrer"}, False),
    "not where the site forbids it and a script changed the address": (
        "<script>history.pushState(0, '', '/else')</script>",
        "",
        KEPT | {"Referrer_Policy": "no-referrer"},
        False,
    ),
    "not where the page's headers are not kept": ("", "", {"Referrer_Policy": "no-referrer"}, False),
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
    assert by_extension(other, "/picture.png") == [site.url("/") if told else ""]


FRAMES = {
    "told by the rules of the page that wrote it": ("<meta name=referrer content=origin>", "", KEPT, True),
    "told by the headers of the page that wrote it": ("", "", KEPT, True),
    "not told where it forbids it itself": ("", "<meta name=referrer content=no-referrer>", KEPT, False),
    "not told where the page that wrote it forbids it": ("", "", KEPT | {"Referrer_Policy": "no-referrer"}, False),
}


@pytest.mark.parametrize("case", FRAMES)
def test_of_a_frame_written_by_its_page_the_origin_is(
    paired_browser: Browser, site: Site, other: Site, case: str
) -> None:
    head, inner, headers, told = FRAMES[case]
    src = other.put("/picture.png", PNG, "image/png")
    frame = f"<iframe srcdoc='{inner}<img src={src} width=200>' height=180></iframe>"
    page = paired_browser.open(site.put_page("/", head + frame, **headers))
    page.bring_to_front()
    paired_browser.check_page()
    (job,) = ended(paired_browser, 1)
    assert job["state"] == "done"
    assert by_extension(other, "/picture.png") == [site.url("/") if told else ""]


def test_another_page_in_the_tab_is_not_told_of_in_the_first_ones_place(
    paired_browser: Browser, site: Site, other: Site
) -> None:
    src = other.put("/picture.png", PNG, "image/png")
    other.refuse("/picture.png", 503)
    page = paired_browser.open(site.put_page("/", f"<img src={src} width=200 height=200>", **KEPT))
    paired_browser.right_click(page, src)
    assert paired_browser.newest_in_popup()["tone"] == "failure"
    next_site = Site()
    try:
        page.goto(next_site.put_page("/", "<p>Of something else", **KEPT))
        asked = len(other.asked)
        popup = paired_browser.extension_page("popup/popup.html")
        popup.get_by_role("button", name="Try again").last.click()
        popup.get_by_text(sentence("left_page")).wait_for()
        assert len(other.asked) == asked
    finally:
        next_site.close()


def test_a_link_that_forbids_it_tells_nothing_of_the_page(paired_browser: Browser, site: Site, other: Site) -> None:
    small, large = other.put("/small.png", half(PNG), "image/png"), other.put("/large.png", PNG, "image/png")
    body = f"<a rel='noopener noreferrer' href={large}><img src={small}></a>"
    page = paired_browser.open(site.put_page("/", body, **KEPT))
    paired_browser.right_click(page, small)
    assert "larger copy" in paired_browser.answer_on(page)["panel"]
    assert by_extension(other, "/large.png") == [""]


def by_extension(site: Site, path: str) -> list[str]:
    """The Referers of the extension's own requests for this path."""
    asked = zip(site.asked, site.referers, site.by_pages, strict=True)
    return [referer for asked_for, referer, by_page in asked if asked_for == path and not by_page]


def test_an_image_for_its_own_pages_alone_is_read(paired_browser: Browser, site: Site, other: Site) -> None:
    other.guests = site.url("/")
    src = other.put("/picture.png", PNG, "image/png")
    page = paired_browser.open(site.put_page("/", f"<img src={src}>", **KEPT))
    paired_browser.right_click(page, src)
    assert paired_browser.answer_on(page)["pill"] in BANDS
    assert session_rules(paired_browser) == [], "nothing stays behind"


def session_rules(browser: Browser) -> list[Any]:
    rules: list[Any] = browser.worker.evaluate("() => chrome.declarativeNetRequest.getSessionRules()")
    return rules


def test_what_a_stopped_worker_told_is_told_no_more(paired_browser: Browser, site: Site, other: Site) -> None:
    """Its rule outlives it where it was stopped before an image's site had answered."""
    src = other.put("/picture.png", PNG, "image/png")
    paired_browser.worker.evaluate(
        """(src) => chrome.declarativeNetRequest.updateSessionRules({ addRules: [{ id: 9,
            action: { type: "modifyHeaders",
                requestHeaders: [{ header: "referer", operation: "set", value: "http://left.example/" }] },
            condition: { urlFilter: `|${src}|`, resourceTypes: ["xmlhttprequest"] } }] })""",
        src,
    )
    stop_worker(paired_browser)
    paired_browser.status()  # starts another
    page = paired_browser.open(site.put_page("/strict", f"<img src={src} referrerpolicy=no-referrer>", **KEPT))
    paired_browser.right_click(page, src)
    assert paired_browser.answer_on(page)["pill"] in BANDS
    assert by_extension(other, "/picture.png")[-1] == ""
    assert session_rules(paired_browser) == []


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
    paired_browser.check_page()
    done = ended(paired_browser, len(KINDS))
    assert {job["failure"] and job["failure"]["code"] for job in done} == {None}
    judged = {wanted.get(job["sha256"], job["srcUrl"]) for job in done}
    assert judged == set(KINDS)
    assert len(done) == len(KINDS)


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
    paired_browser.check_page()
    (job,) = ended(paired_browser, 1)
    assert job["state"] == "done"
