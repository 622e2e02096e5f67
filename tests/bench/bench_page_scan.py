"""Scrolls a page of 300 images in Chromium with and without the page scan; prints the ratio of the frame times.

    python tests/bench/bench_page_scan.py

The bytes of all images are the same and judged once: what is measured is what the extension does to the page, not how
busy the detector keeps the processor. Every image is read, hashed and given its badge while the page scrolls.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import Page, sync_playwright
from tests.extension_e2e.conftest import CHROMIUM_FLAGS, App, Browser, unpack, wait_until
from tests.extension_e2e.site import Site

from noiselens_core.cli import SAMPLES

IMAGES = 300
GOAL = 1.05
ROUNDS = 3
SCROLL = """() => new Promise((done) => {
    const times = [];
    let last = performance.now();
    scrollTo(0, 0);
    const step = (now) => {
        times.push(now - last);
        last = now;
        scrollBy(0, 40);
        if (times.length < 400) requestAnimationFrame(step);
        else done(times.slice(20));
    };
    requestAnimationFrame(step);
})"""


def frame_ms(page: Page) -> float:
    """Return the mean time of a frame while the page scrolls, the median of a few rounds."""
    page.bring_to_front()
    return statistics.median(statistics.fmean(page.evaluate(SCROLL)) for _ in range(ROUNDS))


def main() -> None:
    """Print frame times and their ratio."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("page scan: no Chromium on this machine")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, ExitStack() as stack:
        extension = unpack(Path(folder) / "packages", "chromium")
        app, site = App(Path(folder) / "home"), Site()
        stack.callback(site.close)
        stack.callback(app.stop)
        app.start()
        context = playwright.chromium.launch_persistent_context(
            str(Path(folder) / "profile"),
            executable_path=chromium,
            headless=True,
            args=[*CHROMIUM_FLAGS, f"--load-extension={extension}", f"--disable-extensions-except={extension}"],
        )
        stack.callback(context.close)
        browser = Browser(context)
        browser.pair(app.pairing)
        picture = (SAMPLES / "clock_motion.png").read_bytes()
        for number in range(IMAGES):
            site.put(f"/{number}.png", picture, "image/png")
        images = "".join(f'<img src="/{n}.png" width=240 height=180>' for n in range(IMAGES))
        url = site.put_page("/", images)

        page = browser.open(url)
        without = frame_ms(page)
        page.close()
        options = browser.extension_page("options/options.html")
        options.evaluate("() => chrome.runtime.sendMessage({ type: 'set_site', site: 'http://127.0.0.1/*', on: true })")
        page = browser.open(url)
        page.bring_to_front()

        def first_verdict() -> bool | None:
            return browser.badge(page) is not None or None

        wait_until(first_verdict)
        scanned = frame_ms(page)
        print(f"page scan, {IMAGES} images: {without:.2f} ms a frame without, {scanned:.2f} ms with it")
        print(f"page scan, frame-time ratio: {scanned / without:.3f} (goal <= {GOAL})")


if __name__ == "__main__":
    main()
