"""Colours, sizes and the style sheet, for light and for dark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from noiselens_core.verdict import Band

GAP = 8  # logical px; every distance is a multiple
RADIUS = 10
RING = 2  # logical px around what is read and scrolled while it has the keys
RESOURCES = Path(__file__).parent.parent / "resources"
TICK, TICKED = (RESOURCES / "tick.svg").as_posix(), "#0a6464"  # the tick is white in both schemes
CHEVRON = (RESOURCES / "chevron.svg").as_posix()  # its grey is seen on both grounds


@dataclass(frozen=True)
class Colours:
    """One scheme. Text on its ground has a contrast of at least 4.5:1, marks of at least 3:1."""

    paper: str  # the window
    side: str  # the history beside it
    card: str  # what is raised
    canvas: str  # behind an image
    ink: str
    soft: str  # secondary text
    off: str  # an entry that cannot be chosen now, for which the contrasts do not hold (WCAG 1.4.3)
    line: str
    track: str  # an empty bar
    hover: str
    chosen: str
    accent: str
    on_accent: str
    accent_hover: str
    generated: str
    uncertain: str
    real: str
    refused: str

    def of(self, band: Band | None) -> QColor:
        """Return a band's colour; None is an image that was not judged."""
        names = {
            Band.LIKELY_GENERATED: self.generated,
            Band.UNCERTAIN: self.uncertain,
            Band.LIKELY_REAL: self.real,
            None: self.refused,
        }
        return QColor(names[band])


LIGHT = Colours(
    paper="#f6f5f2", side="#efede8", card="#ffffff", canvas="#e9e6e0", ink="#1c1b19", soft="#5f5b54", off="#a39e95",
    line="#dedbd4", track="#e4e0d9", hover="#e6e3dc", chosen="#dcd8cf", accent="#1c1b19", on_accent="#ffffff",
    accent_hover="#3a3834", generated="#9c3d08", uncertain="#6548a8", real="#0a6464", refused="#5f5b54",
)  # fmt: skip
DARK = Colours(
    paper="#161513", side="#1b1a18", card="#201f1c", canvas="#0f0e0d", ink="#efede8", soft="#a8a39a", off="#6b665e",
    line="#36332f", track="#37342f", hover="#262421", chosen="#322f2b", accent="#efede8", on_accent="#161513",
    accent_hover="#d5d1c8", generated="#f49a5b", uncertain="#b8a2f0", real="#5cc6c0", refused="#a8a39a",
)  # fmt: skip


class Theme:
    """The scheme in force; widgets that paint themselves ask it at every painting."""

    colours = LIGHT


def choose_colours(app: QApplication, choice: str) -> None:
    """Put a scheme in force; choice is "system", "light" or "dark"."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark if choice == "system" else choice == "dark"
    Theme.colours = DARK if dark else LIGHT
    app.setPalette(_palette(Theme.colours))


def apply_theme(app: QApplication, choice: str) -> None:
    """Dress the app; choice is "system", "light" or "dark"."""
    choose_colours(app, choice)
    app.setStyleSheet(_style_sheet(Theme.colours))


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, c.paper),
        (roles.Base, c.card),
        (roles.AlternateBase, c.side),
        (roles.Button, c.card),
        (roles.WindowText, c.ink),
        (roles.Text, c.ink),
        (roles.ButtonText, c.ink),
        (roles.PlaceholderText, c.soft),
        (roles.ToolTipBase, c.card),
        (roles.ToolTipText, c.ink),
        (roles.Highlight, c.accent),
        (roles.HighlightedText, c.on_accent),
        (roles.Accent, c.accent),
        (roles.Link, c.real),
    ):
        palette.setColor(role, QColor(colour))
    palette.setColor(QPalette.ColorGroup.Disabled, roles.ButtonText, QColor(c.soft))
    return palette


def _style_sheet(c: Colours) -> str:
    return f"""
QMainWindow, QDialog {{ background: {c.paper}; }}
QWidget#rail {{ background: {c.side}; border-right: 1px solid {c.line}; }}
QMenuBar {{ background: {c.side}; color: {c.ink}; border-bottom: 1px solid {c.line}; padding: 2px 8px; }}
QMenuBar::item {{ background: transparent; padding: 4px 10px; border-radius: 6px; }}
QMenuBar::item:selected {{ background: {c.hover}; }}
QWidget#side {{ background: {c.side}; border-right: 1px solid {c.line}; }}
QWidget#panel {{ background: {c.paper}; border-left: 1px solid {c.line}; }}
QWidget#answers {{ background: {c.paper}; border-top: 1px solid {c.line}; }}
QPushButton[look="answer"] {{ padding: 7px 4px; }}
QPushButton[look="answer"]:focus {{ padding: 6px 3px; }}
QPushButton[look="answer"]:checked {{ color: {c.on_accent}; background: {c.accent}; border-color: {c.accent}; }}
QPushButton[look="answer"]:checked:hover {{ background: {c.accent_hover}; }}
QWidget#tools {{ background: {c.paper}; border-top: 1px solid {c.line}; }}
QScrollArea, QScrollArea > QWidget > QWidget#content {{ background: transparent; border: none; }}
QScrollArea[look="reader"] {{ border: {RING}px solid transparent; border-radius: 8px; }}
QScrollArea[look="reader"]:focus {{ border-color: {c.real}; }}
QLabel {{ color: {c.ink}; background: transparent; }}
QLabel[look="brand"] {{ font-size: 12pt; font-weight: 600; }}
QLabel[look="title"] {{ font-size: 16pt; font-weight: 600; }}
QLabel[look="band"] {{ font-size: 17pt; font-weight: 600; }}
QLabel[look="figure"] {{ font-size: 15pt; font-weight: 600; }}
QLabel[look="head"] {{ font-weight: 600; }}
QLabel[look="soft"] {{ color: {c.soft}; }}
QLabel[look="small"] {{ color: {c.soft}; font-size: 8.5pt; }}
QFrame[look="card"] {{ background: {c.card}; border: 1px solid {c.line}; border-radius: {RADIUS}px; }}
QFrame[look="rule"] {{ background: {c.line}; max-height: 1px; border: none; }}
QFrame#toast {{ background: {c.accent}; border-radius: {RADIUS}px; }}
QFrame#toast QLabel {{ color: {c.on_accent}; }}
QFrame#toast QPushButton {{ color: {c.on_accent}; background: transparent; border: none; font-weight: 600;
    text-decoration: underline; padding: 4px 8px; }}
QFrame#toast QPushButton:focus {{ border: 1px solid {c.on_accent}; border-radius: 6px; }}
QPushButton {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line}; border-radius: 8px;
    padding: 7px 14px; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {c.chosen}; }}
QPushButton:focus {{ border: 2px solid {c.real}; padding: 6px 13px; }}
QPushButton:disabled {{ color: {c.soft}; }}
QPushButton[look="primary"] {{ color: {c.on_accent}; background: {c.accent}; border: 1px solid {c.accent};
    font-weight: 600; }}
QPushButton[look="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[look="primary"]:disabled {{ color: {c.soft}; background: {c.track}; border: 1px solid {c.line}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {c.real}; }}
QPushButton[look="quiet"], QToolButton {{ color: {c.ink}; background: transparent; border: 1px solid transparent;
    border-radius: 8px; padding: 6px 10px; }}
QToolButton {{ padding: 6px 8px; }}
QPushButton[look="quiet"]:hover, QToolButton:hover {{ background: {c.hover}; }}
QPushButton[look="quiet"]:focus, QToolButton:focus {{ border: 1px solid {c.real}; }}
QToolButton:checked {{ background: {c.chosen}; border: 1px solid {c.line}; }}
QToolButton[look="page"] {{ color: {c.soft}; padding: 8px 2px 7px 2px; font-size: 8.5pt; }}
QToolButton[look="page"]:checked {{ color: {c.ink}; background: {c.chosen}; font-weight: 600; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton[look="segment"] {{ background: transparent; border: 1px solid transparent; border-radius: 7px;
    padding: 5px 12px; color: {c.soft}; }}
QPushButton[look="segment"]:hover {{ color: {c.ink}; }}
QPushButton[look="segment"]:checked {{ background: {c.card}; color: {c.ink}; border: 1px solid {c.line}; }}
QPushButton[look="segment"]:disabled {{ color: {c.soft}; background: transparent; border: none; }}
QPushButton[look="segment"]:focus {{ border: 1px solid {c.real}; }}
QFrame[look="segments"] {{ background: {c.track}; border-radius: 9px; }}
QLineEdit {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line}; border-radius: 8px;
    padding: 7px 10px 7px 4px; selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
QLineEdit[look="plain"] {{ padding-left: 10px; }}
QLineEdit:focus {{ border: 1px solid {c.real}; }}
QProgressBar {{ background: {c.track}; border: none; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {c.soft}; border-radius: 2px; }}
QProgressBar[look="large"] {{ border-radius: 4px; max-height: 8px; min-height: 8px; }}
QProgressBar[look="large"]::chunk {{ background: {c.real}; border-radius: 4px; }}
QComboBox {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line}; border-radius: 8px; padding: 6px 12px;
    combobox-popup: 0; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox::down-arrow {{ image: url({CHEVRON}); width: 12px; height: 12px; }}
QCheckBox, QRadioButton {{ color: {c.ink}; spacing: 8px; padding: 2px; border: 1px solid transparent;
    border-radius: 6px; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 16px; height: 16px; background: {c.paper};
    border: 1px solid {c.soft}; border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator:checked {{ background: {TICKED}; border: 1px solid {TICKED}; image: url({TICK}); }}
QRadioButton::indicator:checked {{ background: {c.card}; border: 5px solid {c.real}; width: 8px; height: 8px; }}
QRadioButton::indicator:disabled, QCheckBox::indicator:disabled {{ border: 1px solid {c.line}; }}
QCheckBox:focus, QRadioButton:focus {{ border: 1px solid {c.real}; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.soft}; }}
QTabBar::tab {{ color: {c.soft}; background: transparent; padding: 7px 14px; border: none;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {c.ink}; border-bottom: 2px solid {c.ink}; }}
QTextBrowser {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
    padding: 8px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QLabel#qt_msgbox_informativelabel {{ min-width: 300px; }}
QLabel[look="trouble"] {{ color: {c.generated}; }}
QComboBox:focus {{ border: 1px solid {c.real}; }}
QComboBox QAbstractItemView {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line};
    selection-background-color: {c.chosen}; selection-color: {c.ink}; outline: none; padding: 4px; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; }}
QComboBoxPrivateContainer {{ border: none; }}
QTableView {{ background: {c.card}; color: {c.ink}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
    outline: none; selection-background-color: {c.chosen}; selection-color: {c.ink}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {c.soft}; border: none; border-bottom: 1px solid {c.line};
    padding: 8px; font-size: 8.5pt; font-weight: 600; }}
QHeaderView::section:hover {{ color: {c.ink}; }}
QTableCornerButton::section {{ background: {c.card}; border: none; }}
QListView {{ background: transparent; border: none; outline: none; }}
QSlider {{ min-height: 22px; background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {c.track}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {c.soft}; }}
QSlider::sub-page:horizontal:disabled {{ background: {c.track}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: {c.card};
    border: 1px solid {c.soft}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {c.real}; }}
QSlider::handle:horizontal:disabled {{ border: 1px solid {c.line}; background: {c.paper}; }}
QScrollBar:vertical {{ width: 10px; background: transparent; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {c.line}; border-radius: 3px; min-height: 32px; }}
QScrollBar::handle:vertical:hover {{ background: {c.soft}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: transparent; height: 0; width: 0; }}
QScrollBar:horizontal {{ height: 0; }}
QSplitter::handle {{ background: transparent; }}
QMenu {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line}; padding: 6px; }}
QMenu::item {{ padding: 6px 28px 6px 14px; border-radius: 6px; }}
QMenu::item:selected {{ background: {c.hover}; }}
QMenu::item:disabled {{ color: {c.off}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 6px 8px; }}
QToolTip {{ color: {c.ink}; background: {c.card}; border: 1px solid {c.line}; padding: 4px 6px; }}
"""
