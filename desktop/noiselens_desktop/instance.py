"""One NoiseLens a user: a second start hands its files to the first and ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from noiselens_core.places import data_dir

PATIENCE_MS = 5000  # the first may be busy with its own start
MAX_BYTES = 1_000_000  # of one message
GREETING = b"noiselens\n"


def server_name() -> str:
    """Return the name under which the NoiseLens of this user and this data folder listens."""
    return f"noiselens-{hashlib.sha256(str(data_dir()).encode()).hexdigest()[:16]}"


def hand_over(files: Sequence[Path]) -> bool:
    """Ask the NoiseLens that runs to show itself, with these files; False when none runs."""
    socket = QLocalSocket()
    socket.connectToServer(server_name())
    if not socket.waitForConnected(PATIENCE_MS):
        return False
    socket.write(json.dumps([str(file.absolute()) for file in files]).encode() + b"\n")
    socket.flush()
    answered = socket.waitForReadyRead(PATIENCE_MS) and bytes(socket.readAll().data()).startswith(GREETING)
    socket.disconnectFromServer()
    return answered


class Instance(QObject):
    """Listens for later starts; only this user's programs reach it.

    Signals:
        called(list): NoiseLens was started again, with these files (paths).
    """

    called = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def listen(self) -> bool:
        """Begin; False when another program listens under the name."""
        if self._server.listen(server_name()):
            return True
        QLocalServer.removeServer(server_name())  # of a NoiseLens that was killed: nobody answered `hand_over`
        return self._server.listen(server_name())

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

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
