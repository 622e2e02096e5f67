"""What an authenticated client can ask, and what it gets; T18's lies about images."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from hashlib import sha256

import pytest
from tests.bridge.conftest import REFUSED, Judge
from tests.bridge.peer import Peer, frame
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from noiselens_core.errors import LibraryError
from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge import server as server_module
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeServer
from noiselens_desktop.bridge.session import CloseCode
from noiselens_desktop.bridge.wire import encode

IMAGE = b"an image" * 100
DIGEST = sha256(IMAGE).hexdigest()


def test_an_image_is_queued_judged_and_answered(peer: Peer, judge: Judge) -> None:
    peer.submit("job-1", IMAGE, name="café.png")
    assert peer.receive() == {"type": "queued", "id": "job-1"}
    assert peer.receive() == {"type": "progress", "id": "job-1", "stage": "judging"}
    answer = peer.receive()
    assert answer["type"] == "verdict"
    assert answer["id"] == "job-1"
    assert answer["verdict"]["sha256"] == DIGEST
    assert answer["verdict"]["probability"] == round(int(DIGEST[:8], 16) / 2**32, 4)
    assert judge.names == ["café.png"]


def test_an_image_in_fragments_is_judged_as_a_whole(peer: Peer) -> None:
    peer.announce("1", IMAGE)
    peer.ws.send([IMAGE[:100], IMAGE[100:101], IMAGE[101:]])
    assert peer.answer("1")["verdict"]["sha256"] == DIGEST


def test_what_the_app_refuses_is_passed_on_in_its_words(peer: Peer) -> None:
    peer.submit("1", REFUSED)
    text = "This is not an image NoiseLens reads."
    assert peer.answer("1") == {"type": "refused", "id": "1", "code": "format", "text": text, "why": None}


def test_several_images_wait_in_line(peer: Peer, judge: Judge) -> None:
    judge.hold = Future()
    images = [IMAGE + bytes([n]) for n in range(5)]
    for n, image in enumerate(images):
        peer.submit(str(n), image)
    judge.hold.set_result(None)
    assert [peer.answer(str(n))["verdict"]["sha256"] for n in range(5)] == [sha256(i).hexdigest() for i in images]
    assert judge.judged == [sha256(image).hexdigest() for image in images]


def test_the_same_image_from_two_browsers_is_judged_once(port: int, keys: KeyStore, peer: Peer, judge: Judge) -> None:
    judge.hold = Future()
    with Peer(port) as other:
        other.pair(keys.create("Other"))
        for client in (peer, other):
            client.submit("1", IMAGE)
            assert [client.receive()["type"], client.receive()["type"]] == ["queued", "progress"]
        judge.hold.set_result(None)
        assert peer.answer("1") == other.answer("1")
    assert judge.judged == [DIGEST]


def test_an_image_whose_sender_left_is_judged_all_the_same(port: int, key: BrowserKey, judge: Judge) -> None:
    judge.hold = Future()
    with Peer(port) as gone:
        gone.pair(key)
        gone.submit("1", IMAGE)
        assert [gone.receive()["type"], gone.receive()["type"]] == ["queued", "progress"]
    with Peer(port) as back:
        back.pair(key)
        back.submit("1", IMAGE)
        assert [back.receive()["type"], back.receive()["type"]] == ["queued", "progress"]
        judge.hold.set_result(None)
        assert back.answer("1")["type"] == "verdict"
    assert judge.judged == [DIGEST]


def test_cancelling_takes_a_waiting_image_out_of_line(peer: Peer, judge: Judge) -> None:
    judge.hold = Future()
    peer.submit("first", IMAGE)
    peer.submit("second", IMAGE + b"2")
    peer.send(p.Cancel("second"))
    answer = {"type": "refused", "id": "second", "code": "cancelled", "text": "Cancelled.", "why": ["cancelled"]}
    assert peer.answer("second") == answer
    judge.hold.set_result(None)
    assert peer.answer("first")["type"] == "verdict"
    peer.submit("third", IMAGE + b"3")
    assert peer.answer("third")["type"] == "verdict"
    assert sha256(IMAGE + b"2").hexdigest() not in judge.judged


def test_an_image_sent_again_in_the_breath_of_its_cancelling_is_judged(
    bridge: BridgeServer, peer: Peer, judge: Judge
) -> None:
    judge.hold = Future()
    peer.submit("first", IMAGE)
    again = IMAGE + b"2"
    peer.submit("second", again)
    header = p.Image("third", len(again), sha256(again).hexdigest(), "image/png", "a.png", 0, 0)
    texts = [encode(message).encode() for message in (p.Cancel("second"), header)]
    peer.ws.socket.sendall(b"".join(frame(Opcode.TEXT, text) for text in texts) + frame(Opcode.BINARY, again))
    assert peer.answer("second")["code"] == "cancelled"
    judge.hold.set_result(None)
    assert peer.answer("third")["type"] == "verdict"
    peer.send(p.Ping("done"))
    assert peer.receive()["type"] == "pong"
    assert bridge.load() == (0, 0)


def test_cancelling_between_header_and_bytes_drops_the_bytes(peer: Peer, judge: Judge) -> None:
    peer.announce("1", IMAGE)
    peer.send(p.Cancel("1"))
    peer.ws.send(IMAGE)
    assert peer.answer("1")["code"] == "cancelled"
    peer.submit("2", IMAGE + b"2")
    assert peer.answer("2")["type"] == "verdict"
    assert len(judge.judged) == 1


def test_a_label_is_filed(peer: Peer, labels: list[tuple[str, str]]) -> None:
    peer.send(p.Label("l", DIGEST, "generated"))
    assert peer.receive() == {"type": "labelled", "id": "l"}
    assert labels == [(DIGEST, "generated")]


def test_a_label_that_cannot_be_filed_is_said_so(judge: Judge, keys: KeyStore, key: BrowserKey) -> None:
    def label(digest: str, label: str) -> None:
        raise LibraryError("The disk is full.")

    server = BridgeServer(judge, label, keys, app="0.1.0", model=lambda: None, ports=(0,))
    try:
        with Peer(server.start()) as peer:
            assert peer.pair(key)["model"] is None
            peer.send(p.Label("l", DIGEST, "real"))
            error = {"type": "error", "id": "l", "code": "label", "text": "The disk is full.", "why": None}
            assert peer.receive() == error
    finally:
        server.stop()


def serving(judge: Judge, keys: KeyStore, show: Callable[[str], None]) -> BridgeServer:
    return BridgeServer(judge, lambda *_: None, keys, app="0.1.0", model=lambda: None, show=show, ports=(0,))


def test_the_window_is_brought_to_the_front_with_an_image_and_not_again_at_once(
    judge: Judge, keys: KeyStore, key: BrowserKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    server = serving(judge, keys, shown.append)
    try:
        with Peer(server.start()) as peer:
            peer.pair(key)
            peer.send(p.Open("1", DIGEST))
            assert peer.receive() == {"type": "opened", "id": "1"}
        with Peer(server.port) as peer:  # a new connection wins it nothing
            peer.pair(key)
            peer.send(p.Open("1", DIGEST))
            assert peer.receive()["text"] == "NoiseLens has just come to the front. Wait a moment and try again."
            assert shown == [DIGEST]
            monkeypatch.setattr(server_module, "SHOW_EVERY_S", 0.0)
            peer.send(p.Open("2", DIGEST))
            assert peer.receive() == {"type": "opened", "id": "2"}
    finally:
        server.stop()
    assert shown == [DIGEST] * 2


def test_an_app_without_a_window_says_so(peer: Peer) -> None:
    peer.send(p.Open("1", DIGEST))
    answer = peer.receive()
    assert (answer["type"], answer["id"], answer["code"]) == ("error", "1", "open")
    assert answer["text"] == "NoiseLens runs here without a window. Start the NoiseLens app to see the image there."


def test_the_page_of_an_image_is_passed_on(peer: Peer, judge: Judge) -> None:
    peer.submit("1", b"image", page="https://example.org/a")
    assert peer.answer("1")["type"] == "verdict"
    assert judge.pages == ["https://example.org/a"]


@pytest.mark.parametrize("text", ['{"type":"dance","id":"1"}', "not json", '{"type":"ping","id":NaN}', "[" * 4000])
def test_an_unknown_message_gets_an_error_and_the_connection_lives(peer: Peer, text: str) -> None:
    peer.ws.send(text)
    assert peer.receive()["type"] == "error"
    peer.send(p.Ping("after"))
    assert peer.receive() == {"type": "pong", "id": "after"}


def test_ticks_come_while_images_wait(
    judge: Judge, keys: KeyStore, key: BrowserKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "TICK_S", 0.1)
    judge.hold = Future()
    server = BridgeServer(judge, lambda *_: None, keys, app="0.1.0", model=lambda: None, ports=(0,))
    try:
        with Peer(server.start()) as peer:
            peer.pair(key)
            peer.submit("1", IMAGE)
            assert [peer.receive()["type"] for _ in range(4)] == ["queued", "progress", "tick", "tick"]
            judge.hold.set_result(None)
            while peer.receive()["type"] != "verdict":
                pass
            with pytest.raises(TimeoutError):
                peer.receive(0.5)
    finally:
        server.stop()


def test_a_full_queue_is_busy_and_the_refused_bytes_are_dropped(
    peer: Peer, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MAX_JOBS", 2)
    judge.hold = Future()
    for n in range(3):
        peer.submit(str(n), IMAGE + bytes([n]))
    assert peer.answer("2") == {"type": "busy", "id": "2", "retry_ms": 500}
    judge.hold.set_result(None)
    assert peer.answer("0")["type"] == peer.answer("1")["type"] == "verdict"
    peer.submit("again", IMAGE + bytes([2]))
    assert peer.answer("again")["type"] == "verdict"


def test_t18_more_than_32_mib_is_refused_by_its_header(peer: Peer) -> None:
    peer.announce("1", b"", bytes=p.IMAGE_BYTES + 1)
    answer = peer.receive()
    assert (answer["type"], answer["code"]) == ("refused", "too_many_bytes")
    assert "32 MiB" in answer["text"]
    assert peer.closed() == CloseCode.TOO_BIG


def test_t18_a_frame_of_33_mib_and_a_byte_closes_before_it_is_read(peer: Peer, judge: Judge) -> None:
    peer.announce("1", b"", bytes=p.IMAGE_BYTES)
    assert peer.receive()["type"] == "queued"
    peer.ws.socket.sendall(b"\x82\xff" + struct.pack("!Q", 33 * 2**20 + 1) + bytes(4) + b"x" * 1000)
    assert peer.closed() == 1009
    assert judge.judged == []


def test_t18_an_empty_image_is_refused(peer: Peer) -> None:
    peer.submit("1", b"")
    assert peer.answer("1")["code"] == "empty"


@pytest.mark.parametrize("announced", [len(IMAGE) + 1, len(IMAGE) - 1, 1])
def test_t18_a_lie_about_the_size_is_refused(peer: Peer, judge: Judge, announced: int) -> None:
    peer.submit("1", IMAGE, bytes=announced)
    assert peer.answer("1")["code"] == "size_mismatch"
    assert judge.judged == []


def test_t18_much_more_than_announced_closes_before_it_is_read(peer: Peer, judge: Judge) -> None:
    peer.announce("1", b"", bytes=10)
    with suppress(ConnectionClosed):  # it may be cut off before all is sent
        peer.ws.send(b"x" * 2**20)
    assert peer.closed() == 1009
    assert judge.judged == []


def test_t18_a_lie_about_the_hash_is_refused(peer: Peer, judge: Judge) -> None:
    peer.submit("1", IMAGE, sha256="0" * 64)
    assert peer.answer("1")["code"] == "hash_mismatch"
    assert judge.judged == []


def test_t18_bytes_without_a_header_close(peer: Peer) -> None:
    peer.ws.send(IMAGE)
    assert peer.closed() == CloseCode.PROTOCOL


def test_t18_bytes_after_a_malformed_header_close(peer: Peer) -> None:
    peer.ws.send(json.dumps({"type": "image", "id": "1", "bytes": len(IMAGE)}))
    assert peer.receive()["type"] == "error"
    peer.ws.send(IMAGE)
    assert peer.closed() == CloseCode.PROTOCOL


def test_t18_a_second_header_before_the_bytes_closes(peer: Peer) -> None:
    peer.announce("1", IMAGE)
    peer.announce("2", IMAGE)
    assert peer.closed() == CloseCode.PROTOCOL


def test_t18_an_id_used_before_is_an_error_and_its_bytes_are_dropped(peer: Peer, judge: Judge) -> None:
    peer.submit("1", IMAGE)
    assert peer.answer("1")["type"] == "verdict"
    peer.submit("1", IMAGE + b"2")
    assert peer.answer("1")["code"] == "duplicate_id"
    peer.submit("2", IMAGE + b"3")
    assert peer.answer("2")["type"] == "verdict"
    assert len(judge.judged) == 2


def test_the_app_closing_is_told_to_the_client(bridge: BridgeServer, peer: Peer) -> None:
    bridge.stop()
    assert peer.closed() == CloseCode.GOING_AWAY
