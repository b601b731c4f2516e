"""Pairs with a failed run, where the response has no bounds: a failed run is worse than any other.

Its value is unknown and could be anything, so that no mean gap exists. Which level wins a pair is known: the score of
a pair is the sign of first minus second, a failed run having the worst value there is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.findings import ACCURACY
from analyze.inference.paired import Comparison, spread
from analyze.inference.wins import signs
from analyze.measures import response
from analyze.sections.threshold import untestable
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Wins:
    """The score of every pair, (S, C), NaN where a run is missing; which runs failed, as arms of zeros and ones.

    They decide the cells in which a run failed, or `everywhere`.
    """

    scores: Array
    failed: Arms
    everywhere: bool = False

    @property
    def in_cells(self) -> NDArray[np.bool_]:
        """The cells that they decide, (C,)."""
        return np.asarray(
            self.everywhere | ((np.nansum(self.failed.first, axis=0) + np.nansum(self.failed.second, axis=0)) > 0)
        )

    def only(self, cell: int) -> "Wins":
        """The scores of one cell."""
        first, second = (arm[:, [cell]] for arm in (self.failed.first, self.failed.second))
        failed = Arms(first, second, self.failed.seeds, moderators=(), levels=())
        return Wins(self.scores[:, [cell]], failed, self.everywhere)

    def comparison(self, cells: NDArray[np.bool_]) -> tuple[Array, Comparison]:
        """Seed means of the scores over these cells, (S,), and what a decision needs of them: no t test, no margin."""
        means = by_seed(self.scores, cells)
        kept = means[np.isfinite(means)]
        if not len(kept):
            return means, Comparison(0)
        return means, Comparison(len(kept), float(kept.mean()), spread(kept) if len(kept) > 1 else None)


def wins(study: StudyData) -> Wins | None:
    """The scores where a run of either level failed, or values are not tested; None where the gaps decide."""
    compared = study.design.response
    values = response.values(study)
    failed = np.isnan(values)
    used = study.trials[study.design.factor].isin(list(study.design.contrast)).to_numpy()
    everywhere = untestable(study) is not None
    bounded = compared.name == ACCURACY.name or compared.bounds is not None
    if not everywhere and (bounded or not (failed & used).any()):
        return None
    worst = np.inf if compared.better == "lower" else -np.inf
    ranked = arms(study.trials, np.where(failed, worst, values), study.design)
    return Wins(signs(ranked.first, ranked.second), arms(study.trials, failed.astype(float), study.design), everywhere)
