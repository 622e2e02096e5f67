"""Fine-tuning: from pictures the user labelled to a detector of their own, measured before and after.

A run can be ended at any moment, by kill -9 too: what was computed of each picture is kept, fits are made anew in
seconds, and the detector file appears whole at the very end. So a pause is a cancel, and going on is starting again.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from noiselens_core.calibration import Calibration, Thresholds
from noiselens_core.checkpoint import DetectorSpec, load_detector, save_detector
from noiselens_core.device import choose_device
from noiselens_core.model import AnlDetector
from noiselens_core.progress import Progress
from noiselens_core.registry import file_name
from noiselens_core.teaching import prospects
from noiselens_core.verdict import Band

from .comparison import Change, Comparison, Flip, write_card, write_html, write_json
from .config import BALANCED
from .data import DataError
from .memory import Memory, load_memory, memory_of
from .own import OwnFeatures, OwnSample, Seen, deal
from .recalibrate import figures, held_out, honest_reference, judge, recalibrate
from .refit import FOLDS, STRENGTHS, Moved, Own, Refit, own_weights
from .state import RunError
from .tiers import TIERS

Report = Callable[[Progress], None]
Floats = NDArray[np.float64]

TOLERATED = 0.0075  # of balanced accuracy on the reference, about its noise; what costs more gives way to a gentler fit
KEPT = "features"  # folder in a run's
SAMPLE_BYTES = 200_000  # kept of a picture, and its share of the report
SPARE_BYTES = 64 * 2**20  # for the detector, the report and the system itself


@dataclass(frozen=True)
class Tuned:
    """A finished fine-tuning: the detector's file, and what was measured."""

    file: Path
    comparison: Comparison


def fine_tune(
    samples: list[OwnSample], base: Path, run: Path, models: Path, name: str, device: str, report: Report
) -> Tuned:
    """Move the head of the detector `base` towards the samples and write the new detector into the folder `models`.

    run: folder of what is kept between runs. Raises DataError, ModelError and RunError, and leaves `models` as it was.
    """
    started = time.monotonic()
    _ask_for_enough(samples)
    with _one_sentence(run):
        for folder in (run, models):
            folder.mkdir(parents=True, exist_ok=True)
            _ask_for_room(folder, len(samples))
        report(Progress("load", 0, 1, message="Loading the detector"))
        model, spec = load_detector(base, choose_device(device), looking=True)
        if spec.model.attention:
            raise RunError(f"{spec.id} looks with attention, which is not fine-tuned. Choose another detector.")
        memory = load_memory(memory_of(base), spec)
        kept = OwnFeatures(run / KEPT, f"{spec.architecture} {spec.weights_sha256}", model)
        seen, unread = kept.see(samples, report)
        if unread and not seen:
            raise DataError(f"None of the {len(samples)} labelled images can be used. The first: {unread[0].sentence}")
        _ask_for_enough([one.sample for one in seen])
        model.cpu()
        own = _own(model, seen)
        moved = move(memory, _head(model), spec.model.class_width, own, report)
        report(Progress("measure", 0, 1, message="Measuring before and after"))
        calibration, mine, others = measure(memory, own, moved, spec.calibration)
        _put_head(model, moved.head)
        tuned = _described(spec, name, moved.head, calibration, own, {"own": mine, "reference": others})
        flips, seconds = _flips(seen, moved, spec.calibration, calibration), time.monotonic() - started
        comparison = Comparison(tuned.id, spec.id, mine, others, flips, unread, moved.strength, seconds)
        file = models / file_name(tuned.id)
        write_html(file.with_suffix(".html"), comparison)
        write_json(file.with_suffix(".json"), comparison)
        write_card(file.with_suffix(".md"), tuned, comparison)
        save_detector(file, model, tuned)
    report(Progress("done", 1, 1, values=_values(comparison), message=str(file)))
    return Tuned(file, comparison)


def forget(run: Path) -> None:
    """Remove what earlier runs kept of pictures."""
    shutil.rmtree(run / KEPT, ignore_errors=True)


def _ask_for_enough(samples: list[OwnSample]) -> None:
    generated = sum(sample.label for sample in samples)
    outlook = prospects(len(samples) - generated, generated)
    if not outlook.enough:
        raise DataError(outlook.sentence)


def _ask_for_room(folder: Path, count: int) -> None:
    wanted, free = SPARE_BYTES + count * SAMPLE_BYTES, shutil.disk_usage(folder).free
    if free < wanted:
        raise RunError(
            f"There are {free / 2**20:.0f} MB free in {folder}, and fine-tuning on {count} pictures needs "
            f"{wanted / 2**20:.0f} MB. Make room and start it again."
        )


@contextmanager
def _one_sentence(run: Path) -> Iterator[None]:
    """Turn what the machine runs out of into one sentence."""
    try:
        yield
    except OSError as error:
        place = error.filename or run
        why = (
            "The disk is full" if error.errno == errno.ENOSPC else f"{place} cannot be used ({error.strerror or error})"
        )
        raise RunError(f"{why}. Put that right and start it again; what was done so far is kept.") from error
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or "memory" in str(error):
            raise RunError(
                "The machine ran out of memory. Close other programs and start it again; what was done so far is kept."
            ) from error
        raise


def _head(model: AnlDetector) -> Floats:
    return np.append(model.linear.weight[0].detach().double().numpy(), model.linear.bias.item())


def _put_head(model: AnlDetector, head: Floats) -> None:
    with torch.no_grad():
        model.linear.weight.copy_(torch.from_numpy(head[None, :-1]))
        model.linear.bias.fill_(float(head[-1]))


def _own(model: AnlDetector, seen: list[Seen]) -> Own:
    mean, scale = model.feature_mean.numpy(), model.feature_scale.numpy()
    features = (np.stack([one.features for one in seen]).astype(np.float32) - mean) * scale  # (n, VIEWS, D)
    label = np.array([one.sample.label for one in seen])
    return Own(np.ascontiguousarray(features[:, 1:]), features[:, 0], label, deal(seen, FOLDS))


def move(memory: Memory, head: Floats, moving: int, own: Own, report: Report) -> Moved:
    """Fit with the greatest strength that the reference bears; the user's samples have no say in which that is.

    moving: how many of the head's first weights move.
    """
    state = {"fit": 0, "fits": 0}

    def watch(loss: float, validation: float | None) -> None:
        values = {"loss": loss} | ({} if validation is None else {"validation": validation})
        report(Progress("fit", state["fit"], state["fits"], values=values))

    refit = Refit(memory, head, moving, own, watch, lambda: state.update(fit=state["fit"] + 1))
    state["fits"] = refit.fits
    before, best = refit.reference_before(), None
    right_before = _balanced(memory, before)
    for strength in STRENGTHS:
        after = refit.reference(strength)
        right = _balanced(memory, after)
        message = f"Strength {strength:g}"
        values = {"reference_before": right_before, "reference_after": right}
        report(Progress("fit", state["fit"], state["fits"], values=values, message=message))
        if best is None or right > best[1]:
            best = strength, right, after
        if right >= right_before - TOLERATED:
            break
        state["fits"] += len(memory.heads)
    assert best is not None
    own_after = refit.held_out(best[0])
    return Moved(refit.final(best[0]), best[0], refit.before(), own_after, before, best[2])


def _balanced(memory: Memory, logits: Floats) -> float:
    """Return the balanced accuracy at the logit that parts the labels as well as a calibrated 0.5 does.

    A common shift of all logits is calibration's and must not count for or against a strength: the best cut is taken.
    """
    order = np.argsort(logits)
    label = memory.label[order]
    missed = np.cumsum(label) / label.sum()
    accused = 1 - np.cumsum(1 - label) / (1 - label).sum()
    return float(1 - (missed + accused).min() / 2)


def measure(memory: Memory, own: Own, moved: Moved, base: Calibration) -> tuple[Calibration, Change, Change]:
    """Calibrate a moved head; return that, and the changes on the user's samples and on the reference."""
    data = held_out(
        memory,
        (moved.reference_before, moved.reference_after),
        own.label,
        (moved.own_before, moved.own_after),
        own_weights(own.label, 1.0, len(memory.label)),
    )
    calibration = recalibrate(data, base)
    judged = honest_reference(data, base)
    presets = {
        name: Thresholds(one.generated_at, one.real_at, _accused(memory, judged[name][1]))
        for name, one in calibration.presets.items()
    }
    mine = Change(
        figures(own.label, *judge(moved.own_before, base)), figures(own.label, *judge(moved.own_after, calibration))
    )
    others = Change(
        figures(memory.label, *judge(moved.reference_before, base)), figures(memory.label, *judged[BALANCED])
    )
    return replace(calibration, presets=presets), mine, others


def _flips(seen: list[Seen], moved: Moved, base: Calibration, calibration: Calibration) -> list[Flip]:
    """Return the samples that changed, the worse first."""
    before, after = judge(moved.own_before, base), judge(moved.own_after, calibration)
    pairs = [list(zip(*side, strict=True)) for side in (before, after)]
    found = [
        Flip(one, old, new)
        for one, old, new in zip(seen, *pairs, strict=True)
        if old[1] is not new[1] or (old[0] >= 0.5) != (new[0] >= 0.5)
    ]
    return sorted(found, key=lambda flip: flip.gain)


def _accused(memory: Memory, bands: list[Band]) -> dict[str, float]:
    """Return the share of the memory's real pictures called likely generated, a tier."""
    accused = np.array([band is Band.LIKELY_GENERATED for band in bands])
    real = memory.label == 0
    return {
        tier.name: round(float(accused[real & (memory.tier == index)].mean()), 4) for index, tier in enumerate(TIERS)
    }


def _described(
    spec: DetectorSpec, name: str, head: Floats, calibration: Calibration, own: Own, changes: dict[str, Change]
) -> DetectorSpec:
    """Return the new detector's description; its id carries a digest of the head, so two fits never share one."""
    generated = int(own.label.sum())
    words = f"{len(own.label) - generated} real and {generated} generated pictures of the user's"
    flat = {
        f"{part}.{when}.{key}": round(float(value), 4)
        for part, change in changes.items()
        for when, one in asdict(change).items()
        for key, value in one.items()
        if value is not None
    }
    return replace(
        spec,
        id=f"{name}-{hashlib.sha256(head.tobytes()).hexdigest()[:6]}",
        calibration=calibration,
        data=f"{spec.id} moved by {words}; {spec.data}",
        figures=flat,
        weights_sha256="",
    )


def _values(comparison: Comparison) -> dict[str, float]:
    """Return what the last line of a run says in numbers."""
    return {
        "worth_offering": float(comparison.worth_offering),
        "own_before": comparison.own.before.balanced_accuracy,
        "own_after": comparison.own.after.balanced_accuracy,
        "reference_before": comparison.reference.before.balanced_accuracy,
        "reference_after": comparison.reference.after.balanced_accuracy,
        "seconds": comparison.seconds,
    }
