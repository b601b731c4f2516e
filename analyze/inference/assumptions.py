"""Diagnostics of what the parametric tests assume. They decide nothing."""

import numpy as np
import pandas as pd
import pingouin
from numpy.typing import NDArray
from scipy import stats

from analyze.inference.anova import orthonormal
from analyze.inference.paired import spread

Array = NDArray[np.float64]


def normality(sample: Array) -> tuple[float, float] | str:
    """W and p of Shapiro & Wilk (1965), doi 10.1093/biomet/52.3-4.591, or a code for why there are none.

    Args:
        sample: (n,), without gaps.
    """
    if len(sample) < 4:
        return "four_values"
    if spread(sample) == 0:
        return "all_differences_equal"
    found = stats.shapiro(sample)
    return float(found.statistic), float(found.pvalue)


def sphericity(scores: Array) -> tuple[float, float] | str:
    """W and p of Mauchly (1940), doi 10.1214/aoms/1177731915, for one effect, or a code for why there are none.

    W depends on the covariance of an effect's scores alone, up to a rotation: pingouin, which takes two factors at
    most, is given the responses of one factor that has these scores.

    Args:
        scores: orthonormal contrast scores of complete seeds, (S, df), df above one.
    """
    seeds, df = scores.shape
    if seeds <= df:
        return "sphericity_needs_seeds"
    centred = scores - scores.mean(axis=0)
    if (centred**2).sum() <= 1e-20 * max(1.0, float((scores**2).sum())):
        return "response_constant"
    found = pingouin.sphericity(pd.DataFrame(centred @ orthonormal(df + 1).T))
    return float(found.W), min(1.0, float(found.pval))
