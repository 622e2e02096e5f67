"""The app on a small screen: prints what does not fit, a line each. Run by test_scale.py with a display of its own.

python scaled_window.py LANGUAGE FOLDER    # the folder takes a picture of every page and dialog
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from noiselens_core.progress import Progress
from noiselens_core.verdict import Band
from noiselens_desktop.app import SAMPLES, App, make_qt
from noiselens_desktop.models.outcome import Change, Figures, Flip, Outcome
from noiselens_desktop.models.training_job import Phase
from noiselens_desktop.settings import Settings
from noiselens_desktop.views.parts import ElidedLabel
from noiselens_desktop.views.placement import FRAME

SETTLE_MS = 700
DIALOGS = ("pair_browser", "about", "welcome")


def cut(window: QWidget) -> Iterator[str]:
    """Tell of each text and control that is not wholly seen, and of a window the screen does not hold."""
    room = window.screen().availableGeometry().size() - FRAME
    if window.width() > room.width() or window.height() > room.height():
        yield f"{type(window).__name__} is {window.width()} x {window.height()}"
    for widget in window.findChildren(QWidget):
        told = isinstance(widget, (QAbstractButton, QComboBox, QLineEdit)) or (
            isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel)
        )
        if told and widget.isVisible() and (faults := ", ".join(faults_of(widget))):
            text = getattr(widget, "text", str)() or widget.accessibleName()
            yield f"{type(widget).__name__} {text!r}: {faults}"


def faults_of(widget: QWidget) -> Iterator[str]:
    within, place = widget, QRect(QPoint(), widget.size())
    while (parent := within.parentWidget()) is not None and not within.isWindow():
        place = QRect(widget.mapTo(parent, QPoint()), widget.size())
        if place.left() < 0 or place.right() >= parent.width():
            yield f"wider than its {type(parent).__name__}"
        scrolls = isinstance(parent.parentWidget(), (QScrollArea, QAbstractItemView))
        if scrolls:
            return  # up and down it can be brought into sight
        if place.top() < 0 or place.bottom() >= parent.height():
            yield f"higher than its {type(parent).__name__}"
        within = parent
    if isinstance(widget, QLabel) and widget.wordWrap():
        if widget.height() < widget.heightForWidth(widget.width()):
            yield "a line is missing"
    elif isinstance(widget, (QLabel, QAbstractButton)):
        text = widget.text().replace("&", "")
        if text and widget.width() < widget.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width():
            yield "the text is cut"


def outcome() -> Outcome:
    """Return what a training comes to that is not recommended, with all that is said then."""
    better, worse = Figures(0.9, 0.8, 0.02), Figures(0.8, 0.7, 0.05)
    flip = Flip("ab" * 32, "rocket.jpg", "real", (0.4, Band.UNCERTAIN), (0.9, Band.LIKELY_GENERATED), -1)
    change = Change(better, worse)
    warnings = ("It calls more photographs that are not yours likely generated: 5.0 % instead of 2.0 %.",) * 3
    return Outcome(Path("own-1.safetensors"), "own-1", "", change, change, (flip,) * 20, False, warnings, 0, 1.0)


def main() -> None:
    """Go through every page and dialog."""
    language, folder = sys.argv[1], Path(sys.argv[2])
    qt = make_qt()
    app = App(qt, Settings(theme="light", language=language), bridge=False)
    window = app.window

    def rest(ms: int = SETTLE_MS) -> None:
        QTimer.singleShot(ms, qt.exit)
        qt.exec()

    def look(name: str, target: QWidget) -> None:
        rest()
        target.grab().save(str(folder / f"{language}-{name}.png"))
        for fault in cut(target):
            print(f"{language} {name}: {fault}")

    window.show()
    look("start", window)
    for name, page in window.pages.items():
        if name != "check":
            window.show_page(name)
            look(f"empty-{name}", page.window())
    window.show_page("check")
    app.session.judged.connect(lambda *_: qt.exit())
    window.open_files([SAMPLES / "rocket.jpg"])
    qt.exec()
    window.check_folders([SAMPLES])
    app.batch.changed.connect(qt.exit)
    while app.batch.phase.name != "ENDED":
        qt.exec()
    for name in window.pages:
        window.show_page(name)
        look(name, window)
    window.show_page("check")
    window.check.tools.compare.setChecked(True)
    window.check.history.choose(0)
    look("compare", window)
    window.toast.say("One sentence that is as long as the longest that the window says of a failure. " * 2)
    for name in ("batch", "training"):
        window.show_page(name)
        look(f"toast-{name}", window)
    for image in SAMPLES.glob("*.png"):
        app._labels.add(image.read_bytes(), "real", image.name, "file")
    app.teaching.samples.load()
    app.teaching.job._set(Phase.RUNNING)
    for step in range(20):
        app.teaching.job._show(Progress("fit", 0, 3, values={"loss": 1 / (step + 1), "validation": 2 / (step + 2)}))
    look("training-running", window)
    app.teaching.job.outcome = outcome()
    app.teaching.job._set(Phase.DECIDING)
    look("training-deciding", window)
    window.show_detectors()
    look("detectors", window)
    for name in DIALOGS:
        getattr(window, name)()
        dialog = window.findChildren(QDialog)[-1]
        look(name, dialog)
        dialog.close()
    least = window.minimumSizeHint()
    print(f"least: {least.width()} x {least.height()}", file=sys.stderr)
    app.close()


if __name__ == "__main__":
    main()
