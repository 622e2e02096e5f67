"""The paired browsers on the Settings page: their names can be changed, and each can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from noiselens_core.text import printable

from ..bridge.pairing import BrowserKey, KeyStore
from ..models.formats import stated_day
from .parts import label, tab_before
from .theme import GAP
from .toast import Toast

LONGEST_NAME = 60


class Browsers(QWidget):
    """One row a browser.

    run: works off the GUI thread. toast: offers to undo.

    Signals:
        pair_wanted(): the user wants to pair another.
    """

    pair_wanted = Signal()

    def __init__(
        self,
        keys: KeyStore,
        run: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        toast: Toast,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._keys, self._run, self._toast = keys, run, toast
        self.pair = QPushButton(self.tr("Pair a browser…"))
        self.pair.clicked.connect(self.pair_wanted)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        foot = QHBoxLayout()
        foot.addWidget(self.pair)
        foot.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(10)
        rows.addLayout(self._list)
        rows.addLayout(foot)

    def read(self) -> None:
        """Show who is paired now."""
        self._run(self._keys.paired, self._show)

    def _show(self, keys: list[BrowserKey]) -> None:
        while (old := self._list.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        if not keys:
            told = self.tr(
                "No browser is paired yet. With the extension a right click on an image has it checked here."
            )
            self._list.addWidget(label(told, "soft", wrap=True))
        reached: list[QWidget] = []
        for key in keys:
            row, controls = self._row(key)
            self._list.addWidget(row)
            reached += controls
        tab_before(self.pair, reached)

    def _row(self, key: BrowserKey) -> tuple[QWidget, tuple[QWidget, ...]]:
        """Return a row, and the controls in it."""
        name = QLineEdit(printable(key.name))
        name.setProperty("look", "plain")
        name.setMaxLength(LONGEST_NAME)
        name.setAccessibleName(self.tr("Name of the browser"))
        name.editingFinished.connect(lambda: self._rename(key, name))
        forget = QPushButton(self.tr("Forget"))
        forget.setAccessibleName(self.tr("Forget {0}").format(printable(key.name)))
        forget.clicked.connect(lambda: self._forget(key))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        line.addWidget(name, 1)
        line.addWidget(label(self.tr("paired {0}").format(stated_day(key.created)), "small"))
        line.addWidget(forget)
        return row, (name, forget)

    def _forget(self, key: BrowserKey) -> None:
        """Revoke a key at once; until the toast has gone, and only in memory, it is there to be taken back."""
        self._run(lambda: self._keys.revoke(key.id), lambda _: self._forgotten(key))

    def _forgotten(self, key: BrowserKey) -> None:
        self.read()
        told = self.tr("“{0}” is forgotten, and not answered any more. To undo this makes its old key valid again.")
        self._toast.offer_undo(
            told.format(printable(key.name)),
            lambda: self._run(lambda: self._keys.restore(key), lambda _: self.read()),
            lasting=False,  # the key is held no longer than that
        )

    def _rename(self, key: BrowserKey, field: QLineEdit) -> None:
        name = field.text().strip()
        if not name:
            field.setText(printable(key.name))
        elif name != printable(key.name):
            self._run(lambda: self._keys.rename(key.id, name), lambda _: self.read())
