"""A program that speaks WebSocket on the app's port, met by the real extension in a real browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from .conftest import Browser
from .site import Site
from .test_failures import check, told

pytestmark = pytest.mark.browser


class Impostor:
    """A WebSocket server on a port of ours that takes every connection and lies, from the first message on.

    Attributes:
        heard: everything it was sent, bytes or text.
    """

    def __init__(self, lie: Callable[[ServerConnection, dict[str, Any]], None], port: int = 0) -> None:
        self.heard: list[str | bytes] = []

        def handle(connection: ServerConnection) -> None:
            with suppress(ConnectionClosed):
                for message in connection:
                    self.heard.append(message)
                    if len(self.heard) == 1:
                        lie(connection, json.loads(message))

        self._server = serve(handle, "127.0.0.1", port, subprotocols=[Subprotocol("noiselens.v1")], max_size=None)
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()


def challenge(nonce: str = "A" * 43, mac: str = "A" * 43, **more: Any) -> str:
    return json.dumps({"type": "challenge", "v": 1, "nonce": nonce, "mac": mac, "app": "0.1.0"} | more)


WELCOME = json.dumps({"type": "welcome", "app": "0.1.0", "model": None, "max_bytes": 2**25})
LIES: dict[str, Callable[[ServerConnection, dict[str, Any]], None]] = {
    "a guessed MAC": lambda socket, hello: socket.send(challenge()),
    "our own nonce sent back": lambda socket, hello: socket.send(challenge(nonce=hello["nonce"], mac=hello["nonce"])),
    "a welcome without a proof": lambda socket, hello: socket.send(WELCOME),
    "a pairing nobody asked for": lambda socket, hello: socket.send(
        json.dumps({"type": "paired", "key_id": "ab12cd34", "mac": "A" * 43})
    ),
    "bytes": lambda socket, hello: socket.send(b"\0" * 1000),
    "no JSON": lambda socket, hello: socket.send("{" * 1000),
    "a megabyte of text": lambda socket, hello: socket.send('"' + "x" * 2**20 + '"'),
    "markup": lambda socket, hello: socket.send(challenge(app="<img src=x onerror=alert(1)>" * 10)),
}


@pytest.mark.parametrize("lie", LIES)
def test_t13_an_impostor_that_speaks_websocket_gets_a_random_number_and_nothing_else(
    fresh_browser: Browser, site: Site, lie: str
) -> None:
    impostor = Impostor(LIES[lie])
    try:
        fresh_browser.pair(f"noiselens1:{impostor.port}:ab12cd34:{'B' * 42}A")
        impostor.heard.clear()
        panel = check(fresh_browser, site)["panel"]
    finally:
        impostor.close()
    assert told("other_program", str(impostor.port)) in panel
    assert "/picture.png" in site.asked
    for message in impostor.heard:
        said = json.loads(message)
        assert set(said) == {"type", "v", "key_id", "nonce", "client"}
        assert said["type"] == "hello"
    assert "B" * 42 not in str(impostor.heard)
