"""Amounts and enumerations with their words: a gap with its unit, an interval with its name, so many seeds."""

from collections.abc import Sequence

from markupsafe import Markup

from analyze.findings import AnovaRow, Cell, Findings
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue

#: A sentence names at most this many cells; tables and figures have them all.
MOST_NAMES = 4


def pp(value: float | None, words: Catalogue, *, signed: bool = True) -> Markup:
    """A gap in percentage points with its unit."""
    return words("pp", value=display.points(value, signed=signed))


def margin(findings: Findings, words: Catalogue) -> Markup:
    """The equivalence margin: ±0.10 pp."""
    return Markup('<span class="stat">±{}</span>').format(
        pp(findings.primary.equivalence.margin_pp, words, signed=False)
    )


def seeds(count: int, words: Catalogue) -> Markup:
    """The number of seeds behind a statement."""
    return words("n_seeds" if count != 1 else "n_seed", n=display.count(count))


def confidence(bounds: tuple[float, float] | None, words: Catalogue) -> Markup:
    """A 95% interval with its name."""
    return words("ci", interval=display.interval(bounds))


def f_ratio(row: AnovaRow) -> Markup:
    """F with its degrees of freedom."""
    return display.statistic("F", row.F, row.df_num, row.df_den)


def name_cells(cells: Sequence[Cell], words: Catalogue) -> Markup:
    """An enumeration of cells, cut short and saying so."""
    named = [naming.cell(cell, words) for cell in cells[:MOST_NAMES]]
    if len(cells) > MOST_NAMES:
        return words("list.more", list=words("list.semicolon").join(named))
    return words("list.semicolon").join(named)
