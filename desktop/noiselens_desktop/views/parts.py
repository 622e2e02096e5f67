"""Small pieces the views are built of."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ..models.words import as_tip
from .placement import room_on
from .theme import GAP


def label(text: str = "", look: str = "", *, wrap: bool = False) -> QLabel:
    """Return a label of plain text: names and sentences come from outside and are never read as markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("look", look)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def segments(buttons: Iterable[QPushButton], group: QButtonGroup) -> QFrame:
    """Return a frame of buttons side by side, of which a group lets one be down."""
    frame = QFrame()
    frame.setProperty("look", "segments")
    inside = QHBoxLayout(frame)
    inside.setContentsMargins(3, 3, 3, 3)
    inside.setSpacing(2)
    for button in buttons:
        button.setProperty("look", "segment")
        button.setCheckable(True)
        group.addButton(button)
        inside.addWidget(button)
    return frame


def rule() -> QFrame:
    """Return a thin line between two parts."""
    made = QFrame()
    made.setProperty("look", "rule")
    made.setFixedHeight(1)
    return made


def scrolled(content: QWidget) -> QScrollArea:
    """Return an area that scrolls its content up and down only; the keys go to what is in it."""
    content.setMinimumHeight(1)  # as high as it is at its width, not as high as its texts would be at their narrowest
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


class Sheet(QScrollArea):
    """What a dialog holds: as high as it is, or as the screen lets it be, and then scrolled.

    foot: what stands under it and is always seen.
    """

    def __init__(self, content: QWidget, foot: QLayout) -> None:
        super().__init__()
        self._content, self._foot = content, foot
        content.setObjectName("content")
        content.setMinimumHeight(1)  # as in `scrolled`
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        """Return the size of all of it, bounded by the screen."""
        content, width = self._content, self.viewport().width()
        least = content.minimumSizeHint()
        height = content.heightForWidth(width) if content.hasHeightForWidth() else content.sizeHint().height()
        return QSize(least.width(), min(height, room_on(self.screen()).height() - self._foot.sizeHint().height()))

    def sizeHint(self) -> QSize:
        """Return the same: a dialog is no larger than it must be."""
        return self.minimumSizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with the content."""
        if watched is self._content and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Choice(QComboBox):
    """One of a few on a page that scrolls: the wheel turns the page, and never chooses by the way."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it to the page."""
        event.ignore()


class Wrapping(QWidget):
    """Parts side by side, the first taking what room there is; below one another where there is too little."""

    def __init__(self, *parts: QWidget, spacing: int = GAP) -> None:
        super().__init__()
        self._parts = parts
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(spacing)
        for part in parts:
            self._box.addWidget(part, 1 if part is parts[0] else 0)

    def minimumSizeHint(self) -> QSize:
        """Return the width of the widest part, and the height of how they stand now."""
        return QSize(max(_least(part) for part in self._parts), self._box.minimumSize().height())

    def sizeHint(self) -> QSize:
        """Return the width of the parts side by side."""
        return QSize(sum(map(_least, self._parts)) + self._box.spacing() * (len(self._parts) - 1),
                     self._box.sizeHint().height())  # fmt: skip

    def event(self, event: QEvent) -> bool:
        """Stand anew when a part needs more or less room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._stand()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand as there is room."""
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        wanted = across if self.width() >= self.sizeHint().width() else down
        if wanted != self._box.direction():
            self._box.setDirection(wanted)
            self.updateGeometry()


def _least(part: QWidget) -> int:
    return max(part.minimumSizeHint().width(), part.minimumWidth())


class Stack(QStackedWidget):
    """Shows one of its pages, and needs no more room than that one."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """Return that of the page shown."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()


def stack(*pages: QWidget) -> QStackedWidget:
    """Return a stack that shows one of its pages, the first at the start."""
    made = Stack()
    for page in pages:
        made.addWidget(page)
    return made


def tab_before(anchor: QWidget, late: Iterable[QWidget]) -> None:
    """Let Tab reach what was made late in its order and just before another; by itself it would come last."""
    before = anchor.previousInFocusChain()
    while before is not None and not before.focusPolicy() & Qt.FocusPolicy.TabFocus:
        before = before.previousInFocusChain()
    for widget in late:
        QWidget.setTabOrder(before or anchor, widget)
        before = widget


def page_rows(page: QWidget, *rows: QWidget) -> None:
    """Lay a page out: rows below one another, the last taking what room there is."""
    layout = QVBoxLayout(page)
    layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
    layout.setSpacing(12)
    for row in rows:
        layout.addWidget(row)
    layout.setStretchFactor(rows[-1], 1)


def show_of(parts: Mapping[QWidget, bool]) -> None:
    """Show some parts and hide the others, these first: all of them at once might stretch the window for good."""
    for part in sorted(parts, key=lambda part: parts[part]):
        part.setVisible(parts[part])


def clear_layout(layout: QLayout) -> None:
    """Take every widget out of a layout and end it."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()


class ElidedLabel(QLabel):
    """A label whose text is shortened in its middle when it has no room; whole in its tool tip."""

    def __init__(self, look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", look)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setToolTip(as_tip(text))
        self.setAccessibleName(text)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        """Return that any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten anew."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(0, self.width())))


class Painted(QWidget):
    """A widget of a fixed height that paints itself in `paint`."""

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint with smooth edges."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter)

    def paint(self, painter: QPainter) -> None:
        """Paint the whole widget."""
        raise NotImplementedError
