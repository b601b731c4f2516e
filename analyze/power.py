"""What `analyze power` says: a table of cells, the power and level that it is of, and why a dash is one."""

from collections import Counter

from analyze.findings import PowerRow, Why
from analyze.inference import power
from analyze.measures import response
from analyze.report.json_twin import in_english
from analyze.report.terminal import wrapped
from analyze.report.visible import visible
from analyze.report.words import display
from analyze.sections import precision
from analyze.study import pairing
from analyze.study.load import StudyData

#: Columns of a line.
WIDTH = 80

Found = list[tuple[PowerRow, Why]]
COLUMNS = {
    "sd": "sd of gap",
    "smallest_detectable": "smallest detectable gap",
    "seeds_for_margin": "seeds for the margin",
}


def examine(study: StudyData) -> Found:
    """A row for the mean over cells and one for each cell, and why what is missing in it is."""
    design = study.design
    paired = pairing.arms(study.trials, response.values(study), design)
    return precision.rows(paired, design.response, design.alpha)


def lines(study: StudyData, found: Found) -> list[str]:
    """As the terminal has it."""
    return [*_table(study, found), *_wrapped(_of_what(study, len(found) - 1)), *_dashes(found)]


def _of_what(study: StudyData, cells: int) -> str:
    design = study.design
    margin = design.response.margin
    within = "" if margin is None else f"; margin {_number(margin, study)} {design.response.gap_unit}"
    corrected = ", cells corrected for their number" if cells > 1 else ""
    return f"power {100 * power.TARGET_POWER:g} %, two-sided at {design.alpha:g}{corrected}{within}"


def _table(study: StudyData, found: Found) -> list[str]:
    unit = f", {study.design.response.gap_unit}" if study.design.response.gap_unit else ""
    head = [name + (unit if field != "seeds_for_margin" else "") for field, name in COLUMNS.items()]
    table = [["cell", *head]]
    for row, _ in found:
        cell = ", ".join(f"{name}={level}" for name, level in row.cell.items()) or "mean over cells"
        seeds = "–" if row.seeds_for_margin is None else str(row.seeds_for_margin)
        table.append([visible(cell), _number(row.sd, study), _number(row.smallest_detectable, study), seeds])
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return [
        "  ".join([cell.ljust(widths[0]), *(n.rjust(width) for n, width in zip(numbers, widths[1:], strict=True))])
        for cell, *numbers in table
    ]


def _dashes(found: Found) -> list[str]:
    """Each reason of each column, with the number of rows that it is of."""
    reasons = Counter(
        (name, in_english(why[field]))
        for row, why in found
        for field, name in COLUMNS.items()
        if field in why and getattr(row, field) is None
    )
    return [
        line
        for (name, reason), count in reasons.items()
        for line in _wrapped(f"– {name}: {reason} ({count} of {len(found)} rows)")
    ]


def _wrapped(text: str) -> list[str]:
    return wrapped(visible(text), WIDTH, indent="  ").split("\n")


def _number(value: float | None, study: StudyData) -> str:
    """Three decimals of a percentage point, three digits of anything else."""
    if value is None:
        return "–"
    in_points = study.design.response.gap_unit == "pp"
    return display.fixed(value, 3) if in_points else display.plain(display.significant(value))
