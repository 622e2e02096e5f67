"""The model card: what a detector is, what it was trained on, and what it can and cannot do, in Markdown."""

from __future__ import annotations

from pathlib import Path

from noiselens_core.checkpoint import DetectorSpec
from noiselens_core.reasons import CANNOT_SEE

from .config import CalibrationConfig, DetectorConfig
from .data import Split
from .evaluate import TIERS

_ROWS = (
    ("auc", "AUC"),
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
        cells = []
        for tier in tiers:
            cell = f"{figures[f'{tier}.{key}']:.3f}"
            if key == "auc":
                cell += f" [{figures[f'{tier}.auc_low']:.3f}, {figures[f'{tier}.auc_high']:.3f}]"
            cells.append(cell)
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _families(split_part: list[tuple[int, str]]) -> str:
    names = {label: sorted({family for at, family in split_part if at == label}) for label in (0, 1)}
    return f"real: {', '.join(names[0])}; generated: {', '.join(names[1])}"


def write_card(
    path: Path, spec: DetectorSpec, config: DetectorConfig, split: Split, teacher: str, cosine: float
) -> None:
    """Write the card of a freshly trained detector.

    teacher: its id. cosine: between predicted and teacher's noise on crops of left-out families.
    """
    parts = {
        "Trained": split.train,
        "Calibrated": split.calibration,
        "Measured": split.test,
    }
    families = "\n".join(
        f"- {name} on {len(part)} images ({sum(s.label == 0 for s in part)} real): "
        f"{_families([(s.label, s.family) for s in part])}."
        for name, part in parts.items()
    )
    allowed = ", ".join(f"{share:.0%} {tier}" for tier, share in CalibrationConfig().false_accusations.items())
    c = spec.calibration
    path.write_text(
        f"""# {spec.id}

ANL detector ({spec.architecture}, {spec.preprocessing}): EfficientNet-Lite0 up to stride 16 with a residual front
end, a head that predicts a frozen diffusion model's noise, and attention biased by that noise (docs/METHOD.md).
Licence: {spec.licence}. sha256 of the weights: `{spec.weights_sha256}`.

## Training

{spec.data}.
{config.steps} steps of {config.batch_size} crops; lambda_n {config.noise_weight}, lambda_a {config.attention_weight};
teacher {teacher}, target T0 at t = {config.teacher_timestep}.

{families}

No family of one part is in another. No image of the three parts is shipped.

## Figures on families left out of training and calibration

{figures_table(spec.figures)}

Brackets are 95 % bootstrap intervals over images. The families are few: another draw of families would move the
figures by more than the intervals say. Cosine between predicted and teacher's noise on their crops: {cosine:.2f}.

## Thresholds

Probability = sigmoid(logit / {c.temperature:.3f} + {c.bias:.3f}). `likely_generated` from {c.generated_at:.3f}: on the
calibration families at most {allowed} of the real images reach it. `likely_real` up to {c.real_at:.3f}: at most
{CalibrationConfig().missed:.0%} of their generated images fall under it. Between the two, and where crops or a
re-encoded copy contradict, the verdict is `uncertain`.

## What it cannot do

{CANNOT_SEE} It was trained on small images (at most 576 px) and few generators; what it says of others is a lead, not
evidence. A probability is not a finding of fact about a person's work.
""",
        encoding="utf-8",
    )
