"""The threads work runs on: a few that decode, and one that owns the detector; and the memory they leave."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from noiselens_core.images import DecodedImage, Decoder, Origin

T = TypeVar("T")
# The detector calls torch a thousand times an image, and behind a busy window every return waits for the interpreter:
# up to 5 ms if nothing is said.
SWITCH_S = 0.0005


class Serial:
    """One thread that runs what it is given, in order. What only this thread touches needs no lock."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Run call after everything submitted before it."""
        return self._pool.submit(call)

    def close(self, *, drop: bool = True) -> None:
        """Drop what has not begun, or let it run too, and wait for what has."""
        self._pool.shutdown(wait=True, cancel_futures=drop)


class DecodePool:
    """A few threads, each with its own limited child process to decode in.

    ahead: how many decoded images may wait for the detector; bounds memory however many files are dropped.
    """

    def __init__(self, threads: int, ahead: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
        self._room = threading.Semaphore(ahead)
        self._closed = threading.Event()
        self._local = threading.local()
        self._decoders: list[Decoder] = []
        self._lock = threading.Lock()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Run call, which may use `decode`, on one of the threads."""
        return self._pool.submit(call)

    def take_room(self) -> None:
        """Wait until one more decoded image may exist. Raises CancelledError when the pool closes."""
        self._room.acquire()
        if self._closed.is_set():
            self._room.release()
            raise CancelledError

    def give_room(self) -> None:
        """Say that one decoded image less is waiting."""
        self._room.release()

    def decode(self, data: bytes, origin: Origin) -> DecodedImage:
        """Decode with this thread's own child. Raises ImageRefusedError."""
        decoder: Decoder | None = getattr(self._local, "decoder", None)
        if decoder is None:
            decoder = self._local.decoder = Decoder()
            with self._lock:
                self._decoders.append(decoder)
        return decoder.decode(data, origin)

    def close(self) -> None:
        """Drop what has not begun, wait for what has, end the children."""
        self._closed.set()
        self._room.release()  # whoever waits for room wakes, and wakes the next
        self._pool.shutdown(wait=True, cancel_futures=True)
        for decoder in self._decoders:
            decoder.close()


def take_turns_quickly() -> None:
    """Let threads of this process ask for the interpreter after SWITCH_S."""
    sys.setswitchinterval(SWITCH_S)


def return_memory() -> None:
    """Give the system back what was freed: loading a detector leaves hundreds of megabytes that glibc keeps."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)
