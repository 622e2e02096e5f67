"""`noiselens browsers`, as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from noiselens_desktop.bridge.pairing import KeyStore

NOISELENS = Path(sys.executable).with_name("noiselens")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="would write into the registry")


def run(home: Path, *arguments: str) -> tuple[int, str, str]:
    (home / ".config/chromium").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"HOME": str(home), "NOISELENS_HOME": str(home / "lens"), "PATH": "", "COLUMNS": "200"}
    environment.pop("XDG_CONFIG_HOME", None)
    done = subprocess.run(
        [NOISELENS, "browsers", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_a_browser_is_told_listed_and_forgotten(tmp_path: Path) -> None:
    manifest = tmp_path / ".config/chromium/NativeMessagingHosts/noiselens.bridge.json"
    status, out, _ = run(tmp_path, "install")
    assert status == 0
    assert f"Written: {manifest}" in out
    assert manifest.is_file()
    assert not (tmp_path / ".mozilla").exists()  # a browser that is not there is left alone
    _, out, _ = run(tmp_path, "list")
    assert "No browser is paired yet." in out
    assert "Chromium: yes" in out
    assert "Firefox: not yet: noiselens browsers install firefox" in out
    assert run(tmp_path, "remove")[0] == 0
    assert not manifest.exists()
    assert not (tmp_path / "lens/data/native").exists(), "nothing of it is left behind"
    assert "nothing to remove" in run(tmp_path, "remove")[1]


def test_a_paired_browser_is_listed_renamed_and_revoked(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "lens/config/browsers.json")
    key = keys.create("Old\x1b[31m name")
    _, out, _ = run(tmp_path, "list")
    assert key.id in out
    assert "\x1b" not in out
    assert key.key not in out
    assert run(tmp_path, "rename", key.id, "Laptop")[0] == 0
    assert [known.name for known in keys.paired()] == ["Laptop"]
    status, out, _ = run(tmp_path, "revoke", key.id)
    assert (status, out) == (0, "Laptop is not paired any more.\n")
    assert keys.paired() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("install", "netscape"), "'netscape' is none of the browsers NoiseLens knows"),
        (("install", "--folder", "x"), "name the one browser it belongs to"),
        (("revoke", "00000000"), "There is no paired browser '00000000'"),
        (("rename", "00000000", "x"), "There is no paired browser '00000000'"),
        (("dance",), "No such command 'dance'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    status, out, error = run(tmp_path, *arguments)
    assert status == 2
    assert sentence in error
    assert "Traceback" not in out + error


def test_its_help_is_its_own(tmp_path: Path) -> None:
    status, out, _ = run(tmp_path, "--help")
    assert status == 0
    assert all(command in out for command in ("install", "remove", "list", "rename", "revoke"))
