"""The command line `noiselens`: the detector without a window, and the door to the window."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from enum import StrEnum
from glob import glob
from importlib.metadata import entry_points
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from . import __version__
from .errors import NoiseLensError
from .files import is_folder, may_be_file
from .label_cli import app as label_app
from .models_cli import app as models_app
from .streams import UnreadError, prepared_streams
from .text import path_text, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from .detector import Detector
    from .rows import Sink

CLEAN, FLAGGED, NOT_JUDGED, STOPPED, UNREAD = 0, 1, 2, 130, 141
SAMPLES = Path(__file__).parent / "samples"
COMMANDS = ("app", "browsers", "check", "evaluate", "label", "models", "samples", "serve", "train")
DEBUG = "NOISELENS_DEBUG"
PIPE_WIDTH = 4096  # columns when nobody looks: no name is folded in a file

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(label_app, name="label")
app.add_typer(models_app, name="models")


class Form(StrEnum):
    """How results are written to standard output."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"noiselens {__version__}")
        raise typer.Exit


@app.callback()
def noiselens(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Tells on your own machine whether an image looks AI-generated, and shows where the detector looked.

    Without a command the window opens: noiselens, or noiselens photo.jpg.
    """


@app.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="FILE|FOLDER...", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values under a header.")] = False,
    overlay: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Save where the detector looked, and the noise it predicted, as PNG."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Save a report that needs no other file.")
    ] = None,
    device: Annotated[str, typer.Option(metavar="NAME", help="auto, cpu, cuda or mps.")] = "auto",
    model: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Judge with this detector, not with the one you chose.")
    ] = None,
    samples: Annotated[bool, typer.Option("--samples", help="Check the images that came with NoiseLens.")] = False,
) -> None:
    """Judge image files, and folders of them.

    Exit status: 0 nothing looks generated, 1 something does, 2 some input could not be judged, 130 stopped by Ctrl-C,
    141 nobody read the results to their end.
    """
    inputs = [*(paths or ()), *([SAMPLES] if samples else ())]
    if not inputs:
        raise NoiseLensError("Name at least one file or folder to check, or add --samples.")
    if as_json and as_csv:
        raise NoiseLensError("Choose one of --json and --csv.")
    form = Form.JSON if as_json else Form.CSV if as_csv else Form.TABLE
    raise typer.Exit(_check(inputs, form, overlay, report, device, model))


@app.command("samples")
def print_samples() -> None:
    """Print the folder of the sample images that came with NoiseLens."""
    typer.echo(SAMPLES)


@app.command("app")
def open_app(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]", show_default=False)] = None,
    background: Annotated[
        bool, typer.Option("--background", help="Stay in the tray, where there is one, until called.")
    ] = False,
) -> None:
    """Open the window, on these images if any are named."""
    for file in files or ():
        if not (is_folder(file) or may_be_file(file)):
            raise NoiseLensError(f"There is no file and no command '{file}'. For all commands: noiselens --help")
    raise typer.Exit(_enter("app", files or [], background))


@app.command()
def serve(
    pair: Annotated[
        str | None, typer.Option(metavar="NAME", help="Also print the pairing string for a browser of that name.")
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Also pair a browser by six digits that you compare on this terminal.")
    ] = False,
) -> None:
    """Answer the browser extension without a window."""
    raise typer.Exit(_enter("serve", pair, code))


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
def browsers(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="COMMAND...", show_default=False)] = None,
) -> None:
    """List, rename and forget paired browsers; let them be paired with nothing typed."""
    raise typer.Exit(_enter("browsers", arguments or []))


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
def train(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[OPTION...]", show_default=False)] = None,
) -> None:
    """Make a detector of your own from what you labelled."""
    raise typer.Exit(_enter("train", arguments or [], extra="trainer"))


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})
def evaluate(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[OPTION...]", show_default=False)] = None,
) -> None:
    """Measure a detector on labelled images under three ways of delivery."""
    raise typer.Exit(_enter("evaluate", arguments or [], extra="trainer"))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit; `noiselens` alone and `noiselens FILE...` open the window."""
    if arguments is None:
        arguments = _with_names(sys.argv[1:]) if os.name == "nt" else sys.argv[1:]
    if not arguments or not (arguments[0].startswith("-") or arguments[0] in COMMANDS):
        arguments = ["app", *arguments]
    with prepared_streams():
        _run(arguments)


def _run(arguments: list[str]) -> NoReturn:
    """Run a command and exit with its status; what goes wrong is said in a sentence."""
    try:
        app(arguments, prog_name="noiselens")
    except UnreadError:  # the exit status alone says so, as of any program
        sys.exit(UNREAD)
    except NoiseLensError as error:
        _say(str(error))
        sys.exit(NOT_JUDGED)
    except Exception as error:  # the last line of defence: nobody is shown a traceback who did not ask for it
        if os.environ.get(DEBUG):
            raise
        _say(own_error(error))
        sys.exit(NOT_JUDGED)
    sys.exit(CLEAN)


def own_error(error: Exception) -> str:
    """Return the sentence on an error of NoiseLens itself, for every command line of ours."""
    name = type(error).__name__
    return f"NoiseLens stopped on an error of its own ({name}). Set {DEBUG}=1 and run it again to see where."


def _with_names(arguments: list[str]) -> list[str]:
    """Return arguments with the names that * and ? stand for, as no shell fills them in on Windows.

    Brackets stand for themselves, as they do in a Windows shell: photo[1].jpg is how browsers call a second download.
    """
    filled = (sorted(glob(argument.replace("[", "[[]"))) or [argument] for argument in arguments)  # noqa: PTH207
    return [name for names in filled for name in names]


def _say(sentence: str) -> None:
    typer.echo(printable(sentence), err=True)


def _enter(room: str, *arguments: object, extra: str = "desktop") -> int:
    """Run what another package offers under this name, and return its exit status."""
    try:
        for entry in entry_points(group="noiselens.commands", name=room):
            return int(entry.load()(*arguments) or CLEAN)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(("noiselens_core", "noiselens_desktop.", "noiselens_trainer.")):
            raise
    except ImportError as error:  # Qt is there, a library of the system that it needs is not
        raise NoiseLensError(
            f"A system library is missing: {error}. Install the package that holds it, then try again."
        ) from error
    raise NoiseLensError(f"This needs the {extra} extra. Install it with: pip install 'noiselens[{extra}]'")


def _check(
    inputs: list[Path], form: Form, overlay: Path | None, report: Path | None, device: str, model: Path | None
) -> int:
    """Judge the inputs, write each result as it comes, and return the exit status."""
    from .batch import find_images, judge_files
    from .outputs import OverlayFolder
    from .report import Report
    from .rows import Tally
    from .verdict import Band

    started, ended_by = perf_counter(), None
    console, tally, paths = _console(), Tally(), list(find_images(inputs))
    with ExitStack() as stack:
        folder = OverlayFolder(overlay) if overlay else None
        page = stack.enter_context(Report(report)) if report else None
        sinks: list[Sink | None] = [tally, page, _rows(form, console), folder]  # what a row tells, the report holds
        progress = stack.enter_context(_progress(form, console))
        task = progress.add_task("Starting", total=len(paths))

        def load() -> Detector:
            from .detector import Detector
            from .places import models_dir
            from .registry import Registry

            progress.update(task, description="Loading the detector")
            detector = Detector.load(model or Registry(models_dir()).chosen(), device)
            if page:
                page.set_zone(detector.model_id, detector.calibration.real_at, detector.calibration.generated_at)
            return detector

        try:
            for outcome in stack.enter_context(closing(judge_files(paths, load))):
                for sink in filter(None, sinks):
                    sink.add(outcome)
                progress.update(task, description="Checking", advance=1)
        except (KeyboardInterrupt, NoiseLensError) as error:
            if not tally.total and isinstance(error, NoiseLensError):
                raise
            ended_by = error
            if page:
                page.cut_short(len(paths))
    if isinstance(ended_by, UnreadError):
        raise ended_by
    if form is Form.TABLE:
        console.print(f"\n{tally.sentence()} in {perf_counter() - started:.1f} s", highlight=False)
    for name, place in (("Overlays", overlay), ("Report", report)):
        if place:
            _say(f"{name}: {path_text(place)}")
    if ended_by:
        _say(
            f"Stopped after {tally.total:,} of {len(paths):,}: the results so far are kept, the rest was not looked at."
        )
        if isinstance(ended_by, NoiseLensError):
            raise ended_by
        return STOPPED
    return NOT_JUDGED if tally.refused else FLAGGED if tally.bands[Band.LIKELY_GENERATED] else CLEAN


def _rows(form: Form, console: Console) -> Sink:
    from .rows import CsvRows, JsonLines, TableRows

    if form is Form.TABLE:
        return TableRows(console)
    return JsonLines(sys.stdout) if form is Form.JSON else CsvRows(sys.stdout)


def _console() -> Console:
    """Return the console of standard output; in a file or pipe no line is folded."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False, markup=False, emoji=False)


def _progress(form: Form, table: Console) -> Progress:
    """Return a progress bar: below the rows of a table on a terminal, else on standard error if that is one."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    to_terminal = sys.stdout.isatty()
    console = table if to_terminal and form is Form.TABLE else Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not console.is_terminal or (to_terminal and form is not Form.TABLE),
    )
