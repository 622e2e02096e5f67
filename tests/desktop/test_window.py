"""The window over the real library, decoder and detector: in goes an image, out comes a verdict."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import Future, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from noiselens_core.detector import Detector
from noiselens_core.errors import ModelError, NoiseLensError
from noiselens_core.images import Decoder, Origin
from noiselens_core.overlay import heat_map
from noiselens_desktop.app import SAMPLES
from noiselens_desktop.models.formats import percent
from noiselens_desktop.models.history import State
from noiselens_desktop.models.table import Column
from noiselens_desktop.settings import Settings
from noiselens_desktop.views.drop_area import BITMAP, LINK, NOTHING, from_mime
from noiselens_desktop.views.main_window import MainWindow
from noiselens_desktop.work.analyse import AnalyseRequest, AnalyseResponse

from .conftest import TIMEOUT_MS, Room

pytestmark = pytest.mark.usefixtures("home")


def drop(window: MainWindow, mime: QMimeData) -> None:
    """Drag over the window and drop, as the system's events do it."""
    place, action, button = QPointF(500, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(place.toPoint(), action, mime, button, Qt.KeyboardModifier.NoModifier)
    QGuiApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QGuiApplication.sendEvent(window, QDropEvent(place, action, mime, button, Qt.KeyboardModifier.NoModifier))


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_an_empty_window_says_what_to_do(room: Room) -> None:
    window = room.open()
    assert window.check.middle.currentWidget() is window.check.drop
    assert window.check.drop.open.isVisible()
    assert not window.check.panel.isVisible()
    assert window.check.history.empty.text() == "What you check is listed here."


def test_a_dropped_file_is_judged_as_the_detector_judges_it(room: Room, detector: Detector, cat: Path) -> None:
    window = room.open()
    drop(window, files(cat))
    room.answered(window, 1)
    with Decoder() as decoder:
        expected = detector.detect(decoder.decode_file(cat))
    panel = window.check.panel
    assert panel.name.toolTip() == "chelsea.png"
    assert panel.band.text() == expected.band.words
    assert panel.figure.text() == percent(expected.probability)
    assert percent(expected.probability) in panel.bar.accessibleName()
    assert percent(detector.calibration.generated_at) in panel.bar.accessibleName()
    assert expected.model in panel.footer.text()
    assert panel.limits.isVisibleTo(panel)

    def texts() -> set[str]:
        return {row.text() for row in panel.findChildren(type(panel.band)) if row.isVisibleTo(panel)}

    room.bot.waitUntil(lambda: set(expected.reasons) <= texts(), timeout=TIMEOUT_MS)


def test_many_files_are_listed_in_their_order_and_the_first_is_shown(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    drop(window, files(cat, rocket, cat))
    assert [window.check.model.item(row).name for row in range(3)] == ["chelsea.png", "rocket.jpg", "chelsea.png"]
    room.answered(window, 3)
    assert window.check.history.list.currentIndex().row() == 0
    assert window.check.panel.name.toolTip() == "chelsea.png"


def test_the_image_is_shown_from_decoded_pixels_with_both_heat_maps(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.pictured(window)
    pictures = window.check.image.pictures
    assert pictures is not None
    with Decoder() as decoder:
        image = decoder.decode_file(cat)
    assert np.array_equal(pictures.full, image.pixels)
    verdict = window.check.model.item(0).verdict
    assert verdict is not None
    assert verdict.attention is not None
    height, width = image.pixels.shape[:2]
    assert np.array_equal(pictures.heat["attention"], heat_map(verdict.attention, width, height))
    assert "noise" in pictures.heat


def test_the_overlay_and_its_strength_change_what_is_painted(room: Room, cat: Path) -> None:
    window = room.open(Settings(theme="light", overlay="none"))
    window.open_files([cat])
    room.pictured(window)

    def grabbed() -> bytes:
        image = window.check.image.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        return bytes(image.constBits())

    bare = grabbed()
    assert not window.check.tools.slider.isEnabled()
    QTest.mouseClick(window.check.tools.segments["attention"], Qt.MouseButton.LeftButton)
    assert window.check.tools.slider.isEnabled()
    attention = grabbed()
    window.check.tools.slider.setValue(100)
    strong = grabbed()
    QTest.mouseClick(window.check.tools.segments["noise"], Qt.MouseButton.LeftButton)
    noise = grabbed()
    assert len({bare, attention, strong, noise}) == 4
    window.check.tools.slider.setValue(0)
    assert grabbed() == bare
    assert (window.settings.overlay, window.settings.overlay_opacity) == ("noise", 0)


def test_pasted_bytes_reach_the_decoder_as_they_are(room: Room, rocket: Path) -> None:
    window = room.open()
    mime = QMimeData()
    mime.setData("image/jpeg", QByteArray(rocket.read_bytes()))
    (request,) = from_mime(mime).requests
    assert (request.data, request.origin) == (rocket.read_bytes(), Origin.CLIPBOARD)
    QGuiApplication.clipboard().setMimeData(mime)
    QTest.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    room.answered(window, 1)
    item = window.check.model.item(0)
    assert (item.source, item.state) == ("clipboard", State.JUDGED)


def test_what_is_dropped_is_said_to_be_and_stays_so_when_it_is_judged_again(room: Room, rocket: Path) -> None:
    window = room.open()
    drop(window, pasted(rocket))
    room.answered(window, 1)
    entry = window.check.model.item(0).entry
    assert entry is not None
    window.check.judge_again([entry.id])
    room.answered(window, 2)
    assert [window.check.model.item(row).came for row in range(2)] == ["dropped", "dropped"]


def test_a_pasted_bitmap_keeps_every_pixel(room: Room) -> None:
    window = room.open()
    pixels = np.random.default_rng(1).integers(0, 256, (200, 256, 3), np.uint8)
    bitmap = QImage(pixels.data, 256, 200, 768, QImage.Format.Format_RGB888).copy()
    QGuiApplication.clipboard().setImage(bitmap)
    window.check.paste()
    room.pictured(window)
    assert window.check.image.pictures is not None
    assert np.array_equal(window.check.image.pictures.full, pixels)


class Offer(QMimeData):
    """A clipboard whose bitmap Qt would decode from a foreign format when it is asked for it."""

    def formats(self) -> list[str]:
        return ["image/tiff", BITMAP]

    def hasFormat(self, kind: str) -> bool:  # Qt's name
        return kind in self.formats()

    def retrieveData(self, kind: str, wanted: object) -> QImage:  # Qt's name
        del kind, wanted
        return QImage(64, 64, QImage.Format.Format_RGB32)


def test_a_format_only_qt_would_read_is_not_given_to_qt() -> None:
    offer = Offer()
    assert not offer.imageData().isNull()  # it would be there for the asking
    taken = from_mime(offer)
    assert (taken.requests, taken.sentence) == ((), NOTHING)


def test_an_image_dragged_from_a_browser_is_taken_and_a_bare_link_explained(cat: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.png")])
    assert from_mime(mime).sentence == LINK
    mime.setData("image/png", QByteArray(cat.read_bytes()))
    assert [request.data for request in from_mime(mime).requests] == [cat.read_bytes()]


def test_a_link_is_refused_in_a_sentence_and_a_folder_becomes_a_batch(room: Room, tmp_path: Path) -> None:
    window = room.open()
    link = QMimeData()
    link.setUrls([QUrl("https://example.org/cat.png")])
    drop(window, link)
    assert window.toast.text.text() == LINK
    drop(window, files(tmp_path))
    assert window.page == "batch"
    assert window.check.model.rowCount() == 0


def test_a_path_that_may_not_be_looked_at_is_refused_and_the_rest_is_judged(
    room: Room, cat: Path, tmp_path: Path
) -> None:
    window = room.open()
    drop(window, files(tmp_path / ("n" * 300), cat))
    room.answered(window, 2)
    states = [window.check.model.item(row).state for row in range(2)]
    assert states == [State.REFUSED, State.JUDGED]


def test_a_refusal_is_a_sentence_in_the_panel(room: Room, tmp_path: Path) -> None:
    window = room.open()
    note = tmp_path / "note.txt"
    note.write_text("no image")
    window.open_files([note])
    room.answered(window, 1)
    assert window.check.panel.band.text() == "Not judged"
    assert "does not read this kind of file" in window.check.panel.meaning.text()
    assert not window.check.panel.figure.isVisible()
    assert not window.check.tools.isVisible()
    assert not window.check.panel.answers.isVisible()


def test_an_answer_that_is_there_at_once_is_not_lost(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = room.open()
    submit = room.analyser.submit

    def submit_and_wait(request: AnalyseRequest, **options: Any) -> Future[AnalyseResponse]:
        answer = submit(request, **options)
        wait([answer])
        return answer

    monkeypatch.setattr(room.analyser, "submit", submit_and_wait)
    window.open_files([tmp_path / "gone.png"])
    room.answered(window, 1)
    assert window.check.model.item(0).state is State.REFUSED


def test_while_the_detector_loads_the_panel_says_so(room: Room, detector: Detector, cat: Path) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        go_on.wait(TIMEOUT_MS / 1000)
        return detector

    room.load = slow
    window = room.open()
    try:
        window.open_files([cat])
        assert window.check.panel.meaning.text().startswith("Loading the detector…")
        assert window.check.panel.busy.isVisible()
        assert window.check.side.state.text() == "Loading the detector…"
    finally:
        go_on.set()
    room.answered(window, 1)
    assert not window.check.panel.busy.isVisible()
    assert not window.check.side.state.isVisible()


def test_a_detector_that_cannot_be_loaded_is_a_sentence(room: Room, cat: Path) -> None:
    def refuse() -> Detector:
        raise ModelError("The model is damaged. Install NoiseLens again.")

    room.load = refuse
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    assert window.check.side.state.text() == "The model is damaged. Install NoiseLens again."
    assert window.check.panel.meaning.text() == "The model is damaged. Install NoiseLens again."


def test_the_history_survives_a_restart_and_a_known_file_can_be_judged_again(
    room: Room, cat: Path, rocket: Path
) -> None:
    window = room.open()
    window.open_files([cat])
    window.check.submit(from_mime(pasted(rocket)))
    room.answered(window, 2)
    before = [(item.name, item.verdict) for item in map(window.check.model.item, range(2))]
    room.close()

    window = room.open()
    room.answered(window, 2)
    assert sorted((item.name, str(item.verdict)) for item in map(window.check.model.item, range(2))) == sorted(
        (name, str(verdict)) for name, verdict in before
    )
    names = [window.check.model.item(row).name for row in range(2)]
    window.check.history.choose(names.index("Pasted image.jpeg"))
    assert not window.check.panel.button.isVisible()
    assert window.check.panel.kept.isVisible()
    window.check.history.choose(names.index("chelsea.png"))
    pictures = window.check.image.pictures
    assert pictures is not None
    assert not pictures.complete
    assert not window.check.tools.segments["attention"].isEnabled()
    QTest.mouseClick(window.check.panel.button, Qt.MouseButton.LeftButton)
    room.answered(window, 3)
    room.pictured(window)
    assert not window.check.panel.button.isVisible()
    again, known = window.check.model.item(0).verdict, dict(before)["chelsea.png"]
    assert again is not None
    assert known is not None
    assert again == replace(known, ms=again.ms)


def pasted(path: Path) -> QMimeData:
    mime = QMimeData()
    mime.setData("image/jpeg", QByteArray(path.read_bytes()))
    return mime


def test_a_deletion_can_be_undone_and_else_lasts(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    room.answered(window, 2)
    window.check.history.choose(1)
    window.check.history.list.setFocus()
    QTest.keyClick(window.check.history.list, Qt.Key.Key_Delete)
    assert [window.check.model.item(0).name, window.check.model.rowCount()] == ["chelsea.png", 1]
    assert window.toast.text.text() == "Deleted “rocket.jpg”."
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.check.model.item(1).name == "rocket.jpg"
    window.check.delete(0)
    room.close()

    window = room.open()
    room.answered(window, 1)
    assert window.check.model.item(0).name == "rocket.jpg"


def test_the_toast_stays_in_the_middle_of_the_canvas_when_the_panel_goes(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    canvas, toast = window.check.middle, window.toast
    toast.say("The verdict is on the clipboard.")
    before = canvas.width()
    window.check.start_anew()
    room.bot.waitUntil(lambda: canvas.width() > before, timeout=TIMEOUT_MS)
    assert abs(toast.geometry().center().x() - canvas.mapTo(window, canvas.rect().center()).x()) <= 1


@pytest.mark.parametrize("undone", [True, False])
def test_the_whole_history_is_cleared_at_once_and_that_can_be_undone(room: Room, cat: Path, undone: bool) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    window.menus.actions["Clear the history"].trigger()
    assert window.check.model.rowCount() == 0
    assert window.check.middle.currentWidget() is window.check.drop
    if undone:
        QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        room.answered(window, 1)
    room.close()
    window = room.open()
    room.answered(window, int(undone))


def test_everything_the_keyboard_reaches_has_a_name(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    reached = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled() and widget.isVisible()
    ]
    assert {
        window.check.image,
        window.check.history.list,
        window.check.history.search,
        window.check.tools.slider,
    } <= set(reached)
    nameless = [w for w in reached if not (w.accessibleName() or getattr(w, "text", str)())]
    assert not nameless


def test_a_closed_window_is_freed_with_all_that_was_behind_it(room: Room, cat: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.pictured(window)
    parts = (window, window.check, window.batch, window.history, room.session, room.analyser, room.job, room.teaching)
    left = [weakref.ref(part) for part in parts]
    room.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del parts, window, room.session, room.analyser, room.job, room.teaching, room.labels
    gc.collect()
    assert not [type(part()).__name__ for part in left if part() is not None]


def test_deleting_what_waits_drops_the_request(room: Room, detector: Detector, cat: Path) -> None:
    go_on = threading.Event()

    def slow() -> Detector:
        go_on.wait(TIMEOUT_MS / 1000)
        return detector

    room.load = slow
    window = room.open()
    try:
        window.open_files([cat])
        window.check.delete(0)
    finally:
        go_on.set()
    window.open_files([cat])
    room.answered(window, 1)
    room.close()
    window = room.open()
    room.answered(window, 1)


def test_a_search_narrows_the_list_to_names_verdicts_and_sources(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat, rocket])
    room.answered(window, 2)
    QTest.keyClicks(window.check.history.search, "ROCK opened")
    assert window.check.history.filter.rowCount() == 1
    QTest.keyClicks(window.check.history.search, " zebra")
    assert window.check.history.filter.rowCount() == 0
    assert window.check.history.empty.text() == "Nothing in the history fits."
    window.open_files([cat])  # a hidden newcomer clears the search
    assert window.check.history.search.text() == ""
    room.answered(window, 3)


def test_what_a_browser_sends_appears_at_once_without_taking_the_view(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    request = AnalyseRequest(rocket.read_bytes(), None, "from the web", Origin.BRIDGE)
    response = room.analyser.submit(request).result(60)
    with room.bot.waitSignal(room.session.arrived, timeout=TIMEOUT_MS):
        threading.Thread(target=room.session.receive, args=(response,)).start()
    assert (window.check.model.item(0).name, window.check.model.item(0).source) == ("from the web", "browser")
    assert window.check.panel.name.toolTip() == "chelsea.png"
    assert "from the web" in window.toast.text.text()
    window.show_page("settings")
    assert window.toast.act()
    assert window.page == "check"
    assert window.check.panel.name.toolTip() == "from the web"


def test_what_a_browser_wants_to_see_is_shown_in_front(room: Room, cat: Path, rocket: Path) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    page = "https://example.org/rockets?page=2"
    request = AnalyseRequest(rocket.read_bytes(), None, "from the web", Origin.BRIDGE, page)
    verdict = room.analyser.submit(request).result(60).verdict
    window.show_page("settings")
    window.hide()
    with room.bot.waitSignal(room.session.wanted, timeout=TIMEOUT_MS):
        thread = threading.Thread(target=room.session.show, args=(verdict.sha256,))
        thread.start()
    thread.join()
    assert window.isVisible()
    assert window.page == "check"
    assert window.check.panel.name.toolTip() == "from the web"
    assert " · from example.org " in window.check.panel.origin.text()
    assert window.check.panel.origin.toolTip() == page
    window.show_page("history")
    room.bot.waitUntil(lambda: window.history.table.rowCount() == 2, timeout=TIMEOUT_MS)
    source = window.history.table.index(0, Column.SOURCE)
    assert source.data() == "from example.org"
    assert source.data(Qt.ItemDataRole.ToolTipRole) == page
    with pytest.raises(NoiseLensError, match=r"not in the history any more\. Check it again"):
        room.session.show("0" * 64)


def test_pictures_that_come_late_do_not_replace_a_newer_choice(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    window.open_files([cat, tmp_path / "gone.png"])
    room.answered(window, 2)
    window.check.history.choose(1)
    window.check.history.choose(0)  # asks for its pictures
    window.check.history.choose(1)
    done: list[None] = []
    room.session.run(lambda: None, done.append)  # behind the pictures in the same queue
    room.bot.waitUntil(lambda: bool(done), timeout=TIMEOUT_MS)
    assert window.check.image.pictures is None
    window.check.history.choose(0)
    room.pictured(window)


def test_a_hostile_name_is_shown_as_plain_text(room: Room, cat: Path, tmp_path: Path) -> None:
    window = room.open()
    name = "<img src=x>\u202egnp.png"
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / name
    file.write_bytes(cat.read_bytes())
    window.open_files([file])
    room.answered(window, 1)
    assert window.check.model.item(0).name == "<img src=x>\\u202egnp.png"
    assert window.check.panel.name.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_window_can_be_dressed_anew_while_it_is_open(room: Room, cat: Path, theme: str) -> None:
    window = room.open()
    window.open_files([cat])
    room.answered(window, 1)
    window.choose_theme(theme)
    ground = window.grab().toImage().pixelColor(window.width() - 10, window.height() // 2)
    assert (ground.lightness() < 100) == (theme == "dark")
    assert window.settings.theme == theme


def test_the_samples_are_one_click_away(room: Room) -> None:
    window = room.open()
    QTest.mouseClick(window.check.drop.samples, Qt.MouseButton.LeftButton)
    bundled = sum(path.suffix in {".png", ".jpg"} for path in SAMPLES.iterdir())
    assert bundled == 10
    room.answered(window, bundled)
    assert all(window.check.model.item(row).state is State.JUDGED for row in range(bundled))
