"""A browser on a display of its own, worked as a person works it: with a real mouse and real keys."""

from __future__ import annotations

import re
import subprocess
import time

from playwright.sync_api import Page

from .conftest import Browser

ANIMATION_S = 1.0  # menus open and close with one


class Desk:
    """A paired browser in a window on a display of its own.

    Attributes:
        browser: it.
        page: the page last shown.
        origin: where in pixels of the display the page's corner is.
    """

    page: Page

    def __init__(self, browser: Browser, environment: dict[str, str]) -> None:
        """environment: what has programs appear on the display."""
        self.browser = browser
        self.origin = (0, 0)
        self._environment = environment

    def show(self, url: str) -> Page:
        """Open an address in front."""
        self.page = self.browser.open(url)
        self.page.bring_to_front()
        left, top = self.page.evaluate("[screenX + outerWidth - innerWidth, screenY + outerHeight - innerHeight]")
        self.origin = (left, top)
        return self.page

    def act(self, *arguments: str | int) -> None:
        """Move, press and type by xdotool's words; the pointer's places are pixels of the display."""
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=self._environment)
        time.sleep(ANIMATION_S)

    def point(self, x: int, y: int, *buttons: int) -> None:
        """Move the pointer to a place of the page, in its pixels, and press these buttons one after another."""
        clicks = [word for button in buttons for word in ("click", button)]
        self.act("mousemove", self.origin[0] + x, self.origin[1] + y, *clicks)

    def point_at_menu(self, entry: int) -> None:
        """Click an entry, counted from 0, of the menu opened last: it is the newest window on the display."""
        command = ["xdotool", "search", "--onlyvisible", "--name", ".*", "getwindowgeometry", "--shell", "%@"]
        told = subprocess.run(command, check=True, env=self._environment, capture_output=True, text=True).stdout
        x, y = (int(re.findall(rf"^{axis}=(-?\d+)$", told, re.MULTILINE)[-1]) for axis in "XY")
        self.act("mousemove", x + 60, y + 18 + 30 * entry, "click", 1)
