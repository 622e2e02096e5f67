"""What all tests share: which may run beside which where several run at once, and an interrupt that is heard."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

# These have the app on the few ports that the extension knows: it would find the app of a test beside it.
PORTS = (
    "tests/bridge/test_native_host.py",
    "tests/bridge/test_serve.py",
    "tests/desktop/test_app.py",
    "tests/desktop/test_end_to_end.py",
    "tests/desktop/test_startup.py",
    "tests/extension_e2e/",
)


def pytest_configure() -> None:
    """Hear interrupts, and so let the programs that tests start hear them.

    What a shell starts in the background ignores them, and so do its children, ours as well: that is right for them
    and would fail the tests that interrupt one.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Share the tests out: a file's stay in one process, and in another one those of all files that need the ports."""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = lambda nodeid: "ports" if nodeid.startswith(PORTS) else nodeid.split("::")[0]
    return scheduler


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the pictures of the screen are."""
    folder = os.environ.get("NOISELENS_PICTURES")
    if folder and (taken := len(list(Path(folder).glob("*.png")))):
        terminalreporter.write_line(f"{taken} pictures of the screen: {folder}")
