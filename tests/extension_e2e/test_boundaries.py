"""What the extension may do and pages may not: a real click's rights, a restart, and who reaches the app."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.xvfb import display, need

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import App, Browser, wait_until
from .desk import Desk
from .site import Site
from .test_failures import MESSAGES, stop_worker
from .test_pages import jobs

pytestmark = pytest.mark.browser

BANDS = {band.words for band in Band}
OPEN_SOCKET = """(url) => new Promise((done) => {
    const socket = new WebSocket(url, "noiselens.v1");
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""


PUBLIC = "public.example"  # of whose pages the extension may read nothing before a click


@pytest.fixture
def desk(launch: Callable[..., Browser], running_app: App, tmp_path: Path) -> Iterator[Desk]:
    """A paired browser on a display of the test's own."""
    need("Xvfb", "xdotool")
    with display(1100, 800) as environment:
        browser = launch(tmp_path / "profile", headless=False, no_viewport=True, env=environment)
        browser.pair(running_app.pairing)
        yield Desk(browser, environment)
        browser.context.close()


SHOWN = {
    "file": "<img src=/rocket.jpg width=400>",
    "an address longer than menus name": "<img src={long} width=400>",
    "beneath a veil": "<img src=/rocket.jpg width=400><b style='position: absolute; inset: 0'></b>",
    "beneath a link": "<img src=/rocket.jpg width=400><a href=/else style='position: absolute; inset: 0'></a>",
    "a background in a link": "<a href=/else style='display: block; height: 300px; background: url(/rocket.jpg)'></a>",
}


@pytest.mark.parametrize("source", SHOWN)
def test_a_real_click_in_the_menu_gives_the_right_to_read_that_page(
    desk: Desk, running_app: App, site: Site, source: str
) -> None:
    """The other tests dispatch the click, on pages that the extension may always read; this page is of another host."""
    content = (SAMPLES / "rocket.jpg").read_bytes()
    site.put("/rocket.jpg", content, "image/jpeg")
    long = f"data:image/jpeg;base64,{base64.b64encode(content + bytes(3_000_000)).decode()}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
    site.put_page("/", SHOWN[source].format(long=long), Content_Security_Policy=policy)
    page = desk.show(site.url("/", host=PUBLIC))
    desk.point(200, 150, 3)
    desk.act("key", "Up", "Up", "Return")  # the entry above 'Inspect', the last one
    assert desk.browser.answer_on(page)["pill"] in BANDS
    expected = running_app.check(SAMPLES / "rocket.jpg")["probability"]
    assert desk.browser.newest_in_popup()["percent"] == f"{expected * 100:.2f} %"


# A picture of 118 by 118 pixels, of which a page has eight in a row.
SIDE_PX = 118
PLACES = {
    "a background": "<div style='background: url(/{n}.jpg)'></div>",
    "a background in a shadow root": "<div><template shadowrootmode=open><b style='display: block; height: 118px; "
    "background: url(/{n}.jpg)'></b></template></div>",
}


def grid(site: Site, kind: str, count: int) -> str:
    """Serve a page of such pictures, each another one; return its address."""
    for number in range(count):
        site.put(f"/{number}.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    style = f"""<style>body {{ margin: 0; display: grid; grid-template-columns: repeat(8, {SIDE_PX}px) }}
        div {{ height: {SIDE_PX}px }}</style>"""
    site.put_page("/", style + "".join(PLACES[kind].format(n=number) for number in range(count)))
    return site.url("/", host=PUBLIC)


def choose_here(desk: Desk, x: int, y: int) -> None:
    """Open the menu at a place of the page and click the entry for the picture there; it lies over another picture."""
    desk.point(x, y, 3)
    desk.act("key", "Up", "Up", "Up", "Right")  # the entry of ours above 'View page source', its own menu
    desk.point_at_menu(0)


@pytest.mark.parametrize("kind", PLACES)
def test_a_picture_that_the_menu_cannot_name_is_clicked_and_from_then_on_known(
    desk: Desk, site: Site, kind: str
) -> None:
    """Before a page is opened to the extension no browser of Chromium's kin tells where its menu was opened."""
    page = desk.show(grid(site, kind, 40))
    choose_here(desk, 300, 300)
    assert jobs(desk.browser) == [], "none is guessed"
    desk.point(300, 300, 1)
    desk.point(800, 100)
    assert desk.browser.newest_in_popup()["name"] == "18.jpg"
    page.bring_to_front()
    desk.browser.answer_on(page)
    choose_here(desk, 300, 180)
    wait_until(lambda: len(jobs(desk.browser)) == 2 or None, 10)
    assert desk.browser.newest_in_popup()["name"] == "10.jpg"


@pytest.mark.parametrize("way", [("key", "Escape"), ("click", 3)], ids=["escape", "right button"])
def test_the_choice_of_a_picture_is_given_up(desk: Desk, site: Site, way: tuple[str, int]) -> None:
    page = desk.show(grid(site, "a background", 40))
    page.evaluate("['pointerdown', 'click'].map((kind) => addEventListener(kind, () => document.title += kind))")
    choose_here(desk, 300, 300)
    wait_until(lambda: desk.browser.is_choosing(page) or None, 10)
    heard = page.title()
    desk.point(300, 300)
    desk.act(*way)
    assert page.title() == heard, "the page hears nothing of the choice"
    desk.act("click", 1)
    assert page.title() == f"{heard}pointerdownclick"
    assert jobs(desk.browser) == []


def choose_here_by_keys(desk: Desk) -> None:
    """Open the menu and choose the entry for the picture there, without a mouse."""
    desk.act("key", "shift+F10")
    desk.act("key", "Up", "Up", "Up", "Right")
    desk.act("key", "Return")
    if not desk.browser.is_choosing(desk.page):  # the inner menu came late: that key only went into it
        desk.act("key", "Return")


def test_a_picture_is_chosen_with_the_keys_alone_in_the_order_of_reading(desk: Desk, site: Site) -> None:
    page = desk.show(grid(site, "a background", 120))
    page.evaluate("addEventListener('keydown', ({ key }) => key !== 'Shift' && (document.title += key))")
    choose_here_by_keys(desk)
    heard = page.title()
    desk.act("key", "Return")  # none is chosen yet
    assert jobs(desk.browser) == []
    desk.act("key", "Tab", "Right", "Down", "shift+Tab")
    assert desk.browser.chooser(page) == {
        "role": "application",
        "name": MESSAGES["pick_hint"]["message"],
        "status": "Picture 2 of 120. 1.jpg",
        "focused": True,
    }
    desk.act("key", "Left", "Left")  # the one before the first is the last, below the window
    assert page.evaluate("scrollY + innerHeight") >= 15 * SIDE_PX
    assert page.title() == heard, "the page hears nothing of the choice"
    desk.act("key", "Return")
    assert desk.browser.newest_in_popup()["name"] == "119.jpg"
    assert len(jobs(desk.browser)) == 1
    page.bring_to_front()
    page.evaluate("scrollTo(0, 0)")
    choose_here_by_keys(desk)  # by now our script in the page has seen the menu open, in the page's corner
    desk.act("key", "Tab", "Right", "Right", "Return")
    wait_until(lambda: len(jobs(desk.browser)) == 2 or None, 10)
    assert desk.browser.newest_in_popup()["name"] == "2.jpg"


def test_a_choice_outlives_the_worker_and_a_dialog_of_the_page(desk: Desk, site: Site) -> None:
    """Half a minute of looking at the page, and the browser has stopped the worker that asked."""
    grid(site, "a background", 16)
    body = "".join(f"<p style='height: 150px; width: 150px; background: url(/{n}.jpg)'>" for n in range(3))
    site.put_page("/", f"<dialog>{body}</dialog><script>document.querySelector('dialog').showModal()</script>")
    options = desk.browser.extension_page("options/options.html")
    page = desk.show(site.url("/", host=PUBLIC))
    choose_here_by_keys(desk)
    stop_worker(desk.browser, options)
    desk.act("key", "Down", "Down", "Return")
    assert desk.browser.newest_in_popup()["name"] == "1.jpg"
    page.bring_to_front()
    assert desk.browser.answer_on(page)["pill"] in BANDS


def test_a_picture_that_nobody_was_asked_to_choose_is_not_checked(paired_browser: Browser, site: Site) -> None:
    """As a page's process that is no longer the browser's own could say."""
    src = site.put("/rocket.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    page = paired_browser.open(site.put_page("/", f"<img src={src}>"))
    page.bring_to_front()
    say = """async (url) => {
        const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
        await chrome.scripting.executeScript({ target: { tabId: tab.id }, args: [url],
            func: (url) => chrome.runtime.sendMessage({ type: "picked", url }) });
    }"""
    paired_browser.worker.evaluate(say, src)
    page.wait_for_timeout(500)
    assert jobs(paired_browser) == []


def test_the_one_picture_in_view_is_not_asked_for(desk: Desk, site: Site) -> None:
    desk.show(grid(site, "a background", 1))
    choose_here(desk, 300, 300)
    assert desk.browser.newest_in_popup()["name"] == "0.jpg"


@pytest.mark.parametrize("allow", [True, False])
def test_the_popups_switch_asks_the_browser_and_the_scan_starts_when_it_is_allowed(
    desk: Desk, site: Site, allow: bool
) -> None:
    """All is pressed for real: the toolbar button, the switch, the browser's question, which closes the popup."""
    browser = desk.browser
    site.put("/rocket.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    site.put_page("/", '<img src="/rocket.jpg" width=400>')
    page = desk.show(site.url("/", host=PUBLIC))
    open_popup(desk)
    desk.act("key", "Tab", "Tab", "Tab", "space")  # options, the check of the page, the switch
    desk.act("key", *(["Tab"] if allow else []), "Return")  # the browser's question begins at 'Deny'
    sites = "async () => (await chrome.storage.local.get('sites')).sites ?? []"
    if allow:
        assert browser.answer_on(page)["pill"] == ""  # the sign alone
        assert browser.worker.evaluate(sites) == ["http://public.example/*"]
        page.reload()
        assert browser.answer_on(page)["pill"] == ""
    else:
        page.wait_for_timeout(1500)
        assert browser.badge(page) is None
        assert browser.worker.evaluate(sites) == []
    granted = browser.worker.evaluate("async () => (await chrome.permissions.getAll()).origins")
    assert ("http://public.example/*" in granted) is allow


def open_popup(desk: Desk) -> None:
    """Press the toolbar's button of all extensions and choose ours."""
    right, top = desk.page.evaluate("[screenX + outerWidth, screenY]")
    desk.act("mousemove", right - 112, top + 63, "click", 1)
    desk.act("key", "Tab", "Tab", "Return")  # the first entry
    is_open = "async () => (await chrome.runtime.getContexts({ contextTypes: ['POPUP'] })).length === 1 || null"
    wait_until(lambda: desk.browser.worker.evaluate(is_open), 10)
    time.sleep(1)  # until it knows where the app is


def test_t38_a_browser_restart_keeps_the_pairing_and_forgets_the_images(
    launch: Callable[..., Browser], running_app: App, site: Site, tmp_path: Path
) -> None:
    src = site.put("/rocket.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    url = site.put_page("/", f'<img src="{src}">')
    first = launch(tmp_path / "profile")
    first.pair(running_app.pairing)
    page = first.open(url)
    first.right_click(page, src)
    first.answer_on(page)
    first.context.close()

    second = launch(tmp_path / "profile")
    assert second.status().startswith("Connected to NoiseLens")
    popup = second.extension_page("popup/popup.html")
    popup.get_by_text("No image checked yet").wait_for()
    page = second.open(url)
    second.right_click(page, src)
    assert second.answer_on(page)["pill"] in BANDS
    second.context.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "public.example"])
def test_t40_a_page_cannot_reach_the_app(paired_browser: Browser, running_app: App, site: Site, host: str) -> None:
    port = running_app.pairing.split(":")[1]
    site.put_page("/", "<p>A page")
    page = paired_browser.open(site.url("/", host=host))
    outcome = page.evaluate(OPEN_SOCKET, f"ws://127.0.0.1:{port}/noiselens/v1")
    assert outcome == "refused"
    assert paired_browser.status().startswith("Connected to NoiseLens")


def test_t40_a_page_of_the_public_address_space_says_nothing_while_the_extension_gets_in(
    launch: Callable[..., Browser], running_app: App, site: Site, tmp_path: Path
) -> None:
    """Chromium's Local Network Access: it takes the site's own port for one of a public server."""
    browser = launch(tmp_path / "profile", f"--ip-address-space-overrides=127.0.0.1:{site.port}=public")
    assert browser.pair(running_app.pairing).startswith("Connected to NoiseLens")
    src = site.put("/rocket.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    page = browser.open(site.put_page("/", f'<img src="{src}">'))
    with socket.create_server(("127.0.0.1", 0)) as door:
        assert page.evaluate(OPEN_SOCKET, f"ws://127.0.0.1:{door.getsockname()[1]}/noiselens/v1") == "refused"
        door.settimeout(5)
        with door.accept()[0] as knock:  # it dials, to learn whose address that is, and hangs up without a word
            assert knock.recv(100) == b""
    browser.right_click(page, src)
    assert browser.answer_on(page)["pill"] in BANDS
    browser.context.close()


def test_a_page_cannot_talk_to_the_extension(paired_browser: Browser, site: Site) -> None:
    page = paired_browser.open(site.put_page("/", "<p>A page"))
    extension = paired_browser.worker.url.removesuffix("background.js")
    assert page.evaluate("typeof globalThis.chrome?.runtime?.sendMessage") == "undefined"
    loaded = page.evaluate(
        """(url) => new Promise((done) => {
            const image = new Image();
            image.onload = () => done(true);
            image.onerror = () => done(false);
            image.src = url;
        })""",
        f"{extension}icons/16.png",
    )
    assert not loaded, "a page must not be able to tell that the extension is there"
