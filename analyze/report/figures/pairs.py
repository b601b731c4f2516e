"""Pairs: a seed's accuracy under both levels of the contrast, cell by cell."""

from dataclasses import dataclass

from analyze.findings import Cell, Findings
from analyze.report.subject import cell_key, in_order, subject_of


@dataclass(frozen=True)
class Pair:
    """One seed's final accuracies, in per cent."""

    seed: str
    first: float
    second: float


@dataclass(frozen=True)
class CellPairs:
    """The pairs of one cell, in the order of its seeds."""

    cell: Cell
    pairs: tuple[Pair, ...]


def pairs_of(findings: Findings) -> list[CellPairs]:
    """Every seed that has both levels, in the primary mode, by cell; none where seeds are not shared."""
    if not findings.question.paired:
        return []
    subject, mode = subject_of(findings), findings.primary.bn_mode
    rows = {(cell_key(row.cell), row.level): row for row in findings.cells if row.bn_mode == mode}
    found = []
    for cell in in_order((row.cell for row in findings.cells), subject):
        first, second = (rows.get((cell_key(cell), level)) for level in (subject.first, subject.second))
        if first is None or second is None:
            continue
        pairs = [Pair(s, first.values[s], second.values[s]) for s in first.values if s in second.values]
        if pairs:
            found.append(CellPairs(cell, tuple(pairs)))
    return found
