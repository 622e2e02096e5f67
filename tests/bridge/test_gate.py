"""T1-T7: what may pass before the upgrade."""

from __future__ import annotations

import os
import socket

import psutil
import pytest
from tests.bridge.peer import exchange, head, open_raw

from noiselens_desktop.bridge import protocol as p

OURS = p.EXTENSION_ORIGIN


def assert_refused(answer: bytes, *statuses: int) -> None:
    first, _, rest = answer.partition(b"\r\n")
    assert int(first.split()[1]) in statuses, answer
    headers, end, body = rest.partition(b"\r\n\r\n")
    assert end
    assert body == b""
    assert b"access-control" not in headers.lower()
    assert headers.lower().split(b"\r\n") == [b"content-length: 0", b"connection: close"]


def test_the_right_request_passes(port: int) -> None:
    with open_raw(port) as sock:
        sock.sendall(head(port))
        answer = sock.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Protocol: noiselens.v1" in answer
    assert b"Sec-WebSocket-Extensions" not in answer


@pytest.mark.parametrize(
    "origin",
    [
        ("https://evil.test",),
        ("null",),
        ("",),
        (OURS, OURS),
        (OURS, "https://evil.test"),
        (f"{OURS}, {OURS}",),
        (f"{OURS}|{OURS}",),
        ("chrome-extension://aaaabbbbccccddddaaaabbbbccccdddd",),
        ("moz-extension://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",),
        (f"{OURS}/",),
        (OURS.upper(),),
        (f"http://{OURS.removeprefix('chrome-extension://')}",),
    ],
)
def test_t1_other_origins_are_refused(port: int, origin: tuple[str, ...]) -> None:
    assert_refused(exchange(port, head(port, origin=origin)), 403)


def test_t2_no_origin_is_refused(port: int) -> None:
    assert_refused(exchange(port, head(port, origin=())), 403)


@pytest.mark.parametrize(
    "hosts",
    [
        ("evil.test:{port}",),
        ("localhost:{port}",),
        ("127.0.0.1",),
        ("127.0.0.1:1{port}",),
        ("[::1]:{port}",),
        ("127.0.0.1.:{port}",),
        ("127.1:{port}",),
        ("127.0.0.1:{port}", "127.0.0.1:{port}"),
        ("127.0.0.1:{port}, evil.test",),
        ("user@127.0.0.1:{port}",),
        ("",),
        (),
    ],
)
def test_t3_other_hosts_are_refused(port: int, hosts: tuple[str, ...]) -> None:
    assert_refused(exchange(port, head(port, host=tuple(host.format(port=port) for host in hosts))), 403)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/noiselens",
        "/noiselens/v1/",
        "/noiselens/v2",
        "//noiselens/v1",
        "/./noiselens/v1",
        "/noiselens/../noiselens/v1",
        "/noiselens%2fv1",
        "/NOISELENS/V1",
        "/noiselens/v1?",
        "/noiselens/v1?token=0123456789abcdef",
        "/noiselens/v1#a",
        "http://127.0.0.1/noiselens/v1",
        "/noiselens/v1 ",
        "*",
        "/" + "a" * 4096,
    ],
)
def test_t4_other_paths_are_not_found(port: int, target: str) -> None:
    assert_refused(exchange(port, head(port, request=f"GET {target} HTTP/1.1")), 404)


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "HEAD", "PUT", "DELETE", "CONNECT", "get"])
def test_t5_other_methods_get_no_body_and_no_cors_header(port: int, method: str) -> None:
    assert_refused(exchange(port, head(port, request=f"{method} /noiselens/v1 HTTP/1.1")), 403)


@pytest.mark.parametrize("request_line", ["GET /noiselens/v1 HTTP/1.1", "GET / HTTP/1.1"])
def test_t5_a_plain_get_of_a_page_gets_no_body_and_no_cors_header(port: int, request_line: str) -> None:
    assert_refused(exchange(port, head(port, request=request_line, origin=("https://evil.test",))), 403, 404)


def test_t6_a_preflight_gets_nothing_back(port: int) -> None:
    asked = (
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: x-noiselens",
        "Access-Control-Request-Private-Network: true",
        "Access-Control-Request-Local-Network: true",
    )
    answer = exchange(port, head(port, request="OPTIONS /noiselens/v1 HTTP/1.1", more=asked))
    assert_refused(answer, 403)
    assert b"noiselens" not in answer


def test_t7_only_loopback_is_bound(port: int) -> None:
    bound = [c.laddr for c in psutil.Process(os.getpid()).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert [address.ip for address in bound if address.port == port] == ["127.0.0.1"]


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_t7_the_ipv6_loopback_is_not_served(port: int) -> None:
    with socket.socket(socket.AF_INET6) as sock, pytest.raises(OSError):
        sock.connect(("::1", port))


@pytest.mark.parametrize(
    "line",
    ["Broken", "Bro ken: 1", "X-A: a\x00b", ": nameless", " folded: 1", "X-A: caf\xe9\x7f", "X\x80: 1"],
)
def test_malformed_headers_are_refused(port: int, line: str) -> None:
    assert_refused(exchange(port, head(port, more=(line,))), 400)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/2", "http/1.1", ""])
def test_other_http_versions_are_refused(port: int, version: str) -> None:
    assert_refused(exchange(port, head(port, request=f"GET /noiselens/v1 {version}")), 400)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"Upgrade: websocket\r\n", b""),
        (b"Connection: Upgrade\r\n", b"Connection: close\r\n"),
        (b"Sec-WebSocket-Version: 13\r\n", b"Sec-WebSocket-Version: 8\r\n"),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"c2hvcnQ="),
        (b"Sec-WebSocket-Protocol: noiselens.v1\r\n", b""),
        (b"Sec-WebSocket-Protocol: noiselens.v1", b"Sec-WebSocket-Protocol: noiselens.v2"),
    ],
)
def test_a_request_that_is_no_upgrade_to_our_protocol_is_refused(port: int, right: bytes, wrong: bytes) -> None:
    request = head(port)
    assert right in request
    assert_refused(exchange(port, request.replace(right, wrong)), 400)
