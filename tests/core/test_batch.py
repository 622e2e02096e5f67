"""Which files a batch finds, whatever may not be looked at among them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from noiselens_core import cli
from noiselens_core.batch import find_images
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import read_bytes
from noiselens_core.label_transfer import labelled_files

from .program import save_image, unprivileged

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights are set otherwise there")


@pytest.fixture
def listed() -> Iterator[Path]:
    """A folder beside an image, whose names may be read while nothing in it may be reached."""
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: another user must get there
        root = Path(name)
        root.chmod(0o755)
        (root / "listed").mkdir()
        save_image(root / "listed" / "inside.png")
        save_image(root / "z.png")
        (root / "z.png").chmod(0o644)
        (root / "listed").chmod(0o744)
        with unprivileged():
            yield root / "listed"


def test_what_may_not_be_looked_at_is_found_and_refused(listed: Path) -> None:
    inside, beside = listed / "inside.png", listed.parent / "z.png"
    assert list(find_images([listed.parent])) == [beside, inside]
    assert list(find_images([inside, beside])) == [inside, beside]
    assert read_bytes(beside)
    with pytest.raises(ImageRefusedError, match="that you may read it"):
        read_bytes(inside)


def test_labels_of_what_may_not_be_looked_at_are_kept_for_the_refusal(listed: Path) -> None:
    assert labelled_files([listed], "real") == [(listed / "inside.png", "real")]


def test_what_may_not_be_looked_at_is_left_to_the_window(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def enter(*arguments: object) -> int:
        opened.append(arguments)
        return 0

    monkeypatch.setattr(cli, "_enter", enter)
    files = [listed / "inside.png", listed / ("n" * 300)]
    with pytest.raises(typer.Exit):
        cli.open_app(files)
    assert opened == [("app", files, False)]


def test_a_link_to_nothing_in_a_folder_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert list(find_images([tmp_path])) == [tmp_path / "loop.png"]
