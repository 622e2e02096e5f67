"""The bar above a long table, with counts of many digits."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from noiselens_core.verdict import Band
from noiselens_desktop.views.filter_bar import FilterBar

from .conftest import TIMEOUT_MS


@pytest.mark.parametrize("extra", [0, 400])
def test_large_counts_are_never_cut_off(qtbot: QtBot, extra: int) -> None:
    bar = FilterBar("Search", refused=True)
    qtbot.addWidget(bar)
    bar.show_counts(dict.fromkeys((*Band, None), 0))
    bar.resize(bar.sizeHint().width() + extra, 40)
    bar.show()
    bar.show_counts(dict.fromkeys((*Band, None), 1_234_567))
    qtbot.waitUntil(
        lambda: all(button.width() >= button.minimumSizeHint().width() for button in bar.bands.values()),
        timeout=TIMEOUT_MS,
    )
    assert (bar.bands[None].mapTo(bar, bar.bands[None].rect().bottomRight())).x() < bar.width()
