"""Whatever a path leads to, it is read or refused at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from noiselens_core.errors import ImageRefusedError, RefusalCode
from noiselens_core.files import read_file


def test_a_file_is_read_as_far_as_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"abcdef")
    assert read_file(tmp_path / "a.png", 4) == b"abcd"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices have no place among files there")
@pytest.mark.parametrize(
    ("make", "code", "word"),
    [
        (lambda path: None, RefusalCode.UNREADABLE, "input cannot be opened"),
        (lambda path: path.symlink_to(path), RefusalCode.UNREADABLE, "input cannot be opened"),
        (lambda path: path.mkdir(), RefusalCode.EMPTY, "holds no image"),
        (os.mkfifo, RefusalCode.UNREADABLE, "not a file"),
        (lambda path: path.symlink_to("/dev/zero"), RefusalCode.UNREADABLE, "not a file"),
    ],
    ids=["missing", "loop", "folder", "pipe", "device"],
)
@pytest.mark.timeout(20)
def test_what_is_no_file_is_refused_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], None], code: RefusalCode, word: str
) -> None:
    make(tmp_path / "input")
    with pytest.raises(ImageRefusedError, match=word) as refused:
        read_file(tmp_path / "input", 10)
    assert refused.value.code is code


def test_a_name_no_system_takes_is_refused(tmp_path: Path) -> None:
    for name in ("n" * 300, "a\0b"):
        with pytest.raises(ImageRefusedError, match="cannot be opened"):
            read_file(tmp_path / name, 10)
