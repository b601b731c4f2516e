"""The table of runs that failed and of pairs won."""

from markupsafe import Markup

from analyze.findings import FailureRow, Findings
from analyze.report.subject import subject_of
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def failures(findings: Findings, words: Catalogue) -> Table | None:
    """Failure rates of both levels and who wins the pairs, over all cells and in each."""
    subject = subject_of(findings)
    first, second = (naming.level(level) for level in (subject.first, subject.second))
    against = findings.question.threshold is not None
    columns: list[Column[FailureRow]] = [
        Column("cell", lambda r: _cell(r, words), numeric=False),
        Column(words("head.failed_of", level=first), lambda r: display.share(r.failed_first), field="failed_first"),
        Column(words("head.failed_of", level=second), lambda r: display.share(r.failed_second), field="failed_second"),
        Column("p_failed", lambda r: display.p_value(r.p_failed)),
        Column(words("head.won", level=first), lambda r: display.share(r.win_rate), field="win_rate"),
        *([Column("win_rate_ci95", lambda r: display.share_interval(r.win_rate_ci95))] if against else []),
        Column("p_wins", lambda r: display.p_value(r.p_wins)),
        Column("n", lambda r: display.count(r.n_seeds), setting=True, field="n_seeds"),
        Column("decision", lambda r: _decided(r, findings, words), numeric=False),
    ]
    return tabulate("failures", list(enumerate(findings.failures)), columns, findings, words, section="failures")


def _cell(row: FailureRow, words: Catalogue) -> Markup:
    return words("mean_over_cells") if row.cell is None else naming.cell(row.cell, words)


def _decided(row: FailureRow, findings: Findings, words: Catalogue) -> Markup:
    """Who wins, by the name of the level."""
    if row.decision not in ("first", "second"):
        return words(f"decided.{row.decision}")
    subject = subject_of(findings)
    ahead = subject.first if subject.side(row.decision) == "first" else subject.second
    return words("decided.won", level=naming.level(ahead))
