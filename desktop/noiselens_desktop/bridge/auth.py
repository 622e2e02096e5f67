"""Mutual HMAC-SHA256 challenge over a pairing key, and the lock-out after wrong answers (extension/PROTOCOL.md 3)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

MAX_FAILURES = 5
LOCK_S = 60.0


@dataclass(frozen=True)
class Handshake:
    """What both proofs cover. nonces: base64url of 32 bytes; port: the server's own.

    The port and the origin stop a program on another port from passing our messages on to the real app.
    """

    origin: str
    port: int
    key_id: str
    client_nonce: str
    server_nonce: str

    def server_proof(self, key: bytes) -> str:
        """Return the server's proof that it holds `key`."""
        return self._proof(key, "server")

    def client_proof(self, key: bytes) -> str:
        """Return the client's; the role is part of the text, so neither proof can be sent back as the other."""
        return self._proof(key, "client")

    def accepts(self, key: bytes, proof: str) -> bool:
        """Compare a client's proof in constant time."""
        return hmac.compare_digest(self.client_proof(key), proof)

    def _proof(self, key: bytes, role: str) -> str:
        lines = ("noiselens.v1", role, self.origin, str(self.port), self.key_id, self.client_nonce, self.server_nonce)
        return to_base64(hmac.digest(key, "\n".join(lines).encode(), sha256))


def to_base64(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """Read base64url without padding. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def new_nonce() -> str:
    """Return 32 random bytes as base64url."""
    return to_base64(secrets.token_bytes(32))


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
