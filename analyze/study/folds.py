"""Seeds that are folds of one cross-validation: who says so, and what is then refused."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analyze.errors import InvalidTableError, UsageError
from analyze.findings import because
from analyze.study.question import Asked, Design
from analyze.study.scores import VALUE

#: A cross-validation has so many folds at least; every one of them tests as much as another.
LEAST_FOLDS = 2


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
        InvalidTableError: a run has no value, which would take its fold out of the mean.
    """
    if not design.declared:
        levels = ", ".join(map(str, design.factors[design.factor]))
        raise UsageError(f"--folds compares two levels of {design.factor}; add --contrast A B, two of {levels}")
    lost = trials[design.factor].isin(design.contrast).to_numpy() & ~np.isfinite(trials[VALUE].to_numpy(dtype=float))
    if lost.any():
        first = trials[lost].iloc[0]
        where = ", ".join(f"{name} {first[name]}" for name in (design.factor, *design.moderators, "seed"))
        raise InvalidTableError(
            f"--folds: {int(lost.sum())} of the runs have no {design.response.name} ({where} first), and what failed "
            "cannot be ranked over folds that share their examples; train them again, or leave their fold out"
        )
    return replace(design, folds=folds, why_paired=because("folds_asked", count=folds))
