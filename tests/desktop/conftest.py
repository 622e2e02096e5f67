"""What the desktop's tests share: a home of their own, the real parts, and a check that nothing is left running."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.logging import _QtMessageCapture
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from noiselens_core.batches import Batches
from noiselens_core.detector import Detector, Scores
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.places import library_path, models_dir, samples_dir
from noiselens_desktop.app import SAMPLES, make_teaching
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.language import Language
from noiselens_desktop.models.batch_job import BatchJob
from noiselens_desktop.models.history import State
from noiselens_desktop.models.session import Session
from noiselens_desktop.models.teaching import Teaching
from noiselens_desktop.settings import Settings, keys_path
from noiselens_desktop.views.image_view import ImageView
from noiselens_desktop.views.look import Look
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.views.theme import apply_theme
from noiselens_desktop.work.analyse import Analyser
from noiselens_desktop.work.detectors import load_detector
from noiselens_desktop.work.training import fine_tune_command

PICTURES = os.environ.get("NOISELENS_PICTURES")
TIMEOUT_MS = 60_000  # as elsewhere: a busy machine is slow, not wrong
OFFSCREEN_NOISE = {  # of Qt's offscreen platform
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged(QScreen*)",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds everything the app writes during one test."""
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder for pictures of the screen; one that lasts where $NOISELENS_PICTURES names it."""
    folder = Path(PICTURES or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(TIMEOUT_MS / 1000)
    assert not [thread.name for thread in left if thread.is_alive()]


@pytest.fixture(autouse=True)
def nothing_of_qt_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a timer running or a window alive; pytest-qt has closed those it was told of before."""
    if "qapp" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    before = QApplication.topLevelWidgets(), running_timers()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    windows = [window for window in QApplication.topLevelWidgets() if window not in before[0]]
    timers = [timer for timer in running_timers() if timer not in before[1]]
    assert not [(type(window).__name__, window.windowTitle()) for window in windows]
    assert not [(timer, timer.interval(), timer.parent()) for timer in timers]


def running_timers() -> list[QTimer]:
    """Return every timer that is counting, whoever holds it."""
    return [one for one in Shiboken.getAllValidWrappers() if isinstance(one, QTimer) and one.isActive()]


@pytest.fixture
def cat() -> Path:
    """A small photograph."""
    return SAMPLES / "chelsea.png"


@pytest.fixture
def rocket() -> Path:
    """Another photograph, a JPEG."""
    return SAMPLES / "rocket.jpg"


@pytest.fixture(scope="session")
def detector() -> Detector:
    """The shipped detector; the few pictures that most tests show it are looked at once, and answered alike again."""
    detector = load_detector("cpu")
    look, seen = detector.score, dict[tuple[tuple[int, ...], bytes, bool], Scores]()

    def score(pixels: NDArray[np.uint8], was_jpeg: bool = True) -> Scores:
        key = pixels.shape, sha256(pixels.tobytes()).digest(), was_jpeg
        if key not in seen:
            seen[key] = look(pixels, was_jpeg)
        return seen[key]

    detector.score = score  # type: ignore[method-assign]
    return detector


class Room:
    """A window over real parts; `open` is a start of the app, `close` its end."""

    def __init__(self, bot: QtBot, qt: QApplication, load: Callable[[], Detector]) -> None:
        self.bot, self._qt, self.load = bot, qt, load
        self.train: Callable[[Path], list[str]] = lambda run: fine_tune_command(run, models_dir(), "own", "cpu")
        self._parts: list[tuple[Library, LabelStore, Analyser, Session, BatchJob, Teaching, MainWindow]] = []

    def open(self, settings: Settings = Settings(theme="light")) -> MainWindow:  # noqa: B008  # frozen
        """Show a window and wait until it is painted and the detector is loaded."""
        apply_theme(self._qt, settings.theme)
        library = Library(library_path())
        self.labels = LabelStore(library, samples_dir())
        self.analyser = Analyser(library, self.load, self.labels)
        self.session = Session(library, self.labels, self.analyser)
        self.job = BatchJob(Batches(library), self.analyser)
        self.teaching = make_teaching(self.labels, self.train)
        window = MainWindow(self.session, self.job, self.teaching, KeyStore(keys_path()), settings, SAMPLES)
        self._parts.append((library, self.labels, self.analyser, self.session, self.job, self.teaching, window))
        self.bot.addWidget(window)
        with self.bot.waitSignal(window.painted, timeout=TIMEOUT_MS):
            window.show()
        self.session.start()
        self.job.load()
        return window

    def answered(self, window: MainWindow, rows: int) -> None:
        """Wait until a window has this many rows, and none that waits."""
        self.bot.waitUntil(
            lambda: (
                window.check.model.rowCount() == rows
                and all(window.check.model.item(row).state is not State.WAITING for row in range(rows))
            ),
            timeout=TIMEOUT_MS,
        )

    def pictured(self, window: MainWindow) -> None:
        """Wait until the window shows a whole image with its overlays."""
        self.bot.waitUntil(
            lambda: window.check.image.pictures is not None and bool(window.check.image.pictures.heat),
            timeout=TIMEOUT_MS,
        )

    def close(self) -> None:
        """End everything in the app's order."""
        while self._parts:
            library, labels, analyser, session, job, teaching, window = self._parts.pop()
            window.close_threads()
            teaching.close()
            job.close()
            session.close()
            analyser.close()
            labels.close()
            library.close()


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """Let the window, and how it writes numbers, be German."""
    before = QLocale()
    language = Language(qapp)
    language.choose("de")
    yield
    language.close()
    QLocale.setDefault(before)


@pytest.fixture(autouse=True)
def no_warning_of_qt(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which Qt warned of anything."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    log: _QtMessageCapture = request.getfixturevalue("qtlog")
    yield
    told = [record.message for record in log.records if record.type_name != "QtDebugMsg"]
    assert not [message for message in told if message not in OFFSCREEN_NOISE]


@pytest.fixture
def room(qtbot: QtBot, qapp: QApplication, detector: Detector) -> Iterator[Room]:
    """Makes windows."""
    qapp.setStyle(Look())
    room = Room(qtbot, qapp, lambda: detector)
    yield room
    room.close()


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    """An image view on screen, 600 by 400."""
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.close()
