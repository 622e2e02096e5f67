"""Text to frozen dataclasses and back, with no trust in what comes in: the machinery under every message we exchange.

One flat JSON object, no duplicate key, no NaN, no long number, every field of its declared type and range. Fields a
class does not declare are ignored, so that a newer client can talk to us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from typing import Any, ClassVar, NoReturn, Protocol, TypeVar

CONTROL_BYTES = 4 * 2**10  # longest text message, UTF-8


class Message(Protocol):
    """A frozen dataclass with a type name; its fields carry their check in their metadata."""

    type: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


M = TypeVar("M", bound=Message)


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


def is_int(low: int, high: int) -> Check:
    """Return a check for an integer in [low, high]; true and false are none."""
    return lambda value: type(value) is int and low <= value <= high


def matches(pattern: str) -> Check:
    """Return a check for a string that fits the whole pattern."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def checked(check: Check, **options: Any) -> Any:
    """Declare a dataclass field whose value must pass the check when it comes from outside."""
    return field(metadata={"check": check}, **options)


ID = matches(r"[A-Za-z0-9_-]{1,64}")


def encode(message: Message) -> str:
    """Return the message's JSON text: `type` first, then the fields as declared, no spaces."""
    content = {f.name: getattr(message, f.name) for f in fields(message)}
    return json.dumps({"type": message.type} | content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def parse(text: str, types: Mapping[str, type[M]]) -> M:
    """Read one message of these types. Raises MessageError for anything that is not exactly one."""
    content = _flat_object(text)
    id_ = content.get("id")
    known_id = id_ if ID(id_) else None
    cls = types.get(content["type"]) if isinstance(content.get("type"), str) else None
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
