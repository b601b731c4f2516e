"""Looks at a study whose seeds grow until each cell is decided: what is seen at each, from the rows alone.

A look takes the first so many seeds, in their order, of every cell that the look before left open, and exists once both
runs of each of these have ended. What is decided follows from the values and the rule; who looked, and when, does not
matter. Cells and their mean are members of one family of C + 1, each decided at alpha/(C + 1): all their intervals
cover at once with chance 1 − alpha, so that any statement that follows from them holds with it. That is proved of
normal differences by the mixture; of others `python -m tests.benchmarks.sequential` shows it by simulation: of 2000
studies a case of 4 and 15 cells, at looks from 10 seeds to 200 with margins of .25 to .67 sd, .014 at most decide
anything falsely with normal differences and t(4), .037 with skewness 1.4 (.124 without its correction, see `anytime`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analyze.inference import anytime
from analyze.inference.paired import skewness, spread
from analyze.inference.signflip import least_p

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Boundary = Literal["mixture", "pocock"]
Bounds = tuple[float, float]
Decided = Literal["first", "second", "equivalent", "identical", "undecided"]


@dataclass(frozen=True)
class Rule:
    """How a study is decided while its seeds grow, declared before the data.

    Attributes:
        first: seeds of the first look.
        batch: seeds that each further look adds.
        most: seeds of the last look.
        alpha: chance of any false decision in the study.
        margin: of equivalence, in the unit of a difference; None where there is none.
        boundary: the mixture's interval, which may be asked at any time, or Pocock's over these looks.
    """

    first: int
    batch: int
    most: int
    alpha: float
    margin: float | None
    boundary: Boundary = "mixture"

    @property
    def looks(self) -> tuple[int, ...]:
        """Seeds of every look there can be."""
        return (*range(self.first, self.most, self.batch), self.most)


@dataclass(frozen=True)
class Seen:
    """What is seen of a member at a look: mean, interval at its level, interval at twice that, and what they decide.

    Their ends are infinite as long as nothing can be told. `trivial`: a level is ahead, by less than the margin.
    `log_e` is the log of the sign-flip e-value against no effect, which takes no shape for granted; it decides nothing.
    """

    n: int
    gap: float
    interval: Bounds
    inner: Bounds
    decision: Decided
    trivial: bool = False
    log_e: float = 0.0

    @property
    def open(self) -> bool:
        """Whether nothing is decided."""
        return self.decision == "undecided"


NOTHING_TOLD = (-np.inf, np.inf)


@dataclass(frozen=True)
class Look:
    """A look at so many seeds: every cell as it was last seen, and their mean. What is decided stays decided."""

    seeds: int
    cells: tuple[Seen, ...]
    mean: Seen

    @property
    def open(self) -> Flags:
        """The cells that more seeds are trained for, (C,)."""
        return np.array([cell.open for cell in self.cells])


@lru_cache(maxsize=10_000)
def limits(rule: Rule, n: int, level: float) -> tuple[float, float]:
    """The t within which the mean of n values is not told from another, and not from one on a given side of it.

    Args:
        rule: of the study.
        n: values, two at least.
        level: of the member; the second t has twice the level.
    """
    chances = (level, 2 * level)
    if rule.boundary == "mixture":
        both, one = (anytime.critical_t(n, chance, anytime.C2) for chance in chances)
        return both, one
    nominal = [anytime.pocock_level(rule.looks, chance) for chance in chances]
    both, one = (float(stats.t.isf(chance / 2, n - 1)) for chance in nominal)
    return both, one


def level_of(rule: Rule, cells: int) -> float:
    """The level of each member: of the cells and their mean, or of the one cell that is the mean."""
    return rule.alpha / (cells + 1 if cells > 1 else 1)


def looks(difference: Array, ended: Flags, rule: Rule) -> list[Look]:
    """Every look that these rows allow, in order.

    Args:
        difference: first minus second, (S, C), seeds in their order; NaN where a run has failed or is missing.
        ended: whether both runs have ended, (S, C).
        rule: of the study.
    """
    cells = difference.shape[1]
    level = level_of(rule, cells)
    found: list[Look] = []
    open_ = np.ones(cells, bool)
    taken = difference.copy()
    for seeds in rule.looks:
        if seeds > len(difference) or not ended[:seeds, open_].all():
            break
        seen = [
            see(taken[:seeds, cell], level, rule) if open_[cell] else found[-1].cells[cell] for cell in range(cells)
        ]
        settled = found and not found[-1].mean.open
        mean = found[-1].mean if settled else _mean(taken[:seeds], seen, level, rule)
        found.append(Look(seeds, tuple(seen), mean))
        open_ = found[-1].open
        taken[seeds:, ~open_] = np.nan  # what is decided takes no more seeds, be there some or not
        if not open_.any():
            break
    return found


def see(values: Array, level: float, rule: Rule) -> Seen:
    """What is seen of a member of this level with these values (n,), NaN where a pair is incomplete."""
    kept = values[np.isfinite(values)]
    n = len(kept)
    if n < 2:
        return Seen(n, float(kept[0]) if n else np.nan, NOTHING_TOLD, NOTHING_TOLD, "undecided")
    gap, sd = float(kept.mean()), spread(kept)
    log_e = float(anytime.sign_flip_log_e(kept)[-1])
    if sd == 0:
        return _constant(n, gap, level, rule.margin, log_e)
    outer, inner = (_bounds(gap, sd, n, t, skewness(kept)) for t in limits(rule, n, level))
    return _decided(n, gap, outer, inner, rule.margin, log_e)


def _bounds(gap: float, sd: float, n: int, t: float, skew: float) -> Bounds:
    low, high = anytime.within(gap, sd, n, t, skew)
    return float(low), float(high)


def _decided(n: int, gap: float, interval: Bounds, inner: Bounds, margin: float | None, log_e: float) -> Seen:
    """What intervals decide: that zero is outside, that the margin is around, or nothing."""
    inside = margin is not None and -margin < inner[0] and inner[1] < margin
    if interval[0] > 0 or interval[1] < 0:
        return Seen(n, gap, interval, inner, "first" if interval[0] > 0 else "second", inside, log_e)
    return Seen(n, gap, interval, inner, "equivalent" if inside else "undecided", log_e=log_e)


def _constant(n: int, gap: float, level: float, margin: float | None, log_e: float) -> Seen:
    """Values that are all the same have no spread: they decide from as many on as a sign-flip could.

    Under symmetry all of n have one sign with chance 2/2^n; that any longer run of them has is part of it.
    """
    if least_p(min(n, 16)) > level:
        return Seen(n, gap, NOTHING_TOLD, NOTHING_TOLD, "undecided", log_e=log_e)
    if gap == 0:
        return Seen(n, gap, (gap, gap), (gap, gap), "identical", log_e=log_e)
    return _decided(n, gap, (gap, gap), (gap, gap), margin, log_e)


def _mean(difference: Array, cells: Sequence[Seen], level: float, rule: Rule) -> Seen:
    """The mean over cells: by the seeds that are complete in all of them, or by the mean of the cells' own intervals.

    Both cover it with the family, so that the narrower one does. The second goes on where cells have stopped.
    """
    if len(cells) == 1:
        return cells[0]
    own = see(difference.mean(axis=1), level, rule)
    interval = _mean_of([cell.interval for cell in cells])
    inner = _mean_of([cell.inner for cell in cells])
    if not interval[1] - interval[0] < own.interval[1] - own.interval[0]:
        return own
    gap = float(np.mean([cell.gap for cell in cells]))
    return _decided(min(cell.n for cell in cells), gap, interval, inner, rule.margin, own.log_e)


def _mean_of(intervals: Sequence[Bounds]) -> Bounds:
    """The mean of intervals, which covers the mean of what they cover together."""
    low, high = (float(np.mean(ends)) for ends in zip(*intervals, strict=True))
    return low, high


def at_once(difference: Array, alpha: float, margin: float | None) -> Look:
    """A look at all there is of a study that declared none, valid whenever it is taken.

    As its other tests have it, the mean is decided at alpha, and the cells as a family of that level.

    Args:
        difference: first minus second, (S, C), NaN where a run has failed or is missing.
        alpha: level of the tests.
        margin: of equivalence; None where there is none.
    """
    seeds, cells = difference.shape
    rule = Rule(seeds, 1, seeds, alpha, margin)
    seen = tuple(see(difference[:, cell], alpha / cells, rule) for cell in range(cells))
    return Look(seeds, seen, see(difference.mean(axis=1), alpha, rule))
