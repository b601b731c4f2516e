"""Repeated-measures ANOVA for any number of within-seed factors, from orthonormal contrast scores.

An effect's scores are each seed's responses times an orthonormal contrast matrix: Helmert contrasts for the
factors in the effect, the mean for the others. F is the mean square of the mean score over that of its error
stratum (effect x seed); Greenhouse & Geisser's epsilon is taken from the scores' covariance. Checked against afex.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Array = NDArray[np.float64]


#: Above this F x df_num SciPy's noncentral F is NaN or takes seconds; the numerator then hardly varies, and F is
#: distributed as lambda over the error's chi-squared, to 3e-4 of the little that partial eta squared is short of one.
LARGEST_RATIO = 1e6


@dataclass(frozen=True)
class Effect:
    """One effect; numbers that the data cannot give are None, with a code for the reason in `why` by field."""

    factors: tuple[str, ...]
    df_num: int
    df_den: int
    F: float | None
    p_uncorrected: float | None
    epsilon_gg: float | None
    p_gg: float | None
    partial_eta_sq: float | None
    partial_eta_sq_ci90: tuple[float, float] | None
    n_seeds: int
    why: dict[str, str]

    @property
    def name(self) -> str:
        """The factors joined by colons."""
        return ":".join(self.factors)


def orthonormal(levels: int) -> Array:
    """Helmert contrasts of unit length, (levels, levels − 1), each orthogonal to the mean."""
    contrasts = np.tril(np.full((levels, levels), -1.0), -1).T + np.diag(np.arange(levels, dtype=float))
    contrasts = contrasts[:, 1:]
    return np.asarray(contrasts / np.linalg.norm(contrasts, axis=0))


def contrast_scores(responses: Array, within: Sequence[bool]) -> Array:
    """Orthonormal contrast scores of one effect.

    Args:
        responses: (S, levels of factor 1, …, levels of factor k), without gaps.
        within: which of the k factors are in the effect.

    Returns:
        (S, df), df the product of levels − 1 over the factors in the effect.
    """
    scores: Array = responses
    for inside in within:
        scores = _over_first(scores, inside=inside)
    return _flat(scores)


def all_contrast_scores(responses: Array) -> dict[tuple[int, ...], Array]:
    """The contrast scores of every effect, by the places of its factors; of none, the mean is the score.

    Effects share their steps, so that all of them cost hardly more than the responses have numbers: with thirteen
    factors of two levels there are 8192.

    Args:
        responses: (S, levels of factor 1, …, levels of factor k), without gaps.
    """
    found: dict[tuple[int, ...], Array] = {(): responses}
    for place in range(responses.ndim - 1):
        found = {
            (*effect, place) if inside else effect: _over_first(scores, inside=inside)
            for effect, scores in found.items()
            for inside in (False, True)
        }
    return {effect: _flat(scores) for effect, scores in found.items()}


def _over_first(scores: Array, *, inside: bool) -> Array:
    """Scores over the levels of the first factor, (S, levels, …) -> (S, …, 1 or levels − 1); so the order is kept."""
    levels = scores.shape[1]
    return np.tensordot(scores, orthonormal(levels) if inside else np.full((levels, 1), levels**-0.5), axes=([1], [0]))


def _flat(scores: Array) -> Array:
    return np.asarray(scores.reshape(len(scores), math.prod(scores.shape[1:])))


def subsets(factors: int) -> list[tuple[int, ...]]:
    """The places of the factors of every effect, main effects first."""
    return [one for order in range(1, factors + 1) for one in combinations(range(factors), order)]


def effects(responses: Array, factors: Sequence[str]) -> list[Effect]:
    """Every main effect and interaction, main effects first.

    Args:
        responses: (S, levels of factor 1, …), complete seeds only, any unit.
        factors: names of the k factors.
    """
    scores = all_contrast_scores(responses)
    return [effect_of(scores[one], [factors[index] for index in one]) for one in subsets(len(factors))]


def effect_of(scores: Array, factors: Sequence[str]) -> Effect:
    """F, Greenhouse-Geisser p and partial eta squared of one effect from its contrast scores (S, df)."""
    seeds, df_num = scores.shape
    df_den = df_num * (seeds - 1)
    if seeds < 2:
        return _without(factors, df_num, max(df_den, 0), seeds, "two_complete_seeds")
    mean = scores.mean(axis=0)
    ss_effect = seeds * float(mean @ mean)
    centred = scores - mean
    ss_error = float((centred**2).sum())
    if ss_error <= 1e-20 * max(1.0, float((scores**2).sum())):
        return _without(factors, df_num, df_den, seeds, "response_constant")
    F = (ss_effect / df_num) / (ss_error / df_den)
    epsilon = greenhouse_geisser(centred)
    testable = df_num <= seeds - 1
    return Effect(
        factors=tuple(factors),
        df_num=df_num,
        df_den=df_den,
        F=F,
        p_uncorrected=float(special.fdtrc(df_num, df_den, F)),
        epsilon_gg=epsilon,
        p_gg=float(special.fdtrc(df_num * epsilon, df_den * epsilon, F)) if testable else None,
        partial_eta_sq=ss_effect / (ss_effect + ss_error),
        partial_eta_sq_ci90=partial_eta_sq_interval(F, df_num, df_den),
        n_seeds=seeds,
        why={} if testable else {"p_gg": "sphericity_needs_seeds"},
    )


def unavailable(levels: Sequence[int], factors: Sequence[str], seeds: int, reason: str) -> list[Effect]:
    """The effects of a design that cannot be tested, every number None for this reason."""
    found = []
    for subset in subsets(len(factors)):
        df_num = math.prod(levels[index] - 1 for index in subset)
        names = [factors[index] for index in subset]
        found.append(_without(names, df_num, df_num * max(seeds - 1, 0), seeds, reason))
    return found


def _without(factors: Sequence[str], df_num: int, df_den: int, seeds: int, reason: str) -> Effect:
    fields = ("F", "p_uncorrected", "epsilon_gg", "p_gg", "partial_eta_sq", "partial_eta_sq_ci90")
    return Effect(
        factors=tuple(factors),
        df_num=df_num,
        df_den=df_den,
        F=None,
        p_uncorrected=None,
        epsilon_gg=None,
        p_gg=None,
        partial_eta_sq=None,
        partial_eta_sq_ci90=None,
        n_seeds=seeds,
        why=dict.fromkeys(fields, reason),
    )


def greenhouse_geisser(centred: Array) -> float:
    """Epsilon of centred contrast scores (S, df): tr(C)² / (df tr(C²)), C their covariance.

    Greenhouse & Geisser (1959), doi 10.1007/BF02289823. The smaller Gram matrix has the same traces.
    """
    df = centred.shape[1]
    gram = centred @ centred.T if df > len(centred) else centred.T @ centred
    return float(np.trace(gram) ** 2 / (df * np.sum(gram**2)))


def partial_eta_sq_interval(F: float, df_num: int, df_den: int) -> tuple[float, float]:
    """90 % interval of partial eta squared from the noncentral F, lambda / (lambda + df_num + df_den + 1).

    Steiger (2004), doi 10.1037/1082-989X.9.2.164. A bound that no positive noncentrality reaches is zero.
    """
    bounds = []
    for level in (0.95, 0.05):
        noncentrality = _noncentrality(F, df_num, df_den, level)
        bounds.append(noncentrality / (noncentrality + df_num + df_den + 1))
    return bounds[0], bounds[1]


def _noncentrality(F: float, df_num: int, df_den: int, level: float) -> float:
    """The noncentrality under which F is the quantile of this level; zero where none is."""

    def above(noncentrality: float) -> float:
        return noncentral_f(F, df_num, df_den, noncentrality) - level

    if special.fdtr(df_num, df_den, F) <= level:
        return 0.0
    if F * df_num > LARGEST_RATIO:
        return float(F * df_num * stats.chi2.isf(level, df_den) / df_den) - df_num
    high = max(1.0, 2.0 * F * df_num)
    while above(high) > 0:
        high *= 2
    return float(optimize.brentq(above, 0.0, high, xtol=1e-10, rtol=1e-12))


def noncentral_f(F: float, df_num: int, df_den: int, noncentrality: float) -> float:
    """The chance that a noncentral F is at most this one.

    SciPy's is NaN at some places of a thousand degrees of freedom and more; there it is the sum of beta distributions
    with Poisson weights (Johnson, Kotz & Balakrishnan 1995, Continuous Univariate Distributions 2, section 30.4), as
    far as weights count.
    """
    found = float(special.ncfdtr(df_num, df_den, noncentrality, F))
    if not math.isnan(found):
        return found
    middle = noncentrality / 2
    reach = 12 * math.sqrt(middle) + 40
    terms = np.arange(max(0, math.floor(middle - reach)), math.ceil(middle + reach) + 1)
    share = df_num * F / (df_num * F + df_den)
    betas = special.betainc(df_num / 2 + terms, df_den / 2, share)
    return float(stats.poisson.pmf(terms, middle) @ betas)
