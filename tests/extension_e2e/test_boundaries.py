"""What the extension may do and pages may not: a real click's rights, a restart, and who reaches the app."""

from __future__ import annotations

import base64
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.xvfb import display, need

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import App, Browser, wait_until
from .site import Site

pytestmark = pytest.mark.browser

BANDS = {band.words for band in Band}
OPEN_SOCKET = """(url) => new Promise((done) => {
    const socket = new WebSocket(url, "noiselens.v1");
    socket.onopen = () => done("open");
    socket.onerror = () => done("refused");
})"""


@pytest.fixture
def screen() -> Iterator[dict[str, str]]:
    """The environment of a browser on a display of the test's own."""
    need("Xvfb", "xdotool")
    with display(1100, 800) as environment:
        yield environment


@pytest.mark.parametrize("source", ["file", "an address longer than menus name"])
def test_a_real_click_in_the_menu_gives_the_right_to_read_that_page(
    launch: Callable[..., Browser], running_app: App, site: Site, screen: dict[str, str], tmp_path: Path, source: str
) -> None:
    """The other tests dispatch the click, on pages that the extension may always read; this page is of another host."""
    browser = launch(tmp_path / "profile", headless=False, no_viewport=True, env=screen)
    browser.pair(running_app.pairing)
    content = (SAMPLES / "rocket.jpg").read_bytes()
    site.put("/rocket.jpg", content, "image/jpeg")
    long = f"data:image/jpeg;base64,{base64.b64encode(content + bytes(3_000_000)).decode()}"
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src 'self' data:\">"
    site.put_page("/", f'{policy}<img src="{"/rocket.jpg" if source == "file" else long}" width=400>')
    page = browser.open(site.url("/", host="public.example"))
    page.bring_to_front()
    left, top = page.evaluate("[screenX + outerWidth - innerWidth, screenY + outerHeight - innerHeight]")

    def act(*arguments: str | int) -> None:
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=screen)
        time.sleep(1)  # menus open and close with an animation

    act("mousemove", left + 200, top + 150, "click", 3)
    act("key", "Up", "Up", "Return")  # the entry above 'Inspect', the last one
    assert browser.answer_on(page)["pill"] in BANDS
    expected = running_app.check(SAMPLES / "rocket.jpg")["probability"]
    assert browser.newest_in_popup()["percent"] == f"{expected * 100:.2f} %"
    browser.context.close()


# The picture of 118 by 118 pixels in the third row and column of eight by five; every place shows another one.
PLACES = {
    "a background": "<div style='background: url(/{n}.jpg)'></div>",
    "a background in a shadow root": "<div><template shadowrootmode=open><b style='display: block; height: 118px; "
    "background: url(/{n}.jpg)'></b></template></div>",
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_real_click_in_the_menu_checks_the_picture_where_it_was_opened(
    launch: Callable[..., Browser],
    running_app: App,
    site: Site,
    screen: dict[str, str],
    tmp_path: Path,
    kind: str,
) -> None:
    browser = launch(tmp_path / "profile", headless=False, no_viewport=True, env=screen)
    browser.pair(running_app.pairing)
    for number in range(40):
        site.put(f"/{number}.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    style = """<style>body { margin: 0; display: grid; grid-template-columns: repeat(8, 118px) }
        div { height: 118px }</style>"""
    site.put_page("/", style + "".join(PLACES[kind].format(n=number) for number in range(40)))
    page = browser.open(site.url("/", host="public.example"))
    page.bring_to_front()
    left, top = page.evaluate("[screenX + outerWidth - innerWidth, screenY + outerHeight - innerHeight]")

    def act(*arguments: str | int) -> None:
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=screen)
        time.sleep(1)

    act("mousemove", left + 300, top + 300, "click", 3)
    act("key", "Up", "Up", "Up", "Right")  # the entry of ours above 'View page source', its own menu
    act("key", "Return")
    assert browser.newest_in_popup()["name"] == "18.jpg"
    browser.context.close()


@pytest.mark.parametrize("allow", [True, False])
def test_the_popups_switch_asks_the_browser_and_the_scan_starts_when_it_is_allowed(
    launch: Callable[..., Browser], running_app: App, site: Site, screen: dict[str, str], tmp_path: Path, allow: bool
) -> None:
    """All is pressed for real: the toolbar button, the switch, the browser's question, which closes the popup."""
    browser = launch(tmp_path / "profile", headless=False, no_viewport=True, env=screen)
    browser.pair(running_app.pairing)
    site.put("/rocket.jpg", (SAMPLES / "rocket.jpg").read_bytes(), "image/jpeg")
    site.put_page("/", '<img src="/rocket.jpg" width=400>')
    page = browser.open(site.url("/", host="public.example"))
    page.bring_to_front()
    right, top = page.evaluate("[screenX + outerWidth, screenY]")

    def act(*arguments: str | int) -> None:
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=screen)
        time.sleep(1)

    popup_is_open = "async () => (await chrome.runtime.getContexts({ contextTypes: ['POPUP'] })).length === 1 || null"
    act("mousemove", right - 112, top + 63, "click", 1)  # the button of all extensions
    act("key", "Tab", "Tab", "Return")  # its first entry
    wait_until(lambda: browser.worker.evaluate(popup_is_open), 10)
    time.sleep(1)  # until it knows where the app is
    act("key", "Tab", "Tab", "Tab", "space")  # options, the check of the page, the switch
    act("key", *(["Tab"] if allow else []), "Return")  # the browser's question begins at 'Deny'
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
    browser.context.close()


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
