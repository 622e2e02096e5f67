"""Pairing by code: the app's half of the key agreement, and the 120 s in which it may happen (extension/PROTOCOL.md 5).

Whoever stands between the two sides must fix both of its own halves before it sees theirs, so the six digits differ
but for one chance in a million; the user compares them.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .auth import from_base64, to_base64
from .pairing import KEY_BYTES, KeyDraft

WINDOW_S = 120.0
MAX_TRIES = 3  # each is one chance in a million for somebody in between


class ExchangeError(Exception):
    """What the other side revealed is not what it had bound itself to, or no key."""


class Exchange:
    """One browser's pairing, from its commitment to the key.

    Attributes:
        public, nonce: our half, base64url; fresh for each browser.
        code: six digits for the user to compare; "" until the other side has revealed its half.
    """

    def __init__(self, origin: str, port: int, commit: str, private: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._origin, self._port, self._commit = origin, port, commit
        self._private = private or ec.generate_private_key(ec.SECP256R1())
        point = self._private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.public, self.nonce = to_base64(point), to_base64(secrets.token_bytes(32))
        self.code = ""
        self._transcript, self._key = b"", b""

    def reveal(self, public: str, nonce: str) -> None:
        """Take the other side's half: its public key and nonce, base64url. Raises ExchangeError."""
        try:
            halves = from_base64(public) + from_base64(nonce)
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(public))
        except ValueError as error:
            raise ExchangeError("no public key") from error
        bound = to_base64(sha256(b"noiselens.v1 commit\0" + halves).digest())
        if not hmac.compare_digest(bound, self._commit):
            raise ExchangeError("another half than the one committed to")
        head = f"noiselens.v1 pair\0{self._origin}\0{self._port}\0".encode()
        own = from_base64(self.public) + from_base64(self.nonce)
        self._transcript = sha256(head + halves + own).digest()
        shared = self._private.exchange(ec.ECDH(), point)
        self._key = HKDF(hashes.SHA256(), KEY_BYTES, self._transcript, b"noiselens.v1 key").derive(shared)
        self.code = f"{int.from_bytes(self._transcript[:4]) % 1_000_000:06d}"

    def accepts(self, mac: str) -> bool:
        """Return whether the browser's confirmation fits, in constant time."""
        own = hmac.digest(self._key, b"noiselens.v1 paired client\0" + self._transcript, sha256)
        return bool(self.code) and hmac.compare_digest(to_base64(own), mac)

    def server_mac(self, key_id: str) -> str:
        """Return what shows the browser that the key with this id is the agreed one."""
        label = f"noiselens.v1 paired server\0{key_id}\0".encode()
        return to_base64(hmac.digest(self._key, label + self._transcript, sha256))

    def draft(self) -> KeyDraft:
        """Return the agreed key with an id of its own."""
        return KeyDraft(secrets.token_hex(4), self._key)


class Phase(StrEnum):
    """Where a pairing window stands."""

    CLOSED = "closed"
    WAITING = "waiting"  # for a browser
    COMPARING = "comparing"  # both sides show the code
    CONFIRMED = "confirmed"  # in the app; the browser's user is awaited
    PAIRED = "paired"
    EXHAUSTED = "exhausted"  # after MAX_TRIES
    EXPIRED = "expired"
    FAILED = "failed"  # the key could not be kept


@dataclass(frozen=True)
class PairingState:
    """What the app shows of its pairing window.

    Attributes:
        code: six digits, "" until there are any.
        browser: what the browser calls itself; not to be believed.
        seconds: left until the window closes by itself.
        text: what went wrong, for the user.
    """

    phase: Phase = Phase.CLOSED
    code: str = ""
    browser: str = ""
    seconds: float = 0.0
    text: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether a browser may still be paired."""
        return self.phase in (Phase.WAITING, Phase.COMPARING, Phase.CONFIRMED)


class PairingWindow:
    """The time in which a browser may be paired by code, and the one browser at a time that is. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._state = PairingState()
        self._until = 0.0
        self._tries = 0
        self._holder: object | None = None

    def open(self) -> None:
        """Begin WINDOW_S seconds anew; whoever held the last window is out."""
        with self._lock:
            self._state, self._until = PairingState(Phase.WAITING), self._clock() + WINDOW_S
            self._tries, self._holder = 0, None

    def close(self) -> None:
        """End it: the user has refused, or does not want it any more."""
        with self._lock:
            self._state, self._holder = PairingState(), None

    def state(self) -> PairingState:
        """Return what is to be shown now."""
        with self._lock:
            seconds = max(0.0, self._until - self._clock())
            if self._state.is_open and seconds == 0:
                self._state, self._holder = PairingState(Phase.EXPIRED), None
            return replace(self._state, seconds=seconds if self._state.is_open else 0.0)

    def take(self, holder: object) -> bool:
        """Let `holder` be the browser that is paired; False while there is another. The window must be open."""
        with self._lock:
            if self._holder is not None:
                return False
            self._holder, self._tries = holder, self._tries + 1
            return True

    def holds(self, holder: object) -> bool:
        """Return whether `holder` still is the browser that is paired."""
        with self._lock:
            return self.state().is_open and self._holder is holder

    def leave(self, holder: object) -> None:
        """Take the window from `holder`, if it has it: the next browser may come, unless that was the last try."""
        with self._lock:
            if not self.holds(holder):
                return
            self._holder = None
            self._state = PairingState(Phase.WAITING) if self._tries < MAX_TRIES else PairingState(Phase.EXHAUSTED)

    def compare(self, code: str, browser: str) -> None:
        """Both sides know the code: the user may compare."""
        with self._lock:
            self._state = PairingState(Phase.COMPARING, code, browser)

    def confirm(self) -> None:
        """The user has said in the app that both show the same code."""
        with self._lock:
            if self.state().phase is Phase.COMPARING:
                self._state = replace(self._state, phase=Phase.CONFIRMED)

    def end(self, phase: Phase, text: str = "") -> None:
        """It is decided: paired, or failed for the reason in `text`."""
        with self._lock:
            self._state, self._holder = replace(self._state, phase=phase, text=text), None
