"""Tests of paired differences: t, Wilcoxon, equivalence, Bayes factor. The sign-flip is in signflip.py.

Pure functions of the two arms of one cell, matched by seed. A number that the data cannot give is None, and `why`
holds a code for the reason by field.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pingouin
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Side = Literal["two-sided", "greater", "less"]

#: Largest number of non-zero differences for which Wilcoxon's null distribution is enumerated.
WILCOXON_EXACT = 50

#: Above this log of the likelihood ratio, the Bayes factor's denominator underflows.
_LOG_LARGEST = 700.0

_T_FIELDS = ("ci95", "t", "p_t", "d_z", "bf10", "p_tost")


@dataclass(frozen=True)
class Comparison:
    """Paired comparison of one cell, in the unit of the response."""

    n: int
    gap: float | None = None
    sd: float | None = None
    ci95: tuple[float, float] | None = None
    t: float | None = None
    p_t: float | None = None
    p_wilcoxon: float | None = None
    p_tost: float | None = None
    d_z: float | None = None
    bf10: float | None = None
    pair_correlation: float | None = None
    why: dict[str, str] = field(default_factory=dict)


def compare(first: Array, second: Array, *, margin: float | None, counts: Array | None = None) -> Comparison:
    """Compare two arms, (S,) each, NaN where a run is missing; a pair needs both.

    Args:
        first: responses of the contrast's first level.
        second: of its second level, the same seeds in the same order.
        margin: equivalence margin in the unit of the response; None where equivalence has no meaning.
        counts: differences as whole numbers of test examples (S,), on which Wilcoxon ranks without rounding
            noise; None ranks the differences themselves, rounded to nine decimals.
    """
    both = np.isfinite(first) & np.isfinite(second)
    difference = (first - second)[both]
    n = len(difference)
    if n < 2:
        reason = "two_complete_pairs"
        fields = ("gap", "sd", *_T_FIELDS, "p_wilcoxon", "pair_correlation")[0 if n == 0 else 1 :]
        gap = float(difference[0]) if n else None
        return Comparison(n, gap, why=dict.fromkeys(fields, reason))
    why: dict[str, str] = {}
    ranked = np.round(difference, 9) if counts is None else np.rint(counts[both])
    p_wilcoxon = wilcoxon_p(ranked)
    if p_wilcoxon is None:
        why["p_wilcoxon"] = "all_differences_zero"
    correlation = pair_correlation(first[both], second[both])
    if correlation is None:
        why["pair_correlation"] = "arm_constant"
    gap, sd = float(difference.mean()), spread(difference)
    if sd == 0:
        why |= dict.fromkeys(_T_FIELDS, "all_differences_equal")
        return Comparison(n, gap, 0.0, p_wilcoxon=p_wilcoxon, pair_correlation=correlation, why=why)
    if margin is None:
        why["p_tost"] = "margin_on_raw_scale"
    t = gap / (sd / n**0.5)
    bf10 = bayes_factor(t, n)
    if bf10 is None:
        why["bf10"] = "too_large"
    return Comparison(
        n=n,
        gap=gap,
        sd=sd,
        ci95=t_interval(gap, sd, n),
        t=t,
        p_t=t_p(gap, sd, n),
        p_wilcoxon=p_wilcoxon,
        p_tost=None if margin is None else tost_p(gap, sd, n, margin),
        d_z=gap / sd,
        bf10=bf10,
        pair_correlation=correlation,
        why=why,
    )


def spread(values: Array) -> float:
    """Standard deviation with n − 1, zero where only rounding separates the values."""
    sd = float(values.std(ddof=1))
    return 0.0 if sd <= 1e-12 * max(1.0, float(np.abs(values).max())) else sd


def t_interval(mean: float, sd: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Student's interval of a mean."""
    half = float(stats.t.ppf(0.5 + level / 2, n - 1)) * sd / n**0.5
    return mean - half, mean + half


def t_p(mean: float, sd: float, n: int, side: Side = "two-sided") -> float:
    """Student's test of a zero mean."""
    t = mean / (sd / n**0.5)
    if side == "two-sided":
        return 2.0 * float(stats.t.sf(abs(t), n - 1))
    return float(stats.t.sf(t if side == "greater" else -t, n - 1))


def tost_p(mean: float, sd: float, n: int, margin: float) -> float:
    """Two one-sided t tests against ±margin; the larger p. Schuirmann (1987), doi 10.1007/BF01068419."""
    se = sd / n**0.5
    above = stats.t.sf((mean + margin) / se, n - 1)
    below = stats.t.cdf((mean - margin) / se, n - 1)
    return float(max(above, below))


def bayes_factor(t: float, n: int) -> float | None:
    """JZS Bayes factor of a paired t, Cauchy scale .707. Rouder et al. (2009), doi 10.3758/PBR.16.2.225.

    None where it exceeds the range of a float.
    """
    if n / 2 * np.log1p(t**2 / (n - 1)) > _LOG_LARGEST:
        return None
    return float(pingouin.bayesfactor_ttest(t, n, paired=True, r=0.707))


def pair_correlation(first: Array, second: Array) -> float | None:
    """Pearson's correlation of the arms over seeds; None where an arm is constant."""
    if spread(first) == 0 or spread(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def wilcoxon_p(difference: Array) -> float | None:
    """Two-sided signed-rank p, zeros dropped, ties at mid-ranks; None where every difference is zero.

    The null distribution given the ties is enumerated up to WILCOXON_EXACT differences by convolution over
    doubled ranks, which are whole numbers; above, SciPy's normal approximation with tie correction is used.
    """
    kept = difference[difference != 0]
    if not len(kept):
        return None
    if len(kept) > WILCOXON_EXACT:
        return float(stats.wilcoxon(kept, method="approx").pvalue)
    doubled = np.rint(2 * stats.rankdata(np.abs(kept))).astype(int)
    ways = np.zeros(doubled.sum() + 1)
    ways[0] = 1.0
    for rank in doubled:
        ways[rank:] += ways[:-rank].copy()
    plus = doubled[kept > 0].sum()
    extreme = min(plus, doubled.sum() - plus)
    return float(min(1.0, 2.0 * ways[: extreme + 1].sum() / ways.sum()))
