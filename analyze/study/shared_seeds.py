"""Whether the two levels of a contrast share their seeds, so that their runs are pairs."""

import numpy as np
import pandas as pd

from analyze.errors import UsageError
from analyze.findings import Message, because
from analyze.study.levels import Level

#: Share of each arm's seeds that the other has to have.
SHARED = 0.8

#: Seeds that a sentence names.
MOST_NAMED = 8

#: Why runs of a seed are pairs, where every seed ran both levels.
SEEDS_SHARED = because("seeds_shared")


def pairing_of(
    trials: pd.DataFrame,
    factor: str,
    contrast: tuple[Level, Level],
    *,
    asked: bool | None,
    folds: bool = False,
    planned: bool = False,
) -> tuple[bool, Message]:
    """Whether runs are compared within seeds, and why.

    Args:
        trials: all trials, with a level of the factor in every row.
        factor: the primary factor.
        contrast: its two levels.
        asked: what somebody wants, whatever the seeds; None leaves it to them.
        folds: whether the seeds are folds of a cross-validation.
        planned: whether the seeds are those of a plan, which gives every level each of them, whichever have run.

    Raises:
        UsageError: pairs are asked for, and no seed ran both levels.
    """
    first, second = (set(trials.loc[trials[factor] == level, "seed"]) for level in contrast)
    both, apart = first & second, first ^ second
    if asked is not None:
        if asked and not both:
            said = "--folds: no fold" if folds else "--paired: no seed"
            raise UsageError(f"{said} ran both {contrast[0]} and {contrast[1]}")
        return asked, because("paired_asked" if asked else "unpaired_asked")
    if not apart or not first or not second:
        return True, SEEDS_SHARED  # a level that never ran has no seeds to compare
    if not planned and len(both) < SHARED * max(len(first), len(second)):
        return False, because("seeds_of_their_own", shared=len(both), first=len(first), second=len(second))
    named = tuple(sorted(apart, key=lambda seed: (isinstance(seed, str), seed))[:MOST_NAMED])
    return True, because("seeds_mostly_shared", count=len(apart), seeds=tuple(map(_plain, named)))


def _plain(seed: object) -> int | str:
    """A seed as Python's own number or text."""
    return seed.item() if isinstance(seed, np.generic) else seed  # type: ignore[return-value]  # seeds are these
