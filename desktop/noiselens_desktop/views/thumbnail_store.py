"""Thumbnails for long tables: read and decoded off the GUI thread, when a cell that shows one is painted."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from noiselens_core.errors import NoiseLensError
from noiselens_core.thumbnails import shrink, thumbnail_pixels

from ..work.executor import Serial
from .image_view import to_image

KEPT = 600  # pixmaps, about 40 kB each, 260 kB at most
ASKED_AT_ONCE = 60  # scrolling fast asks for far more than anybody sees: the oldest wishes are dropped
SIDE = 96  # px; a cell is 48 logical px


log = logging.getLogger(__name__)


class ThumbnailStore(QObject):
    """Gives pixmaps by key, later if need be.

    read: gives the JPEG of a key, on another thread; None when there is none. side: of the pixmaps at most, px.

    Signals:
        came(int): the pixmap of this key is there now.
    """

    came = Signal(int)
    _made = Signal(int, object)

    def __init__(self, read: Callable[[int], bytes | None], parent: QObject | None = None, *, side: int = SIDE) -> None:
        super().__init__(parent)
        self._read, self._side = read, side
        self._lane = Serial("thumbnails")
        self._kept: OrderedDict[int, QPixmap | None] = OrderedDict()
        self._asked: OrderedDict[int, Future[None]] = OrderedDict()
        self._closed = False
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def get(self, key: int) -> QPixmap | None:
        """Return a pixmap, or None when there is none or not yet; `came` follows in that case."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key and key not in self._asked and not self._closed:
            self._asked[key] = self._lane.submit(lambda: self._make(key))
            if len(self._asked) > ASKED_AT_ONCE:
                oldest, wish = next(iter(self._asked.items()))
                if wish.cancel():
                    del self._asked[oldest]
        return None

    def clear(self) -> None:
        """Forget every picture: the keys mean other images from now on."""
        for wish in self._asked.values():
            wish.cancel()
        self._asked.clear()
        self._kept.clear()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._lane.close()

    def _make(self, key: int) -> None:
        try:
            data = self._read(key)
        except NoiseLensError as error:  # the list shows a blank; whoever reads lines from the same place says why
            log.warning("%s", error)
            data = None
        pixels = thumbnail_pixels(data) if data is not None else None
        self._made.emit(key, None if pixels is None else to_image(shrink(pixels, self._side)))

    @Slot(int, object)
    def _take(self, key: int, image: QImage | None) -> None:
        if self._asked.pop(key, None) is None:  # cleared meanwhile
            return
        self._kept[key] = QPixmap.fromImage(image) if image is not None else None
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.came.emit(key)
