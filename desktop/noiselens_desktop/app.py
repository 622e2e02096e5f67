"""The composition root: makes the parts, starts them after the window is on screen, ends them in order."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

import noiselens_core
from noiselens_core.batches import Batches
from noiselens_core.errors import NoiseLensError
from noiselens_core.files import is_folder
from noiselens_core.labels import LabelStore
from noiselens_core.library import Library
from noiselens_core.places import data_dir, library_path, models_dir, samples_dir
from noiselens_core.registry import Registry
from noiselens_core.text import printable
from noiselens_core.verdict import Band

from .bridge.pairing import KeyStore
from .instance import Instance
from .language import Language
from .logs import CrashReports, start_log, stop_log
from .models.ageing import Ageing
from .models.batch_job import BatchJob, Phase
from .models.detectors import Detectors
from .models.formats import count
from .models.samples import Samples
from .models.sentences import core_words
from .models.session import Session
from .models.teaching import Teaching
from .models.training_job import TrainingJob
from .models.words import band_words
from .settings import Settings, keys_path, load_settings, log_dir, originals_dir, save_settings, settings_path
from .views.look import Look
from .views.main_window import MainWindow
from .views.theme import apply_theme, choose_colours
from .views.tray import Tray, TrayWait
from .work.analyse import Analyser, AnalyseResponse
from .work.detectors import chosen_detector, load_detector
from .work.originals import Originals
from .work.training import fine_tune_command, trainer_is_there

if TYPE_CHECKING:
    from noiselens_core.detector import Detector

    from .bridge.server import BridgeServer

NO_DISPLAY = "There is no display for the window. Check images with: noiselens check FILE"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
OWN = "own"  # what the id of a detector that was taught here begins with
SAMPLES = Path(noiselens_core.__file__).parent / "samples"


class App:
    """Everything that lives as long as NoiseLens runs.

    bridge: whether browsers are answered. now: tells the time, UTC.

    Attributes:
        window, session, batch, teaching: the parts the outside may use.
    """

    def __init__(
        self,
        qt: QApplication,
        settings: Settings,
        *,
        bridge: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._qt, self._with_bridge, self._started = qt, bridge, False
        self._bridge: BridgeServer | None = None
        self._language = Language(qt)
        self._language.choose(settings.language)
        choose_colours(qt, settings.theme)
        self._library = Library(library_path())
        self._originals = Originals(originals_dir())
        self._labels = LabelStore(self._library, samples_dir())
        self._analyser = Analyser(self._library, _loader(settings), self._labels)
        self._analyser.keep_originals(self._originals if settings.keep_originals else None)
        self._keys = KeyStore(keys_path())
        self.session = Session(self._library, self._labels, self._analyser)
        self.batch = BatchJob(Batches(self._library), self._analyser)
        self.teaching = make_teaching(self._labels, self._training_command)
        self.teaching.detectors.chosen.connect(self._judge_with_another)
        self._purge()  # before the window asks for the history
        self._ageing = Ageing(self.session, self._library, self._originals, settings.history_days, now)
        self._ageing.shortened.connect(self._offer_undo)
        self.tray: Tray | None = None
        self._batch_runs = False
        self.window = self._make_window(settings)
        apply_theme(qt, settings.theme)  # now: with a sheet in force every part is dressed at each step of its making
        self.session.arrived.connect(self._tell_arrived)
        self.batch.changed.connect(self._tell_batch)
        self._tray_wait = TrayWait()
        self._tray_wait.came.connect(self._take_tray)
        if Tray.possible():
            self._tray_wait.stop()
            self._take_tray()

    def start(self) -> None:
        """Begin the slow parts; a second call does nothing."""
        if self._started:
            return
        self._started = True
        self.session.start()
        self.batch.load()
        self.teaching.job.load()
        self.session.run(self._labels.fetch_all)  # images labelled before they were kept
        if self._with_bridge:
            self.session.run(
                self._open_bridge,
                lambda port: self.window.set_port(port, self._bridge),
                lambda: self.window.set_port(None),
            )

    def stay_in_background(self) -> None:
        """Begin without a window; where no tray comes to open it from, the window is minimized."""
        self.start()
        if self.tray is None:
            self._tray_wait.given_up.connect(self._minimize)

    def open_files(self, files: Sequence[Path]) -> None:
        """Come forward with these files and folders."""
        self.window.come_forward()
        folders = [file for file in files if is_folder(file)]
        if folders:
            self.window.check_folders(folders)
        self.window.open_files([file for file in files if file not in folders])

    def close(self) -> None:
        """Save the settings and end every thread and child."""
        self._started = True  # closed before its first paint, a window that is painted late begins nothing
        try:
            save_settings(self.window.settings, settings_path())
        except NoiseLensError as error:
            sys.stderr.write(f"{error}\n")
        self.window.close_threads()
        self.teaching.close()
        self._tray_wait.stop()
        if self.tray is not None:
            self.tray.close()
        self._ageing.close()
        self.batch.close()  # with what is being saved, which a purge would take the results from
        self._purge()
        self.session.close()  # waits for a bridge that is just being opened
        if self._bridge is not None:
            self._bridge.stop()
        self._analyser.close()
        self._labels.close()
        self._library.close()
        self._language.close()

    def _take_tray(self) -> None:
        self.tray = Tray()
        self._qt.setQuitOnLastWindowClosed(False)
        self.tray.open_wanted.connect(self._come_forward)
        self.tray.paste_wanted.connect(self._paste)
        self.tray.quit_wanted.connect(self._quit)
        self.window.offer_tray()

    def _minimize(self) -> None:
        if not self.window.isVisible():
            self.window.showMinimized()

    def _make_window(self, settings: Settings) -> MainWindow:
        window = MainWindow(
            self.session, self.batch, self.teaching, self._keys, settings, SAMPLES, tray=self.tray is not None
        )
        window.painted.connect(self.start)
        window.changed.connect(self._changed)
        window.closing.connect(self._qt.quit)
        return window

    def _changed(self, before: Settings, after: Settings) -> None:
        """Do what the user chose, at once."""
        self.session.run(lambda: save_settings(after, settings_path()))
        if _loader_fields(before) != _loader_fields(after):
            self.session.reload(_loader(after))
        if before.history_days != after.history_days:
            self._ageing.keep_for(after.history_days)
        if before.keep_originals != after.keep_originals:
            self._analyser.keep_originals(self._originals if after.keep_originals else None)
        if before.language != after.language:
            QTimer.singleShot(0, self._speak)  # the page that told us is part of the window that goes

    def _training_command(self, run: Path) -> list[str]:
        return fine_tune_command(run, models_dir(), OWN, self.window.settings.device)

    def _judge_with_another(self) -> None:
        self.session.reload(_loader(self.window.settings))

    def _speak(self) -> None:
        """Make the window anew in the language chosen; what runs is not touched."""
        old = self.window
        settings = old.settings
        self._language.choose(settings.language)
        self.window = self._make_window(settings)
        if not old.starting:
            self.window.set_port(old.port, old.desk)
        self.window.check.carry_on(old.check)
        if self.tray is not None:
            self.tray.speak()
        old.close_threads()
        self._leave(old)
        if old.isVisible():
            self.window.setGeometry(old.geometry())
            self.window.show()
        old.hide()
        self.session.run(lambda: None, lambda _: old.deleteLater())  # after every answer that is still on its way to it
        self.batch.load()

    def _leave(self, old: MainWindow) -> None:
        """Let a window hear no more, so that nothing in it asks for what would come when it is gone."""
        old.changed.disconnect(self._changed)
        old.closing.disconnect(self._qt.quit)
        teaching = self.teaching
        for part in (old, *old.findChildren(QObject)):
            for teller in (
                self.session, self.batch, self.batch.exports, teaching.samples, teaching.job, teaching.detectors
            ):  # fmt: skip
                teller.disconnect(part)

    def _purge(self) -> None:
        """Make deletions final."""
        library, labels, batches, originals = self._library, self._labels, self.batch.batches, self._originals

        def purge() -> None:
            library.purge()
            labels.purge()
            batches.purge()
            originals.forget_all_but(library.digests)

        self.session.run(purge)

    def _offer_undo(self, gone: int, days_before: int) -> None:
        settings = self.window.settings
        told = QCoreApplication.translate("App", "Older than {0} days and deleted from the history: {1}.")

        def undo() -> None:
            self.session.restore()
            self.window.apply(replace(self.window.settings, history_days=days_before))

        words = told.format(count(settings.history_days), count(gone))
        self.window.toast.offer_undo(words, undo)

    def _come_forward(self) -> None:
        self.window.come_forward()

    def _quit(self) -> None:
        self.window.quit()

    def _paste(self) -> None:
        self.window.come_forward()
        self.window.show_page("check")
        self.window.check.paste()

    def _tell_arrived(self, response: AnalyseResponse) -> None:
        if self.tray is not None and not self.window.isActiveWindow():
            words = QCoreApplication.translate("App", "From your browser: “{0}”, {1}.")
            name = printable(response.request.name)
            self.tray.notify(words.format(name, band_words(response.verdict.band).lower()))

    def _tell_batch(self) -> None:
        ran, self._batch_runs = self._batch_runs, self.batch.phase is Phase.RUNNING
        batch = self.batch.batch
        if not ran or batch is None or self.batch.phase is not Phase.ENDED:  # one read from the library ended before
            return
        if self.tray is None or self.window.isActiveWindow():
            return
        told = QCoreApplication.translate("App", "“{0}” is checked. Images: {1}, likely generated: {2}.")
        found = self.window.batch.table.counts()[Band.LIKELY_GENERATED]
        self.tray.notify(told.format(printable(batch.folder.name), count(batch.judged), count(found)))

    def _open_bridge(self) -> int:
        """Off the GUI thread. Raises BridgeError when every port is taken."""
        from .serve import wire_bridge

        session = self.session
        bridge = wire_bridge(
            self._analyser, self._labels, self._keys, session.receive, session.tell_labelled, session.show
        )
        port = bridge.start()
        self._bridge = bridge
        return port


def run(files: Sequence[Path], *, background: bool = False) -> int:
    """Open the window on files, and return the exit status once NoiseLens ends.

    If it runs already, that one comes forward with the files. background: show no window where there is a tray.
    """
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in DISPLAYS):
        sys.stdout.write(f"{NO_DISPLAY}\n")
        return 0
    qInstallMessageHandler(_on_qt_message)
    qt = make_qt()
    with ExitStack() as stack:
        instance = Instance()
        stack.callback(instance.close)  # last of all: nobody takes the place before everything has ended
        try:
            if not instance.take_place(files):
                return 0
            stack.callback(stop_log, start_log(log_dir()))
            settings, sentence = load_settings(settings_path())
            app = App(qt, settings)
        except NoiseLensError as error:
            QMessageBox.critical(None, "NoiseLens", core_words(str(error)))
            return 2
        stack.callback(app.close)
        reports = CrashReports(log_dir(), lambda told: app.session.troubled.emit(core_words(told)))
        reports.start()
        stack.callback(reports.stop)
        instance.called.connect(app.open_files)
        instance.listen()
        if background:
            QTimer.singleShot(0, app.stay_in_background)
        else:
            _show(app, settings, files)
        for told in filter(None, (sentence, reports.left)):
            app.window.toast.say(core_words(told))
        stack.enter_context(_quitting_on_signals(qt))
        return qt.exec()


def _show(app: App, settings: Settings, files: Sequence[Path]) -> None:
    if files:
        app.window.painted.connect(lambda: app.open_files(files))  # judging imports torch
    elif not settings.welcomed:
        app.window.painted.connect(lambda: QTimer.singleShot(0, app.window.welcome))
    if settings.window_maximized:
        app.window.showMaximized()
    else:
        app.window.show()


def _loader_fields(settings: Settings) -> tuple[str, str]:
    return settings.device, settings.preset


def _loader(settings: Settings) -> Callable[[], Detector]:
    device, preset = _loader_fields(settings)
    return lambda: load_detector(device, chosen_detector(), preset)


def make_teaching(labels: LabelStore, command: Callable[[Path], list[str]]) -> Teaching:
    """Return what is behind the Training page; command: trains, in a folder of what is kept between two runs."""
    job = TrainingJob(command, data_dir() / "training")
    return Teaching(Samples(labels), job, Detectors(Registry(models_dir())), not trainer_is_there())


def make_qt() -> QApplication:
    """Return the application object, dressed in the one style our sheet is made for."""
    qt = QApplication(["noiselens"])
    qt.setApplicationName("NoiseLens")
    qt.setDesktopFileName("noiselens")
    qt.setStyle(Look())
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
