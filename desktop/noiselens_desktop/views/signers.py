"""The list of trusted signers on the Settings page: chosen from a PEM file, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from noiselens_core.signers import count_signers, keep_signers, put_signers, read_signers

from ..models.formats import count
from .parts import label
from .theme import GAP
from .toast import Toast


class Signers(QWidget):
    """Says how many signers are trusted, and lets the user change that.

    run: works off the GUI thread, and tells of what goes wrong. toast: offers to undo.
    """

    def __init__(
        self,
        run: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        toast: Toast,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._toast = run, toast
        self.state = label("", wrap=True)
        self.choose = QPushButton(self.tr("Choose a file of trusted signers…"))
        self.choose.clicked.connect(self._ask)
        self.forget = QPushButton(self.tr("Trust none"))
        self.forget.clicked.connect(self._forget)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.choose)
        buttons.addWidget(self.forget)
        buttons.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(10)
        rows.addWidget(
            label(
                self.tr(
                    "Anybody can sign an image. Signatures count as trusted when their certificate, or the one it was "
                    "issued with, is in a PEM file of yours; this is so for images checked from now on."
                ),
                "soft",
                wrap=True,
            )
        )
        rows.addWidget(self.state)
        rows.addLayout(buttons)
        self._show(0)

    def read(self) -> None:
        """Show what is in force now."""
        self._run(count_signers, self._show)

    def keep(self, file: Path) -> None:
        """Trust the signers in a PEM file, and no others; the toast offers to undo it."""
        self._change(lambda: keep_signers(file), self.tr("Another list of signers is trusted now."))

    def _forget(self) -> None:
        self._change(lambda: put_signers(""), self.tr("No signer is trusted any more."))

    def _change(self, change: Callable[[], int], told: str) -> None:
        def work() -> tuple[str, int]:
            before = read_signers()
            return before, change()

        def tell(done: tuple[str, int]) -> None:
            before, number = done
            self._show(number)
            if before:
                self._toast.offer_undo(
                    told,
                    lambda: self._run(lambda: put_signers(before), self._show),
                    lasting=False,  # there may be another list by then
                )

        self._run(work, tell)

    def _ask(self) -> None:
        kinds = self.tr("Certificates ({0});;All files (*)").format("*.pem *.crt *.cer")
        dialog = QFileDialog(self, self.tr("Trusted signers"), "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.keep(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show(self, number: int) -> None:
        self.state.setText(
            self.tr("Certificates on your list: {0}").format(count(number))
            if number
            else self.tr("You have no list: every valid signature is shown as one of an unknown signer.")
        )
        self.forget.setVisible(number > 0)
