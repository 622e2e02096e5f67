"""Small pictures with metadata in them, for the tests of what files say of their origin."""

from __future__ import annotations

import io

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin

from noiselens_core.images import Decoder, Origin
from noiselens_core.provenance import (
    Fact,
)

SETTINGS = "a lighthouse\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Model: dream"
BASE = ExifTags.Base
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:a="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' xmlns:b="http://ns.adobe.com/xap/1.0/" xmlns:c="http://ns.adobe.com/photoshop/1.0/"'
    ' xmlns:d="http://purl.org/dc/terms/"{}</rdf:RDF></x:xmpmeta>'
)
TERM = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def pixels(width: int = 48, height: int = 32) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))


def saved(form: str, image: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (image or pixels()).save(out, form, **options)
    return out.getvalue()


def png(**texts: str) -> bytes:
    """Return a PNG with text chunks; __ in a keyword is a space, _ a hyphen where the keyword has one."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_text({"sd_metadata": "sd-metadata"}.get(keyword, keyword.replace("__", " ")), text)
    return saved("PNG", pnginfo=info)


def found(decoder: Decoder, data: bytes) -> dict[str, Fact]:
    return {fact.key: fact for fact in decoder.decode(data, Origin.FILE).facts.provenance}


def with_comment(comment: bytes) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[BASE.UserComment] = comment
    return saved("JPEG", exif=exif)
