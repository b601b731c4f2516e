"""The paired t test over folds of cross-validation, which share training examples, with a variance that allows for it.

A mean over J folds has variance s² (1/J + n_test/n_train), and not s²/J: training sets overlap, so that more folds or
repeats bring less than new data would (Nadeau & Bengio 2003, doi 10.1023/A:1024068626366). Of k-fold cross-validation
n_test/n_train is 1/(k − 1), and J is k, or r k where it is repeated r times (Bouckaert & Frank 2004, doi
10.1007/978-3-540-24775-3_3). The t distribution keeps J − 1 degrees of freedom. What rests on signs that flip
independently, or on ranks of independent pairs, has no counterpart.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.inference.paired import Comparison, pair_correlation, spread

Array = NDArray[np.float64]

#: What has no meaning where pairs are not independent.
OF_INDEPENDENT_PAIRS = ("p_wilcoxon", "d_z", "d_z_ci95", "bf10")

#: What needs a standard error.
_OF_T = ("ci95", "ci90", "t", "p_t", "p_tost")


def variance_factor(n: int, folds: int) -> float:
    """The variance of a mean over n folds, over that of one of them: 1/n + 1/(folds − 1)."""
    return 1.0 / n + 1.0 / (folds - 1)


def compare(first: Array, second: Array, *, folds: int, margin: float | None) -> Comparison:
    """Compare two arms, (J,) each, NaN where a run is missing; a fold needs both.

    Args:
        first: responses of the contrast's first level.
        second: of its second level, the same folds in the same order.
        folds: of the cross-validation, each of which tests one part of so many of the data.
        margin: equivalence margin in the unit of the response; None where there is none.
    """
    both = np.isfinite(first) & np.isfinite(second)
    difference = (first - second)[both]
    n = len(difference)
    why = dict.fromkeys(OF_INDEPENDENT_PAIRS, "folds_overlap")
    if n < 2:
        why |= dict.fromkeys((*_OF_T, "sd", "pair_correlation"), "two_complete_folds")
        why |= {} if n else {"gap": "two_complete_folds"}
        return Comparison(n, float(difference[0]) if n else None, decidable=False, why=why)
    gap, sd = float(difference.mean()), spread(difference)
    correlation = pair_correlation(first[both], second[both])
    if correlation is None:
        why["pair_correlation"] = "arm_constant"
    if sd == 0:
        why |= dict.fromkeys(_OF_T, "all_differences_equal")
        return Comparison(n, gap, 0.0, pair_correlation=correlation, decidable=True, why=why)
    if margin is None:
        why["p_tost"] = "margin_on_raw_scale"
    se = sd * math.sqrt(variance_factor(n, folds))
    t, student = gap / se, stats.t(n - 1)
    return Comparison(
        n=n,
        gap=gap,
        sd=sd,
        ci95=_interval(gap, se, float(student.ppf(0.975))),
        ci90=_interval(gap, se, float(student.ppf(0.95))),
        t=t,
        p_t=float(2 * student.sf(abs(t))),
        p_tost=None if margin is None else float(student.cdf((abs(gap) - margin) / se)),
        pair_correlation=correlation,
        decidable=True,
        why=why,
    )


def _interval(gap: float, se: float, quantile: float) -> tuple[float, float]:
    return gap - quantile * se, gap + quantile * se
