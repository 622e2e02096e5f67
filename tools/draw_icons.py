"""Draw the app's icon in every size desktops ask for, from its SVG.

python tools/draw_icons.py    # writes desktop/noiselens_desktop/resources/icons/SIZE.png
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from noiselens_desktop.integration import ICON_SIZES, RESOURCES


def draw(size: int) -> QImage:
    """Return the icon, size x size px."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(RESOURCES / "noiselens.svg")).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def main() -> None:
    """Write the files."""
    app = QGuiApplication([])
    folder: Path = RESOURCES / "icons"
    folder.mkdir(exist_ok=True)
    for size in ICON_SIZES:
        draw(size).save(str(folder / f"{size}.png"))
    app.quit()


if __name__ == "__main__":
    main()
