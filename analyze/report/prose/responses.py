"""Findings -> what is said of train accuracy and the losses: on average, by cell, and where train and test part."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from markupsafe import Markup

from analyze.findings import Better, Cell, Decision, Findings, Interval, Level, ResponseRow, Unit
from analyze.report import selection
from analyze.report.subject import Subject, better_level, cell_key, subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import enumerated, f_test, margin, measured, name_cells, seeds
from analyze.report.words.catalogue import Catalogue

#: What the test images say of the same thing, by response on the training images.
ON_TEST = {"train_accuracy": "test_accuracy", "train_loss": "test_loss"}


@dataclass(frozen=True)
class Compared:
    """The contrast of one response, in one cell or over all of them (`cell` None), and what is decided."""

    response: str
    cell: Cell | None
    unit: Unit
    better: Better
    gap: float | None
    ci95: Interval | None
    ci90: Interval | None
    n: int
    decision: Decision
    trivial: bool

    def winner(self, subject: Subject) -> Level | None:
        """The level that is shown to do better, or None."""
        return better_level(self.decision, self.better, subject)


def responses(findings: Findings, words: Catalogue) -> list[Markup]:
    """A paragraph for each further response, and one on where train and test disagree."""
    names = selection.responses(findings)
    if not names:
        return []
    lead = words(
        "responses.lead",
        response=words.known["outcome"],
        list=words.join([words.name("response", name) for name in names]),
    )
    said = [_of_response([row for _, row in rows], findings, words) for rows in names.values()]
    return [lead, *said, *filter(None, [_train_and_test(findings, words)])]


def _of_response(rows: list[ResponseRow], findings: Findings, words: Catalogue) -> Markup:
    mean, *cells = rows
    sentences = [_on_average(mean, findings, words, any_pair=any(row.n for row in rows))]
    if len(cells) > 1 and any(row.n for row in cells):
        compared = [_compared(row) for row in cells]
        sentences += _in_cells(compared, findings, words, everywhere=not _left_out(mean, findings))
        sentences.append(_taken_back(cells, words))
    depends = [
        words(
            "responses.effect",
            effect=naming.effect([name for name in row.effect if name != findings.question.factor], words),
            F=f_test(row, words),
            p=display.p_equals(row.p_max_t),
        )
        for _, row in selection.anova_responses(findings)
        if row.response == mean.response and len(row.effect) > 1 and row.decision == "differs"
    ]
    if depends:
        sentences.append(words("responses.depends", effects=words("list.semicolon").join(depends)))
    if mean.missing:
        name = words.name("response", mean.response)
        sentences.append(words("responses.missing", response=name, count=display.count(mean.missing)))
        if any(row.n for row in rows):
            sentences.append(words("responses.others_alone"))
    return words.sentences(sentences)


def _on_average(row: ResponseRow, findings: Findings, words: Catalogue, *, any_pair: bool) -> Markup:
    one, subject = _compared(row), subject_of(findings)
    winner = one.winner(subject)
    return words(
        f"responses.{_key(one, findings) if one.n else 'no_seed' if any_pair else 'none'}",
        name=words(f"measured.{one.response}"),
        over=words("responses.over", cells=_cells_of_mean(row, findings, words)),
        winner=naming.level(subject.first if winner is None else winner),
        contrast=naming.contrast(subject.first, subject.second),
        amount=_amount(one, words),
        margin=margin(findings, words),
        n=seeds(one.n, words),
    )


def _key(one: Compared, findings: Findings) -> str:
    """The sentence for what is decided."""
    with_margin = one.unit == "pp" and findings.question.response.is_accuracy
    if one.decision in ("first", "second"):
        return "better_trivial" if one.trivial else "better"
    return "undecided_margin" if one.decision == "undecided" and with_margin else one.decision


def _left_out(row: ResponseRow, findings: Findings) -> list[Cell]:
    """Cells that the mean leaves out, those that never ran included."""
    return list({cell_key(cell): cell for cell in (*row.left_out, *findings.primary.left_out)}.values())


def _cells_of_mean(row: ResponseRow, findings: Findings, words: Catalogue) -> Markup:
    left = _left_out(row, findings)
    return words("responses.some_cells", cells=name_cells(left, words)) if left else words("all_cells")


def _in_cells(cells: list[Compared], findings: Findings, words: Catalogue, *, everywhere: bool) -> Iterable[Markup]:
    """The cells by what is decided of them, each with its gap."""
    subject = subject_of(findings)
    for level in (subject.first, subject.second):
        here = [one for one in cells if one.winner(subject) == level]
        if here:
            key = "every_better" if everywhere and len(here) == len(cells) else "better"
            yield words(f"in_cells.{key}", winner=naming.level(level), cells=_named(here, findings, words))
    for decision in ("equivalent", "undecided", "identical", "not_decidable"):
        here = [one for one in cells if one.decision == decision]
        if here:
            values = {"cells": _named(here, findings, words), "margin": margin(findings, words)}
            yield words(f"in_cells.{_key(here[0], findings)}", **values)


def _taken_back(cells: list[ResponseRow], words: Catalogue) -> Markup:
    """What the correction over cells took back."""
    lost = [row.cell or {} for row in cells if row.decision == "undecided" and row.ci95 and math.prod(row.ci95) > 0]
    tested = sum(row.p_max_t is not None for row in cells)
    return words("place.corrected", cells=name_cells(lost, words), count=display.count(tested)) if lost else Markup("")


def _train_and_test(findings: Findings, words: Catalogue) -> Markup:
    """Where one level is shown to do better on the training images and not on the test images, or the other way."""
    found = {
        (one.response, None if one.cell is None else cell_key(one.cell)): one
        for one in chain(map(_compared, findings.responses), _test_accuracy(findings))
    }
    subject, groups = subject_of(findings), dict[tuple[str, str, Level, str], list[Compared]]()
    for (response, cell), train in found.items():
        test = found.get((ON_TEST.get(response, ""), cell))
        if test is None or (cell is not None and len(subject.cells) == 1):
            continue
        for one, other in ((train, test), (test, train)):
            winner, theirs = one.winner(subject), other.winner(subject)
            if winner is None or theirs == winner or (theirs is not None and one is test):
                continue
            key = (one.response, other.response, winner, "opposite" if theirs is not None else other.decision)
            groups.setdefault(key, []).append(other)
    return words.sentences(
        [
            words(
                "responses.disagree",
                winner=naming.level(winner),
                one=words.name("response", one),
                other=words.name("response", other),
                finding=words(f"disagree.{finding}", margin=margin(findings, words)),
                where=_named(here, findings, words),
            )
            for (one, other, winner, finding), here in groups.items()
        ]
    )


def _compared(row: ResponseRow) -> Compared:
    return Compared(
        row.response, row.cell, row.unit, row.better, row.gap, row.ci95, row.ci90, row.n, row.decision, row.trivial
    )


def _test_accuracy(findings: Findings) -> Iterable[Compared]:
    """The headline and its cells, where they are of accuracy: nothing else that is compared has a twin on train."""
    primary = findings.primary
    if not findings.question.response.is_accuracy:
        return
    trivial = primary.headline == "yes_trivial"
    ends, n = (primary.ci95, primary.ci90), primary.n_seeds
    yield Compared(primary.response, None, "pp", "higher", primary.estimate, *ends, n, primary.decision, trivial)
    for _, row in selection.simple_effects(findings):
        ends = (row.ci95, row.ci90)
        yield Compared(primary.response, row.cell, "pp", "higher", row.gap, *ends, row.n, row.decision, row.trivial)


def _named(found: list[Compared], findings: Findings, words: Catalogue) -> Markup:
    """Cells, each with its gap, interval and number of seeds; an enumeration cut short says so."""
    parts = []
    for one in found:
        cell = words("responses.average") if one.cell is None else naming.cell(one.cell, words)
        key = "responses.cell_trivial" if one.trivial else "responses.cell" if one.n else "responses.cell_none"
        parts.append(words(key, cell=cell, amount=_amount(one, words), margin=margin(findings, words)))
    return enumerated(parts, words)


def _amount(one: Compared, words: Catalogue) -> Markup:
    """A gap with n and its interval; what is within the margin, with the interval that shows it."""
    wide = [] if one.ci95 is None or one.decision == "equivalent" else [_interval("ci", one.ci95, one.unit, words)]
    within = one.trivial or one.decision == "equivalent"
    narrow = [] if one.ci90 is None or not within else [_interval("ci90", one.ci90, one.unit, words)]
    return words("responses.between").join([measured(one.gap, one.unit, words), *wide, *narrow, seeds(one.n, words)])


def _interval(key: str, bounds: Interval, unit: Unit, words: Catalogue) -> Markup:
    """An interval with its name."""
    return words(key, interval=(display.interval if unit == "pp" else display.significant_interval)(bounds))
