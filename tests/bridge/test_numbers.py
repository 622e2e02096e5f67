"""Every number of the list in README.md stands in the name of a test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_each_number_of_the_list_is_in_the_name_of_a_test() -> None:
    names = [name for file in (ROOT / "tests").rglob("test_*.py") for name in _names(file)]
    in_script = [re.search(r"T(\d+) ", line) for line in _text(ROOT / "extension/tests/client.test.js").splitlines()]
    found = {int(match[1]) for match in map(re.compile(r"test_t(\d+)_").match, names) if match}
    found |= {int(match[1]) for match in in_script if match}
    assert found == set(range(1, 42))


def _names(file: Path) -> list[str]:
    return re.findall(r"def (test_\w+)", _text(file))


def _text(file: Path) -> str:
    return file.read_text("utf-8")
