"""Messages of bridge protocol v1: text to frozen dataclasses and back, nothing else (extension/PROTOCOL.md).

What a client sends is read here with no trust: one flat JSON object, no duplicate key, no NaN, no long number, every
field of its declared type and range. Fields this version does not know are ignored, so that a newer client can talk
to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, NoReturn

VERSION = 1
PATH = "/noiselens/v1"
SUBPROTOCOL = "noiselens.v1"
PORTS = (48211, 48212, 48213, 48214, 48215)  # tried in this order, by the server and by the extension
# Chromium derives it from the `key` in extension/manifest.json.
EXTENSION_ORIGIN = "chrome-extension://apgaodngkolinhogingejbgjoknmjbdo"

CONTROL_BYTES = 4 * 2**10  # longest text message, UTF-8
IMAGE_BYTES = 32 * 2**20  # largest image


class MessageError(Exception):
    """A text that is no message of this protocol; `str(error)` may be sent to the client.

    Attributes:
        code: stable name for the `error` message.
        id: the id the text carried, when that much could be read.
    """

    def __init__(self, code: str, text: str, id_: str | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.id = id_


Check = Callable[[Any], bool]


def _is_int(low: int, high: int) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _matches(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _checked(check: Check, **options: Any) -> Any:
    return field(metadata={"check": check}, **options)


_ID = _matches(r"[A-Za-z0-9_-]{1,64}")
_KEY_ID = _matches(r"[0-9a-f]{8}")
_BASE64_32 = _matches(r"[A-Za-z0-9_-]{43}")  # 32 bytes, base64url without padding
_SHA256 = _matches(r"[0-9a-f]{64}")
_MIME = _matches(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}|")
# No control sign, no separator, nothing that turns the direction of the text around it.
_NAME = _matches(r"[^\x00-\x1f\x7f-\x9f/\\\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069]{0,200}")
_CLIENT = _matches(r"[A-Za-z0-9.+-]{1,40}")
_LABEL = _matches(r"real|generated")


@dataclass(frozen=True)
class Hello:
    """First message: which key the client holds, its nonce (32 random bytes) and its own version."""

    type: ClassVar[str] = "hello"
    v: int = _checked(_is_int(1, 1000))
    key_id: str = _checked(_KEY_ID)
    nonce: str = _checked(_BASE64_32)
    client: str = _checked(_CLIENT)


@dataclass(frozen=True)
class Auth:
    """The client's MAC, sent only after it has checked the server's."""

    type: ClassVar[str] = "auth"
    mac: str = _checked(_BASE64_32)


@dataclass(frozen=True)
class Image:
    """Header of an image; its bytes follow in one binary message.

    bytes: length of that message. mime: what the browser was told, "" if nothing. name: the image's own file name, ""
    if it has none. width, height: natural pixels as the page knows them, 0 if it does not.
    """

    type: ClassVar[str] = "image"
    id: str = _checked(_ID)
    bytes: int = _checked(_is_int(0, 2**53))
    sha256: str = _checked(_SHA256)
    mime: str = _checked(_MIME)
    name: str = _checked(_NAME)
    width: int = _checked(_is_int(0, 2**31))
    height: int = _checked(_is_int(0, 2**31))


@dataclass(frozen=True)
class Cancel:
    """The client no longer wants the answer of image `id`."""

    type: ClassVar[str] = "cancel"
    id: str = _checked(_ID)


@dataclass(frozen=True)
class Label:
    """The user says what an image is."""

    type: ClassVar[str] = "label"
    id: str = _checked(_ID)
    sha256: str = _checked(_SHA256)
    label: str = _checked(_LABEL)


@dataclass(frozen=True)
class Ping:
    """Asks for a sign of life."""

    type: ClassVar[str] = "ping"
    id: str = _checked(_ID)


ClientMessage = Hello | Auth | Image | Cancel | Label | Ping
_CLIENT_TYPES: dict[str, type[ClientMessage]] = {cls.type: cls for cls in (Hello, Auth, Image, Cancel, Label, Ping)}


@dataclass(frozen=True)
class Challenge:
    """The server's nonce, and its MAC that shows that it holds the same key. app: the app's version."""

    type: ClassVar[str] = "challenge"
    v: int
    nonce: str
    mac: str
    app: str


@dataclass(frozen=True)
class Welcome:
    """Both sides are known. model: None while it is still being loaded."""

    type: ClassVar[str] = "welcome"
    app: str
    model: str | None
    max_bytes: int


@dataclass(frozen=True)
class Queued:
    """Image `id` has a place."""

    type: ClassVar[str] = "queued"
    id: str


@dataclass(frozen=True)
class Progress:
    """The bytes of image `id` have come and their hash is right; stage: "judging"."""

    type: ClassVar[str] = "progress"
    id: str
    stage: str


@dataclass(frozen=True)
class VerdictReply:
    """The answer. verdict: `Verdict.to_json()`."""

    type: ClassVar[str] = "verdict"
    id: str
    verdict: dict[str, Any]


@dataclass(frozen=True)
class Refused:
    """The image will not be judged; text is a sentence for the user."""

    type: ClassVar[str] = "refused"
    id: str
    code: str
    text: str


@dataclass(frozen=True)
class Busy:
    """No place now; the image may be sent again, under a new id, after `retry_ms`."""

    type: ClassVar[str] = "busy"
    id: str
    retry_ms: int


@dataclass(frozen=True)
class Labelled:
    """The label is filed."""

    type: ClassVar[str] = "labelled"
    id: str


@dataclass(frozen=True)
class Pong:
    """The sign of life."""

    type: ClassVar[str] = "pong"
    id: str


@dataclass(frozen=True)
class Tick:
    """Sent every 20 s while jobs run: Chromium ends a worker whose socket is silent for 30 s."""

    type: ClassVar[str] = "tick"


@dataclass(frozen=True)
class Error:
    """A message that was not followed. id: the message's, or None when it could not be read."""

    type: ClassVar[str] = "error"
    id: str | None
    code: str
    text: str


ServerMessage = Challenge | Welcome | Queued | Progress | VerdictReply | Refused | Busy | Labelled | Pong | Tick | Error


def encode(message: ClientMessage | ServerMessage) -> str:
    """Return the message's JSON text: `type` first, then the fields as declared, no spaces."""
    content = {f.name: getattr(message, f.name) for f in fields(message)}
    return json.dumps({"type": message.type} | content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def parse(text: str) -> ClientMessage:
    """Read one client message. Raises MessageError for anything that is not exactly one."""
    content = _flat_object(text)
    id_ = content.get("id")
    known_id = id_ if _ID(id_) else None
    cls = _CLIENT_TYPES.get(content["type"]) if isinstance(content.get("type"), str) else None
    if cls is None:
        raise MessageError("unknown_type", "This version of NoiseLens does not know that type of message.", known_id)
    values = {}
    for f in fields(cls):
        if f.name in content:
            if not f.metadata["check"](content[f.name]):
                raise MessageError("bad_message", f"Field '{f.name}' of '{cls.type}' is out of range.", known_id)
            values[f.name] = content[f.name]
    try:
        return cls(**values)
    except TypeError:
        raise MessageError("bad_message", f"'{cls.type}' lacks a field.", known_id) from None


def _flat_object(text: str) -> dict[str, Any]:
    if len(text) > CONTROL_BYTES:
        raise MessageError("bad_message", f"A control message has at most {CONTROL_BYTES} bytes.")
    try:
        content = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_short_int,
            parse_float=_short_float,
        )
    except (ValueError, RecursionError):
        raise MessageError("bad_message", "That is not strict JSON.") from None
    if not isinstance(content, dict) or any(isinstance(value, dict | list) for value in content.values()):
        raise MessageError("bad_message", "A control message is one flat JSON object.")
    return content


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("duplicate key")
    return content


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _short_int(digits: str) -> int:
    if len(digits) > 17:
        raise ValueError("number too long")
    return int(digits)


def _short_float(digits: str) -> float:
    if len(digits) > 32:
        raise ValueError("number too long")
    return float(digits)
