"""Findings -> two sentences for a reader without statistics: what was trained, and what came out."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from analyze.findings import BY_WINS, Cell, Decision, Findings, Level
from analyze.report import selection
from analyze.report.prose import places
from analyze.report.prose.answer import decided_otherwise, titled, won
from analyze.report.prose.finding import ahead, behind, on_average
from analyze.report.prose.levels import several
from analyze.report.subject import Subject, cell_key, subject_of
from analyze.report.words import display, naming, spoken
from analyze.report.words.catalogue import Catalogue

#: The levels of the ordering that differ in where BatchNorm stands, and in nothing else.
PLACES_OF_BATCHNORM = {"act_bn", "bn_act", "bn_conv"}


def trained(findings: Findings, words: Catalogue) -> Markup:
    """How many networks, on what, of which structures, with how many seeds, and what differs within a pair."""
    study, subject = findings.study, subject_of(findings)
    structures = [spoken.levels(name, levels, words) for name, levels in _built(findings)]
    n = len(study.seeds)
    said = words(
        _what_ran(findings),
        count=display.count(study.completed),
        planned=display.count(study.planned),
        images=_images(findings, words),
        network=naming.fact(findings.methods.get("network")),
        structures=words("plain.comma").join([*structures, words(_each(findings), n=spoken.number(n, words))]),
    )
    pair = words(
        _pair(findings, subject),
        factor=naming.factor(subject.factor, words),
        first=spoken.level(subject.factor, subject.first, words),
        second=spoken.level(subject.factor, subject.second, words),
    )
    return spoken.capital(words.sentences([said, *_not_compared(subject, words), pair]))


def _not_compared(subject: Subject, words: Catalogue) -> list[Markup]:
    """Levels that the contrast leaves out."""
    if not subject.others or not subject.declared:
        return []
    levels = words("list.comma").join(naming.level(level) for level in subject.others)
    return [words("plain.not_compared", factor=naming.factor(subject.factor, words), levels=levels)]


def _each(findings: Findings) -> str:
    """With how many seeds each combination of levels ran, of which some may have fewer."""
    study = findings.study
    every = len(study.seeds) * math.prod(map(len, study.factors.values()))
    if study.completed < every:
        return "plain.some_seeds" if len(study.seeds) > 1 else "plain.some_seed"
    return "plain.seeds" if len(study.seeds) > 1 else "plain.seed"


def _what_ran(findings: Findings) -> str:
    """Networks of the collector's or of one's own, all, some or up to now, or the runs of somebody else's table."""
    study = findings.study
    if not study.columns:
        return "plain.runs"
    own = bool(findings.methods.get("network"))
    if study.pending:
        return "plain.interim_own_networks" if own else "plain.interim_networks"
    if study.completed < study.planned:
        return "plain.some_own_networks" if own else "plain.some_networks"
    return "plain.own_networks" if own else "plain.networks"


def _built(findings: Findings) -> list[tuple[str, Sequence[Level]]]:
    """What networks were built of: every moderator, and depth and activation also where they do not vary."""
    moderators = {name: findings.study.factors[name] for name in findings.question.moderators}
    fixed = {
        name: (value,)
        for name in ("depth", "activation")
        if name not in findings.study.factors and isinstance(value := findings.methods.get(name), str | int)
    }
    return list((fixed | moderators).items()) if findings.study.columns else list(moderators.items())


def _images(findings: Findings, words: Catalogue) -> Markup:
    """What the networks saw."""
    name = str(findings.methods.get("dataset", ""))
    if f"images_of.{name}" in words.messages:
        return words(f"images_of.{name}")
    return words("images_of.other" if name else "images_of.several", name=naming.fact(name))


def _pair(findings: Findings, subject: Subject) -> str:
    """What differs within a pair, as far as hashes prove it."""
    if not subject.declared:
        return "plain.same_seed_all"
    pairs, equal = (findings.methods.get(name) for name in ("pairs", "pairs_with_equal_hashes"))
    if not pairs or pairs != equal:
        return "plain.same_seed"
    moved = subject.factor == spoken.ORDERING and {subject.first, subject.second} <= PLACES_OF_BATCHNORM
    return "plain.differ_in_place" if moved else "plain.differ_in_factor"


def came_out(findings: Findings, words: Catalogue) -> Markup:
    """What came out, in natural frequencies, never more certain than the decision."""
    subject, primary, key = subject_of(findings), findings.primary, titled(findings)
    groups = places.cells_by_decision(findings, subject)
    if key == "interaction":
        return _in_groups(groups, findings, subject, words)
    values = {
        "mean": on_average(findings, subject, words),
        "every": words("finding.every_left" if primary.left_out else "finding.every"),
        "winner": ahead(findings, subject, words),
        "loser": behind(findings, subject, words),
        "amount": spoken.size("more", primary.estimate or 0.0, words),
        "bound": spoken.size("within", primary.equivalence.margin or 0.0, words),
        "examples": _examples(findings, words),
        "factors": words.join([naming.factor(name, words) for name in primary.depends_on]),
        **several(findings, words),
        **won(findings, words),
    }
    lead = spoken.capital(words(f"came_out.{SAID_ALIKE.get(key, key)}", **values))
    sides = {side: groups[side] for side in places.SIDES}
    also = sides if key == "cells_differ" else decided_otherwise(findings, subject)
    return words.sentences([lead, _in_groups(also, findings, subject, words)])


#: Rules that a reader without statistics is told the same of.
SAID_ALIKE = {
    "one_seed": "too_few_seeds",
    "cells_differ": "equivalent_on_average",
    "tests_disagree": "nothing_shown",
}


#: What is said of several cells that are decided for the same level.
EACH: dict[Decision, str] = {"first": "first_each", "second": "second_each"}


def _in_groups(
    groups: Mapping[Decision, Sequence[Cell]], findings: Findings, subject: Subject, words: Catalogue
) -> Markup:
    """The cells by decision, a sentence each: of one cell its own number, of several the largest."""
    gaps = {cell_key(row.cell): row.gap or 0.0 for _, row in selection.simple_effects(findings)}
    sentences: list[Markup] = []
    for decision, cells in groups.items():
        if not cells:
            continue
        key = EACH.get(decision, decision) if len(cells) > 1 else decision
        if decision in EACH and findings.primary.rule in BY_WINS:
            key = "won"
        winner, loser = (subject.first, subject.second)[:: -1 if decision == "second" else 1]
        largest = max((gaps[cell_key(cell)] for cell in cells), key=abs)
        said = words(
            f"came_out_in.{key}",
            where=spoken.where(cells, subject, words, other=bool(sentences)),
            winner=spoken.level(subject.factor, winner, words),
            loser=spoken.level(subject.factor, loser, words),
            amount=spoken.size("more", largest, words),
            bound=spoken.size("within", findings.primary.equivalence.margin or 0.0, words),
            examples=_examples(findings, words),
        )
        sentences.append(spoken.capital(said))
    return words.sentences(sentences)


def _examples(findings: Findings, words: Catalogue) -> Markup:
    """What the accuracy counts: images for the collector's studies."""
    return words("plain.images" if findings.study.columns else "plain.examples")
