"""A state machine walks the conversation without a socket: whatever comes in whatever order, what must hold holds."""

from __future__ import annotations

import secrets
import tempfile
from hashlib import sha256
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.bridge.peer import Half

from noiselens_desktop.bridge import protocol as p
from noiselens_desktop.bridge.auth import LOCK_S, Handshake, Lockout, from_base64, to_base64
from noiselens_desktop.bridge.exchange import WINDOW_S, PairingWindow, Phase
from noiselens_desktop.bridge.pairing import KeyStore
from noiselens_desktop.bridge.session import (
    Close,
    CloseCode,
    Effect,
    Expect,
    FileLabel,
    Judge,
    Send,
    Session,
    Show,
    Withdraw,
)
from noiselens_desktop.bridge.wire import encode

PORT = 48211
PLACES = 3
IMAGES = [b"", b"x", b"image" * 50]
EMPTY = p.Image("a", 0, sha256(b"").hexdigest(), "", "", 0, 0)
NOTHING = to_base64(bytes(32))
HASH = "0" * 64
ASKED = [p.Ping("a"), p.Cancel("a"), p.Label("a", HASH, "real"), p.Open("a", HASH), EMPTY, b"x"]
IDS = st.sampled_from(["a", "b", "c", "d"])


class Room:
    """A queue with few places, which counts them."""

    app = "0.1.0"

    def __init__(self) -> None:
        self.taken = 0

    def model(self) -> str | None:
        return None

    def take_place(self) -> bool:
        if self.taken == PLACES:
            return False
        self.taken += 1
        return True

    def give_place(self) -> None:
        self.taken -= 1


class Conversation(RuleBasedStateMachine):
    """One app that outlives many sessions, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = 0.0
        self.keys = KeyStore(Path(self.folder.name) / "browsers.json")
        self.room = Room()
        self.lockout = Lockout(lambda: self.now)
        self.window = PairingWindow(lambda: self.now)
        self.judging = 0  # images given to the judge and not yet answered: each holds a place
        self.paired = 0  # keys made by a pairing

    @initialize()
    def begin(self) -> None:
        self.known = [self.keys.create("A"), self.keys.create("B", "moz-extension://other")]
        self.connect()

    def connect(self) -> None:
        self.session = Session(p.EXTENSION_ORIGIN, PORT, self.keys, self.lockout, self.window, self.room)
        self.handshake: Handshake | None = None
        self.header: p.Image | None = None
        self.spent: set[str] = set()
        self.half: Half | None = None
        self.revealed = self.confirmed = self.app_confirmed = self.proved = False

    def teardown(self) -> None:
        self.session.abandon()
        assert self.room.taken == self.judging
        self.folder.cleanup()

    def say(self, message: p.ClientMessage | str) -> list[Effect]:
        return self.follow(self.session.on_text(message if isinstance(message, str) else encode(message)))

    def follow(self, effects: list[Effect]) -> list[Effect]:
        """Do what a server does with these, and check what may be among them."""
        for effect in effects:
            if isinstance(effect, Judge | FileLabel | Show | Withdraw | Expect):
                assert self.session.authenticated
            if isinstance(effect, Judge):
                assert self.header is not None
                assert (len(effect.data), sha256(effect.data).hexdigest()) == (self.header.bytes, self.header.sha256)
                self.judging += 1
            if isinstance(effect, Close):
                self.session.abandon()
                assert self.session.expected is None
                assert self.room.taken == self.judging
                self.connect()
        return effects

    # Who is there.

    @precondition(lambda self: not self.session.authenticated)
    @rule(which=st.integers(0, 1), v=st.sampled_from([1, 1, 1, 2]))
    def hello(self, which: int, v: int) -> None:
        key, nonce, locked = self.known[which], secrets.token_bytes(32), self.lockout.locked(p.EXTENSION_ORIGIN)
        fresh = self.handshake is None and self.half is None
        effects = self.say(p.Hello(v, key.id, to_base64(nonce), "0.1.0"))
        challenged = [e.message for e in effects if isinstance(e, Send) and isinstance(e.message, p.Challenge)]
        valid = which == 0 and self.keys.get(key.id) is not None
        if challenged:
            assert fresh
            assert valid
            assert not locked
            self.handshake = Handshake(key.id, p.EXTENSION_ORIGIN, PORT, nonce, from_base64(challenged[0].nonce))
            assert self.handshake.proves(key.secret, from_base64(challenged[0].mac))
        elif fresh and valid and not locked and v == 1:
            raise AssertionError("a right hello was not answered")

    @precondition(lambda self: not self.session.authenticated)
    @rule(right=st.booleans())
    def auth(self, right: bool) -> None:
        mac = secrets.token_bytes(32)
        if right and self.handshake is not None:
            mac = self.handshake.client_mac(self.known[0].secret)
            self.proved = True
        before = self.session
        self.say(p.Auth(to_base64(mac)))
        if not right:
            assert not before.authenticated or self.session is not before

    @precondition(lambda self: self.session.authenticated)
    @rule(message=st.sampled_from([p.Auth(NOTHING), p.Pair(1, NOTHING, "0.1.0", "B"), p.PairConfirm(NOTHING)]))
    def too_late(self, message: p.ClientMessage) -> None:
        assert [type(effect) for effect in self.say(message)] == [Close]

    @precondition(lambda self: self.session.authenticated)
    @rule()
    def revoke_and_pair_again(self) -> None:
        self.keys.revoke(self.known[0].id)
        assert not self.session.authenticated or self.session.revoked()
        self.say(p.Ping("x"))
        assert not self.session.authenticated
        self.known[0] = self.keys.create("A")

    @precondition(lambda self: not self.session.authenticated)
    @rule()
    def come_in(self) -> None:
        """Do all that a browser with a key does, so that the walk spends its steps behind the gate."""
        if self.lockout.locked(p.EXTENSION_ORIGIN):
            self.now += LOCK_S
        self.leave()
        self.hello(0, 1)
        self.auth(True)
        assert self.session.authenticated

    @precondition(lambda self: not self.session.authenticated)
    @rule(message=st.sampled_from(ASKED))
    def stranger_asks(self, message: p.ClientMessage | bytes) -> None:
        before = self.session
        effects = self.follow(before.on_binary(message)) if isinstance(message, bytes) else self.say(message)
        assert [type(effect) for effect in effects] == [Close]

    # Images.

    @precondition(lambda self: self.session.authenticated)
    @rule(id_=IDS, data=st.sampled_from(IMAGES), lie=st.sampled_from([0, 0, 0, 1, p.IMAGE_BYTES]))
    def announce(self, id_: str, data: bytes, lie: int) -> None:
        header = p.Image(id_, len(data) + lie, sha256(data).hexdigest(), "", "", 0, 0)
        spent, session = id_ in self.spent, self.session
        effects = self.say(header)
        queued = any(isinstance(effect, Send) and isinstance(effect.message, p.Queued) for effect in effects)
        assert not (queued and spent)
        if self.session is session:
            self.spent.add(id_)
        if any(isinstance(effect, Expect) for effect in effects):
            self.header = header

    @precondition(lambda self: self.session.authenticated and self.spent and self.session.expected is None)
    @rule(data=st.sampled_from(IMAGES))
    def announce_again(self, data: bytes) -> None:
        self.announce(min(self.spent), data, 0)

    @precondition(lambda self: self.session.authenticated)
    @rule(data=st.sampled_from(IMAGES))
    def send_bytes(self, data: bytes) -> None:
        self.follow(self.session.on_binary(data))
        self.header = None

    @precondition(lambda self: self.session.authenticated and self.session.expected is None)
    @rule(id_=IDS, data=st.sampled_from(IMAGES))
    def submit(self, id_: str, data: bytes) -> None:
        self.announce(id_, data, 0)
        self.send_bytes(data)

    @precondition(lambda self: self.session.authenticated)
    @rule(id_=IDS)
    def cancel(self, id_: str) -> None:
        self.say(p.Cancel(id_))

    @precondition(lambda self: self.judging)
    @rule()
    def judged(self) -> None:
        self.judging -= 1
        self.room.give_place()

    @rule(text=st.one_of(st.text(max_size=40), st.sampled_from(["{}", '{"type":"dance","id":"a"}', "[" * 5000])))
    def nonsense(self, text: str) -> None:
        before, authenticated = self.session, self.session.authenticated
        effects = self.say(text)
        assert len(effects) == 1
        assert (self.session is before) == authenticated  # a stranger gets no second try

    @precondition(lambda self: self.session.authenticated)
    @rule()
    def label(self) -> None:
        self.say(p.Label("l", HASH, "real"))

    @precondition(lambda self: self.session.authenticated)
    @rule()
    def open(self) -> None:
        assert self.say(p.Open("o", HASH)) == [Show("o", HASH)]

    # Pairing by code.

    @precondition(lambda self: not self.session.authenticated)
    @rule()
    def open_window(self) -> None:
        self.window.open()

    @precondition(lambda self: not self.session.authenticated)
    @rule()
    def close_window(self) -> None:
        self.window.close()

    @precondition(lambda self: not self.session.authenticated)
    @rule(seconds=st.sampled_from([1.0, 70.0, WINDOW_S]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: not self.session.authenticated)
    @rule()
    def pair(self) -> None:
        half, open_ = Half(p.EXTENSION_ORIGIN, PORT), self.window.state().is_open
        effects = self.say(p.Pair(p.VERSION, half.commit, "0.1.0", "Chromium"))
        for effect in effects:
            if isinstance(effect, Send) and isinstance(effect.message, p.PairOffer):
                assert open_
                half.meet(effect.message.public, effect.message.nonce)
                self.half = half

    @precondition(lambda self: self.half is not None)
    @rule(right=st.booleans())
    def reveal(self, right: bool) -> None:
        assert self.half is not None
        half = self.half if right else Half(p.EXTENSION_ORIGIN, PORT)
        before = self.session
        self.say(p.PairReveal(to_base64(half.public), to_base64(half.nonce)))
        if self.session is before:
            assert right
            assert self.window.state().code == half.code
            self.revealed = True

    @precondition(lambda self: not self.session.authenticated)
    @rule()
    def come_to_the_code(self) -> None:
        """Do all that a browser without a key does until both sides show the code."""
        self.leave()
        self.window.open()
        self.pair()
        self.reveal(True)
        assert self.window.state().phase is Phase.COMPARING

    @precondition(lambda self: not self.session.authenticated)
    @rule()
    def app_confirms(self) -> None:
        self.window.confirm()
        self.app_confirmed = self.window.holds(self.session)
        self.finish(self.session.complete_pairing())

    @precondition(lambda self: self.half is not None)
    @rule(right=st.booleans())
    def browser_confirms(self, right: bool) -> None:
        assert self.half is not None
        before = self.session
        message = self.half.confirmation() if right else p.PairConfirm(to_base64(secrets.token_bytes(32)))
        self.confirmed = right and self.revealed
        effects = self.session.on_text(encode(message))
        if not right:
            assert any(isinstance(effect, Close) for effect in effects)
        self.finish(effects)
        assert self.session is before or effects

    def finish(self, effects: list[Effect]) -> None:
        done = [
            effect.message for effect in effects if isinstance(effect, Send) and isinstance(effect.message, p.Paired)
        ]
        if done:
            assert self.half is not None
            assert self.revealed
            assert self.confirmed
            assert self.app_confirmed
            key = self.keys.get(done[0].key_id)
            assert key is not None
            assert key.secret == self.half.key
            assert Close(CloseCode.NORMAL, "paired") in effects
            assert self.window.state().phase is Phase.PAIRED
            self.paired += 1
        self.follow(effects)

    @rule()
    def leave(self) -> None:
        self.session.abandon()
        assert self.room.taken == self.judging
        self.connect()

    @invariant()
    def nobody_speaks_without_the_key(self) -> None:
        if hasattr(self, "session"):
            assert not self.session.authenticated or self.proved
            assert not (self.session.authenticated and self.session.pairing)

    @invariant()
    def every_place_is_accounted_for(self) -> None:
        if hasattr(self, "session"):
            waits = self.room.taken - self.judging
            assert waits in (0, 1)
            assert waits == 0 or self.session.expected is not None

    @invariant()
    def keys_come_from_pairing_alone(self) -> None:
        if hasattr(self, "session"):
            assert len(self.keys.paired()) == 2 + self.paired


Conversation.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
TestConversation = Conversation.TestCase
