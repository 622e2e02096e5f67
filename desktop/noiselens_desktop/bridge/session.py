"""One client's conversation, without I/O: what came in, what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from . import protocol as p
from .auth import Handshake, Lockout, new_nonce
from .pairing import BrowserKey, KeyStore, PairingError

# Application close codes; the extension tells the user what each means (extension/PROTOCOL.md 1).
CLOSE_PROTOCOL = 4000
CLOSE_TOO_SLOW = 4001
CLOSE_KEY_REFUSED = 4003
CLOSE_REVOKED = 4004
CLOSE_LOCKED = 4029

RETRY_MS = 1000


@dataclass(frozen=True)
class Send:
    """Send this message."""

    message: p.ServerMessage


@dataclass(frozen=True)
class Close:
    """Close the connection with this code."""

    code: int
    reason: str


@dataclass(frozen=True)
class Judge:
    """Have these bytes judged; the answer goes to `header.id`. The reservation of header.bytes goes with them."""

    header: p.Image
    data: bytes


@dataclass(frozen=True)
class Withdraw:
    """Nobody waits for image `job` any more."""

    job: int


@dataclass(frozen=True)
class FileLabel:
    """File a label; `id` is the message to answer."""

    id: int
    sha256: str
    label: str


Effect = Send | Close | Judge | Withdraw | FileLabel


class Room(Protocol):
    """What the session asks of the server it lives in."""

    app: str

    def model(self) -> str | None:
        """Return the loaded model's id."""

    def jobs(self) -> int:
        """Return how many images are waiting or being judged."""

    def reserve(self, size: int) -> bool:
        """Keep `size` bytes and one place in the queue for an image; False when there is no room."""

    def release(self, size: int) -> None:
        """Give a reservation back."""


class Session:
    """The state of one conversation.

    Attributes:
        authenticated: both sides have proved that they hold the key.
        expected: header of the image whose bytes are to come, if any; its reservation is this session's to give back.
    """

    def __init__(self, origin: str, port: int, keys: KeyStore, lockout: Lockout, room: Room) -> None:
        self._origin, self._port = origin, port
        self._keys, self._lockout, self._room = keys, lockout, room
        self._key: BrowserKey | None = None
        self._handshake: Handshake | None = None
        self._last_image = 0
        self.authenticated = False
        self.expected: p.Image | None = None

    def revoked(self) -> bool:
        """Return whether the key this session runs on is no longer valid."""
        return self._key is not None and self._keys.get(self._key.id) != self._key

    def abandon(self) -> None:
        """Give back what a session that ends still holds."""
        if self.expected is not None:
            self._room.release(self.expected.bytes)
            self.expected = None

    def on_text(self, text: str) -> list[Effect]:
        """Follow one text message."""
        try:
            return self._on_text(text)
        except PairingError:
            return self._violation(None, "app", "NoiseLens cannot read its file of paired browsers.")

    def on_binary(self, data: bytes) -> list[Effect]:
        """Take the bytes of the image whose header was accepted."""
        header = self.expected
        if header is None:
            return self._violation(None, "no_header", "Bytes came without an accepted image header.")
        self.expected = None
        if len(data) != header.bytes or sha256(data).hexdigest() != header.sha256:
            self._room.release(header.bytes)
            text = "The image changed on its way to NoiseLens. Try again."
            return [Send(p.Refused(header.id, "mismatch", text))]
        return [Send(p.Progress(header.id, "judging")), Judge(header, data)]

    def _on_text(self, text: str) -> list[Effect]:
        try:
            message = p.parse(text)
        except p.MessageError as error:
            reply = Send(p.Error(error.id, error.code, str(error)))
            # A client we know may speak a newer dialect; a stranger gets one try.
            return [reply] if self.authenticated else [reply, Close(CLOSE_PROTOCOL, error.code)]
        if self.authenticated:
            return self._on_message(message)
        if isinstance(message, p.Hello) and self._handshake is None:
            return self._on_hello(message)
        if isinstance(message, p.Auth) and self._handshake is not None:
            return self._on_auth(message)
        return self._violation(message.id, "not_authenticated", "Authenticate first.")

    def _on_hello(self, hello: p.Hello) -> list[Effect]:
        if self._lockout.locked(self._origin):
            text = "Too many wrong keys. Wait a minute, then try again."
            return [Send(p.Error(hello.id, "locked", text)), Close(CLOSE_LOCKED, "locked")]
        if hello.version != p.VERSION:
            text = f"This app speaks version {p.VERSION} of the protocol. Update the older of the two."
            return [Send(p.Error(hello.id, "version", text)), Close(CLOSE_PROTOCOL, "version")]
        key = self._keys.get(hello.key_id)
        if key is None or key.origin != self._origin:
            return self._refuse_key(hello.id)
        self._key = key
        self._handshake = Handshake(self._origin, self._port, key.id, hello.nonce, new_nonce())
        proof = self._handshake.server_proof(key.secret)
        return [Send(p.Challenge(hello.id, self._handshake.server_nonce, proof))]

    def _on_auth(self, auth: p.Auth) -> list[Effect]:
        assert self._handshake is not None
        assert self._key is not None
        if self.revoked() or not self._handshake.accepts(self._key.secret, auth.proof):
            return self._refuse_key(auth.id)
        self._lockout.succeed(self._origin)
        self.authenticated = True
        return [Send(p.Welcome(auth.id, p.VERSION, self._room.app, self._room.model(), p.IMAGE_BYTES))]

    def _refuse_key(self, id_: int) -> list[Effect]:
        self._lockout.fail(self._origin)
        text = "NoiseLens does not accept this browser's key. Pair the browser again."
        return [Send(p.Error(id_, "key_refused", text)), Close(CLOSE_KEY_REFUSED, "key refused")]

    def _on_message(self, message: p.ClientMessage) -> list[Effect]:
        if self.revoked():
            return self.drop_revoked()
        match message:
            case p.Image():
                return self._on_image(message)
            case p.Cancel():
                if self.expected is not None and self.expected.id == message.job:
                    self.abandon()
                    return [Send(p.Refused(message.job, "cancelled", "Cancelled."))]
                return [Withdraw(message.job)]
            case p.Label():
                return [FileLabel(message.id, message.sha256, message.label)]
            case p.Status():
                return [Send(p.StatusReply(message.id, self._room.app, self._room.model(), self._room.jobs()))]
            case _:
                return self._violation(message.id, "authenticated", "This connection is already authenticated.")

    def _on_image(self, header: p.Image) -> list[Effect]:
        if self.expected is not None:
            return self._violation(header.id, "second_image", "The bytes of the image before have not come yet.")
        if header.id <= self._last_image:
            return self._violation(header.id, "id_reuse", "Each image needs a higher id than the one before.")
        self._last_image = header.id
        if header.bytes == 0:
            return [Send(p.Refused(header.id, "empty", "The image has no content."))]
        if header.bytes > p.IMAGE_BYTES:
            size, limit = header.bytes / 2**20, p.IMAGE_BYTES // 2**20
            text = f"The image has {size:.1f} MiB; NoiseLens reads up to {limit} MiB. Resize it first."
            return [Send(p.Refused(header.id, "too_many_bytes", text))]
        ahead = self._room.jobs()
        if not self._room.reserve(header.bytes):
            return [Send(p.Busy(header.id, RETRY_MS))]
        self.expected = header
        return [Send(p.Queued(header.id, ahead))]

    def drop_revoked(self) -> list[Effect]:
        """Say that the key was revoked and end."""
        self.abandon()
        text = "This browser was unpaired in NoiseLens. Pair it again to go on."
        return [Send(p.Error(None, "key_refused", text)), Close(CLOSE_REVOKED, "revoked")]

    def _violation(self, id_: int | None, code: str, text: str) -> list[Effect]:
        self.abandon()
        return [Send(p.Error(id_, code, text)), Close(CLOSE_PROTOCOL, code)]
