"""Messages of bridge protocol v1, and nothing else (extension/PROTOCOL.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from . import said, wire
from .wire import ID, checked, is_int, matches

VERSION = 1
PATH = "/noiselens/v1"
SUBPROTOCOL = "noiselens.v1"
PORTS = (48211, 48212, 48213, 48214, 48215)  # tried in this order, by the server and by the extension
# Chromium derives it from the `key` in extension/manifest.json.
EXTENSION_ORIGIN = "chrome-extension://apgaodngkolinhogingejbgjoknmjbdo"
GECKO_ID = "noiselens@noiselens.invalid"  # in the same manifest; its Origin is another at each installation
FIREFOX_ORIGIN = re.compile(r"moz-extension://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

IMAGE_BYTES = 32 * 2**20  # largest image

# No control sign, no separator, nothing that turns the direction of the text around it.
_PLAIN = r"[^\x00-\x1f\x7f-\x9f/\\\ud800-\udfff\u200e\u200f\u2028-\u202e\u2066-\u2069]"

KEY_ID = matches(r"[0-9a-f]{8}")
BASE64_32 = matches(r"[A-Za-z0-9_-]{43}")  # 32 bytes, base64url without padding
BASE64_65 = matches(r"[A-Za-z0-9_-]{87}")  # a public key
BROWSER = matches(_PLAIN + "{1,60}")  # what a browser calls itself
CLIENT = matches(r"[A-Za-z0-9.+-]{1,40}")  # version of the extension
_SHA256 = matches(r"[0-9a-f]{64}")
_MIME = matches(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}|")
_NAME = matches(_PLAIN + "{0,200}")
_LABEL = matches(r"real|generated")
_PAGE = matches(r"https?://[!#-;=?-\[\]-~]{1,1990}|")  # as browsers write addresses; nothing that could be markup


@dataclass(frozen=True)
class Hello:
    """First message: which key the client holds, its nonce (32 random bytes) and its own version."""

    type: ClassVar[str] = "hello"
    v: int = checked(is_int(1, 1000))
    key_id: str = checked(KEY_ID)
    nonce: str = checked(BASE64_32)
    client: str = checked(CLIENT)


@dataclass(frozen=True)
class Auth:
    """The client's MAC, sent only after it has checked the server's."""

    type: ClassVar[str] = "auth"
    mac: str = checked(BASE64_32)


@dataclass(frozen=True)
class Image:
    """Header of an image; its bytes follow in one binary message.

    bytes: length of that message. mime: what the browser was told, "" if nothing. name: the image's own file name, ""
    if it has none. width, height: natural pixels as the page knows them, 0 if it does not. page: address of the page
    it stands in, "" unless the user lets it be sent.
    """

    type: ClassVar[str] = "image"
    id: str = checked(ID)
    bytes: int = checked(is_int(0, 2**53))
    sha256: str = checked(_SHA256)
    mime: str = checked(_MIME)
    name: str = checked(_NAME)
    width: int = checked(is_int(0, 2**31))
    height: int = checked(is_int(0, 2**31))
    page: str = checked(_PAGE, default="")


@dataclass(frozen=True)
class Cancel:
    """The client no longer wants the answer of image `id`."""

    type: ClassVar[str] = "cancel"
    id: str = checked(ID)


@dataclass(frozen=True)
class Label:
    """The user says what an image is."""

    type: ClassVar[str] = "label"
    id: str = checked(ID)
    sha256: str = checked(_SHA256)
    label: str = checked(_LABEL)


@dataclass(frozen=True)
class Open:
    """The user wants to see this image's verdict in the app's window."""

    type: ClassVar[str] = "open"
    id: str = checked(ID)
    sha256: str = checked(_SHA256)


@dataclass(frozen=True)
class Ping:
    """Asks for a sign of life."""

    type: ClassVar[str] = "ping"
    id: str = checked(ID)


@dataclass(frozen=True)
class Pair:
    """A browser without a key wants one, while the app's pairing window is open.

    commit: what binds it to the public key and the nonce it will reveal. name: what it calls itself.
    """

    type: ClassVar[str] = "pair"
    v: int = checked(is_int(1, 1000))
    commit: str = checked(BASE64_32)
    client: str = checked(CLIENT)
    name: str = checked(BROWSER)


@dataclass(frozen=True)
class PairReveal:
    """The client's public key and nonce, sent after it has the app's."""

    type: ClassVar[str] = "pair_reveal"
    public: str = checked(BASE64_65)
    nonce: str = checked(BASE64_32)


@dataclass(frozen=True)
class PairConfirm:
    """The user has said in the browser that both sides show the same code."""

    type: ClassVar[str] = "pair_confirm"
    mac: str = checked(BASE64_32)


ClientMessage = Hello | Auth | Image | Cancel | Label | Open | Ping | Pair | PairReveal | PairConfirm
_CLIENT_TYPES: dict[str, type[ClientMessage]] = {
    cls.type: cls for cls in (Hello, Auth, Image, Cancel, Label, Open, Ping, Pair, PairReveal, PairConfirm)
}


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
    """The answer. verdict: `Verdict.to_json()`. why: code and values of each of its reasons, None where it has none."""

    type: ClassVar[str] = "verdict"
    id: str
    verdict: dict[str, Any]
    why: list[list[str] | None] = field(init=False)

    def __post_init__(self) -> None:
        """Say the reasons in codes."""
        object.__setattr__(self, "why", [said.why(reason) for reason in self.verdict["reasons"]])


@dataclass(frozen=True)
class Refused(said.Told):
    """The image will not be judged; text is a sentence for the user, why the same as a code and values."""

    type: ClassVar[str] = "refused"
    id: str
    code: str
    text: str
    why: list[str] | None = field(init=False)


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
class Opened:
    """The window shows the image."""

    type: ClassVar[str] = "opened"
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
class Error(said.Told):
    """A message that was not followed. id: the message's, or None when it could not be read. why: as in Refused."""

    type: ClassVar[str] = "error"
    id: str | None
    code: str
    text: str
    why: list[str] | None = field(init=False)


@dataclass(frozen=True)
class PairOffer:
    """The app's public key and nonce for a pairing. app: the app's version."""

    type: ClassVar[str] = "pair_offer"
    v: int
    public: str
    nonce: str
    app: str


@dataclass(frozen=True)
class Paired:
    """Both sides were told that the codes agree: the key is kept."""

    type: ClassVar[str] = "paired"
    key_id: str
    mac: str


ServerMessage = (
    Challenge
    | Welcome
    | Queued
    | Progress
    | VerdictReply
    | Refused
    | Busy
    | Labelled
    | Opened
    | Pong
    | Tick
    | Error
    | PairOffer
    | Paired
)


def parse(text: str) -> ClientMessage:
    """Read one client message. Raises MessageError for anything that is not exactly one."""
    return wire.parse(text, _CLIENT_TYPES)
