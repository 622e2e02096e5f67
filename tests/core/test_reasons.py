"""What a verdict says of itself, and what it says under other thresholds."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from noiselens_core.calibration import Calibration, Stability
from noiselens_core.images import DecodedImage, ImageFacts
from noiselens_core.reasons import (
    ANOTHER_ANSWER,
    CONTRADICTING,
    HEAVILY_COMPRESSED,
    OVERLAP,
    SAME_ANSWER,
    TOO_SMALL,
    limits,
    summary,
    under,
)
from noiselens_core.sniff import image_format
from noiselens_core.verdict import Band, Verdict

STEADY = Stability(1.0, 9, 9, 0.0)
UNSURE = Verdict("0" * 64, 0.85, Band.UNCERTAIN, 1.0, ("8 of 9.", OVERLAP), "m", 1.0, 300, 300)
ACCUSING = Calibration(generated_at=0.7, real_at=0.3)
CAUTIOUS = Calibration(generated_at=0.95, real_at=0.1)


def test_a_decided_score_is_not_said_to_overlap() -> None:
    assert summary(Band.LIKELY_GENERATED, 0.99, STEADY)[1:] == (SAME_ANSWER,)
    assert summary(Band.UNCERTAIN, 0.6, STEADY)[1:] == (OVERLAP,)


def test_everything_that_withholds_a_side_is_said() -> None:
    shaky = Stability(0.5, 4, 9, 0.5)
    assert summary(Band.UNCERTAIN, 0.6, shaky)[1:] == (CONTRADICTING, ANOTHER_ANSWER)


def test_other_thresholds_move_the_band_and_its_reason_there_and_back() -> None:
    accused = under(ACCUSING, UNSURE)
    assert (accused.band, accused.reasons) == (Band.LIKELY_GENERATED, ("8 of 9.", SAME_ANSWER))
    assert accused.probability == UNSURE.probability
    assert under(CAUTIOUS, accused) == UNSURE


@pytest.mark.parametrize("restraint", [TOO_SMALL, CONTRADICTING, ANOTHER_ANSWER])
def test_restraint_stays_whatever_the_thresholds(restraint: str) -> None:
    held = replace(UNSURE, probability=0.99, reasons=(restraint,))
    assert under(ACCUSING, held) == held


def test_a_small_image_that_was_said_to_overlap_is_not_any_more() -> None:
    told_wrongly = replace(UNSURE, probability=0.99, reasons=(OVERLAP, TOO_SMALL))
    assert under(ACCUSING, told_wrongly).reasons == (SAME_ANSWER, TOO_SMALL)
    assert under(ACCUSING, told_wrongly).band is Band.UNCERTAIN


@pytest.mark.parametrize(
    ("kind", "lossy"),
    [
        ("PNG", False), ("GIF", False), ("BMP", False), ("TIFF", False),
        ("JPEG", True), ("WEBP", True), ("AVIF", True), ("HEIF", True),
    ],
)  # fmt: skip
def test_heavy_compression_is_told_of_every_format_that_loses(kind: str, lossy: bool) -> None:
    pillow_heif.register_heif_opener()
    pixels = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    name = image_format(file.getvalue())
    assert name is not None
    facts = ImageFacts(name, 300, 200, 2_000, "0" * 64, 1, False, False, ())
    assert (HEAVILY_COMPRESSED in limits(DecodedImage(pixels, facts)).sentences) is lossy
