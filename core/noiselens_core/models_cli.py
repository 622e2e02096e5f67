"""`noiselens models`: the detectors there are, which of them judges, and how two of them differ."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import ImageRefusedError, ModelError
from .text import path_text, printable

if TYPE_CHECKING:
    from .detector import Detector
    from .registry import Registry

HISTORY = 100_000  # entries at most
NOT_JUDGED = 2  # exit status when some image could not be read

app = typer.Typer(
    help="List your detectors, choose which one judges, compare two of them.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)

Which = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


@app.callback()
def models(context: typer.Context) -> None:
    """List the detectors when no command is given."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List every detector; the one that judges is marked."""
    import json

    from .registry import DIGITS

    for model in _registry().models():
        if as_json:
            fields = {
                "id": model.id, "name": model.name, "kind": model.kind, "chosen": model.chosen,
                "previous": model.previous, "sha256": model.sha256, "path": path_text(model.path),
                "report": path_text(model.report) if model.report else None,
            }  # fmt: skip
            typer.echo(json.dumps(fields))
        else:
            alias = "" if model.name == model.id else f"  ({printable(model.id)})"
            mark = "*" if model.chosen else " "
            typer.echo(f"{mark} {printable(model.name)}{alias}  {model.kind}  {model.sha256[:DIGITS]}")


@app.command()
def use(name: Which) -> None:
    """Let a detector judge from now on; 'shipped' is the one that came with NoiseLens."""
    registry = _registry()
    model = registry.find(name)
    registry.choose(model.key)
    _say(f"{model.name} judges from now on. Undo it with: noiselens models back")


@app.command()
def back() -> None:
    """Let the detector judge that did before."""
    registry = _registry()
    key = registry.back()
    _say(f"{next(model.name for model in registry.models() if model.key == key)} judges again.")


@app.command()
def rename(name: Which, new: Annotated[str, typer.Argument(metavar="NEW-NAME", show_default=False)]) -> None:
    """Give a detector another name; its verdicts go on carrying its id."""
    registry = _registry()
    found = registry.find(name)
    registry.rename(found.key, new)
    _say(f"{found.id} is called {registry.find(found.key).name} now.")


@app.command("export")
def export_model(
    name: Which, place: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", show_default=False)]
) -> None:
    """Copy a detector and its card out."""
    registry = _registry()
    for path in registry.export(registry.find(name).key, place):
        _say(f"Saved: {path_text(path)}")


@app.command("import")
def import_model(file: Annotated[Path, typer.Argument(metavar="FILE.safetensors", show_default=False)]) -> None:
    """Take in a detector file, after checking it whole."""
    registry = _registry()
    model = registry.take(file)
    word = shlex.quote(registry.word_for(model))
    _say(f"{model.id} is here, SHA-256 {model.sha256}. To use it: noiselens models use {word}")


@app.command()
def remove(name: Which) -> None:
    """Delete a detector with its card and report."""
    registry = _registry()
    model = registry.find(name)
    registry.remove(model.key)
    _say(f"{model.name} is deleted.")


@app.command()
def compare(
    folder: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", show_default=False)],
    first: Annotated[str, typer.Option(metavar="NAME", help="One detector.")] = "shipped",
    second: Annotated[
        str | None, typer.Option(metavar="NAME", help="The other. [default: the one that judges]")
    ] = None,
    device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Judge images with two detectors and print those that change their band.

    Exit status: 0 all were judged, 2 some were not.
    """
    from .batch import find_images
    from .images import Decoder

    registry = _registry()
    all_models = registry.models()
    chosen = next(model for model in all_models if model.chosen) if second is None else registry.find(second)
    pair = (registry.find(first), chosen)
    if pair[0].key == pair[1].key:
        names = ", ".join(model.name for model in all_models)
        raise ModelError(
            f"{pair[0].name} cannot be compared with itself. Name another with --second; there are: {names}."
        )
    one, other = (_load(model.path, device) for model in pair)
    judged = flipped = refused = 0
    with Decoder() as decoder:
        for path in find_images([folder]):
            try:
                image = decoder.decode_file(path)
            except ImageRefusedError as error:
                refused += 1
                _say(f"{path_text(path)}: {error}")
                continue
            before, after = one.detect(image), other.detect(image)
            judged += 1
            if before.band is not after.band:
                flipped += 1
                typer.echo(
                    _change(path_text(path), before.probability, before.band.words, after.probability, after.band.words)
                )
    _say(
        f"{flipped:,} of {judged:,} images change their band from {pair[0].name} to {pair[1].name}"
        + (f"; {refused:,} were not read." if refused else ".")
    )
    raise typer.Exit(NOT_JUDGED if refused else 0)


@app.command()
def rejudge(device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda or mps.")] = "auto") -> None:
    """Judge the history again with the detector that judges now, where images are at hand; print what changes.

    Exit status: 0 all that are at hand were judged, 2 some were not.
    """
    from .library import Library
    from .places import data_dir, library_path, samples_dir
    from .rejudge import judge_again

    detector = _load(_registry().chosen(), device)
    seen = flipped = absent = refused = 0
    with Library(library_path()) as library:
        entries = [entry for entry in library.history(HISTORY) if entry.verdict.model != detector.model_id]
    for again in judge_again(entries, detector, (data_dir() / "originals", samples_dir())):
        if again.refusal:
            refused += 1
            _say(f"{again.entry.name}: {again.refusal}")
            continue
        absent += again.verdict is None
        seen += again.verdict is not None
        if again.flipped and again.verdict is not None:
            flipped += 1
            old, new = again.entry.verdict, again.verdict
            typer.echo(_change(again.entry.name, old.probability, old.band.words, new.probability, new.band.words))
    _say(
        f"{flipped:,} of {seen:,} verdicts of other detectors change their band under {detector.model_id}"
        + (f"; of {absent:,} the image is no longer at hand" if absent else "")
        + (f"; {refused:,} were not read." if refused else ".")
    )
    raise typer.Exit(NOT_JUDGED if refused else 0)


def _change(name: str, before: float, band: str, after: float, new_band: str) -> str:
    from .verdict import percent

    return printable(f"{name}  {band} {percent(before)} -> {new_band} {percent(after)}")


def _registry() -> Registry:
    from .places import models_dir
    from .registry import Registry

    return Registry(models_dir())


def _load(path: Path | None, device: str) -> Detector:
    from .detector import Detector

    return Detector.load(path, device)


def _say(sentence: str) -> None:
    typer.echo(printable(sentence), err=True)
