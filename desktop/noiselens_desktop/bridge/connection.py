"""One TCP connection: bytes in and out, its deadlines and its share of memory; decides nothing about messages."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Protocol as Interface

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from . import gate, wire
from . import protocol as p
from .session import Close, CloseCode, Effect, Expect, Extend, Send, Session

HANDSHAKE_S = 3.0  # from accept to the end of the request head
AUTH_S = 3.0  # from the upgrade to `welcome`
MESSAGE_S = 15.0  # from a message's first byte, or an image's header, to its last byte
CLOSING_S = 2.0  # from our close frame to the end of the connection
UNREAD_BYTES = 2**20  # what we keep for a client that does not read

_FRAME_SLACK = 64 * 2**10  # frame heads, and what the event loop reads beyond a limit before we see it

_frames_log = logging.getLogger("noiselens_desktop.bridge.frames")
_frames_log.setLevel(logging.CRITICAL)  # at lower levels `websockets` writes parts of frames, that is of images


class Owner(Interface):
    """The server, as a connection sees it."""

    def admit(self, connection: Connection) -> bool:
        """Take a new connection in, or return False."""

    def open_session(self, connection: Connection, origin: str) -> Session:
        """Return the session of a connection that passed the gate."""

    def reserve(self, connection: Connection, size: int) -> None:
        """Call `connection.granted(size)` as soon as there is memory for `size` bytes."""

    def release(self, size: int) -> None:
        """Take back memory that was granted."""

    def check(self, head: bytes) -> gate.Passed | HTTPStatus:
        """Judge a request head."""

    def follow(self, connection: Connection, effect: Effect) -> None:
        """Do what a session asked for."""

    def gone(self, connection: Connection) -> None:
        """Forget a closed connection."""


class Connection(asyncio.Protocol):
    """Feeds one socket's bytes through the gate, then through `websockets`, to a session.

    Attributes:
        session: None until the gate is passed.
        reserved: bytes of the server's memory kept for the image that is coming in.
    """

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self._owner, self._loop = owner, loop
        self._transport: asyncio.Transport | None = None
        self._head = bytearray()
        self._ws = ServerProtocol(
            subprotocols=[Subprotocol(p.SUBPROTOCOL)], max_size=wire.CONTROL_BYTES, logger=_frames_log
        )
        self._parts = bytearray()  # of a message that comes in fragments
        self._opcode: Opcode = Opcode.TEXT
        self._state_deadline: asyncio.TimerHandle | None = None
        self._message_deadline: asyncio.TimerHandle | None = None
        self._waits_for_memory = False
        self._ends = False
        self.session: Session | None = None
        self.reserved = 0

    @property
    def authenticated(self) -> bool:
        """Return whether both sides have proved themselves."""
        return self.session is not None and self.session.authenticated

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new socket."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._owner.admit(self):
            transport.abort()
            return
        self._state_deadline = self._loop.call_later(HANDSHAKE_S, self.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give back all that this connection held."""
        for handle in (self._state_deadline, self._message_deadline):
            if handle is not None:
                handle.cancel()
        if self.session is not None:
            self.session.abandon()
        self._free()
        self._transport = None
        self._owner.gone(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket."""
        if self.session is None:
            self._receive_head(data)
        else:
            self._receive_frames(data)

    def eof_received(self) -> bool:
        """Let the transport close itself; half-open connections are of no use here."""
        return False

    def granted(self, size: int) -> None:
        """Go on reading: there is memory for the image that comes."""
        self.reserved = size
        if self._waits_for_memory and self._transport is not None:
            self._waits_for_memory = False
            self._transport.resume_reading()
            self._watch_unfinished()

    def send(self, message: p.ServerMessage) -> None:
        """Send a message, unless the connection is ending."""
        if self._transport is None or self._ws.state is not State.OPEN:
            return
        self._ws.send_text(wire.encode(message).encode())
        self._flush()

    def close(self, code: CloseCode, reason: str) -> None:
        """Close with a code the client can read, and make sure that it ends."""
        if self._ws.state is State.OPEN:
            self._ws.send_close(code, reason)
            self._flush()
        self._end()

    def drop_if_revoked(self) -> None:
        """End a conversation whose key was revoked, and a pairing whose window has closed."""
        if self.session is None:
            return
        if self.session.revoked():
            self.close(CloseCode.UNKNOWN_KEY, "revoked")
        elif (lost := self.session.lost_window()) is not None:
            self.close(lost.code, lost.reason)

    def complete_pairing(self) -> None:
        """Finish a pairing that only waited for the app's user."""
        if self.session is not None and self._ws.state is State.OPEN:
            self._follow(self.session.complete_pairing())

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _receive_head(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return None
        self._head += data
        head, end, rest = bytes(self._head).partition(gate.END)
        if len(head) > gate.HEAD_BYTES:
            return self._refuse(HTTPStatus.BAD_REQUEST)
        if not end:
            return None
        self._head.clear()
        passed = self._owner.check(head)
        if not isinstance(passed, gate.Passed):
            return self._refuse(passed)
        self._ws.receive_data(head + end)
        events = self._ws.events_received()
        request = events[0] if events else None
        if not isinstance(request, Request):
            return self._refuse(HTTPStatus.BAD_REQUEST)
        response = self._ws.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return self._refuse(HTTPStatus.BAD_REQUEST)
        self._ws.send_response(response)
        self._flush()
        self._deadline(AUTH_S)
        self.session = self._owner.open_session(self, passed.origin)
        if rest:
            self._receive_frames(rest)
        return None

    def _refuse(self, status: HTTPStatus) -> None:
        assert self._transport is not None
        self._transport.write(gate.refusal(status))
        self._transport.close()

    def _receive_frames(self, data: bytes) -> None:
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Frame) and self._ws.state is State.OPEN:
                self._on_frame(event)
        self._flush()
        if self._ws.close_expected():
            self._end()
        elif self._ws.state is State.OPEN:
            self._watch_unfinished()

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._opcode = frame.opcode
        elif frame.opcode is not Opcode.CONT:
            return
        assert self.session is not None
        # The parser of `websockets` keeps its last frame until the next one comes: 32 MiB a connection.
        data, frame.data = bytes(frame.data), b""
        if frame.fin and not self._parts:
            message = data
        else:
            self._parts += data
            if not frame.fin:
                return
            message = bytes(self._parts)
            self._parts = bytearray()
        self._end_message_deadline()
        if self._opcode is Opcode.BINARY:
            self._follow(self.session.on_binary(message))
            self._free()
            return
        try:
            text = message.decode()
        except UnicodeDecodeError:
            self._ws.fail(1007, "not UTF-8")
            return
        if len(message) > wire.CONTROL_BYTES:
            self._ws.fail(1009, "control message too long")
            return
        self._follow(self.session.on_text(text))

    def _follow(self, effects: list[Effect]) -> None:
        was_authenticated = self._ws.max_message_size != wire.CONTROL_BYTES
        if self.authenticated and not was_authenticated:
            self._ws.max_message_size = p.IMAGE_BYTES + 2**20
            if self._state_deadline is not None:
                self._state_deadline.cancel()
        for effect in effects:
            match effect:
                case Send(message):
                    self.send(message)
                case Close(code, reason):
                    self.close(code, reason)
                case Extend(seconds):
                    self._deadline(seconds)
                case Expect(size):
                    self._expect(size)
                case _:
                    self._owner.follow(self, effect)

    def _expect(self, size: int) -> None:
        """Read on only once there is memory for the image, and let the sender wait by not reading."""
        assert self._transport is not None
        self._waits_for_memory = True
        self._transport.pause_reading()
        self._owner.reserve(self, size)

    def _free(self) -> None:
        if self.reserved:
            self._owner.release(self.reserved)
            self.reserved = 0

    def _watch_unfinished(self) -> None:
        """Bound what a message that is still coming may hold, and for how long."""
        assert self.session is not None
        expected = self.session.expected
        # `websockets` keeps an unfinished frame in its reader, which has no limit of its own below a whole message.
        held = len(self._ws.reader.buffer) + len(self._parts)
        if held > (expected.bytes if expected else wire.CONTROL_BYTES) + _FRAME_SLACK:
            self._ws.fail(1009, "more bytes than were announced")
            self._flush()
            self._end()
        elif self._waits_for_memory or (held == 0 and expected is None):
            self._end_message_deadline()
        elif self._message_deadline is None:
            self._message_deadline = self._loop.call_later(MESSAGE_S, self._out_of_time)

    def _end_message_deadline(self) -> None:
        if self._message_deadline is not None:
            self._message_deadline.cancel()
            self._message_deadline = None

    def _end(self) -> None:
        """Give the other side CLOSING_S to see our close frame; what it sends meanwhile wins it no time."""
        if not self._ends:
            self._ends = True
            self._end_message_deadline()
            self._deadline(CLOSING_S)

    def _deadline(self, seconds: float) -> None:
        if self._state_deadline is not None:
            self._state_deadline.cancel()
        self._state_deadline = self._loop.call_later(seconds, self._out_of_time)

    def _out_of_time(self) -> None:
        if self._ws.state is State.OPEN:
            self.close(CloseCode.DEADLINE, "deadline")
        else:
            self.abort()

    def _flush(self) -> None:
        for data in self._ws.data_to_send():
            if self._transport is None:
                return
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
        if self._transport is not None and self._transport.get_write_buffer_size() > UNREAD_BYTES:
            self.abort()
