"""A batch in the library: what is kept, what is pending, what the same bytes are called."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core.batches import Batches, Finding
from noiselens_core.errors import ImageRefusedError, LibraryError, RefusalCode
from noiselens_core.library import Library
from noiselens_core.verdict import Band, Verdict

JUDGE = "model-1 0.2 0.9"


def verdict(sha256: str = "ab" * 32, probability: float = 0.95) -> Verdict:
    return Verdict(sha256, probability, Band.LIKELY_GENERATED, 1.0, ("Because.",), "model-1", 9.0, 640, 480)


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), (200, 30, 30), np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.sqlite3") as library:
        yield library


@pytest.fixture
def batches(library: Library) -> Batches:
    return Batches(library)


FOLDER = Path("/pictures/caf\udce9")
FILES = [(FOLDER / f"{i}.png", 1_700_000_000.0 + i) for i in range(4)]


def test_a_new_batch_is_all_pending_in_its_order(batches: Batches) -> None:
    batch = batches.begin(FOLDER, FILES)
    assert (batch.folder, batch.total, batch.judged, batch.done) == (FOLDER, 4, 0, False)
    assert list(batches.pending(batch.id)) == [(i, path) for i, (path, _) in enumerate(FILES)]


def test_what_was_recorded_is_no_longer_pending_and_comes_back_as_lines_and_outcomes(batches: Batches) -> None:
    batch = batches.begin(FOLDER, FILES)
    refusal = ImageRefusedError(RefusalCode.DAMAGED, "The image is damaged.")
    told = batches.record(
        batch.id,
        [
            Finding(0, verdict(), JUDGE, ("PNG", 1234, jpeg())),
            Finding(1, verdict(), JUDGE),
            Finding(3, refusal=refusal),
        ],
    )
    assert [position for position, _ in batches.pending(batch.id)] == [2]
    latest = batches.latest()
    assert latest is not None
    assert latest.judged == 3
    assert [line for page in batches.lines(batch.id) for line in page] == told
    first, twin, refused = told
    assert (first.band, first.probability, first.width, first.height) == (Band.LIKELY_GENERATED, 0.95, 640, 480)
    assert (first.byte_size, first.at, first.path) == (1234, FILES[0][1], FILES[0][0])
    assert twin.picture == first.picture
    assert (refused.band, refused.sentence, refused.picture) == (None, "The image is damaged.", 0)
    assert batches.thumbnail(first.picture) == jpeg()

    whole, _, no = batches.outcomes(batch.id, [0, 1, 3])
    assert whole.verdict == verdict()
    assert whole.small is not None
    assert (whole.small.facts.format, whole.small.facts.byte_size) == ("PNG", 1234)
    assert whole.small.jpeg == jpeg()
    assert (no.path, no.refusal and no.refusal.code) == (FILES[3][0], RefusalCode.DAMAGED)


def test_the_same_bytes_are_known_to_the_same_judge_only(batches: Batches) -> None:
    batch = batches.begin(FOLDER, FILES)
    batches.record(batch.id, [Finding(0, verdict(), JUDGE, ("PNG", 1, jpeg()))])
    assert batches.known("ab" * 32, JUDGE) == verdict()
    assert batches.known("ab" * 32, "model-1 0.2 0.8") is None
    assert batches.known("cd" * 32, JUDGE) is None


def test_a_second_batch_takes_the_place_of_the_first_and_still_knows_its_bytes(batches: Batches) -> None:
    first = batches.begin(FOLDER, FILES)
    batches.record(
        first.id,
        [Finding(0, verdict(), JUDGE, ("PNG", 1, jpeg())), Finding(1, verdict("cd" * 32), JUDGE, ("PNG", 1, jpeg()))],
    )
    second = batches.begin(FOLDER, FILES[:1])
    assert second.id > first.id
    assert list(batches.pending(first.id)) == []
    assert batches.known("ab" * 32, JUDGE) == verdict()
    batches.record(second.id, [Finding(0, verdict(), JUDGE)])
    batches.finish(second.id)
    latest = batches.latest()
    assert latest is not None
    assert latest.done
    assert batches.known("ab" * 32, JUDGE) == verdict()
    assert batches.known("cd" * 32, JUDGE) is None  # belongs to no batch any more


def test_a_forgotten_batch_comes_back_whole(batches: Batches) -> None:
    batch = batches.begin(FOLDER, FILES)
    told = batches.record(batch.id, [Finding(0, verdict(), JUDGE, ("PNG", 1, jpeg()))])
    before = batches.latest()
    batches.forget()
    batches.restore()
    assert batches.latest() == before
    assert list(batches.lines(batch.id)) == [told]


def test_nothing_is_left_of_a_forgotten_batch(batches: Batches, library: Library) -> None:
    batch = batches.begin(FOLDER, FILES)
    batches.record(batch.id, [Finding(0, verdict(), JUDGE, ("PNG", 1, jpeg()))])
    batches.forget()
    assert batches.latest() is None
    batches.purge()
    batches.restore()
    assert batches.latest() is None
    with library.working() as connection:
        for table in ("batch", "batch_file", "batch_result"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_batch_begun_after_a_forgotten_one_knows_nothing_of_it(batches: Batches) -> None:
    batch = batches.begin(FOLDER, FILES)
    batches.record(batch.id, [Finding(0, verdict(), JUDGE, ("PNG", 1, jpeg()))])
    batches.forget()
    batches.begin(FOLDER, FILES)
    assert batches.known("ab" * 32, JUDGE) is None


def test_a_batch_that_goes_on_after_a_restart_still_knows_the_bytes_of_the_one_before(batches: Batches) -> None:
    first = batches.begin(FOLDER, FILES)
    batches.record(first.id, [Finding(0, verdict(), JUDGE, ("PNG", 1, jpeg()))])
    batches.begin(FOLDER, FILES)
    batches.purge()
    assert batches.known("ab" * 32, JUDGE) == verdict()


def test_a_verdict_that_is_nowhere_kept_is_an_error_and_no_empty_row(batches: Batches, library: Library) -> None:
    batch = batches.begin(FOLDER, FILES)
    with pytest.raises(LibraryError, match="no longer kept"):
        batches.record(batch.id, [Finding(0, verdict(), JUDGE)])
    with pytest.raises(ValueError, match="judge"):
        batches.record(batch.id, [Finding(0, verdict(), "", ("PNG", 1, jpeg()))])
    assert len(list(batches.pending(batch.id))) == len(FILES)
    with pytest.raises(LibraryError, match="no longer kept"):
        list(batches.outcomes(batch.id, [0]))
