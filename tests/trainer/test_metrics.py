"""Figures on cases worked out by hand, and calibration that keeps its promises."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from noiselens_core.verdict import Band
from noiselens_trainer.config import CalibrationConfig
from noiselens_trainer.evaluate import fit_calibration
from noiselens_trainer.metrics import (
    Judged,
    auc,
    balanced_accuracy,
    by_family,
    by_group,
    copies,
    expected_calibration_error,
    interval,
    join,
    pairs,
    table,
    true_positive_rate,
)


def _judged(label: list[int], probability: list[float]) -> Judged:
    bands = [
        Band.LIKELY_GENERATED if p >= 0.8 else Band.LIKELY_REAL if p <= 0.2 else Band.UNCERTAIN for p in probability
    ]
    names = ["camera" if y == 0 else "model" for y in label]
    return Judged(np.array(label), np.array(probability), bands, names, names, ["one place"] * len(label))


def test_the_table_of_a_small_case() -> None:
    figures = table(_judged([0, 0, 1, 1], [0.1, 0.9, 0.5, 0.95]))
    assert figures["auc"] == 0.75
    assert figures["false_accusations"] == 0.5
    assert figures["flagged_generated"] == 0.5
    assert figures["coverage"] == 0.75
    assert figures["balanced_accuracy_decided"] == pytest.approx((0.5 + 1) / 2)


def test_copies_of_one_image_agree_differ_or_contradict() -> None:
    clean, web = _judged([0, 0, 1, 1], [0.1, 0.1, 0.9, 0.5]), _judged([0, 0, 1, 1], [0.1, 0.9, 0.5, 0.5])
    found = copies({"clean-eq": clean, "web": web})
    assert found.images == 4
    assert found.same == 0.5
    assert found.opposite == 0.25
    assert found.spread == pytest.approx((0 + 0.8 + 0.4 + 0) / 4)


def test_the_area_under_the_curve_is_the_library_s_with_ties_and_all() -> None:
    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 200), rng.integers(0, 20, 200) / 20
    assert auc(label, score) == pytest.approx(roc_auc_score(label, score))
    assert np.isnan(auc(np.ones(3, int), np.ones(3)))


def test_recall_at_a_bounded_share_of_accusations() -> None:
    label = np.array([0] * 100 + [1] * 100)
    probability = np.concatenate([np.linspace(0, 0.99, 100), np.full(100, 0.955)])
    assert true_positive_rate(label, probability, 0.05) == 1.0
    assert true_positive_rate(label, probability, 0.01) == 0.0


def test_calibration_error_of_a_constant_answer() -> None:
    label = np.array([0, 0, 0, 1])
    assert expected_calibration_error(label, np.full(4, 0.25)) == pytest.approx(0)
    assert expected_calibration_error(label, np.full(4, 0.95)) == pytest.approx(0.7)


def test_balanced_accuracy_counts_both_classes_alike() -> None:
    label = np.array([0] * 9 + [1])
    assert balanced_accuracy(label, np.zeros(10, bool)) == 0.5


def test_the_interval_holds_the_figure_and_narrows_with_images() -> None:
    def mean(_: np.ndarray, p: np.ndarray) -> float:
        return float(p.mean())

    rng = np.random.default_rng(0)
    few, many = (interval(_judged([0] * n + [1] * n, list(rng.random(2 * n))), mean, rounds=200) for n in (20, 2000))
    assert few[0] < 0.5 < few[1]
    assert many[1] - many[0] < few[1] - few[0]


def test_every_family_stands_against_all_real_images() -> None:
    judged = _judged([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9])
    judged.family[2:] = ["old", "new"]
    assert by_family(judged, smallest=1) == {"new": 1.0, "old": 0.5}
    assert by_family(judged, smallest=2) == {}


def test_pairs_are_collections_with_both_labels() -> None:
    one, other = _judged([0, 1], [0.1, 0.9]), _judged([1, 1], [0.2, 0.3])
    other.origin[:] = ["elsewhere"] * 2
    (row,) = pairs(join([one, other]))
    assert (row.real, row.generated, row.images, row.auc) == ("camera", "model", 2, 1.0)


def test_a_pair_is_above_chance_when_its_whole_interval_is() -> None:
    rng = np.random.default_rng(0)
    for shift, above in ((0.0, False), (0.15, False), (2.0, True)):
        label = [0] * 20 + [1] * 20
        judged = _judged(label, list(1 / (1 + np.exp(-rng.normal(0, 1, 40) - shift * np.array(label)))))
        judged.origin[:] = ["here"] * 40
        (row,) = pairs(judged)
        assert row.low < row.auc < row.high
        assert row.above_chance == above == (row.low > 0.5)


def test_sources_are_told_apart() -> None:
    rows = {row["source"]: row for row in by_group(_judged([0, 0, 1], [0.9, 0.1, 0.5]))}
    assert rows["camera"]["likely_generated"] == 0.5
    assert rows["model"]["likely_generated"] == 0


def test_calibration_bounds_accusations_in_the_worst_tier_and_is_calibrated() -> None:
    rng = np.random.default_rng(0)
    label = np.array([0] * 1000 + [1] * 1000)
    logits = {
        name: np.where(label == 1, rng.normal(shift, 2, 2000), rng.normal(-shift, 2, 2000)) * 3
        for name, shift in (("clean-eq", 2.0), ("web", 1.5), ("hard", 1.0))
    }
    config = CalibrationConfig()
    fitted = fit_calibration(logits, label, config)
    for name, values in logits.items():
        probability = fitted.probabilities(values)
        assert (probability[label == 0] >= fitted.generated_at).mean() <= config.false_accusations[name]
        assert (probability[label == 1] <= fitted.real_at).mean() <= config.missed
    pooled = np.concatenate([fitted.probabilities(v) for v in logits.values()])
    assert expected_calibration_error(np.tile(label, 3), pooled) < 0.03
