"""The Settings page in the whole app: what is chosen applies at once and is found again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken
from tests.core.signing import usual_signer

from noiselens_core.checkpoint import SHIPPED_DETECTOR, read_spec
from noiselens_core.images import Origin
from noiselens_core.library import Library
from noiselens_core.places import library_path
from noiselens_core.signers import count_signers, read_signers
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop import integration
from noiselens_desktop.app import App
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.models.history import State
from noiselens_desktop.settings import Settings, keys_path, load_settings, originals_dir, settings_path
from noiselens_desktop.views.browsers import Browsers
from noiselens_desktop.views.settings_page import SettingsPage
from noiselens_desktop.work.analyse import AnalyseRequest
from noiselens_desktop.work.detectors import PRESETS

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")
START = Settings(theme="light", device="cpu", language="en", welcomed=True)


@pytest.fixture(autouse=True)
def desktop_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what belongs to the desktop itself in the test's own folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


@pytest.fixture
def app(qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    app = App(qapp, START, bridge=False)
    app.window.show()
    qtbot.waitUntil(lambda: app.session.facts is not None, timeout=TIMEOUT_MS)
    yield app
    app.close()
    app.window.close()
    app.window.deleteLater()


def page_of(app: App, qtbot: QtBot) -> SettingsPage:
    app.window.show_page("settings")
    page = app.window.settings_page
    qtbot.waitUntil(lambda: len(page.presets) == len(PRESETS), timeout=TIMEOUT_MS)
    return page


def saved(qtbot: QtBot, wanted: Settings) -> None:
    """Wait until the settings on the disk are these, whatever the window's size and page."""

    def same() -> bool:
        found, _ = load_settings(settings_path())
        return replace(found, page="check", window_width=1280, window_height=780) == wanted

    qtbot.waitUntil(same, timeout=TIMEOUT_MS)


def test_every_preset_states_its_thresholds_and_what_the_detectors_card_measured(app: App, qtbot: QtBot) -> None:
    page = page_of(app, qtbot)
    assert list(page.presets) == list(PRESETS)
    assert page.presets["balanced"].isChecked()
    calibration = read_spec(SHIPPED_DETECTOR).calibration
    for name, button in page.presets.items():
        told, brought = button.accessibleDescription(), calibration.presets[name]
        for share in (brought.generated_at, brought.real_at):
            assert f"{100 * share:.2f}\u00a0%" in told
        for rate in brought.false_accusations.values():
            assert f"{100 * rate:.1f}\u00a0%" in told


def test_colours_apply_at_once_and_are_saved(app: App, qtbot: QtBot) -> None:
    page = page_of(app, qtbot)
    page.theme.setCurrentIndex(page.theme.findData("dark"))
    assert app.window.grab().toImage().pixelColor(app.window.width() - 10, 400).lightness() < 100
    saved(qtbot, replace(START, theme="dark"))
    app.window.choose_theme("light")
    assert page.theme.currentData() == "light"


def test_the_wheel_turns_the_page_and_never_chooses_by_the_way(app: App, qtbot: QtBot) -> None:
    page = page_of(app, qtbot)
    for choice in (page.retention, page.theme, page.language):
        chosen, place = choice.currentIndex(), QPointF(choice.rect().center())
        down = QWheelEvent(
            place, QPointF(choice.mapToGlobal(place)), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(choice, down)
        assert choice.currentIndex() == chosen
        assert not down.isAccepted()  # so that it goes on to what scrolls


def test_the_devices_offered_are_those_there_are(app: App, qtbot: QtBot) -> None:
    page = page_of(app, qtbot)
    qtbot.waitUntil(lambda: page.device.findData("auto") >= 0, timeout=TIMEOUT_MS)
    assert page.device.findData("cpu") >= 0
    loaded: list[object] = []
    app.session.loaded.connect(loaded.append)
    page.device.setCurrentIndex(page.device.findData("auto"))
    qtbot.waitUntil(lambda: bool(loaded), timeout=TIMEOUT_MS)


def test_the_detectors_are_a_press_away(app: App, qtbot: QtBot) -> None:
    page = page_of(app, qtbot)
    assert "SHA-256: " in page.model_facts.text()
    QTest.mouseClick(page.other_models, Qt.MouseButton.LeftButton)
    assert app.window.page == "training"
    assert app.window.training.detectors.isVisible()


def test_a_browser_is_renamed_and_forgotten(app: App, qtbot: QtBot) -> None:
    keys = KeyStore(keys_path())
    keys.create("Firefox")
    page = page_of(app, qtbot)
    page.browsers.read()
    qtbot.waitUntil(lambda: bool(page.browsers.findChildren(QLineEdit)), timeout=TIMEOUT_MS)
    (field,) = page.browsers.findChildren(QLineEdit)
    field.setText("On the laptop")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [key.name for key in keys.paired()] == ["On the laptop"], timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: len(forget_buttons(page.browsers)) == 1, timeout=TIMEOUT_MS)
    QTest.mouseClick(forget_buttons(page.browsers)[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: keys.paired() == [], timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: forget_buttons(page.browsers) == [], timeout=TIMEOUT_MS)
    qtbot.waitUntil(app.window.toast.isVisible, timeout=TIMEOUT_MS)
    assert app.window.toast.act()
    qtbot.waitUntil(lambda: len(forget_buttons(page.browsers)) == 1, timeout=TIMEOUT_MS)
    assert [key.name for key in keys.paired()] == ["On the laptop"]


def forget_buttons(browsers: Browsers) -> list[QPushButton]:
    return [
        button
        for button in browsers.findChildren(QPushButton)
        if button.accessibleName() == "Forget On the laptop" and button.isVisible()
    ]


def test_a_shorter_memory_forgets_at_once_on_every_page(app: App, qtbot: QtBot) -> None:
    with Library(library_path()) as library:
        for name in ("old", "young"):
            library.add(Verdict("ab" * 32, 0.5, Band.UNCERTAIN, 1.0, (), "m", 1.0, 9, 9), name, "file")
        with library.working() as connection:
            before = (datetime.now(UTC) - timedelta(days=8)).isoformat()
            connection.execute("UPDATE history SET judged_at = ? WHERE name = 'old'", (before,))
    app.window.show_page("history")
    qtbot.waitUntil(lambda: app.window.history.table.total == 2, timeout=TIMEOUT_MS)
    page = page_of(app, qtbot)
    page.retention.setCurrentIndex(page.retention.findData(7))
    qtbot.waitUntil(lambda: app.window.history.table.total == 1, timeout=TIMEOUT_MS)
    with Library(library_path()) as library:
        assert [entry.name for entry in library.history()] == ["young"]
    assert app.window.toast.text.text() == "Older than 7 days and deleted from the history: 1."
    assert app.window.toast.act()
    app.window.show_page("history")
    qtbot.waitUntil(lambda: app.window.history.table.total == 2, timeout=TIMEOUT_MS)
    assert page.retention.currentData() == 0
    qtbot.waitUntil(lambda: load_settings(settings_path())[0].history_days == 0, timeout=TIMEOUT_MS)


def test_originals_are_kept_only_when_asked_and_go_with_their_entries(
    app: App, qtbot: QtBot, cat: Path, rocket: Path
) -> None:
    def judge(path: Path) -> None:
        request = AnalyseRequest(path.read_bytes(), None, path.name, Origin.CLIPBOARD)
        count = len(judged)
        app.session.submit(request)
        qtbot.waitUntil(lambda: len(judged) > count, timeout=TIMEOUT_MS)

    judged: list[object] = []
    app.session.judged.connect(lambda *answer: judged.append(answer))
    judge(cat)
    assert not originals_dir().exists()
    page = page_of(app, qtbot)
    page.originals.setChecked(True)
    judge(rocket)
    (copy,) = originals_dir().iterdir()
    assert copy.read_bytes() == rocket.read_bytes()
    assert copy.suffix == ".jpeg"
    with Library(library_path()) as library:
        assert library.history()[0].path == copy
    app.session.clear()
    app._purge()
    qtbot.waitUntil(lambda: not list(originals_dir().iterdir()), timeout=TIMEOUT_MS)


def test_the_language_changes_at_once_and_everything_goes_on(app: App, qtbot: QtBot, cat: Path) -> None:
    app.window.open_files([cat])
    qtbot.waitUntil(lambda: app.window.check.model.item(0).verdict is not None, timeout=TIMEOUT_MS)
    old = app.window
    page = page_of(app, qtbot)
    page.language.setCurrentIndex(page.language.findData("de"))
    qtbot.waitUntil(lambda: app.window is not old, timeout=TIMEOUT_MS)
    assert app.window.rail.buttons["check"].text() == "Prüfen"
    assert app.window.page == "settings"
    qtbot.waitUntil(lambda: app.window.check.model.rowCount() == 1, timeout=TIMEOUT_MS)
    app.window.open_files([cat])
    qtbot.waitUntil(lambda: app.window.check.model.item(0).verdict is not None, timeout=TIMEOUT_MS)


def test_what_waits_and_what_was_refused_survives_a_change_of_language(
    app: App, qtbot: QtBot, cat: Path, tmp_path: Path
) -> None:
    files = [tmp_path / f"{i:02}.png" for i in range(12)]
    for file in files[:-1]:
        file.symlink_to(cat)
    files[-1].write_text("no image")
    page, old = page_of(app, qtbot), app.window
    app.window.check.open_files(files)
    page.language.setCurrentIndex(page.language.findData("de"))
    qtbot.waitUntil(lambda: app.window is not old, timeout=TIMEOUT_MS)
    model = app.window.check.model
    items = [model.item(row) for row in range(model.rowCount())]
    assert [item.name for item in items] == [file.name for file in files]
    assert any(item.state is State.WAITING for item in items)
    assert app.window.check.panel.name.toolTip() == "00.png"
    qtbot.waitUntil(lambda: all(model.item(row).state is not State.WAITING for row in range(12)), timeout=TIMEOUT_MS)
    assert model.rowCount() == 12
    assert model.item(11).state is State.REFUSED


def test_a_window_that_another_language_took_the_place_of_asks_and_says_no_more(
    app: App, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Callable[[object], None]] = []
    page, old = page_of(app, qtbot), app.window
    page.language.setCurrentIndex(page.language.findData("de"))
    qtbot.waitUntil(lambda: app.window is not old, timeout=TIMEOUT_MS)
    monkeypatch.setattr(app.session, "load_labels", held.append)
    said: list[str] = []
    monkeypatch.setattr(old.toast, "say", said.append)
    app.session.labelled.emit()
    app.session.troubled.emit("The disk is full.")
    assert len(held) == 1
    assert app.window.toast.text.text() == "The disk is full."
    qtbot.waitUntil(lambda: not Shiboken.isValid(old), timeout=TIMEOUT_MS)
    held[0]({})
    app.teaching.samples.taking.emit(8)
    assert app.window.toast.text.text() == "Bilder angesehen: 8…"
    assert not said


def test_what_becomes_too_old_while_the_window_is_open_is_forgotten(qapp: QApplication, qtbot: QtBot) -> None:
    today, later = datetime.now(UTC), timedelta()
    app = App(qapp, replace(START, history_days=7), bridge=False, now=lambda: today + later)
    qtbot.addWidget(app.window)
    try:
        for name in ("kept", "deleted"):
            app._library.add(Verdict("ab" * 32, 0.5, Band.UNCERTAIN, 1.0, (), "m", 1.0, 9, 9), name, "file")
        app.window.show()
        app.window.show_page("history")
        history = app.window.history
        qtbot.waitUntil(lambda: history.table.total == 2, timeout=TIMEOUT_MS)
        history.delete([2])
        later = timedelta(days=6)
        app._ageing.timer.timeout.emit()
        app.session.restore()
        qtbot.waitUntil(lambda: history.table.total == 2, timeout=TIMEOUT_MS)  # looking for old ones made nothing final
        later = timedelta(days=8)
        app._ageing.timer.timeout.emit()
        qtbot.waitUntil(lambda: history.table.total == 0, timeout=TIMEOUT_MS)
        assert app._library.history() == []
        assert app._ageing.timer.isActive()
        assert app._ageing.timer.interval() <= 86_400_000
    finally:
        app.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="freedesktop entries")
def test_starting_with_the_system_is_an_entry_that_can_be_taken_back(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    page = page_of(app, qtbot)
    page.autostart.setChecked(True)
    entry = (tmp_path / "config" / "autostart" / "noiselens.desktop").read_text()
    assert "--background" in entry
    page.autostart.setChecked(False)
    assert not integration.starts_with_system()
    QTest.mouseClick(page.menu_entry, Qt.MouseButton.LeftButton)
    assert integration.has_menu_entry()
    assert "applications menu" in app.window.toast.text.text()
    assert not page.trouble.isVisible()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="freedesktop entries")
def test_a_start_with_the_system_that_cannot_be_arranged_is_told_and_not_shown_as_chosen(
    app: App, qtbot: QtBot, tmp_path: Path
) -> None:
    page = page_of(app, qtbot)
    (tmp_path / "config").write_text("in the way of the folder")
    page.autostart.setChecked(True)
    assert "Check that you may write there." in page.trouble.text()
    assert page.trouble.isVisible()
    assert not page.autostart.isChecked()


def test_every_control_of_every_page_has_a_name(app: App, qtbot: QtBot) -> None:
    page_of(app, qtbot)
    for name in app.window.pages:
        app.window.show_page(name)
        nameless = [
            widget
            for widget in app.window.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isVisible()
            and not (widget.accessibleName() or getattr(widget, "text", str)())
        ]
        assert not nameless, name


def test_trusted_signers_are_chosen_from_a_file_and_forgotten(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    window = app.window
    window.show_page("settings")
    signers = window.settings_page.signers
    qtbot.waitUntil(lambda: "every valid signature" in signers.state.text(), timeout=TIMEOUT_MS)
    assert not signers.forget.isVisible()
    chosen = tmp_path / "chosen.pem"
    chosen.write_bytes(usual_signer().root)
    signers.keep(chosen)
    qtbot.waitUntil(lambda: signers.state.text() == "Certificates on your list: 1", timeout=TIMEOUT_MS)
    chosen.write_text("no certificate")
    with qtbot.waitSignal(app.session.troubled, timeout=TIMEOUT_MS) as told:
        signers.keep(chosen)
    assert told.args == ["chosen.pem holds no certificates. Choose a PEM file: text with BEGIN CERTIFICATE in it."]
    assert count_signers() == 1
    QTest.mouseClick(signers.forget, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "every valid signature" in signers.state.text(), timeout=TIMEOUT_MS)
    assert count_signers() == 0
    assert app.window.toast.act()
    qtbot.waitUntil(lambda: signers.state.text() == "Certificates on your list: 1", timeout=TIMEOUT_MS)
    assert read_signers().encode() == usual_signer().root
