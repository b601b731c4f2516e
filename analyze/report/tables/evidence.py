"""Tables of stability, mechanism, certainty and assumptions."""

from functools import partial

from markupsafe import Markup

from analyze.findings import Cell, DiagnosticRow, Findings, Level, MechanismRow, MultiverseRow, PowerRow, StabilityRow
from analyze.report import selection
from analyze.report.subject import subject_of
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.amounts import number, over_cells, spread
from analyze.report.words.catalogue import Catalogue


def stability(findings: Findings, words: Catalogue) -> Table | None:
    """Spread between seeds and rates of diverged and stuck runs."""
    subject = subject_of(findings)
    columns: list[Column[StabilityRow]] = [
        Column("cell", lambda r: naming.cell(r.cell, words), numeric=False),
        *(
            Column[StabilityRow](naming.level(level), partial(_of_level, level), field=f"values/{level}")
            for level in (subject.first, subject.second)
        ),
        Column("ratio", lambda r: display.significant(r.ratio)),
        Column("p_max_t", lambda r: display.p_value(_deciding(r)), field=_deciding_field),
    ]
    group = Column[StabilityRow]("kind", lambda r: _kind(r, findings, words), numeric=False)
    rows = [(i, r) for i, r in enumerate(findings.stability) if r.kind == "spread" or any(r.values.values())]
    return tabulate("stability", rows, columns, findings, words, section="stability", group=group)


def _kind(row: StabilityRow, findings: Findings, words: Catalogue) -> Markup:
    """Spread, or what share of runs failed; and how the networks were evaluated where that was in several ways."""
    kind = words.name("kind", row.kind)
    several = len(findings.study.modes) > 1
    return words("table.kind_in_mode", kind=kind, mode=words(f"bn_mode.{row.bn_mode}")) if several else kind


def _of_level(level: Level, row: StabilityRow) -> Markup:
    return display.significant(row.values.get(level))


def _deciding(row: StabilityRow) -> float | None:
    """The p that decides: corrected over the cells, or of a row over all cells, which is a family of its own."""
    return row.p_max_t if row.cell else row.p_signflip


def _deciding_field(row: StabilityRow) -> str:
    return "p_max_t" if row.cell else "p_signflip"


def mechanism(findings: Findings, words: Catalogue) -> Table | None:
    """The contrast of every probe in every cell."""
    columns: list[Column[MechanismRow]] = [
        Column("measure", lambda r: words.name("measure", r.measure), numeric=False),
        Column("cell", lambda r: _measured_in(r, findings, words), numeric=False),
        Column("estimate", lambda r: display.significant(r.estimate)),
        Column("ci", lambda r: display.significant_interval(r.ci95), field="ci95"),
        Column("p_flip", lambda r: display.p_value(r.p_signflip), field="p_signflip"),
    ]
    overall = [(i, r) for i, r in enumerate(findings.mechanism) if not r.cell]
    rows = overall or list(enumerate(findings.mechanism))
    return tabulate("mechanism", rows, columns, findings, words, section="mechanism")


def _measured_in(row: MechanismRow, findings: Findings, words: Catalogue) -> Markup:
    """A row's cell; of a mean, the cells that it is over."""
    cells = selection.measured_cells(findings, row)
    if row.cell or not cells:
        return naming.cell(row.cell, words)
    return over_cells(cells, len(subject_of(findings).cells), words)


def multiverse(findings: Findings, words: Catalogue) -> Table | None:
    """The headline under other choices."""
    columns: list[Column[MultiverseRow]] = [
        Column("estimand", lambda r: words.name("estimand", r.estimand), numeric=False),
        Column("choices", lambda r: _choices(r.choices, words), numeric=False),
        Column("estimate", lambda r: display.significant(r.estimate)),
        Column("p", lambda r: display.p_value(r.p)),
        Column("agrees", lambda r: Markup("") if r.agrees is None else words(f"agrees.{r.agrees}"), numeric=False),
    ]
    first = {r.estimand: i for i, r in reversed(list(enumerate(findings.multiverse)))}
    rows = [(i, r) for i, r in enumerate(findings.multiverse) if first[r.estimand] == i or r.agrees is False]
    return tabulate("multiverse", rows, columns, findings, words, section="multiverse")


def power(findings: Findings, words: Catalogue) -> Table | None:
    """What the study could have seen."""
    columns: list[Column[PowerRow]] = [
        Column("cell", lambda r: naming.cell(r.cell, words), numeric=False),
        Column("sd", lambda r: spread(r.sd, words)),
        Column("detectable", lambda r: number(r.smallest_detectable, words), field="smallest_detectable"),
        Column("needed", lambda r: display.count(r.seeds_for_margin), field="seeds_for_margin"),
    ]
    told = any(row.smallest_detectable is not None or row.seeds_for_margin is not None for row in findings.power)
    rows = list(enumerate(findings.power)) if told else []
    return tabulate("power", rows, columns, findings, words, section="power")


def diagnostics(findings: Findings, words: Catalogue) -> Table | None:
    """What the data say of the assumptions of the parametric tests."""
    columns: list[Column[DiagnosticRow]] = [
        Column(
            "where", lambda r: naming.effect(r.effect, words) if r.effect else naming.cell(r.cell, words), numeric=False
        ),
        Column("W", lambda r: display.bounded(r.statistic), field="statistic"),
        Column("p", lambda r: display.p_value(r.p)),
        Column("n", lambda r: display.count(r.n), setting=True),
    ]
    assumption = Column[DiagnosticRow](
        "assumption", lambda r: words.name("assumption", r.assumption), numeric=False, setting=True
    )
    rows = list(enumerate(findings.diagnostics))
    return tabulate("diagnostics", rows, columns, findings, words, section="diagnostics", group=assumption)


def _choices(choices: dict[str, str | Cell], words: Catalogue) -> Markup:
    """An analyst's choices."""
    return words("list.semicolon").join(
        words(
            "figure.choice",
            choice=words.name("choice", name),
            option=naming.cell(one, words) if isinstance(one, dict) else words.name("chosen", one),
        )
        for name, one in choices.items()
    )
