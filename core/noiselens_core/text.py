"""Names that came from outside, made safe to show: no control character, escape sequence or lone surrogate is left."""

from __future__ import annotations

import unicodedata
from pathlib import Path

# Control, format (bidi overrides, zero widths), surrogate, unassigned, and the two separators that break lines.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
JOINERS = frozenset("\u200c\u200d")  # format characters that Persian, Hindi and emoji need to read right
FORMULA_STARTS = ("=", "+", "-", "@")


def printable(text: str) -> str:
    r"""Return the text with what would act instead of being read written as escapes: \x1b, \n, \u202e."""
    if text.isascii() and text.isprintable():  # nearly every text, in a hundredth of the time
        return text
    return "".join(_escape(c) if _acts(c) else c for c in text)


def path_text(path: Path) -> str:
    r"""Return a path as valid Unicode: bytes that are no UTF-8 become \udcNN; nothing else is changed."""
    return valid_text(str(path))


def valid_text(text: str) -> str:
    """Return the text with lone surrogates escaped, so that any encoder and any JSON reader takes it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def cell_text(path: Path) -> str:
    """Return a path for a spreadsheet cell: printable, and never read as a formula (`./=1+1.png`)."""
    text = printable(path_text(path))
    return f"./{text}" if text.startswith(FORMULA_STARTS) else text


def _acts(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN_CATEGORIES and character not in JOINERS


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
