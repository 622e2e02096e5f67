"""How far a file of results is, while it is being written."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from noiselens_core.text import printable

from ..models.export_job import ExportJob
from .parts import ElidedLabel
from .theme import GAP


class SavingRow(QWidget):
    """Name of the file, a bar, and a button to stop; there only while something is being saved."""

    def __init__(self, job: ExportJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self.name, self.bar, self.stop = ElidedLabel("soft"), QProgressBar(), QPushButton(self.tr("Stop saving"))
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of saving"))
        self.stop.clicked.connect(job.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.name, 1)
        row.addWidget(self.bar, 2)
        row.addWidget(self.stop)
        job.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        job = self._job
        if job.path is not None:
            self.name.show_text(self.tr("Saving {0}…").format(printable(job.path.name)))
            self.bar.setRange(0, max(1, job.total))
            self.bar.setValue(job.done)
        self.setVisible(job.path is not None)
