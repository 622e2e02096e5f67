"""The model card: what a detector is, what it was trained on, and what it can and cannot do, in Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from noiselens_core.calibration import Thresholds
from noiselens_core.checkpoint import DetectorSpec
from noiselens_core.reasons import CANNOT_SEE
from noiselens_core.verdict import Band

from .build import Built
from .config import CalibrationConfig, DetectorConfig
from .data import Sample
from .metrics import by_family, copies, pairs
from .tiers import TIERS

_ROWS = (
    ("auc", "AUC"),
    ("auc_mean_family", "mean AUC of a generated family"),
    ("auc_worst_family", "worst AUC of a generated family"),
    ("average_precision", "average precision"),
    ("balanced_accuracy_at_half", "balanced accuracy at probability 0.5"),
    ("tpr_at_5_fpr", "recall at 5 % false accusations"),
    ("tpr_at_1_fpr", "recall at 1 % false accusations"),
    ("ece", "expected calibration error"),
    ("false_accusations", "real images called likely generated"),
    ("flagged_generated", "generated images called likely generated"),
    ("coverage", "images given a side (not uncertain)"),
    ("balanced_accuracy_decided", "balanced accuracy of those"),
)


def figures_table(figures: dict[str, float]) -> str:
    """Return the pooled figures ("tier.name" -> value) as a Markdown table, one column a tier."""
    tiers = [tier.name for tier in TIERS]
    lines = [f"| figure | {' | '.join(tiers)} |", "|---|" + "---|" * len(tiers)]
    for key, words in _ROWS:
        if f"{tiers[0]}.{key}" not in figures:
            continue  # no family is large enough for an AUC of its own
        cells = []
        for tier in tiers:
            cell = f"{figures[f'{tier}.{key}']:.3f}"
            if key == "auc":
                cell += f" [{figures[f'{tier}.auc_low']:.3f}, {figures[f'{tier}.auc_high']:.3f}]"
            cells.append(cell)
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _family_table(built: Built) -> str:
    """Return a Markdown table: AUC of every generated family against all real images, one column a tier."""
    found = {tier: by_family(judged) for tier, judged in built.judged.items()}
    names = sorted(next(iter(found.values())))
    lines = [f"| generated family | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    lines += [f"| {name} | {' | '.join(f'{f[name]:.2f}' for f in found.values())} |" for name in names]
    return "\n".join(lines)


def _preset_table(presets: dict[str, Thresholds]) -> str:
    """Return a Markdown table of the presets a person may choose, with their measured false accusations."""
    lines = [f"| preset | generated from | real up to | {' | '.join(t.name for t in TIERS)} |", "|---" * 6 + "|"]
    for name, one in presets.items():
        rates = " | ".join(f"{one.false_accusations[t.name]:.1%}" for t in TIERS)
        lines.append(f"| {name} | {one.generated_at:.3f} | {one.real_at:.3f} | {rates} |")
    return "\n".join(lines)


def _attention_words(spec: DetectorSpec, config: DetectorConfig) -> str:
    if not spec.model.attention:
        return ""
    return f"; attention {config.head.steps} steps, lambda_a {config.head.attention_weight}"


def _pair_table(built: Built) -> str:
    """Return a Markdown table of collections that hold both labels: AUC, one column a tier."""
    found = {tier: pairs(judged) for tier, judged in built.judged.items()}
    lines = [f"| real | generated | images | {' | '.join(found)} |", "|---" * (3 + len(found)) + "|"]
    for row in zip(*found.values(), strict=True):
        cells = [f"{one.auc:.2f} [{one.low:.2f}, {one.high:.2f}]{'' if one.above_chance else ' *'}" for one in row]
        lines.append(f"| {row[0].real} | {row[0].generated} | {row[0].images} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _copies_words(built: Built) -> str:
    """Return a sentence on how the verdicts on the tiers' copies of an image agree."""
    found = copies(built.judged)
    return (
        f"Of {found.images} images in three copies, one a tier, {found.same:.1%} get the same band in all three and\n"
        f"{found.opposite:.1%} opposite sides in two; the probabilities of one image lie {found.spread:.2f} apart."
    )


def _further_table(built: Built) -> str:
    """Return a section on the images that only train: how many of each kind are called likely generated."""
    if not built.further:
        return ""
    lines = [
        "Further images, which only train (`noiselens-train collect`): how many a head that saw none of their kind (of",
        "generated ones: of their generator's family) calls likely generated.",
        "",
        f"| label | kind | images | {' | '.join(built.further)} |",
        "|---" * (3 + len(built.further)) + "|",
    ]
    first = next(iter(built.further.values()))
    kind = np.array([_kind(source) for source in first.source])
    for label, word in enumerate(("real", "generated")):
        for name in sorted(set(kind[first.label == label])):
            at = (kind == name) & (first.label == label)
            bands = [part.where(at).band for part in built.further.values()]
            shares = [np.mean([band is Band.LIKELY_GENERATED for band in one]) for one in bands]
            lines.append(f"| {word} | {name} | {at.sum()} | {' | '.join(f'{share:.1%}' for share in shares)} |")
    return "\n" + "\n".join(lines) + "\n"


def _kind(source: str) -> str:
    """Return a collection's kind: the parts it was dealt into, and previews of all sources, are one."""
    return "previews" if source.startswith("previews_") else re.sub(r"_\d+$", "", source)


def write_card(
    path: Path, spec: DetectorSpec, config: DetectorConfig, samples: list[Sample], teacher: str, built: Built
) -> None:
    """Write the card of a freshly trained detector. teacher: its id."""
    allowed = ", ".join(f"{share:.1%} {tier}" for tier, share in CalibrationConfig().false_accusations.items())
    families = {c: sorted({s.family for s in samples if s.label == c}) for c in (0, 1)}
    c, taps = spec.calibration, ", ".join(str(t + 1) for t in spec.model.taps)
    path.write_text(
        f"""# {spec.id}

ANL detector ({spec.architecture}, {spec.preprocessing}), docs/METHOD.md: the first {spec.model.depth} blocks of CLIP
ViT-B/16's image tower, frozen; a linear part on class tokens and token means of blocks {taps};
a head that predicts a frozen diffusion model's noise; noise-guided attention {"on" if spec.model.attention else "off"}.
Licence: {spec.licence}; the encoder's weights are OpenAI's, MIT. sha256 of the weights: `{spec.weights_sha256}`.

## Training

{spec.data}.
Noise head: {config.noise.steps} steps of {config.noise.batch_size} windows without labels; teacher {teacher}, target T0
at t = {config.noise.teacher_timestep}; cosine to the teacher's noise on fresh windows {built.cosine:.2f}.
Head: the three tiers and {config.head.views} random view(s) of every image; ridge 1/C =
{1 / config.head.inverse_ridge:.0f}{_attention_words(spec, config)}.

Real families: {", ".join(families[0])}.
Generated families: {", ".join(families[1])}.
No image of them is shipped.

## Figures

Families are dealt into {config.split.folds} folds; families out of one collection stay together. Every image is judged
by a head that saw none of its families, under a calibration that saw none of them either. The shipped head is
fitted on all families; the encoder is frozen and the noise head sees no labels, so only the head is fitted anew.

{figures_table(spec.figures)}

Brackets are 95 % bootstrap intervals over images. Bands here are those of the probability alone; the product also
abstains when places or a re-encoded copy contradict.

{_copies_words(built)}

{_family_table(built)}

Collections that hold both labels, so that content says nothing: AUC with its interval; * not above chance.

{_pair_table(built)}
{_further_table(built)}
## Thresholds

Probability = sigmoid(logit / {c.temperature:.3f} + {c.bias:.3f}). `likely_generated` from {c.generated_at:.3f}: of the
left-out real images at most {allowed} reach it. `likely_real` up to {c.real_at:.3f}: at most
{CalibrationConfig().missed:.0%} of the left-out generated images fall under it. Between the two, and where places or a
re-encoded copy contradict, the verdict is `uncertain`. Real images called likely generated by each preset, every image
under thresholds set without its fold:

{_preset_table(c.presets)}

## What it cannot do

{CANNOT_SEE}
It was trained on small images (at most 576 px) and few generators; what it says of others is a lead, not evidence.
A probability is not a finding of fact about a person's work.
""",
        encoding="utf-8",
    )
