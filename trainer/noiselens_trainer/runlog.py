"""A run's progress lines on disk: appended as they come, read back for the plots, a resumed run included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from noiselens_core.progress import Progress


class RunLog:
    """JSON lines of one run's progress."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def write(self, progress: Progress) -> None:
        """Append one record."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(progress.to_line() + "\n")

    def tee(self, report: Callable[[Progress], None]) -> Callable[[Progress], None]:
        """Return a callable that writes a record and passes it on to `report`."""

        def both(progress: Progress) -> None:
            self.write(progress)
            report(progress)

        return both

    def read(self) -> list[Progress]:
        """Return the records in step order; what a resumed run did again replaces what it did before."""
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="utf-8").splitlines()
        records = [p for p in map(Progress.from_line, lines) if p is not None]
        kept: list[Progress] = []
        for record in records:
            while kept and kept[-1].step >= record.step:
                kept.pop()
            kept.append(record)
        return kept
