"""A verdict without a side still says where it leans, what that is worth and what can be done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from noiselens_core.provenance import Fact
from noiselens_core.reasons import ANOTHER_ANSWER, CONTRADICTING, HEAVILY_COMPRESSED, OVERLAP
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.app import SAMPLES
from noiselens_desktop.models.guidance import meaning, next_steps, sample_words
from noiselens_desktop.models.words import band_words

from .conftest import Room

pytestmark = pytest.mark.usefixtures("home")
FACT = Fact("software", "Software", "A camera", "EXIF Software", "Which program wrote it.")


def verdict(
    probability: float, *reasons: str, band: Band = Band.UNCERTAIN, side: int = 4000, facts: tuple[Fact, ...] = ()
) -> Verdict:
    return Verdict("0" * 64, probability, band, 1.0, reasons, "m", 1.0, side, side, provenance=facts)


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.20, "leans towards real, not clearly enough to take a side: in tests, about 2 of 10"),
        (0.39, "leans towards real, not clearly enough to take a side: in tests, about 4 of 10"),
        (0.40, "either: in tests, about half"),
        (0.60, "either: in tests, about half"),
        (0.79, "leans towards generated, not clearly enough to take a side: in tests, about 8 of 10"),
    ],
)
def test_uncertain_says_where_it_leans(probability: float, told: str) -> None:
    assert told in meaning(verdict(probability, OVERLAP))


@pytest.mark.parametrize("reason", [CONTRADICTING, ANOTHER_ANSWER])
@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95])
def test_what_contradicts_itself_leans_nowhere(reason: str, probability: float) -> None:
    assert meaning(verdict(probability, reason)).startswith("NoiseLens takes no side here, whatever the probability.")


@pytest.mark.parametrize("band", list(Band))
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_no_words_of_a_verdict_accuse(band: Band, probability: float) -> None:
    one = verdict(probability, band=band, side=300)
    words = " ".join((meaning(one), band_words(band), *next_steps(one))).lower()
    assert "fake" not in words
    assert "proof" not in words


def test_the_next_steps_fit_the_image() -> None:
    assert next_steps(verdict(0.7, OVERLAP, side=512)) == [
        "Check the largest copy you can find; this one has 512 × 512 px.",
        "The file says nothing of its origin: find out who showed it first.",
    ]
    assert next_steps(verdict(0.7, HEAVILY_COMPRESSED, CONTRADICTING, facts=(FACT,))) == [
        "Check the original, or a copy that is less compressed.",
        "Show the grid (Ctrl+L): which places lean which way, and what is there?",
        "Weigh what the file says of its origin, below, and who showed it first.",
    ]
    assert len(next_steps(verdict(0.7, OVERLAP))) == 1


@pytest.mark.parametrize("band", [Band.LIKELY_REAL, Band.LIKELY_GENERATED])
def test_a_side_needs_no_next_steps(band: Band) -> None:
    assert next_steps(verdict(0.5, band=band)) == []


def test_each_sample_is_told_as_its_origins_are_written_down() -> None:
    origins = (SAMPLES / "ORIGINS.md").read_text()
    photographs, _, generated = origins.partition("## Regenerated")
    real = set(re.findall(r"^\| (\S+\.\w+) \|", photographs, re.M))
    samples = [path for path in SAMPLES.iterdir() if path.suffix in (".png", ".jpg")]
    assert len(real) < len(samples)
    for sample in samples:
        assert ("a real photograph" in sample_words(sample)) == (sample.name in real), sample.name
        assert sample.name in real or sample.stem.partition("_")[0] in generated


def test_the_panel_says_what_a_sample_is_and_of_another_image_nothing(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    panel = window.check.panel
    window.open_files([cat])
    room.answered(window, 1)
    assert panel.truth.text() == "A sample. In truth: a real photograph."
    assert panel.truth.isVisible()
    copy = tmp_path / "drawn_1.png"
    copy.write_bytes(cat.read_bytes())
    window.open_files([copy])
    room.answered(window, 2)
    assert not panel.truth.isVisible()
    assert panel.meaning.text().startswith("NoiseLens found little in it")
