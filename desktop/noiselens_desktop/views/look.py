"""The widgets' style: Qt's Fusion, with our own icons where its own are not seen on a dark ground."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

from .signs import line_icon
from .theme import Theme

Standard = QStyle.StandardPixmap
ICONS = {
    Standard.SP_ArrowBack: "back",
    Standard.SP_ArrowLeft: "back",
    Standard.SP_ArrowForward: "forward",
    Standard.SP_ArrowRight: "forward",
    Standard.SP_FileDialogToParent: "up",
}


class Look(QProxyStyle):
    """The style of the app."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def standardIcon(
        self, icon: QStyle.StandardPixmap, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> QIcon:
        """Return our icon where we have one."""
        if icon in ICONS:
            return line_icon(ICONS[icon], Theme.colours.ink)
        return super().standardIcon(icon, option, widget)
