"""The toast: what it offers to undo outlives it, and what it offers to show is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Room

pytestmark = pytest.mark.usefixtures("home")


def test_what_can_be_undone_outlives_the_toast_and_what_is_said_after_it(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    undo = window.menus.actions["Undo"].trigger
    shown: list[str] = []
    window.open_files([cat, rocket])
    room.answered(window, 2)
    window.check.delete(0)
    window.toast.say("From your browser: “a.png”, uncertain.", "Show", lambda: shown.append("a.png"))
    undo()
    assert window.check.model.rowCount() == 2
    assert window.toast.isVisible()  # what it says has nothing to do with that
    undo()
    assert shown == []
    window.check.delete(0)
    window.toast._timer.timeout.emit()
    assert not window.toast.isVisible()
    undo()
    assert window.check.model.rowCount() == 2
    undo()
    assert window.check.model.rowCount() == 2
