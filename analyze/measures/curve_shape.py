"""Descriptions of a learning curve by one number a trial: restricted mean time, area, early and final accuracy.

All pure arrays, one value a trial, NaN where a trial has no curve. Times are in training examples, accuracies in
percentage points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.measures.time_to_target import Crossings, Curves
from analyze.study.load import StudyData

Array = NDArray[np.float64]

#: "Early" is the last evaluation point within this share of the budget.
EARLY_SHARE = 0.1


@dataclass(frozen=True)
class RestrictedTimes:
    """min(T, budget) with each crossing at the left end, the middle and the right end of its interval."""

    left: Array
    middle: Array
    right: Array


def restricted_times(found: Crossings) -> RestrictedTimes:
    """Time to the target cut at the budget; a run that never reached it counts with the whole budget."""
    right = np.minimum(found.high, found.budget)
    left = np.where(found.censored, found.budget, found.low)
    return RestrictedTimes(left, (left + right) / 2, right)


def area(study: StudyData, curves: Curves, budget: Array) -> Array:
    """Mean accuracy over the logarithm of examples, trapezoids from the first evaluation point to the budget.

    A diverged trial falls to its final score, chance, at the budget.
    """
    trial, examples, accuracy = _columns(curves)
    same = trial[1:] == trial[:-1]
    piece = np.where(same, np.diff(np.log(examples)) * (accuracy[1:] + accuracy[:-1]) / 2, 0.0)
    length = np.where(same, np.diff(np.log(examples)), 0.0)
    total = np.bincount(trial[1:], piece, len(study.trials))
    extent = np.bincount(trial[1:], length, len(study.trials))
    last = _last(trial, len(study.trials))
    short = (last >= 0) & (examples[last] < budget)
    rest = np.where(short, np.log(budget / examples[last]), 0.0)
    total = total + rest * (accuracy[last] + study.trials["running"].to_numpy(dtype=float)) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(last >= 0, total / (extent + rest), np.nan)


def early(study: StudyData, curves: Curves, budget: Array) -> Array:
    """Accuracy at the last evaluation point within EARLY_SHARE of the budget; chance where a trial had diverged."""
    trial, examples, accuracy = _columns(curves)
    kept = np.flatnonzero(examples <= EARLY_SHARE * budget[trial])
    last = np.full(len(study.trials), -1)
    last[trial[kept]] = kept
    return np.where(last >= 0, accuracy[last], np.nan)


def final(study: StudyData, curves: Curves, budget: Array) -> Array:
    """Accuracy at the last evaluation point, on the same images and in the same mode; chance where diverged."""
    trial, examples, accuracy = _columns(curves)
    last = _last(trial, len(study.trials))
    short = (last >= 0) & (examples[last] < budget)
    value = np.where(short, study.trials["running"].to_numpy(dtype=float), accuracy[last])
    return np.where(last >= 0, value, np.nan)


def _columns(curves: Curves) -> tuple[NDArray[np.int64], Array, Array]:
    points = curves.points
    examples = points["examples_seen"].to_numpy(dtype=float)
    return points["trial"].to_numpy(), np.maximum(examples, 1.0), 100 * points["accuracy"].to_numpy(dtype=float)


def _last(trial: NDArray[np.int64], trials: int) -> NDArray[np.int64]:
    """The row of each trial's last point, −1 where it has none."""
    last = np.full(trials, -1)
    last[trial] = np.arange(len(trial))
    return last
