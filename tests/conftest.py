"""What all tests share: an interrupt that is heard."""

from __future__ import annotations

import signal

import pytest


def pytest_configure() -> None:
    """Hear interrupts, and so let the programs that tests start hear them.

    What a shell starts in the background ignores them, and so do its children, ours as well: that is right for them
    and would fail the tests that interrupt one.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
