"""What a claim is decided by: one score a seed for each of its contrasts, and a test of their mean.

Up to sixteen seeds one-sided and two-sided p are exact sign-flips, above them Student's t. Equivalence and tests
against the margin are t tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analyze.findings import BnMode, Component, Level, Message
from analyze.inference import power
from analyze.inference.paired import spread, t_interval, t_p, tost_p
from analyze.inference.signflip import ENUMERATED_SEEDS, flips, mean_flip_p
from analyze.measures import response
from analyze.measures.time_to_target import Curves
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Direction = Literal["greater", "less", "two-sided"]


@dataclass(frozen=True)
class Contrast:
    """One score a seed, (n,), without gaps, under the name the verdict shows."""

    name: Message
    scores: Array

    @property
    def varies(self) -> bool:
        """Whether there is anything to test."""
        return len(self.scores) > 1 and spread(self.scores) > 0

    def tested(self, side: Direction) -> Component:
        """The mean against zero."""
        estimate, interval = self._estimate()
        p = None
        if len(self.scores) > 1 and len(self.scores) <= ENUMERATED_SEEDS:
            p = mean_flip_p(self.scores, flips(), side)
        elif self.varies:
            p = t_p(float(self.scores.mean()), spread(self.scores), len(self.scores), side)
        return Component(contrast=self.name, side=side, estimate=estimate, ci95=interval, p=p)

    def equivalent(self, margin: float) -> Component:
        """The mean within ±margin, two one-sided t tests."""
        estimate, interval = self._estimate()
        p = None
        if self.varies:
            p = tost_p(float(self.scores.mean()), spread(self.scores), len(self.scores), margin)
        return Component(contrast=self.name, side="equivalent", estimate=estimate, ci95=interval, p=p)

    def beyond_p(self, margin: float, side: Direction) -> float:
        """The p of a mean above +margin or below −margin; 1 where it cannot be tested."""
        if not self.varies:
            return 1.0
        shift = -margin if side == "greater" else margin
        return t_p(float(self.scores.mean()) + shift, spread(self.scores), len(self.scores), side)

    def minus(self, other: "Contrast", name: Message) -> "Contrast":
        """The difference of two contrasts of the same seeds."""
        return Contrast(name, self.scores - other.scores)

    def _estimate(self) -> tuple[float | None, tuple[float, float] | None]:
        if not len(self.scores):
            return None, None
        mean = float(self.scores.mean())
        return mean, t_interval(mean, spread(self.scores), len(self.scores)) if self.varies else None


@dataclass(frozen=True)
class Evidence:
    """A study as the claims look at it."""

    study: StudyData
    curves: Curves | None = None

    @property
    def alpha(self) -> float:
        """Level of every test."""
        return self.study.design.alpha

    @property
    def margin(self) -> float:
        """Equivalence margin in percentage points."""
        return self.study.design.margin_pp

    def levels(self, factor: str) -> tuple[Level, ...]:
        """The levels of a setting in this study, also where it does not vary."""
        if factor in self.study.design.factors:
            return self.study.design.factors[factor]
        if factor not in self.study.trials:
            return ()
        found = self.study.trials[factor].dropna().unique()
        return tuple(getattr(level, "item", lambda level=level: level)() for level in found)

    def arms(
        self, values: Array | None = None, mode: BnMode = "running", pair: tuple[Level, Level] | None = None
    ) -> Arms:
        """Both arms of the contrast, of the final accuracy unless values are given."""
        chosen = response.percent(self.study, mode) if values is None else values
        return arms(self.study.trials, chosen, self.study.design, pair)

    def cells(self, paired: Arms, **wanted: Level) -> Mask:
        """Cells at these levels; a setting that does not vary is at its one level everywhere."""
        mask = np.ones(len(paired.cells), bool)
        for factor, level in wanted.items():
            if factor in paired.moderators:
                mask &= paired.mask(factor, level)
            else:
                mask &= level in self.levels(factor)
        return mask


def contrasts(*named: tuple[Message, Array]) -> list[Contrast]:
    """Contrasts on the seeds that all of them have."""
    table = np.array([scores for _, scores in named])
    kept = np.isfinite(table).all(axis=0)
    return [Contrast(name, row[kept]) for (name, _), row in zip(named, table, strict=True)]


def contrast(name: Message, scores: Array) -> Contrast:
    """One contrast on the seeds that have it."""
    return Contrast(name, scores[np.isfinite(scores)])


def seeds_needed(one: Contrast, component: Component, margin: float, alpha: float) -> int | None:
    """Seeds with which this component would hold with power 80 % if the estimate were the truth.

    None where the estimate points the other way, and above power.MOST_SEEDS.
    """
    if not one.varies or component.estimate is None:
        return None
    sd, mean = spread(one.scores), component.estimate
    if component.side == "equivalent":
        return power.seeds_for_margin(sd, margin - abs(mean), alpha) if abs(mean) < margin else None
    if (component.side == "greater" and mean <= 0) or (component.side == "less" and mean >= 0):
        return None
    level = alpha if component.side == "two-sided" else 2 * alpha
    return power.seeds_for_gap(mean, sd, level)
