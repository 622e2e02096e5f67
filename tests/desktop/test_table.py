"""The long table: order, filter, sort and what stays selected."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from noiselens_core.lines import Line
from noiselens_core.verdict import Band
from noiselens_desktop.models.table import LINE_ROLE, Column, Filter, LineTable
from noiselens_desktop.views.line_view import LineView
from noiselens_desktop.views.thumbnail_store import ThumbnailStore

HEADINGS = ("", "Name", "Verdict", "Generated", "Folder", "Size", "Changed")
BANDS = (Band.LIKELY_REAL, Band.UNCERTAIN, Band.LIKELY_GENERATED, None)


def line(key: int, name: str = "", band: Band | None = Band.UNCERTAIN, probability: float | None = 0.5) -> Line:
    return Line(key, key, name or f"{key}.png", "folder", 1000.0 + key, band, probability, 10 + key, 10, 100)


def names(table: LineTable) -> list[str]:
    return [table.line(row).name for row in range(table.rowCount())]


@pytest.fixture
def table(qtmodeltester: ModelTester) -> LineTable:
    table = LineTable(HEADINGS)
    qtmodeltester.check(table)  # type: ignore[no-untyped-call]
    return table


def test_lines_stand_in_the_order_of_their_keys_however_they_come(table: LineTable) -> None:
    table.add([line(1), line(2)])
    table.add([line(5)])
    table.add([line(3), line(0)])
    assert table.shown_keys() == [0, 1, 2, 3, 5]


def test_newest_first_puts_newcomers_on_top(qtmodeltester: ModelTester) -> None:
    table = LineTable(HEADINGS, newest_first=True)
    qtmodeltester.check(table)  # type: ignore[no-untyped-call]
    table.add([line(1), line(2)])
    table.add([line(4), line(3)])
    assert table.shown_keys() == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Filter(words=("cat",)), ["Cat.png", "tomcat.png"]),
        (Filter(words=("cat", "real")), ["Cat.png"]),
        (Filter(bands=frozenset({None})), ["dog.png"]),
        (Filter(bands=frozenset({Band.LIKELY_GENERATED})), ["tomcat.png"]),
        (Filter(since=1001.0, until=1002.0), ["tomcat.png"]),
        (Filter(), ["Cat.png", "tomcat.png", "dog.png"]),
    ],
)
def test_a_filter_hides_what_does_not_fit_also_of_what_comes_later(
    table: LineTable, wanted: Filter, shown: list[str]
) -> None:
    table.set_filter(wanted)
    table.add([line(0, "Cat.png", Band.LIKELY_REAL), line(1, "tomcat.png", Band.LIKELY_GENERATED)])
    table.add([line(2, "dog.png", None, None)])
    assert names(table) == shown
    assert table.total == 3
    table.set_filter(Filter())
    assert names(table) == ["Cat.png", "tomcat.png", "dog.png"]


@pytest.mark.parametrize(
    ("column", "order", "shown"),
    [
        (Column.NAME, Qt.SortOrder.AscendingOrder, ["a.png", "B.png", "c.png"]),
        (Column.PROBABILITY, Qt.SortOrder.DescendingOrder, ["c.png", "B.png", "a.png"]),
        (Column.SIZE, Qt.SortOrder.DescendingOrder, ["a.png", "B.png", "c.png"]),
        (Column.AT, Qt.SortOrder.AscendingOrder, ["c.png", "B.png", "a.png"]),
        (-1, Qt.SortOrder.AscendingOrder, ["c.png", "B.png", "a.png"]),
    ],
)
def test_a_sorted_table_stays_sorted_and_its_selection_stays_with_its_line(
    table: LineTable, column: int, order: Qt.SortOrder, shown: list[str]
) -> None:
    table.add([line(0, "c.png", probability=0.9), line(2, "a.png", probability=0.1)])
    chosen = QPersistentModelIndex(table.index(1, Column.NAME))
    table.sort(column, order)
    table.add([line(1, "B.png", probability=0.5)])
    assert names(table) == shown
    assert chosen.data(LINE_ROLE).name == "a.png"


def test_removed_lines_come_back_in_their_places(table: LineTable) -> None:
    table.add([line(i) for i in range(6)])
    gone = table.remove([1, 4, 99])
    assert [kept.key for kept in gone] == [1, 4]
    assert table.shown_keys() == [0, 2, 3, 5]
    assert table.remove([3]) == [line(3)]
    table.add([*gone, line(3)])
    assert table.shown_keys() == list(range(6))
    assert len(table.clear()) == 6
    assert (table.rowCount(), table.total) == (0, 0)


def test_counts_are_of_all_lines_and_by_band(table: LineTable) -> None:
    table.add([line(i, band=BANDS[i % 4]) for i in range(6)])
    table.set_filter(Filter(words=("nothing like it",)))
    assert table.counts() == {Band.LIKELY_REAL: 2, Band.UNCERTAIN: 2, Band.LIKELY_GENERATED: 1, None: 1}


def test_a_hostile_name_is_shown_as_escapes(table: LineTable) -> None:
    table.add([Line(0, 0, "a\u202egnp.png\n", str(Path("/x")), 0.0, None, None, 0, 0)])
    assert table.index(0, Column.NAME).data() == "a\\u202egnp.png\\n"


def test_markup_in_a_name_stays_text_in_its_tooltip(table: LineTable) -> None:
    table.add([line(0, '<img src="x.png"> photo.png'), line(1, "plain & simple.png")])
    tips = [table.data(table.index(row, Column.NAME), Qt.ItemDataRole.ToolTipRole) for row in range(2)]
    assert tips == ["<qt>&lt;img src=&quot;x.png&quot;&gt; photo.png</qt>", "plain & simple.png"]


def test_another_order_shows_its_first_rows_or_what_is_selected(qtbot: QtBot) -> None:
    table, thumbnails = LineTable(HEADINGS), ThumbnailStore(lambda _: None)
    view = LineView(table, thumbnails, deletable=False)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    table.add([line(key, probability=key / 100) for key in range(100)])
    view.scrollToBottom()
    view.sortByColumn(Column.PROBABILITY, Qt.SortOrder.DescendingOrder)
    assert view.rowAt(0) == 0
    view.selectRow(2)
    view.sortByColumn(Column.PROBABILITY, Qt.SortOrder.AscendingOrder)
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))
    assert view.currentIndex().row() == 97
    thumbnails.close()
