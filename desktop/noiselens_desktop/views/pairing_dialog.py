"""Pairing a browser: with nothing typed, by a code both sides show, or by a key that is pasted; and forgetting one."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from noiselens_core.text import printable

from ..bridge.pairing import BrowserKey, KeyStore
from ..models.formats import stated_day
from .pairing_ways import ByCode, Desk, NothingTyped, Run
from .parts import ElidedLabel, Sheet, clear_layout, label, rule, tab_before
from .theme import GAP


class PairingDialog(QDialog):
    """Offers three ways of pairing, the best first, and lists the paired browsers.

    keys: where they are kept. run: works off the GUI thread. The bridge is starting until `set_port` tells of it.
    """

    def __init__(self, keys: KeyStore, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys, self._run = keys, run
        self._port: int | None = None
        self._open = True
        self.finished.connect(self._close)
        self.setWindowTitle(self.tr("Pair a browser"))
        self.setMinimumWidth(580)

        self.nothing_typed = NothingTyped(run)
        self.by_code = ByCode()
        self.by_code.paired.connect(self._list)
        self.name = QLineEdit(self.tr("My browser"))
        self.name.setAccessibleName(self.tr("Name of the browser"))
        self.name.setMaxLength(60)
        self.make = QPushButton(self.tr("Make a key"))
        self.make.setEnabled(False)
        self.make.clicked.connect(self._make)
        self.code = QLineEdit()
        self.code.setReadOnly(True)
        self.code.setPlaceholderText(self.tr("The key appears here"))
        self.code.setAccessibleName(self.tr("Pairing key"))
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._copy)
        self.note = label(self.tr("The bridge to the browser is starting…"), "small", wrap=True)
        self.browsers = QVBoxLayout()
        self.browsers.setSpacing(GAP)
        self._done = done = QPushButton(self.tr("Done"))
        done.clicked.connect(self.accept)

        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, GAP)
        rows.setSpacing(12)
        rows.addWidget(label(self.tr("Pair a browser"), "title"))
        rows.addWidget(label(self.tr("First install the NoiseLens extension there. Then choose one way:"), "soft"))
        for title, way in (
            (self.tr("With nothing typed"), self.nothing_typed),
            (self.tr("With a code on both sides"), self.by_code),
            (self.tr("With a key you paste into the extension's options"), self._key_fields()),
        ):
            rows.addWidget(rule())
            rows.addWidget(label(title, "head"))
            rows.addWidget(way)
        rows.addWidget(rule())
        rows.addWidget(label(self.tr("Paired browsers"), "head"))
        rows.addLayout(self.browsers)
        rows.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(3 * GAP, 12, 3 * GAP, 2 * GAP)
        foot.addStretch(1)
        foot.addWidget(done)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Sheet(content, foot), 1)
        whole.addLayout(foot)
        self._list()

    @Slot(object, object)
    def set_port(self, port: int | None, desk: Desk | None) -> None:
        """Take the port the bridge listens on, None when it does not run, and the bridge for the pairing by code."""
        self._port = port
        self.make.setEnabled(port is not None)
        self.by_code.set_desk(desk)
        self.note.setText(
            self.tr(
                "The bridge to the browser does not run. Close other windows of NoiseLens and `noiselens serve`, "
                "then start NoiseLens again."
            )
            if port is None
            else self.tr(
                "For Chromium, Chrome, Edge and Brave. Whoever has this key can send images to NoiseLens: "
                "show it to nobody."
            )
        )

    def _key_fields(self) -> QWidget:
        fields = QWidget()
        rows = QVBoxLayout(fields)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for row, (field, button) in enumerate(((self.name, self.make), (self.code, self.copy))):
            field.setProperty("look", "plain")
            grid.addWidget(field, row, 0)
            grid.addWidget(button, row, 1)
        rows.addLayout(grid)
        rows.addWidget(self.note)
        return fields

    def _make(self) -> None:
        self.make.setEnabled(False)
        name = self.name.text().strip() or self.tr("My browser")
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
        self.copy.setText(self.tr("Copied"))

    def _list(self) -> None:
        self._run(self._keys.paired, self._show_browsers)

    def _show_browsers(self, keys: list[BrowserKey]) -> None:
        if not self._open:
            return
        clear_layout(self.browsers)
        if not keys:
            self.browsers.addWidget(label(self.tr("No browser is paired yet."), "soft"))
        buttons = []
        for key in keys:
            row, forget = self._row(key)
            self.browsers.addWidget(row)
            buttons.append(forget)
        tab_before(self._done, buttons)

    def _row(self, key: BrowserKey) -> tuple[QWidget, QPushButton]:
        """Return a row, and the button in it."""
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        name = ElidedLabel("head")
        name.show_text(printable(key.name))
        line.addWidget(name, 1)
        line.addWidget(label(self.tr("paired {0}").format(stated_day(key.created)), "small"))
        forget = QPushButton(self.tr("Forget"))
        forget.setAccessibleName(self.tr("Forget {0}").format(printable(key.name)))
        forget.setProperty("look", "quiet")
        forget.clicked.connect(lambda: self._run(lambda: self._keys.revoke(key.id), lambda _: self._list()))
        line.addWidget(forget)
        return row, forget

    def _close(self) -> None:
        self._open = False
        self.by_code.close_window()
