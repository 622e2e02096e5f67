"""The bridge's server: a thread with its own event loop on 127.0.0.1, and the limits that all connections share."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus

from noiselens_core.errors import ImageRefusedError, NoiseLensError
from noiselens_core.verdict import Verdict

from . import gate
from . import protocol as p
from .auth import Lockout
from .connection import Connection
from .exchange import PairingState, PairingWindow
from .pairing import KeyStore, PairingError
from .session import CloseCode, Effect, FileLabel, Judge, Session, Show, Withdraw

HOST = "127.0.0.1"
MAX_CONNECTIONS = 16  # that passed the gate
MAX_STRANGERS = 8  # connections that have not authenticated
MAX_JOBS = 64  # images waiting or being judged
BUDGET_BYTES = 128 * 2**20  # memory for all images announced, coming in, waiting or being judged
UNPACKING_BYTES = p.IMAGE_BYTES  # of it: `websockets` copies a whole image as it takes a frame apart, one at a time
TICK_S = 20.0
SHOW_EVERY_S = 2.0  # how often browsers may bring the window to the front
SWEEP_S = 1.0  # how soon a key revoked by another process loses its open connections

log = logging.getLogger(__name__)


class BridgeError(NoiseLensError):
    """The bridge cannot be opened."""


class NoWindowError(NoiseLensError):
    """There is no window to show an image in."""


def no_window(sha256: str) -> None:
    """Show nothing: the app runs without a window. Raises NoWindowError."""
    raise NoWindowError("NoiseLens runs here without a window. Start the NoiseLens app to see the image there.")


@dataclass
class _Job:
    """One image being judged, and everyone who waits for it."""

    future: Future[Verdict]
    size: int
    waiters: list[tuple[Connection, str]] = field(default_factory=list)


class BridgeServer:
    """Answers paired browsers on one loopback port.

    judge(data, name, page) returns the future verdict of an image's bytes; it must not block. page: address of the page
    they stand in, "" when that was not sent. label(sha256, label) files what a user says of an image. show(sha256)
    brings the window to the front with an image, or raises a NoiseLensError. model() is the id of the loaded model. All
    are called on the bridge's thread.
    """

    def __init__(
        self,
        judge: Callable[[bytes, str, str], Future[Verdict]],
        label: Callable[[str, str], None],
        keys: KeyStore,
        *,
        app: str,
        model: Callable[[], str | None],
        show: Callable[[str], None] = no_window,
        ports: Sequence[int] = p.PORTS,
    ) -> None:
        self._judge, self._label, self._show, self._keys = judge, label, show, keys
        self._shown_at = -SHOW_EVERY_S
        self.app = app
        self.model = model
        self._ports = tuple(ports)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._started: Future[int] = Future()
        self._lockout = Lockout(time.monotonic)
        self._window = PairingWindow(time.monotonic)
        self._connections: dict[Connection, None] = {}  # in order of arrival
        self._jobs: dict[str, _Job] = {}
        self._places = 0  # taken
        self._bytes = 0  # granted
        self._waiting: dict[Connection, int] = {}  # bytes each needs, first come first served
        self._port = 0
        keys.watch(lambda: self._call_soon(self._drop_revoked))

    @property
    def port(self) -> int:
        """The port listened on; 0 before `start`."""
        return self._port

    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._connections)

    def load(self) -> tuple[int, int]:
        """Return the places taken in the queue and the bytes of memory granted."""
        return self._places, self._bytes

    def start(self) -> int:
        """Listen on the first free port and return it. Raises BridgeError when every one is taken."""
        self._thread = threading.Thread(target=self._run, name="noiselens-bridge", daemon=True)
        self._thread.start()
        return self._started.result()

    def stop(self) -> None:
        """Close every connection and end the thread. Safe to call twice, and before `start`."""
        if self._thread is None:
            return
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._thread = None

    # What the app asks while it pairs a browser by code, on any thread.

    def pairing(self) -> PairingState:
        """Return where the pairing stands."""
        return self._window.state()

    def open_pairing(self) -> None:
        """Let one browser be paired in the next WINDOW_S seconds."""
        self._window.open()
        self._call_soon(self._drop_revoked)

    def confirm_pairing(self) -> None:
        """The user has said that the browser shows the same code."""
        self._window.confirm()
        self._call_soon(self._complete_pairing)

    def close_pairing(self) -> None:
        """The user has said that the codes differ, or does not want to pair any more."""
        self._window.close()
        self._call_soon(self._drop_revoked)

    def _complete_pairing(self) -> None:
        for connection in list(self._connections):
            connection.complete_pairing()

    # What sessions ask (session.Room).

    def take_place(self) -> bool:
        """Take one place in the queue of images; False when there is none."""
        if self._places >= MAX_JOBS:
            return False
        self._places += 1
        return True

    def give_place(self) -> None:
        """Give a place back."""
        self._places -= 1

    # What connections ask (connection.Owner).

    def admit(self, connection: Connection) -> bool:
        """Take a connection in; when strangers are many, the oldest that has not even passed the gate makes room.

        So a flood of idle sockets, which any web page can open, does not keep a paired browser out.
        """
        strangers = [known for known in self._connections if not known.authenticated]
        if len(strangers) >= MAX_STRANGERS:
            idle = next((known for known in strangers if known.session is None), None)
            if idle is None:
                return False
            del self._connections[idle]
            idle.abort()
        self._connections[connection] = None
        return True

    def check(self, head: bytes) -> gate.Passed | HTTPStatus:
        """Judge a request head."""
        return gate.check(head, self._port, self._may_pass)

    def _may_pass(self, origin: str) -> bool:
        if p.FIREFOX_ORIGIN.fullmatch(origin) and self._window.state().is_open:
            return True
        try:
            return origin in self._keys.origins()
        except PairingError as error:
            log.error("%s", error)
            return False

    def open_session(self, connection: Connection, origin: str) -> Session:
        """Return the session of a connection that passed the gate; one too many is told so and closed."""
        if sum(known.session is not None for known in self._connections) >= MAX_CONNECTIONS:
            connection.close(CloseCode.TOO_MANY, "too_many")
        return Session(origin, self._port, self._keys, self._lockout, self._window, self)

    def reserve(self, connection: Connection, size: int) -> None:
        """Call `connection.granted(size)` as soon as there is memory for `size` bytes."""
        self._waiting[connection] = size
        self._grant()

    def release(self, size: int) -> None:
        """Take back memory that was granted."""
        self._bytes -= size
        self._grant()

    def _grant(self) -> None:
        while self._waiting:
            connection, size = next(iter(self._waiting.items()))
            if self._bytes + size > BUDGET_BYTES - UNPACKING_BYTES:
                return
            del self._waiting[connection]
            self._bytes += size
            connection.granted(size)

    def gone(self, connection: Connection) -> None:
        """Forget a closed connection; what it wanted judged is judged all the same, so that a retry finds it done."""
        self._connections.pop(connection, None)
        self._waiting.pop(connection, None)
        for job in self._jobs.values():
            job.waiters = [waiter for waiter in job.waiters if waiter[0] is not connection]

    def follow(self, connection: Connection, effect: Effect) -> None:
        """Do what a session asked for."""
        match effect:
            case Judge(header, data):
                self._on_judge(connection, header, data)
            case Withdraw(id_):
                self._on_withdraw(connection, id_)
            case FileLabel(id_, digest, label):
                connection.send(self._on_label(id_, digest, label))
            case Show(id_, digest):
                connection.send(self._on_show(id_, digest))

    # Jobs.

    def _on_judge(self, connection: Connection, header: p.Image, data: bytes) -> None:
        job = self._jobs.get(header.sha256)
        if job is not None and not job.future.cancelled():
            self.give_place()
            job.waiters.append((connection, header.id))
            return
        job = _Job(self._judge(data, header.name, header.page), connection.reserved, [(connection, header.id)])
        self._jobs[header.sha256] = job
        connection.reserved = 0
        job.future.add_done_callback(lambda _: self._call_soon(lambda: self._on_judged(header.sha256, job)))

    def _on_judged(self, digest: str, job: _Job) -> None:
        if self._jobs.get(digest) is job:  # else it was cancelled and the same image has come again since
            del self._jobs[digest]
        for connection, id_ in job.waiters:
            connection.send(_answer(id_, job.future))
        self.give_place()
        self.release(job.size)

    def _on_withdraw(self, connection: Connection, id_: str) -> None:
        for job in self._jobs.values():
            if (connection, id_) in job.waiters:
                job.waiters.remove((connection, id_))
                if not job.waiters:
                    job.future.cancel()
                connection.send(p.Refused(id_, "cancelled", "Cancelled."))
                return

    def _on_label(self, id_: str, digest: str, label: str) -> p.ServerMessage:
        try:
            self._label(digest, label)
        except NoiseLensError as error:
            return p.Error(id_, "label", str(error))
        return p.Labelled(id_)

    def _on_show(self, id_: str, digest: str) -> p.ServerMessage:
        if time.monotonic() - self._shown_at < SHOW_EVERY_S:
            return p.Error(id_, "open", "NoiseLens has just come to the front. Wait a moment and try again.")
        try:
            self._show(digest)
        except NoiseLensError as error:
            return p.Error(id_, "open", str(error))
        self._shown_at = time.monotonic()
        return p.Opened(id_)

    # The thread.

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
                return
            log.exception("The bridge stopped on an error of its own.")
            raise

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._listen(self._loop)
        upkeep = [asyncio.create_task(self._tick()), asyncio.create_task(self._sweep())]
        self._started.set_result(self._port)
        log.info("The bridge listens on port %d.", self._port)
        try:
            await self._stop.wait()
        finally:
            server.close()
            for task in upkeep:
                task.cancel()
            for connection in list(self._connections):
                connection.close(CloseCode.GOING_AWAY, "closing")
            await asyncio.sleep(0)
            for connection in list(self._connections):
                connection.abort()
            await asyncio.sleep(0)

    async def _listen(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        for port in self._ports:
            try:
                server = await loop.create_server(lambda: Connection(self, loop), HOST, port, backlog=1024)
            except OSError:
                continue
            self._port = server.sockets[0].getsockname()[1]
            return server
        ports = ", ".join(str(port) for port in self._ports)
        raise BridgeError(
            f"The browser extension cannot be served: other programs hold every port NoiseLens uses ({ports}). "
            "Close one of them, or another NoiseLens, and start again."
        )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            waiting = {waiter[0] for job in self._jobs.values() for waiter in job.waiters}
            waiting |= {known for known in self._connections if known.session is not None and known.session.pairing}
            for connection in waiting:
                connection.send(p.Tick())

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self._drop_revoked()

    def _drop_revoked(self) -> None:
        for connection in list(self._connections):
            connection.drop_if_revoked()

    def _call_soon(self, callback: Callable[[], None]) -> None:
        if self._loop is None:  # not started yet: there is nothing to be told
            return
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            log.debug("Something came for the bridge after it had stopped.")


def _answer(id_: str, future: Future[Verdict]) -> p.ServerMessage:
    if future.cancelled():
        return p.Refused(id_, "cancelled", "Cancelled.")
    error = future.exception()
    match error:
        case None:
            return p.VerdictReply(id_, future.result().to_json())
        case ImageRefusedError():
            return p.Refused(id_, error.code.value, str(error))
        case NoiseLensError():
            return p.Refused(id_, "model", str(error))
        case _:  # its text may quote the image's name
            log.error("Judging an image from a browser failed (%s).", type(error).__name__)
            sentence = "NoiseLens could not judge this image because of an error of its own. Try again."
            return p.Refused(id_, "internal", sentence)
