"""What a number of seeds can show: smallest detectable gap, and seeds for equivalence.

Paired t tests: with true gap delta and sd(D), t follows a noncentral t with S − 1 degrees of freedom and
noncentrality delta sqrt(S) / sd (Cohen 1988). Gaps, margins and sd are in one unit, here percentage points.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats
from statsmodels.stats.power import TTestPower

TARGET_POWER = 0.8
MOST_SEEDS = 100_000

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def level_of_one(alpha: float, members: int) -> float:
    """Level of one of so many independent tests whose family has level alpha (Sidak 1967): max-T's, approximately."""
    return float(1 - (1 - alpha) ** (1 / max(members, 1)))


def t_power(gap: float, sd: float, seeds: int, alpha: float = 0.05) -> float:
    """Power of the two-sided paired t test. Checked against R's power.t.test(strict = TRUE).

    TTestPower's solve_power is not used: its gap is off by 1e-4 with many seeds, and NaN where two seeds are enough.
    """
    sides = ((alpha, "two-sided"), (alpha / 2, "larger"))
    found = (float(TTestPower().power(abs(gap) / sd, seeds, level, alternative=side)) for level, side in sides)
    # SciPy's noncentral t is NaN at places far in a tail: in the lower, which then adds nothing, or at a power of one.
    return next((power for power in found if not math.isnan(power)), 1.0)


def smallest_detectable(sd: float, seeds: int, alpha: float = 0.05, power: float = TARGET_POWER) -> float | None:
    """The gap that the two-sided paired t test finds with this power; None with one seed or no spread."""
    return None if seeds < 2 or sd <= 0 else sd * _smallest_in_sd(seeds, alpha, power)


@cache
def _smallest_in_sd(seeds: int, alpha: float, power: float) -> float:
    """The same in standard deviations, on which alone power depends: the cells of a study share it."""
    high = 1.0
    while t_power(high, 1.0, seeds, alpha) < power:
        high *= 2
    return float(optimize.brentq(lambda gap: t_power(gap, 1.0, seeds, alpha) - power, 0.0, high, xtol=1e-12))


def tost_power(sd: float, seeds: int, margin: float, alpha: float = 0.05) -> float:
    """Power of two one-sided t tests at a true gap of zero.

    Given the sample's sd s, the mean must fall within margin − t s / sqrt(S) of zero; the chance of that is averaged
    over the chi distribution of s. Exact, as in Phillips (1990), doi 10.1007/BF01063556.
    """
    df = seeds - 1
    critical = float(special.stdtrit(df, 1 - alpha))
    se = sd / math.sqrt(seeds)
    # The ratio s / sd lies within twelve of its standard deviations, about 1 / sqrt(2 df), of one.
    reach = 12 / math.sqrt(2 * df)
    bottom, top = max(0.0, 1 - reach), min(1 + reach, margin / (critical * se))
    if top <= bottom:
        return 0.0
    ratio = bottom + (top - bottom) * (_NODES + 1) / 2
    squares = df * ratio**2
    log_density = (
        math.log(2) + df / 2 * math.log(df / 2) - special.gammaln(df / 2) + (df - 1) * np.log(ratio) - squares / 2
    )
    inside = 2 * special.ndtr(margin / se - critical * ratio) - 1
    return float((top - bottom) / 2 * np.sum(_WEIGHTS * inside * np.exp(log_density)))


def seeds_for_margin(sd: float, margin: float, alpha: float = 0.05, power: float = TARGET_POWER) -> int | None:
    """Fewest seeds with which equivalence at a true gap of zero is shown with this power; None above MOST_SEEDS."""
    return _fewest(lambda seeds: tost_power(sd, seeds, margin, alpha) >= power) if sd > 0 else None


def seeds_for_gap(gap: float, sd: float, alpha: float = 0.05, power: float = TARGET_POWER) -> int | None:
    """Fewest seeds with which the two-sided t test finds this gap with this power; None above MOST_SEEDS."""
    if sd <= 0 or gap == 0:
        return None
    return _fewest(lambda seeds: t_power(gap, sd, seeds, alpha) >= power)


def _fewest(enough: Callable[[int], bool]) -> int | None:
    """The least number of seeds, two at least, that is enough; None above MOST_SEEDS."""
    low, high = 1, 2
    while not enough(high):
        low, high = high, high * 2
        if low >= MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def upper_sd(sd: float, seeds: int, level: float = 0.8) -> float:
    """Upper limit of the true sd at this level: a study planned on the estimate itself is too small half the time."""
    return sd * math.sqrt((seeds - 1) / float(stats.chi2.ppf(1 - level, seeds - 1)))


def detectable_spread_ratio(
    seeds: int, generator: np.random.Generator, alpha: float = 0.05, power: float = TARGET_POWER, studies: int = 2000
) -> float | None:
    """Ratio of two standard deviations that the paired test of spread finds with this power, to about 5 %.

    By simulation of independent normal arms; the t test of the differences of absolute deviations stands in for
    their sign-flip, which has the same size and all but the same power, and `level_of_one` for max-T over cells.

    Returns:
        None with fewer than three seeds, or where a ratio of 100 is not found.
    """
    if seeds < 3:
        return None
    draws = generator.normal(size=(2, studies, seeds))
    deviations = np.abs(draws - np.median(draws, axis=2, keepdims=True))
    low, high = 1.0, 100.0
    if _found(deviations, high, alpha) < power:
        return None
    while high / low > 1.01:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if _found(deviations, middle, alpha) >= power else (middle, high)
    return high


def _found(deviations: NDArray[np.float64], ratio: float, alpha: float) -> float:
    """Share of simulated studies in which the spread test is significant."""
    difference = ratio * deviations[0] - deviations[1]
    seeds = difference.shape[1]
    t = difference.mean(axis=1) / (difference.std(axis=1, ddof=1) / math.sqrt(seeds))
    return float((2 * stats.t.sf(np.abs(t), seeds - 1) <= alpha).mean())
