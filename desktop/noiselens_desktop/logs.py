"""The log, and what is written down when NoiseLens meets an error of its own; nothing of it leaves the machine."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

LOG_BYTES, LOGS_KEPT = 1_000_000, 3
REPORTS_KEPT = 10
FAULTS = "faults.txt"

log = logging.getLogger(__name__)


def start_log(folder: Path) -> logging.Handler | None:
    """Write warnings and more to a rotating file; None when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "noiselens.log", maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8", delay=False
        )
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    logging.getLogger("noiselens_desktop").setLevel(logging.INFO)
    return handler


def stop_log(handler: logging.Handler | None) -> None:
    """Close what `start_log` returned."""
    if handler is not None:
        logging.getLogger().removeHandler(handler)
        handler.close()


class CrashReports:
    """Writes one file an unforeseen error, in place of a traceback that nobody sees.

    folder: of the log. tell: called with a sentence, on the thread of the error.

    Attributes:
        left: a sentence when the last run ended in a fault of a library, else "".
    """

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self._folder, self._tell = folder, tell
        self._before = sys.excepthook, threading.excepthook
        self._faults: IO[str] | None = None
        self.left = ""

    def start(self) -> None:
        """Take over the hooks."""
        sys.excepthook = self._on_error
        threading.excepthook = self._on_thread_error
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            place = self._folder / FAULTS
            if place.is_file() and (fault := place.read_text("utf-8", "replace")).strip():
                self._write(fault)
                self.left = f"NoiseLens ended unexpectedly last time. A report is in {self._folder}."
            self._faults = place.open("w", encoding="utf-8")
            faulthandler.enable(self._faults)
        except OSError as error:
            log.warning("no crash reports: %s", error)

    def stop(self) -> None:
        """Give the hooks back."""
        sys.excepthook, threading.excepthook = self._before
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            (self._folder / FAULTS).unlink(missing_ok=True)

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("unforeseen: %s", text)
        try:
            self._write(text)
        except OSError:
            self._tell(
                f"NoiseLens met an error of its own ({kind.__name__}). Start it again if something does not work."
            )
            return
        self._tell(
            f"NoiseLens met an error of its own ({kind.__name__}). A report was written to the log folder; "
            "it stays on this computer."
        )

    def _on_thread_error(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
            self._on_error(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _write(self, text: str) -> None:
        head = f"NoiseLens {version('noiselens')}\nPython {sys.version}\n{platform.platform()}\n\n"
        place = self._folder / f"crash-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.txt"
        place.write_text(head + text, "utf-8")
        for old in sorted(self._folder.glob("crash-*.txt"))[:-REPORTS_KEPT]:
            old.unlink(missing_ok=True)
