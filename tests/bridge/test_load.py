"""T20-T24, T26: many clients, large images, rude clients, taken ports."""

from __future__ import annotations

import gc
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
from tests.bridge.conftest import Judge
from tests.bridge.flood import idle_connections, large_images, serving
from tests.bridge.peer import Peer, exchange, frame, head, open_raw, upgraded
from websockets.frames import Opcode

from noiselens_desktop.bridge import connection
from noiselens_desktop.bridge import server as server_module
from noiselens_desktop.bridge.pairing import BrowserKey, KeyStore
from noiselens_desktop.bridge.server import BridgeError, BridgeServer
from noiselens_desktop.bridge.session import CloseCode, Session

MIB = 2**20
pytestmark = pytest.mark.alone


def rss_mib() -> float:
    return float(psutil.Process(os.getpid()).memory_info().rss / MIB)


def wait_for(condition: str, value: object, probe: object) -> None:
    deadline = time.monotonic() + 10
    while callable(probe) and probe() != value:
        assert time.monotonic() < deadline, f"{condition}: {probe()} instead of {value}"
        time.sleep(0.02)


@pytest.fixture
def flood() -> Iterator[int]:
    """How many sockets may be opened at once: 10,000, fewer where the system gives a process fewer descriptors."""
    try:
        import resource
    except ImportError:
        yield 1500
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 10_300 if hard == resource.RLIM_INFINITY else min(10_300, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield wanted - 300
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_t20_a_flood_of_idle_sockets_keeps_no_paired_browser_out(flood: int, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        done = idle_connections(server, flood)
    assert done.opened == flood
    assert done.let_in_s < 1
    assert done.grown_mib < 100
    assert len(server.log.read_text("utf-8").splitlines()) < 20


def test_t20_at_most_eight_strangers_stay(port: int, bridge: BridgeServer) -> None:
    with ExitStack() as stack:
        sockets = [stack.enter_context(upgraded(port)) for _ in range(server_module.MAX_STRANGERS)]
        with open_raw(port) as ninth:
            with suppress(OSError):
                ninth.sendall(head(port))
            with suppress(ConnectionResetError):
                assert ninth.recv(10) == b""
        for sock in sockets:  # those that were here first still are
            sock.sendall(frame(Opcode.PING, b"x"))
            assert sock.recv(3) == b"\x8a\x01x"


def test_the_seventeenth_connection_is_told_that_there_are_too_many(port: int, keys: KeyStore) -> None:
    with ExitStack() as stack:
        for n in range(server_module.MAX_CONNECTIONS):
            stack.enter_context(Peer(port)).pair(keys.create(str(n)))
        with Peer(port) as one_more:
            assert one_more.closed() == CloseCode.TOO_MANY


def test_t21_sixteen_images_of_32_mib_at_once_stay_within_the_budget(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        _, grown_mib = large_images(server)
    assert grown_mib < server_module.BUDGET_BYTES / MIB + 4  # and what else a busy process needs


@pytest.mark.parametrize("paired", [False, True], ids=["a stranger's pings", "a paired browser's questions"])
def test_t22_a_client_that_never_reads_is_dropped(
    port: int, bridge: BridgeServer, key: BrowserKey, monkeypatch: pytest.MonkeyPatch, paired: bool
) -> None:
    monkeypatch.setattr(connection, "AUTH_S", 60.0)  # so that nothing else can end it
    ping = b'{"type":"ping","id":"' + b"x" * 64 + b'"}'
    question = frame(Opcode.TEXT, ping) if paired else frame(Opcode.PING, b"x" * 125)
    flood, before, peak = question * 1000, rss_mib(), 0.0  # each of which asks for an answer
    with ExitStack() as stack:
        if paired:
            peer = stack.enter_context(Peer(port))
            peer.pair(key)  # from here on it takes 16 messages at most from its socket
            deaf = stack.enter_context(peer.ws.socket.dup())
        else:
            deaf = stack.enter_context(upgraded(port))
        deaf.settimeout(10)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(1000):
                deaf.sendall(flood)
                peak = max(peak, rss_mib())
        wait_for("connections", 0, bridge.connections)
        started = time.monotonic()
        with Peer(port) as other:
            assert other.pair(key)["type"] == "welcome"
        assert time.monotonic() - started < 1
    assert peak - before < 32


def test_t23_a_client_killed_in_mid_frame_leaves_nothing(port: int, bridge: BridgeServer, key: BrowserKey) -> None:
    for _ in range(40):
        with Peer(port) as peer:
            peer.pair(key)
            peer.announce("1", b"x" * (8 * MIB))
            assert peer.receive()["type"] == "queued"
            peer.ws.socket.sendall(b"\x82\xff" + struct.pack("!Q", 8 * MIB) + b"\0\0\0\0" + b"x" * 1000)
            peer.ws.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.ws.socket.close()
    wait_for("connections", 0, bridge.connections)
    assert bridge.load() == (0, 0)
    with Peer(port) as peer:
        peer.pair(key)
        peer.submit("1", b"image")
        assert peer.answer("1")["type"] == "verdict"


def test_t24_a_thousand_connections_leave_nothing(port: int, bridge: BridgeServer, key: BrowserKey) -> None:
    """Half of them turned away at the gate, half paired with an image judged."""
    process = psutil.Process(os.getpid())

    def visit(number: int) -> None:
        if number % 2:
            exchange(port, head(port, origin=()))
            return
        with Peer(port) as peer:
            peer.pair(key)
            peer.submit("1", b"image %d" % number)
            assert peer.answer("1")["type"] == "verdict"

    for number in range(50):
        visit(number)
    wait_for("connections", 0, bridge.connections)
    gc.collect()
    descriptors, memory, threads = process.num_fds(), rss_mib(), threading.active_count()
    for number in range(1000):
        visit(number)
    wait_for("connections", 0, bridge.connections)
    gc.collect()
    assert process.num_fds() <= descriptors + 2
    assert rss_mib() - memory < 8
    assert threading.active_count() == threads
    left = [known for known in gc.get_objects() if type(known) in (connection.Connection, Session)]
    assert len(left) <= 2, "at most the last one is still named somewhere"
    assert bridge.load() == (0, 0)


def make(judge: Judge, keys: KeyStore, ports: tuple[int, ...]) -> BridgeServer:
    return BridgeServer(judge, lambda *_: None, keys, app="0.1.0", model=lambda: None, ports=ports)


def test_t26_two_apps_share_the_list_of_ports(judge: Judge, keys: KeyStore, key: BrowserKey) -> None:
    with ExitStack() as stack:
        ports = []
        for _ in range(2):  # two numbers that are free now
            sock = socket.create_server(("127.0.0.1", 0))
            ports.append(sock.getsockname()[1])
            sock.close()
        for expected in ports:
            server = make(judge, keys, (ports[0], ports[1]))
            stack.callback(server.stop)
            assert server.start() == expected
            with Peer(expected) as peer:
                assert peer.pair(key)["type"] == "welcome"


def test_t26_ports_all_taken_by_other_programs_are_named(judge: Judge, keys: KeyStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = make(judge, keys, (port,))
        with pytest.raises(BridgeError, match=f"other programs hold every port NoiseLens uses \\({port}\\)"):
            server.start()
        server.stop()


def test_stopping_before_starting_and_twice_does_nothing(judge: Judge, keys: KeyStore) -> None:
    server = make(judge, keys, (0,))
    server.stop()
    server.start()
    server.stop()
    server.stop()
    assert "noiselens-bridge" not in {thread.name for thread in threading.enumerate()}


def test_an_image_waits_unread_until_there_is_memory_for_it(
    port: int, bridge: BridgeServer, keys: KeyStore, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "BUDGET_BYTES", server_module.UNPACKING_BYTES + 4 * MIB)
    monkeypatch.setattr(connection, "MESSAGE_S", 0.5)  # waiting for memory is not the sender's slowness
    judge.hold = Future()
    images = [bytes([n]) * (3 * MIB) for n in range(3)]
    with ExitStack() as stack:
        peers = [stack.enter_context(Peer(port)) for _ in images]
        for peer in peers:
            peer.pair(keys.create("One of three"))
        senders = [
            threading.Thread(target=peer.submit, args=("1", data)) for peer, data in zip(peers, images, strict=True)
        ]
        for sender in senders:
            sender.start()
        time.sleep(1.5)
        assert bridge.load() == (3, 3 * MIB)
        judge.hold.set_result(None)
        assert [peer.answer("1")["type"] for peer in peers] == ["verdict"] * 3
        for sender in senders:
            sender.join()
    wait_for("load", (0, 0), bridge.load)
