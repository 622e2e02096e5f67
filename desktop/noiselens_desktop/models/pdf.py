"""Results of a batch as a PDF: counts first, then one line an image; painted off the GUI thread, row after row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

from noiselens_core.batch import Outcome
from noiselens_core.outputs import replacing
from noiselens_core.text import path_text, printable
from noiselens_core.verdict import Band

from .formats import count, moment, percent
from .sentences import core_words
from .words import band_words

DPI = 300
MM = DPI / 25.4
INK, SOFT = "#1d1b18", "#5f5b54"
COLUMNS_MM = (0.0, 46.0, 68.0)  # where verdict, probability and file begin
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
WRAPPED = LEFT | Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere


def export_pdf(path: Path, outcomes: Iterable[Outcome], counts: Mapping[Band | None, int]) -> None:
    """Write the PDF; the file is replaced whole at the end. Raises OutputError.

    counts: outcomes of each band; None are the refused ones.
    """
    with replacing(path) as part:
        part.touch()  # a place that cannot be written is an OSError here; Qt would only return
        sheet = _Sheet(part)
        try:
            sheet.begin(counts)
            for outcome in outcomes:
                sheet.add(outcome)
        finally:
            sheet.end()


class _Sheet:
    """Pages that fill from above; heads stand on each."""

    def __init__(self, part: Path) -> None:
        self._writer = QPdfWriter(str(part))
        self._writer.setTitle("NoiseLens")
        self._writer.setResolution(DPI)
        self._writer.setPageLayout(
            QPageLayout(
                QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(15, 15, 15, 15),
                QPageLayout.Unit.Millimeter,
            )
        )  # fmt: skip
        self._painter = QPainter(self._writer)
        self._y = 0.0
        self._usual, self._title = QFont(), QFont()
        self._usual.setPointSizeF(9)
        self._title.setPointSizeF(16)
        self._title.setBold(True)
        self._metrics = QFontMetricsF(self._usual, self._writer)

    def begin(self, counts: Mapping[Band | None, int]) -> None:
        """Say what the pages hold, how many of each band, and how to take it."""
        bands = [band for band in (*reversed(Band), None) if counts[band]]
        told = ", ".join(f"{count(counts[band])} {band_words(band)}" for band in bands)
        warning = QCoreApplication.translate(
            "Pdf",
            "A verdict is a measured likelihood and can be wrong in both directions. Do not accuse anyone on it alone.",
        )
        self._painter.setFont(self._title)
        self._paragraph("NoiseLens", INK)
        self._painter.setFont(self._usual)
        self._paragraph(told, INK)
        self._paragraph(moment(datetime.now().astimezone()), SOFT)
        self._paragraph(warning, INK)
        self._heads()

    def add(self, outcome: Outcome) -> None:
        """Paint the next row."""
        verdict = outcome.verdict
        note = core_words(str(outcome.refusal)) if outcome.refusal else path_text(outcome.path.parent)
        name, note = printable(path_text(Path(outcome.path.name))), printable(note)
        below = self._height(name), self._height(note)
        if self._y + sum(below) > self._writer.height():
            self._writer.newPage()
            self._y = 0.0
            self._heads()
        self._cell(0, band_words(verdict.band if verdict else None), INK)
        self._cell(1, percent(verdict.probability) if verdict else "", INK)
        self._cell(2, name, INK)
        self._y += below[0]
        self._cell(2, note, SOFT)
        self._y += below[1] + 2 * MM

    def end(self) -> None:
        """Close the file."""
        self._painter.end()

    def _heads(self) -> None:
        for column, text in enumerate(
            (
                QCoreApplication.translate("Pdf", "Verdict"),
                QCoreApplication.translate("Pdf", "Generated"),
                QCoreApplication.translate("Pdf", "File"),
            )
        ):
            self._cell(column, text, SOFT)
        self._y += self._metrics.height() + 2 * MM

    def _cell(self, column: int, text: str, colour: str) -> None:
        left = COLUMNS_MM[column] * MM
        last = column == len(COLUMNS_MM) - 1
        right = self._writer.width() if last else (COLUMNS_MM[column + 1] - 3) * MM
        self._painter.setPen(QColor(colour))
        self._painter.drawText(QRectF(left, self._y, right - left, self._writer.height()), WRAPPED, text)

    def _height(self, text: str) -> float:
        """Return the height of a text in the last column."""
        width = self._writer.width() - COLUMNS_MM[-1] * MM
        if self._metrics.horizontalAdvance(text) < width:
            return self._metrics.height()
        return self._metrics.boundingRect(QRectF(0, 0, width, self._writer.height()), WRAPPED, text).height()

    def _paragraph(self, text: str, colour: str) -> None:
        place = QRectF(0, self._y, self._writer.width(), self._writer.height())
        self._painter.setPen(QColor(colour))
        self._painter.drawText(place, WRAPPED, text)
        self._y += self._painter.boundingRect(place, WRAPPED, text).height() + 3 * MM
