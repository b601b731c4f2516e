"""The article's own table: what every structure and level ended with; and published comparisons beside this study's."""

from dataclasses import replace

from markupsafe import Markup

from analyze.findings import Cell, Findings, Level, OutcomeRow, PublishedRow
from analyze.report.subject import cell_key, subject_of
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue

#: A cell and a level of the primary factor.
Structure = tuple[Cell, Level]


def outcomes(findings: Findings, words: Catalogue) -> Table | None:
    """Mean and standard deviation of every response, a row a structure and level, as the article prints them."""
    compared = findings.question.response
    found = {(cell_key(row.cell), row.level, row.response): row for row in findings.outcomes}
    order: dict[tuple[object, Level], Structure] = {}
    for row in findings.outcomes:
        order.setdefault((cell_key(row.cell), row.level), (row.cell, row.level))

    def of(structure: Structure, response: str) -> OutcomeRow | None:
        return found.get((cell_key(structure[0]), structure[1], response))

    runs = {(one[1], known.n) for one in order.values() if (known := of(one, compared.name))}
    alike = len({n for _, n in runs}) == 1
    columns: list[Column[Structure]] = [
        *(
            [Column[Structure]("cell", lambda s: naming.cell(s[0], words), numeric=False)]
            if subject_of(findings).moderators
            else []
        ),
        Column("level", lambda s: naming.level(s[1]), numeric=False),
        Column("train_accuracy", lambda s: _mean_and_sd(of(s, "train_accuracy"))),
        Column("test_accuracy", lambda s: _mean_and_sd(of(s, "test_accuracy"))),
        Column("train_loss", lambda s: _mean_and_sd(of(s, "train_loss"))),
        Column("test_loss", lambda s: _mean_and_sd(of(s, "test_loss"))),
        *(
            []
            if f"head.{compared.name}" in words.messages
            else [Column[Structure](words("axis.test_accuracy"), lambda s: _mean_and_sd(of(s, compared.name)))]
        ),
        Column("time_to_target", lambda s: _mean_and_sd(of(s, "time_to_target"))),
        Column("reached", lambda s: _reached(of(s, "time_to_target"))),
        *([] if alike else [Column[Structure]("n", lambda s: _runs(of(s, compared.name)))]),
    ]
    table = tabulate("outcomes", list(enumerate(order.values())), columns, findings, words)
    if table is None:
        return None
    size = words("outcomes.size", n=display.count(next(iter(runs))[1])) if alike and runs else Markup("")
    caption = words("outcomes.caption", factor=naming.factor(findings.question.factor, words), size=size)
    timed = any(row.response == "time_to_target" for row in findings.outcomes)
    return replace(table, caption=words.sentences([caption, words("outcomes.timed")]) if timed else caption)


def _mean_and_sd(row: OutcomeRow | None) -> Markup:
    """A mean with its standard deviation in brackets, in the digits of its unit."""
    if row is None:
        return display.MISSING
    shown = {"pp": display.points, "images": _whole}.get(row.unit, display.significant)
    return Markup('<span class="stat">{} ({})</span>').format(shown(row.mean), shown(row.sd))


def _whole(value: float | None) -> Markup:
    return display.decimal(value, 0)


def _reached(row: OutcomeRow | None) -> Markup:
    return display.MISSING if row is None else display.share(row.reached)


def _runs(row: OutcomeRow | None) -> Markup:
    return display.MISSING if row is None else display.count(row.n)


def published(findings: Findings, words: Catalogue) -> Table | None:
    """What others published of the same data set and activation, this study's gap, and how their protocol differs."""
    subject = subject_of(findings)
    columns: list[Column[PublishedRow]] = [
        Column("published_by", lambda r: words("methods.cite", entry=words.name("source", r.source)), numeric=False),
        Column("runs", lambda r: display.count(r.runs)),
        Column(naming.level(subject.first), lambda r: display.points(r.first), field="first"),
        Column(naming.level(subject.second), lambda r: display.points(r.second), field="second"),
        Column("gap_pp", lambda r: display.points(r.gap, signed=True)),
        Column("cell_here", lambda r: naming.cell(r.cell, words), numeric=False),
        Column("gap_here", lambda r: display.points(r.here, signed=True)),
        Column("ci", lambda r: display.interval(r.here_ci95)),
        Column("protocol", lambda r: _differences(r, words), numeric=False),
    ]
    return tabulate("published", list(enumerate(findings.published)), columns, findings, words, section="published")


def _differences(row: PublishedRow, words: Catalogue) -> Markup:
    """How the published protocol differs, as far as both are known."""
    if not row.differences:
        return words("published.same")
    return words("list.semicolon").join([naming.said(one, words) for one in row.differences])
