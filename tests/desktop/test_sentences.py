"""What the core says is said in the language of the window, and nothing it says of an image is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication

import noiselens_core
from noiselens_core.calibration import Stability
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import read_bytes
from noiselens_core.reasons import summary
from noiselens_core.verdict import Band
from noiselens_desktop.language import Language
from noiselens_desktop.models.sentences import SENTENCES, core_words

CORE = Path(noiselens_core.__file__).parent
ABOUT_IMAGES = ("batch.py", "images.py", "provenance.py", "reasons.py")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    language = Language(qapp)
    language.choose("de")
    yield
    language.close()
    QLocale.setDefault(before)


def sentences(file: Path) -> Iterator[str]:
    """Every sentence in a file's code, with a number in braces for each field; no docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    passed |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = "" if id(node) in passed else template(node)
        if " " in text and text.endswith(".") and (text[0].isupper() or text[0] == "{"):
            yield text


def template(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    fields, text = 0, ""
    for part in node.values if isinstance(node, ast.JoinedStr) else ():
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text, fields = f"{text}{{{fields}}}", fields + 1
    return text


@pytest.mark.parametrize("name", ABOUT_IMAGES)
def test_every_sentence_on_an_image_is_known(name: str) -> None:
    found = set(sentences(CORE / name))
    lean = "{0} of {1} places looked at lean towards {2}."  # its last field is one of two words
    assert len(found) > 2
    assert found - {lean} <= set(SENTENCES)


def test_no_sentence_is_translated_that_the_core_does_not_say() -> None:
    said = {text for name in ABOUT_IMAGES for text in sentences(CORE / name)}
    said |= {f"{{0}} of {{1}} places looked at lean towards {side}." for side in ("real", "generated")}
    assert set(SENTENCES) <= said


def test_what_the_core_fills_in_stays_in_its_place(german: None, tmp_path: Path) -> None:
    places = summary(Band.LIKELY_GENERATED, 0.97, Stability(1.0, 8, 9, 0.0))
    assert core_words(places[0]) == "8 von 9 betrachteten Stellen neigen zu „generiert“."
    with pytest.raises(ImageRefusedError) as refused:
        read_bytes(tmp_path / "{0} {9} gone.png")
    assert core_words(str(refused.value)).startswith("{0} {9} gone.png lässt sich nicht öffnen.")


def test_every_known_sentence_is_translated(german: None) -> None:
    assert [text for text in SENTENCES if QCoreApplication.translate("Core", text) == text] == []


def test_a_sentence_nobody_knows_stays_as_it_is(german: None) -> None:
    assert core_words("This is new.") == "This is new."
