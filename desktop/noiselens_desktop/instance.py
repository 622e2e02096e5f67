"""One NoiseLens a user: a second start hands its files to the first, however early, and ends."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from noiselens_core.errors import NoiseLensError
from noiselens_core.places import data_dir

PATIENCE_S = 30.0  # the first may be busy with its own start, or with its end
LOOK_S = 0.1  # between two tries
MAX_BYTES = 16_000_000  # of one message: 2 MB of names fit on a command line, and JSON has six bytes for a strange one
GREETING = b"noiselens\n"


class InstanceError(NoiseLensError):
    """Another NoiseLens holds the place and does not answer."""


def server_name() -> str:
    """Return the name under which the NoiseLens of this user and this data folder listens."""
    return f"noiselens-{hashlib.sha256(str(data_dir()).encode()).hexdigest()[:16]}"


def hand_over(files: Sequence[Path], patience_s: float = PATIENCE_S) -> bool:
    """Ask the NoiseLens that runs to show itself, with these files; False when none listens, or it ends meanwhile."""
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    patience_ms = round(1000 * patience_s)
    if not socket.waitForConnected(patience_ms):
        return False
    socket.write(json.dumps([str(file.absolute()) for file in files]).encode() + b"\n")
    socket.flush()
    answered = socket.waitForReadyRead(patience_ms) and bytes(socket.readAll().data()).startswith(GREETING)
    socket.disconnectFromServer()
    return answered


class Instance(QObject):
    """Holds the place of the one NoiseLens, and listens for later starts; only this user's programs reach it.

    Signals:
        called(list): NoiseLens was started again, with these files (paths).
    """

    called = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        self._lock = QLockFile(str(data_dir() / "app.lock"))
        self._lock.setStaleLockTime(0)  # it holds as long as its process lives

    def take_place(self, files: Sequence[Path]) -> bool:
        """Be the one that runs until `close`; False when another is and has these files now.

        Waits for one that starts or ends. Raises InstanceError when it goes on to do neither.
        """
        with suppress(OSError):  # a folder that cannot be made, the library has a sentence for
            data_dir().mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + PATIENCE_S
        while not self._lock.tryLock(0) and self._lock.error() is QLockFile.LockError.LockFailedError:
            if hand_over(files, max(0.0, until - time.monotonic())):
                return False
            if time.monotonic() >= until:
                raise InstanceError("NoiseLens runs already and does not answer. End it, then start it again.")
            time.sleep(LOOK_S)
        return True

    def listen(self) -> bool:
        """Begin; False when another program listens under the name."""
        if self._server.listen(server_name()):
            return True
        QLocalServer.removeServer(server_name())  # of a NoiseLens that was killed: the place is ours
        return self._server.listen(server_name())

    def close(self) -> None:
        """Listen no more, and give the place up."""
        self._server.close()
        self._lock.unlock()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(MAX_BYTES)
            socket.readyRead.connect(partial(self._read, socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= MAX_BYTES:
                self._send_away(socket)
            return
        try:
            names = json.loads(bytes(socket.readLine().data()))
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError("not a list of names")
            files = [Path(name) for name in names]
        except (ValueError, RecursionError):
            self._send_away(socket)
            return
        socket.write(GREETING)
        socket.flush()
        self.called.emit(files)

    def _send_away(self, socket: QLocalSocket) -> None:
        """Hang up, once the socket's own signal is done with it."""
        QTimer.singleShot(0, socket, socket.abort)
