"""When each trial first reached a target accuracy: an interval of training examples, from the learning curves.

Accuracy is looked at on one fixed subset of test at every evaluation point, with each batch's own statistics where
the network has BatchNorm: running statistics warm up, and would make the early gap an artefact.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.study.load import StudyData

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """Test accuracy of every trial at its evaluation points, in examples seen; one row a trial and point."""

    points: pd.DataFrame
    eval_set: str
    bn_mode: str


@dataclass(frozen=True)
class Crossings:
    """For each trial of the study: the target was first reached in (low, high] examples.

    `low` is zero where it was reached by the first point, `high` infinite where it was not reached within the
    budget, which is then `low`. NaN where the trial has no curve.
    """

    low: Array
    high: Array
    budget: Array

    @property
    def censored(self) -> NDArray[np.bool_]:
        """Trials that did not reach the target within the budget."""
        return np.isinf(self.high)


def convergence_curves(study: StudyData) -> Curves | None:
    """The curves that convergence is judged by; None where the study has no usable ones.

    Columns of `points`: trial (row number in study.trials), examples_seen, accuracy (share).
    """
    curves = study.curves
    if curves is None or not {"trial_id", "examples_seen", "accuracy"} <= set(curves):
        return None
    keep = np.ones(len(curves), bool)
    if "split" in curves:
        keep &= (curves["split"] == "test").to_numpy()
    eval_set = "full"
    if "eval_set" in curves:
        eval_set = "subset" if (curves["eval_set"] == "subset").any() else "full"
        keep &= (curves["eval_set"] == eval_set).to_numpy()
    curves = curves[keep]
    points = pd.DataFrame(
        {
            "trial": _trial_numbers(study, curves["trial_id"]),
            "examples_seen": curves["examples_seen"].to_numpy(),
            "accuracy": curves["accuracy"].to_numpy(dtype=float),
        }
    )
    mode = "running"
    if "bn_mode" in curves:
        batch = (curves["bn_mode"] == "batch").to_numpy()
        if batch.any():
            mode = "batch"
            normalised = np.zeros(len(study.trials) + 1, bool)
            normalised[points["trial"].to_numpy()[batch]] = True
            points = points[batch | ~normalised[points["trial"].to_numpy()]]
    # Time is on a log scale, which has no place for a look before the first step.
    known = points["trial"].ge(0) & points["examples_seen"].gt(0) & points["accuracy"].notna()
    points = points[known].sort_values(["trial", "examples_seen"], ignore_index=True)
    return Curves(points, eval_set, mode) if len(points) else None


def _trial_numbers(study: StudyData, trial_ids: "pd.Series[str]") -> NDArray[np.int64]:
    """The row of study.trials that each curve row belongs to, −1 where none does."""
    index = pd.Index(study.trials["trial_id"])
    labels = trial_ids.astype("category")
    lookup = index.get_indexer(pd.Index(labels.cat.categories.astype(str)))
    return np.append(lookup, -1)[labels.cat.codes.to_numpy()]  # the code of a missing id is −1


def crossings(study: StudyData, curves: Curves, target: float) -> Crossings:
    """The interval in which each trial first reached the target, a share.

    A diverged trial stays below from where it stopped to the end of the budget.
    """
    trials = len(study.trials)
    trial = curves.points["trial"].to_numpy()
    examples = curves.points["examples_seen"].to_numpy(dtype=float)
    reached = curves.points["accuracy"].to_numpy() >= target
    budget = np.full(trials, np.nan)
    np.fmax.at(budget, trial, examples)
    high = np.full(trials, np.inf)
    np.minimum.at(high, trial[reached], examples[reached])
    low = np.zeros(trials)
    before = examples < high[trial]
    np.maximum.at(low, trial[before], examples[before])
    unseen = np.isnan(budget)
    budget = _full_budget(study, budget)
    low = np.where(np.isinf(high), budget, low)
    low[unseen] = high[unseen] = np.nan
    return Crossings(low, high, budget)


def _full_budget(study: StudyData, reached: Array) -> Array:
    """The last evaluation point of any trial of the same settings: what a trial that stopped early was due."""
    settings = [study.trials[name] for name in study.design.factors]
    budget = pd.Series(reached, study.trials.index).groupby(settings, observed=True)
    return np.asarray(budget.transform("max"), dtype=float)
