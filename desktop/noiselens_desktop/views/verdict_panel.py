"""The verdict in words, and what it rests on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from noiselens_core.reasons import CANNOT_SEE
from noiselens_core.verdict import Band, Verdict

from ..models.history import SOURCE_WORDS, Item, State
from ..work.analyse import DetectorFacts
from .parts import ElidedLabel, Painted, label, rule
from .signs import paint_sign
from .theme import GAP, Theme

WIDTH = 328  # logical px
STEADY, FAIRLY = 0.8, 0.6  # stability from which these words are used
LOST = "Only this small picture of the image was kept."
LOST_BUT_KNOWN = "Only this small picture was kept. Judge the file again to see it whole, with its overlay."
MEANING = {
    Band.LIKELY_REAL: "NoiseLens found little in it that generated images have.",
    Band.UNCERTAIN: "NoiseLens takes no side on this image.",
    Band.LIKELY_GENERATED: "Its fine structure is like that of generated images.",
}


def percent(probability: float) -> str:
    """Return a probability as it is shown: 87.3 %."""
    return f"{100 * probability:.1f} %"


class Sign(Painted):
    """The sign of a band; None is an image that was not judged."""

    def __init__(self, side: int) -> None:
        super().__init__(side)
        self.setFixedWidth(side)
        self._band: Band | None = None

    def show_band(self, band: Band | None) -> None:
        """Show another band's sign."""
        self._band = band
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the sign."""
        colours = Theme.colours
        paint_sign(painter, self._band, colours.of(self._band), QColor(colours.paper), QRectF(self.rect()))


class ProbabilityBar(Painted):
    """The probability on a line from real to generated, with the zone where no side is taken."""

    def __init__(self) -> None:
        super().__init__(48)
        self._probability, self._band = 0.0, Band.UNCERTAIN
        self._zone: tuple[float, float] | None = None

    def show_probability(self, probability: float, band: Band, zone: tuple[float, float] | None) -> None:
        """Show a probability in [0, 1]; zone: where no side is taken, None when that is not known."""
        self._probability, self._band, self._zone = probability, band, zone
        told = f"Probability of generated: {percent(probability)}"
        self.setAccessibleName(told if zone is None else f"{told}; uncertain {percent(zone[0])} to {percent(zone[1])}")
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint track, zone, marker and what the ends mean."""
        colours, left, length, top, thick = Theme.colours, 8.0, self.width() - 16.0, 13.0, 10.0
        track = QRectF(left, top, length, thick)
        shape = QPainterPath()
        shape.addRoundedRect(track, thick / 2, thick / 2)
        painter.fillPath(shape, QColor(colours.track))
        if self._zone is not None:
            begin, end = self._zone
            painter.save()
            painter.setClipPath(shape)
            for part, band in (
                ((0.0, begin), Band.LIKELY_REAL),
                ((begin, end), Band.UNCERTAIN),
                ((end, 1.0), Band.LIKELY_GENERATED),
            ):
                colour = colours.of(band)
                colour.setAlphaF(0.42 if band is self._band else 0.2)
                place = QRectF(left + part[0] * length, top, (part[1] - part[0]) * length, thick)
                painter.fillRect(place, colour)
                if band is Band.UNCERTAIN:  # hatched: the zone is told by more than its colour
                    painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
                    painter.setPen(QPen(colours.of(band), 1))
                    x = place.left() - thick
                    while x < place.right():
                        painter.drawLine(QPointF(x, top + thick), QPointF(x + thick, top))
                        x += 6
                    painter.setClipPath(shape)
            painter.restore()
        x = left + self._probability * length
        painter.setPen(QPen(QColor(colours.paper), 2))
        painter.setBrush(QColor(colours.ink))
        painter.drawRoundedRect(QRectF(x - 4, top - 6, 8, thick + 12), 4, 4)
        painter.setPen(QColor(colours.soft))
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        words = QRectF(left, top + thick + 7, length, 18)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, "real")
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "generated")
        if self._zone is not None:
            middle = left + sum(self._zone) / 2 * length
            middle = min(max(middle, left + 70), left + length - 100)  # keeps clear of the two ends
            painter.drawText(
                QRectF(middle - 50, words.top(), 100, 18),
                Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                "uncertain",
            )


class StabilityBar(Painted):
    """Five steps, filled from the left."""

    STEPS = 5

    def __init__(self) -> None:
        super().__init__(8)
        self.setFixedWidth(84)
        self._value = 0.0

    def show_value(self, value: float) -> None:
        """Show a stability in [0, 1]."""
        self._value = value
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Paint the steps."""
        gap, filled = 4.0, round(self._value * self.STEPS)
        width = (self.width() - gap * (self.STEPS - 1)) / self.STEPS
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(self.STEPS):
            painter.setBrush(QColor(Theme.colours.ink if step < filled else Theme.colours.track))
            painter.drawRoundedRect(QRectF(step * (width + gap), 0, width, 8), 3, 3)


class Bullet(Painted):
    """The mark before a reason."""

    def __init__(self) -> None:
        super().__init__(18)
        self.setFixedWidth(10)

    def paint(self, painter: QPainter) -> None:
        """Paint a small diamond."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(Theme.colours.soft))
        painter.drawPolygon(QPolygonF([QPointF(4, 6), QPointF(7, 9), QPointF(4, 12), QPointF(1, 9)]))


class VerdictPanel(QWidget):
    """Shows one item of the history.

    Signals:
        again(): the user wants the file judged again.
    """

    again = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._facts: DetectorFacts | None = None
        self._item: Item | None = None
        self._loading = self._whole = True

        self.name, self.origin = ElidedLabel("head"), label("", "small", wrap=True)
        self.sign, self.band, self.meaning = Sign(40), label("", "band"), label("", "soft", wrap=True)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setAccessibleName("Working")
        self.figure, self.bar = label("", "figure"), ProbabilityBar()
        self.steadiness, self.steps = label("", "head"), StabilityBar()
        self.limits = label(CANNOT_SEE, "soft", wrap=True)
        self.footer = label("", "small", wrap=True)
        self.kept = label("", "soft", wrap=True)
        self.button = QPushButton("Judge again")
        self.button.clicked.connect(self.again)
        self._reasons = QVBoxLayout()
        self._reasons.setSpacing(6)
        self._lay_out()

    def set_facts(self, facts: DetectorFacts | None) -> None:
        """Take what is known of the loaded detector; None when it cannot be loaded."""
        self._facts, self._loading = facts, False
        self.show_item(self._item, whole=self._whole)

    def show_item(self, item: Item | None, *, whole: bool = True) -> None:
        """Show an item: its verdict, why it has none, or that it waits.

        whole: the image itself can be shown; else the file may be judged again when its place is known.
        """
        self._item, self._whole = item, whole
        if item is None:
            return
        self.name.show_text(item.name)
        judged = item.verdict is not None
        for part in (self._figures, self._why, self.footer):
            part.setVisible(judged)
        self.busy.setVisible(item.state is State.WAITING)
        self.sign.setVisible(item.state is not State.WAITING)
        self.kept.setVisible(judged and not whole)
        self.kept.setText(LOST if item.path is None else LOST_BUT_KNOWN)
        self.button.setVisible(judged and not whole and item.path is not None)
        when = item.at.astimezone().strftime("%d %b %Y, %H:%M")
        if item.verdict is not None:
            size = f"{item.verdict.width:,} × {item.verdict.height:,} px"
            self.origin.setText(f"{size} · {SOURCE_WORDS[item.source]} {when}")
            self._show_verdict(item.verdict)
            return
        self.origin.setText(f"{SOURCE_WORDS[item.source].capitalize()} {when}")
        if item.state is State.REFUSED:
            self.sign.show_band(None)
            self.band.setText("Not judged")
            self.meaning.setText(item.sentence)
        elif self._loading:
            self.band.setText("Getting ready")
            self.meaning.setText("Loading the detector… The verdict follows by itself.")
        else:
            self.band.setText("Judging")
            self.meaning.setText("The verdict follows by itself.")

    def _show_verdict(self, verdict: Verdict) -> None:
        self.sign.show_band(verdict.band)
        self.band.setText(verdict.band.words)
        self.meaning.setText(MEANING[verdict.band])
        self.figure.setText(percent(verdict.probability))
        facts = self._facts
        known = facts is not None and facts.model_id == verdict.model
        zone = (facts.real_at, facts.generated_at) if facts is not None and known else None
        self.bar.show_probability(verdict.probability, verdict.band, zone)
        steady = verdict.stability
        self.steadiness.setText("Steady" if steady >= STEADY else "Fairly steady" if steady >= FAIRLY else "Unsteady")
        self.steps.show_value(steady)
        self.steps.setAccessibleName(f"Stability {percent(steady)}")
        self.steps.setToolTip(f"{percent(steady)}: how far all places, and a re-encoded copy, agree.")
        while (old := self._reasons.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        for reason in verdict.reasons:
            self._reasons.addWidget(_reason(reason))
        self.footer.setText(f"{verdict.model} · {verdict.ms:,.0f} ms")
        self.footer.setToolTip(f"SHA-256 {verdict.sha256}")

    def _lay_out(self) -> None:
        content = QWidget()
        content.setObjectName("content")
        rows = QVBoxLayout(content)
        rows.setContentsMargins(3 * GAP, 3 * GAP, 3 * GAP, 3 * GAP)
        rows.setSpacing(2 * GAP)

        head = QVBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.name)
        head.addWidget(self.origin)
        rows.addLayout(head)

        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.sign)
        top.addWidget(self.band, 1)
        verdict = QVBoxLayout()
        verdict.setSpacing(GAP)
        verdict.addSpacing(GAP)
        verdict.addLayout(top)
        verdict.addWidget(self.meaning)
        verdict.addWidget(self.busy)
        rows.addLayout(verdict)

        self._figures = QFrame()
        self._figures.setProperty("look", "card")
        figures = QVBoxLayout(self._figures)
        figures.setContentsMargins(2 * GAP, 14, 2 * GAP, 14)
        figures.setSpacing(6)
        line = QHBoxLayout()
        line.addWidget(label("Probability of generated", "soft"), 1)
        line.addWidget(self.figure)
        figures.addLayout(line)
        figures.addWidget(self.bar)
        figures.addSpacing(4)
        figures.addWidget(rule())
        figures.addSpacing(4)
        line = QHBoxLayout()
        line.addWidget(label("Stability", "soft"), 1)
        line.addWidget(self.steps)
        line.addSpacing(4)
        line.addWidget(self.steadiness)
        figures.addLayout(line)
        rows.addWidget(self._figures)

        self._why = QWidget()
        why = QVBoxLayout(self._why)
        why.setContentsMargins(0, 0, 0, 0)
        why.setSpacing(GAP)
        why.addWidget(label("Why", "head"))
        why.addLayout(self._reasons)
        why.addSpacing(GAP)
        why.addWidget(label("What it cannot see", "head"))
        why.addWidget(self.limits)
        rows.addWidget(self._why)
        rows.addWidget(self.kept)
        rows.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addStretch(1)
        rows.addWidget(self.footer)

        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.addWidget(area)


def _reason(text: str) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(GAP)
    line.addWidget(Bullet(), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label(text, wrap=True), 1)
    return row
