"""Numbers, sizes and times are written as the language of the window does, whatever the machine's own is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

import noiselens_desktop
from noiselens_core.lines import Line
from noiselens_core.verdict import Band
from noiselens_desktop.language import Language
from noiselens_desktop.models import formats
from noiselens_desktop.models.durations import time_left
from noiselens_desktop.models.table import Column, LineTable

DESKTOP = Path(noiselens_desktop.__file__).parent
AT = datetime(2023, 3, 9, 13, 5).astimezone()


@pytest.fixture(params=["en", "de"])
def language(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[str]:
    before = QLocale()
    language = Language(qapp)
    language.choose(request.param)
    yield request.param
    language.close()
    QLocale.setDefault(before)


def told(language: str, english: str, german: str) -> str:
    return {"en": english, "de": german}[language]


def test_numbers_have_the_marks_of_the_language(language: str) -> None:
    assert formats.percent(0.13074) == told(language, "13.07\u00a0%", "13,07\u00a0%")
    assert formats.percent(0.8, 0) == "80\u00a0%"
    assert formats.count(12345) == told(language, "12,345", "12.345")
    assert formats.pixels(4032, 800) == told(language, "4,032 × 800 px", "4.032 × 800 px")
    assert formats.numbers("f/2.8, 1/8,000 s") == told(language, "f/2.8, 1/8,000 s", "f/2,8, 1/8.000 s")
    assert formats.number("a 2.8") == "a 2.8"
    assert time_left(9000).endswith(told(language, "2.5 h left", "2,5 h"))


def test_times_are_those_of_the_language(language: str) -> None:
    assert formats.moment(AT) == told(language, "9 Mar 2023, 1:05\u202fPM", "9. März 2023, 13:05")
    assert formats.short_moment(AT) == told(language, "9 Mar 2023", "9. März 2023")
    now = datetime.now(UTC)
    assert formats.short_moment(now) == formats.hour(now)
    earlier = now.astimezone() - timedelta(days=1)
    assert str(earlier.year) not in formats.short_moment(earlier) or earlier.year != now.astimezone().year
    assert formats.stated_day("2023-03-09T12:00:00+00:00") == told(language, "9 Mar 2023", "9. März 2023")
    assert formats.stated_day("some day") == "some day"


def test_a_long_table_is_written_in_the_language(language: str) -> None:
    table = LineTable([""] * len(Column))
    line = Line(1, 0, "a.png", "/a", AT.timestamp(), Band.UNCERTAIN, 0.5, 4032, 3024, 2_345_678)
    assert table.text(line, Column.PROBABILITY) == told(language, "50.00\u00a0%", "50,00\u00a0%")
    assert table.text(line, Column.SIZE) == told(language, "4032 × 3024 · 2.3 MB", "4032 × 3024 · 2,3 MB")
    assert table.text(line, Column.AT) == told(language, "3/9/23 1:05\u202fPM", "09.03.23 13:05")


def test_no_view_writes_a_number_or_a_time_by_itself() -> None:
    places = [place for folder in ("views", "models") for place in (DESKTOP / folder).glob("*.py")]
    nodes = [(place.name, node) for place in places for node in ast.walk(ast.parse(place.read_text("utf-8")))]
    assert len(nodes) > 10_000
    assert [
        (name, node.lineno) for name, node in nodes if isinstance(node, ast.FormattedValue) and node.format_spec
    ] == []
    called = [(name, node.attr) for name, node in nodes if isinstance(node, ast.Attribute)]
    assert [call for call in called if call[1] in ("strftime", "isoformat")] == []
    taken = [(name, alias.name) for name, node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
             if node.module == "noiselens_core.verdict"]  # fmt: skip
    assert [name for name, what in taken if what == "percent"] == []
