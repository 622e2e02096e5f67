"""Two images side by side; zoom and pan of one move the other along."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from ..models.formats import percent
from ..models.history import Item
from ..work.pictures import Pictures
from .gauges import Sign
from .image_view import ImageView
from .parts import ElidedLabel, label
from .theme import GAP


class Pane(QWidget):
    """One of the two: its name and verdict over the image.

    empty: what stands there while there is no image.

    Attributes:
        image: the view.
        item: what is shown.
    """

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self.item: Item | None = None
        self.image = ImageView()
        self.image.setAccessibleName(name)
        self._name, self._sign, self._score = ElidedLabel("head"), Sign(18), ElidedLabel("soft")
        self._empty: QLabel = label(empty, "soft", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._head = QWidget()
        verdict = QHBoxLayout()
        verdict.setSpacing(6)
        verdict.addWidget(self._sign)
        verdict.addWidget(self._score, 1)
        head = QVBoxLayout(self._head)
        head.setContentsMargins(GAP, 10, GAP, 10)
        head.setSpacing(4)
        head.addWidget(self._name)
        head.addLayout(verdict)
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._head)
        rows.addWidget(self.image, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(whole)

    def show_item(self, item: Item | None, pictures: Pictures | None) -> None:
        """Show an item; its pictures may come later, by another call."""
        self._stack.setCurrentIndex(0 if item is None else 1)
        self.image.show_pictures(pictures)
        self.image.show_crops(item.verdict.crops if item is not None and item.verdict is not None else ())
        self.show_words(item)

    def show_words(self, item: Item | None) -> None:
        """Show what is said of the image; its pictures stay."""
        self.item = item
        if item is not None:
            self._name.show_text(item.name)
            self._sign.show_band(item.verdict.band if item.verdict else None)
            told = f"{item.words} · {percent(item.verdict.probability)}" if item.verdict else item.words
            self._score.show_text(told)


class CompareView(QWidget):
    """Two panes: one that stays, and one that follows the choice in the list.

    Signals:
        zoomed(float): screen pixels per image pixel of the second image.
        closed(): the user has seen enough.
    """

    zoomed = Signal(float)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = Pane(self.tr("First image"), "")
        self.second = Pane(self.tr("Second image"), self.tr("Choose the other image in the list."))
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(1)
        for pane, other in ((self.first, self.second), (self.second, self.first)):
            columns.addWidget(pane, 1)
            pane.image.moved.connect(lambda pane=pane, other=other: other.image.follow(pane.image))
        self.second.image.zoomed.connect(self.zoomed)

    @property
    def active(self) -> ImageView:
        """The view the zoom buttons are for."""
        return self.first.image if self.second.image.pictures is None else self.second.image

    def set_overlay(self, overlay: str, opacity: float) -> None:
        """Lay an overlay over both."""
        for pane in (self.first, self.second):
            pane.image.set_overlay(overlay, opacity)

    def set_grid(self, every: bool) -> None:
        """Show every place's score on both, or only those pointed at."""
        for pane in (self.first, self.second):
            pane.image.set_grid(every)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
