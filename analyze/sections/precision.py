"""What this study could have seen: smallest detectable gap and seeds for the margin, as rows."""

from analyze.findings import Cell, PowerRow, Why, because
from analyze.inference import power
from analyze.inference.paired import Comparison, compare
from analyze.sections.headline import mean_over_cells
from analyze.study.pairing import Arms


def rows(paired: Arms, margin: float, alpha: float) -> list[tuple[PowerRow, Why]]:
    """The mean over cells (an empty cell), then every cell; sd and gaps in percentage points."""
    found = [_row({}, mean_over_cells(paired, None).comparison, margin, alpha)]
    for index, cell in enumerate(paired.cells):
        if cell:
            comparison = compare(paired.first[:, index], paired.second[:, index], margin=None)
            found.append(_row(cell, comparison, margin, alpha))
    return found


def _row(cell: Cell, found: Comparison, margin: float, alpha: float) -> tuple[PowerRow, Why]:
    if not found.sd:
        reason = because("all_differences_equal" if found.n > 1 else "two_complete_pairs")
        row = PowerRow(cell=cell, sd=found.sd, smallest_detectable_pp=None, seeds_for_margin=None)
        fields = ("smallest_detectable_pp", "seeds_for_margin", *(("sd",) if found.sd is None else ()))
        return row, dict.fromkeys(fields, reason)
    seeds = power.seeds_for_margin(power.upper_sd(found.sd, found.n), margin, alpha)
    row = PowerRow(
        cell=cell,
        sd=found.sd,
        smallest_detectable_pp=power.smallest_detectable(found.sd, found.n, alpha),
        seeds_for_margin=seeds,
    )
    return row, {} if seeds is not None else {"seeds_for_margin": because("too_many_seeds", count=power.MOST_SEEDS)}
