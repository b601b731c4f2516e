"""Tables of what new runs and other test images would have shown."""

from itertools import groupby

from markupsafe import Markup

from analyze.findings import Cell, Findings, ImagesRow, RepeatabilityRow
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.amounts import interval
from analyze.report.words.catalogue import Catalogue

ByPairs = dict[int, RepeatabilityRow]


def repeatability(findings: Findings, words: Catalogue) -> Table | None:
    """One line a cell: the interval of a new seed, and the chances of one, three, five and ten new pairs."""
    if all(row.new_seed_interval is None for row in findings.repeatability):
        return None
    columns: list[Column[ByPairs]] = [
        Column("cell", lambda r: _cell(r[1].cell, words), numeric=False),
        Column("new_seed", lambda r: interval(r[1].new_seed_interval, words), field="new_seed_interval"),
        Column("unpaired", lambda r: display.chance(r[1].p_sign_unpaired), field="p_sign_unpaired"),
        Column("sign_one", lambda r: display.chance(r[1].p_sign), field="p_sign"),
        Column("sign_three", lambda r: display.chance(r[3].p_sign), field="p_sign"),
        Column("sign_five", lambda r: display.chance(r[5].p_sign), field="p_sign"),
        Column("sign_ten", lambda r: display.chance(r[10].p_sign), field="p_sign"),
        Column("significant_three", lambda r: display.chance(r[3].p_significant), field="p_significant"),
        Column("significant_five", lambda r: display.chance(r[5].p_significant), field="p_significant"),
        Column("significant_ten", lambda r: display.chance(r[10].p_significant), field="p_significant"),
    ]
    lines = []
    for _, rows in groupby(enumerate(findings.repeatability), key=lambda one: one[1].cell):
        group = list(rows)
        # The last row has every number of the line or its reason; the first has no p_significant by its nature.
        lines.append((group[-1][0], {row.k: row for _, row in group}))
    return tabulate("repeatability", lines, columns, findings, words, section="repeatability")


def images(findings: Findings, words: Catalogue) -> Table | None:
    """The gap with test images as a sample, over all cells and in each."""
    columns: list[Column[ImagesRow]] = [
        Column("cell", lambda r: _cell(r.cell, words), numeric=False),
        Column("gap", lambda r: display.points(r.estimate, signed=True), field="estimate"),
        Column("se", lambda r: display.points(r.se)),
        Column("df", lambda r: display.decimal(r.df, 1)),
        Column("ci", lambda r: display.interval(r.ci95), field="ci95"),
        Column("image_share", lambda r: display.share(r.image_share)),
        Column("n", lambda r: display.count(r.n_seeds), setting=True, field="n_seeds"),
    ]
    return tabulate("images", list(enumerate(findings.images)), columns, findings, words, section="images")


def _cell(cell: Cell | None, words: Catalogue) -> Markup:
    return words("all_cells") if cell is None else naming.cell(cell, words)
