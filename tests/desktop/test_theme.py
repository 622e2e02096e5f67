"""Both schemes can be read."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from noiselens_core.verdict import Band
from noiselens_desktop.views.theme import DARK, LIGHT, Colours, Theme, apply_theme

TEXT, MARK = 4.5, 3.0  # contrast, WCAG 2.2, 1.4.3 and 1.4.11


def luminance(colour: str) -> float:
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_signs_stand_out_from_every_ground(scheme: Colours) -> None:
    grounds = (scheme.paper, scheme.side, scheme.card, scheme.canvas, scheme.hover, scheme.chosen)
    for ground in grounds:
        assert contrast(scheme.ink, ground) >= 7
        assert contrast(scheme.soft, ground) >= TEXT
    bands = [scheme.of(band).name() for band in (*Band, None)]
    for colour in bands:
        for ground in (scheme.paper, scheme.side, scheme.hover, scheme.chosen):
            assert contrast(colour, ground) >= TEXT
    assert contrast(scheme.on_accent, scheme.accent) >= TEXT
    assert contrast(scheme.real, scheme.card) >= MARK  # the ring of the focus


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_no_two_bands_share_a_colour(scheme: Colours) -> None:
    assert len({scheme.of(band).name() for band in (*Band, None)}) == 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_entry_that_cannot_be_chosen_looks_like_it(qapp: QApplication, qtbot: QtBot, theme: str) -> None:
    apply_theme(qapp, theme)
    menu = QMenu()
    qtbot.addWidget(menu)
    strongest = {}
    for enabled in (True, False):
        menu.clear()
        menu.addAction("Cancel").setEnabled(enabled)
        menu.resize(menu.sizeHint())
        picture = menu.grab().toImage()
        card = QColor(Theme.colours.card).lightness()
        strongest[enabled] = max(
            abs(picture.pixelColor(x, y).lightness() - card)
            for x in range(8, picture.width() - 8)
            for y in range(8, picture.height() - 8)
        )
    assert strongest[False] < 0.7 * strongest[True]
