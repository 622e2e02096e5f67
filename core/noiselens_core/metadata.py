"""What the metadata of an opened picture says of its origin: EXIF, XMP, IPTC, PNG text; in the decoding child only.

Only what Pillow found inside the container is read, so bytes after its end say nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from PIL import ExifTags, Image

from .provenance import Mark
from .sniff import header_size
from .xmp import read_xmp

MAX_JSON_CHARS = 2**20  # of a workflow that is read; the rest of its kind is only named
SAME_SHAPE = 0.03  # relative difference of two aspect ratios that rounding explains
INVOKEAI = ("invokeai_metadata", "sd-metadata", "Dream")
SETTINGS_SIGN = "Steps: "  # in every settings text of the Stable Diffusion web interfaces
XMP_KEYS = {
    "DigitalSourceType": "origin",
    "AISystemUsed": "ai_system",
    "CreatorTool": "software",
    "Credit": "credit",
    "provenance": "c2pa_remote",
}
IPTC_PROGRAM, IPTC_CREDIT, XMP_TAG = (2, 65), (2, 110), 700
CHARSETS = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "shift_jis", bytes(8): "utf-8"}


def read_metadata(image: Image.Image) -> list[Mark]:
    """Return what a loaded picture's metadata says; what is damaged is left out."""
    marks: list[Mark] = []
    readers: tuple[Callable[[Image.Image], Iterator[Mark]], ...] = (_xmp, _texts, _exif, _iptc, _comment)
    for reader in readers:
        try:
            marks.extend(reader(image))
        except Exception:  # noqa: BLE001, S112 - damaged metadata is common in good photographs
            continue
    return marks


def _xmp(image: Image.Image) -> Iterator[Mark]:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet is None and hasattr(image, "tag_v2"):
        packet = image.tag_v2.get(XMP_TAG)
    if packet:
        for name, value in read_xmp(packet.encode() if isinstance(packet, str) else bytes(packet)):
            yield XMP_KEYS[name], "xmp", value


def _texts(image: Image.Image) -> Iterator[Mark]:
    """Yield what stands in the text chunks of a PNG."""
    texts: dict[str, str] = getattr(image, "text", {})
    if "parameters" in texts:
        yield "sd_parameters", "text_parameters", texts["parameters"]
    for keyword in ("prompt", "workflow"):
        if keyword in texts and (told := _workflow(texts[keyword])):
            yield "comfyui", f"text_{keyword}", told
            break  # both describe the same steps
    for keyword in INVOKEAI:
        if keyword in texts:
            yield "invokeai", f"text_{keyword}", texts[keyword]
    software = texts.get("Software", "")
    if software:
        yield "software", "text_Software", software
    if "Creation Tool" in texts:
        yield "software", "text_Creation Tool", texts["Creation Tool"]
    if software == "NovelAI" and "Comment" in texts:
        yield "novelai", "text_Comment", texts["Comment"]
    elif "Comment" in texts:
        yield "comment", "text_Comment", texts["Comment"]
    if "Job ID:" in texts.get("Description", ""):
        yield "midjourney", "text_Description", texts["Description"]


def _workflow(text: str) -> str:
    """Return a ComfyUI workflow or prompt in short, or nothing when it is none."""
    if len(text) > MAX_JSON_CHARS:
        return ""
    try:
        steps = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(steps, dict):
        return ""
    nodes = steps["nodes"] if isinstance(steps.get("nodes"), list) else list(steps.values())
    nodes = [node for node in nodes if isinstance(node, dict) and ("class_type" in node or "type" in node)]
    if not nodes:
        return ""
    models: list[str] = []
    for node in nodes:
        held = node.get("inputs") if isinstance(node.get("inputs"), dict) else {}
        values = [*held.values(), *(node["widgets_values"] if isinstance(node.get("widgets_values"), list) else ())]
        models += [v for v in values if isinstance(v, str) and v.endswith((".safetensors", ".ckpt", ".gguf", ".sft"))]
    steps_told = f"{len(nodes):,} step{'s' * (len(nodes) != 1)}"
    return f"{steps_told}; models: {', '.join(dict.fromkeys(models))}" if models else steps_told


def _exif(image: Image.Image) -> Iterator[Mark]:
    exif = image.getexif()
    base, shot = ExifTags.Base, exif.get_ifd(ExifTags.IFD.Exif)
    make, model = _text(exif.get(base.Make)), _text(exif.get(base.Model))
    if model.startswith("prompt:") or make.startswith("workflow:"):  # ComfyUI, in formats that have no text chunks
        for text, place in ((model, "exif_model"), (make, "exif_make")):
            if told := _workflow(text.partition(":")[2]):
                yield "comfyui", place, told
                break
    elif make or model:
        yield "camera", "exif", model if model.lower().startswith(make.lower()) else f"{make} {model}"
    if lens := _text(shot.get(base.LensModel)):
        yield "lens", "exif", lens
    if exposure := _exposure(shot):
        yield "exposure", "exif", exposure
    if taken := _text(shot.get(base.DateTimeOriginal)):
        yield "taken", "exif", taken
    if exif.get_ifd(ExifTags.IFD.GPSInfo).get(ExifTags.GPS.GPSLatitude):
        yield "place", "exif", ""
    if software := _text(exif.get(base.Software)):
        yield "software", "exif", software
    comment = _user_comment(shot.get(base.UserComment))
    if SETTINGS_SIGN in comment:
        yield "sd_parameters", "exif_comment", comment
    elif comment:
        yield "comment", "exif_comment", comment
    yield from _preview(image, exif)


def _exposure(shot: dict[int, Any]) -> str:
    """Return how a picture was taken: 1/125 s, f/2.8, ISO 200, 50 mm."""
    base, parts = ExifTags.Base, []
    if (time := _number(shot.get(base.ExposureTime))) > 0:
        parts.append(f"1/{1 / time:,.0f} s" if time < 0.5 else f"{time:,.1f} s")
    if (stop := _number(shot.get(base.FNumber))) > 0:
        parts.append(f"f/{stop:.1f}")
    if (speed := _number(shot.get(base.ISOSpeedRatings))) > 0:
        parts.append(f"ISO {speed:,.0f}")
    if (length := _number(shot.get(base.FocalLength))) > 0:
        parts.append(f"{length:,.0f} mm")
    return ", ".join(parts)


def _preview(image: Image.Image, exif: Image.Exif) -> Iterator[Mark]:
    """Yield the size of the small JPEG in EXIF beside the stored picture's."""
    held, raw = exif.get_ifd(ExifTags.IFD.IFD1), image.info.get("exif", b"")
    start, length = held.get(ExifTags.Base.JpegIFOffset), held.get(ExifTags.Base.JpegIFByteCount)
    if not isinstance(start, int) or not isinstance(length, int) or not isinstance(raw, bytes):
        return
    start += 6 if raw.startswith(b"Exif\0\0") else 0
    size = header_size("JPEG", raw[start : start + length])
    if size is None or not all(size):
        return
    (width, height), (small, low) = image.size, size
    differs = abs(small * height / (low * width) - 1) > SAME_SHAPE + 1 / low
    told = f"{small:,} × {low:,} px beside {width:,} × {height:,} px"
    yield "thumbnail_differs" if differs else "thumbnail", "exif_preview", told


def _iptc(image: Image.Image) -> Iterator[Mark]:
    from PIL import IptcImagePlugin

    held = IptcImagePlugin.getiptcinfo(cast(Any, image)) or {}
    for field, key in ((IPTC_PROGRAM, "software"), (IPTC_CREDIT, "credit")):
        value = held.get(field)
        if isinstance(value, bytes):
            yield key, "iptc", value.decode("utf-8", "replace")


def _comment(image: Image.Image) -> Iterator[Mark]:
    """Yield the comment of a JPEG or GIF."""
    comment = image.info.get("comment")
    if isinstance(comment, bytes) and comment:
        text = comment.decode("utf-8", "replace")
        yield "sd_parameters" if SETTINGS_SIGN in text else "comment", "comment", text


def _user_comment(value: object) -> str:
    """Return EXIF's UserComment: eight bytes name its character set, UTF-16 comes in either order."""
    if not isinstance(value, bytes):
        return _text(value)
    charset, body = CHARSETS.get(value[:8], ""), value[8:]
    if charset == "utf-16":
        big, little = (body.decode(f"utf-16-{order}", "replace") for order in ("be", "le"))
        return max(big, little, key=lambda text: sum(c.isascii() for c in text)).strip("\0 ")
    return body.decode(charset, "replace").strip("\0 ") if charset else ""


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.strip("\0 ") if isinstance(value, str) else ""


def _number(value: object) -> float:
    """Return a number of EXIF, 0 for what is none."""
    try:
        number = float(cast(Any, value))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return number if 0 < number < 1e9 else 0.0
