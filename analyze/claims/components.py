"""What a claim is decided by: a contrast with one score a seed, and what is to be shown of its mean.

A mean is decided by sign-flips, and by Student's t beside them; an equivalence by two one-sided t tests, the estimate
of a jackknife by t over its pseudo-values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Component, ContrastUnit, Message, Side, Why, because
from analyze.inference import power
from analyze.inference.lognormal_aft import from_replicates
from analyze.inference.max_t import max_t
from analyze.inference.paired import pair_correlation, spread, t_interval, t_p, tost_p
from analyze.inference.signflip import flips, least_p, least_seeds

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Contrast:
    """One score a seed, under the name that the verdict shows.

    Attributes:
        name: what is compared.
        scores: (S,), NaN where a seed is missing; their mean is the estimate. Ratios are on the log scale,
            correlations on Fisher's.
        flipped: (S,), the scores that change sign with their seed, NaN where one is missing; None for an estimate
            that is no mean.
        margin: of equivalence, in the unit of the scores; zero where none is declared.
        unit: of the estimate.
    """

    name: Message
    scores: Array
    flipped: Array | None
    margin: float = 0.0
    unit: ContrastUnit = "pp"

    @property
    def kept(self) -> Array:
        """The scores of the seeds that have one."""
        return self.scores[np.isfinite(self.scores)]

    @property
    def n(self) -> int:
        """Seeds behind the estimate."""
        return len(self.kept)

    def interval(self, level: float) -> tuple[float, float] | None:
        """Student's interval, ratios as ratios; None where the scores do not vary."""
        if self.n < 2 or not spread(self.kept):
            return None
        low, high = t_interval(self.kept, level)
        return self.shown(low), self.shown(high)

    def shown(self, score: float) -> float:
        """A score in the unit of the estimate."""
        scales = {"ratio": np.exp, "correlation": np.tanh}
        return float(scales[self.unit](score)) if self.unit in scales else score


def mean(name: Message, scores: Array, *, margin: float = 0.0, unit: ContrastUnit = "pp") -> Contrast:
    """A contrast whose scores flip."""
    return Contrast(name, scores, scores, margin, unit)


def correlation(name: Message, first: Array, second: Array) -> Contrast:
    """Pearson's r of two numbers a seed, (S,) each, on Fisher's scale by seed jackknife; no scores where it has no r.

    Its size at ten seeds is .044 at .05 and .006 at .005, one-sided, normal scores (20 000 simulated).
    """
    both = np.isfinite(first) & np.isfinite(second)
    x, y = first[both], second[both]
    # The first leaves no seed out.
    samples = [np.arange(len(x)) != seed for seed in range(-1, len(x))]
    found = [pair_correlation(x[kept], y[kept]) if kept.sum() > 2 else None for kept in samples]
    known = np.array([one for one in found if one is not None and abs(one) < 1])
    scores = np.empty(0)
    if len(known) == len(samples):
        scores = from_replicates(float(np.arctanh(known[0])), np.arctanh(known[1:])).pseudo_values
    return Contrast(name, scores, None, unit="correlation")


def less(one: Contrast, other: Contrast, name: Message) -> Contrast:
    """The difference of two contrasts, seed by seed; of log ratios it is the ratio of both."""
    flipped = None if one.flipped is None or other.flipped is None else one.flipped - other.flipped
    return Contrast(name, one.scores - other.scores, flipped, one.margin, one.unit)


def on_common_seeds(*ones: Contrast) -> list[Contrast]:
    """The same means on the seeds that all of them have."""
    common = np.isfinite([one.scores for one in ones]).all(axis=0)
    return [mean(one.name, np.where(common, one.scores, np.nan), margin=one.margin, unit=one.unit) for one in ones]


@dataclass(frozen=True)
class Part:
    """A contrast and what is to be shown of it."""

    contrast: Contrast
    side: Side

    @property
    def p(self) -> float:
        """Student's p; scores that are all the same are on one side, or within the margin, for certain."""
        scores, margin = self.contrast.kept, self.contrast.margin
        if len(scores) < 2:
            return 1.0
        shifted = scores + {"above_margin": -margin, "below_margin": margin}.get(self.side, 0.0)
        varies, center = spread(scores) > 0, float(shifted.mean())
        if self.side == "equivalent":
            return tost_p(scores, margin) if varies else float(abs(center) >= margin)
        if varies:
            return t_p(shifted, DIRECTION[self.side])
        return float(not {"greater": center > 0, "less": center < 0, "two-sided": center != 0}[DIRECTION[self.side]])

    @property
    def turned(self) -> list[Array]:
        """Scores whose mean is above zero if the part holds, one array a side; none where nothing flips."""
        scores, margin = self.contrast.flipped, self.contrast.margin
        if scores is None or self.side == "equivalent":
            return []
        sides = {
            "greater": [scores],
            "less": [-scores],
            "two-sided": [scores, -scores],
            "above_margin": [scores - margin],
            "below_margin": [-scores - margin],
        }
        return sides[self.side]

    def decidable(self, alpha: float) -> bool:
        """Whether as many seeds have a score as an exact test needs."""
        return least_p(self.contrast.n) <= alpha

    def seeds_needed(self, level: float) -> int | None:
        """Seeds with which this part would hold at this one-sided level with power 80 %, were the estimate the truth.

        None where the estimate points the other way, and above power.MOST_SEEDS.
        """
        scores, margin = self.contrast.kept, self.contrast.margin
        if len(scores) < 2 or not spread(scores):
            return None
        sd, estimate = spread(scores), float(scores.mean())
        if self.side == "equivalent":
            return power.seeds_for_margin(sd, margin - abs(estimate), level) if abs(estimate) < margin else None
        distance = {
            "greater": estimate,
            "less": -estimate,
            "two-sided": abs(estimate),
            "above_margin": estimate - margin,
            "below_margin": -estimate - margin,
        }[self.side]
        return power.seeds_for_gap(distance, sd, 2 * level) if distance > 0 else None

    def measured(self) -> Message:
        """The estimate with its interval: 90 % where the test is one-sided at .05, so that both say the same."""
        one = self.contrast
        if one.n < 2:
            return because("unmeasured", contrast=one.name)
        estimate = one.shown(float(one.kept.mean()))
        coverage = 95 if self.side == "two-sided" else 90
        low, high = one.interval(coverage / 100) or (estimate, estimate)
        if one.unit == "pp":
            return because("measured_pp", contrast=one.name, pp=estimate, low_pp=low, high_pp=high, coverage=coverage)
        return because("measured", contrast=one.name, estimate=estimate, low=low, high=high, coverage=coverage)

    def shown(self) -> Message:
        """The same with what it was held against."""
        one, measured = self.contrast, self.measured()
        null = 1 if one.unit == "ratio" else 0
        low, high = one.shown(-one.margin), one.shown(one.margin)
        if self.side == "equivalent":
            return because("within", measured=measured, lower=low, upper=high)
        if self.side == "two-sided":
            return because("differs_from", measured=measured, bound=null)
        if self.side in ("greater", "above_margin"):
            return because("above", measured=measured, bound=null if self.side == "greater" else high)
        return because("below", measured=measured, bound=null if self.side == "less" else low)

    def component(self, p_max_t: float | None, alpha: float) -> tuple[Component, Why]:
        """The row of findings, and why its numbers are missing."""
        one = self.contrast
        bounds, decidable = one.interval(0.95), self.decidable(alpha)
        row = Component(
            contrast=one.name,
            side=self.side,
            unit=one.unit,
            margin=one.shown(one.margin) if self.side in ("equivalent", "above_margin", "below_margin") else None,
            estimate=one.shown(float(one.kept.mean())) if one.n else None,
            ci95=bounds,
            ci90=one.interval(0.9),
            p=self.p if bounds and decidable else None,
            p_max_t=p_max_t,
            n=one.n,
        )
        few = because("seeds_too_few", count=least_seeds(alpha))
        constant = because("equal_scores")
        reasons = {
            "margin": because("against_zero"),
            "estimate": constant,
            "ci95": constant,
            "ci90": constant,
            "p": constant if decidable else few,
            "p_max_t": few if not decidable else constant if self.turned else because("not_flipped"),
        }
        return row, {field: reason for field, reason in reasons.items() if getattr(row, field) is None}


#: The tail of Student's t by what is to be shown.
DIRECTION: dict[str, Literal["greater", "less", "two-sided"]] = {
    "greater": "greater",
    "less": "less",
    "two-sided": "two-sided",
    "above_margin": "greater",
    "below_margin": "less",
}


def flips_of(parts: Sequence[Part], alpha: float) -> list[float | None]:
    """The sign-flip p of each part, max-T over all of them and their sides; None where nothing flips.

    Parts without the seeds that an exact test needs are left out of the family.
    """
    sides = [(index, side) for index, part in enumerate(parts) if part.decidable(alpha) for side in part.turned]
    corrected = max_t([side[:, None] for _, side in sides], flips(), "greater") if sides else []
    found: list[float | None] = [None] * len(parts)
    for (index, _), p in zip(sides, corrected, strict=True):
        other = found[index]
        found[index] = p if other is None or p is None else min(p, other)
    return found
