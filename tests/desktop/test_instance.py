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

from noiselens_core.places import library_path
from noiselens_desktop import instance as instance_module
from noiselens_desktop.instance import MAX_BYTES, Instance, InstanceError, server_name

from .conftest import TIMEOUT_MS

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def instance(qtbot: QtBot) -> Iterator[Instance]:
    del qtbot
    instance = Instance()
    assert instance.take_place([])
    assert instance.listen()
    yield instance
    instance.close()


def status_of(process: subprocess.Popen[bytes], qtbot: QtBot) -> int:
    """Return how a process ends, while signals of this one are heard."""
    try:
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=TIMEOUT_MS)
    finally:
        process.kill()
        process.wait()
    return process.returncode


def test_a_second_start_hands_its_files_over_and_ends(instance: Instance, qtbot: QtBot, cat: Path, home: Path) -> None:
    called: list[list[Path]] = []
    instance.called.connect(called.append)
    environment = os.environ | {"NOISELENS_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    second = subprocess.Popen([sys.executable, "-m", "noiselens_desktop", cat.name], cwd=cat.parent, env=environment)
    assert status_of(second, qtbot) == 0
    assert called == [[cat]]
    assert not library_path().exists()  # it opened nothing of its own


STARTED = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from noiselens_desktop.instance import Instance
app, instance = QCoreApplication([]), Instance()
first = instance.take_place([Path("/a.png")])
print("first" if first else "second", flush=True)
if first:
    time.sleep(1)  # it makes its window
    instance.listen()
    instance.called.connect(lambda files: (print(*files, flush=True), QTimer.singleShot(200, app.quit)))
    app.exec()
    instance.close()
"""


def test_of_two_starts_at_once_one_lives_and_has_the_files_of_both() -> None:
    both = [subprocess.Popen([sys.executable, "-c", STARTED], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        said = [process.communicate(timeout=TIMEOUT_MS / 1000)[0].split() for process in both]
    finally:
        for process in both:
            process.kill()
            process.wait()
    assert sorted(said) == [["first", "/a.png"], ["second"]]
    instance = Instance()
    assert instance.take_place([])  # nothing of theirs is left
    instance.close()


def test_a_start_with_very_many_files_is_no_second_one(instance: Instance, qtbot: QtBot) -> None:
    called: list[list[Path]] = []
    instance.called.connect(called.append)
    files = [Path("/pictures") / f"{i:0200}.png" for i in range(10_000)]
    code = (
        "import sys\nfrom pathlib import Path\nfrom PySide6.QtCore import QCoreApplication\n"
        "from noiselens_desktop.instance import hand_over\napp = QCoreApplication([])\n"
        'sys.exit(not hand_over([Path("/pictures") / f"{i:0200}.png" for i in range(10_000)]))'
    )
    assert status_of(subprocess.Popen([sys.executable, "-c", code]), qtbot) == 0
    assert called == [files]


def test_one_that_runs_and_does_not_answer_is_a_sentence(
    qtbot: QtBot, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    del qtbot, instance  # which has no turn while the second waits
    monkeypatch.setattr(instance_module, "PATIENCE_S", 0.3)
    with pytest.raises(InstanceError, match="does not answer"):
        Instance().take_place([])


def test_the_place_of_a_killed_one_is_taken(qtbot: QtBot) -> None:
    del qtbot
    code = (
        "import os\nfrom PySide6.QtCore import QCoreApplication\nfrom noiselens_desktop.instance import Instance\n"
        "app = QCoreApplication([])\ninstance = Instance()\n"
        "assert instance.take_place([])\nassert instance.listen()\nos.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    instance = Instance()
    assert instance.take_place([])
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
