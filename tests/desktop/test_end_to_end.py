"""The whole app as a person uses it: real input events of an X server, from a drop to a report."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image, ImageGrab
from tests.xvfb import CHECKOUT, display, need

from noiselens_core.labels import Kind, LabelStore
from noiselens_core.library import HistoryEntry, Library
from noiselens_core.places import library_path, samples_dir
from noiselens_desktop.app import SAMPLES
from noiselens_desktop.settings import settings_path

from .screens import SHARE, difference, keep, wanted_anew

T = TypeVar("T")
PATIENCE_S = 90.0
SETTLE_S = 12.0  # until a toast has gone and everything is painted
SCREEN = (1500, 800)
SOURCE = (1250, 100)  # where the window lies from which a file is dragged

# Another program of the desktop: a window whose whole face is one file that can be dragged away.
FILES = f"""
import sys
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel

class File(QLabel):
    def mousePressEvent(self, event):
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)

app = QApplication([])
file = File("a file")
file.setGeometry({SOURCE[0]}, {SOURCE[1]}, 200, 120)
file.show()
print("ready", flush=True)
app.exec()
"""


class Desk:
    """A display of its own with the app on it.

    Attributes:
        app: the process.
    """

    def __init__(
        self, display: str, app: subprocess.Popen[bytes], environment: dict[str, str], folder: Path, theme: str
    ) -> None:
        self._display, self.app, self._environment, self._folder, self._theme = display, app, environment, folder, theme

    def act(self, *arguments: str | int) -> None:
        """Move, press and type as a person does."""
        subprocess.run(["xdotool", *map(str, arguments)], check=True, env=self._environment)
        time.sleep(0.3)

    def focus(self) -> None:
        """Give the keyboard to the app, as a window manager would."""
        self.act("search", "--onlyvisible", "--name", "^NoiseLens$", "windowfocus")

    def picture(self, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Return what is on the screen, and keep it."""
        image = ImageGrab.grab(xdisplay=self._display).convert("RGB")
        image.save(self._folder / f"{self._theme}-{name}.png")
        return np.asarray(image)

    def looks_as_kept(self, name: str) -> None:
        """Check that the screen comes to look as it is kept, and keep what it looks like now."""
        kept = f"{self._theme}-{name}"
        if wanted_anew():
            time.sleep(SETTLE_S)
            keep(Image.fromarray(self.picture(name)), kept)
        wait_for(lambda: difference(Image.fromarray(self.picture(name)), kept) <= SHARE)

    def drag(self, begin: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag from one place to another."""
        self.act("mousemove", *begin, "mousedown", 1)
        for step in range(1, 11):
            self.act("mousemove", *(round(a + (b - a) * step / 10) for a, b in zip(begin, end, strict=True)))
        self.act("mouseup", 1)


def wait_for(probe: Callable[[], T]) -> T:
    """Return the probe's first answer that is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := probe()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return answer


def history() -> list[HistoryEntry]:
    with Library(library_path()) as library:
        return library.history()


def labels() -> dict[str, Kind]:
    with Library(library_path()) as library, LabelStore(library, samples_dir()) as store:
        return store.labels()


@pytest.fixture(params=["light", "dark"])
def desk(request: pytest.FixtureRequest, home: Path, tmp_path: Path, pictures: Path) -> Iterator[Desk]:
    """The app on a display of its own, in both schemes, beside a window from which a file can be dragged."""
    del home
    need("Xvfb", "xdotool")
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(
        f'theme = "{request.param}"\nlanguage = "en"\nwindow_width = 1200\nwindow_height = 760\nwelcomed = true\n'
    )
    with display(*SCREEN) as screen:
        environment = screen | CHECKOUT
        program = "from noiselens_core.cli import main; main()"
        app = subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=tmp_path)
        files = subprocess.Popen(
            [sys.executable, "-c", FILES, str(SAMPLES / "rocket.jpg")], env=environment, stdout=subprocess.PIPE
        )
        try:
            assert files.stdout is not None
            assert files.stdout.readline() == b"ready\n"
            yield Desk(environment["DISPLAY"], app, environment, pictures, request.param)
        finally:
            for process in (app, files):
                process.terminate()
                process.wait()
            assert files.stdout is not None
            files.stdout.close()


def test_from_a_drop_over_the_verdict_and_a_label_to_a_report(desk: Desk, tmp_path: Path) -> None:
    wait_for(lambda: len(np.unique(desk.picture("start").reshape(-1, 3), axis=0)) > 100)
    desk.looks_as_kept("start")
    middle = (560, 330)
    desk.drag((SOURCE[0] + 60, SOURCE[1] + 60), middle)
    (entry,) = wait_for(history)
    assert (entry.name, entry.path) == ("rocket.jpg", SAMPLES / "rocket.jpg")
    time.sleep(1.5)  # the picture of the image is made and painted
    shown = desk.picture("verdict")

    desk.act("mousemove", *middle)
    desk.focus()
    desk.act("key", "ctrl+g")
    assert wait_for(labels) == {entry.verdict.sha256: "generated"}
    desk.picture("label")
    desk.act("key", "ctrl+z")
    wait_for(lambda: not labels())

    report = tmp_path / "report.html"
    desk.act("key", "ctrl+e")
    desk.act("search", "--sync", "--onlyvisible", "--name", "^Save a report")
    desk.picture("export")
    desk.act("key", "ctrl+a")
    desk.act("type", str(report))
    desk.act("key", "Return")
    wait_for(report.exists)
    assert "rocket.jpg" in report.read_text()
    wait_for(lambda: len(list(tmp_path.glob("rocket*.png"))) == 2)
    desk.picture("report")

    with Image.open(SAMPLES / "rocket.jpg") as photo:
        colours = np.asarray(photo.convert("RGB").resize((64, 43))).reshape(-1, 3).mean(axis=0)

    def is_bare() -> bool:
        """Return whether the image's own colours are on the screen."""
        view = desk.picture("bare")[100:600, 400:760].reshape(-1, 3)
        return bool(np.abs(view[(view != view[0]).any(axis=1)].mean(axis=0) - colours).max() < 40)

    desk.focus()
    desk.act("key", "alt+3")  # the image alone
    wait_for(is_bare)
    assert (desk.picture("bare") != shown).any()
    desk.looks_as_kept("bare")
    for number, page in enumerate(("batch", "history", "training", "settings"), 2):
        desk.act("key", f"ctrl+{number}")
        desk.looks_as_kept(page)
    assert desk.app.poll() is None
    desk.act("key", "ctrl+q")
    assert desk.app.wait(PATIENCE_S) == 0
