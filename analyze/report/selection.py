"""Which rows stand on the page: a selection is made once, for sentences, tables and figures alike.

Each comes with its place in its section of the findings, under which the reasons of its nulls are found.
"""

from dataclasses import dataclass
from typing import Literal

from analyze.findings import AnovaRow, Cell, ConvergenceRow, Findings, MechanismRow, ResponseRow, SimpleEffect
from analyze.report.subject import cell_key, in_order, subject_of

#: The response that stands with speed.
RESTRICTED_TIME = "restricted_time"

#: More cells than these have no room in a figure with a panel, a row or a line for each: it is of the first ones, so
#: many that rows can be read.
MOST_CELLS, SHOWN_CELLS = 60, 40

#: More effects than these are not written of one by one, but detected interactions, and at most so many.
MOST_EFFECTS, MOST_INTERACTIONS = 64, 30

#: The sections of the findings that such figures draw.
DRAWN_BY_CELL = (
    *("simple_effects", "cells", "repeatability", "sequential", "power_curve"),
    *("curves", "survival", "layer_profile"),
)


@dataclass(frozen=True)
class FirstCells:
    """Findings of so many of the cells, the first in the order of the design, and of their mean."""

    findings: Findings
    shown: int
    cells: int


def first_cells(findings: Findings) -> FirstCells:
    """What figures show of the cells; everything where there are no more than they have room for."""
    cells = in_order((row.cell for row in findings.cells), subject_of(findings))
    if len(cells) <= MOST_CELLS:
        return FirstCells(findings, len(cells), len(cells))
    kept = {cell_key(cell) for cell in cells[:SHOWN_CELLS]}
    drawn = {
        name: tuple(row for row in getattr(findings, name) if not row.cell or cell_key(row.cell) in kept)
        for name in DRAWN_BY_CELL
    }
    return FirstCells(findings.model_copy(update=drawn), len(kept), len(cells))


def anova(findings: Findings) -> list[tuple[int, AnovaRow]]:
    """The model of the primary response in the mode and on the scale of the headline."""
    primary = findings.primary
    chosen = (primary.response, findings.question.response.scale, primary.bn_mode)
    return [(i, row) for i, row in enumerate(findings.anova) if (row.response, row.scale, row.bn_mode) == chosen]


def anova_others(findings: Findings) -> list[tuple[int, AnovaRow]]:
    """Effects with the primary factor on the primary response, on the other scale and in the other mode."""
    factor, shown = findings.question.factor, {i for i, _ in anova(findings)}
    rows = [(i, row) for i, row in enumerate(findings.anova) if i not in shown and factor in row.effect]
    return [(i, row) for i, row in rows if row.response == findings.primary.response]


def anova_responses(findings: Findings) -> list[tuple[int, AnovaRow]]:
    """Effects with the primary factor on any other response of the final step."""
    factor, elsewhere = findings.question.factor, (findings.primary.response, RESTRICTED_TIME)
    rows = enumerate(findings.anova)
    return [(i, row) for i, row in rows if row.response not in elsewhere and factor in row.effect]


def responses(findings: Findings) -> dict[str, list[tuple[int, ResponseRow]]]:
    """Rows of each further response, the mean over cells first; the only cell of a study is its own mean."""
    found: dict[str, list[tuple[int, ResponseRow]]] = {}
    for i, row in enumerate(findings.responses):
        if row.cell is None or findings.question.moderators:
            found.setdefault(row.response, []).append((i, row))
    return found


def simple_effects(findings: Findings, *, other_modes: bool = False) -> list[tuple[int, SimpleEffect]]:
    """The contrast in every cell on the scale of the headline: in its mode, or in the others."""
    scale, mode = findings.question.response.scale, findings.primary.bn_mode
    rows = enumerate(findings.simple_effects)
    return [(i, row) for i, row in rows if row.scale == scale and (row.bn_mode != mode) == other_modes]


def named_effects(own: list[AnovaRow]) -> list[AnovaRow]:
    """The effects that sentences are of: all, or where they are very many the main effect and what was detected."""
    if len(own) <= MOST_EFFECTS:
        return own
    main = [row for row in own if len(row.effect) == 1]
    detected = [row for row in own if len(row.effect) > 1 and row.decision == "differs"]
    return [*main, *detected[:MOST_INTERACTIONS]]


def failed_cells(findings: Findings) -> list[Cell]:
    """Cells that pairs won decide, for a run failed there that has no value, or values are not tested."""
    if findings.failures and not findings.question.moderators:
        return [{}]
    rows = [row for row in findings.failures if row.cell is not None]
    every = findings.question.threshold is not None
    return [row.cell for row in rows if row.cell is not None and (every or row.failed_first or row.failed_second)]


def deciding(findings: Findings) -> Literal["p_max_t", "p_t_holm"]:
    """Which p of a cell decides it: that of flips, corrected over the cells; over folds that of t."""
    return "p_max_t" if findings.question.folds is None else "p_t_holm"


def restricted_time(findings: Findings) -> list[tuple[int, AnovaRow]]:
    """The model of the time to the primary target, at most the budget."""
    return [(i, row) for i, row in enumerate(findings.anova) if row.response == RESTRICTED_TIME]


def time_ratios(findings: Findings) -> list[tuple[int, ConvergenceRow]]:
    """The time ratio over all cells, for every target, the primary one first."""
    return [(i, row) for i, row in enumerate(findings.convergence) if row.model == "aft" and row.cell is None]


def time_ratios_in_cells(findings: Findings) -> list[tuple[int, ConvergenceRow]]:
    """The time ratio of every cell for the primary target."""
    rows = [(i, row) for i, row in enumerate(findings.convergence) if row.model == "aft"]
    return [(i, row) for i, row in rows if row.cell is not None and row.target == rows[0][1].target]


def restricted_differences(findings: Findings) -> tuple[ConvergenceRow, ConvergenceRow, ConvergenceRow] | None:
    """The mean difference of restricted time for the primary target over all cells, and its lower and upper bound."""
    rows = {row.term: row for row in reversed(findings.convergence) if row.model == "rmst" and row.cell is None}
    if not rows:
        return None
    return rows["rmst_difference"], rows["rmst_difference_left"], rows["rmst_difference_right"]


def restricted_differences_in_cells(findings: Findings) -> list[tuple[int, ConvergenceRow]]:
    """The difference of restricted time in every cell for the primary target."""
    rows = [(i, row) for i, row in enumerate(findings.convergence) if row.term == "rmst_difference"]
    return [(i, row) for i, row in rows if row.cell is not None and row.target == rows[0][1].target]


def measured_cells(findings: Findings, row: MechanismRow) -> list[Cell]:
    """The cells that have a measure of the probes, over which its mean is taken."""
    return [one.cell for one in findings.mechanism if one.measure == row.measure and one.cell]


def time_regression(findings: Findings) -> list[tuple[int, ConvergenceRow]]:
    """The coefficients of the time to the primary target on all factors."""
    return [(i, row) for i, row in enumerate(findings.convergence) if row.model == "aft_regression"]
