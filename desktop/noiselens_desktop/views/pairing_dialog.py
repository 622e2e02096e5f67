"""Pairing a browser: make a code, copy it, paste it into the extension; and forgetting a browser again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from noiselens_core.text import printable

from ..bridge.pairing import BrowserKey, KeyStore
from .parts import ElidedLabel, label, rule
from .theme import GAP

Run = Callable[[Callable[[], Any], Callable[[Any], None]], None]  # a call off the GUI thread, then its result on it

STEPS = (
    "1.  Install the extension from the folder “extension” of NoiseLens.",
    "2.  Name the browser and make a code here.",
    "3.  Paste the code into the extension's options.",
)
KEEP = "The code is a key: whoever has it can send images to this window. Show it to nobody."


class PairingDialog(QDialog):
    """Makes pairing codes and lists the paired browsers.

    keys: where they are kept. port: the bridge listens on, or None when it does not run. run: works off the GUI thread.
    """

    def __init__(self, keys: KeyStore, port: int | None, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._port, self._run = keys, port, run
        self._open = True
        self.finished.connect(self._close)
        self.setWindowTitle("Pair a browser")
        self.setMinimumWidth(520)

        self.name = QLineEdit("My browser")
        self.name.setAccessibleName("Name of the browser")
        self.name.setMaxLength(60)
        self.make = QPushButton("Make a code")
        self.make.setProperty("look", "primary")
        self.make.clicked.connect(self._make)
        self.code = QLineEdit()
        self.code.setReadOnly(True)
        self.code.setPlaceholderText("The code appears here")
        self.code.setAccessibleName("Pairing code")
        self.copy = QPushButton("Copy")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._copy)
        self.note = label(KEEP, "small", wrap=True)
        self.browsers = QVBoxLayout()
        self.browsers.setSpacing(GAP)
        done = QPushButton("Done")
        done.clicked.connect(self.accept)

        rows = QVBoxLayout(self)
        rows.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 3 * GAP)
        rows.setSpacing(12)
        rows.addWidget(label("Pair a browser", "title"))
        steps = QVBoxLayout()
        steps.setSpacing(6)
        for step in STEPS:
            steps.addWidget(label(step, "soft"))
        rows.addLayout(steps)
        rows.addSpacing(4)
        for field, button in ((self.name, self.make), (self.code, self.copy)):
            line = QHBoxLayout()
            line.setSpacing(GAP)
            line.addWidget(field, 1)
            line.addWidget(button)
            button.setMinimumWidth(128)
            field.setProperty("look", "plain")
            rows.addLayout(line)
        rows.addWidget(self.note)
        rows.addWidget(rule())
        rows.addLayout(self.browsers)
        rows.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)
        if port is None:
            self.make.setEnabled(False)
            self.note.setText(
                "The bridge to the browser does not run. Close other windows of NoiseLens and `noiselens serve`, "
                "then start NoiseLens again."
            )
        self._list()

    def _make(self) -> None:
        self.make.setEnabled(False)
        name = self.name.text().strip() or "My browser"
        self._run(lambda: self._keys.create(name), self._show_code)

    def _show_code(self, key: BrowserKey) -> None:
        if not self._open or self._port is None:
            return
        self.code.setText(key.pairing_string(self._port))
        self.code.setCursorPosition(0)
        self.copy.setEnabled(True)
        self.copy.setFocus()
        self._list()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())
        self.copy.setText("Copied")

    def _list(self) -> None:
        self._run(self._keys.paired, self._show_browsers)

    def _show_browsers(self, keys: list[BrowserKey]) -> None:
        if not self._open:
            return
        while (old := self.browsers.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        if not keys:
            self.browsers.addWidget(label("No browser is paired yet.", "soft"))
        for key in keys:
            self.browsers.addWidget(self._row(key))

    def _row(self, key: BrowserKey) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        name = ElidedLabel("head")
        name.show_text(printable(key.name))
        line.addWidget(name, 1)
        line.addWidget(label(f"paired {key.created[:10]}", "small"))
        forget = QPushButton("Forget")
        forget.setAccessibleName(f"Forget {printable(key.name)}")
        forget.setProperty("look", "quiet")
        forget.clicked.connect(lambda: self._run(lambda: self._keys.revoke(key.id), lambda _: self._list()))
        line.addWidget(forget)
        return row

    def _close(self) -> None:
        self._open = False
