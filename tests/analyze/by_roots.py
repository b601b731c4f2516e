"""The interval that holds at every look, end by end from its definition: where a test of the mean is at its limit."""

import math

import numpy as np
from scipy import optimize

from analyze.inference import anytime


def hall(t: float, skewness: float, n: int) -> float:
    """Hall's transformation of t, as Hall (1992) writes it."""
    return t + skewness * (2 * t**2 + 1) / (6 * math.sqrt(n)) + skewness**2 * t**3 / (27 * n)


def t_of(transformed: float, skewness: float, n: int) -> float:
    """The t of which this is the transformation."""
    found = optimize.brentq(lambda t: hall(t, skewness, n) - transformed, -1e6, 1e6, xtol=1e-13)
    return float(found)


def interval(values: np.ndarray, alpha: float) -> tuple[float, float]:
    """The means that neither t nor its transformation rejects by the mixture at this level."""
    n, mean, sd = len(values), float(values.mean()), float(values.std(ddof=1))
    centred = values - mean
    skewness = n**2 / ((n - 1) * (n - 2)) * float(np.mean(centred**3)) / sd**3
    t, se = anytime.critical_t(n, alpha, anytime.C2), sd / math.sqrt(n)
    if math.isinf(t):
        return -math.inf, math.inf
    return mean - max(t, t_of(t, skewness, n)) * se, mean - min(-t, t_of(-t, skewness, n)) * se
