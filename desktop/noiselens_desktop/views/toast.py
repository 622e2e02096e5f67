"""One sentence that passes, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from .parts import label

SHOWN_MS = 8000
WIDEST = 520  # logical px of text before it wraps


class Toast(QFrame):
    """Floats over the foot of its parent; a newer sentence takes the place of an older one."""

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
        self._timer.timeout.connect(self.hide)
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
        self.text.setFixedWidth(min(WIDEST, self.text.fontMetrics().horizontalAdvance(sentence) + 4))
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setAccessibleName(sentence)
        self.adjustSize()
        self.place()
        self.show()
        self.raise_()
        self._timer.start(SHOWN_MS)

    def act(self) -> bool:
        """Do what the button does; False when nothing is offered."""
        if self.isHidden() or self._then is None:
            return False
        self._act()
        return True

    def place(self) -> None:
        """Stand at the foot of the parent."""
        parent = self.parentWidget()
        assert parent is not None
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 72)

    def _act(self) -> None:
        then, self._then = self._then, None
        self.hide()
        if then is not None:
            then()
