"""Every sentence a browser may be sent has a code, and the extension's texts say the same under it."""

from __future__ import annotations

import json
import re

import pytest
from tests.desktop.test_sentences import CORE, DESKTOP, read, sentences, whole

from noiselens_core.calibration import Stability
from noiselens_core.errors import RefusalCode
from noiselens_core.images import MAX_SIDE, _refusal
from noiselens_core.reasons import summary
from noiselens_core.verdict import Band
from noiselens_desktop.bridge.said import SENTENCES, why

BRIDGE = DESKTOP / "bridge"
SPEAKING = (
    CORE / "reasons.py",
    CORE / "images.py",
    *(BRIDGE / f"{name}.py" for name in ("session", "server", "native_host")),
)
UNSENT = {
    "NoiseLens judges the picture as a whole; it is not made to find small local edits or swapped faces.",  # the window
    "{0} cannot be opened. Check that the file exists and that you may read it.",  # files alone
    "The bridge stopped on an error of its own.",  # the log
    "The bridge listens on port %d.",
    "Something came for the bridge after it had stopped.",
    "Judging an image from a browser failed (%s).",
    "That id was used before on this connection.",  # to the extension's makers
}
LOCALES = {
    place.parent.name: json.loads(place.read_text("utf-8"))
    for place in (DESKTOP.parents[1] / "extension/_locales").glob("*/messages.json")
}


def in_order(text: str) -> str:
    return re.sub(r"\{\d\}", "{}", text)


def test_every_sentence_that_may_be_sent_has_a_code() -> None:
    found = whole(text for place in SPEAKING for text in sentences(read(place)))
    assert len(found) > 30
    missing = {in_order(text) for text in found if "other programs hold" not in text and text not in UNSENT}
    assert missing - set(SENTENCES.values()) == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_comes_back_as_its_code_and_values(code: str) -> None:
    values = [str(7 + number) for number in range(SENTENCES[code].count("{}"))]
    assert why(SENTENCES[code].format(*values)) == [code, *values]


def test_what_is_really_said_is_known_and_its_numbers_are_plain() -> None:
    told = summary(Band.UNCERTAIN, 0.9, Stability(0.5, 4, 9, 0.0))
    assert [why(sentence) for sentence in told] == [["lean_generated", "4", "9"], ["contradicting"], ["overlap"]]
    far = _refusal(RefusalCode.BAD_SHAPE, (4, 30_000))
    assert why(str(far)) == ["bad_shape", "4", "30000", "8", str(MAX_SIDE)]
    assert why("A newer NoiseLens may say anything.") is None


@pytest.mark.parametrize("language", LOCALES)
def test_the_extension_has_every_code_and_no_other_with_as_many_gaps(language: str) -> None:
    messages = LOCALES[language]
    assert {key for key in messages if key.startswith("said_")} == {f"said_{code}" for code in SENTENCES}
    for code, sentence in SENTENCES.items():
        assert len(messages[f"said_{code}"].get("placeholders", {})) == sentence.count("{}"), code


def test_the_extensions_english_is_the_apps() -> None:
    for code, sentence in SENTENCES.items():
        message = LOCALES["en"][f"said_{code}"]["message"]
        assert re.sub(r"\$[A-Z]+\$", "{}", message) == sentence, code
