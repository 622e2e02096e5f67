"""Take the window's own picture: opens files, waits for the verdict of the first, saves what is on screen.

python tools/screenshot.py OUT.png [--theme light|dark] [--page main|start|pairing] [FILE...]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from noiselens_desktop.app import App, make_qt
from noiselens_desktop.settings import HOME, Settings
from noiselens_desktop.views.pairing_dialog import PairingDialog

SETTLE_MS = 700  # after the last answer, for the picture of the image to be made and painted
PATIENCE_MS = 120_000


def main() -> int:
    """Take one picture and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--page", choices=("main", "start", "pairing"), default="main")
    parser.add_argument("--overlay", choices=("attention", "noise", "none"), default="attention")
    parser.add_argument("--size", default="1180x760", help="WIDTHxHEIGHT in logical pixels")
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        qt = make_qt()
        settings = Settings(
            theme=options.theme, overlay=options.overlay, window_width=width, window_height=height, overlay_opacity=0.55
        )
        app = App(qt, settings, bridge=options.page == "pairing")
        left = len(options.files)

        def answered(*_: object) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                QTimer.singleShot(SETTLE_MS, save)

        def save() -> None:
            if options.page == "pairing":
                app.window.pair_browser()
                dialog = app.window.findChild(PairingDialog)
                assert dialog is not None
                dialog.make.click()
                QTimer.singleShot(SETTLE_MS, lambda: grab(dialog))
                return
            grab(app.window)

        def grab(target: QWidget) -> None:
            target.grab().save(str(options.out))
            if target is not app.window:
                target.close()
            qt.quit()

        app.session.judged.connect(answered)
        app.session.refused.connect(answered)
        QTimer.singleShot(PATIENCE_MS, qt.quit)
        app.window.show()
        if options.files:
            app.window.open_files(options.files)
        else:
            app.session.loaded.connect(lambda _: QTimer.singleShot(SETTLE_MS, save))
        qt.exec()
        app.close()
    return 0 if options.out.exists() else 1


if __name__ == "__main__":
    sys.exit(main())
