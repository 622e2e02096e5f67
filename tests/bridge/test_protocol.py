"""The messages as text: the golden ones, and what is refused."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.auth import Handshake, from_base64, to_base64
from noiselens_desktop.bridge.wire import MessageError, encode

GOLDEN = Path(__file__).parents[1] / "protocol"
MESSAGES: dict[str, Any] = json.loads((GOLDEN / "messages.json").read_text("utf-8"))
BY_CODE: dict[str, Any] = MESSAGES["pairing_by_code"]
SERVER_TYPES = {
    cls.type: cls
    for cls in (
        p.Challenge, p.Welcome, p.Queued, p.Progress, p.VerdictReply, p.Refused, p.Busy, p.Labelled, p.Opened, p.Pong,
        p.Tick, p.Error, p.PairOffer, p.Paired,
    )
}  # fmt: skip
PING = '{"type":"ping","id":"a"}'


def test_the_golden_constants_are_ours() -> None:
    constants = MESSAGES["constants"]
    assert tuple(constants["ports"]) == p.PORTS
    assert constants["path"] == p.PATH
    assert constants["subprotocol"] == p.SUBPROTOCOL
    assert constants["version"] == p.VERSION
    assert constants["max_image_bytes"] == p.IMAGE_BYTES
    assert constants["origin"] == p.EXTENSION_ORIGIN


@pytest.mark.parametrize("text", MESSAGES["client"] + BY_CODE["client"])
def test_golden_client_messages_are_read_and_written_alike(text: str) -> None:
    message = p.parse(text)
    assert encode(message) == text
    assert {"type": message.type} | asdict(message) == json.loads(text)


def test_there_is_a_golden_message_of_every_type() -> None:
    assert {json.loads(text)["type"] for text in MESSAGES["client"] + BY_CODE["client"]} == {
        cls.type
        for cls in (
            p.Hello,
            p.Auth,
            p.Image,
            p.Cancel,
            p.Label,
            p.Open,
            p.Ping,
            p.Pair,
            p.PairReveal,
            p.PairConfirm,
        )
    }
    assert {json.loads(text)["type"] for text in MESSAGES["server"] + BY_CODE["server"]} == set(SERVER_TYPES)


@pytest.mark.parametrize("text", MESSAGES["server"] + BY_CODE["server"])
def test_golden_server_messages_are_what_we_write(text: str) -> None:
    content = json.loads(text)
    cls = SERVER_TYPES[content.pop("type")]
    content.pop("why", None)  # follows from the sentences
    assert encode(cls(**content)) == text


@pytest.mark.parametrize("text", MESSAGES["refused_by_the_app"] + BY_CODE["refused_by_the_app"])
def test_golden_refused_messages_are_refused(text: str) -> None:
    with pytest.raises(MessageError):
        p.parse(text)


def test_golden_macs_are_ours() -> None:
    golden = MESSAGES["macs"]
    nonces = from_base64(golden["client_nonce"]), from_base64(golden["server_nonce"])
    handshake = Handshake(golden["key_id"], golden["origin"], golden["port"], *nonces)
    key = from_base64(golden["key"])
    assert to_base64(handshake.server_mac(key)) == golden["server_mac"]
    assert to_base64(handshake.client_mac(key)) == golden["client_mac"]
    assert handshake.accepts(key, from_base64(golden["client_mac"]))
    assert not handshake.accepts(key, from_base64(golden["server_mac"]))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type":"ping","id":"a","x":' + "[" * 1900 + "]" * 1900 + "}",
        '{"type":"ping","id":"a","x":' + "9" * 1_000_000 + "}",
        '{"type":"ping","id":"a","x":' + "9" * 18 + "}",
        '{"type":"ping","id":"a","x":0.' + "9" * 40 + "}",
        "\ufeff" + PING,
        PING + PING,
    ],
    ids=["depth 1e5", "deep field", "1e6 digits", "18 digits", "40 decimals", "byte order mark", "two objects"],
)
def test_t18_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(MessageError):
        p.parse(text)


def test_fields_of_a_newer_client_are_ignored() -> None:
    assert p.parse('{"type":"ping","id":"a","since":1,"note":"b"}') == p.Ping("a")


def test_an_image_of_an_older_client_names_no_page() -> None:
    (with_page, *_) = (text for text in MESSAGES["client"] if '"page":"https' in text)
    content = json.loads(with_page)
    del content["page"]
    message = p.parse(json.dumps(content))
    assert isinstance(message, p.Image)
    assert message.page == ""


def test_an_error_carries_the_id_when_it_could_be_read() -> None:
    with pytest.raises(MessageError) as caught:
        p.parse('{"type":"dance","id":"a-1"}')
    assert (caught.value.code, caught.value.id) == ("unknown_type", "a-1")
    with pytest.raises(MessageError) as caught:
        p.parse('{"type":"dance","id":7}')
    assert caught.value.id is None
