"""Every hostile or odd image ends in pixels or in the right refusal, and none of them kills or swells the child."""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.images import Decoder, Origin
from noiselens_core.sniff import max_pixels

HERE = Path(__file__).resolve().parent.parent / "data" / "badimages"
POOL = Path(__file__).resolve().parents[3] / "shared" / "badimages"

DAMAGED = frozenset({RefusalCode.DAMAGED, RefusalCode.FORMAT, RefusalCode.EMPTY})  # "damaged or not an image"
TOO_SMALL = frozenset({RefusalCode.BAD_SHAPE})
POOL_KINDS = {
    "REFUSE damaged": DAMAGED,
    "REFUSE too big": frozenset({RefusalCode.TOO_MANY_PIXELS}),
    "REFUSE (1.3 kB -> 289 Mpx": frozenset({RefusalCode.TOO_MANY_PIXELS}),
    "REFUSE size": TOO_SMALL,
    "REFUSE too thin": TOO_SMALL,
    "REFUSE format": frozenset({RefusalCode.FORMAT}),
}
# Their headers declare sides of 6 and 1 px, which is a reason before the damage is met.
POOL_SIZE_FIRST = {
    "image-rs/Bad_clrsUsed.bmp": TOO_SMALL,
    "pillow/crash-63b1dffefc8c075ddc606c0a2f5fdc15ece78863.tif": TOO_SMALL,
}
HEIC = "pillow/avif/hopper.heif"  # read from opened files, refused from anywhere else


def local_cases() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| (\S+\.\w+) \| (\w+) \|", (HERE / "INDEX.md").read_text(), re.MULTILINE)
    assert {name for name, _ in rows} == {p.name for p in HERE.iterdir()} - {"INDEX.md", "ORIGIN.txt"}
    return rows


def pool_cases() -> dict[str, frozenset[RefusalCode] | None]:
    """Return file -> refusals that are right; None where it must decode."""
    if not POOL.exists():
        return {}
    cases: dict[str, frozenset[RefusalCode] | None] = {}
    for line in (POOL / "INDEX.md").read_text().splitlines():
        row = re.match(r"\| (\S+/\S+) \| \d+ \| (.*?) \|", line)
        if row:
            kinds = [codes for start, codes in POOL_KINDS.items() if row[2].startswith(start)]
            assert kinds or not row[2].startswith("REFUSE"), row[2]
            cases[row[1]] = POOL_SIZE_FIRST.get(row[1], kinds[0] if kinds else None)
    for path in sorted((POOL / "pngsuite").iterdir()):  # its valid files are not in the table one by one
        under_8_px = re.match(r"s0[1-7][in]", path.name)
        cases.setdefault(f"pngsuite/{path.name}", TOO_SMALL if under_8_px else None)
    return cases


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def outcome(decoder: Decoder, path: Path, origin: Origin = Origin.FILE) -> RefusalCode | None:
    begun = time.monotonic()
    try:
        image = decoder.decode(path.read_bytes(), origin)
    except ImageRefusedError as refusal:
        assert str(refusal).endswith(".")
        assert "Traceback" not in str(refusal)
        return refusal.code
    finally:
        assert time.monotonic() - begun < 10
    assert image.pixels.shape == (image.facts.height, image.facts.width, 3)
    return None


@pytest.mark.parametrize(("name", "expected"), local_cases())
def test_t27_each_bundled_file_ends_as_its_index_says(decoder: Decoder, name: str, expected: str) -> None:
    assert (outcome(decoder, HERE / name) or "decode") == expected


@pytest.mark.shared
@pytest.mark.skipif(not POOL.exists(), reason="the pool of hostile images is not beside this repository")
@pytest.mark.parametrize(("name", "expected"), pool_cases().items())
def test_t27_each_file_of_the_pool_ends_as_its_index_says(
    decoder: Decoder, name: str, expected: frozenset[RefusalCode] | None
) -> None:
    origin = Origin.CLIPBOARD if name == HEIC else Origin.FILE
    got = outcome(decoder, POOL / name, origin)
    assert got in expected if expected else got is None


def peak_mib(decoder: Decoder) -> int:
    status = Path(f"/proc/{decoder.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
@pytest.mark.parametrize(
    ("name", "options", "mode"),
    [
        ("WEBP", {"quality": 40, "method": 0}, "RGB"),
        ("WEBP", {"quality": 40, "method": 0}, "RGBA"),
        ("AVIF", {"quality": 30, "speed": 10}, "RGBA"),
        ("JPEG", {"quality": 40, "progressive": True}, "RGB"),
        ("PNG", {"compress_level": 1}, "RGBA"),
    ],
)
def test_the_largest_image_of_a_format_takes_300_mib_beside_its_pixels(
    name: str, options: dict[str, Any], mode: str
) -> None:
    width = 5000
    height = max_pixels(name) // width
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(out, name, **options)
    with Decoder() as decoder:
        assert decoder.decode(out.getvalue()).pixels.shape == (height, width, 3)
        assert peak_mib(decoder) - width * height * 3 / 2**20 < 300
        with pytest.raises(ImageRefusedError, match=f"decodes {name} up to {max_pixels(name) // 10**6} Mpx"):
            decoder.decode(with_height(name, height + 1))


def with_height(name: str, height: int) -> bytes:
    """Return a file that needs one row more than is decoded, with nothing else in it that matters."""
    out = io.BytesIO()
    Image.new("L", (5000, height)).convert("RGB").save(out, name, **({"speed": 10} if name == "AVIF" else {}))
    return out.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_t27_no_file_kills_the_child_or_takes_300_mib() -> None:
    files = [*HERE.iterdir(), *(POOL.rglob("*.*") if POOL.exists() else ())]
    with Decoder() as decoder:
        assert outcome(decoder, HERE / "sd_parameters.png") is None
        first, idle = decoder.pid, peak_mib(decoder)
        for path in files:
            outcome(decoder, path)
        assert decoder.pid == first
        assert peak_mib(decoder) - idle < 300
