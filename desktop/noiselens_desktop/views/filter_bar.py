"""The bar above a long table: text, band and date narrow it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from noiselens_core.verdict import Band

from ..models.formats import count
from ..models.table import Filter
from ..models.words import band_words
from .parts import Wrapping, segments
from .signs import line_icon
from .theme import GAP, Theme

TYPING_MS = 120  # a table of many thousands is filtered when the typing rests
ANY = "any"
BANDS: tuple[Band | None, ...] = (Band.LIKELY_GENERATED, Band.UNCERTAIN, Band.LIKELY_REAL, None)


class FilterBar(QWidget):
    """Search box, one button a band with its count, and a choice of dates.

    what: what the search looks through, for the placeholder. refused: whether a list holds images that were not judged.

    Signals:
        changed(Filter): the user narrowed or widened the list.
    """

    changed = Signal(object)

    def __init__(self, what: str, *, refused: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(what)
        self.search.setAccessibleName(what)
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(150)
        self._glass = self.search.addAction(
            line_icon("search", Theme.colours.soft), QLineEdit.ActionPosition.LeadingPosition
        )
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(TYPING_MS)
        self._rest.timeout.connect(self._tell)
        self.search.textChanged.connect(lambda _: self._rest.start())
        self.search.returnPressed.connect(self._tell)

        self.bands: dict[Band | str | None, QPushButton] = {}
        self._names: dict[Band | str | None, str] = {ANY: self.tr("All")}
        self._names |= {band: band_words(band) for band in BANDS if refused or band is not None}
        self._group = QButtonGroup(self)
        for band, name in self._names.items():
            button = self.bands[band] = QPushButton(name)
            button.setAccessibleDescription(self.tr("Shows only these images"))
        bands = segments(self.bands.values(), self._group)
        self.bands[ANY].setChecked(True)
        self._group.buttonToggled.connect(lambda _, on: self._tell() if on else None)

        self.dates = QComboBox()
        self.dates.setAccessibleName(self.tr("Date"))
        for text, days in (
            (self.tr("Any date"), None),
            (self.tr("Today"), 0),
            (self.tr("Last 7 days"), 7),
            (self.tr("Last 30 days"), 30),
            (self.tr("Last 12 months"), 365),
        ):
            self.dates.addItem(text, days)
        self.dates.currentIndexChanged.connect(lambda _: self._tell())

        words = QWidget()
        row = QHBoxLayout(words)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.search, 1)
        row.addWidget(self.dates)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Wrapping(words, bands))

    @property
    def filter(self) -> Filter:
        """What the user wants to see."""
        bands = None
        for band, button in self.bands.items():
            if button.isChecked() and not (isinstance(band, str) and band == ANY):
                bands = frozenset({Band(band) if band is not None else None})
        days, since = self.dates.currentData(), 0.0
        if days is not None:
            today = datetime.combine(datetime.now().astimezone().date(), time.min).astimezone()
            since = (today - timedelta(days=days)).timestamp()
        return Filter(tuple(self.search.text().casefold().split()), bands, since)

    def show_counts(self, counts: dict[Band | None, int]) -> None:
        """Show how many there are of each band."""
        for band, button in self.bands.items():
            number = sum(counts.values()) if band == ANY else counts[Band(band) if band is not None else None]
            button.setText(f"{self._names[band]}  {count(number)}")

    def clear(self) -> None:
        """Show everything again."""
        self.search_for("")

    def search_for(self, words: str) -> None:
        """Narrow the list to these words and by nothing else."""
        self.search.setText(words)
        self.bands[ANY].setChecked(True)
        self.dates.setCurrentIndex(0)
        self._tell()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self._glass.setIcon(line_icon("search", Theme.colours.soft))

    def _tell(self) -> None:
        self._rest.stop()
        self.changed.emit(self.filter)
