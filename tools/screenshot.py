"""Take the window's own picture: opens files or a folder, waits for the verdicts, saves what is on screen.

python tools/screenshot.py OUT.png [FILE|FOLDER...] [--theme light|dark] [--page NAME] [--language de]
python tools/screenshot.py FOLDER [FILE|FOLDER...] --page all      # every page and dialog, one picture each

At 200 %: QT_SCALE_FACTOR=2 QT_QPA_PLATFORM=xcb xvfb-run -s "-screen 0 1920x1080x24" python tools/screenshot.py ...
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QWidget

from noiselens_core.places import HOME
from noiselens_desktop.app import App, make_qt
from noiselens_desktop.models.batch_job import Phase
from noiselens_desktop.settings import Settings

SETTLE_MS = 900  # after the last answer, for the picture of the image to be made and painted
PATIENCE_MS = 300_000
PAGES = ("check", "batch", "history", "training", "settings")
DIALOGS = {"pairing": "pair_browser", "about": "about", "welcome": "welcome"}
ALL = "all"


def main() -> int:
    """Take one picture and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--page", choices=(*PAGES, *DIALOGS, ALL))
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
        app = App(qt, settings, bridge=options.page in ("pairing", ALL))
        folders = [path for path in options.files if path.is_dir()]
        files = [path for path in options.files if not path.is_dir()]
        waiting, begun = len(files), False

        def answered(*_: object) -> None:
            nonlocal waiting
            waiting -= 1
            begin()

        def begin(*_: object) -> None:
            """Start with the first picture once everything that was asked for is there."""
            nonlocal begun
            if begun or waiting > 0 or app.session.facts is None or (folders and app.batch.phase is not Phase.ENDED):
                return
            begun = True
            QTimer.singleShot(SETTLE_MS, show)

        def shots() -> Iterator[tuple[str, Path]]:
            """Return what is to be shown, "" being the page that is open, and where its picture goes."""
            if options.page != ALL:
                yield options.page or "", options.out
                return
            options.out.mkdir(parents=True, exist_ok=True)
            yield from ((name, options.out / f"{name}.png") for name in (*PAGES, *DIALOGS))

        left_to_show = shots()

        def show() -> None:
            name, path = next(left_to_show, ("", None))
            if path is None:
                qt.quit()
                return
            target: QWidget = app.window
            if name in DIALOGS:
                getattr(app.window, DIALOGS[name])()
                target = app.window.findChildren(QDialog)[-1]
            elif name:
                app.window.show_page(name)
            QTimer.singleShot(SETTLE_MS, lambda: grab(target, path))

        def grab(target: QWidget, path: Path) -> None:
            target.grab().save(str(path))
            if target is not app.window:
                target.close()
            show()

        app.session.judged.connect(answered)
        app.session.refused.connect(answered)
        app.session.loaded.connect(begin)
        app.batch.changed.connect(begin)
        QTimer.singleShot(PATIENCE_MS, qt.quit)
        app.window.resize(width, height)  # also where the screen is smaller, as Qt's offscreen one is
        app.window.show()
        app.window.open_files(files)
        if folders:
            app.window.check_folders(folders)
        qt.exec()
        app.close()
    return 0 if options.out.exists() else 1


if __name__ == "__main__":
    sys.exit(main())
