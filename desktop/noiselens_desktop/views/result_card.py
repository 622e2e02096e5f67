"""What a training came to: before and after, what changed, and the question whether to judge with it."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QPushButton,
    QScrollArea,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from noiselens_core.labels import LabelledSample
from noiselens_core.text import printable

from ..models.formats import count, decimal, percent
from ..models.outcome import Change, Flip, Outcome
from ..models.sample_list import SAMPLE_ROLE, FlipList, flip_words
from ..models.sentences import core_words
from .cells import paint_picture
from .parts import ElidedLabel, clear_layout, label, rule
from .signs import paint_sign
from .theme import GAP, Theme
from .thumbnail_store import ThumbnailStore

FLIP = QSize(124, 166)  # logical px
PICTURE = 104  # logical px
Index = QModelIndex | QPersistentModelIndex


class FlipDelegate(QStyledItemDelegate):
    """Paints a sample that is judged otherwise now: its picture, and the signs before and after."""

    def __init__(self, thumbnails: ThumbnailStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.ids: dict[str, int] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of every cell."""
        del option, index
        return FLIP

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        flip: Flip = index.data(SAMPLE_ROLE)
        colours = Theme.colours
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ground = QRectF(option.rect)
        place = QRectF(ground.center().x() - PICTURE / 2, ground.top() + 4, PICTURE, PICTURE)
        paint_picture(painter, self._thumbnails.get(self.ids.get(flip.sha256, 0)), place, 0, PICTURE - 72)
        line = QRectF(place.left(), place.bottom() + 6, PICTURE, 20)
        for band, left in ((flip.before[1], line.left() + 14), (flip.after[1], line.right() - 34)):
            sign = QRectF(left, line.top(), 20, 20)
            paint_sign(painter, band, colours.of(band), QColor(colours.card), sign)
        painter.setPen(QColor(colours.soft))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "→")
        words = line.translated(0, line.height() + 2)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, flip_words(flip))
        painter.restore()


class FlipView(QListView):
    """Shows all its cells at once: what it lies in scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def doItemsLayout(self) -> None:
        """Be as high as the cells are at this width."""
        super().doItemsLayout()
        self.setFixedHeight(max(FLIP.height(), self.contentsSize().height()) + 2 * self.frameWidth())

    def scrollTo(self, index: Index, hint: QListView.ScrollHint = QListView.ScrollHint.EnsureVisible) -> None:
        """Have what it lies in show a cell that the keys have reached."""
        del hint
        outer = self.parentWidget()
        while outer is not None and not isinstance(outer, QScrollArea):
            outer = outer.parentWidget()
        content = outer.widget() if outer is not None else None
        if outer is not None and content is not None:
            cell = self.visualRect(index)
            place = self.viewport().mapTo(content, cell.center())
            outer.ensureVisible(place.x(), place.y(), cell.width() // 2, cell.height() // 2)


class ResultCard(QFrame):
    """The outcome of a training.

    thumbnails: of the samples, by their ids.

    Signals:
        used(), discarded(): what the user decided.
    """

    used = Signal()
    discarded = Signal()

    def __init__(self, thumbnails: ThumbnailStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self._outcome: Outcome | None = None
        self.title, self.summary = ElidedLabel("head"), label("", wrap=True)
        self.warning = label("", "trouble", wrap=True)
        self.use, self.discard = QPushButton(self.tr("Use this detector")), QPushButton(self.tr("Discard"))
        self.report = QPushButton(self.tr("Full report"))
        self.report.setProperty("look", "quiet")
        self.use.clicked.connect(self.used)
        self.discard.clicked.connect(self.discarded)
        self.report.clicked.connect(self._open_report)
        self.flips = FlipList(self)
        self.flips_title = label("", "soft")
        self.flips_view = FlipView()
        self._delegate = FlipDelegate(thumbnails, self.flips_view)
        self.flips_view.setModel(self.flips)
        self.flips_view.setItemDelegate(self._delegate)
        self.flips_view.setAccessibleName(self.tr("Samples that are judged otherwise now"))
        thumbnails.came.connect(lambda _: self.flips_view.viewport().update())
        self._table = QGridLayout()
        self._lay_out()

    def show_outcome(self, outcome: Outcome, samples: tuple[LabelledSample, ...]) -> None:
        """Show what a training came to."""
        self._outcome = outcome
        self._delegate.ids = {sample.sha256: sample.id for sample in samples}
        own, reference = outcome.own, outcome.reference
        self.title.show_text(self.tr("A detector of your own: {0}").format(printable(outcome.model)))
        self.summary.setText(
            self.tr(
                "On your samples, each judged by a detector that had not seen it, it is right on {0}, before on {1}."
            ).format(self._share(own.after.balanced_accuracy), self._share(own.before.balanced_accuracy))
        )
        warnings = self._warnings(outcome)
        self.warning.setText("\n".join(warnings))
        self.warning.setVisible(bool(warnings))
        self._show_table(own, reference)
        worse = sum(flip.gain < 0 for flip in outcome.flips)
        better = sum(flip.gain > 0 for flip in outcome.flips)
        self.flips_title.setText(
            self.tr("Judged otherwise now: {0} better, {1} worse.").format(count(better), count(worse))
            if outcome.flips
            else self.tr("None of your samples is judged otherwise now.")
        )
        self.flips.show_rows(outcome.flips)
        self.flips_view.setVisible(bool(outcome.flips))
        self.report.setVisible(outcome.file.with_suffix(".html").is_file())
        first, second = (self.use, self.discard) if outcome.worth_offering else (self.discard, self.use)
        for button, look in ((first, "primary"), (second, "")):
            button.setProperty("look", look)
            button.style().unpolish(button)
            button.style().polish(button)
        self.use.setText(self.tr("Use this detector") if outcome.worth_offering else self.tr("Use it all the same"))

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.flips_view.viewport().update()

    def _warnings(self, outcome: Outcome) -> list[str]:
        told = [core_words(sentence) for sentence in outcome.warnings]
        return told if outcome.worth_offering else [self.tr("Not recommended."), *told]

    def _show_table(self, own: Change, reference: Change) -> None:
        clear_layout(self._table)
        heads = ("", self.tr("Your samples"), self.tr("Images of others"))
        for column, head in enumerate(heads):
            self._table.addWidget(label(head, "soft"), 0, column)
        rows = (
            (self.tr("On the right side"), "balanced_accuracy"),
            (self.tr("Photographs called likely generated"), "false_accusations"),
            (self.tr("Told apart (AUC)"), "auc"),
        )
        for row, (text, key) in enumerate(rows, start=1):
            self._table.addWidget(label(text), row, 0)
            for column, change in enumerate((own, reference), start=1):
                before, after = getattr(change.before, key), getattr(change.after, key)
                shown = self._number if key == "auc" else self._share
                cell = label(f"{shown(before)}  →  {shown(after)}", "head")
                cell.setAccessibleName(self.tr("{0}: before {1}, now {2}").format(text, shown(before), shown(after)))
                self._table.addWidget(cell, row, column)

    def _share(self, value: float | None) -> str:
        return "–" if value is None else percent(value, 1)

    def _number(self, value: float | None) -> str:
        return "–" if value is None else decimal(value, 3)

    def _open_report(self) -> None:
        if self._outcome is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._outcome.file.with_suffix(".html"))))

    def _lay_out(self) -> None:
        self._table.setHorizontalSpacing(4 * GAP)
        self._table.setVerticalSpacing(6)
        self._table.setColumnStretch(3, 1)
        head = QHBoxLayout()  # with the buttons, which are seen without scrolling
        head.setSpacing(GAP)
        head.addWidget(self.title, 1)
        for button in (self.report, self.discard, self.use):
            head.addWidget(button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * GAP, 14, 2 * GAP, 14)
        rows.setSpacing(10)
        rows.addLayout(head)
        rows.addWidget(self.summary)
        rows.addWidget(self.warning)
        rows.addLayout(self._table)
        rows.addWidget(rule())
        rows.addWidget(self.flips_title)
        rows.addWidget(self.flips_view)
