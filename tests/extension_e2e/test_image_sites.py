"""A site that does not hand out its image: down, slow, refusing or blocked, each told apart and with what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import App, Browser, wait_until
from .site import Site
from .test_failures import PNG, told
from .test_pages import ended, jobs

pytestmark = pytest.mark.browser


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


@pytest.fixture
def paired_with(
    launch: Callable[..., Browser], running_app: App, tmp_path: Path
) -> Iterator[Callable[[str | Path], Browser]]:
    """Starts a paired browser of the test's own with this extension, or with these."""
    opened: list[Browser] = []

    def start(extension: str | Path) -> Browser:
        browser = launch(tmp_path / "profile", extension=extension)
        opened.append(browser)
        browser.pair(running_app.pairing)
        return browser

    yield start
    for browser in opened:
        browser.context.close()


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
    paired_with: Callable[[str | Path], Browser],
    shipped_extension: Path,
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
    browser = paired_with(extension)
    other.put("/picture.png", PNG, "image/png")
    page = browser.open(site.put_page("/", "<p>The image is named by the click alone"))
    other.delay_s = 3
    browser.right_click(page, other.url("/picture.png", host=host))
    assert told("site_slow", host) in browser.newest_in_popup()["body"]


@pytest.mark.parametrize("blocked", ["/banner.png", "||public.example^"], ids=["one address", "the whole site"])
def test_a_content_blocker_is_told_from_a_site_that_is_down(
    paired_with: Callable[[str | Path], Browser],
    shipped_extension: Path,
    site: Site,
    other: Site,
    tmp_path: Path,
    blocked: str,
) -> None:
    """With a real blocker of one rule beside ours: the browser says net::ERR_BLOCKED_BY_CLIENT, to itself alone."""
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    rules = {"rule_resources": [{"id": "rules", "enabled": True, "path": "rules.json"}]}
    manifest = {"manifest_version": 3, "name": "Blocker", "version": "1", "permissions": ["declarativeNetRequest"]}
    (blocker / "manifest.json").write_text(json.dumps(manifest | {"declarative_net_request": rules}), "utf-8")
    condition = {"urlFilter": blocked, "resourceTypes": ["image", "xmlhttprequest"]}
    (blocker / "rules.json").write_text(
        json.dumps([{"id": 1, "action": {"type": "block"}, "condition": condition}]), "utf-8"
    )
    browser = paired_with(f"{shipped_extension},{blocker}")
    other.put("/banner.png", PNG, "image/png")
    src = other.url("/banner.png", host="public.example")
    assert told("blocked", "public.example") in foreign(browser, site, src)["panel"]
    assert "/banner.png" not in other.asked


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


@pytest.mark.parametrize("host", ["127.0.0.1", "public.example"], ids=["allowed", "not allowed"])
def test_a_site_that_breaks_off_is_named_and_nobody_is_asked_to_allow_it(
    paired_browser: Browser, site: Site, other: Site, host: str
) -> None:
    other.put("/picture.png", PNG, "image/png", Access_Control_Allow_Origin="*")
    other.break_off("/picture.png")
    panel = foreign(paired_browser, site, other.url("/picture.png", host=host))["panel"]
    assert told("broke_off", host) in panel
    assert "Allow" not in paired_browser.newest_in_popup()["body"]


def test_only_the_copy_whose_failure_is_told_is_asked_why(paired_browser: Browser, site: Site, other: Site) -> None:
    for path in ("/small.png", "/large.png"):
        other.put(path, PNG, "image/png")
    small, large = other.url("/small.png", host="public.example"), other.url("/large.png", host="public.example")
    page = paired_browser.open(site.put_page("/", f'<img src="{small}" data-src="{large}" width=300 height=300>'))
    shown = other.asked.count("/small.png")
    paired_browser.right_click(page, small)
    assert told("needs_permission", "public.example") in paired_browser.answer_on(page)["panel"]
    assert other.asked.count("/small.png") - shown == 3, "read from the cache, anew, and asked whether it answers"
    assert other.asked.count("/large.png") == 2


def test_one_permission_takes_up_a_few_checks_at_once(paired_browser: Browser, site: Site) -> None:
    for number in range(8):
        site.put(f"/{number}.png", PNG + bytes([number]), "image/png")
    images = "".join(f"<img src=/{number}.png width=150 height=150>" for number in range(8))
    page = paired_browser.open(site.put_page("/", images))
    page.bring_to_front()
    paired_browser.check_page()
    assert len(ended(paired_browser, 8)) == 8
    site.open.clear()
    before = len(site.asked)
    paired_browser.worker.evaluate(
        """async () => {
            const failure = { code: "needs_permission", detail: "http://127.0.0.1/*" };
            for (const [key, job] of Object.entries(await chrome.storage.session.get(null))) {
                if (!key.startsWith("job:")) continue;
                await chrome.storage.session.set({ [key]: { ...job, state: "failed", failure, verdict: null } });
            }
            chrome.permissions.onAdded.dispatch({ origins: ["http://127.0.0.1/*"], permissions: [] });
        }"""
    )
    wait_until(lambda: len(site.asked) - before >= 3 or None)
    page.wait_for_timeout(1000)
    assert len(site.asked) - before == 3
    assert {job["state"] for job in jobs(paired_browser)} == {"fetching"}, "the others wait"
    site.open.set()
    assert {job["state"] for job in ended(paired_browser, 8)} == {"done"}
