"""No text of the window is missing in the other language, and what is shipped is what is translated."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import PySide6
import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication

import noiselens_desktop
from noiselens_core.verdict import Band
from noiselens_desktop.language import TRANSLATIONS, Language
from noiselens_desktop.models.words import band_words, short_band_words, source_words
from noiselens_desktop.work.analyse import CAPTURED, DROPPED, SOURCES

DESKTOP = Path(noiselens_desktop.__file__).parent
Messages = dict[tuple[str, str], tuple[str, bool]]  # (context, text) -> (translation, whether it is finished)


def messages(place: Path) -> Messages:
    found: Messages = {}
    for context in ElementTree.parse(place).getroot().iter("context"):  # our own file
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            key = context.findtext("name") or "", message.findtext("source") or ""
            found[key] = translation.text or "", translation.get("type") is None
    return found


@pytest.fixture
def german() -> Messages:
    return messages(TRANSLATIONS / "noiselens_de.ts")


@pytest.fixture
def language(qapp: QApplication) -> Iterator[Language]:
    before = QLocale()
    language = Language(qapp)
    yield language
    language.close()
    QLocale.setDefault(before)


def test_every_text_of_the_window_is_translated(german: Messages, tmp_path: Path) -> None:
    program = Path(PySide6.__file__).parent / ("lupdate.exe" if sys.platform == "win32" else "lupdate")
    if not program.exists():
        pytest.skip("this PySide6 brings no lupdate")
    files = [
        str(place)
        for place in DESKTOP.rglob("*.py")
        if re.search(r"\btr\(|translate\(|TRANSLATE_NOOP", place.read_text())
    ]
    fresh = tmp_path / "fresh.ts"
    subprocess.run([program, "-silent", "-locations", "none", *files, "-ts", fresh], check=True)
    wanted = set(messages(fresh))
    assert len(wanted) > 200
    assert wanted - set(german) == set()
    assert [key for key, (text, finished) in german.items() if not text or not finished] == []
    assert "" not in {context for context, _ in wanted}  # a text whose context is not known is never found


def test_a_translation_has_the_places_of_its_text(german: Messages) -> None:
    for (_, text), (translation, _) in german.items():
        assert sorted(re.findall(r"\{\d\}", text)) == sorted(re.findall(r"\{\d\}", translation)), text
        assert text.count("&") == translation.count("&"), text


def test_what_is_shipped_is_what_is_translated(german: Messages, language: Language) -> None:
    language.choose("de")
    told = {key: QCoreApplication.translate(*key) for key in german}
    assert told == {key: text for key, (text, _) in german.items()}


def test_the_language_is_chosen_and_left_again(language: Language) -> None:
    language.choose("de")
    assert band_words(Band.UNCERTAIN) == "Unsicher"
    assert QLocale().toString(1.5, "f", 1) == "1,5"
    language.choose("en")
    assert band_words(Band.UNCERTAIN) == "Uncertain"
    assert QLocale().toString(1.5, "f", 1) == "1.5"


def test_where_an_image_came_from_is_said_in_the_language(language: Language) -> None:
    language.choose("de")
    sources = (*SOURCES.values(), DROPPED, CAPTURED, "folder")  # files of a folder are samples
    told = {source: source_words(source) for source in sources}
    assert not [source for source, words in told.items() if words == source]
    assert source_words("a\nb") == "a\\nb"  # what another's archive says


def test_no_word_accuses_in_any_language(german: Messages) -> None:
    for (_, text), (translation, _) in german.items():
        for word in ("fake", "proof", "fälschung", "beweis"):
            assert word not in f"{text} {translation}".casefold()


def test_the_short_words_of_the_bands_differ_from_their_first_letters_on(language: Language) -> None:
    language.choose("de")
    assert [short_band_words(band) for band in (*Band, None)] == [
        "Wohl echt",
        "Unsicher",
        "Wohl generiert",
        "Ohne Urteil",
    ]
