"""Settings come back as they were saved, and a broken file is never the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from noiselens_core import places
from noiselens_desktop import settings
from noiselens_desktop.settings import Settings, SettingsError, load_settings, save_settings


def test_settings_come_back_as_saved(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "settings.toml"
    chosen = Settings(theme="dark", overlay="noise", overlay_opacity=0.25, window_width=900)
    save_settings(chosen, path)
    assert load_settings(path) == (chosen, None)
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


def test_no_file_is_the_defaults_without_a_word(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.toml") == (Settings(), None)


@pytest.mark.parametrize("content", [b"theme = ", b"\xff\xfe\x00", b"[[["])
def test_a_broken_file_is_the_defaults_and_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    read, sentence = load_settings(path)
    assert read == Settings()
    assert sentence is not None
    assert sentence.endswith("so the defaults are used.")


@pytest.mark.parametrize(
    "line", ['theme = "pink"', "theme = 3", "overlay_opacity = 7.5", "overlay_opacity = true", "overlay_opacity = nan"]
)
def test_a_wrong_value_costs_that_value_only(tmp_path: Path, line: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'{line}\noverlay = "none"\nfuture_key = 1\n')
    read, sentence = load_settings(path)
    assert read == Settings(overlay="none")
    assert sentence is not None
    assert line.split(maxsplit=1)[0] in sentence


def test_a_whole_number_serves_as_an_opacity(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("overlay_opacity = 1\n")
    assert load_settings(path) == (Settings(overlay_opacity=1.0), None)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="could not be saved"):
        save_settings(Settings(), tmp_path / "file" / "settings.toml")


def test_one_variable_moves_every_place(home: Path) -> None:
    for place in (places.library_path(), settings.keys_path(), settings.settings_path(), settings.log_dir()):
        assert home in place.parents


def test_without_it_the_system_s_places_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOISELENS_HOME")
    assert places.data_dir().name == "noiselens"
    assert places.data_dir().is_absolute()
