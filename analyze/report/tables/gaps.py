"""The table of the first page: absolute accuracies beside the gap, its interval and what is decided, cell by cell."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from analyze.findings import Cell, Decision, Findings, Interval, Primary, SimpleEffect
from analyze.report import selection
from analyze.report.subject import Subject, subject_of
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.amounts import equivalence_interval, interval, number, seeds
from analyze.report.words.catalogue import Catalogue

#: The first page has room for so many cells; of more, it shows those that are decided.
MOST_CELLS = 12

#: Rules whose answer is what is decided of the mean over cells.
OF_THE_MEAN = (
    *("both_tests", "cells_differ", "equivalent_on_average", "tests_disagree", "nothing_shown"),
    *("settled_ahead", "settled_equal", "settled_unlike", "settled_open"),
)

#: Cells of which nothing is known that the mean does not say.
OPEN: tuple[Decision, ...] = ("undecided", "not_decidable")


def gaps(findings: Findings, words: Catalogue) -> Table | None:
    """Every cell and their mean; of many cells those that are decided, the largest gaps first, and how many are not."""
    subject = subject_of(findings)
    found = [(i, row) for i, row in selection.simple_effects(findings) if row.gap is not None]
    rows, notes = (found, []) if len(found) <= MOST_CELLS else _decided(found, findings, words)
    failed = selection.failed_cells(findings)
    shown = [(i, replace(_of_cell(i, row), by_wins=row.cell in failed)) for i, row in rows]
    if len(found) > 1 and findings.primary.estimate is not None:
        shown.append((len(findings.simple_effects), _of_mean(findings.primary)))
    alike = {row.n for _, row in shown}
    columns: list[Column[Line]] = [
        Column("cell", lambda r: _cell(r, words), numeric=False),
        Column(naming.level(subject.first), lambda r: number(r.first, words)),
        Column(naming.level(subject.second), lambda r: number(r.second, words)),
        Column("gap_pp", lambda r: number(r.gap, words, signed=True)),
        Column("ci", lambda r: _interval(r, words), field=lambda r: f"{r.place}/ci95"),
        *([] if len(alike) == 1 else [Column[Line]("n", lambda r: display.count(r.n))]),
        Column("decision", lambda r: _said(r, subject, words), numeric=False),
    ]
    table = tabulate("gaps", shown, columns, findings, words)
    if table is None:
        return None
    size = words("gaps.size", n=seeds(alike.pop(), words)) if len(alike) == 1 else words("gaps.sizes")
    return replace(
        table,
        caption=table.caption + size,
        note=words.sentences([*notes, table.note]),
    )


@dataclass(frozen=True)
class Line:
    """A cell, or the mean over cells (`cell` None), and its place in the findings."""

    place: str
    cell: Cell | None
    first: float | None
    second: float | None
    gap: float | None
    ci95: Interval | None
    ci90: Interval | None
    decision: Decision | None
    trivial: bool
    n: int
    by_wins: bool = False


def _of_cell(number: int, row: SimpleEffect) -> Line:
    place, means, ends = f"/simple_effects/{number}", (row.mean_first, row.mean_second), (row.ci95, row.ci90)
    return Line(place, row.cell, *means, row.gap, *ends, row.decision, row.trivial, row.n)


def _of_mean(row: Primary) -> Line:
    """The mean over cells; what is decided of it stands here only where it is the answer."""
    decision = row.decision if row.rule in OF_THE_MEAN else None
    ends, trivial = (row.ci95, row.ci90), row.headline == "yes_trivial"
    means = row.mean_first, row.mean_second
    return Line("/primary", None, *means, row.estimate, *ends, decision, trivial, row.n_seeds)


def _decided(
    found: list[tuple[int, SimpleEffect]], findings: Findings, words: Catalogue
) -> tuple[list[tuple[int, SimpleEffect]], list[Markup]]:
    """The decided cells of many, the largest gaps first, and what is said of the others."""
    decided = [one for one in found if one[1].decision not in OPEN]
    ranked = sorted(decided, key=lambda one: -abs(one[1].gap or 0.0))[:MOST_CELLS]
    counts = findings.primary.cells_decided
    notes = [words(f"gaps.{one}", n=display.count(counts[one])) for one in OPEN if counts.get(one)]
    return sorted(ranked), [words("gaps.all_below"), *notes] + (
        [words("gaps.cut")] if len(decided) > len(ranked) else []
    )


def _cell(row: Line, words: Catalogue) -> Markup:
    """A cell by its levels, the only one, or the mean over all."""
    if row.cell is None:
        return words("mean_over_cells")
    return naming.cell(row.cell, words) if row.cell else words("gaps.only_cell")


def _interval(row: Line, words: Catalogue) -> Markup:
    """The interval that says what the decision says: equivalence is read from the 90 % one, which is then named."""
    if row.decision == "equivalent" or row.trivial:
        return equivalence_interval(row.ci90, words)
    return interval(row.ci95, words)


def _said(row: Line, subject: Subject, words: Catalogue) -> Markup:
    """What was decided, by the name of the level that is ahead."""
    if row.decision is None:
        return words("gaps.described")
    if row.decision not in ("first", "second"):
        return words(f"decided.{row.decision}")
    ahead = naming.level(subject.first if subject.side(row.decision) == "first" else subject.second)
    if row.by_wins:
        return words("decided.won", level=ahead)
    return words("decided.ahead_within_margin" if row.trivial else "decided.ahead", level=ahead)
