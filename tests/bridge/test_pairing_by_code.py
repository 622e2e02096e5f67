"""T14 on the real server: a browser is paired inside the app's window only, once, and only with both sides' word."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest
from tests.bridge.peer import Half, Peer, exchange, head

from noiselens_desktop.bridge import connection
from noiselens_desktop.bridge import exchange as exchange_module
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.auth import from_base64, to_base64
from noiselens_desktop.bridge.exchange import MAX_TRIES, Phase
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.bridge.session import CloseCode

FIREFOX = "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


def wait_for(bridge: BridgeServer, phase: Phase) -> None:
    deadline = time.monotonic() + 5
    while bridge.pairing().phase is not phase:
        assert time.monotonic() < deadline, f"{bridge.pairing().phase} instead of {phase}"
        time.sleep(0.01)


def confirm_in_the_app(bridge: BridgeServer) -> None:
    wait_for(bridge, Phase.COMPARING)
    bridge.confirm_pairing()


@pytest.mark.parametrize("first", ["app", "browser"])
@pytest.mark.parametrize("origin", [FIREFOX, p.EXTENSION_ORIGIN])
def test_both_show_the_same_code_and_the_agreed_key_works(
    bridge: BridgeServer, port: int, keys: KeyStore, origin: str, first: str
) -> None:
    bridge.open_pairing()
    with Peer(port, origin=origin) as peer:
        half = peer.pair_by_code("Firefox on Linux")
        wait_for(bridge, Phase.COMPARING)
        shown = bridge.pairing()
        assert (shown.code, shown.browser) == (half.code, "Firefox on Linux")
        assert 100 < shown.seconds <= 120
        assert keys.paired() == []
        if first == "app":
            bridge.confirm_pairing()
            peer.send(half.confirmation())
        else:
            peer.send(half.confirmation())
            bridge.confirm_pairing()
        paired = peer.receive()
        assert paired["type"] == "paired"
        assert from_base64(paired["mac"]) == half.mac(f"server\0{paired['key_id']}\0".encode())
        assert peer.closed() == CloseCode.NORMAL
    assert bridge.pairing().phase is Phase.PAIRED
    (key,) = keys.paired()
    assert (key.id, key.name, key.origin, key.secret) == (paired["key_id"], "Firefox on Linux", origin, half.key)
    with Peer(port, origin=origin) as peer:
        assert peer.pair(key)["type"] == "welcome"


def test_t14_outside_its_window_nobody_is_paired(bridge: BridgeServer, port: int, keys: KeyStore) -> None:
    with Peer(port) as peer:
        peer.begin_pairing()
        assert peer.closed() == CloseCode.NOT_PAIRING
    assert b" 403 " in exchange(port, head(port, origin=(FIREFOX,)))[:20]
    bridge.open_pairing()
    bridge.close_pairing()
    with Peer(port) as peer:
        peer.begin_pairing()
        assert peer.closed() == CloseCode.NOT_PAIRING
    assert b" 403 " in exchange(port, head(port, origin=(FIREFOX,)))[:20]
    assert keys.paired() == []


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "", "moz-extension://", "moz-extension://evil", FIREFOX + ".evil.test"]
)
def test_t14_a_page_is_not_paired_in_the_window_either(bridge: BridgeServer, port: int, origin: str) -> None:
    bridge.open_pairing()
    assert exchange(port, head(port, origin=(origin,))).startswith(b"HTTP/1.1 403 ")
    assert bridge.pairing().phase is Phase.WAITING


def test_t14_a_second_browser_is_turned_away_and_the_first_goes_on(
    bridge: BridgeServer, port: int, keys: KeyStore
) -> None:
    bridge.open_pairing()
    with Peer(port) as peer, Peer(port, origin=FIREFOX) as other:
        half = peer.pair_by_code()
        other.begin_pairing()
        assert other.closed() == CloseCode.PAIRING_BUSY
        confirm_in_the_app(bridge)
        peer.send(half.confirmation())
        assert peer.receive()["type"] == "paired"
    assert len(keys.paired()) == 1


def test_t14_a_window_pairs_once(bridge: BridgeServer, port: int, keys: KeyStore) -> None:
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code()
        confirm_in_the_app(bridge)
        peer.send(half.confirmation())
        assert peer.closed() == CloseCode.NORMAL
    with Peer(port) as peer:
        peer.begin_pairing()
        assert peer.closed() == CloseCode.NOT_PAIRING
    assert len(keys.paired()) == 1


def test_t14_the_apps_word_alone_pairs_nobody(bridge: BridgeServer, port: int, keys: KeyStore) -> None:
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code()
        confirm_in_the_app(bridge)
        peer.send(p.PairConfirm(to_base64(half.mac(b"server\0"))))
        assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert keys.paired() == []
    wait_for(bridge, Phase.WAITING)


def test_t14_the_browsers_word_alone_pairs_nobody(bridge: BridgeServer, port: int, keys: KeyStore) -> None:
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code()
        wait_for(bridge, Phase.COMPARING)
        peer.send(half.confirmation())
        with pytest.raises(TimeoutError):
            peer.receive(0.3)
        bridge.close_pairing()  # the user says that the codes differ
        assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert keys.paired() == []


def test_t14_a_program_in_between_is_found_out_by_the_code(bridge: BridgeServer, port: int, keys: KeyStore) -> None:
    """The best a relay can do: it passes all on as it comes, or it puts halves of its own in their place."""
    bridge.open_pairing()
    for tries in range(2):
        browser = Half(p.EXTENSION_ORIGIN, port - 1)  # it connected to the relay's port
        with Peer(port) as relay:
            if tries == 0:
                relay.send(p.Pair(p.VERSION, browser.commit, "0.1.0", "Firefox"))
                offer = relay.receive()
                browser.meet(offer["public"], offer["nonce"])
                relay.send(p.PairReveal(to_base64(browser.public), to_base64(browser.nonce)))
                known = None
            else:
                own = Half(p.EXTENSION_ORIGIN, port - 1)
                browser.meet(to_base64(own.public), to_base64(own.nonce))
                known = relay.pair_by_code()
            wait_for(bridge, Phase.COMPARING)
            assert bridge.pairing().code != browser.code
            if known is not None:
                assert browser.key != known.key
            bridge.close_pairing()  # the user has seen it
            bridge.open_pairing()
    assert keys.paired() == []


def test_t14_another_half_than_the_one_committed_to_is_refused(bridge: BridgeServer, port: int) -> None:
    bridge.open_pairing()
    for _ in range(MAX_TRIES):
        with Peer(port) as peer:
            peer.begin_pairing()
            assert peer.receive()["type"] == "pair_offer"
            other = Half(p.EXTENSION_ORIGIN, port)
            peer.send(p.PairReveal(to_base64(other.public), to_base64(other.nonce)))
            assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert bridge.pairing().phase is Phase.EXHAUSTED
    with Peer(port) as peer:
        peer.begin_pairing()
        assert peer.closed() == CloseCode.NOT_PAIRING


def test_t14_a_browser_that_goes_makes_room_for_the_next(bridge: BridgeServer, port: int) -> None:
    bridge.open_pairing()
    with Peer(port) as peer:
        peer.pair_by_code()
        confirm_in_the_app(bridge)
    wait_for(bridge, Phase.WAITING)
    with Peer(port) as peer:
        half = peer.pair_by_code()
        wait_for(bridge, Phase.COMPARING)
        assert bridge.pairing().code == half.code


def test_t14_after_its_time_the_browser_is_told(
    bridge: BridgeServer, port: int, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_module, "WINDOW_S", 0.6)
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code()
        confirm_in_the_app(bridge)
        assert peer.closed(5) == CloseCode.DEADLINE
        assert half.code
    assert bridge.pairing().phase is Phase.EXPIRED
    assert keys.paired() == []


def test_the_user_has_longer_than_a_stranger_to_compare(
    bridge: BridgeServer, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AUTH_S", 0.5)
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code()
        time.sleep(1)
        confirm_in_the_app(bridge)
        peer.send(half.confirmation())
        assert peer.receive()["type"] == "paired"
    with Peer(port) as peer:
        bridge.open_pairing()
        peer.begin_pairing()
        assert peer.receive()["type"] == "pair_offer"
        assert peer.closed(3) == CloseCode.DEADLINE  # but none to think about its half


@pytest.mark.parametrize("turn", ["reveal first", "confirm first", "pair twice", "reveal twice", "hello", "image"])
def test_t14_messages_out_of_turn_end_a_pairing(
    bridge: BridgeServer, port: int, key: BrowserKey, keys: KeyStore, turn: str
) -> None:
    bridge.open_pairing()
    nothing = to_base64(bytes(32))
    with Peer(port) as peer:
        match turn:
            case "reveal first":
                peer.send(p.PairReveal(to_base64(bytes(65)), nothing))
            case "confirm first":
                peer.begin_pairing()
                peer.send(p.PairConfirm(nothing))
            case "pair twice":
                peer.begin_pairing()
                peer.begin_pairing()
            case "reveal twice":
                half = peer.pair_by_code()
                peer.send(p.PairReveal(to_base64(half.public), to_base64(half.nonce)))
            case "hello":
                peer.begin_pairing()
                peer.send(p.Hello(p.VERSION, key.id, nothing, "0.1.0"))
            case "image":
                peer.pair_by_code()
                peer.announce("1", b"x")
        assert peer.closed() == CloseCode.PROTOCOL
    assert keys.paired() == [key]


def test_a_key_that_cannot_be_kept_is_said_so(bridge: BridgeServer, port: int, keys: KeyStore, tmp_path: Path) -> None:
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code()
        wait_for(bridge, Phase.COMPARING)
        (tmp_path / "browsers.json").mkdir()  # where the file should be
        bridge.confirm_pairing()
        peer.send(half.confirmation())
        assert peer.closed() == CloseCode.PAIRING_REFUSED
    assert bridge.pairing().phase is Phase.FAILED
    assert "browsers.json" in bridge.pairing().text


def test_t16_a_pairing_leaves_nothing_in_the_log(
    bridge: BridgeServer, port: int, keys: KeyStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bridge.open_pairing()
    with Peer(port) as peer:
        half = peer.pair_by_code("A browser of mine")
        confirm_in_the_app(bridge)
        peer.send(half.confirmation())
        peer.closed()
    (key,) = keys.paired()
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("noiselens"))
    for secret in (key.key, half.code, to_base64(half.nonce), "A browser of mine"):
        assert secret not in ours
