"""What this study could have seen: smallest detectable gap and seeds for the margin, as rows.

Power is that of the rule in use. A cell is corrected over the C cells: its t test at 1 − (1 − alpha)^(1/C) stands for
max-T, approximately. Below the seeds that an exact test needs there is none.
"""

import numpy as np

from analyze.findings import Cell, Message, PowerRow, Response, Why, because
from analyze.inference import power
from analyze.inference.paired import Comparison, compare_cells
from analyze.inference.signflip import least_seeds
from analyze.measures.response import values
from analyze.sections.decision import decidable
from analyze.sections.mean import mean_over_cells
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms


def rows(paired: Arms, response: Response, alpha: float) -> list[tuple[PowerRow, Why]]:
    """The mean over cells (an empty cell), then every cell; sd and gaps in the unit of a gap."""
    found = compare_cells(paired.first, paired.second, margin=None)
    cells = [(cell, one) for cell, one in zip(paired.cells, found, strict=True) if cell]
    tested = sum(decidable(one.n, alpha) for _, one in cells)
    corrected = power.level_of_one(alpha, tested)
    mean = _row({}, mean_over_cells(paired, None).comparison, response, alpha, alpha)
    return [mean, *(_row(cell, one, response, alpha, corrected) for cell, one in cells)]


def typical_sd(study: StudyData) -> float | None:
    """Median over cells of the standard deviation of the differences, in their unit; None before there are any."""
    paired = arms(study.trials, values(study), study.design)
    found = [row.sd for row, _ in rows(paired, study.design.response, study.design.alpha) if row.sd]
    return float(np.median(found[1:] or found)) if found else None


def _row(cell: Cell, found: Comparison, response: Response, alpha: float, level: float) -> tuple[PowerRow, Why]:
    why: Why = {}
    if not found.sd:
        reason = because("all_differences_equal" if found.n > 1 else "two_complete_pairs")
        why = dict.fromkeys(("smallest_detectable", "smallest_detectable_pp", "seeds_for_margin"), reason)
        why |= {} if found.sd is not None else {"sd": reason}
        return PowerRow(
            cell=cell, sd=found.sd, smallest_detectable=None, smallest_detectable_pp=None, seeds_for_margin=None
        ), why
    detectable = None
    if decidable(found.n, alpha):
        detectable = power.smallest_detectable(found.sd, found.n, level)
    else:
        few = because("seeds_too_few", count=least_seeds(alpha))
        why |= dict.fromkeys(("smallest_detectable", "smallest_detectable_pp"), few)
    if not response.is_accuracy:
        why["smallest_detectable_pp"] = because("not_in_points")
    seeds, reason = _seeds_for_margin(found, response.margin, alpha)
    if seeds is None:
        why["seeds_for_margin"] = reason
    row = PowerRow(
        cell=cell,
        sd=found.sd,
        smallest_detectable=detectable,
        smallest_detectable_pp=detectable if response.is_accuracy else None,
        seeds_for_margin=seeds,
    )
    return row, why


def _seeds_for_margin(found: Comparison, margin: float | None, alpha: float) -> tuple[int | None, Message]:
    """Seeds that show equivalence if the gap is as it was found; none where the interval lies beyond the margin."""
    if margin is None:
        return None, because("no_margin")
    gap, interval = abs(found.gap or 0.0), found.ci95 or (0.0, 0.0)
    beyond = interval[0] >= margin or interval[1] <= -margin
    if beyond or gap >= margin:
        return None, because("beyond_the_margin" if beyond else "gap_at_the_margin")
    seeds = power.seeds_for_margin(power.upper_sd(found.sd or 0.0, found.n), margin - gap, alpha)
    return seeds, because("too_many_seeds", count=power.MOST_SEEDS)
