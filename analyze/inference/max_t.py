"""Step-down max-T over sign-flips: one p for each member of a family, corrected for all of them at once.

Westfall & Young (1993), algorithm 2.8: the p of the k-th most extreme member is the share of flips whose most extreme
statistic over it and the less extreme members reaches its own, made monotone. The flips are those of
`signflip`: whole seeds turn, in every member that has them, so that dependence between members is kept. The least p
stays that of one test, whatever the size of the family.

Members need not have the same seeds, nor the same degrees of freedom: their statistic is then the parametric p of
t or F on the flipped scores. Where all are alike it is R, the share of the sum of squares that the mean
explains, in which that p falls: t² = (n − 1) R / (1 − R).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analyze.inference.signflip import ENUMERATED_SEEDS, least_p, signs_for

Array = NDArray[np.float64]
Side = Literal["two-sided", "greater"]

#: Statistics closer than this, relatively, are ties.
_TOLERANCE = 1e-9
#: A share of residual variance that is only rounding.
_ROUNDING = 1e-12


def max_t(
    members: Sequence[Array], generator: np.random.Generator, side: Side = "two-sided", *, alpha: float = 1.0
) -> list[float | None]:
    """The corrected p of every member of a family.

    Args:
        members: scores (S, df) of each, NaN in every column where a seed is missing; the same S seeds in each.
        generator: source of the sampled flips, above 16 seeds that any member has.
        side: "greater" for the mean of one column, df = 1.
        alpha: members whose own seeds cannot reach it leave the family, so that they take no power from the others.

    Returns:
        One p a member; None where it left, where all its scores are zero or fewer than two seeds have any.
    """
    tested = [
        index
        for index, scores in enumerate(members)
        if np.nan_to_num(scores).any() and (n := int(np.isfinite(scores).all(axis=1).sum())) > 1 and least_p(n) <= alpha
    ]
    found: list[float | None] = [None] * len(members)
    if not tested:
        return found
    stacked = np.concatenate([members[index] for index in tested], axis=1)
    used = np.isfinite(stacked).any(axis=1)
    family = _Family([members[index][used] for index in tested], side)
    for index, p in zip(tested, _step_down(family, generator), strict=True):
        found[index] = float(p)
    return found


def _step_down(family: "_Family", generator: np.random.Generator) -> Array:
    observed = family.statistics(np.ones((1, family.seeds)))[0]
    order = np.argsort(-observed, kind="stable")
    threshold = observed[order]
    finite = np.isfinite(threshold)
    threshold[finite] -= _TOLERANCE * np.maximum(1.0, np.abs(threshold[finite]))
    reached, flips = np.zeros(len(order)), 0
    for chunk in signs_for(family.columns.shape[1], family.seeds, generator):
        turned = family.statistics(chunk.astype(float))[:, order]
        most = np.maximum.accumulate(turned[:, ::-1], axis=1)[:, ::-1]
        reached += (most >= threshold).sum(axis=0)
        flips += len(chunk)
    exact = family.seeds <= ENUMERATED_SEEDS
    p = reached / flips if exact else (reached + 1) / (flips + 1)
    corrected = np.empty(len(order))
    corrected[order] = np.maximum.accumulate(p)
    return corrected


class _Family:
    """Scores of the members that are tested, and their statistic under any flips."""

    def __init__(self, members: Sequence[Array], side: Side) -> None:
        self.seeds = len(members[0])
        self.df = np.array([scores.shape[1] for scores in members])
        self.starts = np.cumsum([0, *self.df[:-1]])
        self.n = np.array([np.isfinite(scores).all(axis=1).sum() for scores in members], dtype=float)
        scores = [np.nan_to_num(member) / np.abs(np.nan_to_num(member)).max() for member in members]
        self.columns = np.concatenate(scores, axis=1)
        self.total = self.n * np.array([(one**2).sum() for one in scores])
        self.alike = len(set(zip(self.n, self.df, strict=True))) == 1
        self.side = side

    def statistics(self, signs: Array) -> Array:
        """(flips, members), larger is more extreme."""
        sums = signs @ self.columns
        shares = np.add.reduceat(sums**2, self.starts, axis=1) / self.total
        if not self.alike:
            shares = self._surprise(shares)
        return np.asarray(shares * np.sign(sums) if self.side == "greater" else shares)

    def _surprise(self, shares: Array) -> Array:
        """−log of the parametric p of F = R (n − 1) / (1 − R), infinite where it underflows."""
        left = np.where(1 - shares < _ROUNDING, 0.0, 1 - shares)
        p = special.betainc(self.df * (self.n - 1) / 2, self.df / 2, left)
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log(p))
