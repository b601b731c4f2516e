"""Findings -> whether any levels of the primary factor differ, and how many pairs are told apart."""

from markupsafe import Markup

from analyze.findings import Findings, OmnibusRow
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import f_test, seeds
from analyze.report.words.catalogue import Catalogue

#: Decisions of a pair that tell its levels apart.
APART = ("first", "second")


def levels(findings: Findings, words: Catalogue) -> list[Markup]:
    """The omnibus test, the interactions that differ, and the pairs."""
    found = findings.levels
    if found.omnibus is None:
        return []
    parts = [
        words("levels.ranked") if found.by == "ranks" else Markup(""),
        words(f"levels.{found.omnibus.decision}", **_values(found.omnibus, findings, words)),
        *(
            words("levels.depends", **_values(row, findings, words))
            for row in found.interactions
            if row.decision == "differs"
        ),
    ]
    if found.omnibus.decision not in ("not_decidable", "identical"):
        told = sum(row.decision in APART for row in found.pairs)
        parts.append(words("levels.pairs", told=display.count(told), number=display.count(len(found.pairs))))
    return [words.sentences(parts)]


def several(findings: Findings, words: Catalogue) -> dict[str, Markup]:
    """All levels in a sentence on them: their factor, their number, and those that are not told apart from the best."""
    subject, means = subject_of(findings), findings.levels.means
    best = [row.level for row in means if {*row.groups} & {*means[0].groups}] if means else []
    return {
        "factor": naming.factor(subject.factor, words),
        "count": display.count(len(subject.levels)),
        "best": words.join([naming.level(level) for level in best]),
    }


def _values(row: OmnibusRow, findings: Findings, words: Catalogue) -> dict[str, Markup]:
    """What a sentence on an effect of all levels may ask for."""
    subject = subject_of(findings)
    return {
        "averaged": words("levels.averaged") if subject.moderators else Markup(""),
        **several(findings, words),
        "effect": naming.effect(row.effect, words),
        "F": f_test(row, words),
        "p": display.p_equals(row.p_max_t),
        "agree": words("levels.permuted_alone" if row.p_gg is None else "levels.both"),
        "n": seeds(row.n_seeds, words),
    }
