"""The scan of a site: pictures that come late, wherever; in which order, how many; and what the page feels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import Browser, wait_until
from .site import Site
from .test_pages import ended, jobs

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()
BANDS = {band.words for band in Band}
SHIFTS = """() => new Promise((done) => {
    new PerformanceObserver((list) => done(list.getEntries().map(({ value }) => value)))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done([]), 500);
})"""
# Each comes a moment after the page and its scripts have long been done.
LATE = {
    "a lazy image without a size": "holder.innerHTML = '<img loading=lazy src=/late.png>'",
    "an image whose bytes are slow": "holder.innerHTML = '<img src=/late.png>'",
    "an address put in place of a small stand-in": (
        "holder.innerHTML = '<img src=/dot.png data-src=/late.png>';"
        "setTimeout(() => { holder.firstChild.src = '/late.png' }, 700)"
    ),
    "an image that grows": (
        "holder.innerHTML = '<img src=/late.png width=60 height=60>';"
        "setTimeout(() => Object.assign(holder.firstChild, { width: 300, height: 300 }), 1500)"
    ),
    "an image in an open shadow root": (
        "const root = holder.attachShadow({ mode: 'open' });"
        "setTimeout(() => { root.innerHTML = '<p><img src=/late.png></p>' }, 1000)"
    ),
    "a shadow root attached late": (
        "setTimeout(() => { holder.attachShadow({ mode: 'open' }).innerHTML = '<img src=/late.png>' }, 1500)"
    ),
    "a shadow root in a shadow root": (
        "const outer = holder.attachShadow({ mode: 'open' }); outer.innerHTML = '<b></b>';"
        "const inner = outer.firstChild.appendChild(document.createElement('div')).attachShadow({ mode: 'open' });"
        "setTimeout(() => { inner.innerHTML = '<img src=/late.png>' }, 1000)"
    ),
    "a background by a class further out": "document.body.className = 'on'",
    "a background by a style": "holder.style.background = 'url(/late.png)'",
    "a background by a style sheet": (
        "document.head.append(Object.assign(document.createElement('style'),"
        "{ textContent: '#holder { background: url(/late.png) }' }))"
    ),
    "a background by a rule": "document.styleSheets[0].insertRule('#holder { background: url(/late.png) }')",
    "a frame written by its page": "holder.innerHTML = `<iframe srcdoc='<img src=/late.png>' width=500 height=400>`",
    "a poster": "holder.innerHTML = '<video width=300 height=300></video>'; holder.firstChild.poster = '/late.png'",
}


@pytest.fixture
def switch(paired_browser: Browser) -> Iterator[Callable[[bool], None]]:
    """Turns the scan of pages of 127.0.0.1 on and off."""
    options = paired_browser.extension_page("options/options.html")

    def turn(on: bool) -> None:
        options.evaluate("(on) => chrome.runtime.sendMessage({ type: 'set_site', site: 'http://127.0.0.1/*', on })", on)

    yield turn
    turn(False)


@pytest.fixture
def scanning(paired_browser: Browser, switch: Callable[[bool], None]) -> Browser:
    """The paired browser with the scan on."""
    switch(True)
    return paired_browser


def square(side: int) -> bytes:
    """A grey PNG."""
    out = BytesIO()
    Image.new("RGB", (side, side), "grey").save(out, "PNG")
    return out.getvalue()


def open_in_front(browser: Browser, url: str) -> Page:
    page = browser.open(url)
    page.bring_to_front()
    return page


def names(browser: Browser) -> list[str]:
    """The last parts of the addresses checked, in the order in which their turn came."""
    return [job["name"] for job in sorted(jobs(browser), key=lambda job: float(job["startedAt"]))]


@pytest.mark.parametrize("way", LATE)
def test_a_picture_that_comes_late_is_found(scanning: Browser, site: Site, way: str) -> None:
    site.put("/late.png", PNG, "image/png")
    site.put("/dot.png", square(8), "image/png")
    style = "<style>#holder { width: 300px; height: 300px } .on #holder { background: url(/late.png) }</style>"
    page = open_in_front(scanning, site.put_page("/", f"{style}<body><div id=holder></div>"))
    page.wait_for_timeout(1500)
    assert jobs(scanning) == []
    site.delay_s = 1.0 if "slow" in way else 0.0
    page.evaluate(f"() => {{ {LATE[way]} }}")
    (job,) = ended(scanning, 1)
    assert (job["name"], job["state"]) == ("late.png", "done")
    assert scanning.answer_on(page)["pill"] == ""  # the sign alone


def test_an_answer_leaves_with_the_picture_it_was_about(scanning: Browser, site: Site) -> None:
    """A slide show puts other pictures into one background; the second cannot be judged."""
    site.put("/first.png", PNG, "image/png")
    site.put("/second.png", b"no image", "image/png")
    style = """<style>div { width: 300px; height: 300px }
        .one div { background: url(/first.png) } .two div { background: url(/second.png) }</style>"""
    page = open_in_front(scanning, site.put_page("/", f"<body class=one>{style}<div>"))
    scanning.answer_on(page)
    page.evaluate("document.body.className = 'two'")
    wait_until(lambda: scanning.badge(page) is None or None, 10)
    assert len(ended(scanning, 2)) == 2
    page.evaluate("document.body.className = 'one'")
    wait_until(lambda: scanning.badge(page), 10)
    assert len(jobs(scanning)) == 2, "what was judged is not judged again"


def test_what_is_in_view_comes_first_the_largest_first_and_nothing_small_or_twice(
    paired_browser: Browser, switch: Callable[[bool], None], site: Site
) -> None:
    sides = {"below": 500, "small": 140, "middle": 250, "large": 400, "tiny": 120, "blown_up": 300}
    for number, name in enumerate(sides):
        content = square(100) if name == "blown_up" else PNG
        site.put(f"/{name}.png", content + bytes([number]), "image/png")
    images = {name: f"<img src=/{name}.png width={side} height={side}>" for name, side in sides.items()}
    above = "".join(images[name] for name in ("small", "middle", "tiny", "large", "blown_up", "middle"))
    body = f"<body style='margin: 0'><div style='height: 800px'>{above}</div>{images['below']}"
    page = open_in_front(paired_browser, site.put_page("/", body + "<p style='height: 5000px'>"))
    page.wait_for_load_state("load")
    switch(True)
    page.bring_to_front()
    ended(paired_browser, 4)
    page.evaluate("scrollTo(0, 5000)")
    page.wait_for_timeout(1000)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1500)
    order = names(paired_browser)
    assert {*order[:2]} == {"large.png", "middle.png"}  # two at a time
    assert order[2:] == ["small.png", "below.png"]


def test_at_most_64_pictures_wait(paired_browser: Browser, switch: Callable[[bool], None], site: Site) -> None:
    """The page has moved on before more than two of its 90 pictures had their turn."""
    for number in range(90):
        site.put(f"/{number}.png", PNG, "image/png")
    images = "".join(f"<img src=/{number}.png width=128 height=128>" for number in range(90))
    style = "<style>body { margin: 0; font-size: 0 } p { height: 9000px }</style>"
    page = open_in_front(paired_browser, site.put_page("/", f"{style}<body>{images}<p>"))
    page.wait_for_load_state("load")
    site.open.clear()
    switch(True)
    page.bring_to_front()
    wait_until(lambda: len(jobs(paired_browser)) == 2 or None)
    page.wait_for_timeout(1500)  # and looks once more meanwhile
    page.evaluate("scrollTo(0, 8000)")
    page.wait_for_timeout(500)
    site.open.set()
    ended(paired_browser, 2 + 64)
    page.wait_for_timeout(1500)
    assert len(jobs(paired_browser)) == 2 + 64
    page.evaluate("scrollTo(0, 0)")
    assert len(ended(paired_browser, 90)) == 90  # found again where they are near


def test_badges_on_backgrounds_and_in_shadow_roots_do_not_move_the_page(scanning: Browser, site: Site) -> None:
    for number, name in enumerate(("image", "background", "shadow")):
        site.put(f"/{name}.png", PNG + bytes([number]), "image/png")
    page = open_in_front(
        scanning,
        site.put_page(
            "/",
            """<style>#b { width: 300px; height: 300px; background: url(/background.png) }</style>
            <p>Above<p><img src=/image.png width=300 height=300><div id=b>Over</div>
            <div><template shadowrootmode=open><p>In<p><img src=/shadow.png width=300 height=300></template></div>
            <p>Below""",
        ),
    )
    wait_until(lambda: len(scanning.badges(page)) == 3 or None)
    page.mouse.move(30, 75)
    page.wait_for_timeout(500)
    page.evaluate("scrollTo(0, 400)")
    assert page.evaluate(SHIFTS) == []
    page.evaluate("document.body.prepend(Object.assign(document.createElement('h1'), { textContent: 'Moved' }))")
    assert page.evaluate(SHIFTS) != [], "the browser would tell"


def test_what_failed_stays_off_the_page_until_a_person_asks_again(scanning: Browser, site: Site) -> None:
    """A background: the scan knows its size from the page alone, and what it is only from its bytes."""
    site.put("/picture.png", b"no image", "image/png")
    body = "<div style='width: 300px; height: 300px; background: url(/picture.png)'>"
    page = open_in_front(scanning, site.put_page("/", body))
    (job,) = ended(scanning, 1)
    assert job["failure"]["code"] == "not_an_image"
    page.wait_for_timeout(500)
    assert scanning.badges(page) == []
    site.put("/picture.png", PNG, "image/png")
    popup = scanning.extension_page("popup/popup.html")
    popup.get_by_role("button", name="Try again").last.click()
    assert scanning.answer_on(page)["pill"] in BANDS
    popup.close()
