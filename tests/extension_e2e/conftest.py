"""A real Chromium with the real extension, pages on loopback, and the real app process."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, Worker, sync_playwright

from noiselens_core.library import Library
from noiselens_core.verdict import Verdict

from .site import Site

ROOT = Path(__file__).resolve().parents[2]
EXTENSION_ID = "apgaodngkolinhogingejbgjoknmjbdo"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP public.example 127.0.0.1",
]
# The app is one of several programs on two cores: threads that spin only slow the browser down.
APP_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "GOMP_SPINCOUNT": "0", "QT_QPA_PLATFORM": "offscreen"}
ANSWER_TIMEOUT_S = 90.0


T = TypeVar("T")


def wait_until(probe: Callable[[], T | None], timeout_s: float = ANSWER_TIMEOUT_S, step_s: float = 0.1) -> T:
    """Return the probe's first answer that is not None; fail when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while (answer := probe()) is None:
        assert time.monotonic() < deadline, f"nothing within {timeout_s} s"
        time.sleep(step_s)
    return answer


class App:
    """The app as a process of its own, without a window, its files in one folder.

    Attributes:
        pairing: the pairing string it printed at its first start.
    """

    def __init__(self, home: Path, *, first: str = "") -> None:
        """first: Python that runs before the app's own, to make it another app than ours."""
        self.home = home
        self._first = first
        self.pairing = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | APP_ENVIRONMENT | {"NOISELENS_HOME": str(self.home)}

    def start(self) -> None:
        """Start it and wait until it listens; the first start makes a key."""
        program = [str(Path(sys.executable).with_name("noiselens"))]
        if self._first:
            program = [sys.executable, "-c", f"{self._first}; from noiselens_core.cli import main; main()"]
        command = [*program, "serve"] if self.pairing else [*program, "serve", "--pair", "Chromium"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment, cwd=ROOT)
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            if line.startswith("noiselens1:"):
                self.pairing = line.strip()
            if self.pairing and ("127.0.0.1" in line or line.startswith("noiselens1:")):
                return
        raise AssertionError(f"the app ended with {self._process.wait()} before it listened")

    def connections(self) -> int:
        """Return how many browsers' connections it holds open."""
        assert self._process is not None
        open_now = psutil.Process(self._process.pid).net_connections("tcp")
        return sum(one.status == psutil.CONN_ESTABLISHED for one in open_now)

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        self._process.communicate(timeout=ANSWER_TIMEOUT_S)  # it ends once the detector that it loads is there
        self._process = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let it do nothing for as long as the block lasts."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def check(self, path: Path) -> dict[str, Any]:
        """Return what the command line says of a file."""
        program = str(Path(sys.executable).with_name("noiselens"))
        done = subprocess.run(
            [program, "check", "--json", str(path)],
            capture_output=True,
            text=True,
            check=False,  # 1 and 2 are answers
            env=self.environment,
            cwd=ROOT,
        )
        (line,) = done.stdout.splitlines()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def judged(self, content: bytes) -> list[Verdict]:
        """Return every verdict the app has kept of these bytes."""
        digest = hashlib.sha256(content).hexdigest()
        with Library(self.home / "data" / "library.sqlite3") as library:
            return [entry.verdict for entry in library.history() if entry.verdict.sha256 == digest]


class Browser:
    """Chromium with the extension, driven as a user would.

    Attributes:
        context: Playwright's.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context

    @property
    def worker(self) -> Worker:
        """The extension's background worker."""
        workers = self.context.service_workers
        return workers[0] if workers else self.context.wait_for_event("serviceworker")

    def open(self, url: str) -> Page:
        page = self.context.new_page()
        page.goto(url)
        return page

    def extension_page(self, path: str) -> Page:
        return self.open(f"chrome-extension://{EXTENSION_ID}/{path}")

    def pair(self, pairing: str) -> str:
        """Paste a pairing string into the options page; return what the page says then."""
        options = self.extension_page("options/options.html")
        options.locator("#pairing-state:not(:empty)").wait_for()
        if options.locator("#pair-again").is_visible():
            options.click("#pair-again")
        options.fill("#pairing", pairing)
        options.click("#pairing-form button")
        state = options.locator("#pairing-state:is([data-state=good], [data-state=bad])")
        state.wait_for()
        words: str = state.inner_text()
        options.close()
        return words

    def forget(self) -> None:
        """Leave the extension as freshly installed."""
        self.worker.evaluate("() => Promise.all([chrome.storage.local.clear(), chrome.storage.session.clear()])")
        options = self.extension_page("options/options.html")
        options.evaluate("() => chrome.runtime.sendMessage({ type: 'forget' })")
        options.close()

    def right_click(self, page: Page, src: str, *, incognito: bool = False) -> None:
        """Choose the extension's entry in the menu of the image with this address, as if in a private window."""
        page.bring_to_front()
        self.worker.evaluate(
            """async ([src, pageUrl, incognito]) => {
                const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
                chrome.contextMenus.onClicked.dispatch(
                    { menuItemId: "check-image", mediaType: "image", srcUrl: src, pageUrl, frameId: 0 },
                    { ...tab, incognito });
            }""",
            [src, page.url, incognito],
        )

    def check_page(self) -> None:
        """Choose the entry for the whole page, in front, that the menu of a background has."""
        self.worker.evaluate(
            """async () => {
                const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
                chrome.contextMenus.onClicked.dispatch({ menuItemId: "check-page", pageUrl: tab.url, frameId: 0 }, tab);
            }"""
        )

    def badges(self, page: Page) -> list[dict[str, str]]:
        """Return the words on each of the page's badges and in its panel, read past the closed shadow roots."""
        session = self.context.new_cdp_session(page)
        root = session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        session.detach()
        shadows = [shadow for node in _walk(root) for shadow in node.get("shadowRoots", [])]
        pairs = [shadow["children"] for shadow in shadows if shadow["shadowRootType"] == "closed"]
        return [{"pill": _words(pill), "panel": _words(panel)} for pill, panel in pairs]

    def is_choosing(self, page: Page) -> bool:
        """Return whether a picture is being chosen on the page."""
        return any(node["role"]["value"] == "application" for node in self._told(page) if not node["ignored"])

    def _told(self, page: Page) -> list[dict[str, Any]]:
        session = self.context.new_cdp_session(page)
        nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
        session.detach()
        return nodes

    def panel_name(self, page: Page) -> str | None:
        """Return what a screen reader calls the panel of a badge that is open, None while none is."""
        names = (node["name"]["value"] for node in self._told(page) if node["role"]["value"] == "dialog")
        return next(names, None)

    def chooser(self, page: Page) -> dict[str, Any]:
        """Return what a screen reader is told by the pane in which a picture is chosen."""
        nodes = self._told(page)
        by_role = {node["role"]["value"]: node for node in nodes if not node["ignored"]}
        by_id = {node["nodeId"]: node for node in nodes}
        focused = [one for one in by_role["application"]["properties"] if one["name"] == "focused"]
        return {
            "role": "application",
            "name": by_role["application"]["name"]["value"],
            "status": "".join(by_id[child]["name"]["value"] for child in by_role["status"]["childIds"]),
            "focused": focused[0]["value"]["value"] if focused else False,
        }

    def badge(self, page: Page) -> dict[str, str] | None:
        """Return the words of the page's first badge."""
        return next(iter(self.badges(page)), None)

    def answer_on(self, page: Page) -> dict[str, str]:
        """Wait until the page's badge says how the check ended."""

        def ended() -> dict[str, str] | None:
            badge = self.badge(page)
            # By the panel: the pill of a picture that the browser folds up, as one it blocks, has no words.
            return None if badge is None or "Checking" in badge["panel"] else badge

        return wait_until(ended)

    def newest_in_popup(self) -> dict[str, Any]:
        """Return what the popup says of the newest check, once it has ended."""
        popup = self.extension_page("popup/popup.html")
        item = popup.locator(".jobs > li:not([data-tone=working])").first
        item.wait_for(timeout=ANSWER_TIMEOUT_S * 1000)
        percent = item.locator(".percent")
        answer = {
            "tone": item.get_attribute("data-tone"),
            "headline": item.locator(".headline").inner_text(),
            "percent": percent.inner_text() if percent.count() else None,
            "name": item.locator(".name").inner_text(),
            "body": item.locator(".body").inner_text(),
        }
        popup.close()
        return answer

    def status(self) -> str:
        """Return the popup's line about the app."""
        popup = self.extension_page("popup/popup.html")
        popup.locator("#status-dot[data-state]").wait_for()
        words = popup.locator("#status-line").inner_text()
        popup.close()
        return words


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", []) + ([node["contentDocument"]] if "contentDocument" in node else []):
        yield from _walk(child)


def _words(node: dict[str, Any]) -> str:
    return "\n".join(inner["nodeValue"] for inner in _walk(node) if inner["nodeType"] == 3)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without one the test is skipped, or fails where a browser is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "no Chromium on this machine"
        if os.environ.get("NOISELENS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def unpack(folder: Path, browser: str) -> Path:
    """Pack the extension, unpack what this browser is given, in a folder of its own; return where its files are."""
    pack = [sys.executable, str(ROOT / "tools" / "pack_extension.py"), str(folder)]
    subprocess.run(pack, check=True, stdout=subprocess.DEVNULL)
    (package,) = folder.glob(f"noiselens-{browser}-*")
    with zipfile.ZipFile(package) as files:
        files.extractall(folder / browser)
    return folder / browser


@pytest.fixture(scope="session")
def shipped_extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as Chromium's kin is given it."""
    return unpack(tmp_path_factory.mktemp("extension"), "chromium")


@pytest.fixture(scope="session")
def firefox_extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as Firefox is given it."""
    return unpack(tmp_path_factory.mktemp("extension"), "firefox")


@pytest.fixture(scope="module")
def launch(chromium: str, shipped_extension: Path) -> Iterator[Callable[..., Browser]]:
    """Starts Chromium with the extension on a profile folder; whatever is still open at the end is closed."""
    with sync_playwright() as playwright, ExitStack() as opened:

        def start(
            profile: Path, *flags: str, extension: Path = shipped_extension, headless: bool = True, **options: Any
        ) -> Browser:
            ours = [f"--load-extension={extension}", f"--disable-extensions-except={extension}", *CHROMIUM_FLAGS]
            context = playwright.chromium.launch_persistent_context(
                str(profile), executable_path=chromium, headless=headless, args=[*ours, *flags], **options
            )
            opened.callback(context.close)
            context.set_default_timeout(30_000)
            return Browser(context)

        yield start


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return launch(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="module")
def running_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("home"))
    app.start()
    yield app
    app.stop()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def fresh_browser(browser: Browser) -> Iterator[Browser]:
    """The browser with an extension that knows nothing, and no page left open afterwards."""
    browser.forget()
    yield browser
    for page in browser.context.pages[1:]:
        page.close()


@pytest.fixture
def paired_browser(fresh_browser: Browser, running_app: App) -> Browser:
    assert fresh_browser.pair(running_app.pairing).startswith("Connected to NoiseLens")
    return fresh_browser
