"""What NoiseLens puts into the user's own desktop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from noiselens_desktop.integration import ICON_SIZES, RESOURCES, add_menu_entry
from noiselens_desktop.views.signs import app_icon

ALIKE = 6.0  # mean difference of a channel, of 255; what two versions of Qt make of one SVG


def test_the_menu_entry_brings_its_icon_in_every_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    add_menu_entry()
    assert "Icon=noiselens\n" in (tmp_path / "applications" / "noiselens.desktop").read_text("utf-8")
    theme = tmp_path / "icons" / "hicolor"
    for size in ICON_SIZES:
        with Image.open(theme / f"{size}x{size}" / "apps" / "noiselens.png") as icon:
            assert icon.size == (size, size)
    assert (theme / "scalable" / "apps" / "noiselens.svg").exists()
    symbolic = (theme / "symbolic" / "apps" / "noiselens-symbolic.svg").read_text()
    assert {part for part in symbolic.split('"') if part.startswith("#")} == {"#2e3436"}  # the desktop recolours it


@pytest.mark.parametrize("size", ICON_SIZES)
def test_the_kept_pictures_of_the_icon_are_of_its_svg(qtbot: QtBot, size: int) -> None:
    del qtbot
    drawn = app_icon().pixmap(size, size).toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(drawn.constBits(), np.uint8).reshape(drawn.height(), -1)[:, : 4 * drawn.width()]
    with Image.open(RESOURCES / "icons" / f"{size}.png") as kept:
        pixels = np.asarray(kept.convert("RGBA").resize((drawn.width(), drawn.height())))
    away = np.abs(rows.reshape(pixels.shape).astype(int) - pixels)
    assert away[..., 3].mean() < ALIKE
    assert away[pixels[..., 3] > 250].mean() < ALIKE
