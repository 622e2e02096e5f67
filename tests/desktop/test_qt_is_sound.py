"""The Qt binding keeps Python's own objects alive; PySide6 6.12.0 on Python 3.11 loses one with every call."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal

CALLS = 200
NOISE = 20  # references that come and go for other reasons


class Bell(QObject):
    """Something to ring."""

    rung = Signal(object)


def test_calls_into_qt_lose_no_reference_to_none_and_true() -> None:
    bell = Bell()
    before = [sys.getrefcount(None), sys.getrefcount(True)]
    for _ in range(CALLS):
        bell.setObjectName("bell")  # returns None
        bell.rung.emit(None)  # returns True
    after = [sys.getrefcount(None), sys.getrefcount(True)]
    assert all(then - now < NOISE for then, now in zip(before, after, strict=True))
