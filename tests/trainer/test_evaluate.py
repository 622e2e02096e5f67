"""Figures of a detector on labelled images: what they need, and what is written of them."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from noiselens_core.detector import Detector
from noiselens_core.verdict import Band
from noiselens_trainer.data import DataError, Sample
from noiselens_trainer.evaluate import judge, write_figures
from noiselens_trainer.metrics import Judged


@pytest.mark.parametrize("missing", [{1}, {0, 1}])
def test_images_of_one_label_are_no_evaluation(
    samples: list[Sample], base: Path, tmp_path: Path, missing: set[int]
) -> None:
    gone = [replace(s, path=tmp_path / s.path.name) if s.label in missing else s for s in samples]
    with pytest.raises(DataError, match="both labels that can be read"):
        judge(Detector.load(base, "cpu"), gone, lambda _: None)


def test_figures_of_nothing_are_null_and_labels_are_kept_apart_in_files(tmp_path: Path) -> None:
    bands = [Band.UNCERTAIN] * 4  # none is decided
    judged = Judged(np.array([0, 0, 1, 1]), np.array([0.4, 0.5, 0.5, 0.6]), bands, ["s"] * 4, ["f"] * 4, [""] * 4)
    write_figures({"web": judged}, tmp_path)
    with (tmp_path / "sources.csv").open(encoding="utf-8") as file:  # a source of both labels is two rows
        assert [(row["label"], row["images"]) for row in csv.DictReader(file)] == [("real", "2"), ("generated", "2")]
    told = json.loads((tmp_path / "evaluation.json").read_text(), parse_constant=pytest.fail)
    assert told["web"]["balanced_accuracy_decided"] is None
    assert told["web"]["images"] == 4
