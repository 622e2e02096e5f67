"""What files say of their origin: every source read in its own place."""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin
from rich.console import Console

from noiselens_core import credentials, decode_worker, metadata
from noiselens_core.batch import judge_files
from noiselens_core.cli import SAMPLES
from noiselens_core.detector import Detector
from noiselens_core.images import Decoder
from noiselens_core.provenance import (
    KINDS,
    ORIGINS,
    PLACES,
    facts_from_marks,
)
from noiselens_core.rows import CsvRows, JsonLines, TableRows
from noiselens_core.verdict import Band, Verdict

from .pictures import BASE, SETTINGS, TERM, XMP, found, pixels, png, saved, with_comment

WORKFLOW = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dream.safetensors"}},
}
GRAPH = {"nodes": [{"type": "KSampler"}, {"type": "Loader", "widgets_values": ["xl.safetensors", 1]}], "links": []}


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


# --- where facts are read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "key", "value", "source"),
    [
        ({"parameters": SETTINGS}, "sd_parameters", " ".join(SETTINGS.split()), "PNG text “parameters”"),
        ({"prompt": json.dumps(WORKFLOW)}, "comfyui", "2 steps; models: dream.safetensors", "PNG text “prompt”"),
        ({"workflow": json.dumps(GRAPH)}, "comfyui", "2 steps; models: xl.safetensors", "PNG text “workflow”"),
        ({"sd_metadata": '{"a":1}'}, "invokeai", '{"a":1}', "PNG text “sd-metadata”"),
        ({"Dream": "a cat -s 50"}, "invokeai", "a cat -s 50", "PNG text “Dream”"),
        ({"Software": "NovelAI", "Comment": '{"steps":28}'}, "novelai", '{"steps":28}', "PNG text “Comment”"),
        (
            {"Description": "a cat --v 6 Job ID: 12ab"},
            "midjourney",
            "a cat --v 6 Job ID: 12ab",
            "PNG text “Description”",
        ),
        ({"Software": "GIMP 3.0"}, "software", "GIMP 3.0", "PNG text “Software”"),
        ({"Creation__Tool": "Drawer"}, "software", "Drawer", "PNG text “Creation Tool”"),
        ({"Comment": "by hand"}, "comment", "by hand", "PNG text “Comment”"),
    ],
)
def test_png_text_tells_what_its_keyword_stands_for(
    decoder: Decoder, texts: dict[str, str], key: str, value: str, source: str
) -> None:
    fact = found(decoder, png(**texts))[key]
    assert (fact.value, fact.source) == (value, source)


@pytest.mark.parametrize(
    "texts",
    [
        {"prompt": "a cat"},  # a word many programs use
        {"prompt": "[1, 2]"},
        {"prompt": '{"a": {"b": 1}}'},
        {"prompt": "[" * 100_000},
        {"workflow": '{"nodes": 3}'},
        {"workflow": '{"nodes": [[[]], null, 3]}'},
        {"Description": "A cat on a mat"},
        {"Author": "Somebody"},
    ],
)
def test_png_text_that_only_looks_like_it_tells_nothing(decoder: Decoder, texts: dict[str, str]) -> None:
    assert found(decoder, png(**texts)) == {}


def camera_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[BASE.Make], exif[BASE.Model], exif[BASE.Software] = "Canon", "Canon EOS 5D", "Firmware 1.1"
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    shot[BASE.ExposureTime], shot[BASE.FNumber] = (
        TiffImagePlugin.IFDRational(1, 125),
        TiffImagePlugin.IFDRational(28, 10),
    )
    shot[BASE.ISOSpeedRatings], shot[BASE.FocalLength] = 200, TiffImagePlugin.IFDRational(50, 1)
    shot[BASE.LensModel], shot[BASE.DateTimeOriginal] = "EF50mm", "2024:05:06 07:08:09"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.0)
    return exif


def tiff_of_a_camera(side: int = 16) -> bytes:
    """Return a TIFF, whose EXIF is its own directory and one below; Pillow writes none below."""
    body = bytes(3 * side * side)
    first = 8 + len(body)
    bits = first + 2 + 12 * 10 + 4
    make, shot = bits + 6, bits + 12
    entries = (
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 3, bits), (259, 4, 1, 1), (262, 4, 1, 2), (271, 2, 6, make),
        (273, 4, 1, 8), (277, 4, 1, 3), (279, 4, 1, len(body)), (0x8769, 4, 1, shot),
    )  # fmt: skip
    below = (
        struct.pack("<H", 1) + struct.pack("<HHII", BASE.LensModel, 2, 7, shot + 2 + 12 + 4) + bytes(4) + b"EF50mm\0"
    )
    directory = struct.pack("<H", 10) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", first) + body + directory + struct.pack("<HHH", 8, 8, 8) + b"Canon\0" + below


def test_exif_of_a_tiff_tells_the_camera(decoder: Decoder) -> None:
    facts = found(decoder, tiff_of_a_camera())
    assert {key: fact.value for key, fact in facts.items()} == {"camera": "Canon", "lens": "EF50mm"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_exif_tells_the_camera_in_every_format_that_holds_it(decoder: Decoder, form: str) -> None:
    facts = found(decoder, saved(form, exif=camera_exif()))
    assert {key: fact.value for key, fact in facts.items()} == {
        "camera": "Canon EOS 5D",
        "lens": "EF50mm",
        "exposure": "1/125 s, f/2.8, ISO 200, 50 mm",
        "taken": "2024:05:06 07:08:09",
        "place": "A position is stored",
        "software": "Firmware 1.1",
    }
    assert {fact.source for fact in facts.values()} == {"EXIF"}
    assert "48" not in str(facts["place"])


@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
def test_settings_in_the_comment_of_a_jpeg_are_found_in_either_byte_order(decoder: Decoder, order: str) -> None:
    fact = found(decoder, with_comment(b"UNICODE\0" + SETTINGS.encode(order)))["sd_parameters"]
    assert fact.value == " ".join(SETTINGS.split())
    assert fact.source == "EXIF UserComment"


@pytest.mark.parametrize(
    ("comment", "value"),
    [
        (b"ASCII\0\0\0a note", "a note"),
        (bytes(8) + b"a note", "a note"),
        (b"ASCII\0\0\0" + bytes(40), None),
        (b"STRANGE\0a note", None),
        (b"x", None),
        (b"UNICODE\0\xd8", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_comment_is_read_in_its_own_character_set(decoder: Decoder, comment: bytes, value: str | None) -> None:
    facts = found(decoder, with_comment(comment))
    assert (facts["comment"].value if facts else None) == value


def test_comfyui_in_the_exif_of_a_webp_is_no_camera(decoder: Decoder) -> None:
    exif = Image.Exif()
    exif[BASE.Make], exif[BASE.Model] = "workflow:" + json.dumps(GRAPH), "prompt:" + json.dumps(WORKFLOW)
    facts = found(decoder, saved("WEBP", exif=exif))
    assert {key: (fact.value, fact.source) for key, fact in facts.items()} == {
        "comfyui": ("2 steps; models: dream.safetensors", "EXIF Model")
    }


def with_preview(size: tuple[int, int], image_size: tuple[int, int] = (600, 400)) -> bytes:
    """Return a JPEG whose EXIF holds a small JPEG, as cameras write it: IFD0, IFD1, picture."""
    small = saved("JPEG", Image.new("RGB", size))
    first = 8
    second = first + 2 + 12 + 4
    picture = second + 2 + 2 * 12 + 4
    tiff = b"MM\0*" + struct.pack(">I", first)
    tiff += struct.pack(">H", 1) + struct.pack(">HHIHH", BASE.Orientation, 3, 1, 1, 0) + struct.pack(">I", second)
    tiff += struct.pack(">H", 2)
    tiff += struct.pack(">HHII", BASE.JpegIFOffset, 4, 1, picture)
    tiff += struct.pack(">HHII", BASE.JpegIFByteCount, 4, 1, len(small)) + struct.pack(">I", 0)
    return saved("JPEG", pixels(*image_size), exif=b"Exif\0\0" + tiff + small)


@pytest.mark.parametrize(
    ("preview", "image", "key"),
    [
        ((160, 107), (600, 400), "thumbnail"),
        ((160, 120), (600, 400), "thumbnail_differs"),
        ((107, 160), (600, 400), "thumbnail_differs"),
        ((48, 32), (48, 32), "thumbnail"),
    ],
)
def test_the_preview_in_exif_is_held_against_the_image(
    decoder: Decoder, preview: tuple[int, int], image: tuple[int, int], key: str
) -> None:
    facts = found(decoder, with_preview(preview, image))
    assert list(facts) == [key]
    assert facts[key].value == f"{preview[0]} × {preview[1]} px beside {image[0]} × {image[1]} px"


@pytest.mark.parametrize(
    ("inside", "key", "value"),
    [
        (f' a:DigitalSourceType="{TERM}trainedAlgorithmicMedia"/>', "origin", "Made by a generative model"),
        (f"><a:DigitalSourceType>{TERM}digitalCapture</a:DigitalSourceType></rdf:Description>", "origin", "Taken with"),
        (f'><a:DigitalSourceType rdf:resource="{TERM}print/"/></rdf:Description>', "origin", "Scanned from a print"),
        (' a:DigitalSourceType="https://example.org/homemade"/>', "origin", "https://example.org/homemade"),
        ("><a:AISystemUsed>Painter &amp; Co</a:AISystemUsed></rdf:Description>", "ai_system", "Painter & Co"),
        (' b:CreatorTool="Drawer 3"/>', "software", "Drawer 3"),
        (' c:Credit="Made with Google AI"/>', "credit", "Made with Google AI"),
        (' d:provenance="https://example.org/m.c2pa"/>', "c2pa_remote", "https://example.org/m.c2pa"),
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_xmp_tells_the_declared_origin(decoder: Decoder, form: str, inside: str, key: str, value: str) -> None:
    packet = XMP.format(inside).encode()
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet.decode())
        data = saved("PNG", pnginfo=info)
    elif form == "TIFF":
        data = saved("TIFF", tiffinfo={700: packet})
    else:
        data = saved(form, xmp=packet)
    fact = found(decoder, data)[key]
    assert fact.value.startswith(value)
    assert fact.source == "XMP"


def test_iptc_tells_program_and_credit(decoder: Decoder) -> None:
    def dataset(number: int, text: bytes) -> bytes:
        return b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text

    records = dataset(65, b"Lightbox") + dataset(110, b"Agency")
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records + b"\0" * (len(records) % 2)
    app13 = b"Photoshop 3.0\0" + block
    plain = saved("JPEG")
    data = plain[:2] + b"\xff\xed" + struct.pack(">H", len(app13) + 2) + app13 + plain[2:]
    facts = found(decoder, data)
    assert {key: (fact.value, fact.source) for key, fact in facts.items()} == {
        "software": ("Lightbox", "IPTC"),
        "credit": ("Agency", "IPTC"),
    }


@pytest.mark.parametrize("form", ["JPEG", "GIF"])
def test_the_comment_of_the_file_is_told(decoder: Decoder, form: str) -> None:
    assert found(decoder, saved(form, comment=b"Created with care"))["comment"].source == "Comment of the file"
    assert "sd_parameters" in found(decoder, saved(form, comment=SETTINGS.encode()))


# --- the facts beside the verdict ----------------------------------------------------------------------------------


def test_the_verdict_carries_the_facts_through_its_json_form() -> None:
    facts = facts_from_marks([("camera", "exif", "Canon"), ("c2pa_changed", "c2pa", "")])
    verdict = Verdict("ab" * 32, 0.5, Band.UNCERTAIN, 1.0, (), "m", 1.0, 8, 8, provenance=facts)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    older = {key: value for key, value in verdict.to_json().items() if key != "provenance"}
    assert Verdict.from_json(older) == replace(verdict, provenance=())


def test_facts_change_nothing_but_themselves(decoder: Decoder, tmp_path: Path) -> None:
    photo = Image.open(SAMPLES / "coffee.png")
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", SETTINGS)
    (tmp_path / "plain.png").write_bytes(saved("PNG", photo))
    (tmp_path / "marked.png").write_bytes(saved("PNG", photo, pnginfo=info, exif=camera_exif()))
    outcomes = list(judge_files([tmp_path / "plain.png", tmp_path / "marked.png"], lambda: Detector.load(device="cpu")))
    plain, marked = (outcome.verdict for outcome in outcomes)
    assert plain is not None
    assert marked is not None
    assert {fact.key for fact in marked.provenance} >= {"sd_parameters", "camera"}
    assert replace(marked, sha256=plain.sha256, ms=plain.ms, provenance=()) == plain

    lines, table, rows = io.StringIO(), io.StringIO(), io.StringIO()
    sinks = JsonLines(lines), TableRows(Console(file=table, width=500)), CsvRows(rows)
    for outcome in outcomes:
        for sink in sinks:
            sink.add(outcome)
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert first["provenance"] == []
    assert second["provenance"] == [fact.to_json() for fact in marked.provenance]
    assert table.getvalue().count("The file says: ") == len(marked.provenance)
    assert "The file says: Camera: Canon EOS 5D" in table.getvalue()
    bare, told = csv.DictReader(io.StringIO(rows.getvalue()))
    assert bare["provenance"] == ""
    assert told["provenance"].startswith("Generation settings: a lighthouse")
    assert " | Camera: Canon EOS 5D" in told["provenance"]


def test_no_sentence_accuses_and_each_is_whole() -> None:
    for kind in KINDS.values():
        sentence = f"{kind.name} {kind.value} {kind.meaning}".lower()
        assert "fake" not in sentence
        assert "proof" not in sentence
        assert kind.meaning.endswith(".")
    assert all(words[0].isupper() for words in ORIGINS.values())


def test_every_mark_the_readers_can_make_has_its_words() -> None:
    import re

    sources = "".join(Path(str(module.__file__)).read_text() for module in (metadata, credentials, decode_worker))
    keys = set(re.findall(r'"((?:c2pa|sd|text|exif)_\w[\w -]*)"', sources)) - {"exif_"}
    assert keys <= set(KINDS) | set(PLACES)
    assert set(metadata.XMP_KEYS.values()) <= set(KINDS)
