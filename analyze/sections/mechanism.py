"""What the probes inside the network say about the contrast: gradients, dead units, saturation, stale statistics.

The paired contrast of each measure in every cell. The seed is the unit.
"""

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, MechanismRow, Why, because
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips
from analyze.measures import probes
from analyze.sections.headline import mean_over_cells
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

Array = NDArray[np.float64]


def rows(study: StudyData) -> list[tuple[MechanismRow, Why]]:
    """The contrast of every measure over all cells that have it, then in each of them."""
    found = []
    for name, values in probes.measures(study).items():
        paired = arms(study.trials, values, study.design)
        if not paired.present.any():
            continue
        mean = mean_over_cells(paired, None)
        found.append(_row(name, {}, mean.comparison, mean.p_signflip))
        found += _cell_rows(name, paired)
    return found


def _cell_rows(name: str, paired: Arms) -> list[tuple[MechanismRow, Why]]:
    inside = [index for index, cell in enumerate(paired.cells) if cell and paired.present[index]]
    p_flip = flip_p([np.nan_to_num(paired.difference[:, [index]]) for index in inside], flips())
    rows = []
    for index, p in zip(inside, p_flip, strict=True):
        comparison = compare(paired.first[:, index], paired.second[:, index], margin=None)
        rows.append(_row(name, paired.cells[index], comparison, p if comparison.n > 1 else None))
    return rows


def _row(name: str, cell: Cell, comparison: Comparison, p: float | None) -> tuple[MechanismRow, Why]:
    why = {"gap": "estimate", "ci95": "ci95"}
    reasons = {why[field]: because(code) for field, code in comparison.why.items() if field in why}
    if p is None:
        reasons["p_signflip"] = because("two_complete_seeds_or_zero")
    row = MechanismRow(measure=name, cell=cell, estimate=comparison.gap, ci95=comparison.ci95, p_signflip=p)
    return row, reasons
