"""One client's conversation, without I/O: what came in, what is to be done."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Protocol

from . import protocol as p
from . import wire
from .auth import Handshake, Lockout, from_base64, to_base64
from .exchange import Exchange, ExchangeError, PairingWindow, Phase
from .pairing import BrowserKey, KeyStore, PairingError

RETRY_MS = 500
REMEMBERED_IDS = 4096


class CloseCode(IntEnum):
    """Why the server closes; the extension tells the user what each means (extension/PROTOCOL.md)."""

    GOING_AWAY = 1001
    NORMAL = 1000
    PROTOCOL = 4000
    UNKNOWN_KEY = 4001
    WRONG_MAC = 4003
    DEADLINE = 4008
    TOO_BIG = 4009
    NOT_PAIRING = 4010
    PAIRING_BUSY = 4011
    PAIRING_REFUSED = 4012
    TOO_MANY = 4029
    LOCKED = 4030


@dataclass(frozen=True)
class Send:
    """Send this message."""

    message: p.ServerMessage


@dataclass(frozen=True)
class Close:
    """Close the connection with this code; the reason is a short code word, never data."""

    code: CloseCode
    reason: str


@dataclass(frozen=True)
class Extend:
    """A stranger may stay so many seconds from now."""

    seconds: float


@dataclass(frozen=True)
class Expect:
    """One binary message of `size` bytes comes next; read it once there is memory for it."""

    size: int


@dataclass(frozen=True)
class Judge:
    """Have these bytes judged; the answer goes to `header.id`. The place and the memory go with them."""

    header: p.Image
    data: bytes


@dataclass(frozen=True)
class Withdraw:
    """Nobody waits for image `id` any more."""

    id: str


@dataclass(frozen=True)
class FileLabel:
    """File a label; `id` is the message to answer."""

    id: str
    sha256: str
    label: str


@dataclass(frozen=True)
class Show:
    """Show this image in the window; `id` is the message to answer."""

    id: str
    sha256: str


Effect = Send | Close | Extend | Expect | Judge | Withdraw | FileLabel | Show


class Room(Protocol):
    """What the session asks of the server it lives in."""

    app: str

    def model(self) -> str | None:
        """Return the loaded model's id."""

    def take_place(self) -> bool:
        """Take one place in the queue of images; False when there is none."""

    def give_place(self) -> None:
        """Give a place back."""


class Session:
    """The state of one conversation.

    Attributes:
        authenticated: both sides have shown that they hold the key.
        expected: header of the image whose bytes come next, if any.
    """

    def __init__(
        self, origin: str, port: int, keys: KeyStore, lockout: Lockout, window: PairingWindow, room: Room
    ) -> None:
        self._origin, self._port = origin, port
        self._keys, self._lockout, self._window, self._room = keys, lockout, window, room
        self._pair: p.Pair | None = None
        self._exchange: Exchange | None = None
        self._confirmed = False  # in the browser
        self._key: BrowserKey | None = None
        self._handshake: Handshake | None = None
        self._ids: dict[str, None] = {}  # of images, oldest first
        self._has_place = False  # whether the expected bytes are to be judged, or only read away
        self.authenticated = False
        self.expected: p.Image | None = None

    def revoked(self) -> bool:
        """Return whether the key this session runs on is no longer valid."""
        try:
            return self._key is not None and self._keys.get(self._key.id) != self._key
        except PairingError:
            return True

    @property
    def pairing(self) -> bool:
        """Return whether this session is a pairing, not a conversation."""
        return self._pair is not None

    def lost_window(self) -> Close | None:
        """Return how a pairing ends whose window has closed; None for all others."""
        if not self.pairing or self._window.holds(self):
            return None
        if self._window.state().phase is Phase.EXPIRED:
            return Close(CloseCode.DEADLINE, "window")
        return Close(CloseCode.PAIRING_REFUSED, "window")

    def complete_pairing(self) -> list[Effect]:
        """Keep the agreed key if both sides were told that the codes agree."""
        if not (self._confirmed and self._window.holds(self) and self._window.state().phase is Phase.CONFIRMED):
            return []
        assert self._exchange is not None
        assert self._pair is not None
        draft = self._exchange.draft()
        try:
            self._keys.create(self._pair.name, self._origin, draft=draft)
        except PairingError as error:
            self._window.end(Phase.FAILED, str(error))
            return [Close(CloseCode.PAIRING_REFUSED, "store")]
        self._window.end(Phase.PAIRED)
        return [Send(p.Paired(draft.id, self._exchange.server_mac(draft.id))), Close(CloseCode.NORMAL, "paired")]

    def abandon(self) -> None:
        """Give back what a session that ends still holds."""
        self._window.leave(self)
        self.expected = None
        if self._has_place:
            self._has_place = False
            self._room.give_place()

    def on_text(self, text: str) -> list[Effect]:
        """Follow one text message."""
        try:
            message = p.parse(text)
        except wire.MessageError as error:
            if self.authenticated:  # it may speak a newer dialect; a stranger gets no second try
                return [Send(p.Error(error.id, error.code, str(error)))]
            return self._violation(error.code)
        if self.authenticated:
            return self._on_message(message)
        match message:
            case p.Hello() if self._handshake is None and not self.pairing:
                return self._on_hello(message)
            case p.Auth() if self._handshake is not None:
                return self._on_auth(message, self._handshake)
            case p.Pair() if self._handshake is None and not self.pairing:
                return self._on_pair(message)
            case p.PairReveal() if self._exchange is not None and not self._exchange.code:
                return self._on_reveal(message, self._exchange)
            case p.PairConfirm() if self._exchange is not None and self._exchange.code and not self._confirmed:
                return self._on_confirm(message, self._exchange)
        return self._violation("not_authenticated")

    def on_binary(self, data: bytes) -> list[Effect]:
        """Take the bytes of the announced image."""
        header = self.expected
        if header is None:
            return self._violation("no_header")
        self.expected = None
        if not self._has_place:  # it was refused, or cancelled, before its bytes came
            return []
        self._has_place = False
        if len(data) != header.bytes:
            code, text = "size_mismatch", "The image has another size than was announced. Try again."
        elif sha256(data).hexdigest() != header.sha256:
            code, text = "hash_mismatch", "The image changed on its way to NoiseLens. Try again."
        else:
            return [Send(p.Progress(header.id, "judging")), Judge(header, data)]
        self._room.give_place()
        return [Send(p.Refused(header.id, code, text))]

    def _on_hello(self, hello: p.Hello) -> list[Effect]:
        if self._lockout.locked(self._origin):
            return [Close(CloseCode.LOCKED, "locked")]
        if hello.v != p.VERSION:
            return self._other_version(hello.v)
        try:
            client_nonce = from_base64(hello.nonce)
            key = self._keys.get(hello.key_id)
        except (ValueError, PairingError):
            return self._violation("hello")
        if key is None or key.origin != self._origin:
            self._lockout.fail(self._origin)
            return [Close(CloseCode.UNKNOWN_KEY, "unknown_key")]
        self._key = key
        self._handshake = Handshake(key.id, self._origin, self._port, client_nonce, secrets.token_bytes(32))
        nonce, mac = to_base64(self._handshake.server_nonce), to_base64(self._handshake.server_mac(key.secret))
        return [Send(p.Challenge(p.VERSION, nonce, mac, self._room.app))]

    def _on_auth(self, auth: p.Auth, handshake: Handshake) -> list[Effect]:
        if self._key is None or self.revoked():
            return [Close(CloseCode.UNKNOWN_KEY, "unknown_key")]
        try:
            accepted = handshake.accepts(self._key.secret, from_base64(auth.mac))
        except ValueError:
            accepted = False
        if not accepted:
            self._lockout.fail(self._origin)
            return [Close(CloseCode.WRONG_MAC, "wrong_mac")]
        self._lockout.succeed(self._origin)
        self.authenticated = True
        return [Send(p.Welcome(self._room.app, self._room.model(), p.IMAGE_BYTES))]

    def _on_pair(self, pair: p.Pair) -> list[Effect]:
        if pair.v != p.VERSION:
            return self._other_version(pair.v)
        if not self._window.state().is_open:
            return [Close(CloseCode.NOT_PAIRING, "not_pairing")]
        if not self._window.take(self):
            return [Close(CloseCode.PAIRING_BUSY, "pairing_busy")]
        self._pair, self._exchange = pair, Exchange(self._origin, self._port, pair.commit)
        return [Send(p.PairOffer(p.VERSION, self._exchange.public, self._exchange.nonce, self._room.app))]

    def _on_reveal(self, reveal: p.PairReveal, exchange: Exchange) -> list[Effect]:
        assert self._pair is not None
        if (lost := self.lost_window()) is not None:
            return [lost]
        try:
            exchange.reveal(reveal.public, reveal.nonce)
        except ExchangeError:
            self._window.leave(self)
            return [Close(CloseCode.PAIRING_REFUSED, "commitment")]
        self._window.compare(exchange.code, self._pair.name)
        return [Extend(self._window.state().seconds)]

    def _on_confirm(self, confirm: p.PairConfirm, exchange: Exchange) -> list[Effect]:
        if (lost := self.lost_window()) is not None:
            return [lost]
        if not exchange.accepts(confirm.mac):
            self._window.leave(self)
            return [Close(CloseCode.PAIRING_REFUSED, "wrong_mac")]
        self._confirmed = True
        return self.complete_pairing()

    def _on_message(self, message: p.ClientMessage) -> list[Effect]:
        if self.revoked():
            return [Close(CloseCode.UNKNOWN_KEY, "revoked")]
        match message:
            case p.Image():
                return self._on_image(message)
            case p.Cancel():
                return self._on_cancel(message.id)
            case p.Label():
                return [FileLabel(message.id, message.sha256, message.label)]
            case p.Open():
                return [Show(message.id, message.sha256)]
            case p.Ping():
                return [Send(p.Pong(message.id))]
            case _:
                return self._violation("authenticated")

    def _on_image(self, header: p.Image) -> list[Effect]:
        if self.expected is not None:
            return self._violation("second_image")
        reply = self._answer_header(header)
        if header.bytes > p.IMAGE_BYTES:
            return [Send(reply), Close(CloseCode.TOO_BIG, "too_big")]
        self.expected = header
        return [Send(reply), Expect(header.bytes)]

    def _answer_header(self, header: p.Image) -> p.ServerMessage:
        if header.id in self._ids:
            return p.Error(header.id, "duplicate_id", "That id was used before on this connection.")
        self._ids[header.id] = None
        if len(self._ids) > REMEMBERED_IDS:
            del self._ids[next(iter(self._ids))]
        if header.bytes == 0:
            return p.Refused(header.id, "empty", "The image has no content.")
        if header.bytes > p.IMAGE_BYTES:
            size, limit = header.bytes / 2**20, p.IMAGE_BYTES // 2**20
            text = f"The image has {size:.1f} MiB; NoiseLens reads up to {limit} MiB. Resize it first."
            return p.Refused(header.id, "too_many_bytes", text)
        if not self._room.take_place():
            return p.Busy(header.id, RETRY_MS)
        self._has_place = True
        return p.Queued(header.id)

    def _on_cancel(self, id_: str) -> list[Effect]:
        if self.expected is None or self.expected.id != id_ or not self._has_place:
            return [Withdraw(id_)]
        self._has_place = False
        self._room.give_place()
        return [Send(p.Refused(id_, "cancelled", "Cancelled."))]

    def _other_version(self, theirs: int) -> list[Effect]:
        """Say which of the two is to be updated: the client has no other way to tell."""
        return self._violation("app_too_old" if theirs > p.VERSION else "extension_too_old")

    def _violation(self, reason: str) -> list[Effect]:
        self.abandon()
        return [Close(CloseCode.PROTOCOL, reason)]
