"""The delivery tiers under which every figure is measured (docs/METHOD.md 4)."""

from __future__ import annotations

from dataclasses import dataclass

from noiselens_core.crops import cut, learned_form, windows

from .augment import Pixels, degrade


@dataclass(frozen=True)
class Tier:
    """A delivery condition applied alike to both classes before anything else."""

    name: str
    longest_side: int | None  # px
    quality: int  # JPEG

    def deliver(self, pixels: Pixels) -> Pixels:
        """Return a picture (H, W, 3) as it arrives under this condition."""
        return degrade(pixels, self.longest_side, self.quality)


TIERS = (Tier("clean-eq", None, 92), Tier("web", 768, 60), Tier("hard", 512, 40))
BY_NAME = {tier.name: tier for tier in TIERS}


def windows_of(pixels: Pixels, was_jpeg: bool = True) -> Pixels:
    """Return the product's windows of a picture, (n, WINDOW_PX, WINDOW_PX, 3); what a tier delivers was a JPEG."""
    seen = learned_form(pixels, was_jpeg)
    return cut(seen, windows(seen.shape[1], seen.shape[0]))
