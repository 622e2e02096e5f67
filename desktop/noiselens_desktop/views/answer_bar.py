"""What can be done with a verdict: say what the image really is, copy it, export it, show the file."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from noiselens_core.labels import Kind

from .parts import label
from .signs import line_icon
from .theme import GAP, Theme


class AnswerBar(QWidget):
    """Stands at the foot of the verdict panel.

    Signals:
        answered(str): "real", "generated", or "" when an answer is taken back.
        copy_wanted(), export_wanted(), folder_wanted(): a button was pressed.
    """

    answered = Signal(str)
    copy_wanted = Signal()
    export_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answers")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.answers: dict[Kind, QPushButton] = {
            "real": QPushButton(self.tr("This is real")),
            "generated": QPushButton(self.tr("This is generated")),
        }
        told = self.tr("Kept on this computer, for training a detector of your own. Press again to take it back.")
        for answer, button in self.answers.items():
            button.setCheckable(True)
            button.setProperty("look", "answer")
            button.setToolTip(told)
            button.setAccessibleDescription(told)
            button.clicked.connect(lambda on, answer=answer: self.answered.emit(answer if on else ""))
        self.copy = self._quiet(self.tr("Copy"), self.tr("Copy the verdict as text"))
        self.export = self._quiet(self.tr("Export…"), self.tr("Save a report and the overlays"))
        self.folder = self._quiet(self.tr("Folder"), self.tr("Open the folder that holds the file"))
        self.copy.clicked.connect(self.copy_wanted)
        self.export.clicked.connect(self.export_wanted)
        self.folder.clicked.connect(self.folder_wanted)

        answers, others = QHBoxLayout(), QHBoxLayout()
        answers.setSpacing(GAP)
        for button in self.answers.values():
            answers.addWidget(button, 1)
        others.setSpacing(0)
        for button in (self.copy, self.export, self.folder):
            others.addWidget(button)
        others.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * GAP, 12, 2 * GAP, GAP)
        rows.setSpacing(6)
        rows.addWidget(label(self.tr("Do you know what it is?"), "small"))
        rows.addLayout(answers)
        rows.addLayout(others)
        self.recolour()

    def show_answer(self, answer: str) -> None:
        """Show what the user said of an image: "real", "generated" or nothing."""
        for name, button in self.answers.items():
            button.setChecked(name == answer)

    def offer(self, *, export: bool, folder: bool) -> None:
        """Enable what can be done with the image shown."""
        self.export.setEnabled(export)
        self.folder.setEnabled(folder)

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        for name, button in (("copy", self.copy), ("export", self.export), ("open", self.folder)):
            button.setIcon(line_icon(name, Theme.colours.ink))

    def _quiet(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("look", "quiet")
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        return button
