"""Pairing keys: one per browser, in one file only the user can read."""

from __future__ import annotations

import json
import os
import re
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from noiselens_core.errors import NoiseLensError

from .auth import from_base64, to_base64
from .filelock import held
from .protocol import EXTENSION_ORIGIN

KEY_BYTES = 32
_STRING = re.compile(r"noiselens1:(\d{1,5}):([0-9a-f]{8}):([A-Za-z0-9_-]{43})")


class PairingError(NoiseLensError):
    """A key file or a pairing string that cannot be used."""


@dataclass(frozen=True)
class BrowserKey:
    """One paired browser.

    Attributes:
        id: 8 hex digits, no secret.
        name: what the user calls that browser.
        origin: the only Origin that may use the key.
        created: ISO 8601, UTC.
        key: 32 bytes; kept out of repr so that no log and no traceback can hold it.
    """

    id: str
    name: str
    origin: str
    created: str
    key: str

    def __repr__(self) -> str:
        return f"BrowserKey(id={self.id!r}, name={self.name!r})"

    @property
    def secret(self) -> bytes:
        """The key's 32 bytes."""
        return from_base64(self.key)

    def pairing_string(self, port: int) -> str:
        """Return what the user pastes into the extension's options page."""
        return f"noiselens1:{port}:{self.id}:{self.key}"


def read_pairing_string(text: str) -> tuple[int, str, bytes]:
    """Return (port, key id, key) of a pairing string. Raises PairingError."""
    match = _STRING.fullmatch(text.strip())
    if match is None or not 0 < int(match[1]) < 2**16:
        raise PairingError("That is not a pairing code. Copy the whole line that begins with 'noiselens1:'.")
    try:
        return int(match[1]), match[2], from_base64(match[3])
    except ValueError:
        raise PairingError("That pairing code was changed on its way. Copy it again.") from None


@dataclass(frozen=True)
class KeyDraft:
    """The parts of a key that is not kept yet. id: 8 hex digits. secret: 32 bytes."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def random(cls) -> Self:
        """Return one nobody else knows."""
        return cls(secrets.token_hex(4), secrets.token_bytes(KEY_BYTES))


class KeyStore:
    """The paired browsers on disk. Safe between threads, and between processes that have the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._keys: dict[str, BrowserKey] = {}
        self._on_revoked: list[Callable[[], None]] = []

    def watch(self, on_revoked: Callable[[], None]) -> None:
        """Have on_revoked called, on whichever thread revokes, after a key was revoked through this store."""
        self._on_revoked.append(on_revoked)

    def create(self, name: str, origin: str = EXTENSION_ORIGIN, *, draft: KeyDraft | None = None) -> BrowserKey:
        """Make, store and return a new key for one browser. Raises PairingError when it cannot be stored.

        draft: the id and the key, when both sides have agreed on them already.
        """
        draft = draft or KeyDraft.random()
        key = BrowserKey(
            id=draft.id,
            name=name,
            origin=origin,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            key=to_base64(draft.secret),
        )
        with self._changing():
            self._write(self._keys | {key.id: key})
        return key

    def get(self, key_id: str) -> BrowserKey | None:
        """Return a key that has not been revoked."""
        with self._lock:
            self._read()
            return self._keys.get(key_id)

    def paired(self) -> list[BrowserKey]:
        """Return the paired browsers, oldest first."""
        with self._lock:
            self._read()
            return sorted(self._keys.values(), key=lambda key: key.created)

    def origins(self) -> set[str]:
        """Return every Origin the gate lets through: our own extension's and those pinned at pairing."""
        return {EXTENSION_ORIGIN} | {key.origin for key in self.paired()}

    def revoke(self, key_id: str) -> None:
        """Forget a key; a server with this store drops its connections at once, others within a second.

        Unknown ids are ignored.
        """
        with self._changing():
            self._write({id_: key for id_, key in self._keys.items() if id_ != key_id})
        for on_revoked in self._on_revoked:
            on_revoked()

    def restore(self, key: BrowserKey) -> None:
        """Take a revoked key back: the browser that still holds it is answered again. One that is there stays."""
        with self._changing():
            self._write({key.id: key} | self._keys)

    def rename(self, key_id: str, name: str) -> None:
        """Call a paired browser by another name. Unknown ids are ignored."""
        with self._changing():
            if key_id in self._keys:
                self._write(self._keys | {key_id: replace(self._keys[key_id], name=name)})

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep every other thread and process from changing the file, and know what it holds now."""
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with held(self._path.with_name(f".{self._path.stem}.lock")):
                    self._stamp = None
                    self._read()
                    yield
            except OSError as error:
                raise PairingError(
                    f"The file of paired browsers ({self._path}) cannot be written: {error.strerror}."
                ) from error

    def _read(self) -> None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._keys = None, {}
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp == self._stamp:
            return
        try:
            content = json.loads(self._path.read_text("utf-8"))
            keys = {entry["id"]: BrowserKey(**entry) for entry in content["keys"]}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise PairingError(
                f"The file of paired browsers ({self._path}) is damaged. Delete it and pair again."
            ) from error
        self._stamp, self._keys = stamp, keys

    def _write(self, keys: dict[str, BrowserKey]) -> None:
        content = json.dumps({"version": 1, "keys": [asdict(key) for key in keys.values()]}, indent=1)
        # mkstemp makes the file 0600 from its first byte; the rename is atomic.
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".browsers-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._stamp = None
        self._read()
