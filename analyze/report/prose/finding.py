"""Findings -> the title: what was found, as the decision has it, in one line and without statistics."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from analyze.findings import BY_WINS, Cell, Decision, Findings, SimpleEffect
from analyze.report import selection
from analyze.report.prose import places
from analyze.report.prose.answer import decided_otherwise, titled
from analyze.report.prose.levels import several
from analyze.report.subject import Subject, cell_key, leader, subject_of
from analyze.report.words import naming, spoken
from analyze.report.words.amounts import bound
from analyze.report.words.catalogue import Catalogue


def finding(findings: Findings, words: Catalogue) -> Markup:
    """What was found; cells that are decided otherwise than their mean stand in the same line."""
    subject, key = subject_of(findings), titled(findings)
    groups = places.cells_by_decision(findings, subject)
    if key == "interaction":
        return _in_groups(groups, findings, subject, words)
    lead = spoken.capital(words(f"finding.{key}", **_values(findings, subject, words)))
    ahead = {side: groups[side] for side in places.SIDES}
    also = ahead if key == "cells_differ" else decided_otherwise(findings, subject)
    return (
        words("finding.but", lead=lead, cells=_clauses(also, findings, subject, words)) if any(also.values()) else lead
    )


def _values(findings: Findings, subject: Subject, words: Catalogue) -> dict[str, Markup]:
    """Everything a title may ask for."""
    primary = findings.primary
    return {
        "first": spoken.level(subject.factor, subject.first, words),
        "second": spoken.level(subject.factor, subject.second, words),
        "winner": ahead(findings, subject, words),
        "n": spoken.number(findings.failures[0].n_seeds if findings.failures else primary.n_seeds, words),
        "needed": spoken.number(primary.seeds_to_decide or 0, words),
        "mean": on_average(findings, subject, words),
        "every": words("finding.every_left" if primary.left_out else "finding.every"),
        "factors": words.join([naming.factor(name, words) for name in primary.depends_on]),
        "bound": bound(findings, words),
        **several(findings, words),
    }


def on_average(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """How a sentence on the mean over cells begins: that it is one, and of which; with nothing in a design of one."""
    if left_out := findings.primary.left_out:
        alone = len(subject.without(left_out)) == 1
        return words("finding.only_left" if alone else "finding.on_average_left")
    return words("finding.on_average") if len(subject.cells) > 1 else Markup("")


def ahead(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """The level with the better mean."""
    return _sides(findings, subject, words)[0]


def behind(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """The level with the other mean."""
    return _sides(findings, subject, words)[1]


def _sides(findings: Findings, subject: Subject, words: Catalogue) -> tuple[Markup, Markup]:
    first, other = (spoken.level(subject.factor, name, words) for name in leader(findings))
    return first, other


def _in_groups(
    groups: Mapping[Decision, Sequence[Cell]], findings: Findings, subject: Subject, words: Catalogue
) -> Markup:
    """The cells by decision, one clause each."""
    return spoken.capital(_clauses(groups, findings, subject, words))


def _clauses(
    groups: Mapping[Decision, Sequence[Cell]], findings: Findings, subject: Subject, words: Catalogue
) -> Markup:
    rows = {cell_key(row.cell): row for _, row in selection.simple_effects(findings)}
    clauses: list[Markup] = []
    ahead_before = False
    for decision, cells in groups.items():
        if not cells:
            continue
        here = [rows[cell_key(cell)] for cell in cells]
        side = subject.second if decision == "second" else subject.first
        clauses.append(
            words(
                f"finding_in.{_clause(decision, here, findings, ahead_before=ahead_before)}",
                where=spoken.where(cells, subject, words, other=bool(clauses)),
                winner=spoken.level(subject.factor, side, words),
                n=spoken.number(here[0].n, words),
                bound=bound(findings, words),
            )
        )
        ahead_before |= decision in places.SIDES
    return words("list.semicolon").join(clauses)


def _clause(decision: Decision, rows: Sequence[SimpleEffect], findings: Findings, *, ahead_before: bool) -> str:
    """The clause for these cells: less than the margin is said, and what went before is not repeated."""
    if decision in places.SIDES and findings.primary.rule in BY_WINS:
        return "won"
    if decision in places.SIDES:
        return "slightly" if all(row.trivial for row in rows) else "likewise" if ahead_before else decision
    return "undecided_by_several" if decision == "undecided" and len({row.n for row in rows}) > 1 else decision
