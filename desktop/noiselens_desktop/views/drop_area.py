"""What was dropped or pasted, and the page that asks for it."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from noiselens_core.images import MAX_PIXELS, Origin

from ..work.analyse import AnalyseRequest
from .parts import label
from .signs import app_icon
from .theme import GAP, RADIUS, Theme

# Original bytes that the clipboard or a browser may hand over, best first; our decoder reads all of them.
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/avif", "image/gif", "image/bmp")
BITMAP = "application/x-qt-image"

LINK = "That is a link, and NoiseLens fetches nothing. Use the browser extension, or save the image and drop the file."
FOLDER = "That is a folder. Open it and drop the images in it, or run: noiselens check FOLDER"
NOTHING = "There is no image in that. Drop image files, or copy an image and paste it."


@dataclass(frozen=True)
class Taken:
    """What mime data holds: requests to judge, and a sentence when something in it cannot be taken."""

    requests: tuple[AnalyseRequest, ...]
    sentence: str = ""


def from_files(paths: Sequence[Path]) -> Taken:
    """Take files; folders are refused with a sentence."""
    files = tuple(AnalyseRequest(None, path, path.name, Origin.FILE) for path in paths if not path.is_dir())
    return Taken(files, FOLDER if len(files) < len(paths) else "")


def from_mime(mime: QMimeData) -> Taken:
    """Take files, else an image's original bytes, else a bare bitmap, which becomes a PNG.

    No image format of another program is read by Qt: a bitmap is only asked for when no such format is on offer.
    """
    urls = mime.urls()
    local = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    if local:
        return from_files(local)
    for kind in IMAGE_TYPES:
        data = mime.data(kind).data() if mime.hasFormat(kind) else b""
        if data:
            name = f"Pasted image.{kind.partition('/')[2]}"
            return Taken((AnalyseRequest(bytes(data), None, name, Origin.CLIPBOARD),))
    foreign = any(kind.startswith("image/") for kind in mime.formats())
    if mime.hasFormat(BITMAP) and not foreign:
        bitmap = mime.imageData()
        if isinstance(bitmap, QImage) and not bitmap.isNull():
            return _from_bitmap(bitmap)
    return Taken((), LINK if urls else NOTHING)


def may_take(mime: QMimeData) -> bool:
    """Return whether a drop is worth accepting; a link is, for its sentence."""
    return mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(kind) for kind in IMAGE_TYPES)


def _from_bitmap(bitmap: QImage) -> Taken:
    if bitmap.width() * bitmap.height() > MAX_PIXELS:
        return Taken((), f"The pasted image is over {MAX_PIXELS // 1_000_000} Mpx. Resize it first.")
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    bitmap.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want the format as bytes, Qt a str
    data = bytes(buffer.data().data())
    buffer.close()
    return Taken((AnalyseRequest(data, None, "Pasted image.png", Origin.CLIPBOARD),))


class DropArea(QWidget):
    """The page without an image: says what to do.

    Signals:
        open_wanted(), samples_wanted(): a button was pressed.
    """

    open_wanted = Signal()
    samples_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lit = False
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(76, 76), self.devicePixelRatioF()))
        title = label("Drop images here", "title")
        text = label("or paste one with Ctrl+V. They stay on this computer: nothing is uploaded.", "soft")
        self.open = QPushButton("Open images…")
        self.open.setProperty("look", "primary")
        self.samples = QPushButton("Try the samples")
        self.open.clicked.connect(self.open_wanted)
        self.samples.clicked.connect(self.samples_wanted)

        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addStretch(1)
        buttons.addWidget(self.open)
        buttons.addWidget(self.samples)
        buttons.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setSpacing(GAP)
        rows.addStretch(1)
        rows.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addSpacing(GAP)
        rows.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addWidget(text, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addSpacing(2 * GAP)
        rows.addLayout(buttons)
        rows.addStretch(1)

    def light(self, lit: bool) -> None:
        """Show that something droppable hovers."""
        self._lit = lit
        self.update()

    def paintEvent(self, event: object) -> None:
        """Paint the dashed frame."""
        del event
        colours = Theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.canvas))
        pen = QPen(QColor(colours.real if self._lit else colours.soft), 2 if self._lit else 1.4)
        pen.setDashPattern([5, 5])
        painter.setPen(pen)
        painter.setBrush(QColor(colours.paper) if self._lit else Qt.BrushStyle.NoBrush)
        frame = QRectF(self.rect()).adjusted(3 * GAP, 3 * GAP, -3 * GAP, -3 * GAP)
        painter.drawRoundedRect(frame, RADIUS + 4, RADIUS + 4)
