"""What a file says of its own origin, as plain facts beside the verdict; they never change the probability.

Facts are found in the decoding child (metadata.py, credentials.py), which sends marks: a key of KINDS, a key of PLACES
and a value out of the file. The sentences are ours and the values are cleaned here, whatever the child says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .text import printable, valid_text

Mark = tuple[str, str, str]  # key of KINDS, key of PLACES, value from the file ("" where the kind has its own)

MAX_FACTS = 24
MAX_MARKS = 2 * MAX_FACTS  # sent by the child: some are repetitions
MAX_VALUE = 400  # characters of a value that are kept

DISCLAIMER = "These facts can be removed or forged; they do not change the verdict."
NO_FACTS = "The file says nothing of its origin, as most images from the web."


@dataclass(frozen=True)
class Fact:
    """One thing a file says of its origin.

    Attributes:
        key: stable, of KINDS.
        name: what it is, as a person reads it.
        value: from the file, printable and at most MAX_VALUE characters; untrusted text.
        source: where in the file it was read.
        meaning: one sentence.
    """

    key: str
    name: str
    value: str
    source: str
    meaning: str

    def to_json(self) -> dict[str, str]:
        """Return the JSON form."""
        return {name: getattr(self, name) for name in ("key", "name", "value", "source", "meaning")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Fact:
        """Read the JSON form back."""
        return cls(*(str(data[name]) for name in ("key", "name", "value", "source", "meaning")))


@dataclass(frozen=True)
class Kind:
    """What is told of one kind of fact; `value` where it does not come from the file."""

    name: str
    meaning: str
    value: str = ""


SIGNED = "Said by whoever signed the Content Credentials."
KINDS = {
    "c2pa_trusted": Kind(
        "Content Credentials",
        "The signature fits this very file, and its signer is on your list of trusted signers.",
        "Valid, signer trusted",
    ),
    "c2pa_unknown": Kind(
        "Content Credentials",
        "The signature fits this very file, but the signer is on no list NoiseLens has: anybody can sign like this.",
        "Valid, signer unknown",
    ),
    "c2pa_changed": Kind(
        "Content Credentials",
        "The file was changed after it was signed, so nothing its credentials claim is shown.",
        "Changed after signing",
    ),
    "c2pa_invalid": Kind(
        "Content Credentials",
        "The signature does not hold, so nothing its credentials claim is shown.",
        "Not valid",
    ),
    "c2pa_unreadable": Kind(
        "Content Credentials",
        "There are credentials in the file that could not be read.",
        "Unreadable",
    ),
    "c2pa_remote": Kind(
        "Content Credentials",
        "The file names this address for its credentials; NoiseLens fetches nothing, so they were not checked.",
    ),
    "c2pa_signer": Kind("Signed by", "The name in the signer's certificate."),
    "c2pa_time": Kind("Signed at", "The time in the signature."),
    "c2pa_generator": Kind("Made with", f"The program that made the file. {SIGNED}"),
    "c2pa_origin": Kind("Declared origin", f"How the picture came about. {SIGNED}"),
    "origin": Kind(
        "Declared origin",
        "How the picture came about, in the words of the IPTC standard; unsigned, so anybody can write it.",
    ),
    "ai_system": Kind("AI system", "The generator the file names; unsigned, so anybody can write it."),
    "sd_parameters": Kind(
        "Generation settings", "Programs for Stable Diffusion write the prompt and settings of what they generate here."
    ),
    "comfyui": Kind("ComfyUI workflow", "ComfyUI writes the steps that made a generated image here."),
    "invokeai": Kind("InvokeAI settings", "InvokeAI writes the prompt and settings of what it generates here."),
    "novelai": Kind("NovelAI settings", "NovelAI writes the prompt and settings of what it generates here."),
    "midjourney": Kind("Midjourney job", "Midjourney writes its prompt and job number here."),
    "camera": Kind("Camera", "Cameras and phones write their name; anybody can copy it into another file."),
    "lens": Kind("Lens", "Cameras write the lens they see."),
    "exposure": Kind("Exposure", "Cameras write how they took the picture."),
    "taken": Kind("Taken", "The camera's clock, which may be wrong."),
    "place": Kind("Place", "The file says where it was taken; NoiseLens does not show where.", "A position is stored"),
    "software": Kind("Software", "The program that saved the file; photographs pass through such programs as well."),
    "credit": Kind("Credit", "The line the publisher asks to be printed with the picture."),
    "comment": Kind("Comment", "Free text in the file."),
    "thumbnail": Kind("Embedded preview", "A small copy of the same shape as the image, as cameras store it."),
    "thumbnail_differs": Kind(
        "Embedded preview",
        "A small copy of another shape: the image may have been cropped since, or the camera pads its previews.",
    ),
    "unreadable": Kind(
        "Metadata",
        "What the file says of its origin could not be read; the verdict does not need it.",
        "Unreadable",
    ),
}

PLACES = {
    "c2pa": "C2PA manifest in the file",
    "exif": "EXIF",
    "exif_preview": "EXIF preview",
    "exif_comment": "EXIF UserComment",
    "exif_make": "EXIF Make",
    "exif_model": "EXIF Model",
    "xmp": "XMP",
    "iptc": "IPTC",
    "comment": "Comment of the file",
    "file": "The file",
} | {
    f"text_{keyword}": f"PNG text “{keyword}”"
    for keyword in (
        "parameters", "prompt", "workflow", "Dream", "sd-metadata", "invokeai_metadata", "Comment", "Description",
        "Software", "Creation Tool",
    )
}  # fmt: skip

# https://cv.iptc.org/newscodes/digitalsourcetype/, and the one term C2PA adds
ORIGINS = {
    "trainedalgorithmicmedia": "Made by a generative model",
    "compositewithtrainedalgorithmicmedia": "Partly made by a generative model",
    "compositesynthetic": "Put together, partly from synthetic pictures",
    "algorithmicmedia": "Made by an algorithm that was not trained",
    "algorithmicallyenhanced": "Enhanced by an algorithm",
    "digitalcapture": "Taken with a digital camera",
    "computationalcapture": "Taken with a camera that computes pictures",
    "compositecapture": "Put together from pictures taken with a camera",
    "composite": "Put together from several pictures",
    "negativefilm": "Scanned from a negative",
    "positivefilm": "Scanned from a transparency",
    "print": "Scanned from a print",
    "minorhumanedits": "Taken with a camera and slightly edited",
    "humanedits": "Edited by a person",
    "digitalart": "Drawn on a computer",
    "digitalcreation": "Made by a person on a computer",
    "softwareimage": "Made by software",
    "datadrivenmedia": "Drawn from data",
    "screencapture": "Taken from a screen",
    "virtualrecording": "Recorded in a virtual scene",
    "trainedalgorithmicdata": "Made by a generative model",
}


def facts_from_marks(marks: Iterable[Mark]) -> tuple[Fact, ...]:
    """Return marks as facts in the order of KINDS; repeated ones once, at most MAX_FACTS.

    Raises ValueError or KeyError for a key or a place that is none of ours, TypeError for what is no text.
    """
    facts: dict[tuple[str, str], Fact] = {}
    for key, place, value in marks:
        kind, source = KINDS[key], PLACES[place]
        shown = kind.value or _shown(_origin(value) if key.endswith("origin") else value)
        if shown:
            facts.setdefault((key, shown), Fact(key, kind.name, shown, source, kind.meaning))
    order = list(KINDS)
    return tuple(sorted(facts.values(), key=lambda fact: order.index(fact.key))[:MAX_FACTS])


UNREADABLE = facts_from_marks([("unreadable", "file", "")])


def _origin(value: str) -> str:
    """Return an IPTC term, a bare word or the address that ends in it, in words."""
    term = value.rstrip("/").rpartition("/")[2]
    words = ORIGINS.get(term.lower())
    return f"{words} ({term})" if words else value


def _shown(value: str) -> str:
    """Return a value as one clean line."""
    line = printable(" ".join(valid_text(value[: 2 * MAX_VALUE]).strip("\0").split()))
    return line if len(line) <= MAX_VALUE else line[: MAX_VALUE - 1].rstrip() + "…"
