"""Tests of paired differences: t, Wilcoxon, equivalence, Bayes factor. The sign-flip is in signflip.py.

Pure functions of the two arms of one cell, matched by seed. A number that the data cannot give is None, and `why`
holds a code for the reason by field.
"""

import math
import warnings
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pingouin
from numpy.typing import NDArray
from scipy import integrate, optimize, special, stats
from statsmodels.stats.weightstats import DescrStatsW

Array = NDArray[np.float64]
Side = Literal["two-sided", "greater", "less"]

#: Largest number of non-zero differences for which Wilcoxon's null distribution is enumerated.
WILCOXON_EXACT = 50

#: Above this log of the likelihood ratio, the Bayes factor's denominator underflows.
_LOG_LARGEST = 700.0

#: Above this t the noncentral t distribution is that of the sample's standard deviation alone, to 1e-5.
_T_LARGEST = 1e4

_T_FIELDS = ("ci95", "ci90", "t", "p_t", "d_z", "d_z_ci95", "bf10", "p_tost")


@dataclass(frozen=True)
class Comparison:
    """Comparison of one cell, in the unit of the response.

    `decidable` says whether an exact test can reach the level, where that is not told by n pairs that flip.
    """

    n: int
    gap: float | None = None
    sd: float | None = None
    ci95: tuple[float, float] | None = None
    ci90: tuple[float, float] | None = None
    t: float | None = None
    p_t: float | None = None
    p_wilcoxon: float | None = None
    p_tost: float | None = None
    d_z: float | None = None
    bf10: float | None = None
    pair_correlation: float | None = None
    decidable: bool | None = None
    why: dict[str, str] = field(default_factory=dict)

    @property
    def d_z_ci95(self) -> tuple[float, float] | None:
        """95 % interval of d_z; found when it is asked for, as it takes half a millisecond."""
        return None if self.t is None or self.d_z is None else d_z_interval(self.t, self.n)


def compare(first: Array, second: Array, *, margin: float | None, counts: Array | None = None) -> Comparison:
    """Compare two arms, (S,) each, NaN where a run is missing; a pair needs both.

    Args:
        first: responses of the contrast's first level.
        second: of its second level, the same seeds in the same order.
        margin: equivalence margin in the unit of the response; None where equivalence has no meaning.
        counts: differences as whole numbers of test examples (S,), on which Wilcoxon ranks without rounding
            noise; None, or NaN in a pair, ranks the differences themselves, rounded to nine decimals.
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
    counted = counts is not None and bool(np.isfinite(counts[both]).all())
    ranked = np.rint(counts[both]) if counts is not None and counted else np.round(difference, 9)
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
    test = stats.ttest_rel(first[both], second[both])
    t, (low, high) = float(test.statistic), test.confidence_interval(0.95)
    bf10 = bayes_factor(t, n)
    if isinstance(bf10, str):
        why["bf10"] = bf10
    return Comparison(
        n=n,
        gap=gap,
        sd=sd,
        ci95=(float(low), float(high)),
        ci90=t_interval(difference, 0.9),
        t=t,
        p_t=float(test.pvalue),
        p_wilcoxon=p_wilcoxon,
        p_tost=None if margin is None else tost_p(difference, margin),
        d_z=gap / sd,
        bf10=None if isinstance(bf10, str) else bf10,
        pair_correlation=correlation,
        why=why,
    )


def spread(values: Array) -> float:
    """Standard deviation with n − 1, zero where only rounding separates the values."""
    sd = float(values.std(ddof=1))
    return 0.0 if sd <= 1e-12 * max(1.0, float(np.abs(values).max())) else sd


def skewness(values: Array) -> float:
    """Adjusted skewness G1 (Joanes & Gill 1998, doi 10.1111/1467-9884.00122) of values that vary; of two it is none."""
    n = len(values)
    if n < 3:
        return 0.0
    standard = (values - values.mean()) / values.std(ddof=1)
    return float(n / ((n - 1) * (n - 2)) * (standard**3).sum())


def t_interval(scores: Array, level: float = 0.95) -> tuple[float, float]:
    """Student's interval of a mean."""
    low, high = stats.ttest_1samp(scores, 0.0).confidence_interval(level)
    return float(low), float(high)


def t_p(scores: Array, side: Side = "two-sided", against: float = 0.0) -> float:
    """Student's test of a mean."""
    return float(stats.ttest_1samp(scores, against, alternative=side).pvalue)


def tost_p(scores: Array, margin: float) -> float:
    """Two one-sided t tests against ±margin; the larger p. Schuirmann (1987), doi 10.1007/BF01068419."""
    return float(DescrStatsW(scores).ttost_mean(-margin, margin)[0])


def d_z_interval(t: float, n: int) -> tuple[float, float]:
    """95 % interval of d_z: the noncentralities under which t is the .975 and the .025 quantile, over sqrt(n).

    Exact (Cumming & Finch 2001, doi 10.1177/0013164401614002), where pingouin's compute_esci is approximate. SciPy's
    own inverse, nctdtrinc, does not return for a t of a million.
    """
    low, high = (_noncentrality(abs(t), n - 1, level) / n**0.5 for level in (0.975, 0.025))
    return (low, high) if t >= 0 else (-high, -low)


def _noncentrality(t: float, df: int, level: float) -> float:
    """The noncentrality under which a t that is not negative is the quantile of this level."""
    if t > _T_LARGEST:
        return t * math.sqrt(float(stats.chi2.isf(level, df)) / df)
    # Below −3 even t = 0 lies above the .975 quantile; above, chi-squared with one degree of freedom is the widest.
    return float(optimize.brentq(lambda shift: special.nctdtr(df, shift, t) - level, -3.0, 3.0 * t + 10.0))


def bayes_factor(t: float, n: int) -> float | str:
    """JZS Bayes factor of a paired t, Cauchy scale .707. Rouder et al. (2009), doi 10.3758/PBR.16.2.225.

    A code for the reason where it exceeds the range of a float, or where the integral of a huge t does not converge.
    """
    if n / 2 * np.log1p(t**2 / (n - 1)) > _LOG_LARGEST:
        return "too_large"
    with warnings.catch_warnings():
        warnings.simplefilter("error", integrate.IntegrationWarning)
        try:
            return float(pingouin.bayesfactor_ttest(t, n, paired=True, r=0.707))
        except integrate.IntegrationWarning:
            return "integral_does_not_converge"


def pair_correlation(first: Array, second: Array) -> float | None:
    """Pearson's correlation of the arms over seeds; None where an arm is constant."""
    if spread(first) == 0 or spread(second) == 0:
        return None
    return float(stats.pearsonr(first, second).statistic)


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
