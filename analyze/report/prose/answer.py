"""Findings -> the answer on the first page, by rule. Each sentence that claims something has effect, interval and n."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from analyze.findings import AnovaRow, Cell, Findings, SimpleEffect
from analyze.report import selection
from analyze.report.subject import Subject, in_order, subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import confidence, margin, name_cells, pp, seeds
from analyze.report.words.catalogue import Catalogue

Decision = Literal["no_data", "one_seed", "no_test", "disagree", "yes", "yes_trivial", "no", "undecided"]

#: The first page says what the average would be without this many levels; the table has every level.
MOST_LEVELS = 2


@dataclass(frozen=True)
class Answer:
    """The first page in words: the decision, the answer in one sentence, and what qualifies it."""

    decision: Decision
    sentence: Markup
    paragraphs: tuple[Markup, ...]


def decide(findings: Findings) -> Decision:
    """The answer by rule: the t test and the sign-flip decide together, and only equivalence can say no."""
    primary, alpha = findings.primary, subject_of(findings).alpha
    if primary.estimate is None:
        return "no_data"
    if primary.n_seeds < 2:
        return "one_seed"
    if primary.p_t is None or primary.p_signflip is None:
        return "no_test"
    if (primary.p_t <= alpha) != (primary.p_signflip <= alpha):
        return "disagree"
    equivalent = primary.equivalence.p is not None and primary.equivalence.p <= alpha
    if primary.p_t <= alpha:
        return "yes_trivial" if equivalent else "yes"
    return "no" if equivalent else "undecided"


def answer(findings: Findings, words: Catalogue) -> Answer:
    """The answer, the evidence for it, and where it holds."""
    subject, decision = subject_of(findings), decide(findings)
    sentence = words(f"answer.{decision}", **_headline_values(findings, subject, words))
    carriers = conditions(findings, words) if decision in TESTED else None
    if carriers:
        sentence = words("answer.depends_on", condition=carriers) + sentence
    elif decision in TESTED:
        sentence = words(f"answer.word_{decision}") + sentence
    paragraphs = [
        _evidence(findings, words),
        _without(findings, words) if carriers else Markup(""),
        _where(findings, subject, words),
        setting(findings, words),
    ]
    return Answer(decision, sentence, tuple(part for part in paragraphs if part))


#: Decisions that rest on both tests.
TESTED = frozenset({"disagree", "yes", "yes_trivial", "no", "undecided"})

#: What the head of a network, its budget and its data are called in a recipe: known moderators of the gap.
SETTINGS = ("dataset", "head", "epochs", "optimizer", "learning_rate", "batch_size", "width")


def conditions(findings: Findings, words: Catalogue) -> Markup | None:
    """The factors whose levels carry the headline."""
    named = {name for one in findings.primary.conditional_on for name in one.cell}
    factors = [name for name in findings.study.factors if name in named]
    return words.join([naming.factor(name, words) for name in factors]) if factors else None


def _without(findings: Findings, words: Catalogue) -> Markup:
    """What the average would be without the levels that move it most, where that leaves its interval."""
    primary = findings.primary
    bounds, estimate = primary.ci95, primary.estimate
    if bounds is None or estimate is None:
        return Markup("")
    moved = [
        (abs(row.estimate - estimate), row)
        for row in findings.leave_one_out
        if row.estimate is not None and not bounds[0] <= row.estimate <= bounds[1]
    ]
    moved.sort(key=lambda pair: pair[0], reverse=True)
    shown = [
        words(
            "answer.without",
            level=naming.cell({row.moderator: row.level}, words),
            gap=pp(row.estimate, words),
            ci=confidence(row.ci95, words),
        )
        for _, row in moved[:MOST_LEVELS]
    ]
    return words("answer.left_out", list=words("list.semicolon").join(shown)) if shown else Markup("")


def setting(findings: Findings, words: Catalogue) -> Markup:
    """The settings that every trial shared and that are known to move the gap."""
    known = [
        words("setting_of", name=words.name("setting", name), value=naming.fact(findings.methods[name]))
        for name in SETTINGS
        if name in findings.methods and name not in findings.study.factors
    ]
    return words("answer.setting", settings=words("list.comma").join(known)) if known else Markup("")


def notes(findings: Findings, words: Catalogue) -> tuple[Markup, ...]:
    """What a reader has to know before anything else."""
    return tuple(
        words(f"note.{note.code}", **{name: display.count(value) for name, value in note.numbers.items()})
        for note in findings.study.notes
    )


def coverage(findings: Findings, words: Catalogue) -> Markup:
    """What was planned and what came of it, with every deviation."""
    study = findings.study
    counts = {name: display.count(getattr(study, name)) for name in COVERAGE}
    parts = [words("coverage.sentence", **counts)]
    if study.extended:
        parts.append(words("coverage.extended"))
    if study.deviations:
        listed = words.join([naming.quoted(one) for one in study.deviations])
        parts.append(words("coverage.deviations", list=listed))
    return words.sentences(parts)


COVERAGE = ("planned", "completed", "diverged", "failed", "pending", "stuck")


def _headline_values(findings: Findings, subject: Subject, words: Catalogue) -> dict[str, Markup]:
    """Everything a message about the primary result may ask for."""
    primary = findings.primary
    ahead = subject.first if (primary.estimate or 0) >= 0 else subject.second
    return {
        "cells": words("all_cells"),
        "contrast": naming.contrast(subject.first, subject.second),
        "first": naming.level(subject.first),
        "second": naming.level(subject.second),
        "winner": naming.level(ahead),
        "gap": pp(primary.estimate, words),
        "ci": confidence(primary.ci95, words),
        "margin": margin(findings, words),
        "n": seeds(primary.n_seeds, words),
    }


def _evidence(findings: Findings, words: Catalogue) -> Markup:
    """The two tests of the headline, equivalence, and what they are conditional on."""
    primary = findings.primary
    if primary.t is None or primary.df is None:
        return Markup("")
    tests = words(
        "answer.evidence",
        t=display.statistic("t", primary.t, primary.df),
        p_t=display.p_equals(primary.p_t),
        p_flip=display.p_equals(primary.p_signflip),
        p_tost=display.p_equals(primary.equivalence.p),
        margin=margin(findings, words),
        n=seeds(primary.n_seeds, words),
    )
    if primary.se_crossed is None:
        return words.sentences([tests, words("answer.conditional_test")])
    return words.sentences([tests, words("answer.crossed", se=pp(primary.se_crossed, words, signed=False))])


def _where(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """Whether the average speaks for the cells, and which cells differ, are equivalent, or stay open."""
    parts = []
    interactions = decided_effects(findings, subject)
    if interactions:
        named = words.join([naming.effect(_others(row.effect, subject), words) for row in interactions])
        parts.append(words("answer.depends", effects=named))
    groups = sort_cells(findings, subject)
    if sum(map(len, groups.values())) > 1:
        for name, cells in groups.items():
            key = f"answer.{name}" if cells else f"answer.{name}_none"
            if key in words.messages:
                parts.append(words(key, cells=name_cells(cells, words), margin=margin(findings, words)))
    return words.sentences(parts)


def decided_effects(findings: Findings, subject: Subject) -> list[AnovaRow]:
    """Interactions with the primary factor whose Holm-adjusted p is at or below alpha, in the primary model."""
    return [
        row
        for _, row in selection.anova(findings)
        if len(row.effect) > 1
        and subject.factor in row.effect
        and row.p_holm is not None
        and row.p_holm <= subject.alpha
    ]


def sort_cells(findings: Findings, subject: Subject) -> dict[str, list[Cell]]:
    """Cells whose gap differs from zero, those equivalent to zero, and those where neither is shown."""
    groups: dict[str, list[Cell]] = {"differs": [], "equivalent": [], "open": []}
    for _, row in selection.simple_effects(findings):
        for group in _groups(row, subject.alpha):
            groups[group].append(row.cell)
    return {name: in_order(cells, subject) for name, cells in groups.items()}


def _groups(row: SimpleEffect, alpha: float) -> Iterable[str]:
    """A gap may both differ from zero and be equivalent to it; a gap without tests belongs nowhere."""
    if row.p_signflip_holm is None and row.p_tost_holm is None:
        return
    differs = row.p_signflip_holm is not None and row.p_signflip_holm <= alpha
    equivalent = row.p_tost_holm is not None and row.p_tost_holm <= alpha
    if differs:
        yield "differs"
    if equivalent:
        yield "equivalent"
    if not differs and not equivalent:
        yield "open"


def _others(effect: Iterable[str], subject: Subject) -> list[str]:
    """An interaction without the primary factor: what the gap differs with."""
    return [name for name in effect if name != subject.factor]
