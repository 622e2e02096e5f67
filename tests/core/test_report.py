"""The report: one file, closed to everything outside, harmless whatever the names are."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from noiselens_core import report
from noiselens_core.batch import Outcome
from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.images import DecodedImage, ImageFacts
from noiselens_core.outputs import OutputError
from noiselens_core.provenance import DISCLAIMER, NO_FACTS, Fact, facts_from_marks
from noiselens_core.report import ENGLISH, THUMBNAIL_PX, Report
from noiselens_core.thumbnails import shrink
from noiselens_core.verdict import Band, Verdict

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7 * 7 }}</style>\x1b[31m\n'


class Page(HTMLParser):
    """All elements, attributes and text of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.source = path.read_text(encoding="utf-8")
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def judged(name: str = "a.png", band: Band = Band.UNCERTAIN, side: int = 400) -> Outcome:
    pixels = np.full((side // 2, side, 3), 200, np.uint8)
    facts = ImageFacts("PNG", side, side // 2, 12_345, "ab" * 32, 1, False, False, ())
    map_ = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    verdict = Verdict(
        sha256=facts.sha256,
        probability=0.6173,
        band=band,
        stability=0.75,
        reasons=("7 of 9 places looked at lean towards generated.",),
        model="test-1",
        ms=12.3,
        width=side,
        height=side // 2,
        attention=map_,
        noise=map_,
    )
    return Outcome(Path("pictures", name), image=DecodedImage(pixels, facts), verdict=verdict)


def refused(name: str = "b.svg", text: str = "NoiseLens does not read this kind of file.") -> Outcome:
    return Outcome(Path("pictures", name), refusal=ImageRefusedError(RefusalCode.FORMAT, text))


Write = Callable[..., Page]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a report of some outcomes and read it back."""

    def write(*outcomes: Outcome) -> Page:
        path = tmp_path / "report.html"
        with Report(path) as report:
            report.set_zone("test-1", 0.1, 0.9)
            for outcome in outcomes:
                report.add(outcome)
        return Page(path)

    return write


def test_nothing_outside_the_file_is_asked_for(write: Write) -> None:
    page = write(judged(), refused())
    assert not {"script", "link", "iframe", "object", "embed", "base", "form", "a", "video"} & {
        e[0] for e in page.elements
    }
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style"
            if name in {"src", "srcset", "href", "xlink:href", "data", "action"}:
                assert value is not None
                assert value.startswith(("data:image/jpeg;base64,", "#"))
    assert not re.search(r"https?:|url\(|@import|@font-face", page.source)


def test_the_policy_lets_in_our_style_alone(write: Write) -> None:
    page = write(judged())
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    style = re.search(r"<style>(.*)</style>", page.source, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy is not None
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_names_and_sentences_from_outside_are_only_text(write: Write) -> None:
    harmless = write(judged(), refused())
    hostile = write(judged(HOSTILE), refused(HOSTILE, HOSTILE))
    assert [e[0] for e in hostile.elements] == [e[0] for e in harmless.elements], "no element came from a name"
    assert hostile.text.count("{{ 7 * 7 }}") == 3
    assert "\x1b" not in hostile.source
    assert "\\x1b[31m\\n" in hostile.text


def test_reasons_are_escaped_too(write: Write) -> None:
    outcome = judged()
    assert outcome.verdict is not None
    page = write(replace(outcome, verdict=replace(outcome.verdict, reasons=(HOSTILE,))))
    assert len(page.all("img")) == 2
    assert not page.all("script")


def test_what_the_file_says_of_its_origin_stands_apart_and_is_only_text(write: Write) -> None:
    outcome = judged()
    assert outcome.verdict is not None
    assert " ".join(write(outcome).text.split()).count(NO_FACTS) == 1
    facts = (Fact("camera", "Camera", HOSTILE, HOSTILE, HOSTILE), *facts_from_marks([("software", "exif", HOSTILE)]))
    page = write(replace(outcome, verdict=replace(outcome.verdict, provenance=facts)))
    assert len(page.all("img")) == 2
    assert not page.all("script")
    assert "\x1b" not in page.source
    text = " ".join(page.text.split())
    assert text.count("{{ 7 * 7 }}") == 4
    assert text.index("Provenance Camera") > text.index("7 of 9 places looked at lean")
    assert DISCLAIMER in text


def test_each_image_shows_what_was_found(write: Write) -> None:
    text = " ".join(write(judged(), refused()).text.split())
    for piece in (
        "2 images checked", "Uncertain a.png pictures", "61.73 % probability of being generated",
        "uncertain from 10 to 90 %", "7 of 9 places looked at lean towards generated.", "0.75 of 1", "400 × 200 px",
        "test-1 in 12 ms", "ab" * 32, "Not judged b.svg pictures NoiseLens does not read this kind of file.",
        "What the detector cannot see",
    ):  # fmt: skip
        assert piece in text


def test_the_day_is_written_the_same_on_every_system() -> None:
    """Windows knows no %-d, and raises."""
    assert ENGLISH.moment(datetime(2026, 7, 4, 9, 5, tzinfo=UTC)) == "4 July 2026, 09:05 UTC"
    assert "%-" not in Path(str(report.__file__)).read_text("utf-8")


def test_counts_stand_above_and_can_be_chosen(write: Write) -> None:
    page = write(judged(band=Band.LIKELY_REAL), judged(band=Band.LIKELY_REAL), judged(), refused())
    text = " ".join(page.text.split())
    assert "4 All 0 Likely generated 1 Uncertain 2 Likely real 1 Not judged" in text
    inputs = {attributes["id"]: "disabled" in attributes for attributes in page.all("input")}
    assert inputs == {
        "show-all": False,
        "show-likely_generated": True,
        "show-uncertain": False,
        "show-likely_real": False,
        "show-refused": False,
    }
    assert {label["for"] for label in page.all("label")} == inputs.keys()


def test_the_mark_stands_at_the_probability(write: Write) -> None:
    (mark,) = [r for r in write(judged()).all("rect") if r["class"] == "mark"]
    assert mark["x"] is not None
    assert float(mark["x"]) + 4 == pytest.approx(617.3)


def test_pictures_are_small_and_ours(write: Write) -> None:
    pictures = write(judged(side=1000)).all("img")
    assert len(pictures) == 2
    for attributes in pictures:
        source = attributes["src"]
        assert source is not None
        with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as picture:
            assert (picture.format, picture.size) == ("JPEG", (THUMBNAIL_PX, THUMBNAIL_PX // 2))
            assert (attributes["width"], attributes["height"]) == (str(picture.width), str(picture.height))


@pytest.mark.parametrize(("height", "width"), [(20_000, 8), (8, 20_000), (50, 50), (320, 320)])
def test_thumbnails_keep_at_least_a_pixel(height: int, width: int) -> None:
    small = shrink(np.zeros((height, width, 3), np.uint8), THUMBNAIL_PX)
    assert min(small.shape[:2]) >= 1
    assert max(small.shape[:2]) == min(THUMBNAIL_PX, max(height, width))


def test_the_wording_is_careful(write: Write) -> None:
    text = write(judged(), refused()).text.lower()
    assert not re.search(r"\bfakes?\b|\bproofs?\b|\bproves?\b", text)


def test_an_empty_check_still_reads(write: Write) -> None:
    assert "0 images checked" in write().text


def test_memory_stays_flat_however_many_images(tmp_path: Path) -> None:
    outcome = judged()
    tracemalloc.start()
    try:
        with Report(tmp_path / "report.html") as report:
            report.add(outcome)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(400):
                report.add(outcome)
        grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert grown < (tmp_path / "report.html").stat().st_size / 2


def test_an_error_leaves_the_old_report_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("the last one")
    with pytest.raises(RuntimeError), Report(path) as report:
        report.add(judged())
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text() == "the last one"


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="could not be written"):
        Report(tmp_path / "file" / "report.html")


def test_nothing_lies_beside_the_page_while_it_is_made(tmp_path: Path) -> None:
    """A process that is killed leaves nothing behind; yet what waits is on the page's own disk."""
    (tmp_path / "file").touch()
    with Report(tmp_path / "report.html") as report:
        report.add(judged())
        assert sys.platform == "win32" or [file.name for file in tmp_path.iterdir()] == ["file"]
        assert os.fstat(report._entries.fileno()).st_dev == (tmp_path / "file").stat().st_dev


def test_a_page_that_was_cut_short_says_so(tmp_path: Path) -> None:
    with Report(tmp_path / "report.html") as report:
        report.add(judged())
        report.cut_short(1200)
    assert "Cut short after 1 of 1,200: the rest was not looked at" in Page(tmp_path / "report.html").text


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_where_there_is_no_room_no_half_of_a_report_stays(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "report.html"
    path.write_text("the report before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(OutputError), Report(path) as report:
            for number in range(20):
                report.add(judged(f"{number}.png"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text() == "the report before"
