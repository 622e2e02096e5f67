"""A verdict as text, for the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from noiselens_core.text import printable
from noiselens_core.verdict import Verdict

from .facts import fact_value
from .formats import percent
from .sentences import core_words
from .words import band_words


def verdict_text(name: str, verdict: Verdict) -> str:
    """Return all that matters of a verdict in a few lines that can be read without NoiseLens."""
    lines = [
        f"{name}: {band_words(verdict.band)}",
        QCoreApplication.translate("Sharing", "Probability of generated: {0}; stability {1}").format(
            percent(verdict.probability), percent(verdict.stability, 0)
        ),
        *(f"- {reason}" for reason in map(core_words, verdict.reasons)),
    ]
    if verdict.provenance:
        lines.append(
            QCoreApplication.translate("Sharing", "The file says of itself, which plays no part in the verdict:")
        )
        lines += [
            f"- {core_words(fact.name)}: {fact_value(fact)} ({core_words(fact.source)})" for fact in verdict.provenance
        ]
    lines.append(
        QCoreApplication.translate("Sharing", "Judged by {0}. A verdict can be wrong in both directions.").format(
            f"NoiseLens, {verdict.model}"
        )
    )
    lines.append(f"SHA-256 {verdict.sha256}")
    return "\n".join(map(printable, lines))
