"""Results of a batch as a PDF: counts first, then one line an image; made off the GUI thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from html import escape
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument

from noiselens_core.batch import Outcome
from noiselens_core.outputs import saving
from noiselens_core.text import path_text, printable
from noiselens_core.verdict import Band

from .formats import count, moment, percent
from .sentences import core_words
from .words import band_words

DPI = 96
STYLE = (
    "body { font-size: 9pt; } h1 { font-size: 16pt; } th { text-align: left; color: #5f5b54; } "
    "td, th { padding: 3px 8px 3px 0; } .soft { color: #5f5b54; }"
)


def export_pdf(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write the PDF; the file is replaced whole at the end. Raises OutputError."""
    counts: Counter[Band | None] = Counter()
    rows = []
    for outcome in outcomes:
        band = outcome.verdict.band if outcome.verdict else None
        counts[band] += 1
        found = percent(outcome.verdict.probability) if outcome.verdict else ""
        note = core_words(str(outcome.refusal)) if outcome.refusal else str(outcome.path.parent)
        name = escape(printable(path_text(Path(outcome.path.name))))
        rows.append(
            f"<tr><td>{escape(band_words(band))}</td><td align='right'>{found}</td><td>{name}<br>"
            f"<span class='soft'>{escape(printable(note))}</span></td></tr>"
        )
    told = ", ".join(
        f"{count(counts[band])} {escape(band_words(band))}" for band in (*reversed(Band), None) if counts[band]
    )
    heads = "".join(
        f"<th>{escape(text)}</th>"
        for text in (
            QCoreApplication.translate("Pdf", "Verdict"),
            QCoreApplication.translate("Pdf", "Generated"),
            QCoreApplication.translate("Pdf", "File"),
        )
    )
    warning = QCoreApplication.translate(
        "Pdf",
        "A verdict is a measured likelihood and can be wrong in both directions. Do not accuse anyone on it alone.",
    )
    html = (
        f"<h1>NoiseLens</h1><p>{told}</p><p class='soft'>{moment(datetime.now().astimezone())}</p>"
        f"<p>{escape(warning)}</p><table width='100%'><thead><tr>{heads}</tr></thead>{''.join(rows)}</table>"
    )
    part = path.with_name(path.name + ".part")
    with saving(path):
        try:
            part.touch()  # a place that cannot be written is an OSError here; Qt would only return
            writer = QPdfWriter(str(part))
            writer.setTitle("NoiseLens")
            writer.setResolution(DPI)
            writer.setPageLayout(
                QPageLayout(
                    QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(15, 15, 15, 15),
                    QPageLayout.Unit.Millimeter,
                )
            )  # fmt: skip
            document = QTextDocument()
            document.setDefaultStyleSheet(STYLE)
            document.setHtml(html)
            document.setPageSize(writer.pageLayout().paintRectPixels(DPI).size().toSizeF())
            document.print_(writer)
            del writer  # closes the file
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
