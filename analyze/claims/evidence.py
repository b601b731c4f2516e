"""A study as the claims look at it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyze.claims.components import Contrast, mean
from analyze.findings import BnMode, Level, Message, because
from analyze.measures import response
from analyze.measures.time_to_target import Curves
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, by_seed

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


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
        return self.study.design.response.margin or 0.0

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
        chosen = response.accuracy(self.study, mode) if values is None else values
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

    def gap(self, name: Message, values: Array, cells: Mask) -> Contrast:
        """The mean over these cells of accuracies, (S, C) in percentage points, with the study's margin."""
        return mean(with_cells(name, values[:, cells]), by_seed(values, cells), margin=self.margin)


def with_cells(name: Message, values: Array) -> Message:
    """The name of a mean over cells of either sign, with the number of those whose own mean lies above zero.

    Such a mean may be that of a few cells, and the others' is another.

    Args:
        name: of the contrast.
        values: (S, C), NaN where a pair is missing.
    """
    own = [column[np.isfinite(column)].mean() for column in values.T if np.isfinite(column).any()]
    above = sum(bool(one > 0) for one in own)
    return because("with_cells", contrast=name, above=above, count=len(own)) if 0 < above < len(own) else name
