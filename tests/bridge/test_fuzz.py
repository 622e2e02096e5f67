"""Random frames at the real server for a bounded time; the seed is fixed, so that a failure comes again."""

from __future__ import annotations

import logging
import os
import random
import struct
import time
from contextlib import suppress
from hashlib import sha256

import pytest
from tests.bridge.peer import Peer, frame, head, open_raw
from websockets.frames import Opcode

from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.auth import to_base64
from noiselens_desktop.bridge.pairing import BrowserKey
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.bridge.wire import encode

SEED = 20_240_501
TIMES = int(
    os.environ.get("NOISELENS_FUZZ_TIMES", "1")
)  # more for a longer run; counted, so a busy machine tests the same


def seeds(key: BrowserKey, draw: random.Random) -> list[bytes]:
    """Return messages that are right, to be spoiled."""
    data = draw.randbytes(draw.randrange(1, 300))
    nothing = to_base64(bytes(32))
    messages: list[p.ClientMessage] = [
        p.Hello(1, key.id, nothing, "0.1.0"),
        p.Auth(nothing),
        p.Pair(1, nothing, "0.1.0", "Browser"),
        p.PairReveal(to_base64(bytes(65)), nothing),
        p.PairConfirm(nothing),
        p.Image("a", len(data), sha256(data).hexdigest(), "", "", 0, 0),
        p.Cancel("a"),
        p.Label("l", "0" * 64, "real"),
        p.Open("o", "0" * 64),
        p.Ping("p"),
    ]
    return [*(encode(message).encode() for message in messages), data, b"", b"{}"]


def spoiled(data: bytes, draw: random.Random) -> bytes:
    """Return the bytes with a few changes: flipped, cut, doubled, or strewn with others."""
    content = bytearray(data)
    for _ in range(draw.randrange(3)):
        at = draw.randrange(len(content) + 1)
        match draw.randrange(4):
            case 0 if content:
                content[at % len(content)] ^= 1 << draw.randrange(8)
            case 1:
                del content[at : at + draw.randrange(40)]
            case 2:
                content[at:at] = content[: draw.randrange(40)]
            case _:
                content[at:at] = draw.randbytes(draw.randrange(8))
    return bytes(content)


def random_frame(key: BrowserKey, draw: random.Random) -> bytes:
    """Return a frame whose content, head or length may be wrong."""
    data = spoiled(draw.choice(seeds(key, draw)), draw)
    opcode = draw.choice([Opcode.TEXT, Opcode.TEXT, Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.PONG])
    control = opcode in (Opcode.PING, Opcode.PONG)
    made = frame(opcode, data[:125] if control else data, fin=control or draw.random() < 0.85)
    match draw.randrange(12):
        case 0:
            return spoiled(made, draw)
        case 1:
            return b"\x82\xff" + struct.pack("!Q", draw.choice([0, 2**20, 2**25, 2**40, 2**63 - 1])) + bytes(4) + data
        case 2:
            return frame(Opcode.CLOSE, draw.randrange(65536).to_bytes(2) + data[:100])
        case _:
            return made


def still_serves(port: int, key: BrowserKey, number: int) -> None:
    with Peer(port) as peer:
        assert peer.pair(key)["type"] == "welcome"
        peer.submit("1", b"good" * number)
        assert peer.answer("1")["type"] == "verdict"


def warnings_of_the_server(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the server logged as a warning or worse.

    The test's own client shares the process: cutting its socket off under it makes its reading thread complain.
    """
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "websockets.client"
    ]


@pytest.mark.parametrize(
    ("behind_the_key", "connections"), [(False, 1500), (True, 15)], ids=["stranger", "authenticated"]
)
def test_random_frames_cost_the_server_nothing(
    bridge: BridgeServer,
    port: int,
    key: BrowserKey,
    caplog: pytest.LogCaptureFixture,
    behind_the_key: bool,
    connections: int,
) -> None:
    draw = random.Random(SEED + behind_the_key)
    caplog.set_level(logging.INFO)
    for rounds in range(1, TIMES * connections + 1):
        if draw.random() < 0.2:
            bridge.open_pairing()
        with suppress(OSError):
            if behind_the_key:
                with Peer(port) as peer:
                    peer.pair(key)
                    sock = peer.ws.socket
                    for _ in range(draw.randrange(1, 12)):
                        sock.sendall(random_frame(key, draw))
                    sock.close()
            else:
                with open_raw(port) as sock:
                    asked = head(port)
                    sock.sendall(asked if draw.random() < 0.8 else spoiled(asked, draw))
                    for _ in range(draw.randrange(1, 6)):
                        sock.sendall(random_frame(key, draw))
                    if draw.random() < 0.3:
                        sock.settimeout(0.05)
                        sock.recv(4096)
        if rounds % (connections // 5) == 0:
            still_serves(port, key, rounds)
    bridge.close_pairing()
    still_serves(port, key, TIMES * connections + 1)
    deadline = time.monotonic() + 10
    while bridge.connections() or bridge.load() != (0, 0):
        assert time.monotonic() < deadline, (bridge.connections(), bridge.load())
        time.sleep(0.05)
    assert warnings_of_the_server(caplog) == []
