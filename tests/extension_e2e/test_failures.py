"""Whatever keeps a verdict from coming is said in a sentence, on the image and in the popup."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from noiselens_core.cli import SAMPLES
from noiselens_core.verdict import Band

from .conftest import EXTENSION_ID, App, Browser, Site, wait_until

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


def test_a_port_that_stays_silent_is_named_and_gets_no_image(fresh_browser: Browser, app: App, site: Site) -> None:
    fresh_browser.pair(app.pairing)
    app.stop()
    port = int(app.pairing.split(":")[1])
    with socket.create_server(("127.0.0.1", port)):  # takes every call and answers none
        panel = check(fresh_browser, site)["panel"]
    assert f"What has port {port} does not answer" in panel
    assert site.asked.count("/picture.png") == 1


def foreign(browser: Browser, site: Site, src: str) -> dict[str, str]:
    """Check an image of a site that the extension may not read by itself; return what the badge says."""
    page = browser.open(site.put_page("/", f'<img src="{src}" width=300 height=300>'))
    browser.right_click(page, src)
    return browser.answer_on(page)


@pytest.fixture
def other() -> Iterator[Site]:
    """A second site, which the pages of the first take their images from."""
    other = Site()
    yield other
    other.close()


def test_a_site_that_is_down_is_named_and_nobody_is_asked_to_allow_it(paired_browser: Browser, site: Site) -> None:
    other = Site()
    other.close()
    src = other.url("/picture.png", host="public.example")
    assert told("unreachable", "public.example") in foreign(paired_browser, site, src)["panel"]
    popup = paired_browser.newest_in_popup()
    assert "Try again" in popup["body"]
    assert "Allow" not in popup["body"]


def test_a_name_that_no_server_has_is_told_as_one_that_cannot_be_reached(paired_browser: Browser, site: Site) -> None:
    panel = foreign(paired_browser, site, "http://nowhere.invalid/picture.png")["panel"]
    assert told("unreachable", "nowhere.invalid") in panel


def test_a_site_that_went_down_after_the_page_was_loaded_is_named(paired_browser: Browser, site: Site) -> None:
    other = Site()
    src = other.put("/picture.png", PNG, "image/png")  # of an address that the extension may always read
    page = paired_browser.open(site.put_page("/", f'<img src="{src}" width=300 height=300>'))
    other.close()
    paired_browser.right_click(page, src)
    assert told("unreachable", "127.0.0.1") in paired_browser.answer_on(page)["panel"]


@pytest.mark.parametrize("host", ["127.0.0.1", "public.example"], ids=["allowed", "not allowed"])
def test_a_site_that_takes_too_long_is_named(
    launch: Callable[..., Browser],
    shipped_extension: Path,
    running_app: App,
    site: Site,
    other: Site,
    tmp_path: Path,
    host: str,
) -> None:
    extension = shutil.copytree(shipped_extension, tmp_path / "hurried")
    for name, patience in (("image-source.js", "FETCH_TIMEOUT_MS = 30_000"), ("reach.js", "PROBE_TIMEOUT_MS = 5000")):
        source = (extension / name).read_text("utf-8")
        assert patience in source
        (extension / name).write_text(source.replace(patience, f"{patience.split()[0]} = 500"), "utf-8")
    browser = launch(tmp_path / "profile", extension=extension)
    try:
        browser.pair(running_app.pairing)
        other.put("/picture.png", PNG, "image/png")
        page = browser.open(site.put_page("/", "<p>The image is named by the click alone"))
        other.delay_s = 3
        browser.right_click(page, other.url("/picture.png", host=host))
        assert told("site_slow", host) in browser.newest_in_popup()["body"]
    finally:
        browser.context.close()


def test_a_content_blocker_is_told_from_a_site_that_is_down(
    launch: Callable[..., Browser], shipped_extension: Path, running_app: App, site: Site, other: Site, tmp_path: Path
) -> None:
    """With a real blocker of one rule beside ours: the browser says net::ERR_BLOCKED_BY_CLIENT, to itself alone."""
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    rules = {"rule_resources": [{"id": "rules", "enabled": True, "path": "rules.json"}]}
    manifest = {"manifest_version": 3, "name": "Blocker", "version": "1", "permissions": ["declarativeNetRequest"]}
    (blocker / "manifest.json").write_text(json.dumps(manifest | {"declarative_net_request": rules}), "utf-8")
    condition = {"urlFilter": "/banner.png", "resourceTypes": ["image", "xmlhttprequest"]}
    (blocker / "rules.json").write_text(
        json.dumps([{"id": 1, "action": {"type": "block"}, "condition": condition}]), "utf-8"
    )
    browser = launch(tmp_path / "profile", extension=f"{shipped_extension},{blocker}")
    try:
        browser.pair(running_app.pairing)
        other.put("/banner.png", PNG, "image/png")
        src = other.url("/banner.png", host="public.example")
        assert told("blocked", "public.example") in foreign(browser, site, src)["panel"]
        assert "/banner.png" not in other.asked
    finally:
        browser.context.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "site_refused"),
        (401, "site_refused"),
        (404, "image_gone"),
        (410, "image_gone"),
        (503, "site_trouble"),
        (429, "site_trouble"),
    ],
)
def test_a_sites_own_no_is_told_by_what_it_means(paired_browser: Browser, site: Site, status: int, code: str) -> None:
    site.refuse("/picture.png", status)
    assert told(code, "127.0.0.1") in foreign(paired_browser, site, site.url("/picture.png"))["panel"]


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


def test_t36_a_worker_stopped_in_the_middle_finishes_the_check_once(
    paired_browser: Browser, running_app: App, site: Site
) -> None:
    content = PNG + b"stopped in the middle"
    src = site.put("/picture.png", content, "image/png")
    page = paired_browser.open(site.put_page("/", f'<img src="{src}" width=300 height=300>'))
    site.delay_s = 1.5
    paired_browser.right_click(page, src)
    wait_until(lambda: site.asked.count("/picture.png") > 1 or None, step_s=0.02)
    stop_worker(paired_browser)
    site.delay_s = 0
    assert paired_browser.newest_in_popup()["headline"] in BANDS
    assert paired_browser.answer_on(page)["pill"] in BANDS
    assert site.asked.count("/picture.png") > 2, "the image was read again: the first reading ended with its worker"
    assert len(running_app.judged(content)) == 1


def stop_worker(browser: Browser) -> None:
    """Stop the background worker as the browser does when it is idle or short of memory."""
    page = browser.extension_page("options/options.html")
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
