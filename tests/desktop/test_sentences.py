"""What the parts that know no Qt say is said in the language of the window, and nothing of it is missing."""

from __future__ import annotations

import ast
import builtins
import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

import noiselens_core
import noiselens_desktop
import noiselens_trainer
from noiselens_core.calibration import Stability
from noiselens_core.checkpoint import SHIPPED_DETECTOR, read_spec
from noiselens_core.errors import ImageRefusedError
from noiselens_core.images import read_bytes
from noiselens_core.metadata import read_metadata
from noiselens_core.provenance import KINDS, ORIGINS, PLACES, facts_from_marks
from noiselens_core.reasons import summary
from noiselens_core.registry import SHIPPED, Registry
from noiselens_core.teaching import prospects
from noiselens_core.verdict import Band
from noiselens_desktop.models.detectors import Detectors
from noiselens_desktop.models.facts import fact_value
from noiselens_desktop.models.sentences import FIELDS, NAMES, SENTENCES, core_words

CORE, DESKTOP, TRAINER = (Path(str(package.__file__)).parent for package in (
    noiselens_core, noiselens_desktop, noiselens_trainer
))  # fmt: skip
# Said in the terminal and in files, or, what can be learned, in the Training page's own words.
NOT_IN_THE_WINDOW = {"cli.py", "label_cli.py", "models_cli.py", "report.py", "streams.py", "teaching.py"}
CORE_FILES = sorted(place for place in CORE.glob("*.py") if place.name not in NOT_IN_THE_WINDOW)
# Modules a fine-tuning imports whose errors come only with --data and from other commands.
NOT_FROM_LABELS = {"data.py", "features.py", "head.py", "layouts.py", "state.py"}
# Sentences of the desktop that are no errors; those in views and models have Qt.
TOLD = [DESKTOP / name for name in ("logs.py", "settings.py", "models/lane.py", "work/batch_run.py", "work/analyse.py")]
TOLD_ELSEWHERE = {"browsers.py", "pair_terminal.py", "serve.py", "native_host.py"}  # in the terminal, to the browser
TO_THE_BROWSER = {
    "NoiseLens runs here without a window. Start the NoiseLens app to see the image there.",
    "The image is not in the history any more. Check it again, then open it in NoiseLens.",
    "That is not a pairing code. Copy the whole line that begins with 'noiselens1:'.",
    "That pairing code was changed on its way. Copy it again.",
}
MADE_FROM = {
    "{0} real and {1} generated images of {2} sources ({3}, list {4})", "frozen encoder: {0}",
    "{0} moved by {1} real and {2} generated pictures of the user's",
}  # fmt: skip
TRANSLATING = {"tr", "translate", "QT_TRANSLATE_NOOP"}
OF_THE_PROTOCOL = {"MessageError", "ExchangeError"}
# One English text with a field that is a word of ours, or nothing: in another language a sentence each.
SEVERAL = {
    "{0} of {1} places looked at lean towards {2}.": {
        "{0} of {1} places looked at lean towards real.", "{0} of {1} places looked at lean towards generated."
    },
    "{0}. Put that right and start it again; what was done so far is kept.": {
        "The disk is full. Put that right and start it again; what was done so far is kept.",
        "{0} cannot be used ({1}). Put that right and start it again; what was done so far is kept.",
    },
    "{0}{1}. Check that the disk is not full and that you may write there.": {
        "{0} ({1}). Check that the disk is not full and that you may write there.",
        "{0}. Check that the disk is not full and that you may write there.",
    },
}  # fmt: skip
SAME_IN_GERMAN = {
    "Content Credentials", "Software", "EXIF", "EXIF UserComment", "EXIF Make", "EXIF Model", "XMP", "IPTC"
}  # fmt: skip
REFUSALS = (
    errno.EPERM, errno.ENOENT, errno.EIO, errno.EACCES, errno.EBUSY, errno.EEXIST, errno.ENOTDIR, errno.EISDIR,
    errno.EMFILE, errno.EFBIG, errno.ENOSPC, errno.EROFS, errno.ENAMETOOLONG, errno.EDQUOT,
)  # fmt: skip


def sentences(tree: ast.AST) -> Iterator[str]:
    """Every sentence in the code, with a number in braces for each field; no docstrings."""
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    passed |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = "" if id(node) in passed else template(node)
        if " " in text and text.endswith(".") and (text[0].isupper() or text[0] == "{"):
            yield text


def errors(tree: ast.AST) -> Iterator[str]:
    """Every text an error of ours is made with."""
    for node in ast.walk(tree):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        ours = name.endswith("Error") and not hasattr(builtins, name) and name not in OF_THE_PROTOCOL
        if isinstance(node, ast.Call) and ours:
            yield from (text for argument in node.args if " " in (text := template(argument)))


def template(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    fields, text = 0, ""
    for part in node.values if isinstance(node, ast.JoinedStr) else ():
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text, fields = f"{text}{{{fields}}}", fields + 1
    return text


def bare(tree: ast.AST) -> Iterator[str]:
    """Every sentence in the code that is not handed to Qt's translation where it stands."""
    handed = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and called(node) in TRANSLATING]
    inside = {text for node in handed for argument in node.args for text in sentences(argument)}
    yield from set(sentences(tree)) - inside


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def read(place: Path) -> ast.Module:
    return ast.parse(place.read_text("utf-8"))


def whole(texts: Iterable[str]) -> set[str]:
    """Return texts with those in place of one that is several in another language."""
    return {one for text in texts for one in SEVERAL.get(text, {text})}


def used_by(place: Path, found: set[Path]) -> set[Path]:
    """Return a module of the trainer and all those it imports."""
    if place not in found and place.is_file():
        found.add(place)
        for node in ast.walk(read(place)):
            if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
                used_by(TRAINER / f"{node.module}.py", found)
    return found


def said_by_the_core() -> set[str]:
    return whole(text for place in CORE_FILES for text in (*sentences(read(place)), *errors(read(place))))


def said_by_the_trainer() -> set[str]:
    """What a fine-tuning that cannot go on says, the window shows its last line; and what speaks against a detector."""
    modules = used_by(TRAINER / "finetune.py", set())
    found = {text for place in modules if place.name not in NOT_FROM_LABELS for text in errors(read(place))}
    endings = read(TRAINER / "endings.py")
    refusals = next(node for node in endings.body if getattr(node, "name", "") == "system_refusals")
    nodes = ast.walk(read(TRAINER / "comparison.py"))
    against = [node for node in nodes if getattr(node, "name", "") in {"objections", "cautions"}]
    assert len(against) == 2
    outlooks = [prospects(*counts) for counts in ((0, 0), (2, 1))]
    assert not any(outlook.enough for outlook in outlooks)
    said = {outlooks[0].sentence, outlooks[1].sentence.replace("2", "{0}").replace("1 ", "{1} ", 1)}
    return whole(found | set(sentences(refusals)) | {text for node in against for text in sentences(node)}) | said


def said_by_the_desktop() -> set[str]:
    places = [place for place in DESKTOP.rglob("*.py") if place.name not in TOLD_ELSEWHERE]
    raised = {text for place in places for text in errors(read(place))}
    job = {text for text in sentences(read(DESKTOP / "models" / "training_job.py")) if "Make room" in text}
    return (raised | job | {text for place in TOLD for text in sentences(read(place))}) - TO_THE_BROWSER


def named() -> set[str]:
    """What the facts of a file are called, where they are read, and the values that are our own words."""
    kinds = {text for kind in KINDS.values() for text in (kind.name, kind.value)}
    places = {re.sub("“.+”", "“{0}”", place) for place in PLACES.values()}
    return (kinds | places | set(ORIGINS.values())) - {""}


def test_every_sentence_of_the_core_is_known() -> None:
    assert len(said_by_the_core()) > 80
    assert said_by_the_core() - set(SENTENCES) == set()
    assert {kind.meaning for kind in KINDS.values()} - set(SENTENCES) == set()


def test_every_sentence_of_a_fine_tuning_is_known() -> None:
    assert len(said_by_the_trainer()) > 10
    assert said_by_the_trainer() - set(SENTENCES) == set()


def test_every_sentence_of_the_desktops_own_errors_is_known() -> None:
    assert len(said_by_the_desktop()) > 10
    assert said_by_the_desktop() - set(SENTENCES) == set()


def test_a_sentence_of_a_view_is_handed_to_qt_where_it_stands() -> None:
    places = [*(DESKTOP / "views").glob("*.py"), *(DESKTOP / "models").glob("*.py"), DESKTOP / "app.py"]
    assert len(places) > 60
    found = {place.name: set(bare(read(place))) - set(SENTENCES) - TO_THE_BROWSER for place in places}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_everything_a_file_can_say_has_a_name_that_is_known() -> None:
    assert len(named()) > 50
    assert named() - set(NAMES) == set()


def test_nothing_is_translated_that_is_not_said() -> None:
    said = said_by_the_core() | said_by_the_trainer() | said_by_the_desktop()
    assert set(SENTENCES) - said - {kind.meaning for kind in KINDS.values()} == set()
    counted = {name for name in set(NAMES) - named() if "step" in name or " px beside " in name or name in MADE_FROM}
    assert set(NAMES) - named() == counted  # tried below


def test_what_a_detector_was_made_from_is_said_in_german(german: None) -> None:
    parts = read_spec(SHIPPED_DETECTOR).data.split("; ")
    nodes = ast.walk(read(TRAINER / "finetune.py"))
    written = {template(node) for node in nodes if isinstance(node, ast.JoinedStr)}
    assert {"{0} moved by {1}; {2}", "{0} real and {1} generated pictures of the user's"} <= written
    parts.append("a-1 moved by 20 real and 3 generated pictures of the user's")
    assert [part for part in parts if core_words(part) == part] == []
    assert core_words(parts[-1]).startswith("a-1, weitergelernt mit 20 echten und 3 generierten")


def test_every_text_is_translated(german: None) -> None:
    texts = (*SENTENCES, *NAMES, *FIELDS)
    assert {text for text in texts if QCoreApplication.translate("Core", text) == text} == SAME_IN_GERMAN


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems say it in their own words")
def test_why_the_system_refuses_is_known() -> None:
    assert {os.strerror(code) for code in REFUSALS} == set(FIELDS) - {"images"}


def test_what_is_filled_in_stays_in_its_place(german: None, tmp_path: Path) -> None:
    places = summary(Band.LIKELY_GENERATED, 0.97, Stability(1.0, 8, 9, 0.0))
    assert core_words(places[0]) == "8 von 9 betrachteten Stellen neigen zu „generiert“."
    with pytest.raises(ImageRefusedError) as refused:
        read_bytes(tmp_path / "{0} {9} 1.5 gone.png")
    assert core_words(str(refused.value)).startswith("{0} {9} 1.5 gone.png lässt sich nicht öffnen.")


def test_numbers_and_the_systems_words_are_filled_in_as_the_language_has_them(german: None) -> None:
    large = "The image is 50000 x 24691 px, 1,235 Mpx; NoiseLens decodes images up to 64 Mpx. Resize it first."
    assert "1.235 Mpx; NoiseLens liest Bilder bis 64 Mpx" in core_words(large)
    fewer = "On pictures that are not yours it is right less often than before: 65.0 % instead of 70.5 %."
    assert core_words(fewer).endswith("richtig als vorher: 65,0\u00a0% statt 70,5\u00a0%.")
    full = "/a could not be written (No space left on device). Choose another place or make room there."
    assert core_words(full).startswith("/a ließ sich nicht schreiben (Kein Platz mehr).")


def test_a_deed_on_a_detector_fails_in_the_language_of_the_window(german: None, qtbot: QtBot, tmp_path: Path) -> None:
    detectors = Detectors(Registry(tmp_path))
    with qtbot.waitSignal(detectors.failed) as failed:
        detectors.rename(SHIPPED, "other")
    detectors.close()
    assert failed.args == ["Der Detektor, der mit NoiseLens kam, behält seinen Namen."]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ({"1": {"class_type": "KSampler"}}, "1 Schritt"),
        ({str(n): {"class_type": "Save"} for n in range(1200)}, "1.200 Schritte"),
        ({"1": {"class_type": "Load", "inputs": {"name": "a 1.5.ckpt"}}}, "1 Schritt; Modelle: a 1.5.ckpt"),
        (
            {n: {"class_type": "Load", "inputs": {"name": f"{n}.ckpt"}} for n in "ab"},
            "2 Schritte; Modelle: a.ckpt, b.ckpt",
        ),
    ],
)
def test_what_is_counted_in_a_file_is_said_in_german(german: None, steps: dict[str, object], told: str) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("prompt", json.dumps(steps))
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG", pnginfo=text)
    (fact,) = facts_from_marks(read_metadata(Image.open(file)))
    assert (core_words(fact.source), fact_value(fact)) == ("PNG-Text „prompt“", told)


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        (("thumbnail", "exif_preview", "160 × 120 px beside 4,032 × 3,024 px"), "160 × 120 px neben 4.032 × 3.024 px"),
        (("exposure", "exif", "1/8,000 s, f/2.8, ISO 12,800, 50 mm"), "1/8.000 s, f/2,8, ISO 12.800, 50 mm"),
        (("taken", "exif", "2019:06:21 14:03:11"), "21. Juni 2019, 14:03"),
        (("taken", "exif", "0000:00:00 00:00:00"), "0000:00:00 00:00:00"),
        (("origin", "xmp", "digitalCapture"), "Mit einer Digitalkamera aufgenommen (digitalCapture)"),
        (("origin", "xmp", "Camera"), "Camera"),
        (("comment", "comment", "Unreadable 1.5"), "Unreadable 1.5"),  # the file's own words
        (("c2pa_changed", "c2pa", ""), "Nach dem Signieren verändert"),
    ],
)
def test_values_of_our_own_are_german_and_the_files_stay(german: None, mark: tuple[str, str, str], told: str) -> None:
    (fact,) = facts_from_marks([mark])
    assert fact_value(fact) == told


def test_a_sentence_nobody_knows_stays_as_it_is(german: None) -> None:
    assert core_words("This is new.") == "This is new."
