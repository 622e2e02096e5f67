"""What was dropped or pasted, and the page that asks for it."""

# ruff: noqa: N802  # Qt names what is overridden

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QT_TRANSLATE_NOOP, QBuffer, QCoreApplication, QIODevice, QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from noiselens_core.files import is_folder
from noiselens_core.images import MAX_BYTES, MAX_PIXELS, Origin
from noiselens_core.sniff import image_format

from ..models.formats import count
from ..work.analyse import AnalyseRequest
from .parts import Wrapping, label
from .signs import app_icon
from .theme import GAP, RADIUS, Theme

# Original bytes that the clipboard or a browser may hand over, best first; our decoder reads all of them.
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/avif", "image/gif", "image/bmp")
BYTES = "application/octet-stream"  # a dragged file's content; taken when its own first bytes say it is an image
BITMAP = "application/x-qt-image"
DATA_URL = "data:image/"
LINKS = ("http://", "https://", "ftp://", "blob:")

LINK = str(
    QT_TRANSLATE_NOOP(
        "DropArea",
        "That is a link, and NoiseLens fetches nothing. "
        "Use the browser extension, or save the image and drop the file.",
    )
)
NOTHING = str(
    QT_TRANSLATE_NOOP("DropArea", "There is no image in that. Drop image files, or copy an image and paste it.")
)


@dataclass(frozen=True)
class Taken:
    """What mime data holds: requests to judge, a sentence when something in it cannot be taken, and folders."""

    requests: tuple[AnalyseRequest, ...]
    sentence: str = ""
    folders: tuple[Path, ...] = ()


def from_files(paths: Sequence[Path]) -> Taken:
    """Take files, and put folders aside."""
    folders = tuple(path for path in paths if is_folder(path))
    files = tuple(AnalyseRequest(None, path, path.name, Origin.FILE) for path in paths if path not in folders)
    return Taken(files, folders=folders)


def from_mime(mime: QMimeData, came: str = "") -> Taken:
    """Take files, else an image's original bytes, else a bare bitmap, which becomes a PNG.

    came: as `AnalyseRequest` has it, for what is no file.
    No image format of another program is read by Qt: a bitmap is only asked for when no such format is on offer.
    """
    urls = mime.urls()
    if local := local_paths(mime):
        return from_files(local)
    texts = [url.toString() for url in urls] or [mime.text().strip()]
    for kind in (*IMAGE_TYPES, BYTES):
        data = bytes(mime.data(kind).data()) if mime.hasFormat(kind) else b""
        if data and (kind != BYTES or image_format(data)):
            name = next((url.fileName() for url in urls if url.fileName()), f"{_pasted()}.{kind.partition('/')[2]}")
            return Taken((AnalyseRequest(data, None, name, Origin.CLIPBOARD, came=came),))
    for text in texts:
        if text.startswith(DATA_URL) and (data := _data_of(text)):
            return Taken((AnalyseRequest(data, None, _pasted(), Origin.CLIPBOARD, came=came),))
    foreign = any(kind.startswith("image/") for kind in mime.formats())
    if mime.hasFormat(BITMAP) and not foreign:
        bitmap = mime.imageData()
        if isinstance(bitmap, QImage) and not bitmap.isNull():
            return from_bitmap(bitmap, f"{_pasted()}.png", came)
    return Taken((), LINK if texts[0].startswith(LINKS) else NOTHING)


def local_paths(mime: QMimeData) -> list[Path]:
    """Return the files and folders that mime data names."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def may_take(mime: QMimeData) -> bool:
    """Return whether a drop is worth accepting; a link is, for its sentence."""
    return mime.hasUrls() or mime.hasImage() or mime.hasText() or any(map(mime.hasFormat, (*IMAGE_TYPES, BYTES)))


def _data_of(url: str) -> bytes:
    """Return the bytes written out in a data: address, nothing when it is too long or written wrongly."""
    head, _, body = url.partition(",")
    if len(body) > 2 * MAX_BYTES:
        return b""
    data = unquote_to_bytes(body)
    try:
        return b64decode(data, validate=True) if head.endswith(";base64") else data
    except ValueError:
        return b""


def _pasted() -> str:
    """Return what an image without a name of its own is called."""
    return QCoreApplication.translate("DropArea", "Pasted image")


def from_bitmap(bitmap: QImage, name: str, came: str = "") -> Taken:
    """Take pixels that another program or the screen has, as a PNG."""
    if bitmap.width() * bitmap.height() > MAX_PIXELS:
        told = QCoreApplication.translate("DropArea", "The image is over {0} Mpx. Resize it first.")
        return Taken((), told.format(count(MAX_PIXELS // 1_000_000)))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    bitmap.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want the format as bytes, Qt a str
    data = bytes(buffer.data().data())
    buffer.close()
    return Taken((AnalyseRequest(data, None, name, Origin.CLIPBOARD, came=came),))


def paint_dashes(painter: QPainter, place: QRectF, colour: str, width: float) -> None:
    """Paint the dashed frame of what can be dropped into."""
    pen = QPen(QColor(colour), width)
    pen.setDashPattern([5, 5])
    painter.setPen(pen)
    painter.drawRoundedRect(place.adjusted(3 * GAP, 3 * GAP, -3 * GAP, -3 * GAP), RADIUS + 4, RADIUS + 4)


class DropArea(QWidget):
    """The page without an image: says what to do.

    Signals:
        open_wanted(), folder_wanted(), samples_wanted(): a button was pressed.
    """

    open_wanted = Signal()
    folder_wanted = Signal()
    samples_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(76, 76), self.devicePixelRatioF()))
        title = label(self.tr("Drop images or folders here"), "title", wrap=True)
        text = label(
            self.tr("or paste an image with {0}. They stay on this computer: nothing is uploaded.").format(
                QKeySequence(QKeySequence.StandardKey.Paste).toString(QKeySequence.SequenceFormat.NativeText)
            ),
            "soft",
            wrap=True,
        )
        for told in (title, text):
            told.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            told.setContentsMargins(2 * GAP, 0, 2 * GAP, 0)  # keeps clear of the frame
        self.open = QPushButton(self.tr("Open images…"))
        self.open.setProperty("look", "primary")
        self.folder = QPushButton(self.tr("Open a folder…"))
        self.samples = QPushButton(self.tr("Try the samples"))
        self.open.clicked.connect(self.open_wanted)
        self.folder.clicked.connect(self.folder_wanted)
        self.samples.clicked.connect(self.samples_wanted)

        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(Wrapping(self.open, self.folder, self.samples))
        buttons.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4 * GAP, 5 * GAP, 4 * GAP, 5 * GAP)
        rows.setSpacing(GAP)
        rows.addStretch(1)
        rows.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addSpacing(GAP)
        rows.addWidget(title)
        rows.addWidget(text)
        rows.addSpacing(2 * GAP)
        rows.addLayout(buttons)
        rows.addStretch(1)

    def paintEvent(self, event: object) -> None:
        """Paint the dashed frame."""
        del event
        colours = Theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.canvas))
        paint_dashes(painter, QRectF(self.rect()), colours.soft, 1.4)
