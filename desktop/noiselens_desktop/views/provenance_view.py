"""What the file says of its own origin, clearly apart from the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from noiselens_core.provenance import DISCLAIMER, NO_FACTS, Fact

from ..models.facts import fact_value
from ..models.sentences import core_words
from .parts import clear_layout, label, rule
from .theme import GAP


class ProvenanceView(QWidget):
    """A section under a line: one block a fact, and that facts of this kind prove nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = label("", "small", wrap=True)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(12)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GAP)
        rows.addWidget(rule())
        rows.addSpacing(4)
        rows.addWidget(label(self.tr("Provenance"), "head"))
        rows.addWidget(self.note)
        rows.addLayout(self._facts)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show the facts of another image."""
        clear_layout(self._facts)
        self.note.setText(core_words(DISCLAIMER if facts else NO_FACTS))
        for fact in facts:
            self._facts.addWidget(_block(fact))


def _block(fact: Fact) -> QFrame:
    """Return name, value, and below them where it was read and what it means."""
    name, value = core_words(fact.name), fact_value(fact)
    block = QFrame()
    block.setProperty("look", "card")
    block.setAccessibleName(QCoreApplication.translate("ProvenanceView", "{0}: {1}").format(name, value))
    rows = QVBoxLayout(block)
    rows.setContentsMargins(12, 10, 12, 10)
    rows.setSpacing(2)
    rows.addWidget(label(name, "small"))
    rows.addWidget(label(value, wrap=True))
    rows.addSpacing(2)
    rows.addWidget(label(f"{core_words(fact.source)}. {core_words(fact.meaning)}", "small", wrap=True))
    return block
