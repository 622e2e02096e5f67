"""One line of a long table: what was judged, without its picture and details, so that many thousands fit in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .verdict import Band


@dataclass(frozen=True, slots=True)
class Line:
    """One image in a list.

    Attributes:
        key: of the line in its list; lists are in the order of their keys.
        picture: by which the list gives the thumbnail; 0 when there is none.
        name: of the file or image; untrusted text.
        source: where it came from: a folder, or "file", "browser", "clipboard", "drop", "screen"; untrusted text.
        at: POSIX time; of the file's last change in a batch, of the verdict in the history.
        band, probability: of the verdict; None when the image was refused.
        withheld: no side is taken whatever the thresholds.
        width, height: pixels; 0 when the image was refused.
        byte_size: length of the file; 0 when it is not known.
        sentence: why it was refused, or "".
        path: the file, when there is one.
        model: id of the detector that judged, "" when the image was refused.
        page: address of the web page it stood in, "" when that is not known; untrusted text.
    """

    key: int
    picture: int
    name: str
    source: str
    at: float
    band: Band | None
    probability: float | None
    width: int
    height: int
    byte_size: int = 0
    sentence: str = ""
    path: Path | None = None
    page: str = ""
    model: str = ""
    withheld: bool = False
