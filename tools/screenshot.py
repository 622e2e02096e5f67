"""Take the window's own picture: opens files or a folder, waits for the verdicts, saves what is on screen.

python tools/screenshot.py OUT.png [FILE|FOLDER...] [--theme light|dark] [--page NAME] [--language de]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QWidget

from noiselens_core.places import HOME
from noiselens_desktop.app import App, make_qt
from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.settings import Settings

SETTLE_MS = 900  # after the last answer, for the picture of the image to be made and painted
PATIENCE_MS = 120_000
DIALOGS = {"pairing": "pair_browser", "about": "about", "welcome": "welcome"}


def main() -> int:
    """Take one picture and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--page", choices=("check", "batch", "history", "training", "settings", *DIALOGS))
    parser.add_argument("--overlay", choices=("attention", "noise", "none"), default="attention")
    parser.add_argument("--language", choices=("en", "de"), default="en")
    parser.add_argument("--size", default="1180x760", help="WIDTHxHEIGHT in logical pixels")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        qt = make_qt()
        settings = Settings(
            theme=options.theme,
            overlay=options.overlay,
            window_width=width,
            window_height=height,
            overlay_opacity=0.55,
            language=options.language,
        )
        app = App(qt, settings, bridge=options.page == "pairing")
        folders = [path for path in options.files if path.is_dir()]
        files = [path for path in options.files if not path.is_dir()]
        left = len(files)

        def answered(*_: object) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                QTimer.singleShot(SETTLE_MS, show)

        def batched() -> None:
            if app.batch.phase is Phase.ENDED:
                QTimer.singleShot(SETTLE_MS, show)

        def show() -> None:
            if options.page in DIALOGS:
                getattr(app.window, DIALOGS[options.page])()
                dialog = app.window.findChild(QDialog)
                assert dialog is not None
                QTimer.singleShot(SETTLE_MS, lambda: grab(dialog))
                return
            if options.page is not None:
                app.window.show_page(options.page)
            QTimer.singleShot(SETTLE_MS, lambda: grab(app.window))

        def grab(target: QWidget) -> None:
            target.grab().save(str(options.out))
            if target is not app.window:
                target.close()
            qt.quit()

        app.session.judged.connect(answered)
        app.session.refused.connect(answered)
        app.batch.changed.connect(batched)
        QTimer.singleShot(PATIENCE_MS, qt.quit)
        app.window.show()
        app.window.open_files(files)
        if folders:
            app.window.check_folders(folders)
        if not options.files:
            app.session.loaded.connect(lambda _: QTimer.singleShot(SETTLE_MS, show))
        qt.exec()
        app.close()
    return 0 if options.out.exists() else 1


if __name__ == "__main__":
    sys.exit(main())
