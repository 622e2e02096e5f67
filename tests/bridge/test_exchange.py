"""Pairing by code without a socket: the golden exchange, what does not fit, and the window's time and tries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from noiselens_desktop.bridge.auth import from_base64, to_base64
from noiselens_desktop.bridge.exchange import (
    MAX_TRIES,
    WINDOW_S,
    Exchange,
    ExchangeError,
    PairingWindow,
    Phase,
)
from noiselens_desktop.bridge.protocol import FIREFOX_ORIGIN

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "protocol/messages.json").read_text("utf-8"))[
    "pairing_by_code"
]


def golden_exchange() -> Exchange:
    number = int.from_bytes(from_base64(GOLDEN["server_private"]))
    private = ec.derive_private_key(number, ec.SECP256R1())
    exchange = Exchange(GOLDEN["origin"], GOLDEN["port"], GOLDEN["commit"], private)
    exchange.nonce = GOLDEN["server_nonce"]
    return exchange


def test_the_golden_exchange_is_ours() -> None:
    exchange = golden_exchange()
    assert exchange.public == GOLDEN["server_public"]
    exchange.reveal(GOLDEN["client_public"], GOLDEN["client_nonce"])
    assert exchange.code == GOLDEN["code"]
    assert to_base64(exchange.draft().secret) == GOLDEN["key"]
    assert exchange.accepts(GOLDEN["client_mac"])
    assert exchange.server_mac(GOLDEN["key_id"]) == GOLDEN["server_mac"]


def test_every_exchange_has_a_half_of_its_own() -> None:
    exchanges = [Exchange("o", 1, "c") for _ in range(3)]
    assert len({exchange.public for exchange in exchanges}) == 3
    assert len({exchange.nonce for exchange in exchanges}) == 3


def changed(text: str) -> str:
    data = bytearray(from_base64(text))
    data[-1] ^= 1
    return to_base64(bytes(data))


@pytest.mark.parametrize(
    ("public", "nonce"),
    [
        (GOLDEN["client_public"], changed(GOLDEN["client_nonce"])),
        (changed(GOLDEN["client_public"]), GOLDEN["client_nonce"]),  # not on the curve
        (GOLDEN["server_public"], GOLDEN["client_nonce"]),  # on the curve, but not the one committed to
        (to_base64(b"\4" + bytes(64)), GOLDEN["client_nonce"]),
        (to_base64(b"\2" + from_base64(GOLDEN["client_public"])[1:33] + bytes(32)), GOLDEN["client_nonce"]),
        (to_base64(bytes(65)), GOLDEN["client_nonce"]),
        (GOLDEN["client_public"][:-1] + "B", GOLDEN["client_nonce"]),
    ],
)
def test_t14_what_was_not_committed_to_or_is_no_key_is_refused(public: str, nonce: str) -> None:
    exchange = golden_exchange()
    with pytest.raises(ExchangeError):
        exchange.reveal(public, nonce)
    assert exchange.code == ""


@pytest.mark.parametrize("field", ["origin", "port"])
def test_t14_the_code_covers_the_origin_and_the_port(field: str) -> None:
    other = {"origin": "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1", "port": 48212}
    facts = {"origin": GOLDEN["origin"], "port": GOLDEN["port"], field: other[field]}
    number = int.from_bytes(from_base64(GOLDEN["server_private"]))
    private = ec.derive_private_key(number, ec.SECP256R1())
    exchange = Exchange(facts["origin"], facts["port"], GOLDEN["commit"], private)
    exchange.nonce = GOLDEN["server_nonce"]
    exchange.reveal(GOLDEN["client_public"], GOLDEN["client_nonce"])
    assert exchange.code != GOLDEN["code"]
    assert not exchange.accepts(GOLDEN["client_mac"])


def test_t14_the_apps_own_mac_is_no_confirmation() -> None:
    exchange = golden_exchange()
    exchange.reveal(GOLDEN["client_public"], GOLDEN["client_nonce"])
    assert not exchange.accepts(exchange.server_mac(GOLDEN["key_id"]))


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_t14_the_window_closes_after_its_time() -> None:
    clock = Clock()
    window = PairingWindow(clock)
    assert not window.state().is_open
    window.open()
    assert window.take("a")
    window.compare("123456", "Firefox")
    clock.now += WINDOW_S - 1
    assert window.holds("a")
    assert window.state().seconds == pytest.approx(1)
    clock.now += 1
    assert window.state().phase is Phase.EXPIRED
    assert not window.holds("a")
    window.confirm()
    assert window.state().phase is Phase.EXPIRED


def test_t14_one_browser_at_a_time_and_three_in_all() -> None:
    window = PairingWindow(Clock())
    window.open()
    for n in range(MAX_TRIES):
        assert window.state().phase is Phase.WAITING
        assert window.take(n)
        assert not window.take("another")
        window.leave("another")  # which has nothing to leave
        assert window.holds(n)
        window.leave(n)
    assert window.state().phase is Phase.EXHAUSTED
    window.open()
    assert window.take("again")


def test_a_browser_that_leaves_takes_the_users_word_with_it() -> None:
    window = PairingWindow(Clock())
    window.open()
    window.confirm()  # nothing to compare yet
    assert window.state().phase is Phase.WAITING
    window.take("a")
    window.compare("123456", "Firefox")
    window.confirm()
    assert window.state().phase is Phase.CONFIRMED
    window.leave("a")
    assert (window.state().phase, window.state().code) == (Phase.WAITING, "")


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        ("moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", True),
        ("moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/", False),
        ("moz-extension://0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", False),
        ("moz-extension://0f1e2d3c4b5a69788796a5b4c3d2e1f0", False),
        ("moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n", False),
        ("https://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", False),
        ("null", False),
    ],
)
def test_what_counts_as_firefoxs_origin(origin: str, fits: bool) -> None:
    assert (FIREFOX_ORIGIN.fullmatch(origin) is not None) == fits
