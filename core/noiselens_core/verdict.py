"""What the detector says of one image, and its JSON form."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .provenance import Fact

VERDICT_SCHEMA = 1  # raised whenever a field of the JSON form changes its meaning


def percent(probability: float) -> str:
    """Return a probability as it is shown everywhere, with all its four decimals: 13.07 %."""
    return f"{100 * probability:.2f} %"


class Band(StrEnum):
    """The verdict in words; `UNCERTAIN` is an answer, not a failure."""

    LIKELY_REAL = "likely_real"
    UNCERTAIN = "uncertain"
    LIKELY_GENERATED = "likely_generated"

    @property
    def words(self) -> str:
        """The band as a person reads it."""
        return {"likely_real": "Likely real", "uncertain": "Uncertain", "likely_generated": "Likely generated"}[
            self.value
        ]


@dataclass(frozen=True)
class CropScore:
    """One part of the image: its place in pixels and the probability if the whole image looked as it does."""

    left: int
    top: int
    side: int
    probability: float


@dataclass(frozen=True)
class Verdict:
    """The detector's answer for one image.

    Attributes:
        sha256: hex digest of the original bytes.
        probability: calibrated probability that the image is generated, in [0, 1], four decimals.
        band: the probability and its stability in words.
        stability: in [0, 1]; 1 when all crops and a re-encoded copy agree, 0 when they contradict each other.
        reasons: plain sentences; what limits the verdict, what it rests on.
        model: id of the model that judged.
        ms: milliseconds of judging, decoding left out.
        width, height: size of the upright image in pixels.
        crops: what was looked at, in reading order.
        provenance: what the file says of its own origin; plays no part in the verdict.
        attention: (h, w) float32 in [0, 1], what the detector found for the side it leans to; None in a verdict
            read back from JSON.
        noise: (h, w) float32 in [0, 1], magnitude of the predicted noise; None likewise.
    """

    sha256: str
    probability: float
    band: Band
    stability: float
    reasons: tuple[str, ...]
    model: str
    ms: float
    width: int
    height: int
    crops: tuple[CropScore, ...] = ()
    provenance: tuple[Fact, ...] = ()
    attention: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    noise: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form (schema 1): every field but the maps, which are pictures and not facts."""
        return {
            "schema": VERDICT_SCHEMA,
            "sha256": self.sha256,
            "probability": self.probability,
            "band": self.band.value,
            "stability": self.stability,
            "reasons": list(self.reasons),
            "model": self.model,
            "ms": self.ms,
            "width": self.width,
            "height": self.height,
            "crops": [[c.left, c.top, c.side, c.probability] for c in self.crops],
            "provenance": [fact.to_json() for fact in self.provenance],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """Read the JSON form back. Raises ValueError when it is of another schema."""
        if data.get("schema") != VERDICT_SCHEMA:
            raise ValueError(f"verdict of schema {data.get('schema')}, this version reads {VERDICT_SCHEMA}")
        return cls(
            sha256=data["sha256"],
            probability=data["probability"],
            band=Band(data["band"]),
            stability=data["stability"],
            reasons=tuple(data["reasons"]),
            model=data["model"],
            ms=data["ms"],
            width=data["width"],
            height=data["height"],
            crops=tuple(CropScore(*crop) for crop in data["crops"]),
            provenance=tuple(Fact.from_json(fact) for fact in data.get("provenance", ())),  # older ones have none
        )
