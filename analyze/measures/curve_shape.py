"""Descriptions of a learning curve by one number a trial: restricted mean time, area, early and final accuracy.

All pure arrays, one value a trial, NaN where a trial has no curve. Times are in training examples, accuracies in
percentage points. Between two evaluation points accuracy is linear in the logarithm of examples; a trial that stopped
before its budget keeps its final score, chance if it diverged. Both levels of the contrast are read at the same
examples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.measures.response import accuracy as final_accuracy
from analyze.measures.time_to_target import Crossings, Curves, of_comparison
from analyze.study.load import StudyData

Array = NDArray[np.float64]

#: "Early" is the last evaluation point within this share of the budget.
EARLY_SHARE = 0.1


@dataclass(frozen=True)
class RestrictedTimes:
    """min(T, budget) with each crossing at the left end, the middle and the right end of its interval.

    A trial that was not seen to reach the target within the budget counts with the whole budget in `middle`.
    """

    left: Array
    middle: Array
    right: Array


def restricted_times(found: Crossings) -> RestrictedTimes:
    """Time to the target cut at the budget."""
    left, right = np.minimum(found.low, found.budget), np.minimum(found.high, found.budget)
    return RestrictedTimes(left, np.where(found.high > found.budget, found.budget, (left + right) / 2), right)


def area(study: StudyData, curves: Curves, budget: Array) -> Array:
    """Mean accuracy over the logarithm of examples, from the later of both levels' first points to the budget."""
    segments = _segments(study, curves, budget)
    first = np.full(len(study.trials), np.nan)
    np.fmin.at(first, segments.trial, segments.start)
    begin = of_comparison(study, first, within="min", across="max")[segments.trial]
    a, b = np.maximum(segments.start, begin), np.minimum(segments.end, np.log(budget)[segments.trial])
    length = np.maximum(b - a, 0.0)
    pieces = length * segments.at((a + b) / 2)
    total, extent = (np.bincount(segments.trial, values, len(study.trials)) for values in (pieces, length))
    return np.where(extent > 0, total / np.where(extent > 0, extent, 1.0), np.nan)


def early(study: StudyData, curves: Curves, budget: Array) -> Array:
    """Accuracy at the last evaluation point within EARLY_SHARE of the budget; of both levels' last, the earlier."""
    trial, examples, _ = _columns(curves)
    within = examples <= EARLY_SHARE * budget[trial]
    last = np.full(len(study.trials), np.nan)
    np.fmax.at(last, trial[within], examples[within])
    return _accuracy(study, curves, budget, of_comparison(study, last, within="max", across="min"))


def final(study: StudyData, curves: Curves, budget: Array) -> Array:
    """Accuracy at the budget, on the same images and in the same mode; chance where diverged."""
    return _accuracy(study, curves, budget, budget)


def _accuracy(study: StudyData, curves: Curves, budget: Array, examples: Array) -> Array:
    """Accuracy after so many examples, one number a trial; NaN before a trial's first point."""
    segments = _segments(study, curves, budget)
    place = np.log(examples)[segments.trial]
    here = (segments.start <= place) & (place <= segments.end)
    value = np.full(len(study.trials), np.nan)
    # At a point that ends one piece and begins another, the piece that ends there counts.
    value[segments.trial[here][::-1]] = segments.at(place)[here][::-1]
    return value


@dataclass(frozen=True)
class _Segments:
    """Pieces of curves between two points: the trial, log examples at both ends, and the accuracies there."""

    trial: NDArray[np.int64]
    start: Array
    end: Array
    first: Array
    last: Array

    def at(self, place: Array) -> Array:
        """Accuracy at this logarithm of examples in each piece."""
        length = self.end - self.start
        return self.first + (self.last - self.first) * (place - self.start) / np.where(length > 0, length, 1.0)


def _segments(study: StudyData, curves: Curves, budget: Array) -> _Segments:
    """Every piece of every curve, and the rest of the budget of a trial that stopped before, at its final score."""
    trial, examples, accuracy = _columns(curves)
    last = trial != np.append(trial[1:], -1)
    end = np.where(last, np.fmax(budget[trial], examples), np.append(examples[1:], 0.0))
    rest = last & (end > examples)
    score = final_accuracy(study, "running")[trial]
    first = np.where(rest, score, accuracy)
    return _Segments(trial, np.log(examples), np.log(end), first, np.where(last, first, np.append(accuracy[1:], 0.0)))


def _columns(curves: Curves) -> tuple[NDArray[np.int64], Array, Array]:
    points = curves.points
    examples = points["examples_seen"].to_numpy(dtype=float)
    return points["trial"].to_numpy(), np.maximum(examples, 1.0), 100 * points["accuracy"].to_numpy(dtype=float)
