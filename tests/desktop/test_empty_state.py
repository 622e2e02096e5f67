"""What stands where there is nothing yet."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from noiselens_desktop.views.empty_state import EmptyState

pytestmark = pytest.mark.usefixtures("home")


def test_a_long_sentence_is_shown_to_its_end(qtbot: QtBot) -> None:
    state = EmptyState("batch", "Nothing yet", "Choose a folder or drop one here. " * 6, "Choose")
    qtbot.addWidget(state)
    state.resize(800, 600)
    state.show()
    qtbot.waitExposed(state)
    (told,) = (found for found in state.findChildren(QLabel) if found.wordWrap())
    assert told.height() >= told.heightForWidth(told.width())
    state.close()
