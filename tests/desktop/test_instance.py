"""One NoiseLens a user: a second start hands its files over and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from noiselens_desktop.instance import MAX_BYTES, Instance, server_name

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def instance(qtbot: QtBot) -> Iterator[Instance]:
    del qtbot
    instance = Instance()
    assert instance.listen()
    yield instance
    instance.close()


def test_a_second_start_hands_its_files_over_and_ends(instance: Instance, qtbot: QtBot, cat: Path, home: Path) -> None:
    called: list[list[Path]] = []
    instance.called.connect(called.append)
    environment = os.environ | {"NOISELENS_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    second = subprocess.Popen([sys.executable, "-m", "noiselens_desktop", cat.name], cwd=cat.parent, env=environment)
    try:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=TIMEOUT_MS)
    finally:
        second.kill()
        second.wait()
    assert second.returncode == 0
    assert called == [[cat]]
    assert not (home / "data").exists()  # it opened nothing of its own


def test_the_place_of_a_killed_one_is_taken(qtbot: QtBot) -> None:
    del qtbot
    code = (
        "import os\nfrom PySide6.QtCore import QCoreApplication\nfrom noiselens_desktop.instance import Instance\n"
        "app = QCoreApplication([])\ninstance = Instance()\nassert instance.listen()\nos.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    instance = Instance()
    assert instance.listen()
    instance.close()


@pytest.mark.parametrize(
    "said", [b"no json\n", b'{"a": 1}\n', b"7\n", b"[" * 50_000 + b"\n", b"x" * (MAX_BYTES + 1)],
    ids=["text", "object", "number", "deep", "long"],
)  # fmt: skip
def test_nonsense_from_another_program_is_not_listened_to(instance: Instance, qtbot: QtBot, said: bytes) -> None:
    called: list[list[Path]] = []
    instance.called.connect(called.append)
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    socket.write(said)
    qtbot.waitUntil(
        lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState or bool(called), timeout=TIMEOUT_MS
    )
    assert called == []
