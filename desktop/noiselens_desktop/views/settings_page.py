"""The Settings page; every change applies at once."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from noiselens_core.text import printable

from .. import integration
from ..bridge.pairing import KeyStore
from ..models.detectors import Detectors
from ..models.formats import count, percent
from ..models.sentences import core_words
from ..models.session import Session
from ..settings import Settings
from ..work.detectors import ModelFacts, Preset, devices, read_facts
from .browsers import Browsers
from .parts import Choice, label, rule, scrolled, tab_before
from .signers import Signers
from .theme import GAP
from .toast import Toast

WIDEST = 760  # logical px of the column
RETENTION_DAYS = (0, 365, 90, 30, 7)


class SettingsPage(QWidget):
    """Lets the user choose.

    settings: as they are. keys: paired browsers. session: works off the GUI thread. detectors: tells of another one.
    toast: the window's.

    Signals:
        changed(Settings): the user chose something; the fields this page does not show are as they were given.
        pair_wanted(), log_wanted(), detectors_wanted(): a button was pressed.
    """

    changed = Signal(object)
    pair_wanted = Signal()
    log_wanted = Signal()
    detectors_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        keys: KeyStore,
        session: Session,
        detectors: Detectors,
        toast: Toast,
        *,
        tray: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._session, self._toast = settings, session, toast
        self.browsers = Browsers(keys, session.run, toast)
        self.browsers.pair_wanted.connect(self.pair_wanted)
        self.signers = Signers(session.run, toast)
        self.theme = self._choice(
            "theme", {"system": self.tr("As the system"), "light": self.tr("Light"), "dark": self.tr("Dark")}
        )
        self.language = self._choice("language", {"system": self.tr("As the system"), "en": "English", "de": "Deutsch"})
        self.device = self._choice("device", {settings.device: self._device_words(settings.device)})
        self.retention = self._choice("history_days", {days: self._days(days) for days in RETENTION_DAYS})
        self.originals = self._switch(
            "keep_originals", self.tr("Keep a copy of images that come from a browser or the clipboard")
        )
        self.to_tray = self._switch("close_to_tray", self.tr("Keep running in the tray when the window is closed"))
        self.to_tray.setVisible(tray)
        self.autostart = QCheckBox(self.tr("Start NoiseLens in the background when I log in"))
        self.autostart.setChecked(integration.starts_with_system())
        self.autostart.toggled.connect(self._start_with_system)
        self.menu_entry = QPushButton(self.tr("Add to the applications menu"))
        self.menu_entry.clicked.connect(self._add_menu_entry)
        self.menu_entry.setVisible(sys.platform.startswith("linux"))
        self.log = QPushButton(self.tr("Open log folder"))
        self.log.clicked.connect(self.log_wanted)
        self.presets: dict[str, QRadioButton] = {}
        self._preset_group = QButtonGroup(self)
        self._rates = QVBoxLayout()
        self._rates.setSpacing(6)
        self.model = label("", "head")
        self.model_facts = label("", "small", wrap=True)
        self.model_facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.other_models = QPushButton(self.tr("All detectors…"))
        self.other_models.clicked.connect(self.detectors_wanted)
        detectors.chosen.connect(self._read_model)
        self.trouble = label("", "trouble", wrap=True)
        self.trouble.setVisible(False)
        self._read = False
        self._lay_out()

    @property
    def settings(self) -> Settings:
        """The settings as this page shows them."""
        return self._settings

    def take(self, settings: Settings) -> None:
        """Show settings that were changed elsewhere."""
        self._settings = settings
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))  # says nothing new to `_set`
        self.retention.setCurrentIndex(self.retention.findData(settings.history_days))

    def showEvent(self, event: QShowEvent) -> None:
        """Read what takes a moment: the detector's description, the devices, the paired browsers."""
        super().showEvent(event)
        self.browsers.read()
        self.signers.read()
        if not self._read:
            self._read = True
            self._read_model()
            self._session.run(devices, self._show_devices)

    def _read_model(self) -> None:
        self._session.run(read_facts, self._show_model)

    def _show_model(self, facts: ModelFacts) -> None:
        self.model.setText(printable(facts.id))
        origin = self.tr("Came with NoiseLens.") if facts.shipped else self.tr("Taught or brought by you.")
        data = "; ".join(map(core_words, printable(facts.data).split("; ")))
        told = self.tr("Licence: {0}. Trained on: {1}.").format(printable(facts.licence), data)
        self.model_facts.setText(f"{origin} {told}\nSHA-256: {facts.sha256}")
        while (old := self._rates.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.presets.clear()
        for preset in facts.presets:
            self._rates.addWidget(self._preset_row(preset))
        tab_before(self.other_models, self.presets.values())

    def _preset_row(self, preset: Preset) -> QWidget:
        names = {
            "cautious": self.tr("Cautious: accuses rarely, takes no side more often"),
            "balanced": self.tr("Balanced"),
            "sensitive": self.tr("Sensitive: finds more, accuses real photographs more often"),
        }
        tiers = {"clean-eq": self.tr("good copies"), "web": self.tr("web copies"), "hard": self.tr("poor copies")}
        button = self.presets[preset.name] = QRadioButton(names[preset.name])
        button.setChecked(preset.name == self._settings.preset)
        button.setEnabled(preset.generated_at is not None)
        if preset.generated_at is None or preset.real_at is None:
            told = self.tr("This detector brings no such thresholds.")
        else:
            told = self.tr("Likely generated from {0}, likely real up to {1}, no side between them.").format(
                percent(preset.generated_at), percent(preset.real_at)
            )
            rates = ", ".join(
                f"{percent(rate, 1)} ({tiers.get(tier, tier)})" for tier, rate in preset.false_accusations.items()
            )
            measured = self.tr("Real photographs called likely generated when measured: {0}.").format(rates)
            unknown = self.tr("How often it accuses real photographs was not measured.")
            told = f"{told} {measured if rates else unknown}"
        button.setAccessibleDescription(told)
        button.toggled.connect(lambda on: self._set(preset=preset.name) if on else None)
        self._preset_group.addButton(button)
        note = label(told, "small", wrap=True)
        note.setContentsMargins(26, 0, 0, 0)
        row = QWidget()
        rows = QVBoxLayout(row)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addWidget(button)
        rows.addWidget(note)
        return row

    def _show_devices(self, names: list[str]) -> None:
        self.device.blockSignals(True)
        self.device.clear()
        for name in dict.fromkeys([*names, self._settings.device]):
            self.device.addItem(self._device_words(name), name)
        self.device.setCurrentIndex(self.device.findData(self._settings.device))
        self.device.blockSignals(False)

    def _start_with_system(self, wanted: bool) -> None:
        if not self._try(lambda: integration.start_with_system(wanted)):
            self.autostart.blockSignals(True)
            self.autostart.setChecked(not wanted)
            self.autostart.blockSignals(False)

    def _add_menu_entry(self) -> None:
        if self._try(integration.add_menu_entry):
            self._toast.say(self.tr("NoiseLens is in the applications menu now."))

    def _try(self, call: Callable[[], None]) -> bool:
        """Return whether it worked, and say why not."""
        told = ""
        try:
            call()
        except integration.IntegrationError as error:
            told = core_words(str(error))
        self.trouble.setText(told)
        self.trouble.setVisible(bool(told))
        return not told

    def _set(self, **fields: object) -> None:
        settings = replace(self._settings, **fields)  # type: ignore[arg-type]  # the page's own controls
        if settings == self._settings:
            return
        self._settings = settings
        self.changed.emit(settings)

    def _choice(self, field: str, choices: dict[str, str] | dict[int, str]) -> Choice:
        box = Choice()
        for value, text in choices.items():
            box.addItem(text, value)
        current = getattr(self._settings, field)
        if box.findData(current) < 0:
            box.addItem(str(current), current)
        box.setCurrentIndex(box.findData(current))
        box.setMinimumWidth(190)
        box.currentIndexChanged.connect(lambda _: self._set(**{field: box.currentData()}))
        return box

    def _switch(self, field: str, text: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setChecked(getattr(self._settings, field))
        box.toggled.connect(lambda on: self._set(**{field: on}))
        return box

    def _days(self, days: int) -> str:
        return self.tr("For ever") if days == 0 else self.tr("For {0} days").format(count(days))

    def _device_words(self, name: str) -> str:
        words = {
            "auto": self.tr("The fastest there is"),
            "cpu": self.tr("Processor (CPU)"),
            "cuda": self.tr("Graphics card (CUDA)"),
            "mps": self.tr("Apple graphics (MPS)"),
        }
        return words.get(name, name)

    def _lay_out(self) -> None:
        content = QWidget()
        content.setObjectName("content")
        column = QWidget()
        column.setMaximumWidth(WIDEST)
        line = QHBoxLayout(content)
        line.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 3 * GAP)
        line.addWidget(column, 1)
        line.addStretch(0)
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(12)
        rows.addWidget(label(self.tr("Settings"), "title"))
        models = QHBoxLayout()
        models.setSpacing(GAP)
        models.addWidget(self.other_models)
        models.addStretch(1)
        system = QHBoxLayout()
        system.setSpacing(GAP)
        system.addWidget(self.menu_entry)
        system.addWidget(self.log)
        system.addStretch(1)
        rates = QWidget()
        rates.setLayout(self._rates)
        self._rates.setContentsMargins(0, 0, 0, 0)
        for title, parts in (
            (
                self.tr("Appearance"),
                (_row(self.tr("Colours"), self.theme), _row(self.tr("Language"), self.language)),
            ),
            (
                self.tr("When is an image called likely generated?"),
                (
                    label(
                        self.tr(
                            "No detector is free of wrong accusations. The shares below come from the detector's own "
                            "card: they were measured on real photographs of sources it never saw, as good copies "
                            "(JPEG of quality 92), as web copies (at most 768 px, quality 60) and as poor copies (at "
                            "most 512 px, quality 40); yours may differ. What was judged before is shown by the "
                            "thresholds chosen here, too."
                        ),
                        "soft",
                        wrap=True,
                    ),
                    rates,
                ),
            ),
            (
                self.tr("Detector"),
                (self.model, self.model_facts, models, rule(), _row(self.tr("Runs on"), self.device)),
            ),
            (
                self.tr("Privacy"),
                (
                    label(
                        self.tr("Nothing leaves this computer. The history holds verdicts and small pictures."),
                        "soft",
                        wrap=True,
                    ),
                    _row(self.tr("Keep the history"), self.retention),
                    self.originals,
                ),
            ),
            (self.tr("Content Credentials"), (self.signers,)),
            (self.tr("Paired browsers"), (self.browsers,)),
            (self.tr("System"), (self.autostart, self.to_tray, system, self.trouble)),
        ):
            rows.addWidget(_section(title, parts))
        rows.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(content))


def _section(title: str, parts: tuple[QWidget | QHBoxLayout, ...]) -> QFrame:
    frame = QFrame()
    frame.setProperty("look", "card")
    rows = QVBoxLayout(frame)
    rows.setContentsMargins(2 * GAP, 14, 2 * GAP, 14)
    rows.setSpacing(10)
    rows.addWidget(label(title, "head"))
    for part in parts:
        if isinstance(part, QHBoxLayout):
            rows.addLayout(part)
        else:
            rows.addWidget(part)
    return frame


def _row(text: str, control: QWidget) -> QHBoxLayout:
    name = label(text)
    name.setBuddy(control)
    control.setAccessibleName(text)
    row = QHBoxLayout()
    row.addWidget(name, 1)
    row.addWidget(control)
    return row
