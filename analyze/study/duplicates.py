"""Trials that share their settings and seed: a pair would not be a pair."""

import numpy as np
import pandas as pd

from analyze.errors import InvalidTableError
from analyze.study.folds import NAMED_APART
from analyze.study.question import Design
from analyze.study.tidy import cut


def refuse(trials: pd.DataFrame, design: Design) -> None:
    """Refuse a seed that ran a combination of levels twice.

    Raises:
        InvalidTableError: two trials are alike; the column that would tell them apart is named.
    """
    keys = [*design.factors, "seed"]
    twice = trials.duplicated(keys, keep=False)
    if not twice.any():
        return
    row = trials[twice].iloc[0]
    alike = (trials[keys] == row[keys]).all(axis=1)
    unit = "seed" if design.folds is None else "fold"
    settings = ", ".join(f"{unit if name == 'seed' else name}={cut(str(row[name]))}" for name in keys)
    rows = " and ".join(str(number + 1) for number in np.flatnonzero(alike)[:2])
    others = [name for name in design.ignored if name in trials]
    apart = next((name for name in others if not trials.duplicated([*keys, name]).any()), None)
    if design.folds is not None:
        cure = f"average the runs of a fold or keep one; where the cross-validation was repeated, {NAMED_APART}"
    elif apart:
        cure = f"column {apart} tells them apart: name it with --moderators, or keep one run of each"
    else:
        cure = "keep one run of each, or give every run a seed of its own"
    raise InvalidTableError(
        f"{int(twice.sum())} trials share their settings and {unit}, first {settings} in rows {rows}; {cure}"
    )
