"""Whatever keeps a verdict from coming is said in a sentence, on the image and in the popup."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import EXTENSION_ID, App, Browser, wait_until
from .site import Site
from .test_pages import check_page

pytestmark = pytest.mark.browser

MESSAGES = json.loads((Path(__file__).resolve().parents[2] / "extension/_locales/en/messages.json").read_text("utf-8"))
PNG = (SAMPLES / "clock_motion.png").read_bytes()
BANDS = {band.words for band in Band}


def sentence(code: str) -> str:
    """The sentence of a failure, up to the place that is filled in."""
    return str(MESSAGES[f"failure_{code}"]["message"]).partition("$")[0].strip()


def told(code: str, gap: str) -> str:
    """The whole sentence of a failure with its one gap filled in."""
    message, gaps = MESSAGES[f"failure_{code}"]["message"], MESSAGES[f"failure_{code}"]["placeholders"]
    (name,) = gaps
    return str(message).replace(f"${name.upper()}$", gap)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """An app of the test's own, to be stopped at will."""
    app = App(tmp_path / "home")
    app.start()
    yield app
    app.stop()


def check(browser: Browser, site: Site, content: bytes = PNG, mime: str = "image/png") -> dict[str, str]:
    src = site.put("/picture.png", content, mime)
    page = browser.open(site.put_page("/", f'<img src="{src}" width=300 height=300>'))
    browser.right_click(page, src)
    return browser.answer_on(page)


def test_a_browser_that_is_not_paired_is_told_so(fresh_browser: Browser, site: Site) -> None:
    badge = check(fresh_browser, site)
    assert badge["pill"] == "Not checked"
    assert sentence("not_paired") in badge["panel"]
    popup = fresh_browser.newest_in_popup()
    assert popup["tone"] == "failure"
    assert sentence("not_paired") in popup["body"]
    assert fresh_browser.status() == sentence("not_paired")
    assert site.asked.count("/picture.png") == 1, "no image is read before there is an app to hand it to"


def test_an_app_that_stops_is_missed_and_found_again(fresh_browser: Browser, app: App, site: Site) -> None:
    fresh_browser.pair(app.pairing)
    app.stop()
    badge = check(fresh_browser, site)
    assert sentence("app_not_running") in badge["panel"]
    assert sentence("app_not_running") in fresh_browser.newest_in_popup()["body"]
    assert sentence("app_not_running") in fresh_browser.status()

    popup = fresh_browser.extension_page("popup/popup.html")
    popup.locator("#again").wait_for()
    assert popup.locator("#start").is_hidden(), "nothing is offered that this browser was not allowed to do"
    popup.close()

    app.start()
    popup = fresh_browser.extension_page("popup/popup.html")
    popup.get_by_role("button", name="Try again").click()
    popup.locator("#jobs > li .percent").wait_for(timeout=90_000)
    assert popup.locator("#jobs > li .headline").inner_text() in BANDS


def test_an_app_that_is_away_is_missed_once_for_all_images_of_a_page(
    fresh_browser: Browser, app: App, site: Site
) -> None:
    fresh_browser.pair(app.pairing)
    app.stop()
    contents = {f"/{number}.png": PNG + b"away" + bytes([number]) for number in range(6)}
    for path, content in contents.items():
        site.put(path, content, "image/png")
    page = fresh_browser.open(
        site.put_page("/", "".join(f"<img src={path} width=150 height=150>" for path in contents))
    )
    check_page(fresh_browser, page.url)
    popup = fresh_browser.extension_page("popup/popup.html")
    card = popup.locator(".jobs > li")
    card.get_by_text(f"Images: {len(contents)}").wait_for()
    assert card.count() == 1
    assert sentence("app_not_running") in card.inner_text()
    assert [badge["pill"] for badge in fresh_browser.badges(page)] == ["Not checked"]
    app.start()
    card.get_by_role("button", name="Try again").click()
    popup.locator(".jobs > li .percent").nth(len(contents) - 1).wait_for(timeout=90_000)
    assert [len(app.judged(content)) for content in contents.values()] == [1] * len(contents)


def shown(browser: Browser, site: Site, contents: dict[str, bytes]) -> Page:
    """Open a page of PNG images, path -> bytes, in front."""
    for path, content in contents.items():
        site.put(path, content, "image/png")
    page = browser.open(site.put_page("/", "".join(f"<img src={path} width=150 height=150>" for path in contents)))
    page.bring_to_front()
    return page


def test_an_app_that_ends_in_the_middle_is_missed_once_on_the_page(
    fresh_browser: Browser, app: App, site: Site
) -> None:
    """Three images are under way by then, and each has its badge."""
    fresh_browser.pair(app.pairing)
    contents = {f"/{number}.png": PNG + b"ends" + bytes([number]) for number in range(5)}
    page = shown(fresh_browser, site, contents)
    site.open.clear()
    fresh_browser.check_page()
    wait_until(lambda: len(fresh_browser.badges(page)) == 3 or None)
    app.stop()
    site.open.set()
    popup = fresh_browser.extension_page("popup/popup.html")
    popup.get_by_text(f"Images: {len(contents)}").wait_for()
    (badge,) = fresh_browser.badges(page)
    assert sentence("app_not_running") in badge["panel"]


def test_t13_another_program_on_the_apps_port_is_named_and_gets_no_image(
    fresh_browser: Browser, app: App, site: Site
) -> None:
    fresh_browser.pair(app.pairing)
    app.stop()
    port = int(app.pairing.split(":")[1])
    squatter = Site(port)
    try:
        panel = check(fresh_browser, site)["panel"]
        assert sentence("other_program") in panel
        assert f"port {port}" in panel
        assert "/picture.png" not in squatter.asked
    finally:
        squatter.close()


@pytest.mark.parametrize(("app_v", "code"), [(2, "extension_too_old"), (1, "app_too_old")])
def test_the_real_app_and_extension_of_different_versions_say_which_is_too_old(
    launch: Callable[..., Browser], shipped_extension: Path, tmp_path: Path, app_v: int, code: str
) -> None:
    extension = shutil.copytree(shipped_extension, tmp_path / "other")
    protocol = (extension / "protocol.js").read_text("utf-8")
    assert "VERSION = 1;" in protocol
    (extension / "protocol.js").write_text(protocol.replace("VERSION = 1;", f"VERSION = {3 - app_v};"), "utf-8")
    app = App(tmp_path / "home", first=f"from noiselens_desktop.bridge import protocol; protocol.VERSION = {app_v}")
    app.start()
    browser = launch(tmp_path / "profile", extension=extension)
    try:
        assert browser.pair(app.pairing).endswith(sentence(code))
        assert browser.status() == sentence(code)
    finally:
        browser.context.close()
        app.stop()


def test_a_port_that_stays_silent_is_named_and_gets_no_image(fresh_browser: Browser, app: App, site: Site) -> None:
    fresh_browser.pair(app.pairing)
    app.stop()
    port = int(app.pairing.split(":")[1])
    with socket.create_server(("127.0.0.1", port)):  # takes every call and answers none
        panel = check(fresh_browser, site)["panel"]
    assert f"What has port {port} does not answer" in panel
    assert site.asked.count("/picture.png") == 1


def test_t38_an_app_restarted_between_two_images_judges_both(fresh_browser: Browser, app: App, site: Site) -> None:
    fresh_browser.pair(app.pairing)
    assert check(fresh_browser, site)["pill"] in BANDS
    app.stop()
    app.start()
    assert check(fresh_browser, site, PNG + b"second")["pill"] in BANDS


def test_t15_a_key_the_app_has_forgotten_asks_for_a_new_pairing(fresh_browser: Browser, app: App, site: Site) -> None:
    fresh_browser.pair(app.pairing)
    app.stop()
    for path in (app.home / "config").glob("browsers*"):
        path.unlink()
    app.start()
    assert sentence("key_refused") in check(fresh_browser, site)["panel"]


def test_t37_an_idle_socket_closes_and_the_next_check_opens_another(
    paired_browser: Browser, running_app: App, site: Site
) -> None:
    assert check(paired_browser, site)["pill"] in BANDS
    for page in paired_browser.context.pages[1:]:
        page.close()
    assert running_app.connections() == 1
    wait_until(lambda: running_app.connections() == 0 or None, 20)
    assert check(paired_browser, site, PNG + b"after a rest")["pill"] in BANDS


def test_a_pairing_with_an_unknown_key_is_not_kept(fresh_browser: Browser, running_app: App) -> None:
    scheme, port, _, key = running_app.pairing.split(":")
    assert fresh_browser.pair(f"{scheme}:{port}:00000000:{key}") == sentence("key_refused")
    assert fresh_browser.pair("noiselens1:48211:nonsense") == sentence("bad_pairing")
    assert fresh_browser.status() == sentence("not_paired")


def test_forgetting_the_pairing_ends_it(paired_browser: Browser) -> None:
    options = paired_browser.extension_page("options/options.html")
    options.get_by_text("Connected to NoiseLens").wait_for()
    options.get_by_role("button", name="Forget this pairing").click()
    options.get_by_text("The pairing is forgotten.").wait_for()
    assert paired_browser.status() == sentence("not_paired")


def test_the_apps_own_refusal_is_shown_word_for_word(
    paired_browser: Browser, running_app: App, site: Site, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(PNG[: len(PNG) // 2])
    error = running_app.check(damaged)["error"]["text"]
    assert error
    assert error in check(paired_browser, site, damaged.read_bytes())["panel"]
    assert error in paired_browser.newest_in_popup()["body"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<!doctype html><p>Hotlinking is not allowed", "web_page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(32 * 2**20), "too_big"),
    ],
    ids=["web page", "svg", "pdf", "empty", "too big"],
)
def test_what_is_no_image_never_reaches_the_app(paired_browser: Browser, site: Site, content: bytes, code: str) -> None:
    assert sentence(code) in check(paired_browser, site, content)["panel"]


@pytest.mark.parametrize("target", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "192.168.1.1"])
def test_t41_a_public_page_cannot_have_a_private_address_fetched(
    paired_browser: Browser, site: Site, target: str
) -> None:
    own = Site()
    try:
        own.put("/secret.png", PNG, "image/png")
        site.put_page("/", "<p>A public page")
        page = paired_browser.open(site.url("/", host="public.example"))
        paired_browser.right_click(page, own.url("/secret.png", host=target))
        assert sentence("private_address") in paired_browser.newest_in_popup()["body"]
        assert own.asked == []
    finally:
        own.close()


def test_t41_no_redirect_leads_the_extension_to_this_machine(
    launch: Callable[..., Browser], shipped_extension: Path, running_app: App, site: Site, tmp_path: Path
) -> None:
    extension = shutil.copytree(shipped_extension, tmp_path / "allowed" / "noiselens")
    manifest = json.loads((extension / "manifest.json").read_text("utf-8"))
    manifest["host_permissions"].append("http://public.example/*")  # as once the user has allowed the site
    (extension / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    browser = launch(tmp_path / "profile", extension=extension)
    browser.pair(running_app.pairing)
    other, own = Site(), Site()
    try:
        src = other.move("/picture.png", own.put("/secret.png", PNG, "image/png")).replace(
            "127.0.0.1", "public.example"
        )
        site.put_page("/", f'<img src="{src}" width=300 height=300>')
        page = browser.open(site.url("/", host="public.example"))
        browser.right_click(page, src)
        badge = browser.answer_on(page)
        assert "public.example sends this image from another address" in badge["panel"]
        assert "This is wrong" not in badge["panel"]
        assert all(own.by_pages), "what a page may ask for by itself is not ours to stop"
        assert not all(other.by_pages)
    finally:
        browser.context.close()
        other.close()
        own.close()


def test_a_site_that_has_to_be_allowed_first_is_named(paired_browser: Browser, site: Site) -> None:
    src = site.put("/picture.png", PNG, "image/png").replace("127.0.0.1", "public.example")
    page = paired_browser.open(site.put_page("/", f'<img src="{src}">'))
    paired_browser.right_click(page, src)
    assert sentence("needs_permission") in paired_browser.answer_on(page)["panel"]
    popup = paired_browser.extension_page("popup/popup.html")
    popup.get_by_role("button", name="Allow public.example").wait_for()
    assert "Press the NoiseLens button" not in popup.locator("body").inner_text(), "it has been pressed already"


def test_t36_a_worker_stopped_in_the_middle_finishes_the_check_once(
    paired_browser: Browser, running_app: App, site: Site
) -> None:
    content = PNG + b"stopped in the middle"
    page = stopped_while_reading(paired_browser, site, content)
    assert paired_browser.newest_in_popup()["headline"] in BANDS
    assert paired_browser.answer_on(page)["pill"] in BANDS
    assert site.asked.count("/picture.png") > 2, "the image was read again: the first reading ended with its worker"
    assert len(running_app.judged(content)) == 1


def test_t36_a_stopped_worker_is_woken_by_its_own_alarm(paired_browser: Browser, running_app: App, site: Site) -> None:
    """Nothing asks for it: no popup, no click, no message of a page."""
    content = PNG + b"woken by an alarm"
    page = stopped_while_reading(paired_browser, site, content)
    assert running_app.judged(content) == []
    assert paired_browser.answer_on(page)["pill"] in BANDS
    assert len(running_app.judged(content)) == 1


def test_t36_the_check_of_a_page_outlives_its_worker(paired_browser: Browser, running_app: App, site: Site) -> None:
    """Those that had not begun as well."""
    contents = {f"/{number}.png": PNG + b"of a page" + bytes([number]) for number in range(6)}
    shown(paired_browser, site, contents)
    before = len(site.asked)
    site.open.clear()
    paired_browser.check_page()
    wait_until(lambda: len(site.asked) - before >= 3 or None)
    stop_worker(paired_browser)
    site.open.set()
    assert paired_browser.newest_in_popup()["headline"] in BANDS
    wait_until(lambda: all(running_app.judged(content) for content in contents.values()) or None)


def stopped_while_reading(browser: Browser, site: Site, content: bytes) -> Page:
    """Open a page, check its image, and stop the worker while it reads it."""
    src = site.put("/picture.png", content, "image/png")
    page = browser.open(site.put_page("/", f'<img src="{src}" width=300 height=300>'))
    site.delay_s = 1.5
    browser.right_click(page, src)
    wait_until(lambda: site.asked.count("/picture.png") > 1 or None, step_s=0.02)
    stop_worker(browser)
    site.delay_s = 0
    return page


def stop_worker(browser: Browser, open_already: Page | None = None) -> None:
    """Stop the background worker as the browser does when it is idle or short of memory.

    open_already: a page of the extension to do it from, where no other may come to the front.
    """
    page = open_already or browser.extension_page("options/options.html")
    session = browser.context.new_cdp_session(page)
    versions: list[dict[str, str]] = []
    session.on("ServiceWorker.workerVersionUpdated", lambda event: versions.extend(event["versions"]))
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")
    ours = f"chrome-extension://{EXTENSION_ID}/"

    def stopped() -> bool | None:
        page.wait_for_timeout(50)  # lets events in
        return any(v["runningStatus"] == "stopped" and v["scriptURL"].startswith(ours) for v in versions) or None

    wait_until(stopped, 10)
    page.close()
