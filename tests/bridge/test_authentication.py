"""T8-T12, T15, T16: who may speak, and what is kept out of the log."""

from __future__ import annotations

import json
import logging
import secrets
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bridge.conftest import Judge
from tests.bridge.peer import Peer, frame, open_raw, read_all, upgraded
from websockets.frames import Opcode

from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge import server as server_module
from noiselens_desktop.bridge.auth import LOCK_S, MAX_FAILURES, Lockout, to_base64
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.bridge.session import CloseCode


def test_both_sides_prove_themselves(port: int, key: BrowserKey) -> None:
    with Peer(port) as peer:
        welcome = peer.pair(key)
    assert welcome == {"type": "welcome", "app": "0.1.0", "model": "model-1", "max_bytes": 32 * 2**20}


@pytest.mark.alone
def test_t8_a_silent_socket_is_closed_after_three_seconds(port: int) -> None:
    with open_raw(port) as sock:
        started = time.monotonic()
        assert read_all(sock) == b""
    assert 2.5 < time.monotonic() - started < 4.5


@pytest.mark.alone
def test_t8_a_silent_client_is_closed_after_three_seconds(port: int) -> None:
    with Peer(port) as peer:
        started = time.monotonic()
        assert peer.closed() == CloseCode.DEADLINE
    assert 2.5 < time.monotonic() - started < 4.5


@pytest.mark.alone
def test_t8_a_client_that_does_not_answer_our_close_is_cut_off(port: int) -> None:
    with upgraded(port) as sock:
        sock.sendall(frame(Opcode.TEXT, b"not json"))
        started = time.monotonic()
        for _ in range(200):  # and talking on does not help it
            try:
                sock.sendall(frame(Opcode.TEXT, b"{}"))
            except OSError:
                break
            time.sleep(0.05)
    assert time.monotonic() - started < 4


def test_t8_a_client_that_never_answers_the_challenge_is_closed(port: int, key: BrowserKey) -> None:
    with Peer(port) as peer:
        peer.hello(key)
        assert peer.closed() == CloseCode.DEADLINE


def test_t9_a_wrong_mac_is_refused_and_five_lock_the_origin(port: int, key: BrowserKey) -> None:
    for _ in range(MAX_FAILURES):
        with Peer(port) as peer:
            peer.hello(key)
            peer.send(p.Auth(to_base64(secrets.token_bytes(32))))
            assert peer.closed() == CloseCode.WRONG_MAC
    with Peer(port) as peer:
        peer.send(p.Hello(p.VERSION, key.id, to_base64(secrets.token_bytes(32)), "0.1.0"))
        assert peer.closed() == CloseCode.LOCKED


def test_t9_an_unknown_key_is_refused(port: int, key: BrowserKey) -> None:
    with Peer(port) as peer:
        peer.send(p.Hello(p.VERSION, "00000000", to_base64(secrets.token_bytes(32)), "0.1.0"))
        assert peer.closed() == CloseCode.UNKNOWN_KEY


def test_t9_the_lock_opens_after_its_time_and_locks_only_its_origin() -> None:
    now = 100.0
    lockout = Lockout(lambda: now)
    for _ in range(MAX_FAILURES - 1):
        lockout.fail("a")
    assert not lockout.locked("a")
    lockout.fail("a")
    assert lockout.locked("a")
    assert not lockout.locked("b")
    now += LOCK_S
    assert not lockout.locked("a")


def test_t9_a_right_answer_forgets_the_wrong_ones() -> None:
    lockout = Lockout(lambda: 0.0)
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            lockout.fail("a")
        lockout.succeed("a")
    assert not lockout.locked("a")


def test_t10_a_recorded_answer_does_not_fit_a_second_time(port: int, key: BrowserKey) -> None:
    with Peer(port) as peer:
        handshake = peer.hello(key)
        recorded = p.Auth(to_base64(handshake.client_mac(key.secret)))
        peer.send(recorded)
        assert peer.receive()["type"] == "welcome"
    with Peer(port) as peer:
        peer.send(p.Hello(p.VERSION, key.id, to_base64(handshake.client_nonce), "0.1.0"))
        assert peer.receive()["nonce"] != to_base64(handshake.server_nonce)
        peer.send(recorded)
        assert peer.closed() == CloseCode.WRONG_MAC


def test_t11_the_servers_own_mac_sent_back_is_refused(port: int, key: BrowserKey) -> None:
    with Peer(port) as peer:
        peer.hello(key)
        peer.send(p.Auth(to_base64(peer.challenge_mac)))
        assert peer.closed() == CloseCode.WRONG_MAC


def test_t11_a_program_on_another_port_cannot_pass_messages_on(port: int, key: BrowserKey) -> None:
    with Peer(port) as relay:
        handshake = replace(relay.hello(key), port=port - 1)  # the client believes in the port it connected to
        assert relay.challenge_mac != handshake.server_mac(key.secret)
        relay.send(p.Auth(to_base64(handshake.client_mac(key.secret))))
        assert relay.closed() == CloseCode.WRONG_MAC


@pytest.mark.parametrize("kind", ["text", "binary"])
def test_t12_more_than_4_kib_before_authentication_is_too_big(port: int, kind: str) -> None:
    with Peer(port) as peer:
        peer.ws.send("x" * 4097 if kind == "text" else b"x" * 4097)
        assert peer.closed() == 1009


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"ping","id":"a"}',
        '{"type":"auth","mac":"' + "A" * 43 + '"}',
        '{"type":"hello","v":2,"key_id":"00000000","nonce":"' + "A" * 43 + '","client":"1"}',
        "not json",
    ],
)
def test_a_stranger_gets_no_second_try(port: int, text: str) -> None:
    with Peer(port) as peer:
        peer.ws.send(text)
        assert peer.closed() == CloseCode.PROTOCOL


def test_a_key_is_bound_to_the_origin_it_was_paired_with(port: int, keys: KeyStore, key: BrowserKey) -> None:
    other = "moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
    pinned = keys.create("Firefox", other)
    with Peer(port, origin=other) as peer:
        assert peer.pair(pinned)["type"] == "welcome"
    with Peer(port, origin=other) as peer:
        peer.send(p.Hello(p.VERSION, key.id, to_base64(secrets.token_bytes(32)), "0.1.0"))
        assert peer.closed() == CloseCode.UNKNOWN_KEY


def test_t15_revoking_a_key_drops_its_open_connections_and_no_others(
    port: int, keys: KeyStore, key: BrowserKey, peer: Peer
) -> None:
    other = keys.create("Other")
    with Peer(port) as survivor:
        survivor.pair(other)
        keys.revoke(key.id)
        assert peer.closed(3) == CloseCode.UNKNOWN_KEY
        survivor.send(p.Ping("1"))
        assert survivor.receive() == {"type": "pong", "id": "1"}
    with Peer(port) as late:
        late.send(p.Hello(p.VERSION, key.id, to_base64(secrets.token_bytes(32)), "0.1.0"))
        assert late.closed() == CloseCode.UNKNOWN_KEY


def test_t15_revoking_in_the_app_drops_open_connections_at_once(
    judge: Judge, keys: KeyStore, key: BrowserKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "SWEEP_S", 3600)
    server = BridgeServer(judge, lambda *_: None, keys, app="0.1.0", model=lambda: None, ports=(0,))
    try:
        with Peer(server.start()) as peer:
            peer.pair(key)
            keys.revoke(key.id)
            assert peer.closed(1) == CloseCode.UNKNOWN_KEY
    finally:
        server.stop()


def test_t15_a_key_revoked_by_another_process_can_do_nothing_from_that_moment(
    tmp_path: Path, key: BrowserKey, peer: Peer, judge: Judge
) -> None:
    KeyStore(tmp_path / "browsers.json").revoke(key.id)
    peer.announce("1", b"image")
    assert peer.closed() == CloseCode.UNKNOWN_KEY
    assert judge.judged == []


def test_t16_the_log_holds_no_key_no_image_and_no_name(
    port: int, keys: KeyStore, key: BrowserKey, judge: Judge, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    image = b"SECRETPIXELS" * 50
    with Peer(port) as peer:
        handshake = peer.hello(key)
        peer.send(p.Auth(to_base64(handshake.client_mac(key.secret))))
        peer.receive()
        peer.submit("1", image, name="holiday-in-a-secret-place.png", page="https://secret.example/")
        peer.answer("1")
        peer.ws.send('{"type":"image","id":"2","name":"another-secret"')
        peer.receive()
    with Peer(port) as peer:
        peer.hello(key)
        peer.send(p.Auth(to_base64(b"\1" * 32)))
        peer.closed()
    with Peer(port) as peer:
        peer.ws.send("x" * 5000)
        peer.closed()
    ours = "\n".join(r.getMessage() + str(r.exc_info) for r in caplog.records if r.name.startswith("noiselens"))
    for secret in (key.key, key.secret.hex(), "SECRETPIXELS", "secret", to_base64(handshake.client_mac(key.secret))):
        assert secret not in ours
    assert key.key not in repr(key)


@pytest.mark.parametrize(("ours", "theirs", "reason"), [(1, 2, "app_too_old"), (2, 1, "extension_too_old")])
@pytest.mark.parametrize("kind", ["hello", "pair"])
def test_another_version_is_told_which_side_is_too_old(
    port: int, monkeypatch: pytest.MonkeyPatch, kind: str, ours: int, theirs: int, reason: str
) -> None:
    monkeypatch.setattr(p, "VERSION", ours)
    fields = {"hello": {"key_id": "00000000", "nonce": "A" * 43}, "pair": {"commit": "A" * 43, "name": "Firefox"}}
    with Peer(port) as peer:
        peer.ws.send(json.dumps({"type": kind, "v": theirs, "client": "1"} | fields[kind]))
        assert peer.closed() == CloseCode.PROTOCOL
        assert peer.ws.close_reason == reason
