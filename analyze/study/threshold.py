"""Runs against a fixed number: the number stands as an arm that every run has, and that always gives the same.

So a one-sample test is the paired test of these two arms, and cells, families and decisions are those of any contrast.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from analyze.errors import UsageError
from analyze.findings import ACCURACY, Response
from analyze.study.question import Asked
from analyze.study.scores import COLUMN, VALUE

#: The arm of the runs, in the singular as sentences have it, and the column that tells it from the number.
RUN, COLUMN_OF_ARMS = "run", "threshold"

#: What two runs of a pair may share, and a run and a number do not.
OF_PAIRS = ("init_hash", "order_hash", "correct_bits")


def threshold_of(study: Mapping[str, Any], asked: Asked, response: Response, share: str) -> float | None:
    """The number to compare with, in the unit of the response; None where two levels are compared.

    Args:
        study: the part [analysis] of the resolved study; what it declares is left where a contrast is asked for.
        asked: what else was asked for.
        response: what is compared.
        share: how the table writes it where it is a share, "share" or "percent"; the number is written so too.

    Raises:
        UsageError: the response cannot have the number, or more is asked for that has no meaning beside it.
    """
    number = asked.threshold
    if number is None:
        same = response.name == (study.get("response") or ACCURACY.name)
        theirs = same and asked.contrast is None and asked.factor is None
        number = study.get("threshold") if theirs else None
    if number is None:
        return None
    for option, given in (("--contrast", asked.contrast is not None), ("--unpaired", asked.paired is False)):
        if given:
            raise UsageError(f"--threshold compares runs with a number, and {option} two levels; drop one of them")
    found = 100.0 * number if share == "share" else float(number)
    low, high = response.bounds or (-math.inf, math.inf)
    low = max(low, 0.0) if response.scale == "log" else low
    if not low < found < high:
        unit = 100.0 if share == "share" else 1.0
        between = f"between {low / unit:g} and {high / unit:g}" if math.isfinite(high) else f"above {low:g}"
        raise UsageError(f"--threshold {number:g} is not {between if math.isfinite(low) else 'a number'}")
    return found


def against(trials: pd.DataFrame, number: float, asked: Asked) -> tuple[pd.DataFrame, Asked]:
    """Trials of both arms, those of the number behind, and the question put to them.

    A trial of the number has the settings and the seed of the run that it stands beside.

    Args:
        trials: the runs, scored.
        number: in the unit of the response.
        asked: what was asked; its factor is one of the moderators.
    """
    name = COLUMN_OF_ARMS
    while name in trials:
        name += "_"
    level = f"{number:.10g}"
    runs = trials.drop(columns=[one for one in OF_PAIRS if one in trials])
    fixed = runs.assign(status="completed")
    fixed[[VALUE, COLUMN["running"]]] = number
    fixed[COLUMN["batch"]] = runs[COLUMN["batch"]].where(runs[COLUMN["batch"]].isna(), number)
    runs[name], fixed[name] = RUN, level
    also = () if asked.factor is None else (asked.factor,)
    return pd.concat([runs, fixed], ignore_index=True), replace(asked, factor=name, contrast=(RUN, level), also=also)
