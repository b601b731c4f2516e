"""Ordinary least squares with standard errors for clusters, as statsmodels has it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.regression.linear_model import OLS

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its 95 % interval and two-sided p, from t with clusters − 1 degrees of freedom."""

    estimate: float
    ci95: tuple[float, float]
    p: float


def coefficient(response: Array, design: Array, clusters: NDArray[np.int64], term: int) -> Coefficient | None:
    """One coefficient of the regression; None where the clusters cannot give it a standard error.

    Args:
        response: (N,).
        design: (N, p), of full rank.
        clusters: (N,), of trials that are not independent.
        term: column of the design.
    """
    count = len(np.unique(clusters))
    if count < 2 or len(response) <= design.shape[1]:
        return None
    fitted = OLS(response, design).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    estimate, variance = float(fitted.params[term]), float(fitted.cov_params()[term, term])
    # What is left of residuals that are zero is rounding, of either sign.
    if variance <= 1e-20:
        return None
    half = float(stats.t.ppf(0.975, count - 1)) * variance**0.5
    p = 2.0 * float(stats.t.sf(abs(estimate) / variance**0.5, count - 1))
    return Coefficient(estimate, (estimate - half, estimate + half), p)
