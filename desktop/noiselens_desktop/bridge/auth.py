"""Mutual HMAC-SHA256 challenge over a pairing key, and the lock-out after wrong answers (extension/PROTOCOL.md 3)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

MAX_FAILURES = 5
LOCK_S = 60.0


@dataclass(frozen=True)
class Handshake:
    """What both MACs cover.

    Attributes:
        key_id, origin: who says it is there, as it said so.
        port: the server's; a program on another port that passes messages on is found out by it.
        client_nonce, server_nonce: 32 random bytes each.
    """

    key_id: str
    origin: str
    port: int
    client_nonce: bytes
    server_nonce: bytes

    def server_mac(self, key: bytes) -> bytes:
        """Return what shows that the server holds `key`, 32 bytes."""
        return self._mac(key, "server")

    def client_mac(self, key: bytes) -> bytes:
        """Return the client's; the sides' labels differ, so neither MAC can be sent back as the other."""
        return self._mac(key, "client")

    def accepts(self, key: bytes, mac: bytes) -> bool:
        """Compare a client's MAC in constant time."""
        return hmac.compare_digest(self.client_mac(key), mac)

    def proves(self, key: bytes, mac: bytes) -> bool:
        """Compare a server's MAC in constant time."""
        return hmac.compare_digest(self.server_mac(key), mac)

    def _mac(self, key: bytes, side: str) -> bytes:
        head = f"noiselens.v1 {side}\0{self.key_id}\0{self.origin}\0{self.port}\0".encode()
        return hmac.digest(key, head + self.client_nonce + self.server_nonce, sha256)


def to_base64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Read base64url without padding, in its one canonical form. Raises ValueError."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if to_base64(data) != text:
        raise ValueError("base64url with bits to spare")
    return data


class Lockout:
    """Counts wrong answers per origin; MAX_FAILURES in a row lock it for LOCK_S seconds.

    Not thread-safe: it lives on the bridge's own thread.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}

    def locked(self, origin: str) -> bool:
        """Return whether this origin must wait."""
        return self._clock() < self._locked_until.get(origin, 0.0)

    def fail(self, origin: str) -> None:
        """Count one wrong answer."""
        self._failures[origin] = self._failures.get(origin, 0) + 1
        if self._failures[origin] >= MAX_FAILURES:
            self._failures.pop(origin)
            self._locked_until[origin] = self._clock() + LOCK_S

    def succeed(self, origin: str) -> None:
        """Forget this origin's wrong answers."""
        self._failures.pop(origin, None)
