"""What a fine-tuning came to, read from the file that lies beside the new detector (docs/FINETUNING.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noiselens_core.errors import NoiseLensError
from noiselens_core.verdict import Band

SCHEMA = 1


class OutcomeError(NoiseLensError):
    """A comparison that cannot be read."""


@dataclass(frozen=True)
class Figures:
    """Figures of one detector on some images; each in [0, 1], None where there were no such images.

    Attributes:
        auc: how well real and generated are told apart at all.
        balanced_accuracy: share on the right side of a probability of one half, both labels weighing the same.
        false_accusations: share of real images called likely generated.
    """

    auc: float | None
    balanced_accuracy: float | None
    false_accusations: float | None


@dataclass(frozen=True)
class Change:
    """The same images judged before and after."""

    before: Figures
    after: Figures


@dataclass(frozen=True)
class Flip:
    """One of the user's samples that is judged otherwise after; held out both times.

    Attributes:
        label: "real" or "generated", as the user says; "" when nothing was said.
        gain: 1 when it is judged better after, -1 when worse, 0 when neither.
    """

    sha256: str
    name: str
    label: str
    before: tuple[float, Band]
    after: tuple[float, Band]
    gain: int


@dataclass(frozen=True)
class Outcome:
    """The new detector against the one it was made from.

    Attributes:
        file: the new detector.
        own: the user's samples. reference: images of others that the detector must not forget.
        worth_offering: it may be offered without advising against it.
        warnings: sentences of the trainer's, what speaks against it.
        left_out: how many samples could not be read.
    """

    file: Path
    model: str
    base: str
    own: Change
    reference: Change
    flips: tuple[Flip, ...]
    worth_offering: bool
    warnings: tuple[str, ...]
    left_out: int
    seconds: float


def read_outcome(file: Path) -> Outcome:
    """Return the comparison that lies beside a detector's file. Raises OutcomeError."""
    place = file.with_suffix(".json")
    try:
        data = json.loads(place.read_text("utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']}")
        return Outcome(
            file=file,
            model=str(data["model"]),
            base=str(data["base"]),
            own=_change(data["own"]),
            reference=_change(data["reference"]),
            flips=tuple(map(_flip, data["flips"])),
            worth_offering=bool(data["worth_offering"]),
            warnings=tuple(map(str, data["warnings"])),
            left_out=len(data["left_out"]),
            seconds=float(data["seconds"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutcomeError(f"The comparison {place.name} cannot be read. Train once more to get another.") from error


def _change(data: dict[str, Any]) -> Change:
    return Change(*(Figures(*map(_share, _three(data[when]))) for when in ("before", "after")))


def _three(data: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(data.get(key) for key in ("auc", "balanced_accuracy", "false_accusations"))


def _share(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]  # not a number: TypeError, as wanted


def _flip(data: dict[str, Any]) -> Flip:
    sides = [(float(data[when]["probability"]), Band(data[when]["band"])) for when in ("before", "after")]
    return Flip(str(data["sha256"]), str(data["name"]), str(data["label"]), sides[0], sides[1], int(data["gain"]))
