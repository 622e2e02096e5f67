"""The same extension in a real Firefox: pairing, checking, the page scan, and why the CSP key is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.bridge.test_serve import serving

from noiselens_core.cli import SAMPLES
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.verdict import Band
from noiselens_desktop.bridge.pairing import KeyStore

from .conftest import App, wait_until
from .firefox import ORIGIN, PUBLIC_HOST, Firefox
from .site import Site
from .test_failures import told
from .test_impostors import LIES, Impostor

pytestmark = pytest.mark.browser

PNG = (SAMPLES / "clock_motion.png").read_bytes()
BANDS = {band.words for band in Band}
SYSTEM = {"win32": "Windows", "darwin": "macOS"}.get(sys.platform, "Linux")
CHECK = "Check this image with NoiseLens"
JOBS = """chrome.storage.session.get(null).then((stored) =>
    Object.entries(stored).flatMap(([key, job]) => key.startsWith("job:") ? [job] : []))"""
TAB, ENTER = "\ue004", "\ue007"  # WebDriver's
CHECK_HERE = "Check the picture here with NoiseLens"


@pytest.fixture(scope="module")
def program() -> str:
    found = shutil.which("firefox-esr") or shutil.which("firefox")
    if found is None:
        reason = "no Firefox on this machine"
        if os.environ.get("NOISELENS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Firefox's profile, and the home of the user it runs for."""
    return tmp_path_factory.mktemp("firefox")


@pytest.fixture(scope="module")
def firefox(program: str, firefox_extension: Path, profile: Path) -> Iterator[Firefox]:
    browser = Firefox(program, profile, firefox_extension)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pairing(running_app: App) -> str:
    """A key bound to this Firefox's origin, as pairing by native messaging or by code makes it."""
    keys = KeyStore(running_app.home / "config" / "browsers.json")
    return keys.create("Firefox", ORIGIN).pairing_string(int(running_app.pairing.split(":")[1]))


def paste(firefox: Firefox, pairing: str) -> str:
    """Pair through the options page, by the form that Firefox's users are not shown; return what it says then."""
    tab = firefox.open(f"{ORIGIN}/options/options.html")
    firefox.evaluate(
        tab,
        f"document.getElementById('pairing').value = {json.dumps(pairing)},"
        " document.querySelector('#pairing-form button').click()",
    )
    state = "document.querySelector('#pairing-state:is([data-state=good], [data-state=bad])')?.textContent"
    words: str = wait_until(lambda: firefox.evaluate(tab, state))
    firefox.close_tab(tab)
    return words


@pytest.fixture
def popup(firefox: Firefox, pairing: str) -> Iterator[str]:
    """A page of the extension in a browser that is paired and has checked nothing; every tab is closed afterwards."""
    before = set(firefox.tabs())
    assert paste(firefox, pairing).startswith("Connected to NoiseLens")
    tab = firefox.open(f"{ORIGIN}/popup/popup.html")
    firefox.evaluate(tab, "chrome.storage.session.clear()")
    yield tab
    for opened in set(firefox.tabs()) - before:
        firefox.close_tab(opened)


def ended(firefox: Firefox, popup: str, content: str) -> dict[str, Any]:
    """Return the check of the image whose name contains this, once it has ended."""

    def probe() -> dict[str, Any] | None:
        jobs = firefox.evaluate(popup, JOBS)
        done = (job for job in jobs if job.get("state") in ("done", "failed") and content in job["srcUrl"])
        return next(done, None)

    return wait_until(probe)


def public_page(firefox: Firefox, site: Site, content: bytes, name: str, head: str = "") -> str:
    """Open a page of a host the extension has no right to, with one image of 300 by 300 pixels in its corner."""
    site.put(f"/{name}.png", content, "image/png")
    site.put_page(f"/{name}", f'{head}<img src="/{name}.png" width=300 height=300>')
    return firefox.open(site.url(f"/{name}", host=PUBLIC_HOST))


def test_a_real_right_click_checks_an_image_whose_page_is_open_for_this_click_alone(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    content = PNG + b"right click"
    page = public_page(firefox, site, content, "clicked")
    assert firefox.menu(page, 100, 100) == [CHECK]
    firefox.choose(CHECK)
    job = ended(firefox, popup, "clicked")
    assert job["failure"] is None
    assert [verdict.probability for verdict in running_app.judged(content)] == [job["verdict"]["probability"]]
    words = wait_until(lambda: firefox.evaluate(popup, "document.querySelector('.jobs .headline')?.textContent"), 10)
    assert words in BANDS
    assert firefox.evaluate(page, "document.images[0].width") == 300


def check(firefox: Firefox, page: str) -> None:
    """Check the image in the corner of a page from its menu."""
    firefox.menu(page, 100, 100)
    firefox.choose(CHECK)


def answer_on(firefox: Firefox, page: str) -> dict[str, Any]:
    """Wait until the page's badge says how the check ended."""

    def probe() -> dict[str, Any] | None:
        badge = firefox.badge(page)
        return None if badge is None or "Checking" in badge["pill"] else badge

    return wait_until(probe)


def test_the_badge_stands_on_the_image_and_its_panel_opens_under_the_pointer(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    content = PNG + b"badge in firefox"
    page = public_page(firefox, site, content, "badged")
    check(firefox, page)
    badge = answer_on(firefox, page)
    (verdict,) = running_app.judged(content)
    assert badge["pill"] == verdict.band.words
    assert not badge["is_open"]
    assert f"{verdict.probability * 100:.2f} %" in badge["panel"]
    assert all(reason in badge["panel"] for reason in verdict.reasons)
    firefox.point(page, 30, 30)
    wait_until(lambda: (firefox.badge(page) or {}).get("is_open") or None, 5)
    firefox.point(page, 700, 500)
    wait_until(lambda: not (firefox.badge(page) or {"is_open": True})["is_open"] or None, 5)
    assert firefox.evaluate(page, "document.images[0].getBoundingClientRect().toJSON()")["width"] == 300


def test_the_key_checks_the_picture_under_the_pointer(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    content = PNG + b"key in firefox"
    page = public_page(firefox, site, content, "keyed")
    firefox.point(page, 100, 100)
    firefox.press_shortcut(page, "N")
    assert ended(firefox, popup, "keyed")["failure"] is None
    assert len(running_app.judged(content)) == 1


def test_the_popup_checks_the_images_of_the_page(firefox: Firefox, popup: str, running_app: App, site: Site) -> None:
    contents = [PNG + b"page in firefox" + bytes([number]) for number in range(2)]
    for number, content in enumerate(contents):
        site.put(f"/page-{number}.png", content, "image/png")
    images = "".join(f'<img src="/page-{number}.png" width=200 height=200>' for number in (0, 1, 0))
    page = firefox.open(site.put_page("/", images))
    firefox.send("browsingContext.activate", context=page)
    before = set(firefox.tabs())
    # A window of its own, as the panel is one: in a tab the popup itself would be the page that is checked.
    window = "chrome.windows.create({ url: '/popup/popup.html', type: 'popup' }).then(() => 1)"
    firefox.evaluate(popup, window)
    (panel,) = wait_until(lambda: set(firefox.tabs()) - before or None, 10)
    ready = "document.getElementById('page')?.hidden === false && document.getElementById('check-page').textContent"
    assert wait_until(lambda: firefox.evaluate(panel, ready) or None, 10) == "Check images on this page"
    firefox.evaluate(panel, "document.getElementById('check-page').click()")
    for number in range(2):
        assert ended(firefox, popup, f"page-{number}.png")["failure"] is None
    assert [len(running_app.judged(content)) for content in contents] == [1, 1]


def test_a_hostile_page_reaches_neither_the_app_nor_the_extension_nor_the_badge(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    content = PNG + b"hostile page in firefox"
    page = public_page(firefox, site, content, "hostile")
    check(firefox, page)
    answer_on(firefox, page)
    socket = f"new WebSocket('ws://127.0.0.1:{running_app.pairing.split(':')[1]}/noiselens/v1', 'noiselens.v1')"
    tried = (
        f"new Promise((done) => Object.assign({socket}, {{ onopen: () => done('open'), onerror: () => done('no') }}))"
    )
    assert firefox.evaluate(page, tried) == "no"
    fetched = f"fetch('{ORIGIN}/icons/16.png', {{ mode: 'no-cors' }}).then(() => 'there', () => 'no')"
    assert firefox.evaluate(page, fetched) == "no"
    assert firefox.evaluate(page, "typeof globalThis.browser?.runtime?.sendMessage") == "undefined"
    roots = (
        "[...document.querySelectorAll('*')].filter((node) => node.shadowRoot ?? node.openOrClosedShadowRoot).length"
    )
    assert firefox.evaluate(page, roots) == 0
    poked = (
        """[...document.documentElement.children].at(-1).dispatchEvent(new MouseEvent('click', { bubbles: true }))"""
    )
    firefox.evaluate(page, poked)
    jobs = firefox.evaluate(popup, JOBS)
    assert [job["label"] for job in jobs if "hostile" in job.get("srcUrl", "")] == [""]


def test_a_page_whose_policy_stops_its_scripts_needs_the_right_to_its_site_once(
    firefox: Firefox, popup: str, site: Site
) -> None:
    """Firefox holds scripts that the extension puts into a page to that page's own policy; Chromium does not."""
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src 'self'\">"
    page = public_page(firefox, site, PNG + b"strict", "strict", policy)
    check(firefox, page)
    pattern = f"http://{PUBLIC_HOST}/*"
    assert ended(firefox, popup, "strict")["failure"] == {"code": "needs_permission", "detail": pattern}
    button = "document.querySelector('.jobs .body button').textContent"
    assert wait_until(lambda: firefox.evaluate(popup, button)) == f"Allow {PUBLIC_HOST}"
    firefox.allow(origins=[pattern])
    state = "document.querySelector('.jobs > li').dataset.tone"
    wait_until(lambda: firefox.evaluate(popup, state) in ("real", "uncertain", "generated") or None)
    assert firefox.evaluate(popup, f"chrome.permissions.remove({{ origins: ['{pattern}'] }})")


@pytest.mark.parametrize("reader", ["the page", "the extension"])
def test_an_image_cut_short_on_its_way_is_not_called_damaged(
    firefox: Firefox, popup: str, site: Site, reader: str
) -> None:
    """Of a server of HTTP/1.0, as the tests' is, Firefox takes what has come for the whole."""
    other = Site()  # which lets no page's scripts read its images
    try:
        holder = site if reader == "the page" else other
        holder.put("/cut.png", PNG, "image/png")
        holder.break_off("/cut.png")
        page = firefox.open(site.put_page("/", f'<img src="{holder.url("/cut.png")}" width=300 height=300>'))
        check(firefox, page)
        assert ended(firefox, popup, "cut.png")["failure"] == {"code": "broke_off", "detail": "127.0.0.1"}
    finally:
        other.close()


@pytest.mark.parametrize("kind", ["background", "veil", "link"])
def test_the_menu_checks_a_picture_that_is_no_image_to_the_browser(
    firefox: Firefox, popup: str, site: Site, kind: str
) -> None:
    site.put("/here.png", PNG + kind.encode(), "image/png")
    site.put("/there.png", PNG, "image/png")
    here = {
        "background": "<div style='width: 300px; height: 300px; background: url(/here.png)'></div>",
        "veil": "<div style='position: relative; width: 300px'><img src=/here.png width=300 height=300>"
        "<b style='position: absolute; inset: 0'></b></div>",
        "link": "<a href=/else style='display: block; width: 300px; height: 300px; background: url(/here.png)'></a>"
        "<a href=/else><img src=/there.png width=100></a>",
    }
    site.put_page("/", f"{here[kind]}<div style='width: 900px; height: 600px; background: url(/there.png)'></div>")
    page = firefox.open(site.url("/", host=PUBLIC_HOST))
    if kind == "link":
        assert firefox.menu(page, 50, 350) == [CHECK], "one gesture: an image in a link has no menu of ours in its menu"
        firefox.close_menu()
    firefox.menu(page, 100, 100)
    firefox.point(page, 500, 500)  # where an entry may lie, over another picture
    firefox.choose(CHECK if kind == "link" else CHECK_HERE)
    assert ended(firefox, popup, "here.png")["failure"] is None
    assert firefox.evaluate(popup, "document.querySelectorAll('.jobs > li').length") == 1


def test_where_the_menu_was_opened_on_no_picture_one_is_chosen_with_the_keys(
    firefox: Firefox, popup: str, site: Site
) -> None:
    for number in range(3):
        site.put(f"/choice{number}.png", PNG + b"choice" + bytes([number]), "image/png")
    images = "".join(f"<img src=/choice{number}.png width=150>" for number in range(3))
    site.put_page("/", f"<style>img {{ pointer-events: none }}</style>{images}")
    page = firefox.open(site.url("/", host=PUBLIC_HOST))
    firefox.menu(page, 600, 500)
    firefox.choose(CHECK_HERE)
    pane = "document.documentElement.lastElementChild.localName === 'div' || null"
    wait_until(lambda: firefox.evaluate(page, pane), 10)
    firefox.press(page, TAB, TAB, ENTER)
    assert ended(firefox, popup, "choice1.png")["failure"] is None
    assert firefox.evaluate(popup, "document.querySelectorAll('.jobs > li').length") == 1


@pytest.mark.parametrize(
    ("headers", "told"),
    [({}, True), ({"Referrer_Policy": "no-referrer"}, False), ({"Cache_Control": "no-store"}, False)],
    ids=["by default", "not where the site forbids it", "not where its rules are not kept"],
)
def test_an_image_of_another_site_is_read_in_the_pages_name(
    firefox: Firefox, popup: str, site: Site, headers: dict[str, str], told: bool
) -> None:
    other = Site()
    try:
        other.guests = site.url("/") if told else ""
        src = other.put("/guest.png", PNG + b"guest", "image/png")
        kept = {"Cache_Control": "max-age=60"} | headers
        page = firefox.open(site.put_page("/folder/page", f"<img src={src} width=300 height=300>", **kept))
        check(firefox, page)
        assert ended(firefox, popup, "guest")["failure"] is None
        own = [referer for referer, by_page in zip(other.referers, other.by_pages, strict=True) if not by_page]
        assert own == [site.url("/") if told else ""]
    finally:
        other.close()


def test_the_users_own_word_is_filed_from_firefox(firefox: Firefox, popup: str, running_app: App, site: Site) -> None:
    content = PNG + b"wrong in firefox"
    page = public_page(firefox, site, content, "wrong")
    check(firefox, page)
    ended(firefox, popup, "wrong")
    firefox.send("browsingContext.activate", context=popup)
    wait_until(lambda: firefox.evaluate(popup, "document.querySelector('.correction button')?.click() ?? null, true"))
    firefox.evaluate(popup, "[...document.querySelectorAll('.correction button')].at(0).click()")
    said = "document.querySelector('.correction').textContent"
    wait_until(lambda: firefox.evaluate(popup, said) == "You said: it is real. The app has filed it." or None, 10)
    with (
        Library(running_app.home / "data" / "library.sqlite3") as library,
        LabelStore(library, running_app.home / "data" / "samples") as labels,
    ):
        assert labels.labels()[sha256(content).hexdigest()] == "real"


def test_a_page_scan_in_firefox_checks_what_is_in_view_and_nothing_twice(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    for number in range(2):
        site.put(f"/{number}.png", PNG + b"firefox scan" + bytes([number]), "image/png")
    images = "".join(f'<p><img src="/{number}.png" width=200 height=200></p>' for number in (0, 1, 1))
    ask = "chrome.runtime.sendMessage({{ type: 'set_site', site: 'http://127.0.0.1/*', on: {} }})"
    firefox.evaluate(popup, ask.format("true"))
    try:
        page = firefox.open(site.put_page("/", images))
        firefox.send("browsingContext.activate", context=page)
        assert {ended(firefox, popup, f"/{number}.png")["state"] for number in range(2)} == {"done"}
    finally:
        firefox.evaluate(popup, ask.format("false"))
    assert [len(running_app.judged(PNG + b"firefox scan" + bytes([number]))) for number in range(2)] == [1, 1]


def test_t36_an_event_page_stopped_in_the_middle_finishes_the_check_once(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    content = PNG + b"stopped in firefox"
    page = public_page(firefox, site, content, "stopped")
    asked = site.asked.count("/stopped.png")
    site.delay_s = 1.5
    check(firefox, page)
    wait_until(lambda: site.asked.count("/stopped.png") > asked or None, step_s=0.02)
    firefox.stop_background()
    site.delay_s = 0
    # Nothing is asked of it: the alarm it left behind wakes it.
    assert ended(firefox, popup, "stopped")["state"] == "done"
    assert len(running_app.judged(content)) == 1


@pytest.mark.alone  # the app is where every other browser would look for one
def test_firefox_is_paired_by_a_code_that_both_sides_show(firefox: Firefox, popup: str, tmp_path: Path) -> None:
    with serving(tmp_path, "--code") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        process.stdout.readline()
        keys = KeyStore(tmp_path / "config/browsers.json")
        tab = firefox.open(f"{ORIGIN}/options/options.html")
        press = "document.getElementById('{}').click()"
        firefox.evaluate(tab, press.format("code-begin"))
        shown = "document.getElementById('code').textContent"
        code = wait_until(lambda: firefox.evaluate(tab, shown) or None, 10)
        assert process.stdout.readline() == (f"“Firefox on {SYSTEM}” wants to be paired. The code here is {code}.\n")
        firefox.evaluate(tab, press.format("code-same"))
        wait_until(lambda: "confirm" in firefox.evaluate(tab, "document.body.textContent") or None, 10)
        assert keys.paired() == []
        process.stdin.write("y\n")
        process.stdin.flush()
        state = "document.querySelector('#pairing-state[data-state=good]')?.textContent"
        assert wait_until(lambda: firefox.evaluate(tab, state), 20).startswith("Connected to NoiseLens 0.1.0")
        assert [key.origin for key in keys.paired()] == [ORIGIN]


def test_t13_an_impostor_on_the_port_gets_nothing_from_firefox_but_a_random_number(
    firefox: Firefox, popup: str, running_app: App, site: Site
) -> None:
    """It sits on the very port of the app, which has stopped."""
    port = running_app.pairing.split(":")[1]
    running_app.stop()
    impostor = Impostor(LIES["a guessed MAC"], int(port))
    try:
        page = public_page(firefox, site, PNG + b"for an impostor", "stolen")
        check(firefox, page)
        assert ended(firefox, popup, "stolen")["failure"] == {"code": "other_program", "detail": port}
        assert told("other_program", port) in answer_on(firefox, page)["panel"]
    finally:
        impostor.close()
        running_app.start()
    assert impostor.heard
    assert {json.loads(message)["type"] for message in impostor.heard} == {"hello"}


def test_a_firefox_whose_keys_were_revoked_is_offered_to_pair_again(
    firefox: Firefox, popup: str, running_app: App, pairing: str
) -> None:
    """Its origin is let in no more: to this browser the app looks like any program that answers on the port."""
    path = running_app.home / "config" / "browsers.json"
    before = path.read_bytes()
    for key in KeyStore(path).paired():
        KeyStore(path).revoke(key.id)
    try:
        time.sleep(2)  # until the connection that is open is closed
        tab = firefox.open(f"{ORIGIN}/popup/popup.html")
        words = "document.querySelector('#status:has([data-state=bad]) #status-line')?.textContent"
        assert wait_until(lambda: firefox.evaluate(tab, words)) == told("turned_away", pairing.split(":")[1])
        assert firefox.evaluate(tab, "document.getElementById('pair').checkVisibility()")
    finally:
        path.write_bytes(before)


def test_firefox_offers_no_pairing_string_which_would_not_fit_it(firefox: Firefox, popup: str) -> None:
    tab = firefox.open(f"{ORIGIN}/options/options.html")
    firefox.evaluate(tab, "document.getElementById('pair-again').click()")
    shown = "['native', 'code-begin', 'pairing'].map((id) => document.getElementById(id).checkVisibility())"
    assert firefox.evaluate(tab, shown) == [True, True, False]


def test_firefox_is_paired_with_nothing_typed(firefox: Firefox, popup: str, profile: Path, running_app: App) -> None:
    noiselens = str(Path(sys.executable).with_name("noiselens"))
    environment = running_app.environment | {"HOME": str(profile)}
    install = [noiselens, "browsers", "install", "firefox"]
    subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)
    firefox.allow(permissions=["nativeMessaging"])
    tab = firefox.open(f"{ORIGIN}/options/options.html")
    firefox.evaluate(tab, "document.getElementById('forget').click()")
    ways = "!document.getElementById('ways').hidden || null"
    wait_until(lambda: firefox.evaluate(tab, ways))
    place = "(({ x, y, width, height }) => [x + width / 2, y + height / 2].map(Math.round))"
    x, y = firefox.evaluate(tab, f"{place}(document.getElementById('native').getBoundingClientRect())")
    firefox.click(tab, x, y)  # only a person's own click may ask for a right
    state = "document.querySelector('#pairing-state[data-state]:not([data-state=plain])')?.textContent"
    assert wait_until(lambda: firefox.evaluate(tab, state)).startswith("Connected to NoiseLens")
    newest = KeyStore(running_app.home / "config" / "browsers.json").paired()[-1]
    assert (newest.name, newest.origin) == (f"Firefox on {SYSTEM}", ORIGIN)


def test_private_windows_are_closed_to_the_extension_twice(
    firefox: Firefox, pairing: str, running_app: App, site: Site
) -> None:
    """By the browser until the user lets it in there, and then by the extension until its options say so too."""
    content = PNG + b"private in firefox"
    site.put("/private.png", content, "image/png")
    url = site.put_page("/", '<img src="/private.png" width=300 height=300>')
    page = firefox.open_private(url)
    assert firefox.menu(page, 100, 100) == []
    firefox.close_menu()
    firefox.close_tab(page)

    firefox.allow_private()
    assert paste(firefox, pairing).startswith("Connected to NoiseLens")
    page = firefox.open_private(url)
    assert firefox.menu(page, 100, 100) == [CHECK]
    firefox.choose(CHECK)
    popup = firefox.open(f"{ORIGIN}/popup/popup.html")
    refused = ended(firefox, popup, "")
    assert refused["failure"] == {"code": "private_window", "detail": ""}
    assert (refused["name"], refused["srcUrl"], refused["pageUrls"]) == ("", "", [])
    told = "document.querySelector('.jobs .body')?.textContent"
    assert "In private windows nothing is checked" in wait_until(lambda: firefox.evaluate(popup, told))
    assert running_app.judged(content) == []
    firefox.close_tab(page)


def test_t39_without_the_policy_key_firefox_never_reaches_the_app(
    program: str, firefox_extension: Path, pairing: str, tmp_path: Path
) -> None:
    crippled = shutil.copytree(firefox_extension, tmp_path / "crippled")
    manifest = json.loads((crippled / "manifest.json").read_text("utf-8"))
    del manifest["content_security_policy"]
    (crippled / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    browser = Firefox(program, tmp_path / "profile", crippled)
    try:
        # The browser upgrades ws: to wss: on its own, which the app does not answer.
        words = paste(browser, pairing)
        assert words.startswith("The pairing is stored.")
        assert "Connected" not in words
    finally:
        browser.close()
