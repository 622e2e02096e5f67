"""The other end of the bridge for its tests: raw sockets for hostile bytes, a paired client for the rest."""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import time
from contextlib import ExitStack, suppress
from hashlib import sha256
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.auth import Handshake, from_base64, to_base64
from noiselens_desktop.bridge.pairing import BrowserKey
from noiselens_desktop.bridge.wire import encode


def head(
    port: int,
    *,
    request: str = "GET /noiselens/v1 HTTP/1.1",
    host: tuple[str, ...] | None = None,
    origin: tuple[str, ...] = (p.EXTENSION_ORIGIN,),
    more: tuple[str, ...] = (),
) -> bytes:
    """Return the head of a request that is right but for what is passed."""
    lines = [request, *(f"Host: {name}" for name in ((f"127.0.0.1:{port}",) if host is None else host))]
    lines += [f"Origin: {name}" for name in origin]
    lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", f"Sec-WebSocket-Protocol: {p.SUBPROTOCOL}", *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def open_raw(port: int) -> socket.socket:
    """Return a connected socket that waits ten seconds at most."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def read_all(sock: socket.socket) -> bytes:
    """Return what comes until the other side closes or resets."""
    received = b""
    with suppress(ConnectionResetError):
        while chunk := sock.recv(2**16):
            received += chunk
    return received


def exchange(port: int, data: bytes) -> bytes:
    """Send bytes on a new connection and return all that comes back until it is closed."""
    with open_raw(port) as sock:
        with suppress(ConnectionResetError, BrokenPipeError):
            sock.sendall(data)
        return read_all(sock)


def upgraded(port: int) -> socket.socket:
    """Return a raw socket behind the gate, on which frames can be written by hand."""
    sock = open_raw(port)
    sock.sendall(head(port))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += sock.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 ")
    return sock


def frame(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """Return one masked client frame."""
    return Frame(opcode, data, fin).serialize(mask=True)


def close_code(sock: socket.socket) -> int | None:
    """Read to the end; return the close code the server sent last, None if it just left."""
    received = read_all(sock)
    at = received.rfind(b"\x88")
    return int.from_bytes(received[at + 2 : at + 4]) if at >= 0 and len(received) >= at + 4 else None


class Half:
    """The browser's half of a pairing by code, written from extension/PROTOCOL.md and not from the app's.

    Attributes:
        code, key: known once the app's half is.
    """

    def __init__(self, origin: str, port: int) -> None:
        self._head = f"noiselens.v1 pair\0{origin}\0{port}\0".encode()
        self._private = ec.generate_private_key(ec.SECP256R1())
        self.public = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.nonce = secrets.token_bytes(32)
        self.commit = to_base64(sha256(b"noiselens.v1 commit\0" + self.public + self.nonce).digest())
        self.code, self.key, self.transcript = "", b"", b""

    def meet(self, public: str, nonce: str) -> None:
        """Take the app's half, base64url."""
        theirs, number = from_base64(public), from_base64(nonce)
        self.transcript = sha256(self._head + self.public + self.nonce + theirs + number).digest()
        shared = self._private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        extracted = hmac.digest(self.transcript, shared, "sha256")  # HKDF by hand, RFC 5869
        self.key = hmac.digest(extracted, b"noiselens.v1 key\1", "sha256")
        self.code = f"{int.from_bytes(self.transcript[:4]) % 10**6:06d}"

    def confirmation(self) -> p.PairConfirm:
        """Return what is sent once the user has said that the codes agree."""
        return p.PairConfirm(to_base64(self.mac(b"client\0")))

    def mac(self, label: bytes) -> bytes:
        """Return the MAC of one side; label: what comes after "paired "."""
        return hmac.digest(self.key, b"noiselens.v1 paired " + label + self.transcript, "sha256")


class Peer:
    """A client that speaks the protocol; each call takes the shortest way, nothing is retried."""

    def __init__(self, port: int, *, origin: str = p.EXTENSION_ORIGIN) -> None:
        self.origin = origin
        self._port = port
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.ws: ClientConnection = self._open.enter_context(
            connect(
                f"ws://127.0.0.1:{self._port}{p.PATH}",
                origin=Origin(self.origin),
                subprotocols=[Subprotocol(p.SUBPROTOCOL)],
                compression=None,
                max_size=None,
                open_timeout=10,
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def send(self, message: p.ClientMessage) -> None:
        """Send one message."""
        self.ws.send(encode(message))

    def receive(self, timeout_s: float = 10) -> dict[str, Any]:
        """Return the next message."""
        content = json.loads(self.ws.recv(timeout_s))
        assert isinstance(content, dict)
        return content

    def closed(self, timeout_s: float = 10) -> int:
        """Read on until the server closes; return the code."""
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                self.ws.recv(deadline - time.monotonic())
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006

    def hello(self, key: BrowserKey) -> Handshake:
        """Say hello with a key and return the handshake of the server's challenge, unchecked."""
        nonce = secrets.token_bytes(32)
        self.send(p.Hello(p.VERSION, key.id, to_base64(nonce), "0.1.0"))
        challenge = self.receive()
        assert challenge["type"] == "challenge"
        self.challenge_mac = from_base64(challenge["mac"])
        return Handshake(key.id, self.origin, self._port, nonce, from_base64(challenge["nonce"]))

    def pair(self, key: BrowserKey) -> dict[str, Any]:
        """Authenticate both sides and return the welcome."""
        handshake = self.hello(key)
        assert self.challenge_mac == handshake.server_mac(key.secret)
        self.send(p.Auth(to_base64(handshake.client_mac(key.secret))))
        return self.receive()

    def begin_pairing(self, name: str = "Firefox on Linux") -> Half:
        """Ask to be paired by code; return our half, before the app has answered."""
        half = Half(self.origin, self._port)
        self.send(p.Pair(p.VERSION, half.commit, "0.1.0", name))
        return half

    def pair_by_code(self, name: str = "Firefox on Linux") -> Half:
        """Go on until both sides know the code."""
        half = self.begin_pairing(name)
        offer = self.receive()
        assert offer["type"] == "pair_offer"
        half.meet(offer["public"], offer["nonce"])
        self.send(p.PairReveal(to_base64(half.public), to_base64(half.nonce)))
        return half

    def submit(self, id_: str, data: bytes, **changes: Any) -> None:
        """Send an image's header, changed as told, and its bytes."""
        self.announce(id_, data, **changes)
        self.ws.send(data)

    def announce(self, id_: str, data: bytes, **changes: Any) -> None:
        """Send an image's header alone."""
        facts: dict[str, Any] = {"id": id_, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        facts |= {"mime": "image/png", "name": "a.png", "width": 0, "height": 0}
        self.send(p.Image(**(facts | changes)))

    def answer(self, id_: str, timeout_s: float = 30) -> dict[str, Any]:
        """Return the message that ends image `id_`."""
        while True:
            message = self.receive(timeout_s)
            if message.get("id") == id_ and message["type"] not in ("queued", "progress"):
                return message
