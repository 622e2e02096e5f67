"""What the decoder makes of images: pixels, facts, and refusals before anything is decoded."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.images import MAX_BYTES, DecodedImage, Decoder, Origin, read_bytes

BAD_IMAGES = Path(__file__).resolve().parent.parent / "data" / "badimages"


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as decoder:
        yield decoder


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """A picture no turn of which equals another, with a coarse pattern."""
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([x * 255 // width, y * 255 // height, (x // 24 + y // 24) % 2 * 60], axis=2)
    return Image.fromarray(rgb.astype(np.uint8))


def refusal(decode: Callable[[], DecodedImage | bytes]) -> ImageRefusedError:
    with pytest.raises(ImageRefusedError) as caught:
        decode()
    return caught.value


def pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("RGB"))


# --- formats ---------------------------------------------------------------------------------------------------

FORMATS = {"PNG": 0, "BMP": 0, "TIFF": 0, "GIF": 60, "JPEG": 12, "WEBP": 12, "AVIF": 12, "HEIF": 12}


@pytest.mark.parametrize(("kind", "tolerance"), FORMATS.items())
def test_every_format_gives_its_pixels_and_facts(decoder: Decoder, kind: str, tolerance: int) -> None:
    data = encoded(scene(), kind)
    image = decoder.decode(data)
    assert image.pixels.shape == (64, 96, 3)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    difference = np.abs(image.pixels.astype(int) - pixels_of(scene()))
    assert np.quantile(difference, 0.9) <= tolerance
    facts = image.facts
    assert facts.format == ("HEIC" if kind == "HEIF" else kind)
    assert (facts.width, facts.height, facts.orientation) == (96, 64, 1)
    assert (facts.animated, facts.transparent, facts.notes) == (False, False, ())
    assert (facts.byte_size, facts.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("kind", ["TIFF", "HEIF"])
@pytest.mark.parametrize("origin", [Origin.BRIDGE, Origin.CLIPBOARD])
def test_tiff_and_heic_are_read_from_opened_files_only(decoder: Decoder, kind: str, origin: Origin) -> None:
    data = encoded(scene(), kind)
    assert decoder.decode(data, Origin.FILE).facts.width == 96
    error = refusal(lambda: decoder.decode(data, origin))
    assert error.code is RefusalCode.FORMAT
    assert "open it in NoiseLens" in str(error)


OTHER_FILES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>',
    "svg with a declaration": b'<?xml version="1.0"?><svg/>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n",
    "eps with a preview": b"\xc5\xd0\xd3\xc6" + bytes(28),
    "pdf": b"%PDF-1.7\n",
    "html": b"<!doctype html><title>x</title>",
    "script": b"#!/bin/sh\n",
    "ico": b"\0\0\1\0\1\0\x10\x10" + bytes(20),
    "psd": b"8BPS\0\1" + bytes(20),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20),
    "jpeg xl": b"\xff\x0a" + bytes(20),
    "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
    "ppm": b"P6 64 64 255\n" + bytes(64 * 64 * 3),
    "gzip": b"\x1f\x8b\x08" + bytes(20),
    "zeros": bytes(1000),
}


@pytest.mark.parametrize("data", OTHER_FILES.values(), ids=OTHER_FILES.keys())
def test_t31_other_files_are_refused_before_a_child_is_started(data: bytes) -> None:
    with Decoder() as decoder:
        error = refusal(lambda: decoder.decode(data))
        assert error.code is RefusalCode.FORMAT
        assert decoder.pid is None


@pytest.mark.parametrize("name", [path.name for path in BAD_IMAGES.glob("bomb_*")])
def test_bombs_are_refused_before_a_child_is_started(name: str) -> None:
    with Decoder() as decoder:
        assert refusal(lambda: decoder.decode_file(BAD_IMAGES / name)).code is RefusalCode.TOO_MANY_PIXELS
        assert decoder.pid is None


def test_a_size_only_the_decoder_can_read_is_checked_by_the_child(decoder: Decoder) -> None:
    data = encoded(scene(), "TIFF", big_tiff=True)
    width = struct.pack("<HHQ", 256, 4, 1)
    at = data.index(width) + len(width)
    data = data[:at] + struct.pack("<Q", 3_000_000) + data[at + 8 :]
    assert refusal(lambda: decoder.decode(data)).code is RefusalCode.TOO_MANY_PIXELS


def test_the_name_of_a_file_does_not_matter(decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(encoded(scene(), "PNG"))
    assert decoder.decode_file(path).facts.format == "PNG"


# --- sizes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((7, 64), RefusalCode.BAD_SHAPE),
        ((64, 7), RefusalCode.BAD_SHAPE),
        ((20_001, 8), RefusalCode.BAD_SHAPE),
        ((8001, 8000), RefusalCode.TOO_MANY_PIXELS),
    ],
)
def test_sides_and_pixels_have_limits(decoder: Decoder, size: tuple[int, int], code: RefusalCode) -> None:
    error = refusal(lambda: decoder.decode(encoded(Image.new("1", size), "PNG")))
    assert error.code is code
    assert f"{size[0]} x {size[1]}" in str(error)


@pytest.mark.parametrize("size", [(8, 8), (20_000, 8)])
def test_sizes_at_the_limit_are_decoded(decoder: Decoder, size: tuple[int, int]) -> None:
    facts = decoder.decode(encoded(Image.new("L", size), "PNG")).facts
    assert (facts.width, facts.height) == size


def test_empty_and_oversized_files_are_refused(decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.touch()
    assert refusal(lambda: decoder.decode_file(path)).code is RefusalCode.EMPTY
    assert refusal(lambda: decoder.decode(b"")).code is RefusalCode.EMPTY
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    error = refusal(lambda: read_bytes(path))
    assert error.code is RefusalCode.TOO_MANY_BYTES
    assert "32 MiB" in str(error)
    assert refusal(lambda: decoder.decode(path.read_bytes())).code is RefusalCode.TOO_MANY_BYTES


def test_files_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    error = refusal(lambda: read_bytes(tmp_path / "gone.png"))
    assert error.code is RefusalCode.UNREADABLE
    assert "gone.png" in str(error)


# --- damage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.9, 0.98])
@pytest.mark.parametrize("kind", FORMATS)
def test_t30_a_file_that_was_cut_short_is_refused(decoder: Decoder, kind: str, share: float) -> None:
    data = encoded(scene(400, 300), kind)
    assert refusal(lambda: decoder.decode(data[: int(len(data) * share)])).code is RefusalCode.DAMAGED


def test_t30_a_progressive_jpeg_that_was_cut_short_is_refused(decoder: Decoder) -> None:
    data = encoded(scene(400, 300), "JPEG", progressive=True)
    assert refusal(lambda: decoder.decode(data[: len(data) * 9 // 10])).code is RefusalCode.DAMAGED


def test_t30_a_png_cut_in_a_chunk_after_its_pixels_is_refused(decoder: Decoder) -> None:
    data = encoded(scene(), "PNG")
    assert data[-8:-4] == b"IEND"
    cut = data[:-12] + struct.pack(">I", 1000) + b"tEXtComment"
    assert refusal(lambda: decoder.decode(cut)).code is RefusalCode.DAMAGED


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\2\0\0\0\1\6\0\0\0\0\0\0\0",  # orientation as text
        b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x1a\0\5\0\0\0\1\0\0\xff\xff\0\0\0\0",  # resolution out of reach
    ],
)
def test_damaged_exif_does_not_damage_the_picture(decoder: Decoder, exif: bytes) -> None:
    image = decoder.decode(encoded(scene(), "JPEG", exif=exif))
    assert np.array_equal(image.pixels, decoder.decode(encoded(scene(), "JPEG")).pixels)
    assert image.facts.orientation == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_t32_data_after_the_end_changes_nothing(decoder: Decoder, kind: str) -> None:
    data = encoded(scene(), kind)
    plain, trailed = decoder.decode(data), decoder.decode(data + b"\0 parameters: steps 20 <svg>" * 99)
    assert np.array_equal(plain.pixels, trailed.pixels)
    assert plain.facts.notes == trailed.facts.notes
    assert plain.facts.sha256 != trailed.facts.sha256


# --- turning ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_t28_the_eight_orientations_come_upright(decoder: Decoder, kind: str, orientation: int) -> None:
    stored = scene(900, 700)  # larger than one strip
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(stored, kind, exif=exif, **options)
    image = decoder.decode(data)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert np.array_equal(image.pixels, pixels_of(upright))
    assert (image.facts.width, image.facts.height) == ((900, 700) if orientation < 5 else (700, 900))
    assert image.facts.orientation == orientation


@pytest.mark.parametrize("orientation", [0, 9, 99, 65535])
def test_t28_an_impossible_orientation_is_ignored(decoder: Decoder, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decoder.decode(encoded(scene(), "PNG", exif=exif))
    assert np.array_equal(image.pixels, pixels_of(scene()))
    assert image.facts.orientation == 1


# --- colour ----------------------------------------------------------------------------------------------------


def test_t29_16_bit_grey_is_scaled_and_not_clipped(decoder: Decoder) -> None:
    ramp = np.tile(np.arange(0, 65536, 64, dtype=np.uint16), (64, 1))
    for kind in ("PNG", "TIFF"):
        pixels = decoder.decode(encoded(Image.fromarray(ramp), kind)).pixels
        assert np.array_equal(pixels[:, :, 0], np.round(ramp / 257).astype(np.uint8))
        assert abs(pixels.mean() - 127.5) < 1
    middle = Image.fromarray(np.full((64, 64), 32896, np.uint16))
    assert decoder.decode(encoded(middle, "PNG")).pixels.mean() == 128


def test_12_bit_grey_is_scaled_by_its_own_white(decoder: Decoder) -> None:
    """Two levels a three bytes: 0 and 4095."""
    entries = [(256, 3, 32), (257, 3, 32), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 200), (277, 3, 1)]
    entries += [(278, 3, 32), (279, 4, 32 * 48)]
    ifd = struct.pack("<H", len(entries))
    ifd += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    data = (b"II*\0\x08\0\0\0" + ifd).ljust(200, b"\0") + b"\0\x0f\xff" * (32 * 16)
    pixels = decoder.decode(data).pixels
    assert (pixels[:, ::2] == 0).all()
    assert (pixels[:, 1::2] == 255).all()


def test_a_transparent_level_of_16_bit_grey_becomes_white(decoder: Decoder) -> None:
    grey = np.full((32, 32), 1000, np.uint16)
    grey[:16] = 2000
    image = decoder.decode(encoded(Image.fromarray(grey), "PNG", transparency=2000))
    assert (image.pixels[:16] == 255).all()
    assert (image.pixels[16:] == round(1000 / 257)).all()
    assert image.facts.transparent


def test_t29_transparency_is_composited_on_white(decoder: Decoder) -> None:
    rgba = np.zeros((32, 32, 4), np.uint8)
    rgba[..., 0] = 200
    rgba[:16, :, 3] = 128
    rgba[16:, :, 3] = 255
    image = decoder.decode(encoded(Image.fromarray(rgba), "PNG"))
    assert np.abs(image.pixels[0, 0].astype(int) - [227, 127, 127]).max() <= 1
    assert (image.pixels[31, 0] == [200, 0, 0]).all()
    assert image.facts.transparent
    assert image.facts.notes == ("Transparent areas were placed on white.",)


@pytest.mark.parametrize("premultiplied", [False, True])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_t29_every_kind_of_alpha_goes_on_white(decoder: Decoder, mode: str, premultiplied: bool) -> None:
    level = 50 if premultiplied else 100
    data = encoded(Image.new(mode, (32, 32), (*[level] * (len(mode) - 1), 128)), "TIFF")
    extra_samples = struct.pack("<HHI", 338, 3, 1)
    assert extra_samples + b"\2" in data
    if premultiplied:
        data = data.replace(extra_samples + b"\2", extra_samples + b"\1")
    image = decoder.decode(data)
    assert np.abs(image.pixels.astype(int) - 177).max() <= 1
    assert image.facts.transparent


def test_an_alpha_channel_without_transparency_is_not_mentioned(decoder: Decoder) -> None:
    image = decoder.decode(encoded(scene().convert("RGBA"), "PNG"))
    assert np.array_equal(image.pixels, pixels_of(scene()))
    assert not image.facts.transparent
    assert image.facts.notes == ()


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_t29_a_transparent_palette_entry_becomes_white(decoder: Decoder, kind: str) -> None:
    image = Image.new("P", (32, 32), 0)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.paste(1, (0, 0, 32, 16))
    got = decoder.decode(encoded(image, kind, transparency=1))
    assert (got.pixels[:16] == 255).all()
    assert (got.pixels[16:] == [10, 20, 30]).all()
    assert got.facts.transparent


@pytest.mark.parametrize(("mode", "level"), [("L", 70), ("RGB", (70, 80, 90)), ("1", 0)])
def test_a_transparent_colour_becomes_white(decoder: Decoder, mode: str, level: int | tuple[int, ...]) -> None:
    data = encoded(Image.new(mode, (32, 32), level), "PNG", transparency=level)
    assert (decoder.decode(data).pixels == 255).all()


def test_t29_cmyk_is_converted(decoder: Decoder) -> None:
    image = decoder.decode(encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95))
    assert np.abs(image.pixels[0, 0].astype(int) - [255, 0, 0]).max() <= 3
    assert "CMYK" in image.facts.notes[0]


def test_floating_point_pictures_are_refused(decoder: Decoder) -> None:
    for pixels in (np.ones((32, 32), np.float32), np.ones((32, 32), np.int32)):
        data = encoded(Image.fromarray(pixels), "TIFF")
        assert refusal(lambda data=data: decoder.decode(data)).code is RefusalCode.FORMAT  # type: ignore[misc]


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """sRGB with the red and blue primaries exchanged."""
    profile = srgb_profile()
    return profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def test_an_srgb_profile_leaves_the_pixels_exact(decoder: Decoder) -> None:
    image = decoder.decode(encoded(scene(), "PNG", icc_profile=srgb_profile()))
    assert np.array_equal(image.pixels, pixels_of(scene()))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_t29_a_colour_profile_is_applied(decoder: Decoder, kind: str) -> None:
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {}
    red = Image.new("RGB", (32, 32), (255, 0, 0))
    image = decoder.decode(encoded(red, kind, icc_profile=swapped_profile(), **options))
    assert np.abs(image.pixels[0, 0].astype(int) - [0, 0, 255]).max() <= 2
    assert image.facts.notes == ()


def test_a_colour_profile_is_applied_before_the_white_is_laid_under(decoder: Decoder) -> None:
    half_red = Image.new("RGBA", (32, 32), (255, 0, 0, 128))
    image = decoder.decode(encoded(half_red, "PNG", icc_profile=swapped_profile()))
    assert np.abs(image.pixels[0, 0].astype(int) - [127, 127, 255]).max() <= 2


def test_a_profile_within_rounding_of_srgb_leaves_the_pixels_exact(decoder: Decoder) -> None:
    profile = bytearray(srgb_profile())
    (at,) = struct.unpack_from(">I", profile, profile.index(b"rXYZ") + 4)
    profile[at + 10 : at + 12] = (int.from_bytes(profile[at + 10 : at + 12], "big") + 100).to_bytes(2, "big")
    image = decoder.decode(encoded(scene(), "PNG", icc_profile=bytes(profile)))
    assert np.array_equal(image.pixels, pixels_of(scene()))


def test_a_grey_profile_is_for_grey_pictures_only(decoder: Decoder) -> None:
    profile = srgb_profile().replace(b"RGB XYZ", b"GRAYXYZ").replace(b"rTRC", b"kTRC")
    grey = decoder.decode(encoded(scene().convert("L"), "PNG", icc_profile=profile))
    assert np.abs(grey.pixels.astype(int) - pixels_of(scene().convert("L"))).max() <= 2
    assert grey.facts.notes == ()
    colour = decoder.decode(encoded(scene(), "PNG", icc_profile=profile))
    assert np.array_equal(colour.pixels, pixels_of(scene()))
    assert "colour profile could not be used" in colour.facts.notes[0]


@pytest.mark.parametrize("profile", [b"garbage" * 99, srgb_profile()[:200], b"\0"])
def test_t29_a_bad_profile_is_ignored_and_said(decoder: Decoder, profile: bytes) -> None:
    image = decoder.decode(encoded(scene(), "PNG", icc_profile=profile))
    assert np.array_equal(image.pixels, pixels_of(scene()))
    assert "colour profile could not be used" in image.facts.notes[0]


# --- frames and pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_t29_the_first_frame_of_an_animation_is_taken_and_said(decoder: Decoder, kind: str) -> None:
    red, blue = (Image.new("RGB", (32, 32), colour) for colour in ("red", "blue"))
    image = decoder.decode(encoded(red, kind, save_all=True, append_images=[blue, red]))
    assert np.abs(image.pixels[0, 0].astype(int) - [255, 0, 0]).max() <= 3
    assert image.facts.animated
    assert image.facts.notes == ("Animated: only the first frame was looked at.",)


def test_the_first_page_of_several_is_taken_and_said(decoder: Decoder) -> None:
    red, blue = (Image.new("RGB", (32, 32), colour) for colour in ("red", "blue"))
    image = decoder.decode(encoded(red, "TIFF", save_all=True, append_images=[blue]))
    assert (image.pixels[0, 0] == [255, 0, 0]).all()
    assert not image.facts.animated
    assert "Several pages" in image.facts.notes[0]


def test_the_second_picture_in_a_phones_jpeg_is_not_mentioned(decoder: Decoder) -> None:
    image = decoder.decode(encoded(scene(), "MPO", save_all=True, append_images=[Image.new("RGB", (48, 32))]))
    assert image.facts.format == "JPEG"
    assert (image.facts.animated, image.facts.notes) == (False, ())


def test_t33_what_follows_the_end_of_a_png_is_not_believed(decoder: Decoder) -> None:
    spoofed = (BAD_IMAGES / "spoof_marker_after_iend.png").read_bytes()
    end = spoofed.index(b"IEND") + 8
    assert len(spoofed) > end
    whole, cut = decoder.decode(spoofed), decoder.decode(spoofed[:end])
    assert np.array_equal(whole.pixels, cut.pixels)
    assert whole.facts.notes == cut.facts.notes == ()


# --- company ---------------------------------------------------------------------------------------------------


def test_importing_the_decoder_brings_in_nothing_heavy() -> None:
    program = "import sys, noiselens_core.images; print([m for m in ('torch', 'cv2', 'PySide6') if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"
