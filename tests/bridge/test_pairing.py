"""Keys on disk and the pairing string."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from noiselens_desktop.bridge.pairing import KeyStore, PairingError, read_pairing_string
from noiselens_desktop.bridge.protocol import EXTENSION_ORIGIN


def test_a_key_survives_a_restart_and_is_listed(tmp_path: Path) -> None:
    made = KeyStore(tmp_path / "browsers.json").create("Chromium")
    again = KeyStore(tmp_path / "browsers.json")
    assert again.get(made.id) == made
    assert [key.name for key in again.paired()] == ["Chromium"]
    assert len(made.secret) == 32
    assert again.origins() == {EXTENSION_ORIGIN}


def test_every_browser_gets_its_own_key(keys: KeyStore) -> None:
    first, second = keys.create("A"), keys.create("B")
    assert first.id != second.id
    assert first.secret != second.secret


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps other users out of the profile folder itself")
def test_the_key_file_is_the_users_alone(keys: KeyStore, tmp_path: Path) -> None:
    keys.create("A")
    keys.create("B")
    assert (tmp_path / "browsers.json").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".browsers.lock", "browsers.json"]


def test_another_process_revoking_a_key_is_seen(keys: KeyStore, tmp_path: Path) -> None:
    key = keys.create("A")
    assert keys.get(key.id) == key
    KeyStore(tmp_path / "browsers.json").revoke(key.id)
    assert keys.get(key.id) is None


CHANGES = """
import sys
from pathlib import Path
from noiselens_desktop.bridge.pairing import KeyStore

keys = KeyStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
for number in range(40):
    key = keys.create(f"{sys.argv[2]} {number}")
    if number % 2:
        keys.revoke(key.id)
"""


def test_two_processes_that_pair_and_revoke_at_once_lose_nothing(keys: KeyStore, tmp_path: Path) -> None:
    """The window and `noiselens serve` have the same file."""
    command = [sys.executable, "-c", CHANGES, str(tmp_path / "browsers.json")]
    pipe = subprocess.PIPE
    both = [subprocess.Popen([*command, name], stdin=pipe, stdout=pipe) for name in ("window", "serve")]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.close()
    for process in both:
        assert process.wait(60) == 0
        assert process.stdout is not None
        process.stdout.close()
    kept = {f"{name} {number}" for name in ("window", "serve") for number in range(0, 40, 2)}
    assert {key.name for key in keys.paired()} == kept


def test_a_renamed_browser_keeps_its_key_and_an_unknown_one_changes_nothing(keys: KeyStore) -> None:
    key = keys.create("A")
    keys.rename(key.id, "Laptop")
    keys.rename("00000000", "nobody")
    (renamed,) = keys.paired()
    assert (renamed.name, renamed.secret, renamed.created) == ("Laptop", key.secret, key.created)


def test_a_damaged_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "browsers.json").write_text('{"keys": [{"id": 1}]}')
    with pytest.raises(PairingError, match="Delete it and pair again"):
        KeyStore(tmp_path / "browsers.json").paired()


def test_the_pairing_string_reads_back(keys: KeyStore) -> None:
    key = keys.create("A")
    assert read_pairing_string(f"  {key.pairing_string(48211)}\n") == (48211, key.id, key.secret)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noiselens1",
        "noiselens2:48211:0123abcd:" + "A" * 43,
        "noiselens1:0:0123abcd:" + "A" * 43,
        "noiselens1:65536:0123abcd:" + "A" * 43,
        "noiselens1:48211:0123abc:" + "A" * 43,
        "noiselens1:48211:0123ABCD:" + "A" * 43,
        "noiselens1:48211:0123abcd:" + "A" * 42,
        "noiselens1:48211:0123abcd:" + "A" * 42 + "B",
        "noiselens1:48211:0123abcd:" + "A" * 42 + "=",
    ],
)
def test_what_is_no_pairing_string_is_refused(text: str) -> None:
    with pytest.raises(PairingError):
        read_pairing_string(text)
