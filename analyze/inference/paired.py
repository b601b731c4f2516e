"""Tests of paired differences: t, Wilcoxon, equivalence, Bayes factor. The sign-flip is in signflip.py.

Pure functions of the two arms of one cell, matched by seed. A number that the data cannot give is None, and `why`
holds a code for the reason by field.
"""

import math
import warnings
from dataclasses import dataclass, field, replace
from functools import lru_cache
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
    counted = None if counts is None else counts[:, None]
    return compare_cells(first[:, None], second[:, None], margin=margin, counts=counted)[0]


def compare_cells(
    first: Array, second: Array, *, margin: float | None, counts: Array | None = None
) -> list[Comparison]:
    """The same in every cell, (S, C) each; cells of as many pairs are compared at once."""
    both = np.isfinite(first) & np.isfinite(second)
    n, found = both.sum(axis=0), dict[int, Comparison]()
    for pairs in np.unique(n):
        cells = np.flatnonzero(n == pairs)
        arms = [_kept(values, both, cells) for values in (first, second)]
        ranked = np.round(arms[0] - arms[1], 9)
        if counts is not None:
            counted = _kept(counts, both, cells)
            known = np.isfinite(counted).all(axis=1)
            ranked[known] = np.rint(counted[known])
        found |= zip(cells.tolist(), _of_as_many(arms[0], arms[1], ranked, margin), strict=True)
    return [found[cell] for cell in range(len(n))]


def _kept(values: Array, both: NDArray[np.bool_], cells: NDArray[np.int64]) -> Array:
    """The values of complete pairs in cells that have as many, (cells, n)."""
    return np.asarray(values[:, cells].T[both[:, cells].T].reshape(len(cells), -1))


def _of_as_many(first: Array, second: Array, ranked: Array, margin: float | None) -> list[Comparison]:
    """Compare arms of complete pairs, (cells, n), with the differences that Wilcoxon ranks."""
    difference = first - second
    n = difference.shape[1]
    if n < 2:
        fields = ("gap", "sd", *_T_FIELDS, "p_wilcoxon", "pair_correlation")[n:]
        why = dict.fromkeys(fields, "two_complete_pairs")
        return [Comparison(n, float(one[0]) if n else None, why=dict(why)) for one in difference]
    sds = spreads(difference)
    varied = np.flatnonzero(sds > 0)
    tested = dict(zip(varied.tolist(), _t_tests(first[varied], second[varied]), strict=True))
    found = []
    for cell, (gap, correlation) in enumerate(
        zip(difference.mean(axis=1).tolist(), _correlations(first, second), strict=True)
    ):
        p_wilcoxon, why = wilcoxon_p(ranked[cell]), dict[str, str]()
        if p_wilcoxon is None:
            why["p_wilcoxon"] = "all_differences_zero"
        if correlation is None:
            why["pair_correlation"] = "arm_constant"
        one = Comparison(n, gap, float(sds[cell]), p_wilcoxon=p_wilcoxon, pair_correlation=correlation, why=why)
        found.append(_with_t(one, tested.get(cell), difference[cell], margin))
    return found


@dataclass(frozen=True)
class _TTest:
    """Student's test of one cell."""

    t: float
    p: float
    ci95: tuple[float, float]
    ci90: tuple[float, float]


def _t_tests(first: Array, second: Array) -> list[_TTest]:
    """Student's tests of arms whose differences vary, (cells, n)."""
    if not len(first):
        return []
    test = stats.ttest_rel(first, second, axis=1)
    intervals = [np.stack(test.confidence_interval(level), axis=1).tolist() for level in (0.95, 0.9)]
    t, p = np.asarray(test.statistic).tolist(), np.asarray(test.pvalue).tolist()
    numbers = zip(t, p, *intervals, strict=True)
    return [_TTest(t, p, (low, high), (lower, upper)) for t, p, (low, high), (lower, upper) in numbers]


def _with_t(one: Comparison, test: _TTest | None, difference: Array, margin: float | None) -> Comparison:
    """The comparison with all that rests on the t test; None where the differences are all the same."""
    if test is None:
        return replace(one, why=one.why | dict.fromkeys(_T_FIELDS, "all_differences_equal"))
    bf10 = bayes_factor(test.t, one.n)
    without_margin = {"p_tost": "margin_on_raw_scale"} if margin is None else {}
    without_bf10 = {"bf10": bf10} if isinstance(bf10, str) else {}
    return replace(
        one,
        ci95=test.ci95,
        ci90=test.ci90,
        t=test.t,
        p_t=test.p,
        p_tost=None if margin is None else tost_p(difference, margin),
        d_z=(one.gap or 0.0) / (one.sd or 1.0),
        bf10=None if isinstance(bf10, str) else bf10,
        why=one.why | without_margin | without_bf10,
    )


def pair_correlation(first: Array, second: Array) -> float | None:
    """Pearson's correlation of the arms over seeds; None where an arm is constant."""
    return _correlations(first[None], second[None])[0]


def _correlations(first: Array, second: Array) -> list[float | None]:
    """The same of every cell, (cells, n) each."""
    found: list[float | None] = [None] * len(first)
    varied = np.flatnonzero((spreads(first) > 0) & (spreads(second) > 0))
    if len(varied):
        known = stats.pearsonr(first[varied], second[varied], axis=1).statistic
        for cell, one in zip(varied.tolist(), known.tolist(), strict=True):
            found[cell] = one
    return found


def spread(values: Array) -> float:
    """Standard deviation with n − 1, zero where only rounding separates the values."""
    return float(spreads(values[None])[0])


def spreads(rows: Array) -> Array:
    """The same of every row, (rows, n) -> (rows,)."""
    sds = rows.std(axis=1, ddof=1)
    return np.where(sds <= 1e-12 * np.maximum(1.0, np.abs(rows).max(axis=1)), 0.0, sds)


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
    ways = _ways_to_sum(tuple(sorted(doubled.tolist())))
    plus = doubled[kept > 0].sum()
    extreme = min(plus, doubled.sum() - plus)
    return float(min(1.0, 2.0 * ways[: extreme + 1].sum() / ways.sum()))


@lru_cache(maxsize=1024)
def _ways_to_sum(doubled: tuple[int, ...]) -> Array:
    """In how many ways some of these ranks have each sum; without ties, cells of as many pairs have the same ranks."""
    ways = np.zeros(sum(doubled) + 1)
    ways[0] = 1.0
    for rank in doubled:
        ways[rank:] += ways[:-rank].copy()
    return ways
