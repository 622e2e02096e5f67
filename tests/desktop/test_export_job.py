"""Results of ten thousand images into a file: told how far, stopped at once, never half of it at its place."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from noiselens_core.batch import Outcome
from noiselens_core.batches import Batches, Finding
from noiselens_core.errors import LibraryError
from noiselens_core.library import Library
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.models import export_job
from noiselens_desktop.models.export_job import ExportJob, Writer
from noiselens_desktop.models.pdf import export_pdf
from noiselens_desktop.work.exports import export_csv, export_html, export_json

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")
MANY = 3000
WRITERS: dict[str, Writer] = {
    "csv": export_csv,
    "jsonl": export_json,
    "html": partial(export_html, facts=None),
    "pdf": partial(export_pdf, counts=dict.fromkeys((*Band, None), 0)),
}


@pytest.fixture
def job(qtbot: QtBot) -> Iterator[ExportJob]:
    del qtbot
    job = ExportJob()
    yield job
    job.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Batches]:
    """A batch of many images, whose small pictures are no pictures: what decodes one fails."""
    with Library(tmp_path / "library.sqlite3") as library:
        keep_many(library)
        yield Batches(library)


def keep_many(library: Library) -> None:
    """Keep a batch of many images."""
    batches = Batches(library)
    batch = batches.begin(Path("/pictures"), [(Path(f"/pictures/{i:05}.png"), 0.0) for i in range(MANY)])
    verdict = Verdict("0" * 64, 0.5, Band.UNCERTAIN, 1.0, ("A reason.",), "m", 1.0, 300, 200)
    batches.record(batch.id, [Finding(0, verdict, "judge", ("PNG", 1000, b"no picture"))])
    with library.writing() as connection:
        connection.execute("UPDATE batch_file SET result = (SELECT id FROM batch_result)")
    batches.finish(batch.id)


def outcomes(batches: Batches) -> Iterator[Outcome]:
    batch = batches.latest()
    assert batch is not None
    return batches.outcomes(batch.id, list(range(MANY)))


@pytest.mark.parametrize("form", WRITERS)
def test_a_file_is_written_whole_and_told_of_on_the_way(
    job: ExportJob, kept: Batches, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(export_job, "TELL_EVERY_S", 0)
    place, told = tmp_path / f"out.{form}", []
    job.changed.connect(lambda: told.append(job.done))
    with qtbot.waitSignal(job.saved, timeout=TIMEOUT_MS):
        job.begin(place, WRITERS[form], outcomes(kept), MANY)
        assert job.path == place
    assert told == sorted(told)
    assert any(0 < done < MANY for done in told)
    assert job.path is None
    content = place.read_bytes()
    if form == "pdf":
        assert content.startswith(b"%PDF")
        assert content.rstrip().endswith(b"%%EOF")
    else:
        assert content.count(b"02999.png") == content.count(b"00000.png") >= 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_rows_are_in_the_order_asked_for(kept: Batches, tmp_path: Path) -> None:
    batch = kept.latest()
    assert batch is not None
    wanted = [2999, 0, 1500, 7]
    export_csv(tmp_path / "out.csv", kept.outcomes(batch.id, wanted))
    with (tmp_path / "out.csv").open(newline="") as stream:
        assert [row["path"] for row in csv.DictReader(stream)] == [f"/pictures/{i:05}.png" for i in wanted]


@pytest.mark.parametrize("form", WRITERS)
def test_stopped_in_the_middle_what_was_there_before_is_still_there(
    job: ExportJob, kept: Batches, qtbot: QtBot, tmp_path: Path, form: str
) -> None:
    place, reached, go_on = tmp_path / "out", threading.Event(), threading.Event()
    place.write_text("what was there before")

    def slow() -> Iterator[Outcome]:
        for number, outcome in enumerate(outcomes(kept)):
            if number == MANY // 2:
                reached.set()
                go_on.wait(60)
            yield outcome

    job.begin(place, WRITERS[form], slow(), MANY)
    qtbot.waitUntil(reached.is_set, timeout=TIMEOUT_MS)
    job.cancel()
    with qtbot.waitSignal(job.changed, timeout=TIMEOUT_MS), qtbot.assertNotEmitted(job.failed):
        go_on.set()
        qtbot.waitUntil(lambda: job.path is None, timeout=TIMEOUT_MS)
    assert place.read_text() == "what was there before"
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("out")} == {"out"}


def test_results_that_are_gone_meanwhile_are_a_sentence_and_no_short_file(
    job: ExportJob, kept: Batches, qtbot: QtBot, tmp_path: Path
) -> None:
    late = outcomes(kept)
    next(late)
    kept.begin(Path("/other"), [(Path("/other/a.png"), 0.0)])
    with qtbot.waitSignal(job.failed, timeout=TIMEOUT_MS) as told:
        job.begin(tmp_path / "out.csv", export_csv, late, MANY)
    assert told.args == ["These results are no longer kept. Check the folder again to have them anew."]
    assert not list(tmp_path.glob("out*"))
    with pytest.raises(LibraryError, match="no longer kept"):
        list(kept.outcomes(99, [0]))
