"""Metadata made to deceive or to break: it costs facts, never the picture, the memory or the child."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from noiselens_core import credentials
from noiselens_core.images import Decoder
from noiselens_core.provenance import (
    KINDS,
    MAX_FACTS,
    MAX_VALUE,
    PLACES,
    UNREADABLE,
    Fact,
    facts_from_marks,
)
from noiselens_core.xmp import read_xmp

from .pictures import SETTINGS, TERM, XMP, found, pixels, png, saved, with_comment


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


# --- what is not believed ------------------------------------------------------------------------------------------

TAILS = {
    "png text": b"\0\0\0\x0etEXtparameters\0Steps: 9",
    "xmp": b"<?xpacket?>" + XMP.format(f' a:DigitalSourceType="{TERM}trainedAlgorithmicMedia"/>').encode(),
    "exif": b"\xff\xe1\0\x20Exif\0\0MM\0*\0\0\0\x08",
    "words": b"c2pa jumb trainedAlgorithmicMedia Steps: 20 Midjourney",
    "another picture": png(parameters=SETTINGS),
    "another jpeg": saved("JPEG", comment=SETTINGS.encode()),
}


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_bytes_behind_the_end_of_the_picture_say_nothing(decoder: Decoder, form: str, tail: str) -> None:
    assert found(decoder, saved(form) + TAILS[tail]) == {}


def test_words_in_the_pixels_say_nothing(decoder: Decoder) -> None:
    row = np.frombuffer((b"parameters\0Steps: 20 trainedAlgorithmicMedia c2pa jumb " * 99)[: 48 * 32 * 3], np.uint8)
    data = saved("BMP", Image.fromarray(row.reshape(32, 48, 3)))
    assert b"trainedAlgorithmicMedia" in data or b"demrofsnart" not in data
    assert found(decoder, data) == {}


# --- hostile values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '<img src=x onerror="alert(1)"><script>',
        "\x1b[31mred\x1b]0;title\x07",
        "a\u202egnp.exe",
        "line\nline\r\nline\ttab",
        "\0" * 40 + "after",
        "{{ 7 * 7 }} %s {0}",
        "é中🎈" * 3,
    ],
)
def test_values_are_one_clean_line(decoder: Decoder, text: str) -> None:
    for data in (saved("JPEG", comment=text.encode()), with_comment(b"UNICODE\0" + text.encode("utf-16-be"))):
        value = found(decoder, data)["comment"].value
        assert value
        assert all(ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 for c in value)
        assert not set("\u202e\u2066\u2028") & set(value)
        assert len(value) <= MAX_VALUE


def test_a_long_value_is_cut_and_many_facts_are_few(decoder: Decoder) -> None:
    value = found(decoder, png(parameters="Steps: " + "x" * 1_000_000))["sd_parameters"].value
    assert len(value) == MAX_VALUE
    assert value.endswith("…")
    marks = [("comment", "comment", f"number {i}") for i in range(1000)]
    assert len(facts_from_marks(marks)) == MAX_FACTS
    assert len(facts_from_marks([marks[0]] * 1000)) == 1


@given(st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(PLACES)), st.text(max_size=900))))
@settings(max_examples=60, deadline=None)
def test_any_value_becomes_facts_that_survive_their_json_form(marks: list[tuple[str, str, str]]) -> None:
    facts = facts_from_marks(marks)
    assert [Fact.from_json(json.loads(json.dumps(fact.to_json()))) for fact in facts] == list(facts)
    assert all(
        (fact.value and fact.value.isprintable()) or "\u200d" in fact.value or "\u200c" in fact.value for fact in facts
    )


@pytest.mark.parametrize(
    "mark", [("unheard_of", "exif", "x"), ("camera", "elsewhere", "x"), ("camera", "exif", 3), ("camera", "exif", None)]
)
def test_what_the_child_makes_up_is_refused(mark: tuple[str, str, str]) -> None:
    with pytest.raises((KeyError, TypeError)):
        facts_from_marks([mark])


BILLION = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
HOSTILE_XMP = {
    "no xml": b"\xff\xfe\x00 <<<",
    "entities": BILLION.encode(),
    "outside entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "deep": b"<a>" * 200_000,
    "cut": XMP.format(' b:CreatorTool="Drawer').encode(),
    "large": b"<x>" + b"y" * 3_000_000 + b"</x>",
    "unclosed": b"<x><y></x>",
}


@pytest.mark.parametrize("case", HOSTILE_XMP)
def test_hostile_xmp_tells_nothing_and_costs_nothing(decoder: Decoder, case: str) -> None:
    assert found(decoder, saved("WEBP", xmp=HOSTILE_XMP[case])) == {}  # nor "unreadable", as when it takes seconds
    assert found(decoder, png(Software="GIMP"))["software"].value == "GIMP"


def test_one_property_of_xmp_is_bounded() -> None:
    packet = XMP.format(f"><b:CreatorTool>{'<b:x/>y' * 90_000}</b:CreatorTool></rdf:Description>").encode()
    ((name, value),) = read_xmp(packet)
    assert name == "CreatorTool"
    assert len(value) == 1000


def hostile_exif() -> dict[str, bytes]:
    """Return TIFF blocks as EXIF holds them, each wrong in its own way."""
    head = b"Exif\0\0II*\0"

    def ifd(*entries: tuple[int, int, int, int], then: int = 0) -> bytes:
        return (
            struct.pack("<H", len(entries))
            + b"".join(struct.pack("<HHII", *e) for e in entries)
            + struct.pack("<I", then)
        )

    at, zeros = struct.pack("<I", 8), bytes(40)
    upright = head + at + ifd((0x0112, 3, 1, 1), then=26)
    return {
        "empty": head,
        "no directory": head + struct.pack("<I", 0xFFFFFFFF),
        "directory in a loop": head + at + ifd((0x010F, 2, 4, 0x41414141), then=8),
        "exif in itself": head + at + ifd((0x8769, 4, 1, 8), (0x8825, 4, 1, 8)),
        "a gigabyte": head + at + ifd((0x010F, 2, 0x40000000, 20)),
        "beyond the end": head + at + ifd((0x010F, 2, 500, 0x7FFFFFF0)),
        "65535 entries": head + at + b"\xff\xff" + b"\x0f\x01\x02\0" * 40,
        "unknown type": head + at + ifd((0x010F, 99, 1, 1), (0x0110, 0, 1, 1)),
        "preview beyond": upright + ifd((0x0201, 4, 1, 1 << 30), (0x0202, 4, 1, 1 << 30)),
        "preview negative": upright + ifd((0x0201, 9, 1, 0xFFFFFFFF), (0x0202, 9, 1, 9)),
        "zero denominators": head + at + ifd((0x8769, 4, 1, 26)) + ifd((0x829A, 5, 1, 60), (0x829D, 5, 1, 60)) + zeros,
    }


@pytest.mark.parametrize("case", hostile_exif())
def test_hostile_exif_leaves_picture_and_child_alone(decoder: Decoder, case: str) -> None:
    plain = saved("JPEG")
    body = hostile_exif()[case]
    data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]
    before = decoder.decode(plain)
    pid = decoder.pid
    image = decoder.decode(data)
    assert (image.pixels == before.pixels).all()
    assert not {"unreadable", "thumbnail", "exposure"} & {fact.key for fact in image.facts.provenance}
    assert decoder.pid == pid


def itxt_bomb() -> bytes:
    """Return a PNG with 40 text chunks that each inflate to 900 kB."""
    body = b"parameters\0\0" + zlib.compress(b"Steps: " + b"a" * 900_000)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    plain = saved("PNG")
    return plain[:33] + chunk * 40 + plain[33:]


@pytest.mark.skipif(sys.platform != "linux", reason="reads the child's memory")
def test_a_bomb_of_text_does_not_swell_the_child(decoder: Decoder) -> None:
    decoder.decode(png(Software="GIMP"))
    assert decoder.pid is not None
    child = psutil.Process(decoder.pid)
    before = child.memory_info().rss
    assert len(found(decoder, itxt_bomb())["sd_parameters"].value) == MAX_VALUE
    assert child.memory_info().rss - before < 150 * 2**20
    assert child.is_running()


# --- metadata that kills or stops the child ------------------------------------------------------------------------

# The child's reader of manifests, which is native code, replaced by one that misbehaves as such code can.
EVIL = """
import {module} as m, os, time, sys
def evil(*_):
    {deed}
m.{name} = evil
import noiselens_core.decode_worker as w
w.{name} = evil
w.main()
"""
DEEDS = {
    "crashes": "import ctypes; ctypes.string_at(0)",
    "ends": "os._exit(3)",
    "hangs": "time.sleep(60)",
    "eats the processor": "\n    while True: pass",
    "eats memory": "return [('comment', 'comment', 'x' * 3_000_000_000)]",
    "lies": "return [('camera', 'nowhere', 'x')]",
    "announces a gigabyte": "w._message = lambda _: w.LENGTH.pack(2**30); return []",
    "breaks off": "w._message = lambda _: w.LENGTH.pack(99) + b'x'; return []",
    "sends no list": "w._message = lambda _: w.LENGTH.pack(2) + b'17'; return []",
    "answers nonsense": "return [(1, 2)]",
    "raises": "raise RuntimeError",
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_reader_that_misbehaves_costs_the_facts_and_never_the_picture(
    deed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen
    program = EVIL.format(module=credentials.__name__, name="read_credentials", deed=DEEDS[deed])

    def start(arguments: list[str], **options: object) -> subprocess.Popen[bytes]:
        return real([sys.executable, "-P", "-c", program], **options)  # type: ignore[call-overload, no-any-return]

    plain = saved("PNG")
    with Decoder(provenance_timeout_s=1.0) as decoder:
        with monkeypatch.context() as patched:
            patched.setattr(subprocess, "Popen", start)
            begun = time.monotonic()
            image = decoder.decode(plain)
            assert time.monotonic() - begun < 30  # what hangs would do so for a minute
        assert (image.pixels == np.asarray(pixels())).all()
        assert image.facts.provenance in {UNREADABLE, facts_from_marks([("c2pa_unreadable", "c2pa", "")])}
        decoder.close()
        assert found(decoder, png(Software="GIMP"))["software"].value == "GIMP"
