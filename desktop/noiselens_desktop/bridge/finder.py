"""Finds the app that runs: asks the ports we use, and believes the one that shows it holds our key."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from . import protocol as p
from . import wire
from .auth import Handshake, from_base64, to_base64
from .pairing import BrowserKey

PATIENCE_S = 1.0  # for each step of one port


def find_app(key: BrowserKey, ports: Iterable[int] = p.PORTS) -> int:
    """Return the port on which an app shows that it holds this key; 0 if there is none.

    Nothing of worth is sent: the app proves itself first (extension/PROTOCOL.md 2).
    """
    return next((port for port in ports if _is_app(key, port)), 0)


def _is_app(key: BrowserKey, port: int) -> bool:
    nonce = secrets.token_bytes(32)
    try:
        with connect(
            f"ws://127.0.0.1:{port}{p.PATH}",
            origin=Origin(key.origin),
            subprotocols=[Subprotocol(p.SUBPROTOCOL)],
            compression=None,
            proxy=None,
            open_timeout=PATIENCE_S,
            close_timeout=PATIENCE_S,
            max_size=wire.CONTROL_BYTES,
        ) as ws:
            ws.send(wire.encode(p.Hello(p.VERSION, key.id, to_base64(nonce), "native")))
            challenge = json.loads(ws.recv(PATIENCE_S))
            theirs = Handshake(key.id, key.origin, port, nonce, from_base64(challenge["nonce"]))
            return theirs.proves(key.secret, from_base64(challenge["mac"]))
    except (OSError, TimeoutError, WebSocketException, ValueError, KeyError, TypeError, RecursionError):
        return False  # nobody, another program, or one that stays silent
