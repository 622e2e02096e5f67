"""T17, T19, T25: bytes that are not the WebSocket protocol, or never come to an end."""

from __future__ import annotations

import os
import struct
import time

import pytest
from tests.bridge.peer import Peer, close_code, exchange, frame, head, open_raw, read_all, upgraded
from websockets.frames import Opcode

from noiselens_desktop.bridge import connection
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.pairing import BrowserKey
from noiselens_desktop.bridge.session import CloseCode
from noiselens_desktop.bridge.wire import CONTROL_BYTES

MASK = b"\0\0\0\0"


def masked(first: int, data: bytes = b"", length: bytes | None = None) -> bytes:
    """Return a frame by hand: first byte, length as told, no real masking."""
    return bytes([first]) + (bytes([0x80 | len(data)]) if length is None else length) + MASK + data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x02{}", 1002),  # unmasked
        (masked(0xC1, b"{}"), 1002),  # reserved bit 1: compression was never agreed
        (masked(0xA1, b"{}"), 1002),
        (masked(0x91, b"{}"), 1002),
        (masked(0x83), 1002),  # reserved opcodes
        (masked(0x87), 1002),
        (masked(0x8B), 1002),
        (masked(0x8F), 1002),
        (masked(0x81, b"\xff\xfe"), 1007),  # not UTF-8
        (masked(0x81, b"\xed\xa0\x80"), 1007),  # a lone surrogate
        (masked(0x09), 1002),  # fragmented ping
        (masked(0x08, b"\x03\xe8"), 1002),  # fragmented close
        (masked(0x89, b"", b"\xfe\x00\x7e") + b"x" * 126, 1002),  # ping over 125 bytes
        (masked(0x81, b"", b"\xff" + struct.pack("!Q", 2**63)), 1009),
        (masked(0x81, b"", b"\xff" + struct.pack("!Q", 2**63 - 1)), 1009),
        (masked(0x81, b"", b"\xff" + struct.pack("!Q", 2**32)), 1009),
        (masked(0x80, b"{}"), 1002),  # continuation of nothing
        (masked(0x01, b"{") + masked(0x81, b"}"), 1002),  # a new message inside a fragmented one
        (masked(0x88, b"\x03"), 1002),  # close codes: half of one, and those nobody may send
        (masked(0x88, struct.pack("!H", 0)), 1002),
        (masked(0x88, struct.pack("!H", 999)), 1002),
        (masked(0x88, struct.pack("!H", 1005)), 1002),
        (masked(0x88, struct.pack("!H", 5000)), 1002),
        (masked(0x88, struct.pack("!H", 1000) + b"\xff"), 1007),
    ],
)
def test_t17_broken_frames_close_the_connection(port: int, data: bytes, code: int) -> None:
    with upgraded(port) as sock:
        sock.sendall(data)
        assert close_code(sock) == code


def test_t17_a_message_in_1e5_one_byte_fragments_is_cut_off(port: int) -> None:
    fragments = frame(Opcode.TEXT, b"{", fin=False) + frame(Opcode.CONT, b" ", fin=False) * 100_000
    with upgraded(port) as sock:
        try:
            sock.sendall(fragments)
        except OSError:
            return
        assert close_code(sock) in (1009, None)


def test_t17_an_image_in_1e5_one_byte_fragments_is_still_an_image(peer: Peer) -> None:
    image = os.urandom(100_000)
    peer.announce("1", image)
    peer.ws.send([image[n : n + 1] for n in range(len(image))])
    assert peer.answer("1", 60)["type"] == "verdict"


def test_t17_a_close_is_answered_with_its_own_code(port: int) -> None:
    with upgraded(port) as sock:
        sock.sendall(frame(Opcode.CLOSE, struct.pack("!H", 3000)))
        assert close_code(sock) == 3000


@pytest.mark.alone
def test_t19_a_request_head_that_trickles_is_cut_off(port: int) -> None:
    started = time.monotonic()
    with open_raw(port) as sock:
        for byte in head(port):
            try:
                sock.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.05)
        assert read_all(sock) == b""
    assert 2.5 < time.monotonic() - started < 5


@pytest.mark.alone
@pytest.mark.parametrize("kind", [Opcode.TEXT, Opcode.BINARY])
def test_t19_a_message_that_trickles_is_cut_off(
    port: int, key: BrowserKey, monkeypatch: pytest.MonkeyPatch, kind: Opcode
) -> None:
    monkeypatch.setattr(connection, "MESSAGE_S", 1.0)
    image = os.urandom(1000)
    with Peer(port) as peer:
        peer.pair(key)
        if kind is Opcode.BINARY:
            peer.announce("1", image)
            assert peer.receive()["type"] == "queued"
        started = time.monotonic()
        body = frame(kind, image)
        for byte in body:
            try:
                peer.ws.socket.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(0.05)
        assert peer.closed() in (CloseCode.DEADLINE, 1006)
    assert 0.8 < time.monotonic() - started < 5


def test_t19_an_announced_image_that_never_comes_is_given_up(
    port: int, key: BrowserKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MESSAGE_S", 0.5)
    with Peer(port) as peer:
        peer.pair(key)
        peer.announce("1", b"image")
        assert peer.closed(5) == CloseCode.DEADLINE


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("1603010200010001fc0303") + os.urandom(512),  # TLS client hello
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",  # HTTP/2 preface
        os.urandom(2**20),
        b"\0" * 2**20,
        b"\r\n\r\n",
        b"GET " + b"a" * 2**20,
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
    ids=["TLS", "HTTP/2", "random", "zeros", "empty lines", "endless line", "SSH"],
)
def test_t25_other_protocols_are_turned_away_and_a_good_client_is_not(port: int, key: BrowserKey, data: bytes) -> None:
    answer = exchange(port, data)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    with Peer(port) as peer:
        assert peer.pair(key)["type"] == "welcome"


def test_the_limits_are_those_of_the_document() -> None:
    assert (connection.HANDSHAKE_S, connection.AUTH_S, CONTROL_BYTES, p.IMAGE_BYTES) == (3, 3, 4096, 32 * 2**20)
