"""Plots and picture sheets of a run."""

from __future__ import annotations

import math
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image
from torch import Tensor

from noiselens_core.progress import Progress

from .metrics import Judged

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from sklearn.metrics import roc_curve

MIN_IN_BIN = 15  # images; fewer say nothing of a frequency


def loss_curves(records: list[Progress], path: Path) -> None:
    """Write a PNG with one small plot a logged figure over the optimiser steps."""
    names = sorted({name for record in records for name in record.values})
    if not names:
        return
    columns = min(3, len(names))
    rows = math.ceil(len(names) / columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.2 * columns, 2.8 * rows), squeeze=False)
    for axis, name in zip(axes.flat, names, strict=False):
        points = [(r.step, r.values[name]) for r in records if name in r.values]
        axis.plot(*zip(*points, strict=True), color="#2f6fdb", linewidth=1.2)
        axis.set_title(name.replace("_", " "), fontsize=10, loc="left")
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    for axis in axes[-1]:
        axis.set_xlabel("step", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def left_out_plots(judged: dict[str, Judged], path: Path) -> None:
    """Write a PNG: ROC curves of the tiers with the low end wide, and how often each probability is right."""
    figure, (roc, reliability) = plt.subplots(1, 2, figsize=(9.2, 4.2))
    for (tier, part), colour in zip(judged.items(), ("#2f6fdb", "#c2571a", "#5d43a8"), strict=False):
        false, true, _ = roc_curve(part.label, part.probability)
        roc.plot(false, true, color=colour, linewidth=1.6, label=tier)
        bins = np.minimum((part.probability * 10).astype(int), 9)
        points = [
            (part.probability[bins == b].mean(), part.label[bins == b].mean())
            for b in range(10)
            if (bins == b).sum() >= MIN_IN_BIN
        ]
        reliability.plot(*zip(*points, strict=True), color=colour, marker="o", markersize=4, linewidth=1.4, label=tier)
    roc.set(xscale="symlog", xlim=(0, 1), ylim=(0, 1), xlabel="real images accused", ylabel="generated images found")
    roc.set_xscale("symlog", linthresh=0.01)
    roc.set_xticks([0, 0.01, 0.05, 0.2, 1], ["0", "1 %", "5 %", "20 %", "all"])
    reliability.plot((0, 1), (0, 1), color="#999999", linewidth=0.8, linestyle="--")
    reliability.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability said", ylabel="share that is generated")
    for axis, title in ((roc, "Finding without accusing"), (reliability, "Calibration")):
        axis.set_title(title, fontsize=10, loc="left")
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        if axis.get_legend_handles_labels()[0]:  # few images fill no bin
            axis.legend(frameon=False, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def to_pixels(pictures: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return pictures (B, 3, H, W) in [-1, 1] as (B, H, W, 3) uint8."""
    unit = (pictures.detach().cpu().clamp(-1, 1) + 1) * 127.5
    return unit.round().permute(0, 2, 3, 1).numpy().astype(np.uint8)


def picture_sheet(pictures: Tensor, path: Path, scale: int = 2) -> None:
    """Write pictures (B, 3, H, W) in [-1, 1] side by side, each enlarged `scale` times without smoothing."""
    sheet = np.concatenate(list(to_pixels(pictures)), axis=1)
    Image.fromarray(sheet.repeat(scale, 0).repeat(scale, 1)).save(path)
