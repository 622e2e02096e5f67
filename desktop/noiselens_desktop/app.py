"""The composition root: makes the parts, starts them after the window is on screen, ends them in order."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

import noiselens_core
from noiselens_core.batches import Batches
from noiselens_core.errors import NoiseLensError
from noiselens_core.library import Library

from .bridge.pairing import KeyStore
from .models.batch_job import BatchJob
from .models.session import Session
from .settings import Settings, keys_path, library_path, load_settings, save_settings, settings_path
from .views.main_window import MainWindow
from .views.theme import apply_theme
from .work.analyse import Analyser, load_shipped_detector

if TYPE_CHECKING:
    from .bridge.server import BridgeServer

NO_DISPLAY = "There is no display for the window. Check images with: noiselens check FILE"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
SAMPLES = Path(noiselens_core.__file__).parent / "samples"


class App:
    """Everything that lives as long as the window.

    bridge: whether browsers are answered.

    Attributes:
        window, session, batch: the parts the outside may use.
    """

    def __init__(self, qt: QApplication, settings: Settings, *, bridge: bool = True) -> None:
        self._with_bridge = bridge
        self._bridge: BridgeServer | None = None
        apply_theme(qt, settings.theme)
        self._library = Library(library_path())
        self._analyser = Analyser(self._library, lambda: load_shipped_detector(settings.device))
        self._keys = KeyStore(keys_path())
        self.session = Session(self._library, self._analyser)
        self.batch = BatchJob(Batches(self._library), self._analyser)
        self.window = MainWindow(self.session, self.batch, self._keys, settings, SAMPLES)
        self.window.painted.connect(self._start)

    def close(self) -> None:
        """Save the settings and end every thread and child."""
        try:
            save_settings(self.window.settings, settings_path())
        except NoiseLensError as error:
            sys.stderr.write(f"{error}\n")
        self.window.close_threads()
        self.session.close()  # waits for a bridge that is just being opened
        if self._bridge is not None:
            self._bridge.stop()
        self.batch.close()
        self._analyser.close()
        self._library.close()

    def _start(self) -> None:
        """The window is on screen: now the slow parts."""
        self.session.start()
        self.batch.load()
        if self._with_bridge:
            self.session.run(self._open_bridge, lambda port: self.window.set_port(port, self._bridge))

    def _open_bridge(self) -> int:
        """Off the GUI thread. Raises BridgeError when every port is taken."""
        from .serve import wire_bridge

        bridge = wire_bridge(self._analyser, self._library, self._keys, self.session.receive)
        port = bridge.start()
        self._bridge = bridge
        return port


def run(files: Sequence[Path]) -> int:
    """Open the window on files, and return the exit status once it is closed."""
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAYS):
        sys.stdout.write(f"{NO_DISPLAY}\n")
        return 0
    qInstallMessageHandler(_on_qt_message)
    qt = make_qt()
    settings, sentence = load_settings(settings_path())
    try:
        app = App(qt, settings)
    except NoiseLensError as error:
        QMessageBox.critical(None, "NoiseLens", str(error))
        return 2
    app.window.painted.connect(lambda: app.window.open_files(files))  # judging imports torch
    app.window.show()
    if sentence:
        app.window.toast.say(sentence)
    try:
        with _quitting_on_signals(qt):
            return qt.exec()
    finally:
        app.close()


def make_qt() -> QApplication:
    """Return the application object, dressed in the one style our sheet is made for."""
    qt = QApplication(["noiselens"])
    qt.setApplicationName("NoiseLens")
    qt.setDesktopFileName("noiselens")
    qt.setStyle("Fusion")
    return qt


@contextmanager
def _quitting_on_signals(qt: QApplication) -> Iterator[None]:
    """End the event loop on Ctrl+C; Python hears of signals only while it runs, so a socket wakes it."""
    ours, pythons = socket.socketpair()
    with ours, pythons:
        ours.setblocking(False)
        pythons.setblocking(False)
        notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(qt.quit)
        signal.set_wakeup_fd(pythons.fileno())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        try:
            yield
        finally:
            notifier.setEnabled(False)
            signal.set_wakeup_fd(-1)


def _on_qt_message(kind: QtMsgType, context: object, message: str) -> None:
    """Qt aborts the process when it cannot open a display: say so in a sentence instead."""
    del context
    if kind == QtMsgType.QtFatalMsg:
        sys.stdout.write(f"{NO_DISPLAY}\n")
        sys.stdout.flush()
        os._exit(0)
    sys.stderr.write(f"{message}\n")
