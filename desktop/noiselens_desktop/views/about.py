"""What NoiseLens is, how good its detector is, and under which licences its parts are."""

from __future__ import annotations

from importlib.metadata import version

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QTabWidget, QTextBrowser, QVBoxLayout, QWidget

from ..licences import licences
from ..models.session import Session
from ..work.detectors import ModelFacts, read_facts
from .parts import label
from .placement import resize_within_screen
from .signs import app_icon
from .theme import GAP


class AboutDialog(QDialog):
    """Shows version, model card and licences.

    session: works off the GUI thread.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About NoiseLens"))
        resize_within_screen(self, 720, 600)
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(QSize(44, 44), self.devicePixelRatioF()))
        mark.setAccessibleName("NoiseLens")
        name = QVBoxLayout()
        name.setSpacing(2)
        name.addWidget(label(f"NoiseLens {version('noiselens')}", "title"))
        name.addWidget(label(self.tr("Checks images for AI generation on your own computer. Nothing is sent."), "soft"))
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(mark)
        head.addLayout(name, 1)
        self.card, self.licences = self._text(self.tr("Model card")), self._text(self.tr("Licences"))
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        tabs.addTab(self.card, self.tr("The detector"))
        tabs.addTab(self.licences, self.tr("Licences"))
        done = QPushButton(self.tr("Close"))
        done.clicked.connect(self.accept)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 2 * GAP)
        rows.setSpacing(2 * GAP)
        rows.addLayout(head)
        rows.addWidget(tabs, 1)
        rows.addWidget(done, 0, Qt.AlignmentFlag.AlignRight)
        self._open = True
        self.finished.connect(self._close)
        session.run(read_facts, self._show_model)
        session.run(licences, self._show_licences)

    def _show_model(self, facts: ModelFacts) -> None:
        if self._open:
            self.card.setMarkdown(facts.card or self.tr("There is no model card beside this detector."))

    def _show_licences(self, text: str) -> None:
        if self._open:
            own = self.tr("NoiseLens and its detector: Apache-2.0.")
            order = self.tr("First the packages it needs, then the frozen encoder, which is CLIP's, and the samples.")
            self.licences.setMarkdown("\n\n".join((f"**{own}**", order, text)))

    def _close(self) -> None:
        self._open = False

    def _text(self, name: str) -> QTextBrowser:
        view = QTextBrowser()
        view.setAccessibleName(name)
        view.setOpenLinks(False)  # a card may come from outside
        return view
