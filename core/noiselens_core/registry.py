"""The detectors a user has: the shipped one, their own and imported ones; which of them judges, and which did before.

A detector is a safetensors file in one folder, its card, report and figures beside it under the same name. What was
chosen, and the names people give, stand in one small file there.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ModelError
from .files import is_folder

if TYPE_CHECKING:
    from .checkpoint import DetectorSpec

MAX_MODEL_BYTES = 512 * 2**20
DIGITS, MIN_DIGITS = 12, 6  # of a digest, in lists, and at least to name a detector by
COMPANIONS = (".md", ".html", ".json")  # card, report, figures
SHIPPED = ""  # the key of the detector that came with NoiseLens
_SUFFIX = ".safetensors"
_STATE = "models.json"


@dataclass(frozen=True)
class Model:
    """A detector in the registry.

    Attributes:
        key: name of its file; SHIPPED for the one that came with NoiseLens.
        id: what verdicts call it.
        name: what the user calls it; the id until they chose one.
        path: of its file.
        kind: "shipped", "own" or "imported".
        sha256: hex digest of the whole file.
        chosen: it judges now.
        previous: it judged before, and `back` returns to it; never more than one.
        report: the page that compares it with its base, or None.
    """

    key: str
    id: str
    name: str
    path: Path
    kind: str
    sha256: str
    chosen: bool
    previous: bool
    report: Path | None


def file_name(id_: str) -> str:
    """Return the name of a detector's file: its id, what a file system may not take replaced."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in id_)[:80].lstrip(".") + _SUFFIX


class Registry:
    """The folder of a user's detectors. Reads the disk at every call, so several processes may share it.

    Every method raises ModelError, one sentence, when a file does not play along.
    """

    def __init__(self, folder: Path):
        self._folder = folder

    def models(self) -> list[Model]:
        """Return the shipped detector and then all others by name; files that are none are left out."""
        from .checkpoint import SHIPPED_DETECTOR

        state = self._state()
        found = [self._model(SHIPPED, SHIPPED_DETECTOR, state)]
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")) if self._folder.is_dir() else []:
            try:
                found.append(self._model(path.name, path, state))
            except ModelError:
                continue
        return found

    def find(self, word: str) -> Model:
        """Return the detector with this key, id, name or beginning of its digest; none if several could be meant."""
        models = self.models()
        fitting = (
            [model for model in models if word == (model.key or "shipped")]
            or [model for model in models if word in (model.id, model.name, Path(model.key).stem)]
            or [model for model in models if len(word) >= MIN_DIGITS and model.sha256.startswith(word.casefold())]
        )
        if not fitting:
            names = ", ".join(model.name for model in models)
            raise ModelError(f"There is no detector '{word}'. There are: {names}.")
        if len(fitting) > 1:
            words = ", ".join(map(self.word_for, fitting))
            raise ModelError(f"{len(fitting)} detectors are called '{word}'. Name the one you mean by one of: {words}.")
        return fitting[0]

    def word_for(self, model: Model) -> str:
        """Return a word by which this detector alone is found: its name, else the beginning of its digest, or its key.

        The last is for two copies of one file.
        """
        others = [one for one in self.models() if one.key != model.key]
        if not any(model.name in (one.id, one.name) for one in others):
            return model.name
        twice = any(one.sha256 == model.sha256 for one in others)
        return (model.key or "shipped") if twice else model.sha256[:DIGITS]

    def chosen(self) -> Path | None:
        """Return the file of the detector that judges; None is the one that came with NoiseLens.

        One that is gone gives way to the shipped one.
        """
        return self._present(self._state()["chosen"])

    def choose(self, key: str) -> None:
        """Let a detector judge from now on; the one that did is remembered for `back`."""
        state = self._state()
        if key:
            self._read(self._folder / key)
        if key != state["chosen"]:
            self._save(state | {"chosen": key, "previous": state["chosen"]})

    def back(self) -> str:
        """Let the detector judge that did before, and return its key; a second call undoes the first."""
        state = self._state()
        previous = self._before(state)
        if previous is None:
            raise ModelError("No other detector judged before this one. Choose one from the list.")
        self._save(state | {"chosen": previous, "previous": self._judging(state)})
        return previous

    def _judging(self, state: dict[str, Any]) -> str:
        """Return the key of what judges: the chosen one, or the shipped one when that is gone."""
        return str(state["chosen"]) if self._present(state["chosen"]) else SHIPPED

    def _before(self, state: dict[str, Any]) -> str | None:
        """Return the key of what judged before; None when nothing else did, or it is gone."""
        key = state["previous"]
        there = key == SHIPPED or self._present(key) is not None
        return key if there and key != self._judging(state) else None

    def rename(self, key: str, name: str) -> None:
        """Give a detector another name; verdicts go on calling it by its id."""
        name = " ".join(name.split())
        if not name:
            raise ModelError("A detector needs a name. Type one.")
        if not key:
            raise ModelError("The detector that came with NoiseLens keeps its name.")
        if any(model.key != key and name in (model.name, model.id) for model in self.models()):
            raise ModelError(f"Another detector is called '{name}'. Choose another name.")
        state = self._state()
        self._save(state | {"names": state["names"] | {key: name}})

    def export(self, key: str, target: Path) -> list[Path]:
        """Copy a detector and its card to a file, or into a folder; return what was written."""
        model = next((model for model in self.models() if model.key == key), None)
        if model is None:
            raise ModelError("This detector is gone.")
        place = target / file_name(model.id) if is_folder(target) else target
        if place.suffix != _SUFFIX:
            raise ModelError(f"A detector is exported to a {_SUFFIX} file or into a folder. Choose such a place.")
        card, card_place = model.path.with_suffix(".md"), place.with_suffix(".md")
        try:
            if not card.is_file():
                _copy(model.path, place)
                return [place]
            if card_place.exists() and card_place.read_bytes() != card.read_bytes():
                raise ModelError(f"{card_place} is there already and is another text. Choose another name or folder.")
            _copy(model.path, place)
            _copy(card, card_place)
        except OSError as error:
            raise _failed(place, error) from error
        return [place, card_place]

    def take(self, source: Path) -> Model:
        """Check a detector file whole, copy it here with its card, and return it. The same file twice is one."""
        import torch

        from .checkpoint import load_detector

        try:
            if source.stat().st_size > MAX_MODEL_BYTES:
                raise ModelError(f"{source.name} is over {MAX_MODEL_BYTES // 2**20} MB. Choose a NoiseLens detector.")
            _, spec = load_detector(source, torch.device("cpu"))
            key = file_name(f"{spec.id}-{_digest(source)[:DIGITS]}")
            self._folder.mkdir(parents=True, exist_ok=True)
            card = source.with_suffix(".md")
            if card.is_file():
                _copy(card, (self._folder / key).with_suffix(".md"))
            _copy(source, self._folder / key)
        except OSError as error:
            raise _failed(source, error) from error
        state = self._state()
        self._save(state | {"imported": sorted({*state["imported"], key})})
        return self.find(key)

    def remove(self, key: str) -> None:
        """Delete a detector with its card and report; the shipped one takes over if it judged."""
        if not key:
            raise ModelError("The detector that came with NoiseLens cannot be deleted.")
        path, state = self._folder / key, self._state()
        names = {k: v for k, v in state["names"].items() if k != key}
        changed = {
            "names": names,
            "imported": [k for k in state["imported"] if k != key],
            "chosen": SHIPPED if state["chosen"] == key else state["chosen"],
            "previous": None if state["previous"] == key else state["previous"],
        }
        self._save(state | changed)
        try:
            for file in (path, *(path.with_suffix(suffix) for suffix in COMPANIONS)):
                file.unlink(missing_ok=True)
        except OSError as error:
            raise _failed(path, error) from error

    def _present(self, key: str | None) -> Path | None:
        """Return the file of a key that names one in this folder and not elsewhere."""
        path = self._folder / (key or "")
        return path if key and Path(key).name == key and path.is_file() else None

    def _model(self, key: str, path: Path, state: dict[str, Any]) -> Model:
        spec, report = self._read(path), path.with_suffix(".html")
        return Model(
            key=key,
            id=spec.id,
            name=state["names"].get(key, spec.id),
            path=path,
            kind="imported" if key in state["imported"] else "own" if key else "shipped",
            sha256=_digest(path),
            chosen=self._judging(state) == key,
            previous=self._before(state) == key,
            report=report if report.is_file() else None,
        )

    def _read(self, path: Path) -> DetectorSpec:
        from .checkpoint import read_spec

        return read_spec(path)

    def _state(self) -> dict[str, Any]:
        """Return what was chosen; a file that cannot be read counts as none, and the shipped detector judges."""
        state: dict[str, Any] = {"chosen": SHIPPED, "previous": None, "names": {}, "imported": []}
        try:
            found = json.loads((self._folder / _STATE).read_text("utf-8"))
            return {key: found[key] if isinstance(found[key], type(value)) or value is None else value
                    for key, value in state.items()}  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return state

    def _save(self, state: dict[str, Any]) -> None:
        path = self._folder / _STATE
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(path, json.dumps(state, indent=1).encode())
        except OSError as error:
            raise _failed(path, error) from error


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _copy(source: Path, place: Path) -> None:
    """Copy a file so that its place holds the old or the new one whole."""
    part = place.with_name(f".{secrets.token_hex(8)}.part")
    try:
        shutil.copyfile(source, part)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _failed(path: Path, error: OSError) -> ModelError:
    return ModelError(
        f"{path.name} could not be read or written ({error.strerror or error}). "
        "Check that the disk is not full and that you may write there."
    )
