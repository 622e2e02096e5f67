"""Draws docs/images/badge.png: a page of sample images in a real Chromium, judged by the real app.

    python -m tests.extension_e2e.draw_badge_image docs/images/badge.png

Run it from the root of the repository after the shipped detector has changed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from noiselens_core.cli import SAMPLES

from .conftest import CHROMIUM_FLAGS, App, Browser, unpack
from .site import Site

PAGE = """
<style>
  body { font: 17px/1.5 Georgia, serif; margin: 0; padding: 24px 28px 28px; color: #222; background: #fff; }
  h1 { font-size: 27px; margin: 0 0 14px; }
  div { display: grid; grid-template-columns: 1.45fr 1fr; gap: 18px; }
  img { width: 100%%; height: 330px; object-fit: cover; display: block; border-radius: 4px; }
  figure { margin: 0; }
  figcaption { font-size: 14px; color: #666; margin-top: 6px; }
</style>
<h1>From two albums</h1>
<div>
  <figure><img src="/%s"><figcaption>The first</figcaption></figure>
  <figure><img src="/%s"><figcaption>The second</figcaption></figure>
</div>
"""


def main(target: Path) -> None:
    """Write the picture to target."""
    second = next(name for name in ("coffee_regenerated.png", "chelsea.png") if (SAMPLES / name).exists())
    names = ("coffee.png", second)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        extension = unpack(Path(folder) / "packages", "chromium")
        app, site = App(Path(folder) / "home"), Site()
        app.start()
        try:
            context = playwright.chromium.launch_persistent_context(
                str(Path(folder) / "profile"),
                executable_path=chromium,
                headless=True,
                viewport={"width": 940, "height": 480},
                device_scale_factor=1.5,
                args=[*CHROMIUM_FLAGS, f"--load-extension={extension}", f"--disable-extensions-except={extension}"],
            )
            browser = Browser(context)
            browser.pair(app.pairing)
            for name in names:
                site.put(f"/{name}", (SAMPLES / name).read_bytes(), "image/png")
            page = browser.open(site.put_page("/", PAGE % names))
            for name in names:
                browser.right_click(page, site.url(f"/{name}"))
                browser.newest_in_popup()
            page.bring_to_front()
            box = page.locator("img").first.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 40, box["y"] + 22)
            page.wait_for_timeout(500)
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target)
            context.close()
        finally:
            app.stop()
            site.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
