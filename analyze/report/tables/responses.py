"""The table of train accuracy and the losses: both levels, their gap and what is decided, over cells and in each."""

from markupsafe import Markup

from analyze.findings import Findings, ResponseRow
from analyze.report import selection
from analyze.report.subject import Subject, better_level, subject_of
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def responses(findings: Findings, words: Catalogue) -> Table | None:
    """Means, gap and decision of every further response."""
    subject = subject_of(findings)
    columns: list[Column[ResponseRow]] = [
        Column("cell", lambda r: words("all_cells") if r.cell is None else naming.cell(r.cell, words), numeric=False),
        Column(naming.level(subject.first), lambda r: _mean_and_sd(r.mean_first, r.sd_first, r), field="mean_first"),
        Column(
            naming.level(subject.second), lambda r: _mean_and_sd(r.mean_second, r.sd_second, r), field="mean_second"
        ),
        Column("gap", lambda r: _number(r.gap, r, signed=True)),
        Column(
            "ci",
            lambda r: (display.interval if r.unit == "pp" else display.significant_interval)(r.ci95),
            field="ci95",
        ),
        Column("p_max_t", lambda r: display.p_value(r.p_max_t)),
        Column("decision", lambda r: _decision(r, subject, words), numeric=False),
        Column("n", lambda r: display.count(r.n), setting=True),
        Column("missing", lambda r: display.count(r.missing) if r.missing else Markup("")),
    ]
    response = Column[ResponseRow](
        "response",
        lambda r: words("table.in_unit", name=words.name("response", r.response), unit=words.name("unit", r.unit)),
        numeric=False,
    )
    rows = [one for rows in selection.responses(findings).values() for one in rows]
    return tabulate("responses", rows, columns, findings, words, section="responses", group=response)


def _number(value: float | None, row: ResponseRow, *, signed: bool = False) -> Markup:
    return display.points(value, signed=signed) if row.unit == "pp" else display.significant(value)


def _mean_and_sd(mean: float | None, sd: float | None, row: ResponseRow) -> Markup:
    """A mean with its standard deviation in brackets."""
    if mean is None:
        return display.MISSING
    return Markup("{} ({})").format(_number(mean, row), _number(sd, row))


def _decision(row: ResponseRow, subject: Subject, words: Catalogue) -> Markup:
    """Which level did better, or what else is decided."""
    winner = better_level(row.decision, row.better, subject)
    if winner is None:
        return words(f"decided.{row.decision}")
    return words("decided.better_trivial" if row.trivial else "decided.better", level=naming.level(winner))
