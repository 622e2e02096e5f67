"""The gate before the upgrade: decides on the head of an HTTP request, with no socket in sight.

A web page can open this port, a re-bound name can point at it and a port scanner will find it; none may learn more
than an empty refusal, and no answer ever carries a CORS header.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from .protocol import PATH

HEAD_BYTES = 8 * 2**10
END = b"\r\n\r\n"
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff]*?)[ \t]*")


@dataclass(frozen=True)
class Passed:
    """The request may be upgraded. origin: whose it is."""

    origin: str


def check(head: bytes, port: int, may_pass: Callable[[str], bool]) -> Passed | HTTPStatus:
    """Judge a request head (up to and with the empty line); return Passed or the status to refuse it with.

    may_pass: whether an Origin is one of ours.
    """
    request, *lines = head.removesuffix(END).split(b"\r\n")
    method, _, rest = request.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if version != b"HTTP/1.1":
        return HTTPStatus.BAD_REQUEST
    headers: dict[bytes, list[bytes]] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            return HTTPStatus.BAD_REQUEST
        headers.setdefault(match[1].lower(), []).append(match[2])
    if headers.get(b"host") != [f"127.0.0.1:{port}".encode()]:
        return HTTPStatus.FORBIDDEN
    if target != PATH.encode():
        return HTTPStatus.NOT_FOUND
    origin = b"|".join(headers.get(b"origin", [])).decode("latin-1")
    if method != b"GET" or not may_pass(origin):
        return HTTPStatus.FORBIDDEN
    return Passed(origin)


def refusal(status: HTTPStatus) -> bytes:
    """Return the whole answer for a refused request: no body, nothing about us."""
    return f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
