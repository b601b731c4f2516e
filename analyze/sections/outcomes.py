"""What the article's own table has: accuracies, losses and time to target of every level in every cell."""

import numpy as np
from numpy.typing import NDArray

from analyze.findings import OutcomeRow, Why, because
from analyze.inference.paired import spread
from analyze.measures import response
from analyze.measures.curve_shape import restricted_times
from analyze.measures.time_to_target import Curves, crossings
from analyze.study.cells import cells_of, trials_of
from analyze.study.load import StudyData
from analyze.study.pairing import codes_of

Array = NDArray[np.float64]

#: In the order in which the article prints them.
ORDER = ("train_accuracy", "test_accuracy", "train_loss", "test_loss")


def rows(study: StudyData, curves: Curves | None) -> list[tuple[OutcomeRow, Why]]:
    """Mean and standard deviation over runs of every response, by cell and level."""
    design = study.design
    names, number = cells_of(study)
    levels = design.factors[design.factor]
    codes = codes_of(study.trials[design.factor], levels)
    measured = _measured(study)
    found = crossings(study, curves, design.targets[0]) if curves else None
    times = None if found is None else restricted_times(found).middle
    rows = []
    together = trials_of(number, codes, len(levels))
    for index, cell in enumerate(names):
        for code, level in enumerate(levels):
            here = together.get((index, code), np.empty(0, dtype=np.int64))
            for name, (unit, values) in measured.items():
                rows += _row(values[here], cell=cell, level=level, response=name, unit=unit)
            if found is not None and times is not None:
                timed = here[np.isfinite(times[here])]
                reached = float((found.high <= found.budget)[timed].mean()) if len(timed) else None
                name = "time_to_target"
                rows += _row(times[here], cell=cell, level=level, response=name, unit="images", reached=reached)
    return rows


def _measured(study: StudyData) -> dict[str, tuple[str, Array]]:
    """The responses that the study recorded, in order."""
    found = {one.name: (str(one.unit), one.values) for one in response.further(study)}
    compared = study.design.response
    found[compared.name] = (compared.unit, response.raw(study, "running"))
    return {
        name: found[name] for name in (*ORDER, *(() if compared.name in ORDER else (compared.name,))) if name in found
    }


def _row(values: Array, *, reached: float | None = None, **names: object) -> list[tuple[OutcomeRow, Why]]:
    """The row of these runs; none where no run has the response."""
    known = np.sort(values[np.isfinite(values)])  # a sum depends on the order of its terms
    if not len(known):
        return []
    sd = spread(known) if len(known) > 1 else None
    row = OutcomeRow.model_validate(
        {**names, "n": len(known), "mean": float(known.mean()), "sd": sd, "reached": reached}
    )
    why: Why = {} if sd is not None else {"sd": because("one_run")}
    return [(row, why if reached is not None else why | {"reached": because("no_target")})]
