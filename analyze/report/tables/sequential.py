"""The table of the last look at a study whose growth was declared."""

from markupsafe import Markup

from analyze.findings import Findings, SequentialRow
from analyze.report.prose.sequential import decided
from analyze.report.subject import subject_of
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.amounts import interval, number
from analyze.report.words.catalogue import Catalogue


def sequential(findings: Findings, words: Catalogue) -> Table | None:
    """The mean and every cell: pairs, gap, the interval that holds at every look, and what is decided."""
    if findings.growth is None or not findings.growth.declared:
        return None
    last = max((row.look for row in findings.sequential), default=0)
    rows = [(i, row) for i, row in enumerate(findings.sequential) if row.look == last]
    columns: list[Column[SequentialRow]] = [
        Column("cell", lambda r: _cell(r, findings, words), numeric=False),
        Column("n", lambda r: display.count(r.n)),
        Column("gap", lambda r: number(r.gap, words, signed=True)),
        Column("at_every_look", lambda r: interval(r.interval, words), field="interval"),
        Column("decision", lambda r: decided(r, findings, words), numeric=False),
    ]
    return tabulate("sequential", rows, columns, findings, words, section="sequential")


def _cell(row: SequentialRow, findings: Findings, words: Catalogue) -> Markup:
    if row.cell is None:
        return words("mean_over_cells" if len(subject_of(findings).cells) > 1 else "answer.over_one")
    return naming.cell(row.cell, words)
