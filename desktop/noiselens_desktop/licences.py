"""Under which licences the parts are that NoiseLens is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata, requires
from pathlib import Path

import noiselens_core

OWN = "noiselens"
CORE = Path(noiselens_core.__file__).parent
STATED_IN = (CORE / "weights" / "clip-vit-b16.md", CORE / "samples" / "ORIGINS.md")  # not installed as packages
LONGEST = 60  # characters of a licence's name; some packages put the whole text there
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def licences() -> str:
    """Return, as Markdown, every part with its licence; reads the disk."""
    parts = [f"- **{meta['Name']}** {meta['Version']}: {licence_of(meta)}" for meta in packages()]
    return "\n\n".join(("\n".join(parts), *(path.read_text("utf-8") for path in STATED_IN)))


def packages() -> Iterator[PackageMetadata]:
    """Yield every installed package NoiseLens needs, directly or not, extras too, by name; reads the disk."""
    found: dict[str, PackageMetadata] = {}
    waiting = [OWN]
    while waiting:
        name = waiting.pop()
        if normal(name) in found:
            continue
        try:
            found[normal(name)] = metadata(name)
        except PackageNotFoundError:  # of another system, or an extra that is not installed
            continue
        for requirement in requires(name) or ():
            match = NAME.match(requirement)
            if match is not None:
                waiting.append(match.group())
    del found[normal(OWN)]
    return iter(sorted(found.values(), key=lambda meta: normal(meta["Name"])))


def normal(name: str) -> str:
    """Return a package's name as packages are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(meta: PackageMetadata) -> str:
    """Return the licence a package states of itself, as short as it says it."""
    expressions = meta.get_all("License-Expression") or []
    short = [text for text in meta.get_all("License") or () if 0 < len(text) < LONGEST and "\n" not in text]
    kinds = [text.rpartition(" :: ")[2] for text in meta.get_all("Classifier") or () if text.startswith("License")]
    return next(iter([*expressions, *short]), "") or ", ".join(kinds)
