"""Runs against a number: where their values cannot be tested, and which numbers are then missing.

Near a bound, and where runs fail, the t test rejects a true number too often (a soak in tests/analyze/test_threshold.py
has it by the distance to the bound); then the share of runs beyond the number decides, by an exact test. That is a
question about the median, not about the mean.
"""

import numpy as np

from analyze.findings import Message, Primary, SimpleEffect, Why, because
from analyze.measures import response
from analyze.study.load import StudyData

#: Standard deviations between the mean of a cell and a bound, nearer than which values are too skewed for a t test.
NEAR = 3.0

#: What rests on the values of the runs.
OF_VALUES = ("ci95", "ci90", "t", "p_t", "p_signflip")
OF_CELLS = (
    *("p_t_holm", "p_wilcoxon", "p_signflip_holm", "p_beyond", "p_tost", "p_tost_holm", "d_z", "d_z_ci95", "bf10"),
    *OF_VALUES,
)


def untestable(study: StudyData) -> Message | None:
    """Why the values of these runs are not tested against a number; None where they are, or levels are compared."""
    design, runs = study.design, study.ran
    if design.threshold is None:
        return None
    if (runs["status"] != "completed").any():
        return because("threshold_failed")
    near = design.response.bounds is not None and design.response.scale == "raw" and _near_a_bound(study)
    return because("threshold_near_bound", count=int(NEAR)) if near else None


def _near_a_bound(study: StudyData) -> bool:
    """Whether the runs of any cell lie nearer to a bound than NEAR standard deviations."""
    low, high = study.design.response.bounds or (-np.inf, np.inf)
    runs = study.ran
    values = runs.assign(value=response.values(study)[: len(runs)])
    names = list(study.design.moderators)
    cells = values.groupby(names, sort=False, observed=True)["value"] if names else values.groupby(lambda _: 0)["value"]
    mean, spread = cells.mean(), cells.std().fillna(0.0)
    return bool(((mean - low < NEAR * spread) | (high - mean < NEAR * spread)).any())


def untested(
    primary: tuple[Primary, Why], cells: list[tuple[SimpleEffect, Why]], why: Message
) -> tuple[tuple[Primary, Why], list[tuple[SimpleEffect, Why]]]:
    """The same without what rests on the values, which this reason replaces."""
    row, reasons = primary
    equivalence = row.equivalence.model_copy(update={"p": None})
    row = row.model_copy(update=dict.fromkeys(OF_VALUES) | {"equivalence": equivalence})
    reasons = reasons | dict.fromkeys((*OF_VALUES, "equivalence/p"), why)
    return (row, reasons), [
        (one.model_copy(update=dict.fromkeys(OF_CELLS)), theirs | dict.fromkeys(OF_CELLS, why)) for one, theirs in cells
    ]
