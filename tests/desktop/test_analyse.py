"""Requests become verdicts off the calling thread, with the real decoder, detector and library."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from noiselens_core.detector import Detector
from noiselens_core.errors import ImageRefusedError, ModelError, NoiseLensError
from noiselens_core.images import Decoder, Origin
from noiselens_core.library import Library
from noiselens_core.thumbnails import SIDE, make_thumbnail, thumbnail_pixels
from noiselens_core.verdict import Band
from noiselens_desktop.work.analyse import Analyser, AnalyseRequest
from noiselens_desktop.work.detectors import load_detector

TIMEOUT_S = 60


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library(home / "library.sqlite3") as library:
        yield library


@pytest.fixture
def analyser(library: Library) -> Iterator[Analyser]:
    analyser = Analyser(library, lambda: load_detector("cpu"))
    yield analyser
    analyser.close()


def opened(path: Path) -> AnalyseRequest:
    return AnalyseRequest(None, path, path.name, Origin.FILE)


def test_a_file_is_judged_as_the_detector_judges_it_and_kept(analyser: Analyser, library: Library, cat: Path) -> None:
    response = analyser.submit(opened(cat)).result(TIMEOUT_S)
    with Decoder() as decoder:
        image = decoder.decode_file(cat)
    expected = Detector.load(device="cpu").detect(image)
    assert response.verdict.probability == expected.probability
    assert response.verdict.crops == expected.crops
    assert response.image is not None
    assert np.array_equal(response.image.pixels, image.pixels)
    assert response.verdict.attention is not None
    (entry,) = library.history()
    assert (entry.id, entry.name, entry.source) == (response.entry_id, "chelsea.png", "file")
    assert entry.verdict == response.verdict
    assert entry.thumbnail == response.thumbnail


def test_the_detector_waits_a_tenth_as_long_for_the_interpreter(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(sys, "setswitchinterval", asked.append)
    Analyser(library, lambda: load_detector("cpu")).close()
    assert asked == [0.0005]


def test_the_same_bytes_from_a_browser_are_answered_from_the_library(
    analyser: Analyser, library: Library, cat: Path
) -> None:
    request = AnalyseRequest(cat.read_bytes(), None, "cat", Origin.BRIDGE)
    first = analyser.submit(request, reuse=True).result(TIMEOUT_S)
    again = analyser.submit(request, reuse=True).result(TIMEOUT_S)
    assert again.verdict == first.verdict
    assert again.image is None
    assert [entry.source for entry in library.history()] == ["browser"]
    assert analyser.submit(request).result(TIMEOUT_S).image is not None  # judged anew when not asked to reuse


def test_a_side_that_other_thresholds_took_is_not_repeated(analyser: Analyser, cat: Path) -> None:
    def eager() -> Detector:
        detector = load_detector("cpu")
        detector.calibration = replace(detector.calibration, generated_at=0.02, real_at=0.01)
        return detector

    request = AnalyseRequest(cat.read_bytes(), None, "cat", Origin.BRIDGE)
    analyser.reload(eager).result(TIMEOUT_S)
    assert analyser.submit(request, reuse=True).result(TIMEOUT_S).verdict.band is Band.LIKELY_GENERATED
    analyser.reload(lambda: load_detector("cpu")).result(TIMEOUT_S)
    assert analyser.submit(request, reuse=True).result(TIMEOUT_S).verdict.band is not Band.LIKELY_GENERATED


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the C library decides alone")
def test_detectors_that_were_replaced_leave_no_memory_behind(analyser: Analyser) -> None:
    def resident_mib() -> float:
        analyser.reload(lambda: load_detector("cpu")).result(TIMEOUT_S)
        return float(psutil.Process().memory_info().rss / 2**20)

    one = resident_mib()
    assert max(resident_mib() for _ in range(2)) < one + 150  # a detector takes twice that


def test_a_refusal_reaches_the_future_as_a_sentence(analyser: Analyser, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("no image")
    with pytest.raises(ImageRefusedError, match="does not read this kind of file"):
        analyser.submit(opened(note)).result(TIMEOUT_S)
    with pytest.raises(ImageRefusedError, match="cannot be opened"):
        analyser.submit(opened(tmp_path / "gone.png")).result(TIMEOUT_S)


def test_many_files_are_all_answered_though_few_may_wait_decoded(analyser: Analyser, cat: Path, rocket: Path) -> None:
    answers = [analyser.submit(opened(path)) for path in (cat, rocket) * 8]
    assert not wait(answers, TIMEOUT_S).not_done
    assert len({answer.result().verdict.sha256 for answer in answers}) == 2


def test_loading_is_told_once_with_the_uncertain_zone(analyser: Analyser) -> None:
    assert analyser.model_id is None
    loading = analyser.start()
    assert analyser.start() is loading
    facts = loading.result(TIMEOUT_S)
    assert facts.model_id == analyser.model_id
    assert 0 <= facts.real_at < facts.generated_at <= 1


def test_a_detector_that_cannot_be_loaded_answers_every_request(library: Library, cat: Path) -> None:
    def refuse() -> Detector:
        raise ModelError("The model is damaged. Install NoiseLens again.")

    analyser = Analyser(library, refuse)
    try:
        for _ in range(2):
            with pytest.raises(ModelError, match="is damaged"):
                analyser.submit(opened(cat)).result(TIMEOUT_S)
        assert analyser.model_id is None
    finally:
        analyser.close()


def test_an_unforeseen_failure_to_load_is_one_sentence(library: Library, cat: Path) -> None:
    def crash() -> Detector:
        raise OSError("libcuda.so: what a mess")

    analyser = Analyser(library, crash)
    try:
        with pytest.raises(NoiseLensError, match=r"^The detector could not be loaded \(OSError\)"):
            analyser.submit(opened(cat)).result(TIMEOUT_S)
    finally:
        analyser.close()


def test_a_detector_judges_on_while_another_cannot_be_loaded(
    library: Library, analyser: Analyser, cat: Path, rocket: Path
) -> None:
    facts = analyser.start().result(TIMEOUT_S)

    def refuse() -> Detector:
        raise ModelError("The model file is damaged. Install NoiseLens again.")

    def crash() -> Detector:
        raise RuntimeError("no kernel image")

    for load, said in ((refuse, "damaged"), (crash, "RuntimeError")):
        with pytest.raises(NoiseLensError, match=said):
            analyser.reload(load).result(TIMEOUT_S)
        assert analyser.facts == facts
        assert analyser.judge_id == facts.judge_id
    assert analyser.submit(opened(cat)).result(TIMEOUT_S).verdict.model == facts.model_id
    with Decoder() as decoder:
        assert analyser.detect(decoder.decode_file(rocket)).judge == facts.judge_id


def test_closing_answers_what_still_waits(library: Library, cat: Path) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        go_on.wait(TIMEOUT_S)
        return load_detector("cpu")

    analyser = Analyser(library, slow)
    answers = [analyser.submit(opened(cat)) for _ in range(12)]
    threading.Timer(0.3, go_on.set).start()
    analyser.close()
    assert all(answer.done() for answer in answers)
    assert analyser.submit(opened(cat)).cancelled()


def test_a_cancelled_request_leaves_no_trace(library: Library, cat: Path, rocket: Path) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        go_on.wait(TIMEOUT_S)
        return load_detector("cpu")

    analyser = Analyser(library, slow)
    try:
        dropped, kept = analyser.submit(opened(cat)), analyser.submit(opened(rocket))
        assert dropped.cancel()
        go_on.set()
        kept.result(TIMEOUT_S)
        assert [entry.name for entry in library.history()] == ["rocket.jpg"]
    finally:
        analyser.close()


def test_a_library_that_cannot_keep_costs_no_verdict(library: Library, analyser: Analyser, cat: Path) -> None:
    library.close()
    response = analyser.submit(opened(cat)).result(TIMEOUT_S)
    assert response.entry_id is None
    assert response.verdict.attention is not None


def test_thumbnails_come_back_as_pixels_and_foreign_bytes_do_not() -> None:
    pixels = np.full((600, 1200, 3), (200, 30, 90), np.uint8)
    read = thumbnail_pixels(make_thumbnail(pixels))
    assert read is not None
    assert read.shape == (SIDE // 2, SIDE, 3)
    assert np.abs(read.astype(int) - pixels[0, 0]).max() <= 4
    assert thumbnail_pixels(b"no image") is None
    assert thumbnail_pixels(make_thumbnail(pixels)[:40]) is None


def test_the_work_package_loads_neither_torch_nor_qt() -> None:
    program = (
        "import sys, noiselens_desktop.work.analyse, noiselens_desktop.settings\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'torch', 'PySide6'})"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == ""
