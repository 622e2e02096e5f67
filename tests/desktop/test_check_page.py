"""The Check page's depth: provenance beside the verdict, what the user says of an image, copy, export, folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import QLocale, QPoint, QRect, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QScrollArea, QWidget

from noiselens_core.images import Origin
from noiselens_core.labels import Counts, LabelStore
from noiselens_core.library import Library
from noiselens_core.places import library_path, samples_dir
from noiselens_core.provenance import DISCLAIMER, NO_FACTS
from noiselens_core.verdict import Band, Verdict
from noiselens_desktop.language import Language
from noiselens_desktop.models.formats import percent
from noiselens_desktop.views.drop_area import Taken
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.work.analyse import AnalyseRequest

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")
HOSTILE = "Steps: 20 <b>bold</b><img src=x>\x1b[31m"


@pytest.fixture
def marked(cat: Path, tmp_path: Path) -> Path:
    """The cat with a generator's settings in it."""
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", HOSTILE)
    info.add_text("Software", "Imager 1")
    path = tmp_path / "marked.png"
    with Image.open(cat) as image:
        image.convert("RGB").save(path, pnginfo=info)
    return path


def shown(window: MainWindow) -> list[str]:
    """Return every text the panel shows."""
    panel = window.check.panel
    return [text.text() for text in panel.findChildren(QLabel) if text.isVisibleTo(panel)]


def labels() -> dict[str, str]:
    with Library(library_path()) as library, LabelStore(library, samples_dir()) as store:
        return {entry.sha256: entry.label for entry in store.entries()}


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def settle(room: Room) -> None:
    """Wait until the library has done what it was asked."""
    done: list[None] = []
    room.session.run(lambda: None, done.append)
    room.bot.waitUntil(lambda: bool(done), timeout=TIMEOUT_MS)


# --- provenance ----------------------------------------------------------------------------------------------------


def test_facts_stand_in_a_section_of_their_own_as_plain_text(room: Room, marked: Path) -> None:
    window = room.open()
    window.open_files([marked])
    room.answered(window, 1)
    told = {"Provenance", DISCLAIMER, "Generation settings", "Software", "Imager 1"}
    room.bot.waitUntil(lambda: told <= set(shown(window)), timeout=TIMEOUT_MS)  # Qt shows what is new in its own time
    texts = shown(window)
    assert "Steps: 20 <b>bold</b><img src=x>\\x1b[31m" in texts
    assert any(text.startswith("PNG text “parameters”. Programs for Stable Diffusion") for text in texts)
    assert texts.index("Provenance") > texts.index("What it cannot see")
    provenance = window.check.panel.provenance
    assert all(text.textFormat() == Qt.TextFormat.PlainText for text in provenance.findChildren(QLabel))


def test_a_file_that_says_nothing_is_told_so_and_facts_do_not_stay(room: Room, marked: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    with Image.open(marked) as image:
        image.convert("RGB").save(plain)
    window = room.open()
    window.open_files([marked, plain])
    room.answered(window, 2)
    window.check.history.choose(1)
    assert NO_FACTS in shown(window)
    assert "Imager 1" not in shown(window)
    window.check.history.choose(0)
    room.bot.waitUntil(lambda: shown(window).count("Imager 1") == 1, timeout=TIMEOUT_MS)


def test_facts_survive_a_restart(room: Room, marked: Path) -> None:
    window = room.open()
    window.open_files([marked])
    room.answered(window, 1)
    room.close()
    window = room.open()
    room.answered(window, 1)
    window.check.history.choose(0)
    room.bot.waitUntil(lambda: "Imager 1" in shown(window), timeout=TIMEOUT_MS)


# --- the answer of the user ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "other"), [("real", "generated"), ("generated", "real")])
def test_an_answer_is_kept_undone_and_taken_back(room: Room, cat: Path, answer: str, other: str) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    verdict = window.check.model.item(0).verdict
    assert verdict is not None
    buttons = {str(name): button for name, button in window.check.panel.answers.answers.items()}
    click(buttons[answer])
    settle(room)
    assert labels() == {verdict.sha256: answer}
    assert buttons[answer].isChecked()
    click(buttons[other])
    settle(room)
    assert labels() == {verdict.sha256: other}
    assert not buttons[answer].isChecked()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(room)
    assert labels() == {verdict.sha256: answer}
    assert buttons[answer].isChecked()
    click(buttons[answer])
    settle(room)
    assert labels() == {}
    assert not any(button.isChecked() for button in buttons.values())
    window.toast.act()
    settle(room)
    assert labels() == {verdict.sha256: answer}


def test_an_answer_belongs_to_the_bytes_and_is_shown_again_after_a_restart(
    room: Room, cat: Path, rocket: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(cat.read_bytes())
    window = room.open()
    window.open_files([cat, rocket])
    room.answered(window, 2)
    click(window.check.panel.answers.answers["generated"])
    window.check.history.choose(1)
    assert not window.check.panel.answers.answers["generated"].isChecked()
    room.close()
    window = room.open()
    window.open_files([copy])
    room.answered(window, 3)
    room.bot.waitUntil(window.check.panel.answers.answers["generated"].isChecked, timeout=TIMEOUT_MS)


def test_an_answer_keeps_the_image_itself_wherever_it_came_from(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat])
    window.check.submit(Taken((AnalyseRequest(rocket.read_bytes(), None, "Pasted image.jpg", Origin.CLIPBOARD),)))
    room.answered(window, 2)
    for row in (0, 1):
        window.check.history.choose(row)
        click(window.check.panel.answers.answers["real"])
    settle(room)
    found = {sample.name: sample for sample in room.labels.samples()}
    assert {name: sample.origin for name, sample in found.items()} == {
        "chelsea.png": "file",
        "Pasted image.jpg": "clipboard",
    }
    for name, path in (("chelsea.png", cat), ("Pasted image.jpg", rocket)):
        kept = found[name].path
        assert kept is not None
        assert kept.read_bytes() == path.read_bytes()


def test_an_image_labelled_before_is_kept_when_it_is_seen_again(room: Room, cat: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.png"
    gone.write_bytes(cat.read_bytes())
    window = room.open()
    window.open_files([gone])
    room.answered(window, 1)
    room.close()
    gone.unlink()
    window = room.open()
    room.answered(window, 1)
    window.check.history.choose(0)
    click(window.check.panel.answers.answers["generated"])
    settle(room)
    assert room.labels.counts() == Counts(absent=1)
    window.open_files([cat])
    room.answered(window, 2)
    room.bot.waitUntil(lambda: room.labels.counts() == Counts(generated=1), timeout=TIMEOUT_MS)


def test_an_answer_of_an_earlier_image_is_undone_there_and_not_here(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    room.answered(window, 2)
    click(window.check.panel.answers.answers["real"])
    window.check.history.choose(1)
    assert window.toast.act()
    settle(room)
    assert labels() == {}
    window.check.history.choose(0)
    assert not window.check.panel.answers.answers["real"].isChecked()


# --- copy, export, folder ------------------------------------------------------------------------------------------


def test_the_copied_verdict_can_be_read_alone(room: Room, marked: Path) -> None:
    window = room.open()
    window.open_files([marked])
    room.answered(window, 1)
    click(window.check.panel.answers.copy)
    verdict = window.check.model.item(0).verdict
    assert verdict is not None
    text = QGuiApplication.clipboard().text()
    for piece in ("marked.png", verdict.band.words, percent(verdict.probability), *verdict.reasons, verdict.sha256):
        assert piece in text
    assert "- Software: Imager 1 (PNG text “Software”)" in text
    assert "\x1b" not in text
    assert "can be wrong" in text


def test_an_export_is_a_report_with_the_overlays_beside_it(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    click(window.check.panel.answers.export)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles()[0].endswith("chelsea-noiselens.html")
    dialog.close()
    place = tmp_path / "out"
    place.mkdir()
    with room.bot.waitSignal(room.session.exported, timeout=TIMEOUT_MS):
        window.check.doing.export_to(place / "report.html")
    assert "chelsea.png" in (place / "report.html").read_text()
    assert "uncertain from" in (place / "report.html").read_text()
    pictures = sorted(path.name.rpartition("-")[2] for path in place.glob("*.png"))
    assert pictures == ["attention.png", "noise.png"]
    assert {size_of(path) for path in place.glob("*.png")} == {size_of(cat)}
    assert "report.html" in window.toast.text.text()


def test_an_export_that_cannot_be_written_is_a_sentence(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    (tmp_path / "file").write_text("")
    with room.bot.waitSignal(room.session.troubled, timeout=TIMEOUT_MS):
        window.check.doing.export_to(tmp_path / "file" / "report.html")
    assert "could not be written" in window.toast.text.text()


def test_what_needs_the_image_or_its_file_is_offered_only_when_that_is_there(
    room: Room, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    window = room.open()
    actions = window.check.doing.actions
    assert not any(action.isEnabled() for action in actions.values())
    window.open_files([cat])
    room.answered(window, 1)
    assert all(action.isEnabled() for action in actions.values())
    click(window.check.panel.answers.folder)
    assert opened == [str(cat.parent)]
    room.close()
    window = room.open()
    room.answered(window, 1)
    window.check.history.choose(0)
    assert not window.check.panel.answers.export.isEnabled()
    assert window.check.panel.answers.folder.isEnabled()


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stability", "level", "words"),
    [
        (1.0, 4, "Steady"), (0.9, 4, "Steady"), (8 / 9, 3, "Mostly steady"), (7 / 9, 3, "Mostly steady"),
        (6 / 9, 2, "Mixed"), (5 / 9, 1, "Unsteady"), (0.0, 1, "Unsteady"),
    ],
)  # fmt: skip
def test_stability_is_told_without_more_confidence_than_it_has_and_the_bar_says_the_same(
    room: Room, stability: float, level: int, words: str
) -> None:
    with Library(library_path()) as library:
        library.add(Verdict("ab" * 32, 0.5, Band.UNCERTAIN, stability, (), "model-1", 1.0, 640, 480), "a.png", "file")
    window = room.open()
    room.answered(window, 1)
    window.check.history.choose(0)
    panel = window.check.panel
    assert panel.steadiness.text() == words
    bar = panel.steps.grab().toImage()
    inked = [
        bar.pixelColor((2 * step + 1) * bar.width() // 8, bar.height() // 2).lightness() < 100 for step in range(4)
    ]
    assert inked == [step < level for step in range(4)]


# --- room ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["en", "de"])
def test_nothing_is_cut_off_in_the_narrowest_window_in_any_language(
    room: Room, qapp: QApplication, rocket: Path, name: str
) -> None:
    before, language = QLocale(), Language(qapp)
    language.choose(name)
    try:
        window = room.open()
        window.open_files([rocket])
        room.answered(window, 1)
        room.pictured(window)
        window.resize(window.minimumSizeHint())
        QTest.qWait(50)
        panel, tools = window.check.panel, window.check.tools
        area = panel.findChild(QScrollArea)
        content = area.widget() if area is not None else None
        assert area is not None
        assert content is not None
        assert content.minimumSizeHint().width() <= area.viewport().width()
        for parent in (tools, panel.answers):
            buttons = [b for b in parent.findChildren(QAbstractButton) if b.isVisible()]
            assert len(buttons) >= 5
            places = [QRect(b.mapTo(parent, QPoint()), b.size()) for b in buttons]
            assert all(parent.rect().contains(place) for place in places)
            assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])
            assert all(b.width() >= b.fontMetrics().horizontalAdvance(b.text()) for b in buttons)
    finally:
        language.close()
        QLocale.setDefault(before)
