"""What a browser starts to be paired with nothing typed: `python -m noiselens_desktop.bridge.native_host CALLER...`.

It hands the extension a fresh key and the app's port, and starts the app when asked to (extension/PROTOCOL.md 6). Who
calls is said by the browser in the arguments: Chromium passes the extension's origin, Firefox the manifest's path and
the extension's id.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import BinaryIO, ClassVar

from .. import settings
from . import protocol as p
from . import said, wire
from .finder import find_app
from .pairing import BrowserKey, KeyStore, PairingError
from .wire import checked, is_int, matches

START_S = 30.0  # until a started app must answer
GONE_S = 5.0  # the same once its process has ended: another NoiseLens may have taken over
RETRY_S = 0.3
APP = (sys.executable, "-P", "-m", "noiselens_desktop")  # -P: the current folder is the browser's choice
LENGTH = struct.Struct("=I")

_ORIGIN = matches(r"[a-z-]{1,20}://[a-z0-9-]{1,64}")


@dataclass(frozen=True)
class Look:
    """The extension wants to know whether we are here, and nothing else."""

    type: ClassVar[str] = "look"
    v: int = checked(is_int(p.VERSION, p.VERSION))
    client: str = checked(p.CLIENT)
    origin: str = checked(_ORIGIN)


@dataclass(frozen=True)
class GiveKey:
    """The extension wants a key. replaces: id of one it held before, revoked with that, or ""."""

    type: ClassVar[str] = "give_key"
    v: int = checked(is_int(p.VERSION, p.VERSION))
    client: str = checked(p.CLIENT)
    name: str = checked(p.BROWSER)
    origin: str = checked(_ORIGIN)
    replaces: str = checked(matches(r"[0-9a-f]{8}|"))


@dataclass(frozen=True)
class Start:
    """The extension wants the app to run."""

    type: ClassVar[str] = "start"
    v: int = checked(is_int(p.VERSION, p.VERSION))
    client: str = checked(p.CLIENT)
    origin: str = checked(_ORIGIN)
    key_id: str = checked(p.KEY_ID)


Request = Look | GiveKey | Start
REQUESTS: dict[str, type[Request]] = {cls.type: cls for cls in (Look, GiveKey, Start)}


@dataclass(frozen=True)
class Here:
    """We are here."""

    type: ClassVar[str] = "here"
    app: str


@dataclass(frozen=True)
class Key:
    """A fresh key, bound to the origin that asked. port: the app's, 0 when it does not run."""

    type: ClassVar[str] = "key"
    app: str
    port: int
    key_id: str
    key: str


@dataclass(frozen=True)
class Started:
    """The app runs."""

    type: ClassVar[str] = "started"
    app: str
    port: int


@dataclass(frozen=True)
class Failed(said.Told):
    """It could not be done; text is a sentence for the user, why the same as a code and values."""

    type: ClassVar[str] = "failed"
    code: str
    text: str
    why: list[str] | None = field(init=False)


Answer = Here | Key | Started | Failed


def calling_origin(arguments: Sequence[str]) -> Callable[[str], bool]:
    """Return the test an origin must pass, given what the browser says of the caller."""
    first, second = (*arguments, "", "")[:2]
    if first == f"{p.EXTENSION_ORIGIN}/":
        return lambda origin: origin == p.EXTENSION_ORIGIN
    if second == p.GECKO_ID:
        return lambda origin: p.FIREFOX_ORIGIN.fullmatch(origin) is not None
    return lambda origin: False


class NativeHost:
    """Answers one browser.

    may_call: whether an origin is the caller's. run: how the app is started.
    """

    def __init__(self, keys: KeyStore, may_call: Callable[[str], bool], run: Sequence[str]) -> None:
        self._keys, self._may_call, self._run = keys, may_call, run
        self._app = version("noiselens")

    def answer(self, text: str) -> Answer:
        """Follow one request."""
        try:
            request = wire.parse(text, REQUESTS)
            if not self._may_call(request.origin):
                return Failed("origin", "NoiseLens answers its own extension only. Install that one.")
            match request:
                case Look():
                    return Here(self._app)
                case GiveKey():
                    return self._give(request)
                case Start():
                    return self._start(request)
        except wire.MessageError:
            return Failed(
                "bad_message", "NoiseLens and its extension do not fit together. Update the older of the two."
            )
        except PairingError as error:
            return Failed("store", str(error))

    def _give(self, request: GiveKey) -> Answer:
        key = self._keys.create(request.name, request.origin)
        old = self._keys.get(request.replaces)
        if old is not None and old.origin == request.origin:
            self._keys.revoke(old.id)
        return Key(self._app, find_app(key), key.id, key.key)

    def _start(self, request: Start) -> Answer:
        key = self._keys.get(request.key_id)
        if key is None or key.origin != request.origin:
            return Failed("unknown_key", "NoiseLens does not know this browser any more. Pair it again.")
        port = find_app(key) or self._start_app(key)
        return Started(self._app, port) if port else Failed("start", "NoiseLens did not start. Open it by hand.")

    def _start_app(self, key: BrowserKey) -> int:
        """Start the app so that it outlives us and the browser; return its port, 0 if it does not come."""
        flags = 0
        if sys.platform == "win32":  # the browser ends all that stays in its job
            flags = subprocess.CREATE_BREAKAWAY_FROM_JOB | subprocess.DETACHED_PROCESS
        nothing = subprocess.DEVNULL
        try:
            child = subprocess.Popen(
                self._run, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True, creationflags=flags
            )
        except OSError:
            return 0
        give_up = time.monotonic() + START_S
        while time.monotonic() < give_up:
            if port := find_app(key):
                break
            if child.poll() is not None:
                give_up = min(give_up, time.monotonic() + GONE_S)
            time.sleep(RETRY_S)
        else:
            port = 0
        if child.returncode is None:
            child.returncode = 0  # it outlives us: there is nothing to wait for
        return port


def serve(host: NativeHost, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer one request after another until the browser closes its end, or says what cannot be followed."""
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        if length > wire.CONTROL_BYTES:
            return
        data = requests.read(length)
        if len(data) < length:
            return
        text = wire.encode(host.answer(data.decode("utf-8", "replace"))).encode()
        answers.write(LENGTH.pack(len(text)) + text)
        answers.flush()


def main(arguments: Sequence[str]) -> int:
    """Serve the browser that started us."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever prints must not write into our answers
    keys = KeyStore(settings.keys_path())
    try:
        serve(NativeHost(keys, calling_origin(arguments), APP), sys.stdin.buffer, answers)
    except (BrokenPipeError, KeyboardInterrupt):
        return 0  # the browser is gone
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
