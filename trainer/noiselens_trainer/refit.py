"""Move a detector's head towards the user's samples: convex, on numbers alone, and measured on what it did not see.

The head is the minimum of the weighted cross-entropy over the user's rows and the replay memory, plus
PULL / 2 |w - w0|^2 with w0 the head that ships. Only the weights of class tokens move: those of the token means follow
what pictures show more than what made them. docs/FINETUNING.md says how this and the constants were chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .memory import Memory

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Watch = Callable[[float, float | None], None]  # objective a unit of weight; cross-entropy of what is held out

PULL = 333.0  # that of the shipped head's ridge, in cross-entropy of one picture of mean weight
STRENGTHS = (30.0, 10.0, 3.0)  # weight of a sample of the user's, a picture of the memory having 1 on average
LARGEST_SHARE = 1.0  # of the user's samples together, the memory having 1
FOLDS = 5  # of the user's samples
ITERATIONS = 200
_WATCHED = 5  # iterations between two reports


@dataclass(frozen=True)
class Own:
    """The user's samples as numbers.

    Attributes:
        training: (n, V, D) standardised features of the delivered views the head learns from.
        judged: (n, D) those of the file as it is, as the product sees it.
        label: (n,) 1 generated, 0 real.
        fold: (n,) which of at most FOLDS parts a sample is held out with.
    """

    training: Singles
    judged: Singles
    label: Ints
    fold: Ints


@dataclass(frozen=True)
class Moved:
    """A head that was moved, and what it does to pictures it did not see.

    Attributes:
        head: (D + 1,), bias last, fitted to everything.
        strength: that it was fitted with, one of STRENGTHS.
        own_before, own_after: (n,) logits of the user's samples; after: by heads that did not see their fold.
        reference_before, reference_after: (N,) logits of the memory by heads that did not see its fold, without and
            with the user's samples.
    """

    head: Floats
    strength: float
    own_before: Floats
    own_after: Floats
    reference_before: Floats
    reference_after: Floats


def own_weights(label: Ints, strength: float, memory_size: int) -> Floats:
    """Return a weight a sample: `strength` on average, at most LARGEST_SHARE of the memory; labels as square roots.

    A label with n samples weighs sqrt(n) in all, as sources do in training: ten samples are heard beside a hundred.
    """
    counts = np.bincount(label, minlength=2)
    weight = counts[label] ** -0.5
    mean = min(strength, LARGEST_SHARE * memory_size / len(label))
    return np.asarray(weight * mean / weight.mean(), np.float64)


@dataclass(frozen=True)
class Rows:
    """What a head is fitted to or judged on.

    Attributes:
        x: (M, K) standardised features whose weights move.
        still: (M,) what the weights of the others make of them; no bias.
        y: (M,) 1 generated, 0 real.
    """

    x: Singles
    still: Singles
    y: Singles

    def logits(self, head: Floats) -> Singles:
        """Return the logits (M,) by the part of a head that moves, (K + 1,), bias last."""
        return np.asarray(self.x @ head[:-1].astype(np.float32) + self.still + np.float32(head[-1]), np.float32)


def move_head(
    rows: Rows, weight: Floats, start: Floats, held: Rows | None = None, watch: Watch | None = None
) -> Floats:
    """Return the (K + 1,) that minimises the weighted cross-entropy of the rows plus the pull back to `start`.

    weight: (M,). held: what `watch` hears of and nothing else does.
    """
    pulled, singles = start[:-1], weight.astype(np.float32)
    total, last = float(weight.sum()), [0.0]

    def objective(head: Floats) -> tuple[float, Floats]:
        logit, off = rows.logits(head), head[:-1] - pulled
        error = singles * (_sigmoid(logit) - rows.y)
        last[0] = float((singles * (np.logaddexp(0, logit) - rows.y * logit)).sum(dtype=np.float64))
        last[0] += 0.5 * PULL * float(off @ off)
        return last[0], np.append(rows.x.T @ error + PULL * off, error.sum(dtype=np.float64))

    count = [0]

    def each(head: Floats) -> None:
        count[0] += 1
        if watch is not None and count[0] % _WATCHED == 1:
            watch(last[0] / total, None if held is None else cross_entropy(held.logits(head), held.y))

    found = minimize(  # type: ignore[call-overload]  # its stubs do not know all options of this method
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=each,
        options={"maxiter": ITERATIONS, "maxcor": 20, "ftol": 1e-6, "gtol": 1e-3},
    )
    return np.asarray(found.x, np.float64)


def cross_entropy(logit: Singles, label: Singles) -> float:
    """Return the mean cross-entropy, both labels weighing the same where both are there."""
    each = np.logaddexp(0, logit) - label * logit
    return float(np.mean([each[label == c].mean() for c in np.unique(label)]))


def _sigmoid(logit: Singles) -> Singles:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logit)), np.float32)


class Refit:
    """The fits of one fine-tuning run, on one memory and one set of samples.

    head: (D + 1,) that ships. moving: K, how many of its first weights move. watch: hears of every fit as it goes.
    fitted: is called after each.
    """

    def __init__(self, memory: Memory, head: Floats, moving: int, own: Own, watch: Watch, fitted: Callable[[], None]):
        self._memory, self._head, self._own, self._watch, self._fitted = memory, head, own, watch, fitted
        self._moving = moving
        views = own.training.shape[1]
        self._x = np.concatenate((memory.rows(), own.training.reshape(-1, own.training.shape[2])))
        self._y = np.concatenate((memory.label, np.repeat(own.label, views)))
        self._remembered = np.arange(len(self._y)) < len(memory.label)
        # Rows of the memory have the memory's fold, rows of the user's samples theirs.
        self._fold = np.concatenate((memory.fold, np.repeat(own.fold, views)))

    @property
    def fits(self) -> int:
        """How many fits one strength takes at most, the last one included."""
        return len(self._memory.heads) + len(np.unique(self._own.fold)) + 1

    def reference(self, strength: float) -> Floats:
        """Return the logits (N,) of the memory, every fold judged by a head moved without it."""
        return self._judge_memory(
            {
                f: self._fit(strength, ~(self._remembered & (self._fold == f)), head)
                for f, head in self._memory.heads.items()
            }
        )

    def reference_before(self) -> Floats:
        """Return the logits (N,) of the memory by the heads that never saw its folds."""
        return self._judge_memory(self._memory.heads)

    def held_out(self, strength: float) -> Floats:
        """Return the logits (n,) of the user's samples, every fold judged by a head moved without it."""
        logits = np.empty(len(self._own.label))
        for f in np.unique(self._own.fold):
            out = self._own.fold == f
            held = self._rows(self._own.judged[out], self._own.label[out], self._head)
            head = self._fit(strength, self._remembered | (self._fold != f), self._head, held)
            logits[out] = _logits(self._own.judged[out], head)
        return logits

    def before(self) -> Floats:
        """Return the logits (n,) of the user's samples by the head that ships."""
        return _logits(self._own.judged, self._head)

    def final(self, strength: float) -> Floats:
        """Return the head moved by everything there is."""
        return self._fit(strength, np.ones(len(self._y), bool), self._head)

    def _judge_memory(self, heads: dict[int, Floats]) -> Floats:
        logits = np.empty(len(self._memory.label))
        rows = self._x[: len(logits)]
        for f, head in heads.items():
            here = self._memory.fold == f
            logits[here] = _logits(rows[here], head)
        return logits

    def _fit(self, strength: float, chosen: Bools, start: Floats, held: Rows | None = None) -> Floats:
        """Fit to the chosen rows. A sample's weight is spread over its views and does not depend on the choice."""
        views, k = self._own.training.shape[1], self._moving
        own = own_weights(self._own.label, strength, len(self._memory.label))
        weight = np.concatenate((self._memory.weight, np.repeat(own / views, views)))
        rows = self._rows(self._x[chosen], self._y[chosen], start)
        moved = move_head(rows, weight[chosen], np.append(start[:k], start[-1]), held, self._watch)
        self._fitted()
        return np.concatenate((moved[:-1], start[k:-1], moved[-1:]))

    def _rows(self, x: Singles, y: Ints, start: Floats) -> Rows:
        k = self._moving
        still = x[:, k:] @ start[k:-1].astype(np.float32)
        return Rows(np.ascontiguousarray(x[:, :k]), still, y.astype(np.float32))


def _logits(x: Singles, head: Floats) -> Floats:
    return np.asarray(x @ head[:-1] + head[-1], np.float64)
