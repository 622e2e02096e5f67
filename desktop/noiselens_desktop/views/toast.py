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
        self._then: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    def say(self, sentence: str, action: str = "", then: Callable[[], None] | None = None) -> None:
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
        self._then = None  # it may hold what nobody is to have any more
        self.hide()
        self.went.emit()

    def _act(self) -> None:
        then, self._then = self._then, None
        self._go()
        if then is not None:
            then()
