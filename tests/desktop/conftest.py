"""What the desktop's tests share: a home of their own, and a check that nothing is left running."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SAMPLES = Path(__file__).parents[2] / "core/noiselens_core/samples"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds everything the app writes during one test."""
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(5)
    assert not [thread.name for thread in left if thread.is_alive()]


@pytest.fixture
def cat() -> Path:
    """A small photograph."""
    return SAMPLES / "chelsea.png"


@pytest.fixture
def rocket() -> Path:
    """Another photograph, a JPEG."""
    return SAMPLES / "rocket.jpg"
