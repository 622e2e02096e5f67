"""What can be learned from the pictures a user labelled, said before anything is started."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST = 10  # pictures of one label
STEADY = 25  # of each; from here on more of them change little


@dataclass(frozen=True)
class Prospects:
    """Whether there is enough to learn from, and one sentence for a person."""

    enough: bool
    sentence: str


def prospects(real: int, generated: int) -> Prospects:
    """Say what so many real and generated pictures can teach; versions of one picture count once."""
    most, least = max(real, generated), min(real, generated)
    if not most:
        return Prospects(False, "There are no labelled images yet. Label at least 10 of one kind, better 10 of each.")
    if most < FEWEST:
        return Prospects(
            False, f"There are {real} real and {generated} generated images. Label at least 10 of one kind to begin."
        )
    if not least:
        kind, other = ("real", "generated") if real else ("generated", "real")
        return Prospects(
            True, f"The detector can learn which images are {kind}; it keeps what it knows of {other} ones. "
            f"Labelling {other} images too teaches it more."
        )  # fmt: skip
    if least < FEWEST:
        return Prospects(True, f"Enough to begin. With fewer than {FEWEST} of a kind expect a small step.")
    if least < STEADY:
        return Prospects(True, f"Enough to learn from. From {STEADY} of each kind on the result is steadier.")
    return Prospects(True, "Enough to learn from.")
