"""The registry: which detectors there are, which one judges, and that nothing is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from noiselens_core.calibration import Calibration
from noiselens_core.checkpoint import SHIPPED_DETECTOR, DetectorSpec, read_spec, save_detector
from noiselens_core.errors import ModelError
from noiselens_core.model import AnlDetector, ModelConfig
from noiselens_core.models_cli import app
from noiselens_core.registry import SHIPPED, Registry, file_name

CONFIG = ModelConfig(taps=(0,), noise_channels=16)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector file somewhere, with a card."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("outside") / "any name.safetensors"
    save_detector(path, AnlDetector(CONFIG), DetectorSpec("a/b: c", CONFIG, Calibration(), "nothing", "Apache-2.0"))
    path.with_suffix(".md").write_text("# card")
    return path


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def test_a_new_registry_holds_the_shipped_detector_alone_and_it_judges(registry: Registry) -> None:
    (model,) = registry.models()
    assert (model.key, model.kind, model.chosen, model.path) == (SHIPPED, "shipped", True, SHIPPED_DETECTOR)
    assert model.name == model.id == read_spec(SHIPPED_DETECTOR).id
    assert registry.chosen() is None


def test_an_import_brings_file_and_card_and_is_not_used_before_it_is_chosen(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    assert (model.id, model.kind, model.chosen) == ("a/b: c", "imported", False)
    assert model.path.read_bytes() == outside.read_bytes()
    assert model.path.with_suffix(".md").read_text() == "# card"
    assert registry.take(outside).key == model.key
    assert len(registry.models()) == 2
    assert registry.chosen() is None
    registry.choose(model.key)
    assert registry.chosen() == model.path
    assert registry.find("a/b: c").chosen


def test_back_returns_to_what_judged_before_and_back_again(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    registry.choose(model.key)
    assert registry.back() == SHIPPED
    assert registry.chosen() is None
    assert registry.back() == model.key
    assert registry.chosen() == model.path


def test_choosing_the_same_twice_does_not_lose_what_judged_before(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    registry.choose(model.key)
    registry.choose(model.key)
    assert registry.back() == SHIPPED


def test_a_deleted_detector_gives_way_to_the_shipped_one(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    registry.choose(model.key)
    registry.remove(model.key)
    assert registry.chosen() is None
    assert [one.kind for one in registry.models()] == ["shipped"]
    assert not model.path.with_suffix(".md").exists()
    with pytest.raises(ModelError, match="cannot be deleted"):
        registry.remove(SHIPPED)


def test_a_file_that_vanished_gives_way_to_the_shipped_one(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    registry.choose(model.key)
    model.path.unlink()
    assert registry.chosen() is None
    assert registry.models()[0].chosen
    with pytest.raises(ModelError, match="No other detector judged before"):
        registry.back()


def test_it_is_known_which_detector_judged_before_and_when_none_did(registry: Registry, outside: Path) -> None:
    def before() -> list[str]:
        return [model.key for model in registry.models() if model.previous]

    with pytest.raises(ModelError, match="Choose one from the list"):
        registry.back()
    model = registry.take(outside)
    assert before() == []
    registry.choose(model.key)
    assert before() == [SHIPPED]
    registry.back()
    assert before() == [model.key]
    registry.remove(model.key)
    assert before() == []


def test_a_name_is_the_users_and_verdicts_keep_the_id(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    registry.rename(model.key, "  my   cameras ")
    found = registry.find("my cameras")
    assert (found.key, found.id) == (model.key, "a/b: c")
    with pytest.raises(ModelError, match="Another detector is called"):
        registry.rename(model.key, registry.models()[0].name)
    with pytest.raises(ModelError, match="needs a name"):
        registry.rename(model.key, " ")
    with pytest.raises(ModelError, match="keeps its name"):
        registry.rename(SHIPPED, "mine")


def test_an_export_is_the_same_file_with_its_card(registry: Registry, outside: Path, tmp_path: Path) -> None:
    model = registry.take(outside)
    file, card = registry.export(model.key, tmp_path)
    assert file.name == file_name("a/b: c") == "a_b__c.safetensors"
    assert file.read_bytes() == outside.read_bytes()
    assert card.read_text() == "# card"
    with pytest.raises(ModelError, match=r"\.safetensors file or into a folder"):
        registry.export(model.key, tmp_path / "model.pt")


def test_what_is_no_detector_is_refused_and_nothing_is_left(registry: Registry, outside: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not a NoiseLens model"):
        registry.take(wrong)
    changed = bytearray(outside.read_bytes())
    changed[-1] ^= 1  # of the weights
    wrong.write_bytes(bytes(changed))
    with pytest.raises(ModelError, match="were changed after they were saved"):
        registry.take(wrong)
    with pytest.raises(ModelError, match="could not be read"):
        registry.take(tmp_path / "none.safetensors")
    assert [model.kind for model in registry.models()] == ["shipped"]


def test_a_broken_file_among_the_detectors_is_passed_over(registry: Registry, outside: Path) -> None:
    model = registry.take(outside)
    (model.path.parent / "torn.safetensors").write_bytes(b"torn")
    assert [one.id for one in registry.models()] == [read_spec(SHIPPED_DETECTOR).id, "a/b: c"]
    with pytest.raises(ModelError):
        registry.choose("torn.safetensors")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"chosen": 3}', '{"chosen": "../x", "previous": null}'])
def test_a_damaged_choice_is_none(registry: Registry, outside: Path, text: str) -> None:
    model = registry.take(outside)
    (model.path.parent / "models.json").write_text(text)
    assert registry.chosen() is None
    registry.choose(model.key)
    assert registry.chosen() == model.path


def test_a_choice_never_leaves_the_folder(registry: Registry, outside: Path) -> None:
    registry.take(outside)
    state: dict[str, object] = {"chosen": str(outside), "previous": None, "names": {}, "imported": []}
    (registry.models()[1].path.parent / "models.json").write_text(json.dumps(state))
    assert registry.chosen() is None


def test_the_command_lists_chooses_and_goes_back(
    outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path))
    run = CliRunner()
    assert "a/b: c is here" in run.invoke(app, ["import", str(outside)]).stderr
    assert run.invoke(app, ["use", "a/b: c"]).exit_code == 0
    rows = [json.loads(line) for line in run.invoke(app, ["list", "--json"]).stdout.splitlines()]
    assert [(row["kind"], row["chosen"]) for row in rows] == [("shipped", False), ("imported", True)]
    assert rows[0]["previous"]
    assert "judges again" in run.invoke(app, ["back"]).stderr
    assert run.invoke(app, []).stdout.splitlines()[0].startswith("* ")
    assert isinstance(run.invoke(app, ["use", "nobody"]).exception, ModelError)


def test_two_ids_that_differ_only_in_signs_do_not_share_a_file(
    registry: Registry, outside: Path, tmp_path: Path
) -> None:
    first = registry.take(outside)
    model, spec = AnlDetector(CONFIG), replace(read_spec(outside), id="a/b; c")
    other = tmp_path / "other.safetensors"
    save_detector(other, model, spec)
    assert registry.take(other).key != first.key


def _namesake(outside: Path, folder: Path) -> Path:
    """Save another detector of the same id."""
    place = folder / "namesake.safetensors"
    torch.manual_seed(1)
    save_detector(place, AnlDetector(CONFIG), read_spec(outside))
    return place


def test_of_two_with_one_id_the_digest_names_one(registry: Registry, outside: Path, tmp_path: Path) -> None:
    first, second = registry.take(outside), registry.take(_namesake(outside, tmp_path))
    with pytest.raises(ModelError, match="2 detectors are called 'a/b: c'") as several:
        registry.find("a/b: c")
    for model in (first, second):
        assert model.sha256[:12] in str(several.value)
        assert registry.word_for(model) == model.sha256[:12]
        assert registry.find(registry.word_for(model)).key == registry.find(model.key).key == model.key
        assert registry.find(model.sha256[:6].upper()).key == model.key
    registry.rename(second.key, "the newer one")
    assert registry.word_for(registry.find(second.key)) == "the newer one"
    with pytest.raises(ModelError, match="There is no detector"):
        registry.find(second.sha256[:3])


def test_of_two_copies_of_one_file_the_key_names_one(registry: Registry) -> None:
    copy, shipped = registry.take(SHIPPED_DETECTOR), registry.models()[0]
    with pytest.raises(ModelError, match=f"by one of: shipped, {copy.key}"):
        registry.find(shipped.id)
    assert [registry.find(registry.word_for(model)).key for model in (shipped, copy)] == [SHIPPED, copy.key]


def test_an_import_says_how_to_use_what_was_imported(
    outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOISELENS_HOME", str(tmp_path))
    run = CliRunner()
    assert "To use it: noiselens models use 'a/b: c'" in run.invoke(app, ["import", str(outside)]).stderr
    said = run.invoke(app, ["import", str(_namesake(outside, tmp_path))]).stderr
    word = said.split()[-1]
    assert run.invoke(app, ["use", word]).exit_code == 0
    rows = [json.loads(line) for line in run.invoke(app, ["list", "--json"]).stdout.splitlines()]
    (chosen,) = (row for row in rows if row["chosen"])
    assert chosen["sha256"].startswith(word)


def test_an_export_replaces_no_text_of_others(registry: Registry, outside: Path, tmp_path: Path) -> None:
    model = registry.take(outside)
    (tmp_path / "README.md").write_text("of others")
    with pytest.raises(ModelError, match="is there already and is another text"):
        registry.export(model.key, tmp_path / "README.safetensors")
    assert (tmp_path / "README.md").read_text() == "of others"
    assert not (tmp_path / "README.safetensors").exists()
    for _ in range(2):  # its own card may be replaced
        assert len(registry.export(model.key, tmp_path / "a.safetensors")) == 2


def test_a_copy_that_finds_no_room_leaves_nothing(
    registry: Registry, outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(source: Path, place: Path) -> None:
        place.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    model = registry.take(outside)
    monkeypatch.setattr("noiselens_core.registry.shutil.copyfile", copy)
    (tmp_path / "out").mkdir()
    with pytest.raises(ModelError, match="No space left"):
        registry.export(model.key, tmp_path / "out")
    with pytest.raises(ModelError, match="No space left"):
        registry.take(_namesake(outside, tmp_path))
    assert list((tmp_path / "out").iterdir()) == []
    assert not list(model.path.parent.glob("*.part"))
