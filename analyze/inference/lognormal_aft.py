"""Interval-censored log-normal accelerated failure time model by maximum likelihood, with a seed jackknife.

log T = m + x'b + s z, z standard normal, T known to lie in (low, high], an intercept m for each group. In Olsen's
(1978) coordinates m/s, b/s, g = 1/s the log-likelihood is concave, so that Newton's method finds its maximum if there
is one; all replicates of the jackknife are solved at once. The Hessian is diagonal in the intercepts, so that a model
of many groups costs no more than its rows. Checked against survival::survreg.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analyze.inference.paired import t_interval, t_p, tost_p

Array = NDArray[np.float64]

_STEPS = 200
_TOLERANCE = 1e-11
#: Where intervals are so narrow that rounding drowns a step of less than this, it is the last one.
_DROWNED = 1e-6
#: A standard error of an intercept, a coefficient or log s this large means that the likelihood rises without end.
_FLAT = 1e2
#: A standard deviation of log T outside these bounds is on its way to zero or without end.
_SCALES = (1e-12, 1e6)
#: No interval counts as narrower, in standard deviations: squares of one over it are still finite.
_LEAST_WIDTH = 1e-100


@dataclass(frozen=True)
class Times:
    """Trials collapsed to distinct rows: U combinations of group, regressors and interval.

    `group` (U,) counts up from 0 without gaps and in order; `regressors` (U, q), q may be 0; `low` (U,) is zero for
    "already reached", `high` (U,) infinite for "not reached".
    """

    group: NDArray[np.int64]
    regressors: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Lognormal:
    """Maximum likelihood of J replicates of one model: NaN where the likelihood has no maximum.

    `intercepts` (J, G), `coefficients` (J, q), `scale` (J,), `log_likelihood` (J,). The intercept of a group without
    trials in a replicate means nothing.
    """

    intercepts: Array
    coefficients: Array
    scale: Array
    log_likelihood: Array


def less_one(counts: Array) -> Array:
    """Weights (1 + S, U) of the whole data and of the data without each seed, from the trials of each seed (S, U)."""
    total = counts.sum(axis=0)
    return np.vstack([total, total - counts])


def jackknifed(estimates: Array) -> "Jackknifed | str":
    """The jackknife from the estimate of the whole data and those without each seed, (1 + S,); or why there is none."""
    whole, left_out = float(estimates[0]), estimates[1:]
    if not np.isfinite(whole):
        return "likelihood_without_maximum"
    if len(left_out) < 3:
        return Jackknifed(whole, None, len(left_out), "three_seeds", np.empty(0))
    if not np.isfinite(left_out).all():
        return Jackknifed(whole, None, len(left_out), "likelihood_without_maximum_less_one", np.empty(0))
    return from_replicates(whole, left_out)


@dataclass(frozen=True)
class Jackknifed:
    """An estimate with the standard error of its seed jackknife, or why it has none.

    `pseudo_values` (S,) have the estimate as mean and its standard error as theirs; empty without one.
    """

    estimate: float
    se: float | None
    seeds: int
    why: str | None
    pseudo_values: Array

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """Interval from t with seeds − 1 degrees of freedom."""
        return None if self.se is None else t_interval(self.pseudo_values, level)

    @property
    def p(self) -> float | None:
        """Two-sided p of a zero estimate, t with seeds − 1 degrees of freedom."""
        return None if self.se is None else t_p(self.pseudo_values)

    def equivalence_p(self, margin: float) -> float | None:
        """The p of an estimate within ±margin."""
        return None if self.se is None else tost_p(self.pseudo_values, margin)


def from_replicates(estimate: float, left_out: Array) -> Jackknifed:
    """The jackknife from the estimates without each seed, (S,)."""
    seeds = len(left_out)
    variance = (seeds - 1) / seeds * float(((left_out - left_out.mean()) ** 2).sum())
    if variance <= 1e-20:
        return Jackknifed(estimate, None, seeds, "same_without_any_seed", np.empty(0))
    # Their mean is the estimate itself rather than the bias-corrected one, so that interval and p agree with it.
    pseudo_values = estimate - (seeds - 1) * (left_out - left_out.mean())
    return Jackknifed(estimate, variance**0.5, seeds, None, pseudo_values)


def fit(times: Times, weights: Array) -> Lognormal:
    """The maximum of the likelihood of each replicate, by Newton's method on all of them at once.

    Args:
        times: the distinct rows.
        weights: (J, U), number of trials.
    """
    model = _Model(times)
    params = np.tile(model.start(weights[0]), (len(weights), 1))
    value = model.likelihood(params, weights)
    variance = np.full(len(weights), np.inf)
    active = np.arange(len(weights))
    for _ in range(_STEPS):
        newton = model.newton(params[active], weights[active])
        variance[active] = newton.variance
        here, before = params[active], value[active]
        params[active], value[active] = model.search(here, newton.step, before, weights[active])
        rising = value[active] - before > 1e-12 * np.abs(before)
        waiting = newton.gain > np.where(rising, _TOLERANCE, _DROWNED)
        lost = (params[active, -1] > 1 / _SCALES[0]) | (params[active, -1] < 1 / _SCALES[1])
        # Where no part of a step is uphill, rounding has taken the slope, and no later step will be.
        lost |= waiting & (params[active] == here).all(axis=1)
        variance[active[lost]] = np.inf
        active = active[waiting & ~lost]
        if not len(active):
            break
    bad = variance > _FLAT**2
    bad[active] = True
    params[bad], value[bad] = np.nan, np.nan
    estimates = params[:, :-1] / params[:, -1:]
    return Lognormal(estimates[:, : model.groups], estimates[:, model.groups :], 1 / params[:, -1], value)


@dataclass(frozen=True)
class _Newton:
    """Newton's steps (J, p), what each promises (J,), and the largest variance of an estimate or of log s (J,)."""

    step: Array
    gain: Array
    variance: Array


class _Model:
    """The log-likelihood in m/s, b/s and g = 1/s; parameters are (J, G + q + 1) in this order."""

    def __init__(self, times: Times) -> None:
        self.group, self.regressors = times.group, times.regressors
        with np.errstate(divide="ignore"):
            self.log_low, self.log_high = np.log(times.low), np.log(times.high)
        self.starts = np.flatnonzero(np.diff(times.group, prepend=-1))
        self.groups = len(self.starts)

    def start(self, weights: Array) -> Array:
        """Means by group of the middle of each interval, or of its only finite end, and their spread."""
        low = np.where(np.isfinite(self.log_low), self.log_low, self.log_high)
        high = np.where(np.isfinite(self.log_high), self.log_high, low)
        middle = (low + high) / 2
        totals = np.maximum(self._by_group(weights), 1e-300)
        means = self._by_group(weights * middle) / totals
        scale = max(0.2, float(np.sqrt(np.average((middle - means[self.group]) ** 2, weights=weights))))
        return np.concatenate([means, np.zeros(self.regressors.shape[1]), [1.0]]) / scale

    def _by_group(self, values: Array) -> Array:
        """Sums over the rows of each group, (…, U) -> (…, G)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def ends(self, params: Array) -> tuple[Array, Array]:
        """Standardised ends of the intervals, (J, U) each."""
        centre = params[:, self.group] + params[:, self.groups : -1] @ self.regressors.T
        g = params[:, -1:]
        return g * self.log_low - centre, g * self.log_high - centre

    def likelihood(self, params: Array, weights: Array) -> Array:
        """Log-likelihood of each replicate, (J,)."""
        return np.asarray((weights * _log_mass(*self.ends(params))).sum(axis=1))

    def newton(self, params: Array, weights: Array) -> _Newton:
        """The step that solves negative Hessian x step = gradient, the intercepts eliminated first."""
        (slope, of_g), (bend, cross, square) = self._derivatives(params, weights)
        tail = np.concatenate([slope @ self.regressors, of_g.sum(axis=1)[:, None]], axis=1)
        own, columns = self._by_group(bend), [*self.regressors.T]
        shared = np.stack([*(self._by_group(bend * x) for x in columns), -self._by_group(cross)], axis=2)
        rest = np.empty((len(params), len(columns) + 1, len(columns) + 1))
        rest[:, :-1, :-1] = np.einsum("ju,ua,ub->jab", bend, self.regressors, self.regressors)
        rest[:, :-1, -1] = rest[:, -1, :-1] = -cross @ self.regressors
        rest[:, -1, -1] = square.sum(axis=1)
        # Without a maximum the curvature fades to nothing; a trace of a ridge keeps it invertible until then.
        own = own + (1e-13 * own.sum(axis=1) + 1e-30)[:, None]
        ridge = 1e-12 * np.einsum("jaa->ja", rest) + 1e-30
        rest = rest + ridge[:, :, None] * np.eye(rest.shape[1])
        gradient = self._by_group(slope)
        ratio = shared / own[:, :, None]
        left = rest - np.einsum("jga,jgb->jab", ratio, shared)
        # The likelihood is concave: curvature that is not positive has lost its digits on the way to no maximum.
        flat = np.linalg.eigvalsh(left)[:, 0] <= 0
        inverse = np.asarray(np.linalg.inv(np.where(flat[:, None, None], np.eye(left.shape[1]), left)), dtype=float)
        last = np.einsum("jab,jb->ja", inverse, tail - np.einsum("jga,jg->ja", ratio, gradient))
        first = gradient / own - np.einsum("jga,ja->jg", ratio, last)
        step = np.concatenate([first, last], axis=1)
        gain = (step * np.concatenate([gradient, tail], axis=1)).sum(axis=1)
        leaned = np.einsum("jga,jab->jgb", ratio, inverse)
        variances = np.concatenate(
            [1 / own + (leaned * ratio).sum(axis=2), np.einsum("jaa->ja", inverse)[:, :-1]], axis=1
        )
        with_g = np.concatenate([-leaned[:, :, -1], inverse[:, :-1, -1]], axis=1)
        there = np.concatenate([self._by_group(weights) > 0, np.ones_like(last[:, :-1], bool)], axis=1)
        largest = _largest_variance(params, variances, with_g, inverse[:, -1, -1], there)
        return _Newton(np.where(flat[:, None], 0.0, step), np.where(flat, 0.0, gain), np.where(flat, np.inf, largest))

    def _derivatives(self, params: Array, weights: Array) -> tuple[tuple[Array, Array], tuple[Array, Array, Array]]:
        """By row, (J, U): slopes in the centre and in g; negative second derivatives in centre, both, and g."""
        below, above = self.ends(params)
        mass = _log_mass(below, above)
        a, b = np.exp(_log_density(above) - mass), np.exp(_log_density(below) - mass)
        low = np.where(np.isfinite(self.log_low), self.log_low, 0.0)
        high = np.where(np.isfinite(self.log_high), self.log_high, 0.0)
        above, below = np.where(np.isfinite(above), above, 0.0), np.where(np.isfinite(below), below, 0.0)
        # Products of both ends are written as differences, which keep their digits where an interval is narrow.
        by_centre = a - b
        by_g = by_centre * high + b * (high - low)
        ends, ends_log = above - below, above * high - below * low
        bend = by_centre**2 + above * by_centre + ends * b
        cross = by_centre * by_g + above * high * by_centre + ends_log * b
        square = by_g**2 + above * high**2 * by_centre + (ends_log * high + below * low * (high - low)) * b
        return (-weights * by_centre, weights * by_g), (weights * bend, weights * cross, weights * square)

    def search(self, params: Array, step: Array, value: Array, weights: Array) -> tuple[Array, Array]:
        """Halve each replicate's step until its likelihood does not fall; g falls by nine tenths at most."""
        fall = -step[:, -1] / params[:, -1]
        size = np.where(fall > 0.9, 0.9 / np.maximum(fall, 0.9), 1.0)
        moved, reached = params.copy(), value.copy()
        waiting = np.arange(len(params))
        for _ in range(40):
            trial = params[waiting] + size[waiting, None] * step[waiting]
            trial_value = self.likelihood(trial, weights[waiting])
            good = trial_value >= value[waiting] - 1e-12 * np.abs(value[waiting])
            moved[waiting[good]], reached[waiting[good]] = trial[good], trial_value[good]
            waiting = waiting[~good]
            if not len(waiting):
                break
            size[waiting] /= 2
        return moved, reached


def _largest_variance(params: Array, variances: Array, with_g: Array, of_g: Array, there: NDArray[np.bool_]) -> Array:
    """The largest variance of an estimate d/g, and of log g, by the delta method, (J,)."""
    g = params[:, -1:]
    ratio = params[:, :-1] / g
    of_ratio = (variances - 2 * ratio * with_g + ratio**2 * of_g[:, None]) / g**2
    return np.asarray(np.maximum(np.where(there, of_ratio, 0.0).max(axis=1), of_g / g[:, 0] ** 2))


def _log_density(z: Array) -> Array:
    """Log of the standard normal density, −∞ at infinity."""
    return np.asarray(-0.5 * z**2 - 0.5 * np.log(2 * np.pi))


def _log_mass(low: Array, high: Array) -> Array:
    """log(Phi(high) − Phi(low)), low < high, taken in the tail where the difference keeps its digits."""
    turn = low > 0
    low, high = np.where(turn, -high, low), np.where(turn, -low, high)
    log_high = special.log_ndtr(high)
    fall = special.log_ndtr(low) - log_high
    # Where both ends have nearly one probability the difference is lost: width times the density between them.
    narrow = fall > -1e-9
    width = np.maximum(np.where(narrow, high, 1.0) - np.where(narrow, low, 0.0), _LEAST_WIDTH)
    thin = _log_density(np.where(narrow, low, 0.0) + width / 2) + np.log(width)
    return np.asarray(np.where(narrow, thin, log_high + np.log(-np.expm1(np.where(narrow, -1.0, fall)))))
