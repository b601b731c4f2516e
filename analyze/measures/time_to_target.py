"""When each trial first reached a target accuracy: an interval of training examples, from the learning curves.

Accuracy is looked at on one fixed subset of test at every evaluation point, with each batch's own statistics where
the network has BatchNorm: running statistics warm up, and would make the early gap an artefact.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.findings import BnMode, Message, because
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.pairing import codes_of

Array = NDArray[np.float64]


#: Columns without which there are no curves.
NEEDED = frozenset({"trial_id", "examples_seen", "accuracy"})


@dataclass(frozen=True)
class Curves:
    """Test accuracy of every trial at its evaluation points, in examples seen; one row a trial and point."""

    points: pd.DataFrame
    eval_set: str
    bn_mode: BnMode


@dataclass(frozen=True)
class Crossings:
    """For each trial of the study: the target was first reached in (low, high] examples.

    `budget` is the horizon up to which the trial is followed: the common one of both levels of the contrast in its
    cell. `low` is zero where the target was reached by the first point, `high` infinite where it was not seen to be
    reached within the budget; `low` is then the last point within the budget that is known to be below. NaN where the
    trial has no curve.
    """

    low: Array
    high: Array
    budget: Array

    @property
    def censored(self) -> NDArray[np.bool_]:
        """Trials that were not seen to reach the target within the budget."""
        return np.isinf(self.high)


def convergence_curves(study: StudyData) -> Curves | None:
    """The curves that convergence is judged by; None where the study has no usable ones.

    Columns of `points`: trial (row number in study.trials), examples_seen, accuracy (share).
    """
    curves = study.curves
    if curves is None or NEEDED - set(curves):
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
    mode: BnMode = "running"
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


def without_curves(study: StudyData) -> Message:
    """Why a study without convergence_curves has none."""
    curves = study.curves
    if curves is None:
        return because("no_curves")
    if missing := sorted(NEEDED - set(curves)):
        return because("curves_lack_columns", columns=tuple(missing))
    if "split" in curves and not curves["split"].eq("test").any():
        return because("curves_without_test", splits=tuple(map(str, curves["split"].dropna().unique())))
    return because("curves_without_points")


def _trial_numbers(study: StudyData, trial_ids: "pd.Series[str]") -> NDArray[np.int64]:
    """The row of study.trials that each curve row belongs to, −1 where none does."""
    index = pd.Index(study.trials["trial_id"])
    labels = trial_ids.astype("category")
    lookup = index.get_indexer(pd.Index(labels.cat.categories.astype(str)))
    return np.append(lookup, -1)[labels.cat.codes.to_numpy()]  # the code of a missing id is −1


def crossings(study: StudyData, curves: Curves, target: float) -> Crossings:
    """The interval in which each trial first reached the target, a share.

    A trial that stopped early, a diverged one above all, stays below to the end of the budget.
    """
    trials = len(study.trials)
    trial = curves.points["trial"].to_numpy()
    examples = curves.points["examples_seen"].to_numpy(dtype=float)
    reached = curves.points["accuracy"].to_numpy() >= target
    budget = horizon(study, curves)
    high = np.full(trials, np.inf)
    np.minimum.at(high, trial[reached], examples[reached])
    low = np.zeros(trials)
    before = (examples < high[trial]) & (examples <= budget[trial])
    np.maximum.at(low, trial[before], examples[before])
    low = np.where(np.isinf(high), budget, low)
    high = np.where(high > budget, np.inf, high)
    high[np.isnan(budget)] = np.nan
    return Crossings(low, high, budget)


def horizon(study: StudyData, curves: Curves) -> Array:
    """Up to how many examples each trial is compared, NaN where it has no curve.

    Both levels of the contrast are followed to the shorter of their full budgets in the cell. A full budget is the last
    point of a level's completed trials, never where a diverged one stopped: a level of which none completed was due
    what the other had.
    """
    trial = curves.points["trial"].to_numpy()
    last = np.full(len(study.trials), np.nan)
    np.fmax.at(last, trial, curves.points["examples_seen"].to_numpy(dtype=float))
    completed = (study.trials["status"] == "completed").to_numpy()
    full = of_comparison(study, np.where(completed, last, np.nan), within="max", across="min")
    full = np.where(np.isnan(full), of_comparison(study, last, within="max", across="max"), full)
    return np.where(np.isnan(last), np.nan, full)


Join = Literal["min", "max"]


def of_comparison(study: StudyData, values: Array, *, within: Join, across: Join) -> Array:
    """One number for each cell and level of the primary factor, the same for both levels of the contrast.

    Args:
        study: its cells, levels and contrast.
        values: one a trial; NaN is passed over.
        within: joins the trials of a level in a cell.
        across: joins the two levels of the contrast; other levels keep their own.

    Returns:
        One number a trial, NaN where no trial of its comparison has one.
    """
    cells, cell = cells_of(study)
    levels = study.design.factors[study.design.factor]
    level = codes_of(study.trials[study.design.factor], levels)
    join = {"min": np.fmin, "max": np.fmax}
    table = np.full((len(cells), len(levels)), np.nan)
    join[within].at(table, (cell, level), values)
    pair = [levels.index(one) for one in study.design.contrast]
    table[:, pair] = join[across](table[:, pair[0]], table[:, pair[1]])[:, None]
    return np.asarray(table[cell, level], dtype=float)
