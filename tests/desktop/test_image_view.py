"""Zoom, pan and what is painted of an image."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest

from noiselens_desktop.views.image_view import LARGEST_ZOOM, ImageView, to_image
from noiselens_desktop.work.pictures import LARGEST_LEVEL, Pictures, thumbnail_only


def chequered(width: int, height: int) -> NDArray[np.uint8]:
    """Red left half, blue right half, a green pixel at (10, 10)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 255
    pixels[:, width // 2 :, 2] = 255
    pixels[10, 10] = (0, 255, 0)
    return pixels


def colour(view: ImageView, x: int, y: int) -> tuple[int, int, int]:
    found = view.grab().toImage().pixelColor(x, y)
    return found.red(), found.green(), found.blue()


def test_pixels_survive_the_way_to_qt_at_any_width() -> None:
    for width in (1, 3, 7, 64):  # rows of Qt's images begin at multiples of four bytes, ours do not
        pixels = np.random.default_rng(width).integers(0, 256, (5, width, 3), np.uint8)
        image = to_image(pixels)
        for y in range(5):
            for x in range(width):
                found = image.pixelColor(x, y)
                assert (found.red(), found.green(), found.blue()) == tuple(pixels[y, x])


def test_a_small_image_is_shown_at_its_own_size_and_a_large_one_whole(view: ImageView) -> None:
    pixels = chequered(100, 80)
    view.show_pictures(Pictures(pixels, (pixels,)))
    assert view.zoom == 1
    assert colour(view, 300 - 40, 200) == (255, 0, 0)
    assert colour(view, 300 + 40, 200) == (0, 0, 255)
    pixels = chequered(6000, 1000)
    small = np.ascontiguousarray(pixels[::4, ::4])
    view.show_pictures(Pictures(pixels, (small,)))
    assert 0 < 6000 * view.zoom <= 600
    assert colour(view, 60, 200) == (255, 0, 0)


def test_keys_zoom_fit_and_pan_within_the_image(view: ImageView) -> None:
    pixels = chequered(3000, 2000)
    view.show_pictures(Pictures(pixels, (pixels,)))
    fitted = view.zoom
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom == pytest.approx(1.25 * fitted)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    QTest.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom == pytest.approx(fitted)  # never smaller than fitted
    QTest.keyClick(view, Qt.Key.Key_1)
    assert view.zoom == 1
    for _ in range(100):
        QTest.keyClick(view, Qt.Key.Key_Left)
        QTest.keyClick(view, Qt.Key.Key_Up)
    assert colour(view, 10, 10) == (0, 255, 0)  # the corner, and not beyond it
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == pytest.approx(fitted)


def test_the_wheel_keeps_the_point_under_the_pointer(view: ImageView) -> None:
    pixels = chequered(600, 400)
    view.show_pictures(Pictures(pixels, (pixels,)))
    view.actual_size()

    def turn(notches: int) -> None:
        place = QPointF(10.5, 10.5)
        event = QWheelEvent(
            place,
            place,
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QGuiApplication.sendEvent(view, event)

    turn(6)
    assert colour(view, 10, 10) == (0, 255, 0)
    turn(100)
    assert view.zoom == LARGEST_ZOOM
    assert colour(view, 10, 10) == (0, 255, 0)


def test_dragging_moves_the_image_with_the_pointer(view: ImageView) -> None:
    pixels = chequered(3000, 2000)
    view.show_pictures(Pictures(pixels, (pixels,)))
    view.actual_size()  # the seam lies in the middle
    assert colour(view, 350, 200) == (0, 0, 255)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    QTest.mouseMove(view, QPoint(400, 200))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(400, 200))
    assert colour(view, 350, 200) == (255, 0, 0)
    QTest.mouseMove(view, QPoint(300, 200))
    assert colour(view, 350, 200) == (255, 0, 0)


def test_single_pixels_of_a_huge_image_come_from_the_full_picture(view: ImageView) -> None:
    pixels = chequered(2 * LARGEST_LEVEL, 900)
    level = np.ascontiguousarray(pixels[::2, ::2])  # has lost the green pixel's neighbourhood
    level[:] = 77
    view.show_pictures(Pictures(pixels, (level,)))
    assert colour(view, 200, 200) == (77, 77, 77)
    view.actual_size()
    for _ in range(200):
        QTest.keyClick(view, Qt.Key.Key_Left)
        QTest.keyClick(view, Qt.Key.Key_Up)
    assert colour(view, 10, 10) == (0, 255, 0)


def test_the_overlay_covers_the_image_at_the_given_strength(view: ImageView) -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    heat = np.full((10, 10, 3), 200, np.uint8)
    view.show_pictures(Pictures(pixels, (pixels,), {"attention": heat}))
    view.set_overlay("attention", 0.5)
    assert all(abs(value - 100) <= 1 for value in colour(view, 300, 200))
    view.set_overlay("none", 0.5)
    assert colour(view, 300, 200) == (0, 0, 0)


def test_a_thumbnail_alone_may_be_enlarged(view: ImageView) -> None:
    view.show_pictures(thumbnail_only(chequered(100, 80)))
    assert view.zoom == 2
