"""From a logit to a calibrated probability, from a probability to a band."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .verdict import Band

LEAN = 0.5  # a place at or above leans towards generated
MIN_AGREEMENT = 0.6  # share of places that must lean the verdict's way
MAX_COPY_SHIFT = 0.25  # change of probability through a re-encoded copy that is still called stable


@dataclass(frozen=True)
class Thresholds:
    """One choice between accusing rarely and taking sides often, with what was measured for it.

    Attributes:
        generated_at, real_at: as in Calibration.
        false_accusations: delivery tier -> share of left-out real images called likely generated, in [0, 1].
    """

    generated_at: float
    real_at: float
    false_accusations: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Calibration:
    """Fitted on families that were left out of training; saved with the weights.

    Attributes:
        temperature, bias: probability = sigmoid(logit / temperature + bias).
        generated_at: probabilities at or above are `likely_generated`; bounds false accusations.
        real_at: probabilities at or below are `likely_real`.
        presets: other thresholds a person may choose, by name; "balanced" repeats the two above.
    """

    temperature: float = 1.0
    bias: float = 0.0
    generated_at: float = 0.9
    real_at: float = 0.1
    presets: dict[str, Thresholds] = field(default_factory=dict)

    def probability(self, logit: float) -> float:
        """Return the calibrated probability of 'generated' for a mean logit; in [0, 1]."""
        s = logit / self.temperature + self.bias
        return 1 / (1 + math.exp(-s)) if s >= 0 else math.exp(s) / (1 + math.exp(s))

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `probability` of every logit (N,)."""
        return np.array([self.probability(float(logit)) for logit in logits])

    def band(self, probability: float) -> Band:
        """Return the band of a probability alone, stability left aside."""
        if probability >= self.generated_at:
            return Band.LIKELY_GENERATED
        if probability <= self.real_at:
            return Band.LIKELY_REAL
        return Band.UNCERTAIN


@dataclass(frozen=True)
class Stability:
    """How far an image's places and a re-encoded copy agree.

    Attributes:
        value: in [0, 1], 1 is full agreement.
        agreeing, places: places that lean the verdict's way, out of all.
        shift: how far the probability moves in the re-encoded copy.
    """

    value: float
    agreeing: int
    places: int
    shift: float

    @property
    def stable(self) -> bool:
        """Whether the verdict may be anything but uncertain."""
        return self.agreeing >= MIN_AGREEMENT * self.places and self.shift <= MAX_COPY_SHIFT


def stability(probability: float, place_probabilities: NDArray[np.float64], original: float, copy: float) -> Stability:
    """Measure agreement.

    probability: of the whole image. place_probabilities: (N,). original, copy: probability of one window before
    and after shrinking and one more JPEG encoding.
    """
    agreeing = int(((place_probabilities >= LEAN) == (probability >= LEAN)).sum())
    shift = abs(original - copy)
    value = min(agreeing / len(place_probabilities), 1 - shift)
    return Stability(round(value, 4), agreeing, len(place_probabilities), shift)
