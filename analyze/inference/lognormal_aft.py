"""Interval-censored log-normal accelerated failure time model by maximum likelihood, with a seed jackknife.

log T = x'b + s z, z standard normal, T known to lie in (low, high]. In Olsen's (1978) coordinates d = b/s, g = 1/s
the log-likelihood is concave, so that Newton's method finds its maximum if there is one; all replicates of the
jackknife are solved at once. Checked against survival::survreg.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Array = NDArray[np.float64]

_STEPS = 200
_TOLERANCE = 1e-11
#: A standard error of a coefficient or of log s this large means that the likelihood rises without end.
_FLAT = 1e2


@dataclass(frozen=True)
class Lognormal:
    """Maximum likelihood of one model: coefficients b (p,), scale s, and log-likelihood."""

    coefficients: Array
    scale: float
    log_likelihood: float


def fit(design: Array, low: Array, high: Array, weights: Array) -> Lognormal | None:
    """The maximum of the likelihood; None where it has none.

    Args:
        design: (U, p), one row a distinct combination of regressors and interval.
        low: (U,), zero for "already reached".
        high: (U,), infinite for "not reached".
        weights: (U,), number of trials.
    """
    coefficients, scale, likelihood = _solve(design, low, high, weights[None, :])
    if not np.isfinite(scale[0]):
        return None
    return Lognormal(coefficients[0], float(scale[0]), float(likelihood[0]))


def jackknife(design: Array, low: Array, high: Array, counts: Array, term: int) -> "Jackknifed | str":
    """One coefficient with its standard error from leaving out each seed in turn.

    Args:
        design: (U, p) as in `fit`.
        low: (U,).
        high: (U,).
        counts: (S, U), trials of each seed.
        term: column of the design.

    Returns:
        The estimate, or why there is none.
    """
    total = counts.sum(axis=0)
    whole = fit(design, low, high, total)
    if whole is None:
        return "likelihood_without_maximum"
    estimate = float(whole.coefficients[term])
    seeds = len(counts)
    if seeds < 3:
        return Jackknifed(estimate, None, seeds, "three_seeds", np.empty(0))
    replicates, scale, _ = _solve(design, low, high, total[None, :] - counts)
    if not np.isfinite(scale).all():
        return Jackknifed(estimate, None, seeds, "likelihood_without_maximum_less_one", np.empty(0))
    return from_replicates(estimate, replicates[:, term])


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

    @property
    def one_sided_p(self) -> float | None:
        """The p of an estimate above zero."""
        if self.se is None:
            return None
        return float(stats.t.sf(self.estimate / self.se, self.seeds - 1))

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval from t with seeds − 1 degrees of freedom."""
        if self.se is None:
            return None
        half = float(stats.t.ppf(0.975, self.seeds - 1)) * self.se
        return self.estimate - half, self.estimate + half

    @property
    def p(self) -> float | None:
        """Two-sided p of a zero estimate, t with seeds − 1 degrees of freedom."""
        if self.se is None:
            return None
        return 2.0 * float(stats.t.sf(abs(self.estimate) / self.se, self.seeds - 1))


def from_replicates(estimate: float, left_out: Array) -> Jackknifed:
    """The jackknife from the estimates without each seed, (S,)."""
    seeds = len(left_out)
    variance = (seeds - 1) / seeds * float(((left_out - left_out.mean()) ** 2).sum())
    if variance <= 1e-20:
        return Jackknifed(estimate, None, seeds, "same_without_any_seed", np.empty(0))
    # Their mean is the estimate itself rather than the bias-corrected one, so that interval and p agree with it.
    pseudo_values = estimate - (seeds - 1) * (left_out - left_out.mean())
    return Jackknifed(estimate, variance**0.5, seeds, None, pseudo_values)


def _solve(design: Array, low: Array, high: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Newton's method on J replicates at once: coefficients (J, p), scales (J,), log-likelihoods (J,).

    A replicate without a maximum has NaN.
    """
    with np.errstate(divide="ignore"):
        model = _Model(design, np.log(low), np.log(high))
    params = np.tile(model.start(weights.sum(axis=0)), (len(weights), 1))
    value = model.likelihood(params, weights)
    variance = np.full((len(weights), 2), np.inf)
    active = np.arange(len(weights))
    for _ in range(_STEPS):
        gradient, curvature = model.derivatives(params[active], weights[active])
        inverse = np.asarray(np.linalg.inv(curvature), dtype=float)
        step = np.einsum("jab,jb->ja", inverse, gradient)
        variance[active] = _relative_variance(params[active], inverse)
        params[active], value[active] = model.search(params[active], step, value[active], weights[active])
        active = active[np.einsum("ja,ja->j", step, gradient) > _TOLERANCE]
        if not len(active):
            break
    bad = np.array((variance > _FLAT**2).any(axis=1))
    bad[active] = True
    params[bad] = np.nan
    return params[:, :-1] / params[:, -1:], 1 / params[:, -1], np.where(bad, np.nan, value)


def _relative_variance(params: Array, inverse: Array) -> Array:
    """Largest variance of a coefficient b = d/g, and that of log g, by the delta method, (J, 2)."""
    g = params[:, -1:]
    b = params[:, :-1] / g
    diagonal = np.einsum("jaa->ja", inverse)
    of_b = (diagonal[:, :-1] - 2 * b * inverse[:, :-1, -1] + b**2 * diagonal[:, -1:]) / g**2
    return np.stack([of_b.max(axis=1), diagonal[:, -1] / g[:, 0] ** 2], axis=1)


@dataclass(frozen=True)
class _Model:
    """The log-likelihood in d = b/s and g = 1/s; parameters are (J, p + 1), g last."""

    design: Array
    log_low: Array
    log_high: Array

    def start(self, weights: Array) -> Array:
        """Least squares on the middle of each interval, or on its only finite end."""
        low = np.where(np.isfinite(self.log_low), self.log_low, self.log_high)
        high = np.where(np.isfinite(self.log_high), self.log_high, low)
        middle, root = (low + high) / 2, np.sqrt(weights)
        b = np.linalg.lstsq(self.design * root[:, None], middle * root, rcond=None)[0]
        scale = max(0.2, float(np.sqrt(np.average((middle - self.design @ b) ** 2, weights=weights))))
        return np.append(b, 1.0) / scale

    def ends(self, params: Array) -> tuple[Array, Array]:
        """Standardised ends of the intervals, (J, U) each."""
        centre, g = params[:, :-1] @ self.design.T, params[:, -1:]
        return g * self.log_low - centre, g * self.log_high - centre

    def likelihood(self, params: Array, weights: Array) -> Array:
        """Log-likelihood of each replicate, (J,)."""
        return np.asarray((weights * _log_mass(*self.ends(params))).sum(axis=1))

    def derivatives(self, params: Array, weights: Array) -> tuple[Array, Array]:
        """Gradient (J, p + 1) and negative Hessian (J, p + 1, p + 1)."""
        below, above = self.ends(params)
        mass = _log_mass(below, above)
        a, b = np.exp(_log_density(above) - mass), np.exp(_log_density(below) - mass)
        finite_low = np.where(np.isfinite(self.log_low), self.log_low, 0.0)
        finite_high = np.where(np.isfinite(self.log_high), self.log_high, 0.0)
        above, below = np.where(np.isfinite(above), above, 0.0), np.where(np.isfinite(below), below, 0.0)
        of_high, of_low, mixed = above * a + a**2, -below * b + b**2, -a * b
        slope = np.concatenate(
            [(weights * (b - a)) @ self.design, ((a * finite_high - b * finite_low) * weights).sum(1)[:, None]], axis=1
        )
        p, replicates = self.design.shape[1], len(params)
        outer = (self.design[:, :, None] * self.design[:, None, :]).reshape(-1, p * p)
        curvature = np.empty((replicates, p + 1, p + 1))
        curvature[:, :p, :p] = ((weights * (of_high + of_low + 2 * mixed)) @ outer).reshape(-1, p, p)
        cross = of_high * finite_high + of_low * finite_low + mixed * (finite_high + finite_low)
        curvature[:, :p, p] = curvature[:, p, :p] = -(weights * cross) @ self.design
        squares = of_high * finite_high**2 + of_low * finite_low**2 + 2 * mixed * finite_high * finite_low
        curvature[:, p, p] = (weights * squares).sum(axis=1)
        # Without a maximum the curvature fades to nothing; a trace of a ridge keeps it invertible until then.
        ridge = 1e-13 * np.einsum("jaa->j", curvature) + 1e-30
        return slope, curvature + ridge[:, None, None] * np.eye(p + 1)

    def search(self, params: Array, step: Array, value: Array, weights: Array) -> tuple[Array, Array]:
        """Halve each replicate's step until its likelihood does not fall and g stays positive."""
        size = np.ones(len(params))
        moved, reached = params.copy(), value.copy()
        waiting = np.arange(len(params))
        for _ in range(40):
            trial = params[waiting] + size[waiting, None] * step[waiting]
            trial_value = np.where(trial[:, -1] > 0, self.likelihood(trial, weights[waiting]), -np.inf)
            good = trial_value >= value[waiting] - 1e-12 * np.abs(value[waiting])
            moved[waiting[good]], reached[waiting[good]] = trial[good], trial_value[good]
            waiting = waiting[~good]
            if not len(waiting):
                break
            size[waiting] /= 2
        return moved, reached


def _log_density(z: Array) -> Array:
    """Log of the standard normal density, −∞ at infinity."""
    return np.asarray(-0.5 * z**2 - 0.5 * np.log(2 * np.pi))


def _log_mass(low: Array, high: Array) -> Array:
    """log(Phi(high) − Phi(low)), taken in the tail where the difference keeps its digits."""
    turn = low > 0
    low, high = np.where(turn, -high, low), np.where(turn, -low, high)
    log_low, log_high = special.log_ndtr(low), special.log_ndtr(high)
    return np.asarray(log_high + np.log1p(-np.exp(log_low - log_high)))
