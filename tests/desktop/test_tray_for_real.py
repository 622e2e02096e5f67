"""The tray on a real display with a session bus: item, menu, hidden window, notification."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.xvfb import CHECKOUT, display, need

from noiselens_desktop.settings import settings_path

from .test_end_to_end import wait_for

SCREEN = (1100, 800)
ENTRIES = ["Open NoiseLens", "Check the image on the clipboard", "Quit"]
NO_BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
Environment = dict[str, str]
pytestmark = pytest.mark.alone  # it has the app on its ports, and real menus that open in their own time


@contextmanager
def running(*command: str, environment: Environment, output: bool = False) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE if output else None, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def screen() -> Iterator[Environment]:
    """A display whose window manager closes a window with Alt+F4, without a session bus."""
    need("Xvfb", "xdotool", "openbox")
    with display(*SCREEN) as shown:
        environment = shown | CHECKOUT | NO_BUS
        with running("openbox", environment=environment):
            yield environment


@contextmanager
def app(environment: Environment, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """NoiseLens, closing into the tray."""
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text('theme = "light"\nlanguage = "en"\nwelcomed = true\nclose_to_tray = true\n')
    program = "from noiselens_core.cli import main; main()"
    with running(sys.executable, "-c", program, *arguments, environment=environment) as process:
        yield process


def act(environment: Environment, *arguments: str | int) -> str:
    done = subprocess.run(
        ["xdotool", *map(str, arguments)], env=environment, capture_output=True, text=True, check=False
    )
    time.sleep(0.3)
    return done.stdout


def is_open(environment: Environment) -> bool:
    return bool(act(environment, "search", "--onlyvisible", "--name", "^NoiseLens$"))


def close_window(environment: Environment, process: subprocess.Popen[str]) -> None:
    wait_for(lambda: is_open(environment))
    act(environment, "search", "--onlyvisible", "--name", "^NoiseLens$", "windowactivate", "--sync", "key", "alt+F4")
    wait_for(lambda: not is_open(environment))
    assert process.poll() is None


@pytest.fixture
def bus(screen: Environment, tmp_path: Path) -> Iterator[tuple[Environment, Path]]:
    """The display with a session bus, on which a status area takes items; and the file in which it says so."""
    need("dbus-daemon", "dbus-send")
    said = tmp_path / "said"
    with ExitStack() as stack:
        daemon = stack.enter_context(
            running("dbus-daemon", "--session", "--nofork", "--print-address=1", environment=screen, output=True)
        )
        assert daemon.stdout is not None
        environment = screen | {"DBUS_SESSION_BUS_ADDRESS": daemon.stdout.readline().strip()}
        area = Path(__file__).with_name("status_area.py")
        stack.enter_context(running(sys.executable, str(area), str(said), environment=environment))
        wait_for(said.exists)
        yield environment, said


def told(said: Path, what: str) -> list[str]:
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    return [line[what] for line in lines if what in line]


def call(environment: Environment, item: str, path: str, method: str, *arguments: str) -> str:
    command = ["dbus-send", "--session", "--print-reply", f"--dest={item}", path, method, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_status_area_on_the_bus_has_icon_menu_and_notification(
    bus: tuple[Environment, Path], home: Path, cat: Path, tmp_path: Path
) -> None:
    del home
    environment, said = bus
    folder = tmp_path / "holidays"
    folder.mkdir()
    for number in range(4):  # each another file, so that the window is hidden before all are judged
        (folder / f"{number}.png").write_bytes(cat.read_bytes() + bytes([number]))
    with app(environment, str(folder)) as process:
        (item,) = wait_for(lambda: told(said, "item"))
        close_window(environment, process)
        (notification,) = wait_for(lambda: told(said, "notification"))
        assert notification == "NoiseLens: “holidays” is checked. Images: 4, likely generated: 0."
        call(environment, item, "/StatusNotifierItem", "org.kde.StatusNotifierItem.Activate", "int32:0", "int32:0")
        wait_for(lambda: is_open(environment))
        menu = "com.canonical.dbusmenu"
        layout = call(environment, item, "/MenuBar", f"{menu}.GetLayout", "int32:0", "int32:-1", "array:string:label")
        entries = re.findall(r"int32 (\d+)\s+array \[[^\]]*?string \"label\"\s+variant\s+string \"([^\"]+)\"", layout)
        assert [name for _, name in entries] == ENTRIES
        last = f"int32:{entries[-1][0]}"
        call(environment, item, "/MenuBar", f"{menu}.Event", last, "string:clicked", "variant:string:", "uint32:0")
        assert process.wait(30) == 0
