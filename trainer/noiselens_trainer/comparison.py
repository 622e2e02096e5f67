"""Before and after a fine-tuning: figures, what changed sides, and whether the new detector may be offered."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from noiselens_core import __version__
from noiselens_core.checkpoint import DetectorSpec
from noiselens_core.reasons import CANNOT_SEE
from noiselens_core.text import path_text, printable
from noiselens_core.verdict import Band, percent

from .own import Seen, Unread
from .recalibrate import Figures

SCHEMA = 1
MAX_LOSS = 0.01  # of balanced accuracy on the reference; more is not offered
MAX_UNFOUND = 0.03  # of its generated pictures called likely generated; two standard errors of the share are .023


@dataclass(frozen=True)
class Change:
    """Figures of the same pictures before and after."""

    before: Figures
    after: Figures


@dataclass(frozen=True)
class Flip:
    """A sample that changed its band or its side of probability 0.5; no judging head saw it, before or after."""

    seen: Seen
    before: tuple[float, Band]
    after: tuple[float, Band]

    @property
    def gain(self) -> int:
        """1 when it is judged better after, -1 when worse, 0 when neither."""
        right = Band.LIKELY_GENERATED if self.seen.sample.label else Band.LIKELY_REAL
        wrong = Band.LIKELY_REAL if self.seen.sample.label else Band.LIKELY_GENERATED
        marks = [(band is right) - (band is wrong) for _, band in (self.before, self.after)]
        if marks[0] != marks[1]:
            return 1 if marks[1] > marks[0] else -1
        sides = [(probability >= 0.5) == bool(self.seen.sample.label) for probability, _ in (self.before, self.after)]
        return int(sides[1]) - int(sides[0])


@dataclass(frozen=True)
class Comparison:
    """What a fine-tuning came to.

    Attributes:
        model, base: ids of the new detector and of the one it was moved from.
        own: the user's samples, held out. reference: the memory's pictures, whose families no judging head saw.
        flips: what changed among the user's samples, the worse first.
        unread: samples that were left out.
        strength, seconds: of the fit and of the whole run.
    """

    model: str
    base: str
    own: Change
    reference: Change
    flips: list[Flip]
    unread: list[Unread]
    strength: float
    seconds: float

    @property
    def sentences(self) -> list[str]:
        """What speaks against the new detector, one plain sentence each; empty when nothing does.

        The window shows them as they are, in its language (desktop, models/sentences.py).
        """
        return [*self.objections, *self.cautions]

    @property
    def objections(self) -> list[str]:
        """The sentences for which the new detector is not offered."""
        found = []
        before, after = self.reference.before, self.reference.after
        lost = before.balanced_accuracy - after.balanced_accuracy
        if lost > MAX_LOSS:
            found.append(
                "On pictures that are not yours it is right less often than before: "
                f"{_percent(after.balanced_accuracy)} % instead of {_percent(before.balanced_accuracy)} %."
            )
        if (after.false_accusations or 0) > (before.false_accusations or 0):
            found.append(
                "It calls more photographs that are not yours likely generated: "
                f"{_percent(after.false_accusations)} % instead of {_percent(before.false_accusations)} %."
            )
        before, after = self.own.before, self.own.after
        # as often on the right side, and surer of it, is better all the same
        gain = (after.balanced_accuracy - before.balanced_accuracy, sum(flip.gain for flip in self.flips))
        if gain <= (0, 0):
            found.append(
                f"It is no better on your own samples than before: {_percent(after.balanced_accuracy)} % right "
                f"instead of {_percent(before.balanced_accuracy)} %. More samples may help."
            )
        return found

    @property
    def cautions(self) -> list[str]:
        """The sentences on what the new detector costs that may be worth it: for the user to weigh.

        Thresholds that go on sparing photographs can leave more generated pictures uncertain where as many as before
        lie on the right side; a domain that gains much may be worth that (docs/FINETUNING.md).
        """
        before, after = self.reference.before.found or 0.0, self.reference.after.found or 0.0
        if before - after <= MAX_UNFOUND:
            return []
        return [
            f"Of generated pictures that are not yours it finds {_percent(after)} % instead of {_percent(before)} %."
        ]

    @property
    def worth_offering(self) -> bool:
        """Whether the new detector may be offered as the default without advising against it."""
        return not self.objections

    @property
    def summary(self) -> str:
        """What became better, in one sentence."""
        before, after = self.own.before, self.own.after
        return (
            "Of your own samples, each judged by a detector that had not seen it, "
            f"{_percent(after.balanced_accuracy)} % are on the right side, "
            f"{_percent(before.balanced_accuracy)} % before."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form (docs/FINETUNING.md)."""
        return {
            "schema": SCHEMA,
            "model": self.model,
            "base": self.base,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "worth_offering": self.worth_offering,
            "summary": self.summary,
            "warnings": self.sentences,
            "own": asdict(self.own),
            "reference": asdict(self.reference),
            "flips": [_flip(flip) for flip in self.flips],
            "left_out": [{**_named(one.sample), "sentence": one.sentence} for one in self.unread],
            "strength": self.strength,
            "seconds": round(self.seconds, 1),
        }


def _percent(share: float | None) -> str:
    return "0.0" if share is None else f"{100 * share:.1f}"


def _named(sample: Any) -> dict[str, str]:
    return {
        "name": printable(sample.name),
        "path": printable(path_text(sample.path)),
        "label": "generated" if sample.label else "real",
    }


def _flip(flip: Flip) -> dict[str, Any]:
    sides = {
        when: {"probability": round(probability, 4), "band": band.value}
        for when, (probability, band) in (("before", flip.before), ("after", flip.after))
    }
    return {**_named(flip.seen.sample), "sha256": flip.seen.sha256, **sides, "gain": flip.gain}


def write_json(path: Path, comparison: Comparison) -> None:
    """Write the JSON form, replacing the file whole."""
    _replace(path, json.dumps(comparison.to_json(), indent=1, allow_nan=False))


def write_card(path: Path, spec: DetectorSpec, comparison: Comparison) -> None:
    """Write the model card of a fine-tuned detector, Markdown, replacing the file whole."""
    parts = []
    for title, change in (("Your own samples", comparison.own), ("Pictures that are not yours", comparison.reference)):
        rows = [f"| {words} | {before} | {after} |" for words, _, before, after, _ in _table(change)]
        parts.append("\n".join([f"## {title}", "", "| figure | before | after |", "|---|---|---|", *rows]))
    warnings = "\n".join(f"- {sentence}" for sentence in comparison.sentences) or "Nothing speaks against it."
    figures = "\n\n".join(parts)
    _replace(
        path,
        f"""# {spec.id}

{spec.data}.
Licence: {spec.licence}. sha256 of the weights is in the file.

Fine-tuned from {comparison.base}: the frozen parts are its own, the head was moved (strength {comparison.strength:g}).

{figures}

Every sample of the user's was judged by a head that had not seen it; every other picture by a head that had seen none
of its families.

## What speaks against it

{warnings}

## What it cannot do

{CANNOT_SEE}
A probability is not a finding of fact about a person's work.
""",
    )


_ROWS = (
    ("auc", "AUC", "how well real and generated pictures are told apart at all, 1 is perfectly"),
    ("balanced_accuracy", "On the right side", "share of pictures on the right side of a probability of one half"),
    ("false_accusations", "Photographs called likely generated", "fewer is better"),
    ("found", "Generated pictures called likely generated", "more is better"),
    ("decided", "Given a side", "share of pictures that are not called uncertain"),
)


def write_html(path: Path, comparison: Comparison) -> None:
    """Write a page that needs no other file, no network and no script, replacing the file whole."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("noiselens_trainer"), PackageLoader("noiselens_core")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sources = [environment.loader.get_source(environment, name)[0] for name in ("report.css", "comparison.css")]  # type: ignore[union-attr]
    style = "\n".join(sources)
    page = environment.get_template("comparison.html.j2").render(
        style=Markup(style),  # noqa: S704 - our own files
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        c=comparison,
        made_at=datetime.now(UTC),
        version=__version__,
        tables=[
            ("Your own samples", comparison.own, _table(comparison.own)),
            ("Pictures that are not yours", comparison.reference, _table(comparison.reference)),
        ],
        flips=[
            {
                **_flip(flip),
                "picture": "data:image/jpeg;base64," + base64.b64encode(flip.seen.thumbnail).decode("ascii"),
                "percents": [percent(p) for p, _ in (flip.before, flip.after)],
                "bands": [band for _, band in (flip.before, flip.after)],
            }
            for flip in comparison.flips
        ],
        left_out=[{**_named(one.sample), "sentence": printable(one.sentence)} for one in comparison.unread],
    )
    _replace(path, page)


def _table(change: Change) -> list[tuple[str, str, str, str, str]]:
    """Return one row a figure: its name, what it means, before, after, and the difference in points."""
    rows = []
    for key, words, meaning in _ROWS:
        before, after = getattr(change.before, key), getattr(change.after, key)
        if before is None or after is None:
            continue
        if key == "auc":
            cells = f"{before:.3f}", f"{after:.3f}", f"{after - before:+.3f}"
        else:
            cells = f"{_percent(before)} %", f"{_percent(after)} %", f"{100 * (after - before):+.1f}"
        rows.append((words, meaning, *cells))
    return rows


def _replace(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
