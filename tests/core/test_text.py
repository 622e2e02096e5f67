"""Text from outside, made harmless."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noiselens_core.text import cell_text, path_text, printable, valid_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name (1).png", "plain name (1).png"),
        ("猫 é عکس.png", "猫 é عکس.png"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\r\t", "a\\nb\\r\\t"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b", "\\x9b"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_acts_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_text_becomes_one_line_that_every_encoder_takes(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert printable(shown) == shown


@given(st.text(st.characters(codec=None, categories=None)))
def test_valid_text_survives_json(text: str) -> None:
    assert json.loads(json.dumps(valid_text(text)).encode("utf-8")) == valid_text(text)


def test_paths_keep_what_is_valid() -> None:
    assert path_text(Path("a\n\udcff.png")) == "a\n\\udcff.png"
    assert cell_text(Path("+1.png")) == "./+1.png"
    assert cell_text(Path("x/=1.png")) == str(Path("x/=1.png"))
