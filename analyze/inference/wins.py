"""Pairs that are won: which of two values is larger, and how often. Arrays in, numbers out."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def signs(first: Array, second: Array) -> Array:
    """+1 where the first value is larger, −1 where the second is, 0 where they are equal; NaN where either is NaN.

    Infinities compare as values, two of them are equal.
    """
    known = ~(np.isnan(first) | np.isnan(second))
    return np.where(known, (first > second).astype(float) - (first < second), np.nan)


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float] | None:
    """Exact interval of a share (Clopper & Pearson 1934); None without trials. As R's binom.test."""
    if not trials:
        return None
    found = stats.binomtest(successes, trials).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)
