"""One sentence that passes, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from .parts import label
from .theme import GAP

SHOWN_MS = 8000
WIDEST = 520  # logical px of text before it wraps
AROUND = 18 + 12 + 12  # logical px left and right of the text, and between it and the button


class Toast(QFrame):
    """A strip at the foot of the page, for which its parent makes room; a newer sentence takes an older one's place.

    What can be undone outlives its sentence, until something else can be.

    Signals:
        came(), went(): it is shown, perhaps anew and of another size, or no longer.
    """

    came = Signal()
    went = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.text: QLabel = label(wrap=True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        self._then: Callable[[], object] | None = None
        self._undo: Callable[[], None] | None = None
        self._lasting = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    def say(self, sentence: str, action: str = "", then: Callable[[], object] | None = None) -> None:
        """Show a sentence, and a button that calls `then`."""
        self._then = then
        self.text.setText(sentence)
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setAccessibleName(sentence)
        self.show()
        self.raise_()
        self.came.emit()
        self._timer.start(SHOWN_MS)

    def offer_undo(self, sentence: str, undo: Callable[[], None], *, lasting: bool = True) -> None:
        """Show what was done, and a button that undoes it; `undo` does so too until something else can be undone.

        lasting: False for what cannot or must not be undone once the toast has gone.
        """
        self._undo, self._lasting = undo, lasting
        self.say(sentence, self.tr("Undo"), self.undo)

    def undo(self) -> bool:
        """Undo what was done last; False when nothing can be undone."""
        undo, self._undo = self._undo, None
        if undo is None:
            return False
        if self._then == self.undo:
            self._go()
        undo()
        return True

    def withdraw_undo(self) -> None:
        """Offer no undo any more: what it was for did not happen."""
        self._undo = None
        if self._then == self.undo:
            self._go()

    def act(self) -> bool:
        """Do what the button does; False when nothing is offered."""
        if self.isHidden() or self._then is None:
            return False
        self._act()
        return True

    def stand_in(self, place: QRect) -> None:
        """Stand at the foot of a part of the parent, no wider than that."""
        around = AROUND + (self.button.sizeHint().width() if self.button.text() else 0)
        wanted = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 4
        self.text.setFixedWidth(max(0, min(WIDEST, wanted, place.width() - around - 2 * GAP)))
        self.adjustSize()
        self.move(place.center().x() - self.width() // 2, place.bottom() - GAP - self.height())

    def _go(self) -> None:
        self._then = None  # this and the next may hold what nobody is to have any more
        if not self._lasting:
            self._undo = None
        self.hide()
        self.went.emit()

    def _act(self) -> None:
        then = self._then
        if then != self.undo:  # which ends the toast by itself
            self._go()
        if then is not None:
            then()
