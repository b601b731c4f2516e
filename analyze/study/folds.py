"""Seeds that are folds of one cross-validation: who says so, and what is then refused."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analyze.errors import InvalidTableError, UsageError
from analyze.findings import because
from analyze.study.question import Asked, Design
from analyze.study.scores import VALUE
from analyze.study.tidy import cut
from collect.schema import LEAST_FOLDS

#: Names of columns that only split the same data anew, and of those that tell the folds of one split.
_SPLITS = re.compile(r"(cv)?[ _.-]*(rep|repeat|repetition|split|resample)s?[ _.-]*(id|index|no)?", re.IGNORECASE)
_FOLDS = re.compile(r"(cv|outer|inner)?[ _.-]*(folds?|cv|k_?fold)[ _.-]*(id|index|no)?", re.IGNORECASE)

#: What to do where folds were drawn more than once.
NAMED_APART = "name each fold of each repeat in one column, as repeat-fold, and give it with --seed"


def folds_of(study: Mapping[str, Any], asked: Asked, threshold: float | None) -> int | None:
    """How many folds the cross-validation has of which every seed is one; None where seeds are independent.

    Args:
        study: the part [analysis] of the resolved study.
        asked: what else was asked for.
        threshold: the number that runs are compared with, where they are.

    Raises:
        UsageError: no cross-validation has so many folds, or more is asked for that takes independent runs.
    """
    folds = study.get("folds") if asked.folds is None else asked.folds
    if folds is None:
        return None
    if isinstance(folds, bool) or not isinstance(folds, int | np.integer) or folds < LEAST_FOLDS:
        raise UsageError(
            f"--folds {folds} is not a whole number of {LEAST_FOLDS} or more, as of 10-fold cross-validation"
        )
    for option, given in (("--threshold", threshold is not None), ("--unpaired", asked.paired is False)):
        if given:
            raise UsageError(f"--folds compares two levels within folds, and {option} takes independent runs; drop one")
    return int(folds)


def over_folds(design: Design, trials: pd.DataFrame, folds: int) -> Design:
    """The design whose seeds are folds.

    Raises:
        UsageError: no two levels are declared.
        InvalidTableError: a run has no value, which would take its fold out of the mean; a column splits the same data
            anew and would pass for a moderator; or the levels of one have folds of their own.
    """
    if not design.declared:
        levels = ", ".join(map(str, design.factors[design.factor]))
        raise UsageError(f"--folds compares two levels of {design.factor}; add --contrast A B, two of {levels}")
    _refuse_splits(design)
    _refuse_folds_of_their_own(design, trials, folds)
    lost = trials[design.factor].isin(design.contrast).to_numpy() & ~np.isfinite(trials[VALUE].to_numpy(dtype=float))
    if lost.any():
        first = trials[lost].iloc[0]
        where = ", ".join(f"{name} {first[name]}" for name in (design.factor, *design.moderators))
        raise InvalidTableError(
            f"--folds: {int(lost.sum())} of the runs have no {design.response.name} ({where}, fold {first['seed']} "
            "first), and what failed cannot be ranked over folds that share their examples; train them again, or leave "
            "their fold out"
        )
    return replace(design, folds=folds, why_paired=because("folds_asked", count=folds))


def _refuse_splits(design: Design) -> None:
    """Refuse a moderator that only splits the same data anew: a mean over its cells is over no more data."""
    for name in design.moderators:
        if _FOLDS.fullmatch(name):
            raise InvalidTableError(
                f"--folds: column {name} names folds, and another is taken for them; add --seed {name}, or, where the "
                f"cross-validation was repeated, {NAMED_APART}"
            )
        if _SPLITS.fullmatch(name):
            raise InvalidTableError(
                f"--folds: column {name} only splits the same data anew, and a mean over it would pass for a mean over "
                f"more data; {NAMED_APART}"
            )


def _refuse_folds_of_their_own(design: Design, trials: pd.DataFrame, folds: int) -> None:
    """Refuse levels that have folds of their own, which would be one sample of the folds of all."""
    pair = trials[trials[design.factor].isin(design.contrast)]
    alone = [name for name, why in design.ignored.items() if why.code == "ignored_seed" and name in trials]
    for name in (*design.moderators, *alone):
        own = pair.groupby(name, sort=False, dropna=False)["seed"].unique()
        apart = sum(map(len, own)) == pair["seed"].nunique() > folds
        if apart and len(own) > 1 and min(map(len, own)) > 1 and not _SPLITS.fullmatch(name):
            first, second = ((cut(str(level)), cut(str(seeds[0]))) for level, seeds in own.iloc[:2].items())
            raise InvalidTableError(
                f"--folds: every {name} has folds of its own ({first[1]} of {first[0]}, {second[1]} of {second[0]}), "
                f"which would be one sample; number them alike in each, 0 to {folds - 1}, or, where all are folds of "
                f"the same data, add --ignore {name}"
            )
