"""A library that cannot be written: verdicts are whole all the same, and nothing vanishes that is still there."""

from __future__ import annotations

from pathlib import Path

import pytest

from noiselens_core.images import Origin
from noiselens_desktop.models.history import State
from noiselens_desktop.models.session import Session
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.work.analyse import AnalyseRequest

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")


def let(session: Session, *forbidden: str) -> None:
    """Let the library refuse these statements, and no others."""
    with session._library.writing() as connection:
        for statement in ("INSERT", "UPDATE"):
            connection.execute(f"DROP TRIGGER IF EXISTS full_{statement}")
        for statement in forbidden:
            connection.execute(
                f"CREATE TRIGGER full_{statement} BEFORE {statement} ON history"
                " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )


@pytest.fixture
def window(room: Room) -> MainWindow:
    return room.open()


def test_a_verdict_that_cannot_be_kept_is_whole_and_given_again_and_that_is_said_once(
    room: Room, window: MainWindow, cat: Path, rocket: Path, tmp_path: Path
) -> None:
    let(room.session, "INSERT")
    told: list[str] = []
    room.session.troubled.connect(told.append)
    window.open_files([cat, rocket])
    room.pictured(window)
    room.answered(window, 2)
    assert len(told) == 1
    assert told[0].startswith("Verdicts cannot be kept: The library ")
    assert told[0].endswith("Check that the disk is not full and that you may write there.")
    assert not window.check.panel.kept.isVisible()
    assert window.check.doing.actions["export"].isEnabled()
    with room.bot.waitSignal(room.session.exported, timeout=TIMEOUT_MS):
        window.check.doing.export_to(tmp_path / "report.html")

    window.check.history.choose(1)
    room.pictured(window)
    window.check.doing.actions["again"].trigger()
    room.answered(window, 3)
    assert {window.check.model.item(row).state for row in range(3)} == {State.JUDGED}
    assert window.check.model.item(0).name == "rocket.jpg"

    let(room.session)
    window.check.doing.actions["again"].trigger()
    room.answered(window, 4)
    let(room.session, "INSERT")
    window.check.doing.actions["again"].trigger()
    room.answered(window, 5)
    assert len(told) == 2


def test_what_a_browser_sent_is_shown_though_it_cannot_be_kept(room: Room, window: MainWindow, cat: Path) -> None:
    let(room.session, "INSERT")
    request = AnalyseRequest(cat.read_bytes(), None, "sent.png", Origin.BRIDGE, "https://example.org/")
    room.session.receive(room.analyser.submit(request).result(TIMEOUT_MS / 1000))
    room.pictured(window)
    window.check.doing.actions["again"].trigger()
    room.answered(window, 2)
    assert [window.check.model.item(row).name for row in range(2)] == ["sent.png", "sent.png"]


def test_what_could_not_be_deleted_comes_back_and_no_undo_is_offered_for_it(
    room: Room, window: MainWindow, cat: Path, rocket: Path
) -> None:
    window.open_files([cat, rocket])
    room.answered(window, 2)
    window.show_page("history")
    room.bot.waitUntil(lambda: window.history.table.total == 2, timeout=TIMEOUT_MS)
    let(room.session, "UPDATE")
    for clear in (False, True):
        if clear:
            window.history.clear()
        else:
            window.check.delete(0)
        assert window.check.model.rowCount() < 2
        room.bot.waitUntil(lambda: window.check.model.rowCount() == 2, timeout=TIMEOUT_MS)
        room.bot.waitUntil(lambda: window.history.table.total == 2, timeout=TIMEOUT_MS)
        assert "cannot be used" in window.toast.text.text()
        assert not window.toast.undo()
        assert window.check.model.rowCount() == 2
