"""Tables of speed: models of the time to a target, the regression on all factors, and restricted time."""

from markupsafe import Markup

from analyze.findings import ConvergenceRow, Findings
from analyze.report import selection
from analyze.report.subject import cell_key, subject_of
from analyze.report.tables.effects import anova_columns
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def convergence(findings: Findings, words: Catalogue) -> Table | None:
    """Models of time-to-target and of the learning curve."""
    columns: list[Column[ConvergenceRow]] = [
        Column("cell", lambda r: _where(r, findings, words), numeric=False),
        Column("target", lambda r: Markup("") if r.target is None else display.share(r.target)),
        Column("term", lambda r: words.name("term", r.term), numeric=False),
        Column("estimate", lambda r: display.significant(r.estimate)),
        Column("ci", lambda r: display.significant_interval(r.ci95), field="ci95"),
        Column("p_family", _p, field=_p_field),
        Column("decision", lambda r: _decided(r, findings, words), numeric=False),
        Column("censored", lambda r: Markup("") if r.censored_share is None else display.share(r.censored_share)),
        Column("n", lambda r: display.count(r.n_seeds), setting=True, field="n_seeds"),
    ]
    model = Column[ConvergenceRow]("model", lambda r: words.name("model", r.model), numeric=False)
    shown = (*selection.time_ratios_in_cells(findings), *selection.restricted_differences_in_cells(findings))
    in_cells = {i for i, _ in shown}
    rows = [
        (i, r)
        for i, r in enumerate(findings.convergence)
        if r.model != "aft_regression" and (r.cell is None or i in in_cells)
    ]
    return tabulate("convergence", rows, columns, findings, words, section="convergence", group=model)


#: Models whose estimates are ratios, which Holm corrects; differences of means are decided by flips.
RATIOS = ("aft", "aft_regression", "cox")


def _where(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """A row's cell, or how many cells it is over; the text names those that it leaves out."""
    if row.cell is not None:
        return naming.cell(row.cell, words)
    cells = subject_of(findings).cells
    left = len(cells) - len({cell_key(cell) for cell in row.left_out})
    if left in (0, len(cells)):
        return words("all_cells")
    return words("so_many_cells", count=display.count(left), number=display.count(len(cells)))


def _p(row: ConvergenceRow) -> Markup:
    """The p from which the decision is read; of a bound there is none."""
    p = {"p": row.p, "p_holm": row.p_holm, "p_max_t": row.p_max_t}[_p_field(row)]
    return display.p_value(p)


def _p_field(row: ConvergenceRow) -> str:
    """Its name: corrected by Holm over targets, cells or coefficients, or alone, or by flips over a family."""
    if row.model not in RATIOS:
        return "p_max_t"
    return "p" if row.p_holm is None and row.model != "aft_regression" else "p_holm"


def _decided(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """What was decided, by the level that is faster or, of accuracies, ahead; of bounds nothing is."""
    if row.decision is None:
        return Markup("")
    if row.decision not in ("first", "second"):
        return words(f"decided.{row.decision}")
    subject = subject_of(findings)
    larger, smaller = (subject.first, subject.second)[:: 1 if row.decision == "first" else -1]
    if row.model == "auc":
        return words("decided.ahead", level=naming.level(larger))
    # The first level crosses more readily, or it takes longer.
    level = naming.level(larger if row.model == "cox" else smaller)
    return words("decided.faster_trivial" if row.trivial else "decided.faster", level=level)


def time_regression(findings: Findings, words: Catalogue) -> Table | None:
    """Coefficients of the regression on all factors."""
    columns: list[Column[ConvergenceRow]] = [
        Column("effect", lambda r: naming.effect(r.at, words), numeric=False),
        Column("compared", lambda r: naming.cell(r.at, words), numeric=False),
        Column("against", lambda r: naming.cell(r.against, words), numeric=False),
        Column("ratio", lambda r: display.significant(r.estimate), field="estimate"),
        Column("ci", lambda r: display.significant_interval(r.ci95), field="ci95"),
        Column("p_holm", lambda r: display.p_value(r.p_holm)),
        Column("decision", lambda r: _decided(r, findings, words), numeric=False),
        Column("n", lambda r: display.count(r.n_seeds), setting=True, field="n_seeds"),
    ]
    rows = selection.time_regression(findings)
    return tabulate("time_regression", rows, columns, findings, words, section="convergence")


def restricted_time(findings: Findings, words: Catalogue) -> Table | None:
    """The analysis of variance of restricted time."""
    rows = [(i, row) for i, row in selection.restricted_time(findings) if row.F is not None]
    return tabulate("restricted_time", rows, anova_columns(words), findings, words, section="anova")
