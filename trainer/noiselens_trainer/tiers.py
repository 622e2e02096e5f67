"""The delivery tiers under which every figure is measured (docs/METHOD.md 4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A delivery condition applied alike to both classes before anything else."""

    name: str
    longest_side: int | None  # px
    quality: int  # JPEG


TIERS = (Tier("clean-eq", None, 92), Tier("web", 768, 60), Tier("hard", 512, 40))
