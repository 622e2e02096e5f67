"""The bar under the image: which overlay, how strong, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSlider, QToolButton, QWidget

from .signs import line_icon
from .theme import GAP, Theme

OVERLAYS = {
    "attention": ("Attention", "Where the detector looked"),
    "noise": ("Noise", "How much noise the detector predicts"),
    "none": ("None", "The image alone"),
}


class ToolBar(QWidget):
    """Overlay and zoom controls.

    Signals:
        overlay_changed(str, float): overlay and opacity in [0, 1].
        zoom_out(), zoom_in(), fit(), actual_size(): a zoom button was pressed.
    """

    overlay_changed = Signal(str, float)
    zoom_out = Signal()
    zoom_in = Signal()
    fit = Signal()
    actual_size = Signal()

    def __init__(self, overlay: str, opacity: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tools")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.segments: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._offered = True
        frame = QFrame()
        frame.setProperty("look", "segments")
        inside = QHBoxLayout(frame)
        inside.setContentsMargins(3, 3, 3, 3)
        inside.setSpacing(2)
        for name, (text, tip) in OVERLAYS.items():
            button = self.segments[name] = QPushButton(text)
            button.setProperty("look", "segment")
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(text) + 30)
            self._group.addButton(button)
            inside.addWidget(button)
        self.segments[overlay].setChecked(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(round(100 * opacity))
        self.slider.setMinimumWidth(80)
        self.slider.setMaximumWidth(150)
        self.slider.setAccessibleName("Strength of the overlay")
        self.slider.setToolTip("Strength of the overlay")
        self._group.buttonToggled.connect(lambda _, on: self._tell() if on else None)
        self.slider.valueChanged.connect(self._tell)

        self._icons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GAP, GAP, 2 * GAP, GAP)
        row.setSpacing(2)
        row.addWidget(frame)
        row.addSpacing(GAP)
        row.addWidget(self.slider, 1)
        row.addStretch(1)
        row.addWidget(self._button("minus", "Zoom out", self.zoom_out))
        self.percent = QPushButton()
        self.percent.setProperty("look", "quiet")
        self.percent.setFixedWidth(72)
        self.percent.setToolTip("Show single pixels (100 %)")
        self.percent.setAccessibleDescription("Shows one image pixel as one screen pixel")
        self.percent.clicked.connect(self.actual_size)
        row.addWidget(self.percent)
        row.addWidget(self._button("plus", "Zoom in", self.zoom_in))
        row.addWidget(self._button("fit", "Fit the whole image", self.fit))
        self.recolour()
        self._enable()

    @property
    def overlay(self) -> str:
        """The chosen overlay."""
        return next(name for name, button in self.segments.items() if button.isChecked())

    @property
    def opacity(self) -> float:
        """The chosen opacity in [0, 1]."""
        return self.slider.value() / 100

    def show_zoom(self, zoom: float) -> None:
        """Show screen pixels per image pixel."""
        self.percent.setText(f"{100 * zoom:.0f} %")

    def offer_overlay(self, offered: bool) -> None:
        """Let an overlay be chosen, or not when there is none to show."""
        for button in self.segments.values():
            button.setEnabled(offered)
        self._offered = offered
        self._enable()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        for name, button in self._icons.items():
            button.setIcon(line_icon(name, Theme.colours.ink))

    def _button(self, icon: str, text: str, signal: SignalInstance) -> QToolButton:
        button = self._icons[icon] = QToolButton()
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(signal)
        return button

    def _tell(self) -> None:
        self._enable()
        self.overlay_changed.emit(self.overlay, self.opacity)

    def _enable(self) -> None:
        self.slider.setEnabled(self._offered and self.overlay != "none")
