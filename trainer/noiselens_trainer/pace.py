"""How fast a loop goes and how long it still takes, with its figures averaged between two reports."""

from __future__ import annotations

import time
from collections import defaultdict

REPORT_EVERY_S = 5.0


class Pace:
    """Collects a loop's figures and hands them out every few seconds."""

    def __init__(self, start: int, total: int, batch_size: int):
        self._total, self._batch = total, batch_size
        self._last_step, self._last_time = start, time.monotonic()
        self._values: dict[str, list[float]] = defaultdict(list)

    def tick(self, step: int, values: dict[str, float]) -> tuple[float, float, dict[str, float]] | None:
        """Note a step; return (images a second, seconds left, mean values) when a report is due, else None."""
        for name, value in values.items():
            self._values[name].append(value)
        now = time.monotonic()
        if now - self._last_time < REPORT_EVERY_S and step < self._total:
            return None
        rate = (step - self._last_step) / max(1e-9, now - self._last_time)
        means = {name: sum(v) / len(v) for name, v in self._values.items()}
        self._last_step, self._last_time = step, now
        self._values.clear()
        return rate * self._batch, (self._total - step) / max(rate, 1e-9), means
