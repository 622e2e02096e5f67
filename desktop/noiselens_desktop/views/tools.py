"""The bar under the image: which overlay, how strong, and the zoom."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSlider, QToolButton, QWidget

from ..models.formats import percent
from .image_view import LARGEST_ZOOM
from .parts import Wrapping, segments
from .signs import line_icon
from .theme import GAP, Theme

SPACING = 2  # logical px between two controls
SLIDER = 48  # logical px, the shortest


class ToolBar(QWidget):
    """Overlay, grid, comparison and zoom controls.

    Signals:
        overlay_changed(str, float): overlay and opacity in [0, 1].
        grid_toggled(bool): every place's score is wanted, or only those pointed at.
        compare_toggled(bool): two images side by side are wanted, or one.
        zoom_out(), zoom_in(), fit(), actual_size(): a zoom button was pressed.
    """

    overlay_changed = Signal(str, float)
    grid_toggled = Signal(bool)
    compare_toggled = Signal(bool)
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
        overlays = {
            "attention": (self.tr("Attention"), self.tr("Where the detector looked")),
            "noise": (self.tr("Noise"), self.tr("How much noise the detector predicts")),
            "none": (self.tr("None"), self.tr("The image alone")),
        }
        for name, (text, tip) in overlays.items():
            button = self.segments[name] = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance(text) + 30)
        choice = segments(self.segments.values(), self._group)
        self.segments[overlay].setChecked(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setValue(round(100 * opacity))
        self.slider.setMinimumWidth(SLIDER)
        self.slider.setMaximumWidth(150)
        self.slider.setAccessibleName(self.tr("Strength of the overlay"))
        self.slider.setToolTip(self.tr("Strength of the overlay"))
        self._group.buttonToggled.connect(lambda _, on: self._tell() if on else None)
        self.slider.valueChanged.connect(self._tell)

        self._icons: dict[str, QToolButton] = {}
        self.grid = self._toggle("grid", self.tr("Score of every place looked at"), self.grid_toggled)
        self.compare = self._toggle("compare", self.tr("Compare with another image"), self.compare_toggled)
        self.percent = QPushButton()
        self.percent.setProperty("look", "quiet")
        self.percent.setToolTip(self.tr("Show single pixels (100 %)"))
        self.percent.setAccessibleDescription(self.tr("Shows one image pixel as one screen pixel"))
        self.percent.clicked.connect(self.actual_size)
        left = _row(choice, self.slider, spacing=GAP)
        right = _row(
            self.grid,
            self.compare,
            self._button("minus", self.tr("Zoom out"), self.zoom_out),
            self.percent,
            self._button("plus", self.tr("Zoom in"), self.zoom_in),
            self._button("fit", self.tr("Fit the whole image"), self.fit),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(12, GAP, 12, GAP)
        row.addWidget(Wrapping(left, right))
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

    def showEvent(self, event: QShowEvent) -> None:
        """Give the zoom the width of its longest text; the font comes from the style sheet, which is in force now."""
        super().showEvent(event)
        shown = self.percent.text()
        self.percent.ensurePolished()
        self.percent.setText(percent(LARGEST_ZOOM, 0))
        self.percent.setFixedWidth(self.percent.sizeHint().width())
        self.percent.setText(shown)

    def show_zoom(self, zoom: float) -> None:
        """Show screen pixels per image pixel; 0 is no image."""
        self.percent.setText(percent(zoom, 0) if zoom else "")
        self.percent.setAccessibleName(self.tr("Zoom {0}").format(self.percent.text()))

    def choose_overlay(self, name: str) -> None:
        """Choose an overlay, as a press of its button does."""
        if self._offered:
            self.segments[name].setChecked(True)

    def change_opacity(self, by: int) -> None:
        """Make the overlay stronger or weaker; by: percent."""
        if self.slider.isEnabled():
            self.slider.setValue(self.slider.value() + by)

    def offer_overlay(self, offered: bool) -> None:
        """Let an overlay be chosen, or not when there is none to show."""
        for button in self.segments.values():
            button.setEnabled(offered)
        self._offered = offered
        self.grid.setEnabled(offered)
        self._enable()

    def offer_compare(self, offered: bool) -> None:
        """Let two images be compared, or not while the one shown has no verdict."""
        self.compare.setEnabled(offered)

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

    def _toggle(self, icon: str, text: str, signal: SignalInstance) -> QToolButton:
        button = self._icons[icon] = QToolButton()
        button.setCheckable(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.toggled.connect(signal)
        return button

    def _tell(self) -> None:
        self._enable()
        self.overlay_changed.emit(self.overlay, self.opacity)

    def _enable(self) -> None:
        self.slider.setEnabled(self._offered and self.overlay != "none")


def _row(*widgets: QWidget, spacing: int = SPACING) -> QWidget:
    """Return controls side by side at the left."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return made
