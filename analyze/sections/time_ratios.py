"""How many times longer one level of the contrast takes to the target than the other, as one number by three models.

Each has an intercept a cell and one effect of the contrast. A cell tells of the ratio where some run of either level
reached the target and some run had not by its first evaluation; other cells are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell
from analyze.inference import clustered_ols, lognormal_aft
from analyze.measures.curve_shape import restricted_times
from analyze.measures.time_to_target import Crossings
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.pairing import arms, codes_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """Trials of the contrast collapsed to U distinct rows, in the order of cells and arms, and counted by seed.

    `arm` is 0 for the contrast's first level; `counts` (S, U).
    """

    cell: Places
    arm: Places
    low: Array
    high: Array
    counts: Array

    @property
    def weights(self) -> Array:
        """(1 + S, U): all trials, then those without each seed."""
        return lognormal_aft.less_one(self.counts)

    def tell(self, group: Places, groups: int, weights: Array) -> Mask:
        """Groups in which a run reached the target and one had not by its first evaluation, (J, G) by replicate."""
        reached, later = np.zeros((groups, len(weights))), np.zeros((groups, len(weights)))
        np.add.at(reached, group, (weights * np.isfinite(self.high)).T)
        np.add.at(later, group, (weights * (self.low > 0)).T)
        return np.asarray((reached.T > 0) & (later.T > 0))

    def times(self, group: Places, regressors: Array, rows: Mask) -> lognormal_aft.Times:
        """These rows as the model takes them, groups numbered without gaps."""
        closed = np.unique(group[rows], return_inverse=True)[1].ravel()
        return lognormal_aft.Times(closed, regressors[rows], self.low[rows], self.high[rows])


def runs(study: StudyData, found: Crossings, used: Mask) -> Runs | None:
    """The trials of the contrast among these whose crossing is known at all; None where a level has none."""
    arm = codes_of(study.trials[study.design.factor], study.design.contrast)
    # What was not reached, and not seen to be missed, says nothing: (0, infinity).
    used = used & (arm >= 0) & np.isfinite(found.low) & ~((found.low == 0) & found.censored)
    if len(np.unique(arm[used])) < 2:
        return None
    cell = cells_of(study)[1]
    keys = np.column_stack([cell[used], arm[used], found.low[used], found.high[used]])
    unique, position = np.unique(keys, axis=0, return_inverse=True)
    seeds, seed = np.unique(study.trials["seed"].to_numpy()[used], return_inverse=True)
    counts = np.zeros((len(seeds), len(unique)))
    np.add.at(counts, (seed, position.ravel()), 1.0)
    return Runs(unique[:, 0].astype(np.int64), unique[:, 1].astype(np.int64), unique[:, 2], unique[:, 3], counts)


def time_ratio(study: StudyData, found: Crossings, used: Mask) -> lognormal_aft.Jackknifed | str:
    """Log of the ratio of times, contrast's first level over its second, or why there is none.

    The jackknife has a replicate for every seed; each leaves out the cells that tell nothing without its seed.
    """
    data = runs(study, found, used)
    if data is None:
        return "no_run_tells_times"
    weights = data.weights
    weights = weights * data.tell(data.cell, int(data.cell.max()) + 1, weights)[:, data.cell]
    rows = weights[0] > 0
    if not rows.any():
        return "no_run_tells_times"
    times = data.times(data.cell, (data.arm == 0)[:, None].astype(float), rows)
    return lognormal_aft.jackknifed(lognormal_aft.fit(times, weights[:, rows]).coefficients[:, 0])


def silent_cells(study: StudyData, found: Crossings, used: Mask) -> tuple[Cell, ...]:
    """The cells among these that the time ratio leaves out."""
    data = runs(study, found, used)
    if data is None:
        return ()
    cells = cells_of(study)[0]
    tells = data.tell(data.cell, len(cells), data.weights[:1])[0]
    return tuple(cells[number] for number in np.unique(data.cell) if not tells[number])


def hazard_ratio(study: StudyData, found: Crossings, used: Mask) -> lognormal_aft.Jackknifed | str:
    """Log hazard ratio of Cox's model with a stratum for every pair (seed and cell), Efron ties, seed jackknife.

    A stratum of two runs makes the partial likelihood a matter of counting: with a pairs in which the first level
    crossed earlier, b in which the second did and c ties, Efron's estimate is log((a + c) / (b + c)). Pairs of
    which neither crossed say nothing; a seed that has no other is a replicate like the rest.
    """
    times = arms(study.trials, np.where(used, found.high, np.nan), study.design)
    known = ~(np.isnan(times.first) | np.isnan(times.second))
    crossed = known & (np.isfinite(times.first) | np.isfinite(times.second))
    with np.errstate(invalid="ignore"):
        earlier = (crossed & (times.first <= times.second)).sum(axis=1).astype(float)
        later = (crossed & (times.first >= times.second)).sum(axis=1).astype(float)
    wins, losses = earlier.sum(), later.sum()
    if not wins or not losses:
        return "partial_likelihood_without_maximum"
    kept = known.any(axis=1)
    left_wins, left_losses = wins - earlier[kept], losses - later[kept]
    estimate = float(np.log(wins / losses))
    if not (left_wins.all() and left_losses.all()) or kept.sum() < 3:
        why = "partial_likelihood_without_maximum_less_one"
        return lognormal_aft.Jackknifed(estimate, None, int(kept.sum()), why, np.empty(0))
    return lognormal_aft.from_replicates(estimate, np.log(left_wins / left_losses))


def least_squares_ratio(study: StudyData, found: Crossings) -> clustered_ols.Coefficient | None:
    """Log of the ratio of times by least squares on log times at the middle of their intervals, seeds as clusters.

    A run that did not reach the target counts with its budget. None where no standard error can be had, or no cell has
    runs of both levels.
    """
    arm = codes_of(study.trials[study.design.factor], study.design.contrast)
    middle = restricted_times(found).middle
    used = (arm >= 0) & np.isfinite(middle)
    cell, seed = cells_of(study)[1], study.trials["seed"].to_numpy()
    if not np.intersect1d(cell[used & (arm == 0)], cell[used & (arm == 1)]).size:
        return None
    # In one order, so that sums round alike whatever the order of the file.
    here = np.flatnonzero(used)[np.lexsort([one[used] for one in (middle, arm, cell, seed)])]
    design = np.column_stack([cell[here, None] == np.unique(cell[here]), arm[here] == 0]).astype(float)
    return clustered_ols.coefficient(np.log(middle[here]), design, seed[here], design.shape[1] - 1)
