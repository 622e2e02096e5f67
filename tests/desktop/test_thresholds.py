"""Other thresholds: what was judged before is shown as they give it, in every place alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from noiselens_core.batches import Batches, Finding
from noiselens_core.checkpoint import SHIPPED_DETECTOR, read_spec
from noiselens_core.library import Library
from noiselens_core.places import library_path
from noiselens_core.reasons import CONTRADICTING, OVERLAP, SAME_ANSWER
from noiselens_core.thumbnails import make_thumbnail
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.app import App
from noiselens_desktop.models.table import LineTable
from noiselens_desktop.settings import Settings
from noiselens_desktop.work.analyse import DetectorFacts

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")
SPEC = read_spec(SHIPPED_DETECTOR)
BETWEEN = round((SPEC.calibration.generated_at + SPEC.calibration.presets["sensitive"].generated_at) / 2, 4)


def verdict(digit: str, *, reason: str, model: str = SPEC.id) -> Verdict:
    return Verdict(digit * 64, BETWEEN, Band.UNCERTAIN, 0.9, (reason,), model, 1.0, 300, 300)


JUDGED = {
    "unsure.png": verdict("1", reason=OVERLAP),
    "contradicting.png": verdict("2", reason=CONTRADICTING),
    "another detector.png": verdict("3", reason=OVERLAP, model="another"),
}


@pytest.fixture
def app(qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    picture = ("PNG", 1000, make_thumbnail(np.zeros((300, 300, 3), np.uint8)))
    with Library(library_path()) as library:
        for name, judged in JUDGED.items():
            library.add(judged, name, "file")
        batches = Batches(library)
        batch = batches.begin(Path("/pictures"), [(Path("/pictures") / name, 0.0) for name in JUDGED])
        batches.record(batch.id, [Finding(i, each, "judge", picture) for i, each in enumerate(JUDGED.values())])
        batches.finish(batch.id)
    app = App(qapp, Settings(theme="light", device="cpu"), bridge=False)
    qtbot.addWidget(app.window)
    with qtbot.waitSignal(app.session.loaded, timeout=TIMEOUT_MS):
        app.window.show()
    yield app
    app.close()


def bands(table: LineTable) -> dict[str, Band | None]:
    return {table.line(row).name: table.line(row).band for row in range(table.rowCount())}


def choose(app: App, qtbot: QtBot, preset: str) -> DetectorFacts:
    app.window.show_page("settings")
    page = app.window.settings_page
    qtbot.waitUntil(lambda: preset in page.presets, timeout=TIMEOUT_MS)
    with qtbot.waitSignal(app.session.loaded, timeout=TIMEOUT_MS):
        QTest.mouseClick(page.presets[preset], Qt.MouseButton.LeftButton)
    assert app.session.facts is not None
    return app.session.facts


def test_every_page_shows_what_was_judged_before_as_the_thresholds_chosen_give_it(app: App, qtbot: QtBot) -> None:
    check, history, batch = app.window.check, app.window.history.table, app.window.batch.table
    app.window.show_page("history")
    qtbot.waitUntil(lambda: len(bands(history)) == len(bands(batch)) == 3, timeout=TIMEOUT_MS)
    app.window.show_page("check")
    check.history.choose(2)  # the newest stands above
    assert check.panel.name.text() == "unsure.png"
    assert set(bands(history).values()) == set(bands(batch).values()) == {Band.UNCERTAIN}

    facts = choose(app, qtbot, "sensitive")
    wanted = dict.fromkeys(JUDGED, Band.UNCERTAIN) | {"unsure.png": Band.LIKELY_GENERATED}
    assert bands(history) == bands(batch) == wanted
    assert app.window.batch.filter.bands[Band.LIKELY_GENERATED].text().endswith("1")
    items = [check.model.item(row) for row in range(3)]
    assert {item.name: item.verdict.band for item in items if item.verdict} == wanted
    assert check.panel.band.text() == "Likely generated"
    assert items[2].verdict is not None
    assert items[2].verdict.reasons == (SAME_ANSWER,)
    assert f"{100 * facts.generated_at:.2f}" in check.panel.bar.accessibleName()

    choose(app, qtbot, "cautious")
    assert set(bands(history).values()) == set(bands(batch).values()) == {Band.UNCERTAIN}
    assert check.panel.band.text() == "Uncertain"


def test_no_zone_is_drawn_for_another_detectors_verdict(app: App, qtbot: QtBot) -> None:
    check = app.window.check
    qtbot.waitUntil(lambda: check.model.rowCount() == 3, timeout=TIMEOUT_MS)
    check.history.choose(0)
    assert check.panel.name.text() == "another detector.png"
    assert "uncertain" not in check.panel.bar.accessibleName()
    check.history.choose(2)
    assert "uncertain" in check.panel.bar.accessibleName()


def test_what_one_preset_made_of_a_verdict_goes_with_its_detector(app: App, qtbot: QtBot) -> None:
    check, history, batch = app.window.check, app.window.history.table, app.window.batch.table
    app.window.show_page("history")
    qtbot.waitUntil(lambda: len(bands(history)) == len(bands(batch)) == 3, timeout=TIMEOUT_MS)
    choose(app, qtbot, "sensitive")
    assert bands(history)["unsure.png"] == bands(batch)["unsure.png"] == Band.LIKELY_GENERATED
    app.session.loaded.emit(DetectorFacts("a third", 0.2, 0.8))
    given = {name: judged.band for name, judged in JUDGED.items()}
    assert bands(history) == bands(batch) == given
    items = [check.model.item(row) for row in range(3)]
    assert {item.name: item.verdict and item.verdict.band for item in items} == given
    assert all(item.verdict is not None and item.verdict.reasons != (SAME_ANSWER,) for item in items)
