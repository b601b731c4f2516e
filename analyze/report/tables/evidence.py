"""Tables of speed, stability, mechanism and certainty."""

from dataclasses import replace

from markupsafe import Markup

from analyze.findings import Cell, ConvergenceRow, Findings, MechanismRow, MultiverseRow, PowerRow, StabilityRow
from analyze.report.subject import Subject, subject_of
from analyze.report.tables.table import Column, Table, mode_column, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def convergence(findings: Findings, words: Catalogue) -> Table | None:
    """Models of time-to-target and of the learning curve."""
    columns: list[Column[ConvergenceRow]] = [
        Column("model", lambda r: words.name("model", r.model), numeric=False),
        Column("target", lambda r: Markup("") if r.target is None else display.share(r.target)),
        Column("cell", lambda r: words("all_cells") if r.cell is None else naming.cell(r.cell, words), numeric=False),
        Column("term", lambda r: words.name("term", r.term), numeric=False),
        Column("estimate", lambda r: display.significant(r.estimate)),
        Column("ci", lambda r: display.significant_interval(r.ci95)),
        Column("p", lambda r: display.p_value(r.p)),
        Column("p_holm", lambda r: display.p_value(r.p_holm)),
        Column("censored", lambda r: Markup("") if r.censored_share is None else display.share(r.censored_share)),
    ]
    first = next((r.target for r in findings.convergence if r.target is not None), None)
    rows = [
        (i, r) for i, r in enumerate(findings.convergence) if r.cell is None or (r.model == "aft" and r.target == first)
    ]
    return tabulate("convergence", rows, columns, findings, words, section="convergence")


def stability(findings: Findings, words: Catalogue) -> Table | None:
    """Spread between seeds and rates of diverged and stuck runs."""
    subject = subject_of(findings)
    columns: list[Column[StabilityRow]] = [
        Column("kind", lambda r: words.name("kind", r.kind), numeric=False),
        *mode_column(findings, words),
        Column("cell", lambda r: naming.cell(r.cell, words), numeric=False),
        Column("first", lambda r: display.significant(r.values.get(subject.first))),
        Column("second", lambda r: display.significant(r.values.get(subject.second))),
        Column("ratio", lambda r: display.significant(r.ratio)),
        Column("p_flip", lambda r: display.p_value(r.p_signflip)),
        Column("p_holm", lambda r: display.p_value(r.p_holm)),
    ]
    rows = [(i, r) for i, r in enumerate(findings.stability) if r.kind == "spread" or any(r.values.values())]
    table = tabulate("stability", rows, columns, findings, words, section="stability")
    return table and replace(table, heads=tuple(_level_head(head, subject, words) for head in table.heads))


def _level_head(head: Markup, subject: Subject, words: Catalogue) -> Markup:
    """The heading of a column of one level is the level's name."""
    levels = {words("head.first"): subject.first, words("head.second"): subject.second}
    return naming.level(levels[head]) if head in levels else head


def mechanism(findings: Findings, words: Catalogue) -> Table | None:
    """The contrast of every probe in every cell."""
    columns: list[Column[MechanismRow]] = [
        Column("measure", lambda r: words.name("measure", r.measure), numeric=False),
        Column("cell", lambda r: naming.cell(r.cell, words), numeric=False),
        Column("estimate", lambda r: display.significant(r.estimate)),
        Column("ci", lambda r: display.significant_interval(r.ci95)),
        Column("p_flip", lambda r: display.p_value(r.p_signflip)),
    ]
    overall = [(i, r) for i, r in enumerate(findings.mechanism) if not r.cell]
    rows = overall or list(enumerate(findings.mechanism))
    return tabulate("mechanism", rows, columns, findings, words, section="mechanism")


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
        Column("sd", lambda r: display.points(r.sd)),
        Column("detectable", lambda r: display.points(r.smallest_detectable_pp)),
        Column("needed", lambda r: display.count(r.seeds_for_margin)),
    ]
    return tabulate("power", list(enumerate(findings.power)), columns, findings, words, section="power")


def _choices(choices: dict[str, str | Cell], words: Catalogue) -> Markup:
    """An analyst's choices."""
    return words("list.comma").join(
        words(
            "setting_of",
            name=words.name("choice", name),
            value=naming.cell(one, words) if isinstance(one, dict) else words.name("chosen", one),
        )
        for name, one in choices.items()
    )
