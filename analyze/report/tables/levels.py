"""Tables of all levels of the primary factor: with the groups that are not told apart, and every pair."""

from markupsafe import Markup

from analyze.findings import Findings, LevelPair, LevelRow
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.amounts import contrast, interval, number, spread
from analyze.report.words.catalogue import Catalogue


def levels(findings: Findings, words: Catalogue) -> Table | None:
    """The levels from the best, each with its letters."""
    columns: list[Column[LevelRow]] = [
        Column("level", lambda r: naming.level(r.level), numeric=False),
        Column("mean", lambda r: number(r.mean, words)),
        Column("sd", lambda r: spread(r.sd, words)),
        Column("groups", lambda r: Markup(" ").join(r.groups), numeric=False),
        Column("n", lambda r: display.count(r.n), setting=True),
    ]
    rows = list(enumerate(findings.levels.means))
    return tabulate("levels", rows, columns, findings, words, section="levels.means")


def level_pairs(findings: Findings, words: Catalogue) -> Table | None:
    """Every pair of levels with its difference, its size and what is decided."""
    columns: list[Column[LevelPair]] = [
        Column("pair", lambda r: contrast(*r.contrast, words), numeric=False),
        Column("gap", lambda r: number(r.gap, words, signed=True)),
        Column("ci", lambda r: interval(r.ci95, words), field="ci95"),
        Column("d_z", lambda r: display.decimal(r.d_z)),
        Column("p_max_t", lambda r: display.p_value(r.p_max_t)),
        Column("decision", lambda r: _decided(r, words), numeric=False),
        Column("n", lambda r: display.count(r.n), setting=True),
    ]
    rows = list(enumerate(findings.levels.pairs))
    return tabulate("level_pairs", rows, columns, findings, words, section="levels.pairs")


def _decided(row: LevelPair, words: Catalogue) -> Markup:
    """What was decided of a pair, by the name of the level that is ahead."""
    if row.decision not in ("first", "second"):
        return words(f"decided.{row.decision}")
    first = (row.decision == "first") == (words.response.better != "lower")
    ahead = naming.level(row.contrast[0 if first else 1])
    return words("decided.ahead_within_margin" if row.trivial else "decided.ahead", level=ahead)
