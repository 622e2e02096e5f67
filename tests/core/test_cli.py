"""The command line with the real decoder and the real detector; its models have random weights and a set answer."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from noiselens_core import __version__, cli
from noiselens_core.batch import find_images, judge_files
from noiselens_core.detector import Detector
from noiselens_core.errors import RefusalCode
from noiselens_core.images import Decoder

from .program import PROGRAM, Program, save_image, save_model, unprivileged

FIELDS = {"path", "sha256", "probability", "band", "stability", "reasons", "model", "ms", "error"}
HOSTILE_NAMES = [
    b"\x1b[31mred\x1b[0m.png",
    b"\x1b]0;title\x07.png",
    b"two\nlines.png",
    b"back\rspace\x08.png",
    "\u202egnp.exe.png".encode(),
    "\x9b31m.png".encode(),
    b"\xff\xfe broken.png",
    b"<script>alert(1)<.png",
    b"{{ 7 * 7 }}[bold].png",
    b"=HYPERLINK(1).png",
    b"-rf.png",
]


# What is judged, and how it ends


def test_nothing_flagged_exits_0(run: Program, folder: Path, says_real: Path) -> None:
    result = run("check", folder, "--json", "--model", says_real)
    assert result.code == 0
    assert [row["band"] for row in result.rows] == ["likely_real", "likely_real"]
    assert result.err == ""


def test_something_flagged_exits_1(run: Program, folder: Path, says_generated: Path) -> None:
    assert run("check", folder, "--model", says_generated).code == 1


def test_a_refused_file_is_a_row_and_the_run_goes_on(run: Program, folder: Path, says_generated: Path) -> None:
    (folder / "a_broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    result = run("check", folder, "--json", "--model", says_generated)
    refused, judged, _ = result.rows
    assert result.code == 2, "an input that could not be judged outweighs a flagged one"
    assert refused["error"]["code"] == "damaged"
    assert refused["error"]["text"].endswith(".")
    assert refused["probability"] is None
    assert judged["error"] is None


def test_json_has_every_field_for_judged_and_refused(run: Program, folder: Path, says_real: Path) -> None:
    for row in run("check", folder, folder / "nowhere.png", "--json", "--model", says_real).rows:
        assert row.keys() >= FIELDS


def test_json_equals_the_library(run: Program, says_generated: Path) -> None:
    path = cli.SAMPLES / "chelsea.png"
    (row,) = run("check", path, "--json", "--model", says_generated).rows
    with Decoder() as decoder:
        verdict = Detector.load(says_generated).detect(decoder.decode_file(path))
    for name in ("sha256", "probability", "stability", "model"):
        assert row[name] == getattr(verdict, name)
    assert row["band"] == verdict.band.value
    assert tuple(row["reasons"]) == verdict.reasons


def test_folders_are_walked_in_order_and_only_images_in_them_count(run: Program, folder: Path, says_real: Path) -> None:
    rows = run("check", folder, "--json", "--model", says_real).rows
    assert [row["path"] for row in rows] == [str(folder / "b.png"), str(folder / "deeper" / "a.PNG")]


def test_a_named_file_is_tried_whatever_it_is_called(run: Program, folder: Path, says_real: Path) -> None:
    (folder / "b.png").rename(folder / "b.dat")
    rows = run("check", folder / "b.dat", folder / "notes.txt", "--json", "--model", says_real).rows
    assert rows[0]["format"] == "PNG"
    assert rows[1]["error"]["code"] == "format"


def test_order_is_kept_though_decoding_overlaps(run: Program, tmp_path: Path, says_real: Path) -> None:
    for i in range(8):
        save_image(tmp_path / f"{i}.png", side=900 if i % 3 == 0 else 130, seed=i)
    rows = run("check", tmp_path, "--json", "--model", says_real).rows
    assert [Path(row["path"]).stem for row in rows] == [str(i) for i in range(8)]


@pytest.mark.parametrize(
    ("make", "code", "word"),
    [
        (lambda path: None, "unreadable", "exists"),
        (lambda path: path.mkdir(), "empty", "holds no image"),
        (lambda path: path.touch(), "empty", "empty"),
        (os.mkfifo, "unreadable", "not a file"),
    ],
    ids=["missing", "empty folder", "empty file", "pipe"],
)
def test_what_cannot_be_judged_says_why_without_loading_the_detector(
    run: Program, tmp_path: Path, make: Callable[[Path], None], code: str, word: str
) -> None:
    make(tmp_path / "input")
    result = run("check", tmp_path / "input", "--json", "--model", tmp_path / "there is no model")
    (row,) = result.rows
    assert result.code == 2
    assert row["error"]["code"] == code
    assert word in row["error"]["text"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are set otherwise there")
def test_a_folder_that_may_not_be_read_is_a_row(says_real: Path) -> None:
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: another user must get there
        root = Path(name)
        root.chmod(0o755)
        (root / "closed").mkdir(mode=0)
        with unprivileged():
            (outcome,) = judge_files(find_images([root]), lambda: Detector.load(says_real))
    assert outcome.path == root / "closed"
    assert outcome.refusal is not None
    assert outcome.refusal.code is RefusalCode.UNREADABLE
    assert "may not be read" in str(outcome.refusal)


def test_a_name_no_system_takes_is_a_row_and_the_rest_is_judged(run: Program, folder: Path, says_real: Path) -> None:
    result = run("check", folder / ("n" * 300), folder / "b.png", "--json", "--model", says_real)
    assert (result.code, result.err) == (2, "")
    assert [row["error"] and row["error"]["code"] for row in result.rows] == ["unreadable", None]


def test_wildcards_are_filled_in_where_no_shell_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("c[1].png", "c1.png"):
        save_image(folder / name)
    monkeypatch.chdir(folder)
    typed = ["check", "--json", "*.png", "c[1].png", "deeper/?.PNG", "*.gif"]
    told = ["check", "--json", "b.png", "c1.png", "c[1].png", "c[1].png", str(Path("deeper/a.PNG")), "*.gif"]
    asked: list[list[str]] = []
    monkeypatch.setattr(cli, "app", lambda arguments, prog_name: asked.append(arguments))
    monkeypatch.setattr(sys, "argv", ["noiselens", *typed])
    for name in ("posix", "nt"):
        monkeypatch.setattr(cli, "os", SimpleNamespace(name=name, environ={}))
        with pytest.raises(SystemExit):
            cli.main()
    assert asked == [typed, told]


# The forms of output


def test_csv_reads_back(run: Program, folder: Path, says_generated: Path) -> None:
    result = run("check", folder, folder / "nowhere.png", "--csv", "--model", says_generated)
    judged, _, refused = csv.DictReader(io.StringIO(result.out))
    assert (judged["band"], judged["width"], judged["error_code"]) == ("likely_generated", "160", "")
    assert float(judged["probability"]) == pytest.approx(0.982)
    assert (refused["band"], refused["error_code"]) == ("", "unreadable")


def test_the_table_shows_bands_reasons_and_counts(run: Program, folder: Path, says_generated: Path) -> None:
    result = run("check", folder, folder / "nowhere.png", "--model", says_generated)
    assert f"▲ Likely generated  0.9820 ━━━━━━━━━━  1.00       {folder / 'b.png'}" in result.out
    assert "lean towards generated." in result.out
    assert "2 likely generated, 1 not judged in" in result.out


def test_the_bar_of_the_table_tells_without_colours(run: Program, folder: Path, tmp_path: Path) -> None:
    model = save_model(tmp_path / "says-a-quarter.safetensors", -1.1)
    assert "0.2497 ━━────────  " in run("check", folder / "b.png", "--model", model).out


@pytest.mark.skipif(sys.platform != "linux", reason="such names are for Linux file systems")
@pytest.mark.parametrize("form", ["table", "--json", "--csv"])
def test_hostile_names_are_shown_harmlessly(run: Program, tmp_path: Path, says_real: Path, form: str) -> None:
    for name in HOSTILE_NAMES:
        save_image(os.fsencode(tmp_path) + b"/" + name, side=130)
    report = tmp_path / "report.html"
    options = ["--report", report, "--overlay", tmp_path / "overlays", *([form] if form != "table" else [])]
    result = run("check", tmp_path, tmp_path / "\x1b[2Jmissing\udcff", "--model", says_real, *options)
    assert result.code == 2
    for text in (result.out, result.err, report.read_text(encoding="utf-8")):
        assert {c for c in text if not c.isprintable()} <= {"\n"}
    assert len(list((tmp_path / "overlays").iterdir())) == 2 * len(HOSTILE_NAMES)


def test_a_relative_name_is_no_formula_in_csv(
    run: Program, tmp_path: Path, says_real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_image(tmp_path / "=1+1.png")
    monkeypatch.chdir(tmp_path)
    rows = list(csv.DictReader(io.StringIO(run("check", "=1+1.png", "=2.png", "--csv", "--model", says_real).out)))
    assert [row["path"] for row in rows] == ["./=1+1.png", "./=2.png"]
    assert rows[1]["error_text"].startswith("'=2.png cannot be opened")


def test_overlays_have_the_images_size(run: Program, folder: Path, says_real: Path, tmp_path: Path) -> None:
    run("check", folder / "b.png", "--overlay", tmp_path / "new" / "overlays", "--model", says_real)
    paths = sorted((tmp_path / "new" / "overlays").iterdir())
    assert [path.name[:6] + path.name[14:] for path in paths] == ["b.png--attention.png", "b.png--noise.png"]
    for path in paths:
        with Image.open(path) as picture:
            assert (picture.size, picture.mode) == ((160, 160), "RGB")


def test_json_lines_come_as_they_are_judged(tmp_path: Path, says_real: Path) -> None:
    for i in range(120):
        save_image(tmp_path / f"{i:03}.png", seed=i)
    program = subprocess.Popen(
        [*PROGRAM, "check", tmp_path, "--json", "--model", says_real, "--report", tmp_path / "r.html"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout is not None
    first = program.stdout.readline()
    assert program.poll() is None, "the first line came before the last image"
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: to the decoders as well
    rest, err = program.communicate(timeout=60)
    rows = [json.loads(line) for line in (first + rest).splitlines()]
    assert program.returncode == 130
    assert 1 <= len(rows) < 120
    assert all(row["error"] is None for row in rows), "no image is blamed for the interruption"
    assert f"Stopped after {len(rows)} of 120: the results so far are kept" in err
    assert "Traceback" not in err
    assert f"{len(rows)} image" in (tmp_path / "r.html").read_text(encoding="utf-8")


# Sentences for what the user got wrong


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check"], "Name at least one file or folder to check, or add --samples."),
        (["check", "x", "--json", "--csv"], "Choose one of --json and --csv."),
        (["chek"], "There is no file and no command 'chek'. For all commands: noiselens --help"),
        (["check", "--samples", "--device", "abacus"], "There is no device 'abacus' here. Use one of: auto,"),
        (["check", "--samples", "--model", "no.safetensors"], "There is no model file at no.safetensors."),
    ],
)
def test_mistakes_get_one_sentence(run: Program, arguments: list[str], sentence: str) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert result.err.startswith(sentence)
    assert result.err.count("\n") == 1
    assert result.out == ""


@pytest.mark.parametrize("option", ["--report", "--overlay"])
def test_a_place_that_cannot_be_written_is_named_first(run: Program, folder: Path, option: str) -> None:
    place = folder / "notes.txt" / "inside"
    result = run("check", folder, option, place)
    assert result.code == 2
    assert result.err.startswith(f"{place} could not be written")
    assert result.out == ""


def test_an_error_of_our_own_shows_no_traceback(
    run: Program, folder: Path, says_real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr(Detector, "detect", fail)
    monkeypatch.delenv(cli.DEBUG, raising=False)
    result = run("check", folder, "--model", says_real)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "error of its own (KeyError)" in result.err


# The other rooms


@pytest.mark.parametrize("arguments", [[], ["app"], ["serve"]])
def test_without_the_desktop_extra_one_sentence_says_what_to_install(
    run: Program, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "entry_points", lambda **_: ())
    result = run(*arguments)
    assert result.code == 2
    assert "pip install 'noiselens[desktop]'" in result.err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ModuleNotFoundError("No module named 'PySide6'", name="PySide6"), "This needs the desktop extra."),
        (ImportError("libEGL.so.1: cannot open shared object file"), "A system library is missing: libEGL.so.1"),
        (ModuleNotFoundError("ours", name="noiselens_desktop.app"), "NoiseLens stopped on an error of its own"),
    ],
)
def test_what_keeps_the_window_shut_is_said(
    run: Program, error: ImportError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Entry:
        def load(self) -> None:
            raise error

    monkeypatch.setattr(cli, "entry_points", lambda **_: [Entry()])
    monkeypatch.delenv(cli.DEBUG, raising=False)
    result = run("app")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert result.err.startswith(sentence)


def test_files_open_the_window(run: Program, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[list[Path], bool]] = []

    class Entry:
        def load(self) -> Callable[[list[Path], bool], None]:
            return lambda files, background: opened.append((files, background))

    monkeypatch.setattr(cli, "entry_points", lambda group, name: [Entry()] if name == "app" else [])
    assert run(folder / "b.png").code == 0
    assert run().code == 0
    assert run("app", "--background").code == 0
    assert opened == [([folder / "b.png"], False), ([], False), ([], True)]


def test_the_entry_points_are_registered() -> None:
    assert {entry.name for entry in entry_points(group="noiselens.commands")} >= {"app", "serve"}


def test_version_and_samples(run: Program) -> None:
    assert run("--version").out == f"noiselens {__version__}\n"
    assert Path(run("samples").out.strip()) == cli.SAMPLES


def test_the_samples_that_ship_are_judged_by_the_detector_that_ships(run: Program) -> None:
    result = run("check", "--samples", "--json")
    assert len(result.rows) >= 6
    assert all(row["error"] is None and 0 <= row["probability"] <= 1 for row in result.rows)
    assert result.code in {0, 1}


def test_help_is_fast_enough_to_be_asked_for() -> None:
    listing = subprocess.run(
        [sys.executable, "-c", "import sys; from noiselens_core import cli; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(listing.stdout.split())
    assert not loaded & {"torch", "numpy", "cv2", "PIL"}
