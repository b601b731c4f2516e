"""What the probes inside the network say about the contrast: gradients, dead units, saturation, stale statistics.

The paired contrast of each measure in every cell. The seed is the unit.
"""

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, MechanismRow, Message, Why, because
from analyze.inference.max_t import max_t
from analyze.inference.paired import Comparison, compare
from analyze.inference.signflip import flip_p, flips
from analyze.measures import probes
from analyze.sections.decision import uncorrected
from analyze.sections.mean import mean_over_cells
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
        found.append(_row(name, {}, mean.comparison, mean.p_signflip, None, because("family_of_its_own")))
        found += _cell_rows(name, paired, study.design.alpha)
    return found


def _cell_rows(name: str, paired: Arms, alpha: float) -> list[tuple[MechanismRow, Why]]:
    inside = [index for index, cell in enumerate(paired.cells) if cell and paired.present[index]]
    columns = [paired.difference[:, [index]] for index in inside]
    rows = []
    alone, together = flip_p(columns, flips()), max_t(columns, flips(), alpha=alpha)
    for index, p, corrected in zip(inside, alone, together, strict=True):
        comparison = compare(paired.first[:, index], paired.second[:, index], margin=None)
        why = uncorrected(comparison.n, alpha, "two_complete_seeds_or_zero")
        rows.append(_row(name, paired.cells[index], comparison, p if comparison.n > 1 else None, corrected, why))
    return rows


def _row(
    name: str, cell: Cell, comparison: Comparison, p: float | None, corrected: float | None, uncorrected: Message
) -> tuple[MechanismRow, Why]:
    why = {"gap": "estimate", "ci95": "ci95"}
    reasons = {why[field]: because(code) for field, code in comparison.why.items() if field in why}
    if p is None:
        reasons["p_signflip"] = because("two_complete_seeds_or_zero")
    if corrected is None:
        reasons["p_max_t"] = uncorrected
    row = MechanismRow(
        measure=name, cell=cell, estimate=comparison.gap, ci95=comparison.ci95, p_signflip=p, p_max_t=corrected
    )
    return row, reasons
