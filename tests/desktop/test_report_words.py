"""The report in the window's language: every text of its page is known, and a German one has no English left."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import noiselens_core
from noiselens_core.batch import Outcome
from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.images import DecodedImage, ImageFacts
from noiselens_core.provenance import facts_from_marks
from noiselens_core.reasons import OVERLAP
from noiselens_core.report import LIMITS, READING, Report
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.models.report_words import TEXTS, report_language

TEMPLATES = sorted((Path(noiselens_core.__file__).parent / "templates").glob("*.j2"))
COUNTS = {"1 image checked", "{0} images checked"}
SAME_IN_GERMAN = {"{0} in {1} ms"}


def test_every_text_of_the_page_is_known() -> None:
    used = {text for place in TEMPLATES for text in re.findall(r'_\("(.+?)"\)', place.read_text("utf-8"))}
    assert len(used) > 20
    assert used | COUNTS | {*LIMITS, *READING} | {band.words for band in Band} == set(TEXTS)


def test_no_text_of_the_page_is_written_past_the_translation() -> None:
    for place in TEMPLATES:
        written = re.sub(r"\{[{%#].*?[}%#]\}", "", place.read_text("utf-8"), flags=re.DOTALL)
        bare = re.sub(r"<[^>]*>", " ", written)
        assert set(re.findall(r"[A-Za-z-]{2,}", bare)) <= {"NoiseLens", "px", "SHA-"}, place.name


@pytest.mark.usefixtures("german")
def test_a_report_from_a_german_window_is_german(tmp_path: Path) -> None:
    pixels = np.full((200, 400, 3), 200, np.uint8)
    facts = ImageFacts("PNG", 400, 200, 12_345, "ab" * 32, 1, False, False, ())
    reasons = ("7 of 9 places looked at lean towards generated.", OVERLAP)
    provenance = facts_from_marks([("software", "exif", "Imager 1")])
    verdict = Verdict(
        "ab" * 32, 0.6173, Band.UNCERTAIN, 0.75, reasons, "m-1", 1234.0, 400, 200, provenance=provenance
    )  # fmt: skip
    refusal = ImageRefusedError(RefusalCode.EMPTY, "The file is empty. Save or download the image again.")
    with Report(tmp_path / "report.html", report_language()) as report:
        report.set_zone("m-1", 0.1, 0.9)
        report.add(Outcome(Path("a.png"), DecodedImage(pixels, facts), verdict))
        report.add(Outcome(Path("b.png"), refusal=refusal))
    page = (tmp_path / "report.html").read_text("utf-8")
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert '<html lang="de' in page
    for told in (
        "2 Bilder geprüft",
        "Unsicher",
        "61,73\u00a0%",
        "0,75 von 1",
        "m-1 in 1.234 ms",
        "Die Datei ist leer.",
    ):
        assert told in text
    for english in (*reasons, *(text for text in TEXTS if text not in SAME_IN_GERMAN), "The file is empty"):
        assert not re.search(rf"\b{re.escape(english)}(?!\w)", text), english
