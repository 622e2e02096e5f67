"""Two ways to pair a browser without copying a key: nothing typed at all, and a code that both sides show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from noiselens_core.text import printable

from ..bridge import manifests
from ..bridge.exchange import PairingState, Phase
from ..bridge.manifests import Browser
from ..models.formats import count
from ..models.sentences import core_words
from .parts import label
from .theme import GAP

Run = Callable[[Callable[[], Any], Callable[[Any], None]], None]  # a call off the GUI thread, then its result on it
LOOK_MS = 200  # how often the window's state is read while it is open


class Desk(Protocol):
    """The bridge, as far as a pairing by code is concerned."""

    def pairing(self) -> PairingState:
        """Return where the pairing stands."""

    def open_pairing(self) -> None:
        """Let one browser be paired in the next two minutes."""

    def confirm_pairing(self) -> None:
        """The user has said that the browser shows the same code."""

    def close_pairing(self) -> None:
        """The user has said that the codes differ, or does not want to pair any more."""


class NothingTyped(QWidget):
    """Tells the browsers of this user where NoiseLens is, so that the extension can ask for its key by itself."""

    def __init__(self, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self.says = label(
            self.tr(
                "NoiseLens makes itself known to your browsers; then one press in the extension's options is enough."
            ),
            "soft",
            wrap=True,
        )
        self.begin = QPushButton(self.tr("Set up my browsers"))
        self.begin.setProperty("look", "primary")
        self.begin.clicked.connect(self._begin)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * GAP)
        line.addWidget(self.says, 1)
        line.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignTop)

    def _begin(self) -> None:
        def install() -> list[Browser]:
            browsers = manifests.found()
            manifests.install(browsers)
            return browsers

        self._run(install, self._show)

    def _show(self, browsers: list[Browser]) -> None:
        if not browsers:
            self.says.setText(self.tr("No browser was found on this computer. Use one of the other two ways."))
            return
        titles = ", ".join(browser.title for browser in browsers)
        told = self.tr("Ready: {0}. Now press “Pair with the app on this computer” in the extension's options.")
        self.says.setText(told.format(titles))


class ByCode(QWidget):
    """The app's side of a pairing by code: waits for a browser, shows the code, takes the user's word.

    Signals:
        paired(): a browser was paired.
    """

    paired = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk: Desk | None = None
        self._shown = PairingState()
        self.says = label("", "soft", wrap=True)
        self.begin = QPushButton(self.tr("Pair with a code"))
        self.begin.clicked.connect(self._begin)
        self.begin.setEnabled(False)
        self.code = label()
        font = QFont(self.code.font())
        font.setPointSize(26)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 115)
        font.setWeight(QFont.Weight.DemiBold)
        self.code.setFont(font)
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.differ = QPushButton(self.tr("They differ"))
        self.differ.setAutoDefault(True)
        self.differ.clicked.connect(self._refuse)
        self.same = QPushButton(self.tr("The codes are the same"))
        self.same.setAutoDefault(False)  # Enter must never say this
        self.same.clicked.connect(self._confirm)
        head = QHBoxLayout()
        head.setSpacing(2 * GAP)
        head.addWidget(self.says, 1)
        head.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignTop)
        word = QHBoxLayout()
        word.addStretch(1)
        word.addWidget(self.differ)
        word.addWidget(self.same)
        word.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP)
        rows.addLayout(head)
        rows.addWidget(self.code)
        rows.addLayout(word)
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self.look)
        self._show(PairingState())

    def set_desk(self, desk: Desk | None) -> None:
        """Take the bridge; None while it does not run."""
        self._desk = desk
        self.begin.setEnabled(desk is not None)

    def close_window(self) -> None:
        """Pair nobody any more."""
        self._clock.stop()
        if self._desk is not None and self._desk.pairing().is_open:
            self._desk.close_pairing()

    def look(self) -> None:
        """Show where the pairing stands now."""
        assert self._desk is not None
        self._show(self._desk.pairing())

    def _begin(self) -> None:
        assert self._desk is not None
        self._desk.open_pairing()
        self._clock.start()
        self.look()

    def _confirm(self) -> None:
        assert self._desk is not None
        self._desk.confirm_pairing()
        self.look()

    def _refuse(self) -> None:
        self.close_window()
        self._show(PairingState())
        self.says.setText(
            self.tr(
                "Not paired. Codes that differ mean that another program is in between: "
                "close other programs, then begin again."
            )
        )

    def _show(self, state: PairingState) -> None:
        comparing = state.phase is Phase.COMPARING
        has_code = comparing or state.phase is Phase.CONFIRMED
        self.says.setText(self._sentence(state))
        self.code.setVisible(has_code)
        self.code.setText(f"{state.code[:3]} {state.code[3:]}")
        self.code.setAccessibleName(" ".join(state.code))
        self.differ.setVisible(has_code)
        self.same.setVisible(comparing)
        self.begin.setVisible(not state.is_open)
        if comparing and self._shown.phase is not Phase.COMPARING:
            self.differ.setFocus()
        if not state.is_open:
            self._clock.stop()
        if state.phase is Phase.PAIRED:
            self.paired.emit()
        self._shown = state

    def _sentence(self, state: PairingState) -> str:
        browser = printable(state.browser)
        match state.phase:
            case Phase.WAITING:
                said = self.tr("Now press “Show the code” in the extension's options. {0} s left.")
                return said.format(count(int(state.seconds)))
            case Phase.COMPARING:
                return self.tr("“{0}” wants to be paired. Does it show this code?").format(browser)
            case Phase.CONFIRMED:
                return self.tr("Now say the same in the browser. {0} s left.").format(count(int(state.seconds)))
            case Phase.PAIRED:
                return self.tr("“{0}” is paired.").format(browser)
            case Phase.EXPIRED:
                return self.tr("Two minutes are over and no browser was paired. Begin again when it is ready.")
            case Phase.EXHAUSTED:
                return self.tr("Three browsers tried and none was paired. Begin again.")
            case Phase.FAILED:
                return core_words(state.text)
        return self.tr("The browser and NoiseLens show the same six digits, and you compare them. Works everywhere.")
