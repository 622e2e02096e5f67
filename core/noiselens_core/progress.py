"""Training progress as one JSON line, written by the trainer and read by whoever started it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Progress:
    """One line of progress.

    Attributes:
        stage: what is running ("teacher", "detector", "evaluate").
        step, total: optimiser steps done and planned.
        per_second: images a second over the last lines.
        seconds_left: estimate, seconds; None before the first.
        values: named figures of this moment (losses, cosines), already averaged.
        message: a sentence for a person, or empty.
    """

    stage: str
    step: int
    total: int
    per_second: float = 0.0
    seconds_left: float | None = None
    values: dict[str, float] = field(default_factory=dict)
    message: str = ""

    def to_line(self) -> str:
        """Return the record as one JSON line without its newline."""
        return json.dumps({"progress": 1, **asdict(self)}, allow_nan=False)

    @classmethod
    def from_line(cls, line: str) -> Progress | None:
        """Read one line; None when it is not a progress record (libraries print what they like)."""
        try:
            data = json.loads(line)
        except ValueError:
            return None
        if not isinstance(data, dict) or data.pop("progress", None) != 1:
            return None
        return cls(**data)
