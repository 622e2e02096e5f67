"""`noiselens label`: say what images are, and manage what a detector of one's own learns from."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import NoiseLensError
from .text import path_text, printable

if TYPE_CHECKING:
    from .label_transfer import Taken
    from .labels import Kind, LabelledSample, LabelStore

DIGITS = 12  # of a digest, in lists; any beginning that fits one sample names it
DONE, REFUSED = 0, 2

app = typer.Typer(
    help="Say what images are, and manage what a detector of your own learns from.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Paths = Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER...", show_default=False)]


@app.command()
def real(paths: Paths) -> None:
    """Keep images as real."""
    _label(paths, "real")


@app.command()
def generated(paths: Paths) -> None:
    """Keep images as generated."""
    _label(paths, "generated")


@app.command()
def folder(paths: Paths) -> None:
    """Keep the images of folders that hold real/ and generated/; labels there are already stay."""
    from .label_transfer import labelled_files, take_files

    with _store() as store:
        raise typer.Exit(_tell(take_files(store, labelled_files(paths), replace=False)))


@app.command("list")
def list_samples(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List everything that has a label."""
    import json

    with _store() as store:
        for entry in store.entries():
            if as_json:
                fields = {
                    "sha256": entry.sha256, "label": entry.label, "name": entry.name, "origin": entry.origin,
                    "path": path_text(entry.path) if entry.path else None, "copy_of": entry.copy_of or None,
                    "labelled_at": entry.labelled_at.isoformat(),
                }  # fmt: skip
                typer.echo(json.dumps(fields))
            else:
                typer.echo(_line(entry))
        counts = store.counts()
    if not as_json:
        parts = [f"{counts.real:,} real, {counts.generated:,} generated"]
        parts += [f"{counts.copies:,} further versions of these"] if counts.copies else []
        parts += [f"{counts.absent:,} labels without the image at hand"] if counts.absent else []
        if counts.conflicts:
            pairs = "1 picture has" if counts.conflicts == 1 else f"{counts.conflicts:,} pictures have"
            parts.append(f"{pairs} both labels (noiselens label conflicts)")
        _say("; ".join(parts) + ".")


@app.command()
def remove(
    images: Annotated[list[str] | None, typer.Argument(metavar="DIGEST|NAME...", show_default=False)] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove every label.")] = False,
) -> None:
    """Remove labels together with their images."""
    if not images and not everything:
        raise NoiseLensError("Name what to remove, by digest or name, or add --all.")
    with _store() as store:
        entries = store.entries()
        chosen = [entry.sha256 for entry in entries] if everything else [_find(entries, name) for name in images or ()]
        store.remove(chosen)
        store.purge()
    _say(f"Removed {_images(len(chosen))}.")


@app.command()
def conflicts(
    both_right: Annotated[
        bool,
        typer.Option(
            "--both-right", help="Keep both labels of all of them, as for photographs and what became of them."
        ),
    ] = False,
) -> None:
    """List pairs that show the same picture and have different labels."""
    with _store() as store:
        found = store.conflicts()
        for conflict in found:
            typer.echo(f"{_line(conflict.first)}\n{_line(conflict.second)}\n")
            if both_right:
                store.confirm(conflict)
    if not found:
        _say("There are no conflicts.")
    elif both_right:
        _say("Both labels of these stay.")
    else:
        _say("Label one of each pair anew or remove it, or add --both-right to keep both labels.")


@app.command("export")
def export_samples(path: Annotated[Path, typer.Argument(metavar="FILE.zip", show_default=False)]) -> None:
    """Save every label and image as a zip archive."""
    from .label_transfer import export_zip

    with _store() as store:
        count = export_zip(store, path)
    _say(f"Saved {_images(count)}: {path_text(path)}")


@app.command("import")
def import_samples(path: Annotated[Path, typer.Argument(metavar="FILE.zip", show_default=False)]) -> None:
    """Take in an archive that was exported; labels there are already stay."""
    from .label_transfer import take_zip

    with _store() as store:
        raise typer.Exit(_tell(take_zip(store, path)))


@contextmanager
def _store() -> Iterator[LabelStore]:
    from .labels import LabelStore
    from .library import Library
    from .places import library_path, samples_dir

    with Library(library_path()) as library, LabelStore(library, samples_dir()) as store:
        yield store


def _label(paths: list[Path], label: Kind) -> None:
    from .label_transfer import labelled_files, take_files

    with _store() as store:
        raise typer.Exit(_tell(take_files(store, labelled_files(paths, label))))


def _tell(taken: Iterable[Taken]) -> int:
    """Say what became of images, and return the exit status."""
    counts: Counter[str] = Counter()
    for one in taken:
        if one.added is None:
            _say(f"{printable(one.name)}: {one.sentence}")
        counts["refused" if one.added is None else one.added.value] += 1
    words = {
        "new": "kept",
        "relabelled": "with a new label",
        "known": "known already",
        "contradicted": "left as they are, with the other label",
        "refused": "not read",
    }
    _say("; ".join(f"{counts[key]:,} {text}" for key, text in words.items() if counts[key]) or "No image was found.")
    return REFUSED if counts["refused"] else DONE


def _find(entries: list[LabelledSample], name: str) -> str:
    fitting = [entry.sha256 for entry in entries if entry.sha256.startswith(name.casefold()) or entry.name == name]
    if len(fitting) != 1:
        how = "No label fits" if not fitting else f"{len(fitting)} labels fit"
        raise NoiseLensError(f"{how} '{name}'. Take more digits of the digest from: noiselens label list")
    return fitting[0]


def _line(entry: LabelledSample) -> str:
    note = "" if entry.path else "  (image not at hand)"
    note = f"  (a version of {entry.copy_of[:DIGITS]})" if entry.copy_of else note
    return f"{entry.sha256[:DIGITS]}  {entry.label:9}  {printable(entry.name)}{note}"


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _say(sentence: str) -> None:
    sys.stdout.flush()
    typer.echo(printable(sentence), err=True)
